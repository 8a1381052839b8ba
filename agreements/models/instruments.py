"""On what terms: the instruments between the regency and the agencies."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import SIGNED_STATES, InstrumentKind, InstrumentState
from mpp.core.constraints import in_order, no_overlap
from mpp.core.text import validate_plain
from services.models import Service
from tenants.models import Agency, code_validator


class Instrument(models.Model):
    """One document between the regency and an agency (Permendagri 22/2020; PP 28/2018)."""

    code = models.CharField(_("kode"), max_length=24, unique=True, validators=[code_validator])
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="instruments", verbose_name=_("instansi"))
    kind = models.CharField(_("jenis"), max_length=20, choices=InstrumentKind)
    title = models.CharField(_("judul"), max_length=240, validators=[validate_plain])
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("naskah induk")
    )
    scope = models.TextField(_("ruang lingkup"), blank=True, validators=[validate_plain])
    services = models.ManyToManyField(
        Service,
        blank=True,
        related_name="instruments",
        verbose_name=_("layanan"),
        help_text=_("Kosong: semua layanan."),
    )
    state = models.CharField(
        _("keadaan"), max_length=10, choices=InstrumentState, default=InstrumentState.DRAFT
    )
    signed_on = models.DateField(_("tanggal tanda tangan"), null=True, blank=True)
    place = models.CharField(_("tempat"), max_length=160, blank=True, validators=[validate_plain])
    effective_from = models.DateField(_("berlaku sejak"), null=True, blank=True)
    effective_to = models.DateField(_("berlaku sampai"), null=True, blank=True)
    is_sample = models.BooleanField(_("data contoh"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("naskah kerja sama")
        verbose_name_plural = _("naskah kerja sama")
        ordering = ["agency", "-effective_from", "code"]
        constraints = [
            models.CheckConstraint(
                name="agreements_instrument_signed_has_dates",
                condition=~Q(state__in=sorted(SIGNED_STATES))
                | Q(signed_on__isnull=False, effective_from__isnull=False, effective_to__isnull=False),
                violation_error_message=_("Naskah yang ditandatangani memerlukan tanggal dan masa berlaku."),
            ),
            models.CheckConstraint(
                name="agreements_instrument_unsigned_has_none",
                condition=Q(state__in=sorted(SIGNED_STATES)) | Q(signed_on__isnull=True),
                violation_error_message=_(
                    "Naskah yang belum ditandatangani tidak punya tanggal tanda tangan."
                ),
            ),
            in_order(
                "agreements_instrument_order",
                "effective_from",
                "effective_to",
                message=_("“Berlaku sampai” lebih awal dari “berlaku sejak”."),
            ),
            models.CheckConstraint(
                name="agreements_instrument_not_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("pk")),
                violation_error_message=_("Naskah tidak bisa menjadi induknya sendiri."),
            ),
            models.CheckConstraint(
                name="agreements_instrument_parent_by_kind",
                condition=~Q(kind__in=[InstrumentKind.RENCANA_KERJA, InstrumentKind.ADDENDUM])
                | Q(parent__isnull=False),
                violation_error_message=_("Rencana kerja dan addendum memerlukan naskah induk."),
            ),
            *(
                no_overlap(
                    f"agreements_instrument_once_{kind.lower()}",
                    "agency",
                    start="effective_from",
                    end="effective_to",
                    condition=Q(kind=kind, state=InstrumentState.IN_FORCE),
                    message=_("Sudah ada naskah sejenis yang berlaku pada masa itu."),
                )
                for kind in InstrumentKind
                if kind != InstrumentKind.ADDENDUM
            ),
        ]

    def __str__(self) -> str:
        return self.title


class InstrumentParty(models.Model):
    """A party with its own number: every party numbers the same document itself."""

    instrument = models.ForeignKey(
        Instrument, models.CASCADE, related_name="parties", verbose_name=_("naskah")
    )
    position = models.PositiveSmallIntegerField(_("urutan"))
    party = models.CharField(_("pihak"), max_length=160, validators=[validate_plain])
    number = models.CharField(_("nomor naskah"), max_length=100, blank=True, validators=[validate_plain])
    signatory = models.CharField(_("penanda tangan"), max_length=120, blank=True, validators=[validate_plain])
    office = models.CharField(_("jabatan"), max_length=160, blank=True, validators=[validate_plain])
    acting = models.CharField(_("sebutan pelaksana"), max_length=20, blank=True, validators=[validate_plain])

    class Meta:
        verbose_name = _("pihak")
        verbose_name_plural = _("para pihak")
        ordering = ["instrument", "position"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_party_position",
                fields=["instrument", "position"],
                violation_error_message=_("Urutan pihak ini sudah dipakai."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.number}"

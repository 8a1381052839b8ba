"""On what terms: the instruments between the regency and the agencies."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import (
    REMINDER_DAYS,
    SIGNED_STATES,
    InstrumentKind,
    InstrumentState,
    RuleRole,
    SigningLevel,
)
from mpp.core.constraints import in_order, no_overlap
from mpp.core.documents import Document
from mpp.core.text import validate_plain
from services.models import Service
from tenants.enums import AgencyKind
from tenants.models import Agency, User, code_validator


class AgreementRules(models.Model):
    """What the mall does before and after an agreement ends. There is exactly one row, with key 1."""

    grace_days = models.PositiveSmallIntegerField(
        _("nomor berhenti sesudah naskah berakhir (hari)"),
        null=True,
        blank=True,
        default=14,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "Selama itu instansi masih memberi nomor. 0: berhenti keesokan hari. Kosong: tidak berhenti."
        ),
    )
    escalate_days = models.PositiveSmallIntegerField(
        _("pimpinan ikut diingatkan mulai (hari sebelumnya)"),
        default=30,
        help_text=_("Sebelum itu hanya penanggung jawab dan pengelola instansi."),
    )
    escalate_to = models.TextField(
        _("surel pimpinan"),
        blank=True,
        help_text=_("Satu alamat di setiap baris. Misalnya Sekretaris Daerah."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("aturan kerja sama")
        verbose_name_plural = _("aturan kerja sama")
        constraints = [
            models.CheckConstraint(
                name="agreements_rules_only_one",
                condition=Q(pk=1),
                violation_error_message=_("Aturan kerja sama hanya satu baris."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Aturan kerja sama"))


class KindRule(models.Model):
    """Which papers a kind of agency signs, and whether they come before its trial. Law is data."""

    agency_kind = models.CharField(_("jenis instansi"), max_length=12, choices=AgencyKind)
    kind = models.CharField(_("jenis naskah"), max_length=20, choices=InstrumentKind)
    role = models.CharField(_("sebagai"), max_length=10, choices=RuleRole)
    is_needed = models.BooleanField(_("wajib sebelum uji coba"), default=False)
    source = models.CharField(_("dasar"), max_length=200, validators=[validate_plain])

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("aturan jenis naskah")
        verbose_name_plural = _("aturan jenis naskah")
        ordering = ["agency_kind", "-role", "kind"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_kindrule_once",
                fields=["agency_kind", "kind"],
                violation_error_message=_("Aturan untuk jenis instansi dan naskah ini sudah ada."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_agency_kind_display()}: {self.get_kind_display()}"


class SigningEvent(models.Model):
    """One occasion at which several agencies sign (R000-3)."""

    code = models.CharField(_("kode"), max_length=24, unique=True, validators=[code_validator])
    name = models.CharField(_("nama acara"), max_length=160, validators=[validate_plain])
    held_on = models.DateField(_("tanggal"))
    place = models.CharField(_("tempat"), max_length=160, validators=[validate_plain])
    attendees = models.TextField(
        _("yang hadir"),
        blank=True,
        validators=[validate_plain],
        help_text=_("Satu orang di setiap baris: nama, jabatan. Tulis Plt atau Plh bila begitu."),
    )
    is_sample = models.BooleanField(_("data contoh"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("acara penandatanganan")
        verbose_name_plural = _("acara penandatanganan")
        ordering = ["-held_on"]

    def __str__(self) -> str:
        return self.name


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
    level = models.CharField(
        _("penanda tangan daerah"), max_length=8, choices=SigningLevel, default=SigningLevel.REGENT
    )
    rights = models.TextField(_("hak para pihak"), blank=True, validators=[validate_plain])
    duties = models.TextField(_("kewajiban para pihak"), blank=True, validators=[validate_plain])
    renews = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewals",
        verbose_name=_("memperpanjang naskah"),
    )
    owner = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("penanggung jawab"),
        help_text=_("Ia diingatkan sebelum naskah berakhir. Kosong: admin mal."),
    )
    event = models.ForeignKey(
        "SigningEvent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="instruments",
        verbose_name=_("acara penandatanganan"),
    )
    state_since = models.DateTimeField(_("dalam keadaan ini sejak"), null=True, blank=True, editable=False)
    ended_on = models.DateField(_("diakhiri pada"), null=True, blank=True, editable=False)
    end_reason = models.CharField(
        _("alasan diakhiri"), max_length=200, blank=True, editable=False, validators=[validate_plain]
    )
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
                name="agreements_instrument_end_has_reason",
                condition=Q(ended_on__isnull=True, end_reason="")
                | Q(ended_on__isnull=False, state=InstrumentState.TERMINATED) & ~Q(end_reason=""),
                violation_error_message=_("Naskah yang diakhiri memerlukan tanggal dan alasan."),
            ),
            models.CheckConstraint(
                name="agreements_instrument_not_own_renewal",
                condition=Q(renews__isnull=True) | ~Q(renews=models.F("pk")),
                violation_error_message=_("Naskah tidak bisa memperpanjang dirinya sendiri."),
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


class InstrumentStep(models.Model):
    """A step of an instrument's life: which, when, by whom and why. Append-only by a trigger."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="steps", verbose_name=_("naskah"))
    before = models.CharField(_("dari"), max_length=10, choices=InstrumentState)
    after = models.CharField(_("menjadi"), max_length=10, choices=InstrumentState)
    at = models.DateTimeField(_("waktu"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("oleh"),
    )
    reason = models.CharField(_("alasan atau dasar"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("langkah naskah")
        verbose_name_plural = _("langkah naskah")
        ordering = ["instrument", "at", "pk"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"


class InstrumentReminder(models.Model):
    """That somebody was reminded so many days before the end of an instrument: each once (R-28)."""

    instrument = models.ForeignKey(
        Instrument, models.CASCADE, related_name="reminders", verbose_name=_("naskah")
    )
    days = models.PositiveSmallIntegerField(_("hari sebelumnya"))
    # The term it spoke of: an instrument whose term is put right is reminded of anew.
    effective_to = models.DateField(_("berlaku sampai"))
    at = models.DateTimeField(_("waktu"))
    recipients = models.PositiveSmallIntegerField(_("penerima"))

    class Meta:
        verbose_name = _("pengingat naskah")
        verbose_name_plural = _("pengingat naskah")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_reminder_once",
                fields=["instrument", "effective_to", "days"],
                violation_error_message=_("Pengingat ini sudah dikirim."),
            ),
            models.CheckConstraint(
                name="agreements_reminder_days",
                condition=Q(days__in=REMINDER_DAYS),
                violation_error_message=_("Pengingat dikirim pada hari yang ditetapkan saja."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} · {self.days}"


class InstrumentFile(Document):
    """One version of an instrument on paper, as a PDF. A correction is the next version; none is lost."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="files", verbose_name=_("naskah"))
    version = models.PositiveSmallIntegerField(_("versi"), editable=False)
    note = models.CharField(
        _("isi berkas"),
        max_length=120,
        validators=[validate_plain],
        help_text=_("Misalnya: naskah bertanda tangan, lampiran, rancangan."),
    )
    kept_at = models.DateTimeField(_("disimpan"), editable=False)
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("oleh"),
    )

    class Meta:
        verbose_name = _("berkas naskah")
        verbose_name_plural = _("berkas naskah")
        ordering = ["instrument", "-version"]
        constraints = [
            *Document.Meta.constraints,
            models.UniqueConstraint(
                name="agreements_instrumentfile_version",
                fields=["instrument", "version"],
                violation_error_message=_("Versi berkas ini baru saja disimpan orang lain. Unggah lagi."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.note} v{self.version}"

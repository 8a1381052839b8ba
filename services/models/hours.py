"""When it is open: the week, the seasons, the dates that differ."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.constraints import Expression, in_order, no_overlap
from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from services.enums import CalendarKind
from services.models.catalogue import Service
from services.querysets import OpeningHoursQuerySet
from tenants.enums import Weekday
from tenants.models import Agency

# 00:00 as an end is the end of the day, so it is after every other time.
TO_MIDNIGHT = Q(closes_at="00:00")


def _break_inside() -> Q:
    none = Q(break_from__isnull=True, break_to__isnull=True)
    both = Q(break_from__isnull=False, break_to__isnull=False)
    in_order = Q(break_from__gt=F("opens_at"), break_to__gt=F("break_from"))
    return none | both & in_order & (TO_MIDNIGHT | Q(closes_at__gt=F("break_to")))


def _last_number_inside() -> Q:
    before_the_end = TO_MIDNIGHT | Q(last_number_at__lte=F("closes_at"))
    return Q(last_number_at__isnull=True) | Q(last_number_at__gt=F("opens_at")) & before_the_end


def _or_none(key: str) -> tuple[Expression, Expression]:
    """Return the span of a key that may be empty: the empty one is a scope of its own."""
    filled: Func = Coalesce(F(key), Value(0))
    return filled, filled


class OpeningHours(models.Model):
    """One weekday of a week: the mall's own, or an agency's or a service's that replaces it.

    With a `season` it replaces the ordinary rows of its scope from `valid_from` to `valid_to`.
    """

    agency = models.ForeignKey(
        Agency,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="opening_hours",
        verbose_name=_("instansi"),
        help_text=_(
            "Kosong: seluruh mal. Instansi dengan satu baris sendiri memakai barisnya sendiri saja:"
            " hari tanpa baris berarti tidak hadir."
        ),
    )
    service = models.ForeignKey(
        Service,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="opening_hours",
        verbose_name=_("layanan"),
        help_text=_("Isi hanya bila jam layanan ini berbeda dari instansinya; kosongkan instansi."),
    )
    weekday = models.PositiveSmallIntegerField(_("hari"), choices=Weekday)
    opens_at = models.TimeField(_("buka"))
    closes_at = models.TimeField(_("tutup"), help_text=_("00.00 berarti tengah malam di akhir hari itu."))
    break_from = models.TimeField(
        _("istirahat dari"),
        null=True,
        blank=True,
        help_text=_("Loket berhenti; nomor tetap dapat diambil. Jumat: salat Jumat."),
    )
    break_to = models.TimeField(_("istirahat sampai"), null=True, blank=True)
    last_number_at = models.TimeField(
        _("nomor terakhir"),
        null=True,
        blank=True,
        help_text=_("Sejak jam ini nomor tidak keluar lagi. Kosong: sampai tutup."),
    )
    season = models.CharField(
        _("musim"),
        max_length=60,
        blank=True,
        validators=[validate_plain],
        help_text=_("Misalnya Ramadan. Selama musim, hanya baris musim yang berlaku. Kosong: jam biasa."),
    )
    valid_from = models.DateField(_("sejak"))
    valid_to = models.DateField(
        _("sampai"), null=True, blank=True, help_text=_("Wajib untuk musim. Kosong: seterusnya.")
    )
    # Pushed down by agreements.actions: the promise that this row follows. Empty: made by hand.
    origin = models.CharField(_("menurut"), max_length=60, blank=True, editable=False)

    objects = OpeningHoursQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("jam buka")
        verbose_name_plural = _("jam buka")
        ordering = ["agency", "service", "weekday"]
        constraints = [
            models.CheckConstraint(
                name="services_hours_scope",
                condition=Q(agency__isnull=True) | Q(service__isnull=True),
                violation_error_message=_("Pilih instansi atau layanan, jangan keduanya."),
            ),
            models.CheckConstraint(
                name="services_hours_weekday",
                condition=Q(weekday__range=(1, 7)),
                violation_error_message=_("Hari ditulis 1 (Senin) sampai 7 (Minggu)."),
            ),
            models.CheckConstraint(
                name="services_hours_order",
                condition=TO_MIDNIGHT | Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("Jam tutup harus sesudah jam buka."),
            ),
            models.CheckConstraint(
                name="services_hours_break",
                condition=_break_inside(),
                violation_error_message=_("Istirahat harus di antara jam buka dan jam tutup."),
            ),
            models.CheckConstraint(
                name="services_hours_last_number",
                condition=_last_number_inside(),
                violation_error_message=_("Nomor terakhir harus di antara jam buka dan jam tutup."),
            ),
            in_order(
                "services_hours_period",
                "valid_from",
                "valid_to",
                message=_("“Sampai” lebih awal dari “sejak”."),
            ),
            models.CheckConstraint(
                name="services_hours_season_ends",
                condition=Q(season="") | Q(valid_to__isnull=False),
                violation_error_message=_("Musim harus punya tanggal akhir: isi “sampai”."),
            ),
            no_overlap(
                "services_hours_no_overlap",
                _or_none("agency"),
                _or_none("service"),
                "weekday",
                start="valid_from",
                end="valid_to",
                condition=Q(season=""),
                message=_("Jam biasa untuk hari itu sudah ada pada masa itu. Akhiri dulu yang lama."),
            ),
            no_overlap(
                "services_hours_no_season_overlap",
                _or_none("agency"),
                _or_none("service"),
                "weekday",
                start="valid_from",
                end="valid_to",
                condition=~Q(season=""),
                message=_("Jam musim untuk hari itu sudah ada pada masa itu."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H.%M}–{self.closes_at:%H.%M}"


class CalendarDay(models.Model):
    """A date that differs: a holiday, a leave, a special opening; for the mall, an agency or a service."""

    date = models.DateField(_("tanggal"))
    kind = models.CharField(_("jenis"), max_length=16, choices=CalendarKind)
    name = models.CharField(
        _("nama"), max_length=120, validators=[validate_plain], help_text=_("Dibaca warga: “Tutup: …”.")
    )
    agency = models.ForeignKey(
        Agency,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="calendar_days",
        verbose_name=_("instansi"),
        help_text=_("Kosong: seluruh mal. Baris instansi mengalahkan baris mal."),
    )
    service = models.ForeignKey(
        Service,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="calendar_days",
        verbose_name=_("layanan"),
        help_text=_("Isi hanya bila tanggal ini berbeda untuk satu layanan; kosongkan instansi."),
    )
    is_open = models.BooleanField(
        _("buka"), default=False, help_text=_("Centang untuk tetap buka, lalu isi jamnya.")
    )
    opens_at = models.TimeField(_("buka pukul"), null=True, blank=True)
    closes_at = models.TimeField(
        _("tutup pukul"),
        null=True,
        blank=True,
        help_text=_("00.00 berarti tengah malam di akhir hari itu."),
    )
    break_from = models.TimeField(_("istirahat dari"), null=True, blank=True)
    break_to = models.TimeField(_("istirahat sampai"), null=True, blank=True)
    last_number_at = models.TimeField(_("nomor terakhir"), null=True, blank=True)
    source = models.CharField(
        _("sumber"),
        max_length=200,
        blank=True,
        validators=[validate_plain],
        help_text=_("Nomor SKB, surat edaran, atau keputusan."),
    )

    class Meta:
        verbose_name = _("hari khusus")
        verbose_name_plural = _("kalender")
        ordering = ["-date"]
        constraints = [
            models.CheckConstraint(
                name="services_calendarday_scope",
                condition=Q(agency__isnull=True) | Q(service__isnull=True),
                violation_error_message=_("Pilih instansi atau layanan, jangan keduanya."),
            ),
            models.UniqueConstraint(
                name="services_calendarday_once",
                fields=["date", "agency", "service", "kind"],
                nulls_distinct=False,
                violation_error_message=_("Tanggal itu sudah dicatat."),
            ),
            # Two openings of one date would leave it open which hours hold.
            models.UniqueConstraint(
                name="services_calendarday_one_opening",
                fields=["date", "agency", "service"],
                condition=Q(is_open=True),
                nulls_distinct=False,
                violation_error_message=_("Tanggal itu sudah punya jam buka lain."),
            ),
            models.CheckConstraint(
                name="services_calendarday_hours",
                condition=Q(
                    is_open=False,
                    opens_at__isnull=True,
                    closes_at__isnull=True,
                    break_from__isnull=True,
                    last_number_at__isnull=True,
                )
                | Q(is_open=True, opens_at__isnull=False, closes_at__isnull=False)
                & (TO_MIDNIGHT | Q(closes_at__gt=F("opens_at"))),
                violation_error_message=_("Hari buka memerlukan jam; hari tutup tanpa jam."),
            ),
            models.CheckConstraint(
                name="services_calendarday_break",
                condition=_break_inside(),
                violation_error_message=_("Istirahat harus di antara jam buka dan jam tutup."),
            ),
            models.CheckConstraint(
                name="services_calendarday_last_number",
                condition=_last_number_inside(),
                violation_error_message=_("Nomor terakhir harus di antara jam buka dan jam tutup."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return f"{self.date:%d-%m-%Y} {self.name}"


class OfferedDay(models.Model):
    """A day that was filled in once: what people have moved or removed since is never brought back."""

    date = models.DateField(_("tanggal"))
    kind = models.CharField(_("jenis"), max_length=16, choices=CalendarKind)

    class Meta:
        verbose_name = _("hari yang pernah diisikan")
        verbose_name_plural = _("hari yang pernah diisikan")
        constraints = [
            models.UniqueConstraint(
                name="services_offeredday_once",
                fields=["date", "kind"],
                violation_error_message=_("Hari itu sudah pernah diisikan."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%d-%m-%Y} {self.get_kind_display()}"

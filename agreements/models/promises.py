"""What an agency promises by its instrument, as data: days, hours, officers, counters, services."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.models.instruments import Instrument
from agreements.querysets import PromiseQuerySet
from mpp.core.constraints import in_order, no_overlap
from mpp.core.text import validate_plain
from services.models import Service
from tenants.enums import Weekday
from tenants.models import Agency, Counter


class Promise(models.Model):
    """One version of an agency's promise. An addendum brings the next; never two on one day.

    Opening hours, duties of counters, quotas and expected officers follow the version in force.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="promises", verbose_name=_("instansi"))
    instrument = models.OneToOneField(
        Instrument, models.PROTECT, related_name="promise", verbose_name=_("menurut naskah")
    )
    version = models.PositiveSmallIntegerField(_("versi"), validators=[MinValueValidator(1)])
    valid_from = models.DateField(_("berlaku sejak"))
    # Set when the next version comes into force, or when the instrument is brought to an end.
    valid_to = models.DateField(_("sampai"), null=True, blank=True, editable=False)
    enacted_at = models.DateTimeField(_("diberlakukan"), null=True, blank=True, editable=False)
    note = models.CharField(_("keterangan"), max_length=200, blank=True, validators=[validate_plain])

    objects = PromiseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("janji kehadiran")
        verbose_name_plural = _("janji kehadiran")
        ordering = ["agency", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_promise_version",
                fields=["agency", "version"],
                violation_error_message=_("Versi janji ini sudah ada. Pakai nomor berikutnya."),
            ),
            in_order(
                "agreements_promise_order",
                "valid_from",
                "valid_to",
                message=_("“Sampai” lebih awal dari “berlaku sejak”."),
            ),
            no_overlap(
                "agreements_promise_once",
                "agency",
                start="valid_from",
                end="valid_to",
                condition=Q(enacted_at__isnull=False),
                message=_("Pada masa itu instansi ini sudah punya janji lain yang berlaku."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(agency)s, versi %(version)d") % {"agency": self.agency, "version": self.version})


class PromisedDay(models.Model):
    """One weekday on which the agency comes: from when to when, with how many officers."""

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="days", verbose_name=_("janji"))
    weekday = models.PositiveSmallIntegerField(_("hari"), choices=Weekday)
    opens_at = models.TimeField(_("buka"))
    closes_at = models.TimeField(_("tutup"))
    break_from = models.TimeField(_("istirahat dari"), null=True, blank=True)
    break_to = models.TimeField(_("istirahat sampai"), null=True, blank=True)
    officers = models.PositiveSmallIntegerField(_("petugas"), default=1, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("hari janji")
        verbose_name_plural = _("hari janji")
        ordering = ["promise", "weekday"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_promisedday_once",
                fields=["promise", "weekday"],
                violation_error_message=_("Hari ini sudah ada dalam janji."),
            ),
            models.CheckConstraint(
                name="agreements_promisedday_weekday",
                condition=Q(weekday__range=(1, 7)),
                violation_error_message=_("Hari ditulis 1 (Senin) sampai 7 (Minggu)."),
            ),
            models.CheckConstraint(
                name="agreements_promisedday_order",
                condition=Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("Jam tutup harus sesudah jam buka."),
            ),
            models.CheckConstraint(
                name="agreements_promisedday_break",
                condition=Q(break_from__isnull=True, break_to__isnull=True)
                | Q(break_from__gt=F("opens_at"), break_to__gt=F("break_from"), break_to__lt=F("closes_at")),
                violation_error_message=_("Istirahat harus di antara jam buka dan jam tutup."),
            ),
            models.CheckConstraint(
                name="agreements_promisedday_officers",
                condition=Q(officers__gte=1),
                violation_error_message=_("Sedikitnya satu petugas pada hari yang dijanjikan."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H.%M}–{self.closes_at:%H.%M}"


class PromisedCounter(models.Model):
    """A counter that the agency uses on its promised days."""

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="counters", verbose_name=_("janji"))
    counter = models.ForeignKey(Counter, models.PROTECT, related_name="+", verbose_name=_("loket"))

    class Meta:
        verbose_name = _("loket janji")
        verbose_name_plural = _("loket janji")
        ordering = ["promise", "counter"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_promisedcounter_once",
                fields=["promise", "counter"],
                violation_error_message=_("Loket ini sudah ada dalam janji."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.counter)


class PromisedService(models.Model):
    """A service that the agency brings, and how many numbers a day it promises for it."""

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="services", verbose_name=_("janji"))
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", verbose_name=_("layanan"))
    daily_numbers = models.PositiveSmallIntegerField(
        _("nomor sehari"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Kosong: ikut jumlah layanan lain di antrean yang sama. Semua kosong: tanpa batas."),
    )

    class Meta:
        verbose_name = _("layanan janji")
        verbose_name_plural = _("layanan janji")
        ordering = ["promise", "service"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_promisedservice_once",
                fields=["promise", "service"],
                violation_error_message=_("Layanan ini sudah ada dalam janji."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.service)

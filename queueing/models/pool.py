"""A day's quota in named shares: one pool for online, kiosk and staff."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core import tokens
from mpp.core.revision import bump_trigger
from queueing.enums import ShareName
from queueing.models.lines import Queue, QueueDay
from services.models import Service


class Share(models.Model):
    """A named part of one day's quota. Every number and booking is charged to exactly one."""

    line = models.ForeignKey(
        QueueDay, models.PROTECT, related_name="shares", verbose_name=_("antrean per hari")
    )
    name = models.CharField(_("bagian"), max_length=8, choices=ShareName)
    reserved = models.PositiveIntegerField(_("tempat"))
    taken = models.PositiveIntegerField(_("terpakai"), default=0)

    class Meta:
        verbose_name = _("bagian kuota")
        verbose_name_plural = _("bagian kuota")
        ordering = ["line", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_share_once",
                fields=["line", "name"],
                violation_error_message=_("Bagian ini sudah ada."),
            ),
            models.CheckConstraint(
                name="queueing_share_not_oversold",
                condition=Q(taken__lte=F("reserved")),
                violation_error_message=_("Bagian ini lebih kecil dari nomor yang sudah keluar."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.get_name_display()}"


class QueueWave(models.Model):
    """From `at` on, so many per cent of the online share may be taken: places in waves, against touts."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="waves", verbose_name=_("antrean"))
    at = models.TimeField(_("mulai pukul"))
    percent = models.PositiveSmallIntegerField(
        _("sampai (%)"),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Bagian daring yang boleh diambil sejak jam itu, dihitung dari seluruhnya."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("gelombang")
        verbose_name_plural = _("gelombang")
        triggers = [bump_trigger()]
        ordering = ["queue", "at"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_wave_once",
                fields=["queue", "at"],
                violation_error_message=_("Jam itu sudah ada."),
            ),
            models.CheckConstraint(
                name="queueing_wave_percent",
                condition=Q(percent__range=(1, 100)),
                violation_error_message=_("Gelombang 1 sampai 100 persen."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.at:%H.%M}: {self.percent} %"


class PlaceReturn(models.Model):
    """A place given back: free again from `due_at` on, which nobody can foresee (trust.md T-01)."""

    share = models.ForeignKey(Share, models.PROTECT, related_name="returns", verbose_name=_("bagian"))
    due_at = models.DateTimeField(_("kembali"))

    class Meta:
        ordering = ["due_at"]
        indexes = [models.Index(fields=["share", "due_at"], name="queueing_return_due")]

    def __str__(self) -> str:
        return f"{self.share} {self.due_at:%H.%M}"


class NumberWish(models.Model):
    """Somebody who found the day's numbers gone and wants to hear once when there are some again.

    It keeps no place. All of it goes with the day.
    """

    service = models.ForeignKey(
        Service, models.CASCADE, related_name="number_wishes", verbose_name=_("layanan")
    )
    date = models.DateField(_("tanggal"))
    # Whose address it is: however often it is written down, it hears once.
    person = models.CharField(max_length=64, editable=False)
    nonce = models.CharField(max_length=32, unique=True, editable=False, default=tokens.new_nonce)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    since = models.DateTimeField(_("sejak"))
    told_at = models.DateTimeField(_("dikabari"), null=True, blank=True)

    class Meta:
        verbose_name = _("permintaan kabar nomor")
        verbose_name_plural = _("permintaan kabar nomor")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["date", "service"], name="queueing_wish_open", condition=Q(told_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.date:%d-%m-%Y}"

    @property
    def token(self) -> str:
        """Return the secret of the holder's link, derived, never stored."""
        return tokens.derived("wish", self.nonce)

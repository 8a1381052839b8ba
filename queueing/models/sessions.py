"""Who sits at which counter, since when, and whose screen is locked."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mpp.core.constraints import in_order
from mpp.core.text import validate_plain
from queueing.querysets import CounterSessionQuerySet
from tenants.models import Agency, Counter, User


class CounterSession(models.Model):
    """Who serves at which counter since when. Opening it is attendance."""

    counter = models.ForeignKey(Counter, models.PROTECT, related_name="sessions", verbose_name=_("loket"))
    user = models.ForeignKey(User, models.PROTECT, related_name="sessions", verbose_name=_("petugas"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="sessions", verbose_name=_("instansi"))
    date = models.DateField(_("tanggal"))
    opened_at = models.DateTimeField(_("dibuka"))
    closed_at = models.DateTimeField(_("ditutup"), null=True, blank=True)
    paused_at = models.DateTimeField(_("jeda sejak"), null=True, blank=True)
    pause_reason = models.CharField(_("alasan jeda"), max_length=120, blank=True, validators=[validate_plain])
    close_reason = models.CharField(
        _("alasan tutup"), max_length=200, blank=True, default="", db_default="", validators=[validate_plain]
    )

    objects = CounterSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sesi loket")
        verbose_name_plural = _("sesi loket")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_session_one_per_counter",
                fields=["counter"],
                condition=Q(closed_at__isnull=True),
                violation_error_message=_("Loket ini sedang dibuka petugas lain."),
            ),
            models.UniqueConstraint(
                name="queueing_session_one_per_person",
                fields=["user"],
                condition=Q(closed_at__isnull=True),
                violation_error_message=_("Anda masih membuka loket lain. Tutup dulu loket itu."),
            ),
            in_order(
                "queueing_session_order", "opened_at", "closed_at", message=_("Loket ditutup sebelum dibuka.")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counter} · {self.user}"


class CounterPause(models.Model):
    """One rest of a counter: `CounterSession.paused_at` knows only the one that goes on."""

    session = models.ForeignKey(
        CounterSession, models.CASCADE, related_name="pauses", verbose_name=_("sesi loket")
    )
    started_at = models.DateTimeField(_("jeda sejak"))
    ended_at = models.DateTimeField(_("sampai"), null=True, blank=True)
    reason = models.CharField(_("alasan jeda"), max_length=120, blank=True, validators=[validate_plain])

    class Meta:
        verbose_name = _("jeda loket")
        verbose_name_plural = _("jeda loket")
        ordering = ["session", "started_at"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_counterpause_one_open",
                fields=["session"],
                condition=Q(ended_at__isnull=True),
                violation_error_message=_("Loket ini sudah jeda."),
            ),
            in_order(
                "queueing_counterpause_order",
                "started_at",
                "ended_at",
                message=_("Jeda berakhir sebelum dimulai."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}, {self.started_at:%H.%M}"


class DeskScreen(models.Model):
    """A signed-in browser of an officer: when a hand was last on it, and since when it is locked.

    A row of its own and not a value in the session: two answers at once would overwrite that.
    """

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="desk_screen")
    active_at = models.DateTimeField(_("terakhir dipakai"))
    locked_at = models.DateTimeField(_("terkunci sejak"), null=True, blank=True)

    class Meta:
        verbose_name = _("layar loket")
        verbose_name_plural = _("layar loket")

    def __str__(self) -> str:
        return f"{self.active_at:%H.%M}"

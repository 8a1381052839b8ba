"""The trial of an agency: open to the public, but under observation, and then decided (R000-12)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import Verdict
from agreements.querysets import TrialQuerySet
from mpp.core.constraints import in_order
from mpp.core.text import validate_plain
from tenants.enums import Weekday
from tenants.models import Agency, User


class Trial(models.Model):
    """One trial, running or planned. It goes on until somebody decides, also past its last day."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="trials", verbose_name=_("instansi"))
    starts_on = models.DateField(_("mulai"))
    ends_on = models.DateField(_("sampai"))
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("hari"), default=list, blank=True
    )
    opens_at = models.TimeField(_("buka"), null=True, blank=True)
    closes_at = models.TimeField(_("tutup"), null=True, blank=True)
    note = models.CharField(_("yang diamati"), max_length=300, blank=True, validators=[validate_plain])
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("dimulai oleh")
    )
    # Empty while it is planned.
    started_at = models.DateTimeField(_("dimulai pada"), null=True, blank=True)
    ended_at = models.DateTimeField(_("diputuskan pada"), null=True, blank=True)

    objects = TrialQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("uji coba")
        verbose_name_plural = _("uji coba")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_trial_one_open",
                fields=["agency"],
                condition=Q(ended_at__isnull=True),
                violation_error_message=_("Uji coba instansi ini sudah direncanakan atau masih berjalan."),
            ),
            in_order(
                "agreements_trial_order",
                "starts_on",
                "ends_on",
                message=_("Uji coba berakhir sebelum mulai."),
            ),
            models.CheckConstraint(
                name="agreements_trial_hours",
                condition=Q(weekdays=[], opens_at__isnull=True, closes_at__isnull=True)
                | ~Q(weekdays=[]) & Q(opens_at__isnull=False, closes_at__gt=models.F("opens_at")),
                violation_error_message=_("Jam uji coba memerlukan hari, jam buka, lalu jam tutup."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} · {self.starts_on:%d-%m-%Y}"


class TrialDecision(models.Model):
    """What was decided about a trial, why, and by whom; append-only."""

    trial = models.ForeignKey(Trial, models.PROTECT, related_name="decisions", verbose_name=_("uji coba"))
    verdict = models.CharField(_("putusan"), max_length=8, choices=Verdict)
    reason = models.CharField(_("alasan"), max_length=300, validators=[validate_plain])
    until = models.DateField(_("diperpanjang sampai"), null=True, blank=True)
    # Empty: the portal, which cancels a plan that is not ready on its day.
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("oleh")
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("putusan uji coba")
        verbose_name_plural = _("putusan uji coba")
        ordering = ["trial", "pk"]
        constraints = [
            models.CheckConstraint(
                name="agreements_trialdecision_says_why",
                condition=~Q(reason=""),
                violation_error_message=_("Tulis alasan putusan ini."),
            ),
            models.CheckConstraint(
                name="agreements_trialdecision_until",
                condition=Q(verdict=Verdict.EXTEND) ^ Q(until__isnull=True),
                violation_error_message=_("Perpanjangan memerlukan tanggal akhir yang baru."),
            ),
            models.UniqueConstraint(
                name="agreements_trialdecision_one_end",
                fields=["trial"],
                condition=~Q(verdict=Verdict.EXTEND),
                violation_error_message=_("Uji coba ini sudah diputuskan. Muat ulang halaman."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.trial} · {self.get_verdict_display()}"

"""The way of the mall itself: what was planned, what happened, and what it rests on (R003-2, R003-11)."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import Stage
from agreements.models.trail import Deed
from mpp.core.documents import Document
from mpp.core.text import validate_plain
from tenants.models import code_validator


class Milestone(Document):
    """One event on the mall's way. Its plan is moved, and its coming true noted, by actions only."""

    code = models.CharField(_("kode"), max_length=24, unique=True, validators=[code_validator])
    stage = models.CharField(_("tahap"), max_length=16, choices=Stage)
    title = models.CharField(_("peristiwa"), max_length=160, validators=[validate_plain])
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    planned_on = models.DateField(_("rencana"), null=True, blank=True)
    actual_on = models.DateField(_("terlaksana"), null=True, blank=True)
    evidence = models.TextField(_("bukti"), blank=True, validators=[validate_plain])
    source = models.CharField(
        _("sumber"),
        max_length=240,
        blank=True,
        validators=[validate_plain],
        help_text=_("Dari mana tanggal ini: nomor surat, keputusan, atau alamat berita."),
    )
    is_sample = models.BooleanField(_("data contoh"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("tahapan mal")
        verbose_name_plural = _("tahapan mal")
        ordering = ["position", "code"]
        constraints = [
            *Document.Meta.constraints,
            models.CheckConstraint(
                name="agreements_milestone_happened_is_shown",
                condition=Q(actual_on__isnull=True) | ~Q(evidence="") | ~Q(source=""),
                violation_error_message=_("Tahapan yang terlaksana memerlukan bukti atau sumber."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanMove(Deed):
    """One time that the plan was moved, and why. Append-only."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="moves", verbose_name=_("tahapan"))
    before = models.DateField(_("dari"), null=True)
    after = models.DateField(_("menjadi"))
    reason = models.CharField(_("alasan"), max_length=300, validators=[validate_plain])

    class Meta:
        verbose_name = _("rencana yang digeser")
        verbose_name_plural = _("rencana yang digeser")
        ordering = ["milestone", "pk"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.before or '–'} → {self.after}"

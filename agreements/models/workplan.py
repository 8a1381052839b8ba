"""What was agreed and has to be done: target, owner, due date, progress, evidence (R000-8)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.models.instruments import Instrument
from agreements.models.trail import Deed
from agreements.querysets import WorkItemQuerySet
from mpp.core.documents import Document
from mpp.core.text import validate_plain
from tenants.models import Agency


class WorkItem(Document):
    """One piece of work of one agency. Progress, due date and completion are written by actions only."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="work_items", verbose_name=_("instansi"))
    instrument = models.ForeignKey(
        Instrument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="work_items",
        verbose_name=_("naskah"),
        help_text=_("Rencana kerja atau naskah yang menjanjikannya."),
    )
    title = models.CharField(_("yang dikerjakan"), max_length=240, validators=[validate_plain])
    target = models.DecimalField(
        _("target"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    unit = models.CharField(
        _("satuan"), max_length=40, validators=[validate_plain], help_text=_("Misalnya: petugas, dokumen, %.")
    )
    owner = models.CharField(
        _("penanggung jawab"),
        max_length=160,
        validators=[validate_plain],
        help_text=_("Jabatan atau bagian, misalnya Kepala Seksi Pelayanan."),
    )
    owner_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("orangnya"),
    )
    due_on = models.DateField(_("tenggat"))
    progress = models.PositiveSmallIntegerField(_("kemajuan (%)"), default=0, editable=False)
    done_on = models.DateField(_("selesai pada"), null=True, blank=True, editable=False)
    evidence = models.TextField(_("bukti"), blank=True, validators=[validate_plain])
    is_sample = models.BooleanField(_("data contoh"), default=False)

    objects = WorkItemQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("butir rencana kerja")
        verbose_name_plural = _("rencana kerja")
        # What is open comes first, and of that what has waited longest.
        ordering = [F("done_on").asc(nulls_first=True), "due_on", "pk"]
        indexes = [
            models.Index(
                fields=["agency", "due_on"], name="agreements_workitem_open", condition=Q(done_on=None)
            )
        ]
        constraints = [
            *Document.Meta.constraints,
            models.CheckConstraint(
                name="agreements_workitem_progress",
                condition=Q(progress__range=(0, 100)),
                violation_error_message=_("Kemajuan ditulis 0 sampai 100."),
            ),
            models.CheckConstraint(
                name="agreements_workitem_done_at_100",
                condition=Q(progress=100, done_on__isnull=False) | Q(progress__lt=100, done_on__isnull=True),
                violation_error_message=_("Butir yang selesai berkemajuan 100 dan bertanggal selesai."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class WorkStep(Deed):
    """One report of progress, and why it is so. Append-only."""

    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="steps", verbose_name=_("butir"))
    before = models.PositiveSmallIntegerField(_("dari (%)"))
    after = models.PositiveSmallIntegerField(_("menjadi (%)"))
    note = models.CharField(_("keterangan"), max_length=300, validators=[validate_plain])

    class Meta:
        verbose_name = _("laporan kemajuan")
        verbose_name_plural = _("laporan kemajuan")
        ordering = ["-pk"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.before} → {self.after} %"

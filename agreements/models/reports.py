"""Reports made in the background: what was asked, how far it is, and the files that came of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.enums import ReportKind, ReportState
from mpp.core.constraints import in_order
from tenants.models import Agency


def stored_name(instance: models.Model, _name: str) -> str:
    """Return where a report is kept: nothing about it can be guessed."""
    return f"reports/{uuid.uuid4().hex}"


class Report(models.Model):
    """One report as PDF and as XLSX. The row is the order: whoever works finds it, however often it fails."""

    kind = models.CharField(_("laporan"), max_length=12, choices=ReportKind)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("instansi")
    )
    starts_on = models.DateField(_("dari"))
    ends_on = models.DateField(_("sampai"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("diminta oleh")
    )
    asked_at = models.DateTimeField(_("diminta"))
    state = models.CharField(_("keadaan"), max_length=8, choices=ReportState, default=ReportState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    made_at = models.DateTimeField(_("selesai disusun"), null=True, blank=True)
    pdf = models.FileField("PDF", upload_to=stored_name, max_length=80, blank=True)
    xlsx = models.FileField("XLSX", upload_to=stored_name, max_length=80, blank=True)
    error = models.CharField(_("sebab"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("laporan")
        verbose_name_plural = _("laporan")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["id"],
                name="agreements_report_to_make",
                condition=Q(state__in=[ReportState.QUEUED, ReportState.RUNNING]),
            )
        ]
        constraints = [
            in_order(
                "agreements_report_order",
                "starts_on",
                "ends_on",
                message=_("“Sampai” lebih awal dari “dari”."),
            ),
            models.CheckConstraint(
                name="agreements_report_done_has_files",
                # Without the library for it there is no PDF, and the row says why.
                condition=(Q(state=ReportState.DONE, made_at__isnull=False) & ~Q(xlsx=""))
                | (~Q(state=ReportState.DONE) & Q(made_at__isnull=True, pdf="", xlsx="")),
                violation_error_message=_("Laporan yang selesai punya berkas."),
            ),
            models.CheckConstraint(
                name="agreements_report_leased_while_running",
                condition=Q(state=ReportState.RUNNING, leased_until__isnull=False)
                | (~Q(state=ReportState.RUNNING) & Q(leased_until__isnull=True)),
                violation_error_message=_("Laporan yang sedang disusun punya batas waktu."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_open(self) -> bool:
        """Tell whether it is still to be made."""
        return self.state in {ReportState.QUEUED, ReportState.RUNNING}

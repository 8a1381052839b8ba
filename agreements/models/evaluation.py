"""Evaluation: periods, a sheet for each agency, and the figures as they were when they were counted."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import Indicator, PeriodKind
from mpp.core.constraints import in_order, no_overlap
from mpp.core.text import validate_plain
from tenants.models import Agency, User

# What a closed period or a signed sheet says is not changed by anybody, whatever the code does.
FIGURE_FROZEN = """
    IF EXISTS (
        SELECT 1 FROM agreements_evaluationsheet sheet
        JOIN agreements_evaluationperiod period ON period.id = sheet.period_id
        WHERE sheet.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.sheet_id ELSE NEW.sheet_id END
          AND (period.closed_at IS NOT NULL OR sheet.approved_at IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'this evaluation is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agreements_evaluation_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
SHEET_FROZEN = """
    IF EXISTS (
        SELECT 1 FROM agreements_evaluationperiod period
        WHERE period.closed_at IS NOT NULL
          AND period.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.period_id ELSE NEW.period_id END
    ) THEN
        RAISE EXCEPTION 'this evaluation is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agreements_evaluation_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
PERIOD_FROZEN = """
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'this evaluation is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agreements_evaluation_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
EVERY_WRITE = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete


class EvaluationPeriod(models.Model):
    """A stretch of days that is evaluated for all agencies; once closed, nothing in it changes."""

    kind = models.CharField(_("jenis"), max_length=8, choices=PeriodKind, default=PeriodKind.MONTH)
    name = models.CharField(
        _("nama"), max_length=80, validators=[validate_plain], help_text=_("Misalnya: Semester I 2026.")
    )
    starts_on = models.DateField(_("dari"))
    ends_on = models.DateField(_("sampai"))

    # Written by agreements.actions.evaluation alone.
    asked_at = models.DateTimeField(_("diminta hitung"), null=True, blank=True, editable=False)
    computed_at = models.DateTimeField(_("dihitung"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("ditutup"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ditutup oleh"),
        editable=False,
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("masa evaluasi")
        verbose_name_plural = _("masa evaluasi")
        ordering = ["-starts_on", "kind"]
        constraints = [
            in_order(
                "agreements_evaluationperiod_order",
                "starts_on",
                "ends_on",
                message=_("“Sampai” lebih awal dari “dari”."),
            ),
            models.CheckConstraint(
                name="agreements_evaluationperiod_closed_by",
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, computed_at__isnull=False),
                violation_error_message=_("Masa ditutup sesudah dihitung, oleh orang yang tercatat."),
            ),
            *(
                no_overlap(
                    f"agreements_evaluationperiod_once_{kind.lower()}",
                    start="starts_on",
                    end="ends_on",
                    condition=Q(kind=kind),
                    message=_("Masa sejenis sudah ada pada tanggal itu."),
                )
                for kind in PeriodKind
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=PERIOD_FROZEN,
            )
        ]

    def __str__(self) -> str:
        return self.name


class EvaluationSheet(models.Model):
    """One agency in one period: its figures, what people say to them, and who signed."""

    period = models.ForeignKey(
        EvaluationPeriod, models.PROTECT, related_name="sheets", verbose_name=_("masa")
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="sheets", verbose_name=_("instansi"))
    computed_at = models.DateTimeField(_("dihitung"))
    remarks = models.TextField(_("catatan"), blank=True, validators=[validate_plain])
    evaluator = models.CharField(_("penilai"), max_length=120, blank=True, validators=[validate_plain])
    office = models.CharField(_("jabatan penilai"), max_length=160, blank=True, validators=[validate_plain])
    approved_at = models.DateTimeField(_("disahkan"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("disahkan oleh")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("lembar evaluasi")
        verbose_name_plural = _("lembar evaluasi")
        ordering = ["-period__starts_on", "period", "agency"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_evaluationsheet_once",
                fields=["period", "agency"],
                violation_error_message=_("Lembar instansi ini untuk masa itu sudah ada."),
            ),
            models.CheckConstraint(
                name="agreements_evaluationsheet_approved_by",
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(evaluator="") & ~Q(office=""),
                violation_error_message=_("Pengesahan memerlukan nama dan jabatan penilai."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(name="frozen", when=pgtrigger.Before, operation=EVERY_WRITE, func=SHEET_FROZEN)
        ]

    def __str__(self) -> str:
        return f"{self.agency} · {self.period}"


class EvaluationFigure(models.Model):
    """One indicator of a sheet: the number, what it is compared with, and on how many cases it rests."""

    sheet = models.ForeignKey(
        EvaluationSheet, models.CASCADE, related_name="figures", verbose_name=_("lembar")
    )
    code = models.CharField(_("indikator"), max_length=16, choices=Indicator)
    value = models.DecimalField(_("angka"), max_digits=12, decimal_places=1, null=True, blank=True)
    compared = models.DecimalField(_("pembanding"), max_digits=12, decimal_places=1, null=True, blank=True)
    cases = models.PositiveIntegerField(_("dari berapa"))

    class Meta:
        verbose_name = _("angka evaluasi")
        verbose_name_plural = _("angka evaluasi")
        ordering = ["sheet", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_evaluationfigure_once",
                fields=["sheet", "code"],
                violation_error_message=_("Indikator ini sudah ada di lembar itu."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(name="frozen", when=pgtrigger.Before, operation=EVERY_WRITE, func=FIGURE_FROZEN)
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}: {self.value}"

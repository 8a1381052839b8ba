"""From an order to its two files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import override

from agreements.actions.reports import Made, claim, fail, finish
from agreements.enums import ReportKind
from agreements.models import Report
from agreements.reports import attendance, evaluation, pdf, preparation, register, xlsx
from agreements.reports.paper import Paper, Scope
from mpp.core import clock
from mpp.core import mall as malls

logger = logging.getLogger(__name__)

BUILDERS: Mapping[str, Callable[[Scope], Paper]] = {
    ReportKind.PREPARATION: preparation.build,
    ReportKind.REGISTER: register.build,
    ReportKind.ATTENDANCE: attendance.build,
    ReportKind.EVALUATION: evaluation.build,
}


def make_waiting() -> None:
    """Make the reports that wait, the oldest first; one that cannot be made does not hold up the others."""
    while report := claim():
        try:
            finish(report=report, made=make(report))
        except Exception:
            logger.exception("Report %s could not be made", report.pk)
            fail(report=report, reason=_("Ada yang salah saat menyusun. Minta sekali lagi."))


def make(report: Report) -> Made:
    """Return the files of `report`, as things stand now; official papers are in Indonesian."""
    here, now = malls.current(), clock.now()
    scope = Scope(report.agency, report.starts_on, report.ends_on, clock.local(now).date())
    with override("id"):
        paper = BUILDERS[report.kind](scope)
        sheet = xlsx.render(paper, scope, mall=here)
        try:
            page = pdf.render(paper, scope, mall=here, made_at=now, asked_by=str(report.asked_by))
        except pdf.Unavailable:
            page = None
    return Made(page, sheet)

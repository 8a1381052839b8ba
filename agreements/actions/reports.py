"""The writers of reports: the order, who works on it, how it ended, and when it is forgotten.

The row is the order, so nothing is lost when Redis or the worker is away: it waits. A worker that dies
leaves a lease that ends; another one takes the order over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.access import require_own, require_the_mall
from agreements.enums import ReportKind, ReportState
from agreements.models import Report
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from tenants.models import Agency, User

KEPT = timedelta(days=90)
LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 3
MOST_WAITING = 5
AT_ONE_TIME = 100


@dataclass(frozen=True)
class Made:
    """The two files of a report; no PDF without its library."""

    pdf: bytes | None
    xlsx: bytes


def ask_report(*, kind: str, agency: Agency | None, starts_on: date, ends_on: date, by: User) -> Report:
    """Order a report, of one agency or of all; it is made in the background.

    Raises `Refusal`: an agency that is not the asker's own, or too many that still wait.
    """
    if agency is None:
        require_the_mall(by)
    else:
        require_own(by, agency.pk)
    if Report.objects.filter(asked_by=by, state__in=_open()).count() >= MOST_WAITING:
        raise Refusal("too_many", _("Laporan Anda yang terdahulu masih disusun. Tunggu sampai selesai."))
    with refused_by(Report), transaction.atomic():
        report = Report.objects.create(
            kind=kind,
            agency=agency,
            starts_on=starts_on,
            ends_on=ends_on,
            asked_by=by,
            asked_at=clock.now(),
        )
        audit.record("report.ask", by=by, target=ReportKind(kind).label, report=report.pk)
    return report


def _open() -> list[str]:
    return [ReportState.QUEUED, ReportState.RUNNING]


def claim() -> Report | None:
    """Take the oldest order that nobody works on; None without any. Any number of workers may ask."""
    now = clock.now()
    free = Q(state=ReportState.QUEUED) | Q(state=ReportState.RUNNING, leased_until__lt=now)
    with transaction.atomic():
        waiting = Report.objects.filter(free).order_by("pk")
        report = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if report is None:
            return None
        if report.attempts >= MOST_ATTEMPTS:
            _end(
                report, state=ReportState.FAILED, error=_("Penyusunan berhenti tiga kali. Hubungi pengelola.")
            )
            return None
        report.state, report.leased_until = ReportState.RUNNING, now + LEASE
        report.attempts += 1
        report.save(update_fields=["state", "leased_until", "attempts"])
    return report


def finish(*, report: Report, made: Made) -> None:
    """Keep the files of a report that is made."""
    report.made_at = clock.now()
    report.xlsx.save("", ContentFile(made.xlsx), save=False)
    error = ""
    if made.pdf is None:
        error = _("PDF tidak dibuat: pustaka “documents” belum dipasang di server.")
    else:
        report.pdf.save("", ContentFile(made.pdf), save=False)
    _end(report, state=ReportState.DONE, error=error)


def fail(*, report: Report, reason: str) -> None:
    """Note why a report could not be made."""
    _end(report, state=ReportState.FAILED, error=reason)


def _end(report: Report, *, state: str, error: str) -> None:
    report.state, report.leased_until, report.error = state, None, error[:200]
    report.save(update_fields=["state", "leased_until", "error", "made_at", "pdf", "xlsx"])


def forget_reports() -> int:
    """Delete reports and their files when they are 90 days old; return how many. Safe to run twice."""
    old = Report.objects.filter(asked_at__lt=clock.now() - KEPT).order_by("pk")[:AT_ONE_TIME]
    for report in old:
        files = [report.pdf, report.xlsx]
        report.delete()
        for file in files:
            file.delete(save=False)
    return len(old)

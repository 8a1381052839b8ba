"""Periodic jobs of agreements. Each may run twice or late without harm."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from celery import shared_task
from django.utils import timezone

from agreements import actions
from agreements.actions import attendance, evaluation, reports
from agreements.reports.making import make_waiting
from mpp.core.models import Mall

# A long report must not take every thread of a worker.
_one_at_a_time = Lock()


@shared_task(name="agreements.refresh")
def refresh() -> None:
    """Remind of what will end, end what is over, write what follows and begin what was planned for today."""
    _in_the_malls_time(actions.remind_all)
    _in_the_malls_time(actions.refresh_all)
    _in_the_malls_time(actions.begin_planned)


@shared_task(name="agreements.compute_evaluations")
def compute_evaluations() -> None:
    """Count the evaluations that somebody has asked for."""
    _in_the_malls_time(evaluation.compute_asked)


@shared_task(name="agreements.keep_counted")
def keep_counted() -> None:
    """Have the evaluations that are not final counted once a day."""
    _in_the_malls_time(evaluation.keep_counted)


@shared_task(name="agreements.report_absences")
def report_absences() -> None:
    """Tell agencies that promised officers have not come."""
    _in_the_malls_time(attendance.report_absences)


def _in_the_malls_time(job: Callable[[], object]) -> None:
    mall = Mall.objects.filter(pk=1).first()
    if mall is not None:
        with timezone.override(mall.timezone):
            job()


@shared_task(name="agreements.make_reports")
def make_reports() -> None:
    """Make the reports that were asked for, the oldest first."""
    if not _one_at_a_time.acquire(blocking=False):
        return
    try:
        _in_the_malls_time(make_waiting)
    finally:
        _one_at_a_time.release()


@shared_task(name="agreements.forget_reports")
def forget_reports() -> int:
    """Delete reports that are older than they are kept."""
    return reports.forget_reports()

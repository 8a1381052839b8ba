"""Until when a file is promised: working days of the standard, by the mall's own calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from mpp.core import revision
from services import policy
from services.models import ServiceStandard
from services.opening import schedule_at
from services.policy import LOOK_AHEAD_DAYS


def due_on(standard: ServiceStandard | None, instant: revision.Instant) -> date | None:
    """Return the promised day of a file that comes in now; None when the standard promises none."""
    if standard is None or standard.time_days is None:
        return None
    return policy.after_working_days(instant.day, standard.time_days, _working(instant, instant.day))


def moved_by_waiting(promised: date | None, stopped_on: date, instant: revision.Instant) -> date | None:
    """Return the promised day of a file that is complete again: as many working days as were left when
    its holder was asked for papers. What was late already stays late.
    """
    if promised is None or promised < stopped_on:
        return promised
    left = policy.working_days_between(stopped_on, promised, _working(instant, stopped_on))
    return policy.after_working_days(instant.day, left, _working(instant, instant.day))


def _working(instant: revision.Instant, start: date) -> Callable[[date], bool]:
    """Return whether the mall is open on a day from `start` on; a schedule reaches over ninety days."""

    def works(day: date) -> bool:
        page = (day - start).days // LOOK_AHEAD_DAYS
        schedule = schedule_at(instant, start + timedelta(days=page * LOOK_AHEAD_DAYS))
        return bool(schedule.plan(day, None).spans)

    return works

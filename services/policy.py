"""When is it open, and if not, why and until when: pure rules, no database, no clock.

Precedence, first match wins:
1. a dated row of the agency, then of the mall; on one date an opening beats a closing;
2. the week of the service, else of the agency, else of the mall; in each, a season in force
   replaces the ordinary week. A week without the weekday means: not here that day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from services.enums import Openness

LOOK_AHEAD_DAYS = 21


@dataclass(frozen=True)
class DayPlan:
    """One date: the spans in which counters serve, or none and the name of the reason.

    `spans` are local (start, end) pairs in order; the gaps between them are breaks. `special` names
    an opening out of the ordinary.
    """

    spans: tuple[tuple[datetime, datetime], ...] = ()
    last_number: datetime | None = None
    reason: str = ""
    special: str = ""

    @property
    def opens(self) -> datetime | None:
        """Return the first moment of the day, or None on a closed day."""
        return self.spans[0][0] if self.spans else None

    @property
    def closes(self) -> datetime | None:
        """Return the end of the day, or None on a closed day."""
        return self.spans[-1][1] if self.spans else None


@dataclass(frozen=True)
class Opening:
    """The answer for one moment.

    `state` is OPEN, BREAK or CLOSED; `until` is when that ends (None: not within three weeks);
    `code` says why in one word for machines, `reason` in words of the calendar; `special` names
    an opening out of the ordinary; `takes_numbers` is false after the last-number time.
    """

    state: Openness
    code: str
    until: datetime | None
    takes_numbers: bool
    reason: str = ""
    special: str = field(default="")


def moment(day: date, at: time, *, end_of_day: bool = False) -> datetime:
    """Return the naive local datetime; midnight as an end means the end of `day`."""
    if end_of_day and at == time(0):
        return datetime.combine(day + timedelta(days=1), time(0))
    return datetime.combine(day, at)


def opening_at(plan_of: Callable[[date], DayPlan], at: datetime) -> Opening:
    """Return whether it is open at the naive local moment `at`; spans include their start, not their end."""
    plan = plan_of(at.date())
    takes_numbers = plan.last_number is None or at < plan.last_number
    for start, end in plan.spans:
        if start <= at < end:
            if takes_numbers:
                return Opening(Openness.OPEN, "open", plan.closes, True, special=plan.special)
            return _closed(plan_of, at, "last_number")
    if plan.opens and plan.closes and plan.opens <= at < plan.closes:
        resumes = next(start for start, _end in plan.spans if start > at)
        return Opening(Openness.BREAK, "break", resumes, takes_numbers, special=plan.special)
    if plan.opens and at < plan.opens:
        return Opening(Openness.CLOSED, "before_hours", plan.opens, False, special=plan.special)
    code = "after_hours" if plan.spans else "closed_today" if not plan.reason else "holiday"
    return _closed(plan_of, at, code, plan.reason)


def _closed(plan_of: Callable[[date], DayPlan], at: datetime, code: str, reason: str = "") -> Opening:
    return Opening(Openness.CLOSED, code, next_opening(plan_of, at), False, reason=reason)


def next_opening(plan_of: Callable[[date], DayPlan], after: datetime) -> datetime | None:
    """Return the first opening on a later day, or None when there is none within three weeks."""
    for days in range(1, LOOK_AHEAD_DAYS + 1):
        if opens := plan_of(after.date() + timedelta(days=days)).opens:
            return opens
    return None

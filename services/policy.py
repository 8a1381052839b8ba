"""When is it open, and if not, why and until when: pure rules, no database, no clock.

Which plan a date has, first match wins:
1. a dated row of the service, else of the agency, else of the mall; in each an opening beats a closing;
2. the week of the service, else of the agency, else of the mall; in each, a season in force replaces
   the ordinary week. A week without the weekday means: not here that day. A season of the agency
   bounds the week of a service that has no rows of that season: open while both are.

What a moment of that date is, first match wins: closed that day; before hours; after hours; past the
last number; in a break; open. Every stretch includes its first second and not its last. What comes
on top of the hours is written down in queueing.openness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from services.enums import CalendarKind, Openness, Scope

# As far as a time can be booked; the longest holidays are shorter.
LOOK_AHEAD_DAYS = 90
LONGEST_PROMISE_DAYS = 2 * 365

CLOSING_CODES = {
    CalendarKind.JOINT_LEAVE: "joint_leave",
    CalendarKind.CLOSURE: "closure",
}

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class DayPlan:
    """One date: the spans in which counters serve, or none and the reason.

    `spans` are local (start, end) pairs in order; the gaps between them are breaks. On a closed day
    `closing` says why for machines and `reason` names it. `special` names an opening out of the
    ordinary, `season` the season whose hours these are, `scope` whose row decided.
    """

    spans: tuple[Span, ...] = ()
    last_number: datetime | None = None
    closing: str = "closed_today"
    reason: str = ""
    special: str = ""
    season: str = ""
    scope: Scope | None = None

    @property
    def opens(self) -> datetime | None:
        """Return the first moment of the day, or None on a closed day."""
        return self.spans[0][0] if self.spans else None

    @property
    def closes(self) -> datetime | None:
        """Return the end of the day, or None on a closed day."""
        return self.spans[-1][1] if self.spans else None

    @property
    def is_whole_day(self) -> bool:
        """Tell whether it is open from midnight to midnight: such a day has no closing time."""
        opens, closes = self.opens, self.closes
        return opens is not None and closes is not None and closes - opens >= timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """The answer for one moment.

    `state` is OPEN, BREAK, CLOSED or DISRUPTED; `until` is when that ends (naive local; None: nobody
    can say); `code` says why in one word for machines, `reason` in words of the calendar; `special`
    names an opening out of the ordinary, `season` a season; `takes_numbers` is false when no number
    may be taken; `since` is the start of the span that is open.
    """

    state: Openness
    code: str
    until: datetime | None
    takes_numbers: bool
    reason: str = ""
    special: str = ""
    season: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Trouble:
    """Trouble that goes on: of one agency, or of the whole mall (None). Naive local times.

    `place` is the agency's short name, empty for the whole mall.
    """

    key: int
    agency_id: int | None
    message: str
    since: datetime
    expected: datetime | None
    stops_numbers: bool
    place: str = ""


def moment(day: date, at: time, *, end_of_day: bool = False) -> datetime:
    """Return the naive local datetime; midnight as an end means the end of `day`."""
    if end_of_day and at == time(0):
        return datetime.combine(day + timedelta(days=1), time(0))
    return datetime.combine(day, at)


def within(plan: DayPlan, bound: DayPlan) -> DayPlan:
    """Return what is left of `plan` while `bound` is open too; it bears the season of `bound`."""
    pairs = ((max(one[0], two[0]), min(one[1], two[1])) for one in plan.spans for two in bound.spans)
    spans = tuple((start, end) for start, end in pairs if start < end)
    last = min((each for each in (plan.last_number, bound.last_number) if each), default=None)
    if not spans or (last is not None and last <= spans[0][0]):
        return DayPlan(season=bound.season, scope=bound.scope)
    return replace(plan, spans=spans, last_number=last, season=bound.season)


def opening_at(plan_of: Callable[[date], DayPlan], at: datetime) -> Opening:
    """Return whether it is open at the naive local moment `at`; trouble is not looked at."""
    plan = plan_of(at.date())
    if plan.opens is None or plan.closes is None:
        return _closed(plan_of, at, plan.closing)
    if at < plan.opens:
        return _opening(plan, Openness.CLOSED, "before_hours", plan.opens)
    if at >= plan.closes:
        return _closed(plan_of, at, "after_hours")
    # Before the break: who waits until its end would come for nothing.
    if plan.last_number is not None and at >= plan.last_number:
        return _closed(plan_of, at, "last_number")
    for start, end in plan.spans:
        if start <= at < end:
            return replace(_opening(plan, Openness.OPEN, "open", plan.closes, takes=True), since=start)
    resumes = next(start for start, _end in plan.spans if start > at)
    return _opening(plan, Openness.BREAK, "break", resumes, takes=True)


def _opening(
    plan: DayPlan, state: Openness, code: str, until: datetime | None, *, takes: bool = False
) -> Opening:
    return Opening(state, code, until, takes, reason=plan.reason, special=plan.special, season=plan.season)


def _closed(plan_of: Callable[[date], DayPlan], at: datetime, code: str) -> Opening:
    plan = plan_of(at.date())
    return replace(_opening(plan, Openness.CLOSED, code, next_opening(plan_of, at)), special="")


def next_opening(plan_of: Callable[[date], DayPlan], after: datetime) -> datetime | None:
    """Return the first opening on a later day, or None when there is none within ninety days."""
    for days in range(1, LOOK_AHEAD_DAYS + 1):
        if opens := plan_of(after.date() + timedelta(days=days)).opens:
            return opens
    return None


def worst(troubles: Iterable[Trouble]) -> Trouble | None:
    """Return the trouble to tell of: what stops numbers first, then what lasts longest."""
    return max(
        troubles,
        key=lambda trouble: (
            trouble.stops_numbers,
            trouble.expected is None,
            trouble.expected or trouble.since,
            -trouble.key,
        ),
        default=None,
    )


def in_trouble(opening: Opening, trouble: Trouble | None, at: datetime) -> Opening:
    """Return `opening` (at the naive local moment `at`) as trouble changes it.

    Trouble that stops numbers comes before open and break; other trouble is only told while it is
    open. Closed stays closed: the end of the trouble would open nothing.
    """
    if trouble is None or opening.state not in {Openness.OPEN, Openness.BREAK}:
        return opening
    if opening.state == Openness.BREAK and not trouble.stops_numbers:
        return opening
    return replace(
        opening,
        state=Openness.DISRUPTED,
        code="disrupted",
        until=trouble.expected if trouble.expected and trouble.expected > at else None,
        takes_numbers=opening.takes_numbers and not trouble.stops_numbers,
        reason=trouble.message,
    )


def covered(spans: Iterable[Span], start: datetime, end: datetime) -> timedelta:
    """Return how much of [start, end) the spans cover; where they overlap, time counts once."""
    total, done = timedelta(), start
    for since, until in sorted(spans):
        first, last = max(since, done), min(until, end)
        if last > first:
            total, done = total + (last - first), last
    return total


def after_working_days(start: date, days: int, works: Callable[[date], bool]) -> date | None:
    """Return the day on which `days` working days after `start` have passed; 0 is `start` itself.

    None when the calendar knows no such day within two years.
    """
    day = start
    for _each in range(LONGEST_PROMISE_DAYS):
        if days == 0:
            return day
        day += timedelta(days=1)
        days -= works(day)
    return None


def working_days_between(start: date, end: date, works: Callable[[date], bool]) -> int:
    """Return how many working days follow `start` up to and with `end`; 0 when that is past."""
    return sum(works(start + timedelta(days=ahead)) for ahead in range(1, (end - start).days + 1))

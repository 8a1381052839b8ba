"""Attendance read from counter sessions against what was owed: the sheets of days, months and agencies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agreements.enums import LeaveKind
from agreements.models import AttendanceRules, Leave
from agreements.owed import DAY, Key, days, owed_by
from agreements.presence import DaySheet, PersonDay, Seen, Tolerance, judge
from mpp.core import clock
from queueing.actions.sessions import MAY_SERVE
from queueing.models import CounterPause, CounterSession
from services.policy import Span
from tenants.models import Agency, Placement, User

Stays = Mapping[int, list[Span]]


def rules() -> AttendanceRules:
    """Return how strictly the mall looks at attendance."""
    return AttendanceRules.objects.filter(pk=1).first() or AttendanceRules()


def sheets(agencies: Collection[Agency], first: date, last: date, *, at: datetime) -> dict[Key, DaySheet]:
    """Return the sheet of each of these agencies and days, as known at the aware moment `at`.

    Days on which nothing is owed, and those to come, are not in it. A fixed number of queries.
    """
    until = clock.local(at).replace(tzinfo=None)
    last = min(last, until.date())
    if first > last or not agencies:
        return {}
    row = rules()
    tolerance = Tolerance(row.late_minutes, row.early_minutes)
    stays = _stays(agencies, first, last, until)
    rests = _rests(agencies, first, last, until)
    leaves = _leaves(agencies, first, last)
    return {
        key: judge(
            owed,
            Seen(stays.get(key, {}), rests.get(key, {}), leaves.get(key, {})),
            until=until,
            tolerance=tolerance,
        )
        for key, owed in owed_by(agencies, first, last).items()
        if owed.opens <= until
    }


def _stays(agencies: Collection[Agency], first: date, last: date, until: datetime) -> Mapping[Key, Stays]:
    """Return each person's stretches at a counter, by agency and day; one that goes on reaches to now."""
    rows = CounterSession.objects.filter(agency__in=agencies, date__range=(first, last)).order_by()
    found: dict[Key, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for agency, day, user, opened, closed in rows.values_list(
        "agency", "date", "user", "opened_at", "closed_at"
    ):
        # A counter that nobody closed was left at midnight at the latest.
        end = min(_naive(closed) if closed else until, until, datetime.combine(day + DAY, time(0)))
        found[agency, day][user].append((_naive(opened), end))
    return found


def _rests(agencies: Collection[Agency], first: date, last: date, until: datetime) -> Mapping[Key, Stays]:
    """Return each person's pauses, by agency and day; one that goes on reaches to now."""
    rows = CounterPause.objects.filter(session__agency__in=agencies, session__date__range=(first, last))
    names = ("session__agency", "session__date", "session__user", "started_at", "ended_at")
    found: dict[Key, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for agency, day, user, started, ended in rows.order_by().values_list(*names):
        found[agency, day][user].append((_naive(started), _naive(ended) if ended else until))
    return found


def _leaves(agencies: Collection[Agency], first: date, last: date) -> Mapping[Key, Mapping[int, str]]:
    """Return who is on leave and of what kind, by agency and day."""
    found: dict[Key, dict[int, str]] = defaultdict(dict)
    rows = Leave.objects.during(first, last).filter(agency__in=agencies).order_by()
    for agency, user, kind, start, end in rows.values_list("agency", "user", "kind", "starts_on", "ends_on"):
        for day in days(max(start, first), min(end, last)):
            found[agency, day][user] = kind
    return found


def _naive(at: datetime) -> datetime:
    return clock.local(at).replace(tzinfo=None)


@dataclass(frozen=True)
class Row:
    """One person on the sheet of a day: placed there, or helping out; `day` is None when they did not come.

    `is_missed`: more are missing than leaves explain, and this person did not come. `leave`: the kind of
    leave of who is excused.
    """

    user: User
    day: PersonDay | None
    is_placed: bool
    is_missed: bool = False
    leave: LeaveKind | None = None


@dataclass(frozen=True)
class Roll:
    """The sheet of an agency's day with the names."""

    agency: Agency
    sheet: DaySheet
    rows: tuple[Row, ...]


def rolls(agencies: Collection[Agency], day: date, *, at: datetime) -> list[Roll]:
    """Return the sheets of one day with everybody placed at the agencies or seen there."""
    by_key = sheets(agencies, day, day, at=at)
    placed: dict[int, list[User]] = defaultdict(list)
    rows = Placement.objects.on(day).filter(agency__in=agencies, user__role__in=sorted(MAY_SERVE))
    for row in rows.select_related("user").order_by("user__first_name", "user__username"):
        placed[row.agency_id].append(row.user)
    people = User.objects.in_bulk(_seen_or_excused(by_key.values()))
    return [
        Roll(agency, sheet, tuple(_rows(sheet, placed[agency.pk], people)))
        for agency in agencies
        if (sheet := by_key.get((agency.pk, day)))
    ]


def _rows(sheet: DaySheet, placed: list[User], people: Mapping[int, User]) -> list[Row]:
    known = {user.pk for user in placed}
    came = [Row(people[person.user_id], person, person.user_id in known) for person in sheet.people]
    excused = {user: LeaveKind(kind) for user, kind in sheet.excused}
    on_leave = [Row(people[user], None, user in known, leave=kind) for user, kind in excused.items()]
    accounted = {person.user_id for person in sheet.people} | excused.keys()
    away = [user for user in placed if user.pk not in accounted]
    return [*came, *on_leave, *(Row(user, None, True, is_missed=sheet.unexcused > 0) for user in away)]


def _seen_or_excused(sheets_: Iterable[DaySheet]) -> set[int]:
    """Return the people of these sheets: those who came and those on leave."""
    found: set[int] = set()
    for sheet in sheets_:
        found |= {person.user_id for person in sheet.people} | {user for user, _kind in sheet.excused}
    return found


@dataclass(frozen=True)
class PersonMonth:
    """What a person's month was at an agency."""

    user: User
    days: int
    late_days: int
    late_minutes: int
    early_days: int
    served: timedelta
    leaves: tuple[tuple[LeaveKind, int], ...] = ()


def months_people(sheets_: Collection[DaySheet]) -> list[PersonMonth]:
    """Return everybody who came or was excused on these days, with what it adds up to, by name."""
    by_user: dict[int, list[PersonDay]] = defaultdict(list)
    leaves: dict[int, Counter[str]] = defaultdict(Counter)
    for sheet in sheets_:
        for person in sheet.people:
            by_user[person.user_id].append(person)
        for user, kind in sheet.excused:
            leaves[user][kind] += 1
    people = User.objects.in_bulk(_seen_or_excused(sheets_))
    rows = [_month_of(person, by_user[key], leaves[key]) for key, person in people.items()]
    return sorted(rows, key=lambda row: str(row.user))


def _month_of(user: User, found: list[PersonDay], leaves: Mapping[str, int]) -> PersonMonth:
    return PersonMonth(
        user,
        days=len(found),
        late_days=sum(person.late_minutes > 0 for person in found),
        late_minutes=sum(person.late_minutes for person in found),
        early_days=sum(person.early_minutes > 0 for person in found),
        served=sum((person.served for person in found), timedelta()),
        leaves=tuple((kind, leaves[kind]) for kind in LeaveKind if leaves.get(kind)),
    )

"""Attendance read from counter sessions against what was owed: the sheets of days, months and agencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agreements.models import AttendanceRules
from agreements.owed import DAY, Key, owed_by
from agreements.presence import DaySheet, PersonDay, Tolerance, judge
from mpp.core import clock
from queueing.actions.sessions import MAY_SERVE
from queueing.models import CounterSession
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
    nobody: Stays = {}
    return {
        key: judge(owed, stays.get(key, nobody), until=until, tolerance=tolerance)
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


def _naive(at: datetime) -> datetime:
    return clock.local(at).replace(tzinfo=None)


@dataclass(frozen=True)
class Row:
    """One person on the sheet of a day: placed there, or helping out; `day` is None when they did not come.

    `is_missed`: the promise is not met, and this person did not come.
    """

    user: User
    day: PersonDay | None
    is_placed: bool
    is_missed: bool = False


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
    seen = {person.user_id for sheet in by_key.values() for person in sheet.people}
    people = User.objects.in_bulk(seen)
    return [
        Roll(agency, sheet, tuple(_rows(sheet, placed[agency.pk], people)))
        for agency in agencies
        if (sheet := by_key.get((agency.pk, day)))
    ]


def _rows(sheet: DaySheet, placed: list[User], people: Mapping[int, User]) -> list[Row]:
    known = {user.pk for user in placed}
    came = [Row(people[person.user_id], person, person.user_id in known) for person in sheet.people]
    there = {person.user_id for person in sheet.people}
    away = [user for user in placed if user.pk not in there]
    return [*came, *(Row(user, None, True, is_missed=sheet.missing > 0) for user in away)]


@dataclass(frozen=True)
class PersonMonth:
    """What a person's month was at an agency."""

    user: User
    days: int
    late_days: int
    late_minutes: int
    early_days: int
    served: timedelta


def months_people(sheets_: Collection[DaySheet]) -> list[PersonMonth]:
    """Return everybody who came on these days, with what their days add up to, by name."""
    by_user: dict[int, list[PersonDay]] = defaultdict(list)
    for sheet in sheets_:
        for person in sheet.people:
            by_user[person.user_id].append(person)
    people = User.objects.in_bulk(by_user)
    rows = [
        PersonMonth(
            people[user],
            days=len(found),
            late_days=sum(person.late_minutes > 0 for person in found),
            late_minutes=sum(person.late_minutes for person in found),
            early_days=sum(person.early_minutes > 0 for person in found),
            served=sum((person.served for person in found), timedelta()),
        )
        for user, found in by_user.items()
    ]
    return sorted(rows, key=lambda row: str(row.user))

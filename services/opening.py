"""Opening hours read from the tables into the plans that policy decides on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

from mpp.core import clock, revision
from services import policy
from services.enums import CalendarKind, Scope
from services.models import CalendarDay, Disruption, OpeningHours, Service
from services.policy import CLOSING_CODES, LOOK_AHEAD_DAYS, DayPlan, Opening, Trouble, moment

CLOSED_DAY = DayPlan()

Key = tuple[int | None, int | None]


class Schedule:
    """All hours, dated rows and open trouble that bear on the days from `start` to `end`.

    Three queries, whatever the number of agencies and services. Shared by all threads: nothing in it
    changes after it has been read.
    """

    def __init__(self, start: date, end: date | None = None) -> None:
        """Read the schedule of these local dates; without an end, of the ninety days that can be booked."""
        end = end or start + timedelta(days=LOOK_AHEAD_DAYS)
        self._weeks: dict[Key, list[OpeningHours]] = defaultdict(list)
        for row in OpeningHours.objects.during(start, end):
            self._weeks[row.agency_id, row.service_id].append(row)
        self._dated: dict[tuple[Key, date], list[CalendarDay]] = defaultdict(list)
        for dated in CalendarDay.objects.filter(date__range=(start, end)):
            self._dated[(dated.agency_id, dated.service_id), dated.date].append(dated)
        self._troubles = list(Disruption.objects.open().select_related("agency"))
        self._own_services = {
            service for _agency, service in [*self._weeks, *(key for key, _day in self._dated)]
        }
        self._plan = cache(self._make_plan)

    def plan(self, day: date, agency_id: int | None, service_id: int | None = None) -> DayPlan:
        """Return the plan of `day` for the mall (agency None), an agency or a service of it."""
        return self._plan(day, agency_id, service_id if service_id in self._own_services else None)

    def hours(self, at: datetime, agency_id: int | None, service_id: int | None = None) -> Opening:
        """Return whether it is open at the naive local moment `at` by its hours alone."""
        return policy.opening_at(lambda day: self.plan(day, agency_id, service_id), at)

    def opening(self, at: datetime, agency_id: int | None, service_id: int | None = None) -> Opening:
        """Return whether it is open at the naive local moment `at`, trouble included."""
        return policy.in_trouble(self.hours(at, agency_id, service_id), self.trouble(agency_id), at)

    def next_opening(
        self, after: datetime, agency_id: int | None, service_id: int | None = None
    ) -> datetime | None:
        """Return the first opening on a day after the naive local moment `after`, or None."""
        return policy.next_opening(lambda day: self.plan(day, agency_id, service_id), after)

    def troubles(self) -> list[Trouble]:
        """Return all open trouble, the mall's first."""
        found = [_trouble(row) for row in self._troubles]
        return sorted(found, key=lambda trouble: (trouble.agency_id or 0, trouble.key))

    def trouble(self, agency_id: int | None) -> Trouble | None:
        """Return the trouble that an agency has now, its own or the mall's; None for the mall alone."""
        return policy.worst(trouble for trouble in self.troubles() if trouble.agency_id in {None, agency_id})

    def _make_plan(self, day: date, agency_id: int | None, service_id: int | None) -> DayPlan:
        scopes = list(_scopes(agency_id, service_id))
        for scope, key in scopes:
            if dated := self._dated.get((key, day)):
                return _plan_of_dated(min(dated, key=lambda row: (not row.is_open, row.kind)), scope)
        for scope, key in scopes:
            if week := [row for row in self._weeks.get(key, []) if _holds_on(row, day)]:
                plan = _plan_of_week(week, day, scope)
                return self._in_season(plan, week, day, agency_id) if scope == Scope.SERVICE else plan
        return CLOSED_DAY

    def _in_season(self, plan: DayPlan, own: list[OpeningHours], day: date, agency_id: int | None) -> DayPlan:
        """Return a service's own plan within its agency's season, as a trial is one.

        The agency's people are there then, and at no other time. A service with rows of the same season
        has said itself when it is there.
        """
        rows = self._weeks.get((agency_id, None), [])
        season = [row for row in rows if row.season and _holds_on(row, day)]
        if not season or {row.season for row in season} & {row.season for row in own}:
            return plan
        return policy.within(plan, _plan_of_week(season, day, Scope.AGENCY))


def _scopes(agency_id: int | None, service_id: int | None) -> Iterator[tuple[Scope, Key]]:
    """Yield the scopes whose rows may decide, the nearest first."""
    if service_id is not None:
        yield Scope.SERVICE, (None, service_id)
    if agency_id is not None:
        yield Scope.AGENCY, (agency_id, None)
    yield Scope.MALL, (None, None)


def _holds_on(row: OpeningHours, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def _plan_of_week(rows: list[OpeningHours], day: date, scope: Scope) -> DayPlan:
    seasonal = [row for row in rows if row.season] or rows
    for row in seasonal:
        if row.weekday == day.isoweekday():
            return _plan_of_hours(row, day, scope, season=row.season)
    return DayPlan(season=seasonal[0].season, scope=scope)


def _plan_of_dated(row: CalendarDay, scope: Scope) -> DayPlan:
    if not row.is_open:
        code = CLOSING_CODES.get(CalendarKind(row.kind), "holiday")
        return DayPlan(closing=code, reason=row.name, scope=scope)
    special = row.name if row.kind == CalendarKind.SPECIAL_OPENING else ""
    return _plan_of_hours(row, row.date, scope, special=special)


def _plan_of_hours(
    row: OpeningHours | CalendarDay, day: date, scope: Scope, *, season: str = "", special: str = ""
) -> DayPlan:
    if row.opens_at is None or row.closes_at is None:
        return CLOSED_DAY
    start, end = moment(day, row.opens_at), moment(day, row.closes_at, end_of_day=True)
    last = moment(day, row.last_number_at) if row.last_number_at else None
    spans: tuple[policy.Span, ...] = ((start, end),)
    if row.break_from is not None and row.break_to is not None:
        spans = ((start, moment(day, row.break_from)), (moment(day, row.break_to), end))
    return DayPlan(spans, last, season=season, special=special, scope=scope)


def _trouble(row: Disruption) -> Trouble:
    return Trouble(
        key=row.pk,
        agency_id=row.agency_id,
        message=row.message,
        since=_naive(row.started_at),
        expected=_naive(row.expected_until) if row.expected_until else None,
        stops_numbers=row.stops_numbers,
        place=row.agency.short_name if row.agency else "",
    )


def _naive(at: datetime) -> datetime:
    return clock.local(at).replace(tzinfo=None)


_schedules: revision.Memory[date, Schedule] = revision.Memory(Schedule)


def schedule_at(instant: revision.Instant, day: date | None = None) -> Schedule:
    """Return the schedule from the day of `instant` (or from `day`) on: no query once it is known."""
    return _schedules.get(instant.revision, day or instant.day)


class OpeningBook:
    """The schedule looked at in one moment: one query."""

    def __init__(self, at: datetime, *, schedule: Schedule | None = None) -> None:
        """Open the book at the aware moment `at`, with its schedule when that is at hand."""
        self.at = _naive(at)
        self.schedule = schedule or schedule_at(revision.read(), self.at.date())

    def opening(self, agency_id: int, service_id: int | None = None) -> Opening:
        """Return whether the agency (or its service) is open at the book's moment, trouble included."""
        return self.schedule.opening(self.at, agency_id, service_id)

    def hours(self, agency_id: int, service_id: int | None = None) -> Opening:
        """Return whether it is open at the book's moment by its hours alone."""
        return self.schedule.hours(self.at, agency_id, service_id)

    def trouble(self, agency_id: int | None) -> Trouble | None:
        """Return the trouble that the agency has now; None asks for the mall as a whole."""
        return self.schedule.trouble(agency_id)

    def mall_opening(self) -> Opening:
        """Return whether the mall itself is open at the book's moment, trouble included."""
        return self.schedule.opening(self.at, None)

    def plan(self, day: date, agency_id: int | None, service_id: int | None) -> DayPlan:
        """Return the plan of `day` for the mall, an agency or a service."""
        return self.schedule.plan(day, agency_id, service_id)


def opening_of(service: Service, at: datetime) -> Opening:
    """Return whether `service` is open at the aware moment `at`, and if not, why and until when."""
    return OpeningBook(at).opening(service.agency_id, service.pk)

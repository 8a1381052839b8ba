"""Opening hours read from the tables into the plans that policy decides on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache

from django.db.models import Q

from mpp.core import clock
from services.enums import CalendarKind
from services.models import CalendarDay, OpeningHours, Service
from services.policy import LOOK_AHEAD_DAYS, DayPlan, Opening, moment, opening_at

CLOSED_DAY = DayPlan()


class OpeningBook:
    """All hours and dated rows that bear on some agencies for the coming three weeks.

    Two queries, whatever the number of agencies and services.
    """

    def __init__(self, at: datetime, agency_ids: Iterable[int] | None = None) -> None:
        """Read the book for the aware moment `at`; `agency_ids` None means every agency."""
        self.at = clock.local(at).replace(tzinfo=None)
        start = self.at.date()
        end = start + timedelta(days=LOOK_AHEAD_DAYS)
        hours = OpeningHours.objects.during(start, end)
        days = CalendarDay.objects.filter(date__range=(start, end))
        if agency_ids is not None:
            ids = list(agency_ids)
            hours = hours.filter(
                Q(agency__isnull=True, service__isnull=True) | Q(agency__in=ids) | Q(service__agency__in=ids)
            )
            days = days.filter(Q(agency__isnull=True) | Q(agency__in=ids))
        self._weeks: dict[tuple[int | None, int | None], list[OpeningHours]] = defaultdict(list)
        for row in hours:
            self._weeks[row.agency_id, row.service_id].append(row)
        self._dated: dict[tuple[int | None, date], list[CalendarDay]] = defaultdict(list)
        for day in days:
            self._dated[day.agency_id, day.date].append(day)
        self._plan = cache(self._make_plan)

    def opening(self, agency_id: int, service_id: int | None = None) -> Opening:
        """Return whether the agency (or its service) is open at the book's moment."""
        return opening_at(lambda day: self.plan(day, agency_id, service_id), self.at)

    def mall_opening(self) -> Opening:
        """Return whether the mall itself is open at the book's moment."""
        return opening_at(lambda day: self.plan(day, None, None), self.at)

    def plan(self, day: date, agency_id: int | None, service_id: int | None) -> DayPlan:
        """Return the plan of `day` for the mall, an agency or a service."""
        own_week = service_id if (None, service_id) in self._weeks else None
        return self._plan(day, agency_id, own_week)

    def _make_plan(self, day: date, agency_id: int | None, service_id: int | None) -> DayPlan:
        return self._dated_plan(day, agency_id) or self._weekly_plan(day, agency_id, service_id)

    def _dated_plan(self, day: date, agency_id: int | None) -> DayPlan | None:
        scopes = [agency_id, None] if agency_id is not None else [None]
        for scope in scopes:
            rows = sorted(self._dated.get((scope, day), []), key=lambda row: not row.is_open)
            if rows:
                return _plan_of_dated(rows[0])
        return None

    def _weekly_plan(self, day: date, agency_id: int | None, service_id: int | None) -> DayPlan:
        service_week = [(None, service_id)] if service_id is not None else []
        for scope in (*service_week, (agency_id, None), (None, None)):
            rows = [row for row in self._weeks.get(scope, []) if _holds_on(row, day)]
            if rows:
                seasonal = [row for row in rows if row.season] or rows
                return next(
                    (_plan_of_hours(row, day) for row in seasonal if row.weekday == day.isoweekday()),
                    CLOSED_DAY,
                )
        return CLOSED_DAY


def _holds_on(row: OpeningHours, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def _plan_of_dated(row: CalendarDay) -> DayPlan:
    if not row.is_open or row.opens_at is None or row.closes_at is None:
        return DayPlan(reason=row.name)
    span = (moment(row.date, row.opens_at), moment(row.date, row.closes_at, end_of_day=True))
    special = row.name if row.kind == CalendarKind.SPECIAL_OPENING else ""
    return DayPlan(spans=(span,), special=special)


def _plan_of_hours(row: OpeningHours, day: date) -> DayPlan:
    start, end = moment(day, row.opens_at), moment(day, row.closes_at, end_of_day=True)
    last = moment(day, row.last_number_at) if row.last_number_at else None
    if row.break_from is None or row.break_to is None:
        return DayPlan(spans=((start, end),), last_number=last)
    pause, resume = moment(day, row.break_from), moment(day, row.break_to)
    return DayPlan(spans=((start, pause), (resume, end)), last_number=last)


def opening_of(service: Service, at: datetime) -> Opening:
    """Return whether `service` is open at the aware moment `at`, and if not, why and until when."""
    return OpeningBook(at, [service.agency_id]).opening(service.agency_id, service.pk)

"""What agencies owe on each day: hours and officers, by the promise in force.

The calendar goes before the promise: nobody is missing on a holiday, during a break or in the shorter hours
of a season. An agency without a promise owes its opening hours, with the officers that it is known for,
else one at each counter it uses that day. Nothing is owed before an agency first gave a number or opened a
counter; nor after it last did, once it serves no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db.models import Max, Min, Q

from agreements.models import PromisedDay
from agreements.presence import Owed
from queueing.models import CounterSession, QueueDay
from queueing.openness import has_agreement
from services.opening import Schedule
from services.policy import Span, moment
from tenants.enums import SERVING
from tenants.models import Agency, CounterDuty

DAY = timedelta(days=1)
Key = tuple[int, date]


def owed_by(agencies: Collection[Agency], first: date, last: date) -> dict[Key, Owed]:
    """Return what each of these agencies owes on each day from `first` to `last`, by (agency, day).

    Days on which nothing is owed are not in it. A fixed number of queries, whatever the number of days.
    """
    book = _Book(agencies, first, last)
    found = ((agency, day, book.owed(agency, day)) for agency in agencies for day in days(first, last))
    return {(agency.pk, day): owed for agency, day, owed in found if owed is not None}


def days(first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` to `last`, both included."""
    return (first + DAY * number for number in range((last - first).days + 1))


@dataclass(frozen=True)
class _Promised:
    """What one version of a promise says of one weekday."""

    valid_from: date
    valid_to: date | None
    weekday: int
    opens_at: time
    closes_at: time
    break_from: time | None
    break_to: time | None
    officers: int

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def spans(self, day: date) -> list[Span]:
        start, end = moment(day, self.opens_at), moment(day, self.closes_at)
        if self.break_from is None or self.break_to is None:
            return [(start, end)]
        return [(start, moment(day, self.break_from)), (moment(day, self.break_to), end)]


class _Book:
    """All that bears on what is owed in a period: read once, then asked day by day."""

    def __init__(self, agencies: Collection[Agency], first: date, last: date) -> None:
        self._schedule = Schedule(first, last)
        self._promised = _promised(agencies, first, last)
        self._duties = _duties(agencies, first, last)
        self._seen = _seen(agencies)

    def owed(self, agency: Agency, day: date) -> Owed | None:
        plan = self._schedule.plan(day, agency.pk)
        if not plan.spans or not self._serves_on(agency, day):
            return None
        version = [row for row in self._promised[agency.pk] if row.holds_on(day)]
        if not version:
            return self._by_hours(agency, day, plan.spans)
        row = next((each for each in version if each.weekday == day.isoweekday()), None)
        spans = _common(plan.spans, row.spans(day)) if row else ()
        return Owed(day, row.officers, spans) if row and spans else None

    def _by_hours(self, agency: Agency, day: date, spans: tuple[Span, ...]) -> Owed | None:
        if not has_agreement(agency, day):
            return None
        counters = sum(duty.holds_on(day) for duty in self._duties[agency.pk])
        officers = agency.promised_officers or counters
        return Owed(day, officers, spans) if officers else None

    def _serves_on(self, agency: Agency, day: date) -> bool:
        since, until = self._seen.get(agency.pk, (date.max, date.min))
        return since <= day and (agency.status in SERVING or day <= until)


@dataclass(frozen=True)
class _Duty:
    """A counter that an agency uses, every day or on one weekday."""

    valid_from: date
    valid_to: date | None
    weekday: int | None

    def holds_on(self, day: date) -> bool:
        begun = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return begun and self.weekday in {None, day.isoweekday()}


def _promised(agencies: Collection[Agency], first: date, last: date) -> Mapping[int, list[_Promised]]:
    rows = PromisedDay.objects.filter(
        Q(promise__valid_to=None) | Q(promise__valid_to__gte=first),
        promise__agency__in=agencies,
        promise__enacted_at__isnull=False,
        promise__valid_from__lte=last,
    )
    span = ("promise__valid_from", "promise__valid_to")
    hours = ("weekday", "opens_at", "closes_at", "break_from", "break_to", "officers")
    found: dict[int, list[_Promised]] = defaultdict(list)
    for agency, *values in rows.values_list("promise__agency", *span, *hours):
        found[agency].append(_Promised(*values))
    return found


def _duties(agencies: Collection[Agency], first: date, last: date) -> Mapping[int, list[_Duty]]:
    rows = CounterDuty.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=first),
        agency__in=agencies,
        counter__is_active=True,
        valid_from__lte=last,
    )
    found: dict[int, list[_Duty]] = defaultdict(list)
    for agency, since, until, weekday in rows.values_list("agency", "valid_from", "valid_to", "weekday"):
        found[agency].append(_Duty(since, until, weekday))
    return found


def _seen(agencies: Collection[Agency]) -> Mapping[int, tuple[date, date]]:
    """Return the first day on which each agency gave a number or opened a counter, and the last."""
    found: dict[int, tuple[date, date]] = {}
    lines = QueueDay.objects.filter(queue__agency__in=agencies).order_by().values_list("queue__agency")
    sessions = CounterSession.objects.filter(agency__in=agencies).order_by().values_list("agency")
    for rows in (lines, sessions):
        for agency, first, last in rows.annotate(first=Min("date"), last=Max("date")):
            since, until = found.get(agency, (first, last))
            found[agency] = min(since, first), max(until, last)
    return found


def _common(hours: Collection[Span], promised: Collection[Span]) -> tuple[Span, ...]:
    """Return the stretches that are in both."""
    both = ((max(a, c), min(b, d)) for a, b in hours for c, d in promised)
    return tuple(sorted((start, end) for start, end in both if start < end))

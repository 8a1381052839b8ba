"""How long a waiting number still waits: the facts of the hall, put before queueing.estimating."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mpp.core import clock, planned, revision
from queueing import measures, rules
from queueing.enums import BookingState, Lane
from queueing.estimating import (
    Ahead,
    Desk,
    Facts,
    Forecast,
    Habits,
    OtherLine,
    Present,
    Range,
    Times,
    called_first,
)
from queueing.heads import heads_of
from queueing.models import Booking, Queue, QueueDay, Ticket
from queueing.places import Place, Waiting, place_of, waiting_in
from queueing.policy import Estimate
from queueing.roster import roster_at
from services.opening import schedule_at

Counts = dict[int, int]

KEPT_MINUTES = 5
MOST_KEPT = 500
# Ranges are told in minutes, and whatever happens in a line makes another hall at once.
HALL_SECONDS = 3

DESKS = """
SELECT s.agency_id, s.paused_at, t.service_id, t.called_at, t.started_at
FROM queueing_countersession s
LEFT JOIN queueing_ticket t ON t.session_id = s.id AND t.state IN ('CALLED', 'SERVING')
WHERE s.closed_at IS NULL AND s.date = %s AND s.agency_id = ANY(%s)
"""


@dataclass(frozen=True)
class Line:
    """A line as the estimate sees it; `waiting` counts (lane, service, minute of arrival)."""

    day: QueueDay
    present: Present
    waiting: Waiting
    first: Mapping[str, float]

    def counts(self, lane: str, *, before: int | None = None, since: int | None = None) -> Counts:
        """Return how many wait in a lane by service, of those who came before or since a minute."""
        found: Counts = defaultdict(int)
        for (one, service, minute), people in self.waiting.items():
            is_early = before is None or minute < before
            if _lane(one) == lane and is_early and (since is None or minute >= since):
                found[service] += people
        return dict(found)


_kept: dict[int, tuple[tuple[str | None, int], Times]] = {}
_forecasts: dict[int, tuple[Present, Forecast]] = {}
_halls: dict[int, tuple[object, Hall]] = {}


def times_of(queues: Iterable[Queue], instant: revision.Instant) -> dict[int, Times]:
    """Return what was measured of lines, by the key of the queue: read again every few minutes.

    Each line is due in another minute, and those that are due are read together: one query at most.
    """
    wanted = {queue.pk: queue for queue in queues}
    minute = int(instant.at.timestamp() // 60)
    kept_as = {key: (instant.revision, (minute + key) // KEPT_MINUTES) for key in wanted}
    found = {key: kept[1] for key in wanted if (kept := _kept.get(key)) and kept[0] == kept_as[key]}
    if due := [queue for key, queue in wanted.items() if key not in found]:
        for key, times in measures.times_of(due, instant.at).items():
            found[key] = times
            _kept[key] = kept_as[key], times
    return found


def forecast_of(line_id: int, present: Present) -> Forecast:
    """Return the forecast for this very present; the last one of each line is remembered.

    Many ask about one line in one second, and a forecast costs more than all else in their answer.
    """
    if len(_forecasts) > MOST_KEPT:
        _forecasts.clear()
        _halls.clear()
    known = _forecasts.get(line_id)
    if known is None or known[0] != present:
        known = _forecasts[line_id] = present, Forecast(present)
    return known[1]


def forget() -> None:
    """Forget what is kept of every line; for those who have just changed it."""
    _kept.clear()
    _forecasts.clear()
    _halls.clear()


class Hall:
    """Some lines at one moment: four queries, and one more when something is to be measured again."""

    def __init__(
        self, days: Iterable[QueueDay], at: datetime, instant: revision.Instant | None = None
    ) -> None:
        """Read the lines `days` (with their queues) at the aware moment `at`, as configured at `instant`."""
        self.at = minute_of(at)
        self._days = list(days)
        self._instant = instant or revision.read()
        self._seen_elsewhere: dict[tuple[int, int | None], tuple[dict[int, float], dict[int, float]]] = {}
        keys = [day.pk for day in self._days]
        waiting = waiting_in(keys)
        first = self._first_places(keys)
        self._staffed = self._desks()
        self._coming = _coming(self._days)
        self._times = times_of([day.queue for day in self._days], self._instant)
        self.lines = {
            day.pk: Line(
                day,
                self._present(day, self._staffed[day.queue.agency_id]),
                waiting[day.pk],
                first.get(day.pk, {}),
            )
            for day in self._days
        }

    def people(self, line_id: int) -> int:
        """Return how many wait in a line."""
        return sum(self.lines[line_id].waiting.values())

    def staffed(self, agency_id: int) -> int:
        """Return at how many counters of an agency of these lines an officer is, those on a break too."""
        return len(self._staffed[agency_id])

    def place_of(self, ticket: Ticket) -> Place | None:
        """Return where a waiting number of these lines stands; None when it does not wait: one query."""
        line = self.lines[ticket.line_id]
        return place_of(ticket, line.day, line.waiting)

    def newcomer(self, line_id: int) -> Estimate | None:
        """Return the range for whoever takes a regular number now; None when nobody can say."""
        line = self.lines[line_id]
        own, others = line.counts(Lane.REGULAR), line.counts(Lane.EXPRESS)
        return _shown(
            self._forecast(line).range_of(self._ahead(line, Lane.REGULAR, own, others, self.at, None))
        )

    def range_of(self, ticket: Ticket, place: Place) -> Estimate | None:
        """Return the range for a waiting number at its place; None when nobody can say."""
        line = self.lines[ticket.line_id]
        return _shown(self._forecast(line).range_of(self._before(line, ticket, place)))

    def ranges_of(
        self, line_id: int, tickets: Iterable[Ticket], places: Mapping[int, Place]
    ) -> dict[int, Estimate | None]:
        """Return the ranges of waiting numbers of one line, in arrival order, by key: a lane in one sweep."""
        line = self.lines[line_id]
        lanes: dict[str, list[Ticket]] = defaultdict(list)
        for ticket in tickets:
            lanes[_lane(ticket.lane)].append(ticket)
        found = {}
        for waiting in lanes.values():
            aheads = [self._before(line, ticket, places[ticket.pk]) for ticket in waiting]
            ranges = self._forecast(line).lane(aheads)
            found.update({ticket.pk: _shown(one) for ticket, one in zip(waiting, ranges, strict=True)})
        return found

    def facts_of(self, ticket: Ticket, place: Place, *, is_trouble: bool) -> Facts:
        """Return what a change of the range is explained by."""
        line = self.lines[ticket.line_id]
        desks = self._staffed[line.day.queue.agency_id]
        away = sum(desk.away for desk in desks)
        return Facts(
            serving=len(desks) - away,
            away=away,
            is_trouble=is_trouble,
            ahead=place.ahead,
            express_ahead=place.others if _lane(ticket.lane) == Lane.REGULAR else 0,
            # Whoever waits no longer has been called, or has gone.
            calls=line.day.last_number - sum(line.waiting.values()),
        )

    def _forecast(self, line: Line) -> Forecast:
        return forecast_of(line.day.pk, line.present)

    def _before(self, line: Line, ticket: Ticket, place: Place) -> Ahead:
        minute = int(ticket.arrived_at.timestamp() // 60)
        lane, at = _lane(ticket.lane), minute_of(ticket.arrived_at)
        return self._ahead(line, lane, place.own, place.others_waiting, at, minute)

    def _ahead(
        self,
        line: Line,
        lane: str,
        own: Mapping[int, int],
        others: Mapping[int, int],
        place: float,
        minute: int | None,
    ) -> Ahead:
        other = Lane.REGULAR if lane == Lane.EXPRESS else Lane.EXPRESS
        elsewhere, later = self._elsewhere(line, minute)
        return Ahead(
            lane,
            own,
            others,
            elsewhere,
            later,
            place=place,
            first_place=line.first.get(lane, place),
            others_place=line.first.get(other, float("inf")),
        )

    def _elsewhere(self, line: Line, minute: int | None) -> tuple[dict[int, float], dict[int, float]]:
        """Return who of these counters' other lines is called before a place, and who waits there later."""
        key = line.day.pk, minute
        # Many places of a long line have the same minute.
        if key not in self._seen_elsewhere:
            self._seen_elsewhere[key] = self._look_elsewhere(line, minute)
        return self._seen_elsewhere[key]

    def _look_elsewhere(self, line: Line, minute: int | None) -> tuple[dict[int, float], dict[int, float]]:
        before: dict[int, float] = defaultdict(float)
        later: dict[int, float] = defaultdict(float)
        for other in self.lines.values():
            if other is line or other.day.queue.agency_id != line.day.queue.agency_id:
                continue
            after = [
                other.counts(lane, since=minute) if minute else {} for lane in (Lane.REGULAR, Lane.EXPRESS)
            ]
            seen = OtherLine(
                other.counts(Lane.REGULAR, before=minute),
                other.counts(Lane.EXPRESS, before=minute),
                sum(after[0].values()),
                sum(after[1].values()),
                rules.order_of(other.day.queue),
                rules.runs_of(other.day),
            )
            for service, people in called_first(seen).items():
                before[service] += people
            for counts in after:
                for service, people in counts.items():
                    later[service] += people
        return dict(before), dict(later)

    def _present(self, day: QueueDay, desks: tuple[Desk, ...]) -> Present:
        return Present(
            at=self.at,
            desks=desks,
            times=self._times[day.queue_id],
            rule=rules.order_of(day.queue),
            runs=rules.runs_of(day),
            coming=tuple(self._coming[day.queue_id]),
        )

    def _desks(self) -> dict[int, tuple[Desk, ...]]:
        agencies = {day.queue.agency_id for day in self._days}
        breaks = {agency: self._breaks(agency) for agency in agencies}
        desks: dict[int, list[Desk]] = defaultdict(list)
        rows = planned.ask(DESKS, [self._instant.day, list(agencies)])
        for agency, paused, service, called, started in rows:
            moment = started or called or paused
            desks[agency].append(
                Desk(
                    serving=service,
                    since=minute_of(moment) if moment else 0.0,
                    begun=started is not None,
                    away=paused is not None and service is None,
                    breaks=breaks[agency],
                )
            )
        return {agency: tuple(desks.get(agency, ())) for agency in agencies}

    def _breaks(self, agency_id: int) -> tuple[tuple[float, float], ...]:
        day = self._instant.day
        spans = schedule_at(self._instant).plan(day, agency_id).spans
        gaps = zip(spans, spans[1:], strict=False)
        pauses = [(_minute_on(day, one[1]), _minute_on(day, two[0])) for one, two in gaps]
        return tuple(pause for pause in pauses if pause[1] > self.at)

    def _first_places(self, keys: list[int]) -> dict[int, dict[str, float]]:
        first: dict[int, dict[str, float]] = defaultdict(dict)
        for head in heads_of(keys, all_lines=(), counter_id=None, depth=1):
            first[head.line_id][head.lane] = minute_of(head.arrived_at)
        return first


def hall_of(line: QueueDay, at: datetime, instant: revision.Instant | None = None) -> Hall:
    """Return the hall around one line (with its queue): all lines of its counters."""
    instant = instant or revision.read()
    agency = line.queue.agency_id
    queues = {key: queue for key, queue in roster_at(instant).queues.items() if queue.agency_id == agency}
    others = [key for key in queues if key != line.queue_id]
    days = [line]
    if others:
        rows = QueueDay.objects.filter(queue__in=others, date=line.date, block="").order_by("prefix")
        for row in rows:
            row.queue = queues[row.queue_id]
            days.append(row)
    return Hall(days, at, instant)


def hall_lately(line: QueueDay, at: datetime) -> Hall:
    """Return the same, a few seconds old at most: pages that open together share it while the line stands."""
    state = (line.version, revision.read().revision, int(at.timestamp()) // HALL_SECONDS)
    known = _halls.get(line.pk)
    if known is None or known[0] != state:
        if len(_halls) > MOST_KEPT:
            forget()
        known = _halls[line.pk] = state, hall_of(line, at)
    return known[1]


def _coming(days: Iterable[QueueDay]) -> dict[int, list[tuple[float, float]]]:
    """Return who has booked on these days (all of one date), by the key of the queue."""
    coming: dict[int, list[tuple[float, float]]] = defaultdict(list)
    dates = {day.queue_id: day.date for day in days if day.queue.takes_bookings}
    if not dates:
        return coming
    booked = Booking.objects.filter(slot__queue__in=dates, state=BookingState.BOOKED)
    rows = booked.filter(slot__starts_at__date=max(dates.values()))
    keeps = Habits().keeps
    for queue, start in rows.values_list("slot__queue", "slot__starts_at"):
        coming[queue].append((minute_of(start), keeps))
    return coming


def _shown(found: Range | None) -> Estimate | None:
    return Estimate(found.low, found.high) if found else None


def _lane(lane: str) -> str:
    # A named counter's numbers are few: to the estimate they are part of the regular lane.
    return Lane.EXPRESS if lane == Lane.EXPRESS else Lane.REGULAR


def minute_of(moment: datetime) -> float:
    """Return an aware moment as minutes after local midnight."""
    local = clock.local(moment)
    return local.hour * 60 + local.minute + local.second / 60


def _minute_on(day: date, local: datetime) -> float:
    return (local.date() - day).days * 1440 + local.hour * 60 + local.minute

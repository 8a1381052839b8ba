"""Every counter of today as a tile: who, since when, which number, and how long against the promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mpp.core import clock
from queueing.floor.facts import Facts
from queueing.in_hand import minutes_seconds, seconds_at_counter
from queueing.models import CounterMove, CounterSession, OfficerRequest, Queue, Ticket
from queueing.policy.floor import empty_since, minutes_late, missing
from services.enums import Openness
from tenants.models import Agency, Counter, User

SERVING, READY, PAUSED, EMPTY, SHUT = "serving", "ready", "paused", "empty", "shut"


@dataclass(frozen=True)
class Tile:
    """One counter. `state` is serving, ready, paused, empty (somebody should be there) or shut.

    `minutes` is how long it has been paused or empty; `promise` the promised minutes of the service;
    `goals` the lines it may be moved to, `people` who could open it.
    """

    counter: Counter
    agency: Agency
    state: str
    minutes: int = 0
    session: CounterSession | None = None
    ticket: Ticket | None = None
    seconds: int = 0
    promise: int | None = None
    move: CounterMove | None = None
    request: OfficerRequest | None = None
    goals: Sequence[Queue] = ()
    people: Sequence[User] = ()

    @property
    def elapsed(self) -> str:
        """Return the time spent with the number as "11.03"."""
        return minutes_seconds(self.seconds)

    @property
    def minutes_over(self) -> int:
        """Return the minutes past the promise; 0 within it, or while nobody has come yet."""
        if self.promise is None or self.ticket is None or self.ticket.started_at is None:
            return 0
        return max(0, self.seconds // 60 - self.promise)


@dataclass(frozen=True)
class Presence:
    """An agency's promised officers against those present; `late` minutes after opening the first came.

    `is_absent` when it is open and nobody has come yet; then `late` still grows.
    """

    agency: Agency
    promised: int
    present: int
    first: datetime | None
    late: int
    is_absent: bool

    @property
    def dots(self) -> str:
        """Return a filled dot for each officer present and an empty one for each who is missing."""
        most = max(self.promised, self.present)
        return "" if most > MOST_DOTS else "●" * self.present + "○" * (most - self.present)


MOST_DOTS = 6


def tiles_of(facts: Facts) -> list[Tile]:
    """Return the counters of all agencies of today, in the order of the hall."""
    tiles = [tile for agency in facts.agencies.values() for tile in _tiles_of_agency(facts, agency)]
    return sorted(tiles, key=lambda tile: (tile.counter.position, tile.counter.number))


def _tiles_of_agency(facts: Facts, agency: Agency) -> Iterator[Tile]:
    counters = facts.duties.get(agency.pk, ())
    empty = set(empty_counters(facts, agency))
    queues = [queue for queue in facts.roster.queues.values() if queue.agency_id == agency.pk]
    for counter in counters:
        session = facts.sessions.get(counter.pk)
        if session is not None and session.agency_id == agency.pk:
            yield _staffed(facts, agency, session, queues)
        else:
            since = _empty_since(facts, agency, counter) if counter.pk in empty else None
            yield Tile(
                counter,
                agency,
                EMPTY if since else SHUT,
                facts.minutes_since(since) if since else 0,
                request=facts.requests.get(counter.pk),
                people=facts.people.get(agency.pk, ()),
            )


def _staffed(facts: Facts, agency: Agency, session: CounterSession, queues: Sequence[Queue]) -> Tile:
    ticket = facts.tickets.get(session.pk)
    state, minutes = READY, 0
    if ticket is not None:
        state = SERVING
    elif session.paused_at is not None:
        state, minutes = PAUSED, facts.minutes_since(session.paused_at)
    move = facts.moves.get(session.counter_id)
    served = facts.named.get(session.counter_id, {})
    goals = [queue for queue in queues if set(served) != {queue.pk}] if len(queues) > 1 else []
    return Tile(
        session.counter,
        agency,
        state,
        minutes,
        session=session,
        ticket=ticket,
        seconds=seconds_at_counter(ticket, facts.at) if ticket else 0,
        promise=facts.promised_minutes.get(ticket.service_id) if ticket else None,
        move=move,
        request=facts.requests.get(session.counter_id),
        goals=goals,
    )


def empty_counters(facts: Facts, agency: Agency) -> list[int]:
    """Return the keys of the counters at which a promised officer is missing now, the longest empty first."""
    if facts.book.hours(agency.pk).state != Openness.OPEN or _opened(facts, agency) is None:
        return []
    counters = facts.duties.get(agency.pk, ())
    unstaffed = [counter for counter in counters if counter.pk not in facts.sessions]
    present = facts.attendance[agency.pk].present
    unstaffed.sort(key=lambda counter: _empty_since(facts, agency, counter) or facts.at)
    lacking = missing(facts.promised(agency), present, len(unstaffed))
    return [counter.pk for counter in unstaffed[:lacking]]


def _opened(facts: Facts, agency: Agency) -> datetime | None:
    """Return when the agency opened for the span that goes on; a day without hours begins with its first
    officer."""
    hours = facts.book.hours(agency.pk)
    plan = facts.book.plan(facts.instant.day, agency.pk, None)
    if plan.is_whole_day or hours.since is None:
        return facts.attendance[agency.pk].first
    return clock.aware(hours.since)


def _empty_since(facts: Facts, agency: Agency, counter: Counter) -> datetime | None:
    opened = _opened(facts, agency)
    return empty_since(opened, facts.closed.get(counter.pk)) if opened else None


def presences_of(facts: Facts) -> list[Presence]:
    """Return each agency of today with a promise or with counters, in its order."""
    rows = [_presence(facts, agency) for agency in facts.agencies.values()]
    return [row for row in rows if row.promised or row.present]


def _presence(facts: Facts, agency: Agency) -> Presence:
    attendance, plan = facts.attendance[agency.pk], facts.book.plan(facts.instant.day, agency.pk, None)
    promised, late, is_absent = facts.promised(agency), 0, False
    if plan.opens is not None and not plan.is_whole_day:
        opens = clock.aware(plan.opens)
        is_absent = attendance.first is None and bool(promised) and opens < facts.at
        if attendance.first or is_absent:
            late = minutes_late(opens, attendance.first or facts.at)
    return Presence(agency, promised, attendance.present, attendance.first, late, is_absent)

"""Where a waiting number stands: how many are called before it, from sums over minutes, not over people."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from mpp.core import planned
from queueing import rules
from queueing.enums import Lane, TicketState
from queueing.models import QueueDay, Ticket
from queueing.policy import others_before

# How many wait, by lane, service and minute of arrival.
Waiting = Mapping[tuple[str, int, int], int]

# Who waits in some lines: one row for each lane, service and minute of arrival.
WAITING = """
SELECT line_id, lane, service_id, minute, sum(waiting) FROM queueing_waitingblock
WHERE line_id = ANY(%s) AND waiting > 0 GROUP BY 1, 2, 3, 4
"""
# Those of the same minute that came before it.
SAME_MINUTE = """
SELECT service_id, count(*) FROM queueing_ticket
WHERE line_id = %s AND lane = %s AND state = 'WAITING'
  AND arrived_at >= to_timestamp(%s) AND (arrived_at, id) < (%s, %s) GROUP BY 1
"""
# Both of one line at once; those of the same minute have no lane.
AROUND = f"""
SELECT lane, service_id, minute, waiting FROM ({WAITING}) AS sums(line, lane, service_id, minute, waiting)
UNION ALL SELECT NULL, service_id, NULL, count FROM ({SAME_MINUTE}) AS minute(service_id, count)
"""  # noqa: S608  our own statements


@dataclass(frozen=True)
class Place:
    """A place in a line.

    `ahead` numbers are called before it as things stand: `own` of its lane by service, and `others` of
    the other lane, of whom `others_waiting` wait by service.
    """

    ahead: int
    own: dict[int, int]
    others: int
    others_waiting: dict[int, int]


def waiting_in(line_ids: Sequence[int]) -> Mapping[int, Waiting]:
    """Return how many wait in each of these lines, by key: one query, however many wait."""
    found: dict[int, dict[tuple[str, int, int], int]] = {key: {} for key in line_ids}
    for line, lane, service, minute, people in planned.ask(WAITING, [list(line_ids)]):
        found[line][lane, service, minute] = int(people)
    return found


def place_of(ticket: Ticket, line: QueueDay, waiting: Waiting | None = None) -> Place | None:
    """Return where a waiting number of `line` stands; None when it does not wait.

    One query however many wait, also when it is known who is `waiting` in the line.
    """
    if ticket.state != TicketState.WAITING:
        return None
    its_minute = int(ticket.arrived_at.timestamp() // 60)
    earlier: list[Any] = [line.pk, ticket.lane, its_minute * 60, ticket.arrived_at, ticket.pk]
    own: Tally[int] = Tally()
    if waiting is None:
        rows = planned.ask(AROUND, [[line.pk], *earlier])
        waiting = {(lane, service, minute): int(people) for lane, service, minute, people in rows if lane}
        own.update({service: int(people) for lane, service, _minute, people in rows if lane is None})
    else:
        own.update(dict(planned.ask(SAME_MINUTE, earlier)))
    others: Tally[int] = Tally()
    for (lane, service, minute), people in waiting.items():
        if not _same_lane(lane, ticket.lane):
            others[service] += people
        elif minute < its_minute:
            own[service] += people
    return _place(ticket.lane, line, own, others)


def _same_lane(one: str, other: str) -> bool:
    # A named counter's numbers are few and old: to everyone else they are part of the regular lane.
    return (one == Lane.EXPRESS) == (other == Lane.EXPRESS)


def _place(lane: str, line: QueueDay, own: Tally[int], others: Tally[int]) -> Place:
    lane = Lane.EXPRESS if lane == Lane.EXPRESS else Lane.REGULAR
    before = others_before(
        lane, own.total(), runs=rules.runs_of(line), rule=rules.order_of(line.queue), others=others.total()
    )
    return Place(own.total() + before, dict(+own), before, dict(+others))


def places_in(line: QueueDay, rows: Iterable[tuple[int, str, int]], wanted: Set[int]) -> dict[int, Place]:
    """Return the places of the numbers `wanted`; `rows` are all who wait in the line, in arrival order,
    as (key, lane, service)."""
    rows = list(rows)
    totals = {True: Tally[int](), False: Tally[int]()}
    for _key, lane, service in rows:
        totals[lane == Lane.EXPRESS][service] += 1
    seen = {True: Tally[int](), False: Tally[int]()}
    places = {}
    for key, lane, service in rows:
        is_express = lane == Lane.EXPRESS
        if key in wanted:
            places[key] = _place(lane, line, seen[is_express], totals[not is_express])
        seen[is_express][service] += 1
    return places

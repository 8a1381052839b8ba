"""Where a waiting number stands: how many are called before it, from sums over minutes, not over people."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Set
from dataclasses import dataclass

from django.db import connection

from queueing import rules
from queueing.enums import Lane, TicketState
from queueing.models import QueueDay, Ticket
from queueing.policy import others_before

# One row for each lane and service: all who wait, and those of earlier minutes.
BLOCKS = """
SELECT lane, service_id, sum(waiting), coalesce(sum(waiting) FILTER (WHERE minute < %s), 0)
FROM queueing_waitingblock WHERE line_id = %s AND waiting > 0 GROUP BY 1, 2
"""
# Those of the same minute that came before it.
SAME_MINUTE = """
SELECT service_id, count(*) FROM queueing_ticket
WHERE line_id = %s AND lane = %s AND state = 'WAITING'
  AND arrived_at >= to_timestamp(%s) AND (arrived_at, id) < (%s, %s) GROUP BY 1
"""


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


def place_of(ticket: Ticket, line: QueueDay | None = None) -> Place | None:
    """Return where a waiting number stands, in two queries however many wait; None when it does not wait."""
    if ticket.state != TicketState.WAITING:
        return None
    line = line or QueueDay.objects.select_related("queue").get(pk=ticket.line_id)
    minute = int(ticket.arrived_at.timestamp() // 60)
    own: Tally[int] = Tally()
    others: Tally[int] = Tally()
    with connection.cursor() as cursor:
        cursor.execute(BLOCKS, [minute, line.pk])
        for lane, service, everyone, earlier in cursor.fetchall():
            if _same_lane(lane, ticket.lane):
                own[service] += earlier
            else:
                others[service] += everyone
        cursor.execute(SAME_MINUTE, [line.pk, ticket.lane, minute * 60, ticket.arrived_at, ticket.pk])
        own.update(dict(cursor.fetchall()))
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

"""Whether one who missed the call may stand in the line again, until when, and at which place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from queueing.enums import Lane, TicketState
from queueing.models import Ticket


@dataclass(frozen=True)
class Reentry:
    """The way back: until when (aware), and how many who wait now are called first in its lane."""

    until: datetime
    behind: int


def reentry_of(ticket: Ticket, at: datetime) -> Reentry | None:
    """Return the way back of a missed number (with `line__queue` joined) at `at`; None when there is none.

    The rule is that of actions.re_enter.
    """
    if ticket.state != TicketState.NO_SHOW or ticket.reentries or ticket.ended_at is None:
        return None
    queue = ticket.line.queue
    until = ticket.ended_at + timedelta(minutes=queue.reentry_minutes)
    if at > until:
        return None
    lane = ticket.lane
    if lane == Lane.COUNTER:
        lane = Lane.EXPRESS if ticket.priority else Lane.REGULAR
    waiting = Ticket.objects.waiting().filter(line=ticket.line_id, lane=lane)
    return Reentry(until, waiting[: queue.reentry_after].count() if queue.reentry_after else 0)

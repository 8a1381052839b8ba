"""Who may take another place: after a missed call, for want of time, or at a booked time; and which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from queueing import workflow
from queueing.bookings import queue_of
from queueing.enums import Lane, Step, TicketState
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


def may_step_back(ticket: Ticket) -> bool:
    """Tell whether a number (with `line__queue` joined) may let others go first.

    The rule is that of actions.step_back.
    """
    is_in_line = ticket.state == TicketState.WAITING and ticket.lane != Lane.COUNTER
    return is_in_line and not ticket.steps_back and ticket.line.queue.step_back_after > 0


def may_change_lane(ticket: Ticket) -> bool:
    """Tell whether the holder of a number may ask to go first, or take that back.

    The rule is that of actions.go_first and actions.go_in_turn.
    """
    return ticket.state == TicketState.WAITING and (ticket.lane != Lane.COUNTER or bool(ticket.priority))


def may_postpone(ticket: Ticket) -> bool:
    """Tell whether the holder of a number may move it to a booked time of its service.

    The rule is that of actions.postpone.
    """
    queue = queue_of(ticket.service)
    stays = queue is not None and queue.pk == ticket.line.queue_id
    return stays and Step.CANCEL in workflow.TICKET.available(ticket.state)


def passing(ticket: Ticket) -> int:
    """Return how many would go before a waiting number that steps back now."""
    return Ticket.objects.behind(ticket)[: ticket.line.queue.step_back_after].count()

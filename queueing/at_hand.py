"""Related rows of a number that are already there: locked, or in memory. The rest Django reads when asked."""

from __future__ import annotations

from collections.abc import Iterable

from mpp.core import revision
from queueing.models import CounterSession, QueueDay, Ticket
from queueing.roster import roster_at
from services import shelf


def with_queues(days: Iterable[QueueDay], instant: revision.Instant) -> list[QueueDay]:
    """Give each row of a day its queue from memory; one out of use is read when asked for."""
    queues = roster_at(instant).queues
    days = list(days)
    for day in days:
        if queue := queues.get(day.queue_id):
            day.queue = queue
    return days


def dressed(
    ticket: Ticket,
    days: Iterable[QueueDay],
    instant: revision.Instant,
    session: CounterSession | None = None,
) -> Ticket:
    """Give a number its line, its service and its counter session, as far as they are at hand.

    The wide join that a page wants would cost more than the act itself.
    """
    for day in days:
        if day.pk == ticket.line_id:
            ticket.line = day
        if day.pk == ticket.queue_day_id:
            ticket.queue_day = day
    if service := shelf.services_at(instant).get(ticket.service_id):
        ticket.service = service
    if session is not None and session.pk == ticket.session_id:
        ticket.session = session
    return ticket


def session_at_hand(ticket: Ticket) -> CounterSession | None:
    """Return the counter session of a number when it has been read already."""
    return ticket.session if Ticket.session.is_cached(ticket) else None

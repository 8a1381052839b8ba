"""What the API says of one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mpp.core import clock
from queueing.enums import AT_COUNTER, TicketState
from queueing.models import CounterSession, QueueDay, Ticket
from queueing.policy import Standing, call_order, estimate


@dataclass(frozen=True)
class Wait:
    """The range until the call; None while no counter serves the line, and once it is called."""

    low_minutes: int | None = None
    high_minutes: int | None = None


@dataclass(frozen=True)
class Number:
    """A number at one moment."""

    number: str
    token: str
    state: str
    service: str
    queue: str
    ahead: int
    estimate: Wait
    counter: str | None
    calls: int
    time: datetime
    priority: str


def number_of(ticket: Ticket) -> Number:
    """Return what is to be said of `ticket` now; which part of it, the serializer chooses.

    The same figures as queueing.live.ticket_state, which reads whole numbers for all who watch a
    line; here one is asked for, and issuing must stay quick with hundreds waiting.
    """
    line = QueueDay.objects.select_related("queue").get(pk=ticket.line_id)
    ahead, wait = _place(ticket, line) if ticket.state == TicketState.WAITING else (0, Wait())
    return Number(
        number=ticket.label,
        token=ticket.token,
        state=ticket.state,
        service=ticket.service.slug,
        queue=line.queue.code,
        ahead=ahead,
        estimate=wait,
        counter=_counter(ticket),
        calls=ticket.calls,
        time=clock.now(),
        priority=ticket.priority,
    )


def _place(ticket: Ticket, line: QueueDay) -> tuple[int, Wait]:
    """Return how many are called before a waiting number, and the range until its turn."""
    waiting = Ticket.objects.waiting().filter(line=line)
    columns = waiting.values_list("pk", "arrived_at", "priority", "service__minutes")
    standings = [Standing(key, at, bool(priority), minutes) for key, at, priority, minutes in columns]
    order = call_order(standings, since_priority=line.since_priority, ratio=line.queue.priority_ratio)
    before = order[: next((place for place, one in enumerate(order) if one.key == ticket.pk), 0)]
    counters = CounterSession.objects.open().filter(agency=line.queue.agency_id).count()
    guess = estimate(sum(one.minutes for one in before), counters)
    return len(before), Wait(guess.low_minutes, guess.high_minutes) if guess else Wait()


def _counter(ticket: Ticket) -> str | None:
    if ticket.session is None or ticket.state not in AT_COUNTER | {TicketState.HELD}:
        return None
    return ticket.session.counter.number

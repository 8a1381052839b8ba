"""What the API says of one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mpp.core import clock, revision
from queueing.enums import AT_COUNTER, TicketState
from queueing.models import QueueDay, Ticket
from queueing.waits import hall_of


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


def number_of(ticket: Ticket, at: datetime | None = None) -> Number:
    """Return what is to be said of `ticket` now; which part of it, the serializer chooses.

    `at` is the moment at which it was just changed. The same figures as queueing.live.ticket_state.
    """
    line = ticket.line
    at = at or clock.now()
    ahead, wait = _place(ticket, line, at) if ticket.state == TicketState.WAITING else (0, Wait())
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
        time=at,
        priority=ticket.priority,
    )


def _place(ticket: Ticket, line: QueueDay, at: datetime) -> tuple[int, Wait]:
    """Return how many are called before a waiting number, and the range until its turn."""
    hall = hall_of(line, at, revision.at_entry())
    place = hall.place_of(ticket)
    if place is None:
        return 0, Wait()
    guess = hall.range_of(ticket, place)
    return place.ahead, Wait(guess.low_minutes, guess.high_minutes) if guess else Wait()


def _counter(ticket: Ticket) -> str | None:
    if ticket.session is None or ticket.state not in AT_COUNTER | {TicketState.HELD}:
        return None
    return ticket.session.counter.number

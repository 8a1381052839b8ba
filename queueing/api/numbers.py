"""What the API says of one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mpp.core import clock
from queueing.live import ticket_state
from queueing.models import Ticket


@dataclass(frozen=True)
class Wait:
    """The range until the call; None while no counter serves the line."""

    low_minutes: int | None
    high_minutes: int | None


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
    """Return what is to be said of `ticket` now; which part of it, the serializer chooses."""
    at = clock.now()
    with clock.frozen(at):
        state = ticket_state(ticket)
    return Number(
        number=state["label"],
        token=ticket.token,
        state=state["state"],
        service=ticket.service.slug,
        queue=ticket.line.queue.code,
        ahead=state["ahead"],
        estimate=Wait(state["low_minutes"], state["high_minutes"]),
        counter=state["counter"] or None,
        calls=state["calls"],
        time=at,
        priority=ticket.priority,
    )

"""What every step of a number leaves behind: an event, a new version, a hint."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mpp.live import hints
from queueing.enums import Step
from queueing.models import CounterSession, QueueDay, Ticket, TicketEvent
from tenants.models import User


def record(
    ticket: Ticket,
    step: Step,
    *,
    source: str,
    at: datetime,
    by: User | None,
    session: CounterSession | None = None,
    reason: str = "",
    request_key: str | None = None,
) -> TicketEvent:
    """Append the event of one step; `source` is the state before it ("" for a new number)."""
    return TicketEvent.objects.create(
        ticket=ticket,
        step=step,
        source=source,
        target=ticket.state,
        at=at,
        actor=by,
        session=session,
        line=ticket.line,
        reason=reason,
        request_key=request_key,
    )


def publish(days: Iterable[QueueDay], *also_changed: str) -> None:
    """Raise the version of each locked line, save what else changed on it, and hint after the commit."""
    versions = {}
    for day in days:
        day.version += 1
        day.save(update_fields=["version", *also_changed])
        versions[day.pk] = day.version
    hints.after_commit(versions)

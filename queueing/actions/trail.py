"""What every act leaves behind: one event per step, and a new version of each line it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mpp.live import hints
from queueing import workflow
from queueing.enums import Step
from queueing.models import CounterSession, QueueDay, Ticket, TicketEvent
from tenants.models import User


def move(
    ticket: Ticket,
    step: Step,
    *,
    at: datetime,
    by: User | None,
    session: CounterSession | None,
    changes: Mapping[str, object],
    **told: Any,
) -> TicketEvent:
    """Take one step of the table on a ticket whose line is locked, with its columns, and record it.

    `told` goes into the event: reason, passed, detail, request_key. Raises `Refusal` (409) for a step
    that does not start in the ticket's state.
    """
    source = ticket.state
    ticket.state = workflow.TICKET.check(step, source).target
    for name, value in changes.items():
        setattr(ticket, name, value)
    ticket.save(update_fields=["state", *changes])
    return record(ticket, step, source=source, at=at, by=by, session=session, **told)


def record(
    ticket: Ticket,
    step: Step,
    *,
    source: str,
    at: datetime,
    by: User | None,
    session: CounterSession | None = None,
    **told: Any,
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
        line_id=ticket.line_id,
        **told,
    )


def publish(days: Iterable[QueueDay], *also_changed: str) -> None:
    """Raise the version of each locked line, save what else changed on it, and hint after the commit."""
    versions = {}
    for day in days:
        day.version += 1
        day.save(update_fields=["version", *also_changed])
        versions[day.pk] = day.version
    hints.after_commit(versions)

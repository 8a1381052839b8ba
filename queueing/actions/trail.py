"""What every act leaves behind: one event per step, and a new version of each line it changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mpp.core import planned
from mpp.live import hints
from queueing import workflow
from queueing.enums import Step
from queueing.models import CounterSession, QueueDay, Ticket, TicketEvent
from tenants.models import User

STEP = """
WITH moved AS (UPDATE queueing_ticket SET {changes} WHERE id = %(ticket)s)
INSERT INTO queueing_ticketevent (
    ticket_id, step, source, target, at, actor_id, session_id, line_id, reason, passed, detail, request_key
)
VALUES (
    %(ticket)s, %(step)s, %(source)s, %(target)s, %(at)s, %(actor)s, %(session)s, %(line)s, %(reason)s,
    %(passed)s::bigint[], %(detail)s::jsonb, %(request_key)s
) RETURNING id
"""
COLUMNS = {field.name: (str(field.column), field.attname) for field in Ticket._meta.concrete_fields}


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
    event = TicketEvent(
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
    _write(ticket, ["state", *changes], event)
    return event


def _write(ticket: Ticket, names: Iterable[str], event: TicketEvent) -> None:
    """Write these fields of the number and its event: one statement, for its line is locked meanwhile."""
    changed = {column: getattr(ticket, key) for column, key in map(COLUMNS.__getitem__, names)}
    told: dict[str, Any] = {
        "ticket": ticket.pk,
        "step": event.step,
        "source": event.source,
        "target": event.target,
        "at": event.at,
        "actor": event.actor_id,
        "session": event.session_id,
        "line": event.line_id,
        "reason": event.reason,
        "passed": event.passed,
        "detail": json.dumps(event.detail),
        "request_key": event.request_key,
    }
    changes = ", ".join(f"{column} = %({column})s" for column in changed)
    [(event.pk,)] = planned.ask(STEP.format(changes=changes), changed | told)
    event._state.adding = False


def publish(days: Iterable[QueueDay], *also_changed: str) -> None:
    """Raise the version of each locked line, save what else changed on it, and hint after the commit."""
    versions = {}
    for day in days:
        day.version += 1
        day.save(update_fields=["version", *also_changed])
        versions[day.pk] = day.version
    hints.after_commit(versions)

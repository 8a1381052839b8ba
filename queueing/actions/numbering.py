"""Writing a number: one statement, so that the line is locked for as short as it can be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mpp.core import clock, planned, tokens
from mpp.live import hints
from queueing import persons
from queueing.enums import Lane, Step, TicketState
from queueing.models import QueueDay, Share, Ticket, Visit
from services.models import Service
from tenants.models import User

# All hot lines wait for this: number, trail and version cost one round trip instead of three.
# The moment is read here, under the lock: the order of arrival is the order of numbers.
WRITE = """
WITH numbered AS (
    UPDATE queueing_queueday SET last_number = %(number)s, version = version + 1
    WHERE id = %(line)s
    RETURNING id, version, coalesce(%(at)s::timestamptz, clock_timestamp()) AS moment
), written AS (
    INSERT INTO queueing_ticket (
        queue_day_id, line_id, number, service_id, state, channel, priority, lane, share_id, visit_id,
        phone, is_told, person, person_slot, nonce, token_digest, request_key, calls, issued_at, arrived_at,
        outcome, outcome_note, reentries, carried_from_id
    )
    SELECT id, id, %(number)s, %(service)s, %(state)s, %(channel)s, %(priority)s, %(lane)s, %(share)s,
        %(visit)s, %(phone)s, %(is_told)s, %(person)s, %(person_slot)s, %(nonce)s, %(digest)s,
        %(request_key)s, 0, moment, coalesce(%(arrived_at)s::timestamptz, moment), '', '', 0,
        %(carried_from)s
    FROM numbered
    RETURNING id, issued_at, arrived_at
), told AS (
    INSERT INTO queueing_ticketevent (
        ticket_id, step, source, target, at, actor_id, line_id, reason, passed, detail
    )
    SELECT id, %(step)s, '', %(state)s, issued_at, %(actor)s, %(line)s, '', '{}', %(detail)s::jsonb
    FROM written
)
SELECT written.id, issued_at, arrived_at, version FROM written, numbered
"""


@dataclass(frozen=True)
class Wish:
    """What somebody wants; `person` is a digest (queueing.persons) or empty, `way` how to be told."""

    service: Service
    channel: str
    priority: str
    phone: str
    person: str
    visit: Visit | None
    request_key: str | None
    way: str = ""


def write_number(
    day: QueueDay,
    wish: Wish,
    *,
    by: User | None,
    at: datetime | None = None,
    arrived_at: datetime | None = None,
    share: Share | None = None,
    lane: Lane | None = None,
    carried_from: Ticket | None = None,
    detail: dict[str, object] | None = None,
) -> Ticket:
    """Write the next number of the locked line `day`, with its event and the line's new version.

    `at` is the aware moment when it has been read under the lock already, `arrived_at` the place when
    it is not that moment. Raises `Refusal` (409) when this person holds too many.
    """
    nonce = tokens.new_nonce()
    ticket = Ticket(
        queue_day=day,
        line=day,
        number=day.last_number + 1,
        service=wish.service,
        state=TicketState.WAITING,
        channel=wish.channel,
        priority=wish.priority,
        lane=lane or (Lane.EXPRESS if wish.priority else Lane.REGULAR),
        share=share,
        visit=wish.visit,
        phone=wish.phone,
        is_told=bool(wish.phone) or bool(carried_from and carried_from.is_told),
        person=wish.person,
        person_slot=persons.free_slot(wish.person, wish.service.pk),
        nonce=nonce,
        token_digest=tokens.digest(tokens.derived("ticket", nonce)),
        request_key=wish.request_key,
        carried_from=carried_from,
    )
    [row] = planned.ask(WRITE, _values(ticket, by, at or clock.frozen_at(), arrived_at, detail or {}))
    ticket.pk, ticket.issued_at, ticket.arrived_at, day.version = row
    ticket._state.adding = False
    day.last_number = ticket.number
    hints.after_commit({day.pk: day.version})
    return ticket


def _values(
    ticket: Ticket,
    by: User | None,
    at: datetime | None,
    arrived_at: datetime | None,
    detail: dict[str, object],
) -> dict[str, Any]:
    return {
        "line": ticket.line_id,
        "number": ticket.number,
        "service": ticket.service_id,
        "state": ticket.state,
        "channel": ticket.channel,
        "priority": ticket.priority,
        "lane": ticket.lane,
        "share": ticket.share_id,
        "visit": ticket.visit_id,
        "phone": ticket.phone,
        "is_told": ticket.is_told,
        "person": ticket.person,
        "person_slot": ticket.person_slot,
        "nonce": ticket.nonce,
        "digest": ticket.token_digest,
        "request_key": ticket.request_key,
        "carried_from": ticket.carried_from_id,
        "at": at,
        "arrived_at": arrived_at,
        "step": Step.ISSUE,
        "actor": by.pk if by else None,
        "detail": json.dumps(detail),
    }

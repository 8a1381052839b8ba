"""Calling, serving and finishing numbers at a counter.

Each act locks the line first (docs/queue-protocol.md), reads the number again under that lock,
checks the edge in workflow.py, and leaves an event.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing import notifications, policy, workflow
from queueing.actions import lines, trail
from queueing.enums import Priority, Step, TicketState
from queueing.models import CounterSession, Queue, QueueDay, Ticket, TicketEvent
from tenants.models import Agency, User


def call_next(*, session: CounterSession, by: User, request_key: str | None = None) -> Ticket | None:
    """Call the next number of the session's agency to its counter; None when nobody waits.

    A number being served there is recorded as finished first; one that is called but not started
    refuses (409). The same `request_key` returns the same number.
    """
    if request_key and (earlier := _called_before(request_key, session)):
        return earlier
    try:
        with locks.transaction_of_one_act(), refused_by(Ticket):
            days = locks.hold(QueueDay, lines.ids_of(session.agency_id, session.date))
            if lines.lock_open_session(session.pk) is None:
                raise Refusal(
                    "counter_closed", _("Loket ini sudah ditutup. Buka loket lagi untuk memanggil.")
                )
            if request_key and (earlier := _called_before(request_key, session)):
                return earlier
            return _call(days, session, by, request_key)
    except IntegrityError:
        if request_key and (earlier := _called_before(request_key, session)):
            return earlier
        raise


def _called_before(request_key: str, session: CounterSession) -> Ticket | None:
    event = TicketEvent.objects.select_related("ticket").filter(request_key=request_key).first()
    if event is None:
        return None
    if event.session_id != session.pk:
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai di loket lain."), status=422)
    return Ticket.objects.with_labels().get(pk=event.ticket_id)


def _call(days: list[QueueDay], session: CounterSession, by: User, request_key: str | None) -> Ticket | None:
    choice = _choose(days)
    if choice is None:
        return None
    at = clock.now()
    changed = {choice.day.pk: choice.day}
    if serving := Ticket.objects.at_counter().with_labels().filter(session=session).first():
        if serving.state == TicketState.CALLED:
            message = _("Mulai atau tandai %(number)s tidak hadir dulu.") % {"number": serving.label}
            raise Refusal("number_at_counter", message, number=serving.label)
        _move(serving, Step.FINISH, at=at, by=by, session=session, changes={"ended_at": at})
        for day in days:
            if day.pk == serving.line_id:
                changed[day.pk] = day
    ticket = choice.ticket
    choice.day.since_priority = 0 if ticket.priority else choice.day.since_priority + 1
    changes = {"session": session, "called_at": at, "calls": 1}
    _move(ticket, Step.CALL, at=at, by=by, session=session, changes=changes, request_key=request_key)
    trail.publish(changed.values(), "since_priority")
    notifications.ticket_called(ticket, session)
    return ticket


@dataclass(frozen=True)
class Choice:
    """The number to call and the locked line it stands in."""

    ticket: Ticket
    day: QueueDay


def _choose(days: list[QueueDay]) -> Choice | None:
    """Return the number whose turn it is: in each line by its rule, between lines by arrival."""
    ratios = dict(Queue.objects.filter(days__in=days).values_list("pk", "priority_ratio"))
    heads = [choice for day in days if (choice := _head_of(day, ratios[day.queue_id]))]
    return min(heads, key=lambda choice: (choice.ticket.arrived_at, choice.ticket.pk), default=None)


def _head_of(day: QueueDay, ratio: int) -> Choice | None:
    waiting = Ticket.objects.waiting().with_labels().filter(line=day).in_arrival_order()
    regular = waiting.filter(priority=Priority.NONE).first()
    priority = waiting.exclude(priority=Priority.NONE).first()
    first = policy.priority_is_next(
        regular=bool(regular), priority=bool(priority), since_priority=day.since_priority, ratio=ratio
    )
    ticket = priority if first else regular
    return Choice(ticket, day) if ticket else None


def _move(
    ticket: Ticket,
    step: Step,
    *,
    at: datetime,
    by: User | None,
    session: CounterSession | None,
    changes: Mapping[str, object],
    reason: str = "",
    request_key: str | None = None,
) -> None:
    """Take one step of the table on a ticket whose line is locked, with its columns, and record it."""
    source = ticket.state
    ticket.state = workflow.TICKET.check(step, source).target
    for name, value in changes.items():
        setattr(ticket, name, value)
    ticket.save(update_fields=["state", *changes])
    trail.record(
        ticket, step, source=source, at=at, by=by, session=session, reason=reason, request_key=request_key
    )


@contextlib.contextmanager
def _locked(ticket: Ticket, *other_lines: int) -> Iterator[tuple[Ticket, list[QueueDay]]]:
    """Lock the ticket's line (and others) and yield the ticket as it is under that lock."""
    with locks.transaction_of_one_act(), refused_by(Ticket):
        days = locks.hold(QueueDay, [ticket.line_id, *other_lines])
        fresh = Ticket.objects.with_labels().select_related("line").get(pk=ticket.pk)
        # Someone else was faster: the number now belongs to another line or another counter.
        if (fresh.line_id, fresh.session_id) != (ticket.line_id, ticket.session_id):
            raise Refusal("moved", _("Nomor ini baru saja berpindah. Muat ulang halaman."))
        yield fresh, days


def _step(
    ticket: Ticket,
    step: Step,
    *,
    by: User | None,
    reason: str = "",
    stamp: str = "",
    changes: Mapping[str, object] = MappingProxyType({}),
) -> Ticket:
    """Take one step under the line's lock; `stamp` names the column that gets the moment."""
    with _locked(ticket) as (fresh, days):
        at = clock.now()
        stamped = {**changes, stamp: at} if stamp else changes
        _move(fresh, step, at=at, by=by, session=fresh.session, changes=stamped, reason=reason)
        trail.publish(days)
    return fresh


def recall(*, ticket: Ticket, by: User) -> Ticket:
    """Call a called number once more: a new announcement."""
    with _locked(ticket) as (fresh, days):
        at = clock.now()
        changes = {"called_at": at, "calls": fresh.calls + 1}
        _move(fresh, Step.RECALL, at=at, by=by, session=fresh.session, changes=changes)
        trail.publish(days)
    return fresh


def start(*, ticket: Ticket, by: User) -> Ticket:
    """The person has come: serving begins."""
    return _step(ticket, Step.START, by=by, stamp="started_at")


def finish(*, ticket: Ticket, by: User) -> Ticket:
    """Serving is over."""
    return _step(ticket, Step.FINISH, by=by, stamp="ended_at")


def mark_no_show(*, ticket: Ticket, by: User) -> Ticket:
    """Nobody came after the call."""
    return _step(ticket, Step.NO_SHOW, by=by, stamp="ended_at")


def hold(*, ticket: Ticket, by: User, reason: str = "") -> Ticket:
    """Put a number being served aside; its counter may call another."""
    return _step(ticket, Step.HOLD, by=by, reason=reason)


def resume(*, ticket: Ticket, by: User) -> Ticket:
    """Go on serving a number that was put aside; refused while another is at the counter."""
    return _step(ticket, Step.RESUME, by=by)


def requeue(*, ticket: Ticket, by: User, reason: str) -> Ticket:
    """Take a call back: the number waits again at its old place."""
    changes = {"session": None, "called_at": None, "calls": 0}
    return _step(ticket, Step.REQUEUE, by=by, reason=reason, changes=changes)


def cancel(*, ticket: Ticket, by: User | None = None, reason: str = "") -> Ticket:
    """Give a number back; `by` None is its holder."""
    return _step(ticket, Step.CANCEL, by=by, reason=reason, stamp="ended_at")


def transfer(*, ticket: Ticket, to: Queue, by: User, reason: str = "") -> Ticket:
    """Send a number to another line; it keeps its number, its history and its time of arrival.

    Raises `Refusal` (409) for the same line, a line out of use, or an agency that may not serve today.
    """
    today = ticket.queue_day.date
    if not to.is_active or not Agency.objects.serving_on(today).filter(pk=to.agency_id).exists():
        raise Refusal("line_closed", _("Antrean itu tidak melayani hari ini. Pilih antrean lain."))
    target = lines.day_of(to.pk, today)
    if target.pk == ticket.line_id:
        raise Refusal("same_line", _("Nomor ini sudah berada di antrean itu."))
    with _locked(ticket, target.pk) as (fresh, days):
        changes = {"line": target, "session": None, "called_at": None, "started_at": None, "calls": 0}
        _move(
            fresh, Step.TRANSFER, at=clock.now(), by=by, session=fresh.session, changes=changes, reason=reason
        )
        trail.publish(days)
    return fresh


def expire(*, ticket: Ticket) -> Ticket:
    """Close a number that its day left open."""
    return _step(ticket, Step.EXPIRE, by=None, stamp="ended_at")

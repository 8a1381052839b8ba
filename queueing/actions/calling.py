"""Calling numbers to a counter: the next one, a certain one with a reason, and again.

Each act locks the lines first (docs/queue-protocol.md), reads the number again under that lock,
checks the edge in workflow.py, and leaves an event.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import NotFound, Refusal
from queueing import notifications, rules
from queueing.actions import lines, trail, visits
from queueing.actions.serving import locked
from queueing.choosing import choose
from queueing.enums import Outcome, Step, TicketState
from queueing.models import CounterSession, QueueDay, Ticket, TicketEvent
from tenants.models import User


def call_next(*, session: CounterSession, by: User, request_key: str | None = None) -> Ticket | None:
    """Call the next number of the session's lines to its counter; None when nobody waits.

    A number being served there is recorded as finished first; one that is called but not started
    refuses (409). The same `request_key` returns the same number.
    """
    return _call_once(session, by, request_key, None, "")


def call_number(
    *, session: CounterSession, ticket: Ticket, by: User, reason: str, request_key: str | None = None
) -> Ticket:
    """Call a certain waiting number out of its turn; the reason is shown in the public report.

    Raises `Refusal` (400) without a reason, (409) when it no longer waits in a line of this agency.
    """
    reason = reason.strip()
    if not reason:
        raise Refusal("reason_needed", _("Tulis alasan memanggil di luar urutan."), status=400)
    called = _call_once(session, by, request_key, ticket, reason)
    if called is None:
        raise NotFound
    return called


def _call_once(
    session: CounterSession, by: User, request_key: str | None, wanted: Ticket | None, reason: str
) -> Ticket | None:
    if request_key and (earlier := _called_before(request_key, session)):
        return earlier
    try:
        with locks.transaction_of_one_act(), refused_by(Ticket):
            days = locks.hold(lines.rows_of_agency(session.agency_id, session.date))
            _require_open(lines.lock_open_session(session.pk))
            if request_key and (earlier := _called_before(request_key, session)):
                return earlier
            return _call(days, session, by, request_key, wanted, reason)
    except IntegrityError:
        if request_key and (earlier := _called_before(request_key, session)):
            return earlier
        raise


def _require_open(session: CounterSession | None) -> None:
    if session is None:
        raise Refusal("counter_closed", _("Loket ini sudah ditutup. Buka loket lagi untuk memanggil."))
    if session.paused_at is not None:
        raise Refusal("counter_paused", _("Loket ini sedang jeda. Lanjutkan dulu, lalu panggil."))


def _called_before(request_key: str, session: CounterSession) -> Ticket | None:
    event = TicketEvent.objects.filter(request_key=request_key).only("session", "ticket").first()
    if event is None:
        return None
    if event.session_id != session.pk:
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai di loket lain."), status=422)
    return Ticket.objects.with_labels().get(pk=event.ticket_id)


def _call(
    days: Sequence[QueueDay],
    session: CounterSession,
    by: User,
    request_key: str | None,
    wanted: Ticket | None,
    reason: str,
) -> Ticket | None:
    at = clock.now()
    serving = Ticket.objects.at_counter().with_labels().filter(session=session).first()
    if serving and serving.state == TicketState.CALLED:
        message = _("Mulai atau tandai %(number)s tidak hadir dulu.") % {"number": serving.label}
        raise Refusal("number_at_counter", message, number=serving.label)
    choice = choose(days, session, at, visits.claim) if wanted is None else None
    if wanted is None and choice is None:
        return None
    key = choice.head.ticket_id if choice else wanted.pk if wanted else 0
    ticket = Ticket.objects.with_labels().get(pk=key)
    by_line = {day.pk: day for day in days}
    changed = {by_line[line] for line in _finished_first(serving, session, by, at) if line in by_line}
    day = _line_of(ticket, by_line)
    before = rules.runs_of(day)
    after = before.after(ticket.lane)
    day.express_run, day.since_priority = after.express, after.regular
    trail.move(
        ticket,
        Step.CALL,
        at=at,
        by=by,
        session=session,
        changes={"session": session, "called_at": at, "calls": 1},
        reason=reason,
        request_key=request_key,
        passed=choice.passed if choice else [],
        detail={"runs": [before.express, before.regular]},
    )
    trail.publish({day, *changed}, "since_priority", "express_run")
    notifications.ticket_called(ticket, session)
    return ticket


def _line_of(ticket: Ticket, lines_held: dict[int, QueueDay]) -> QueueDay:
    """Return the locked line of the number; raise `Refusal` when it has moved to another agency."""
    if ticket.line_id not in lines_held:
        raise Refusal("moved", _("Nomor ini baru saja berpindah. Muat ulang halaman."))
    if ticket.visit_id is not None and not visits.claim(ticket.visit_id):
        raise Refusal("at_another_counter", _("Orang ini sedang di loket lain. Panggil sesudah ia selesai."))
    return lines_held[ticket.line_id]


def _finished_first(serving: Ticket | None, session: CounterSession, by: User, at: datetime) -> list[int]:
    """Record what is being served at the counter as finished; return the lines that changed."""
    if serving is None:
        return []
    changes = {"ended_at": at, "outcome": Outcome.DONE}
    trail.move(serving, Step.FINISH, at=at, by=by, session=session, changes=changes)
    return [serving.line_id]


def recall(*, ticket: Ticket, by: User) -> Ticket:
    """Call a called number once more: a new announcement, at least twenty seconds after the last."""
    with locked(ticket) as (fresh, days):
        at = clock.now()
        pause = rules.hall().recall_seconds
        if fresh.state == TicketState.CALLED and fresh.called_at:
            left = pause - (at - fresh.called_at) / timedelta(seconds=1)
            if left > 0:
                message = _("Baru saja dipanggil. Ulangi %(seconds)d detik lagi.")
                raise Refusal("recall_too_soon", message % {"seconds": int(left) + 1}, seconds=int(left) + 1)
        changes = {"called_at": at, "calls": fresh.calls + 1}
        trail.move(fresh, Step.RECALL, at=at, by=by, session=fresh.session, changes=changes)
        trail.publish(days)
        if fresh.session:
            notifications.ticket_called(fresh, fresh.session)
    return fresh

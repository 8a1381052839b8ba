"""Calling numbers to a counter: the next one, a certain one with a reason, and again.

Each act locks the lines first (docs/queue-protocol.md), reads the number again under that lock,
checks the edge in workflow.py, and leaves an event.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks, revision
from mpp.core.constraints import refused_by
from mpp.core.errors import NotFound, Refusal
from queueing import at_hand, notifications, rules
from queueing.actions import lines, trail, visits
from queueing.actions.serving import locked
from queueing.choosing import Choice, choose
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
    instant = revision.at_entry()
    try:
        with locks.transaction_of_one_act(), refused_by(Ticket):
            days = lines.lock_agency(session.agency_id, session.date, instant)
            fresh = lines.lock_open_session(session.pk)
            # Under the lock: of two presses with one key the later one finds what the first has called.
            if request_key and (earlier := _called_before(request_key, session)):
                return earlier
            _require_open(fresh)
            turn = Turn(days, session, by, instant, clock.now())
            return turn.call(wanted, reason, request_key)
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
    events = TicketEvent.objects.filter(request_key=request_key).order_by()
    event = events.values_list("session", "ticket").first()
    if event is None:
        return None
    session_id, ticket_id = event
    if session_id != session.pk:
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai di loket lain."), status=422)
    return Ticket.objects.with_labels().get(pk=ticket_id)


@dataclass(frozen=True)
class Turn:
    """One call at one counter, with its lines and its session locked."""

    days: Sequence[QueueDay]
    session: CounterSession
    by: User
    instant: revision.Instant
    at: datetime

    def call(self, wanted: Ticket | None, reason: str, request_key: str | None) -> Ticket | None:
        """Call the next number, or the `wanted` one; None when nobody waits."""
        serving = Ticket.objects.at_counter().filter(session=self.session).order_by().first()
        if serving and serving.state == TicketState.CALLED:
            message = _("Mulai atau tandai %(number)s tidak hadir dulu.") % {"number": serving.label}
            raise Refusal("number_at_counter", message, number=serving.label)
        passed: list[int] = []
        key = wanted.pk if wanted else None
        if wanted is None and (choice := self._choose()):
            key, passed = choice.head.ticket_id, choice.passed
        if key is None:
            return None
        ticket = at_hand.dressed(Ticket.objects.get(pk=key), self.days, self.instant)
        day = self._line_of(ticket, is_wanted=wanted is not None)
        finished = self._finish(serving) if serving else None
        self._call(ticket, day, reason, request_key, passed)
        changed = {day.pk, finished}
        trail.publish((one for one in self.days if one.pk in changed), "since_priority", "express_run")
        notifications.ticket_called(ticket, self.session)
        return ticket

    def _choose(self) -> Choice | None:
        book = rules.book_at(self.instant)
        return choose(self.days, self.session, book, self.at, visits.claim)

    def _line_of(self, ticket: Ticket, *, is_wanted: bool) -> QueueDay:
        """Return the locked line of the number; raise `Refusal` when it cannot be called from here."""
        day = next((one for one in self.days if one.pk == ticket.line_id), None)
        if day is None:
            raise Refusal("moved", _("Nomor ini baru saja berpindah. Muat ulang halaman."))
        if is_wanted and ticket.visit_id is not None and not visits.claim(ticket.visit_id):
            message = _("Orang ini sedang di loket lain. Panggil sesudah ia selesai.")
            raise Refusal("at_another_counter", message)
        return day

    def _finish(self, serving: Ticket) -> int:
        """Record what is being served at the counter as finished; return the line it stood in."""
        changes = {"ended_at": self.at, "outcome": Outcome.DONE}
        trail.move(serving, Step.FINISH, at=self.at, by=self.by, session=self.session, changes=changes)
        return serving.line_id

    def _call(
        self, ticket: Ticket, day: QueueDay, reason: str, request_key: str | None, passed: list[int]
    ) -> None:
        before = rules.runs_of(day)
        after = before.after(ticket.lane)
        day.express_run, day.since_priority = after.express, after.regular
        trail.move(
            ticket,
            Step.CALL,
            at=self.at,
            by=self.by,
            session=self.session,
            changes={"session": self.session, "called_at": self.at, "calls": 1},
            reason=reason,
            request_key=request_key,
            passed=passed,
            detail={"runs": [before.express, before.regular]},
        )


def recall(*, ticket: Ticket, by: User) -> Ticket:
    """Call a called number once more: a new announcement, at least twenty seconds after the last."""
    with locked(ticket) as (fresh, days):
        at = clock.now()
        pause = rules.hall().recall_seconds
        if fresh.state == TicketState.CALLED and fresh.called_at:
            left = math.ceil(pause - (at - fresh.called_at) / timedelta(seconds=1))
            if left > 0:
                message = _("Baru saja dipanggil. Ulangi %(seconds)d detik lagi.")
                raise Refusal("recall_too_soon", message % {"seconds": left}, seconds=left)
        changes = {"called_at": at, "calls": fresh.calls + 1}
        trail.move(fresh, Step.RECALL, at=at, by=by, session=fresh.session, changes=changes)
        trail.publish(days)
        if fresh.session:
            notifications.ticket_called(fresh, fresh.session)
    return fresh

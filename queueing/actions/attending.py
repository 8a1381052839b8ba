"""What the floor manager does with a counter in place of its officer, and how officers are asked to come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import NotFound, Refusal
from mpp.core.text import clean_text
from queueing import notifications
from queueing.actions import lines, sessions, trail
from queueing.actions.serving import UNCALLED
from queueing.enums import Lane, Outcome, Step, TicketState
from queueing.floor import pulse
from queueing.models import CounterSession, OfficerRequest, QueueDay, Ticket
from services.access import refuse_others
from tenants.models import Agency, Counter, CounterDuty, Placement, User


def open_for(*, counter: Counter, officer: User, reason: str, by: User) -> CounterSession:
    """Open a counter for an officer who is placed at its agency today: the officer's attendance.

    Raises `Forbidden` for other roles, `Refusal` (400) without a reason, and as `open_counter`.
    """
    refuse_others(by)
    why = _reason(reason)
    session = sessions.open_counter(counter=counter, by=officer, behalf=by)
    audit.record("counter.open_for", by=by, target=counter, officer=officer.get_username(), reason=why)
    return session


def close_for(*, session: CounterSession, reason: str, is_done: bool = False, by: User) -> CounterSession:
    """Close a counter that its officer has left; who was there goes back to the old place in the line.

    With `is_done` the numbers there count as served. Raises `Forbidden` for other roles, `Refusal` (400)
    without a reason. Twice is once.
    """
    refuse_others(by)
    why = _reason(reason)
    with locks.transaction_of_one_act(), refused_by(Ticket, CounterSession):
        days = locks.hold(lines.rows_of_agency(session.agency_id, session.date))
        fresh = lines.lock_open_session(session.pk)
        if fresh is not None:
            at = clock.now()
            moved = [_settle(ticket, at, by, why, is_done) for ticket in _numbers_at(fresh, days)]
            sessions.release_named(fresh, days)
            fresh.closed_at, fresh.paused_at, fresh.close_reason = at, None, why
            sessions.end_pause(fresh, at)
            fresh.save(update_fields=["closed_at", "paused_at", "close_reason"])
            audit.record(
                "counter.close_for", by=by, target=fresh.counter, reason=why, numbers=moved, is_done=is_done
            )
            trail.publish(days)
            pulse.hint()
    session.refresh_from_db()
    return session


def _numbers_at(session: CounterSession, days: Iterable[QueueDay]) -> list[Ticket]:
    """Return what is at the counter, the called or served one first: only one can be there at a time."""
    tickets = Ticket.objects.active().filter(session=session, line__in=list(days)).select_related("queue_day")
    return sorted(tickets, key=lambda ticket: (ticket.state == TicketState.HELD, ticket.pk))


def _settle(ticket: Ticket, at: datetime, by: User, reason: str, is_done: bool) -> str:
    """Take the steps that lead a number away from a counter: served, or back to its place."""
    session = ticket.session

    def step(name: Step, **changes: object) -> None:
        trail.move(ticket, name, at=at, by=by, session=session, changes=changes, reason=reason)

    if ticket.state == TicketState.HELD:
        step(Step.RESUME)
    if ticket.state == TicketState.CALLED:
        notifications.call_taken_back(ticket)
        step(Step.REQUEUE, **UNCALLED)
    elif is_done:
        step(Step.FINISH, ended_at=at, outcome=Outcome.DONE)
    else:
        lane = Lane.EXPRESS if ticket.priority else Lane.REGULAR
        lane = lane if ticket.lane == Lane.COUNTER else Lane(ticket.lane)
        step(Step.TRANSFER, **UNCALLED, started_at=None, lane=lane, for_counter=None)
    return ticket.label


def pause_for(*, session: CounterSession, reason: str, by: User) -> CounterSession:
    """Let a counter rest in place of its officer; raises `Forbidden`, else as `pause`."""
    refuse_others(by)
    return sessions.pause(session=session, by=by, reason=reason)


def go_on_for(*, session: CounterSession, by: User) -> CounterSession:
    """End the rest of a counter in place of its officer; raises `Forbidden`, else as `go_on`."""
    refuse_others(by)
    return sessions.go_on(session=session, by=by)


def ask_officers(*, counter: Counter, by: User) -> OfficerRequest:
    """Ask those to come who can fill `counter` today: a message to each with a phone number.

    Raises `Forbidden` for other roles, `NotFound` for a counter that nobody uses today, `Refusal` (409)
    when nobody of its agency is free.
    """
    refuse_others(by)
    today = clock.today()
    duty = CounterDuty.objects.on(today).select_related("agency").filter(counter=counter).first()
    if duty is None:
        raise NotFound
    resting = CounterSession.objects.open().filter(counter=counter, date=today).select_related("user").first()
    people = [resting.user] if resting else free_officers(duty.agency)
    if not people:
        raise Refusal("nobody_free", _("Semua petugas instansi ini sudah di loket. Hubungi instansinya."))
    with locks.transaction_of_one_act():
        row = OfficerRequest.objects.create(
            counter=counter,
            agency=duty.agency,
            date=today,
            messages=sum(bool(person.phone) for person in people),
            at=clock.now(),
            by=by,
        )
        for person in people:
            notifications.officer_asked(person, row)
        names = [person.get_username() for person in people]
        audit.record("counter.ask", by=by, target=counter, agency=duty.agency.code, officers=names)
        pulse.hint()
    return row


def free_officers(agency: Agency) -> list[User]:
    """Return who is placed at `agency` today, may serve, and has no counter open."""
    today = clock.today()
    placements = Placement.objects.on(today).filter(agency=agency, user__is_active=True)
    busy = CounterSession.objects.open().filter(date=today).values("user")
    rows = placements.filter(user__role__in=sorted(sessions.MAY_SERVE)).exclude(user__in=busy)
    return [row.user for row in rows.select_related("user").order_by("user__first_name", "user__username")]


def _reason(text: str) -> str:
    why = clean_text(text, limit=200, field="reason")
    if not why:
        raise Refusal("reason_needed", _("Tulis alasannya."), status=400, field="reason")
    return why

"""Opening and closing a counter."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Forbidden, NotFound, Refusal
from queueing.actions import lines, trail
from queueing.enums import Lane, TicketState
from queueing.models import CounterPause, CounterSession, QueueDay, Ticket
from tenants.enums import Role
from tenants.models import Agency, Counter, CounterDuty, User
from tenants.querysets import sees_everything

MAY_SERVE = frozenset({Role.OFFICER, Role.AGENCY_MANAGER})


def open_counter(*, counter: Counter, by: User, behalf: User | None = None) -> CounterSession:
    """Open `counter` for its agency of today: this is attendance. Once more by the same person is once.

    `behalf` is who presses the button when it is not the officer `by`. Raises `NotFound` for a counter of
    another agency, `Forbidden` for the wrong role, `Refusal`
    (409) when the counter is taken or the person has another one open.
    """
    if by.role not in MAY_SERVE:
        raise Forbidden
    today = clock.today()
    agency = _agency_at(counter, by)
    if already := CounterSession.objects.open().filter(counter=counter, user=by, date=today).first():
        return already
    with locks.transaction_of_one_act(), refused_by(CounterSession):
        days = locks.hold(lines.rows_of_agency(agency.pk, today))
        session = CounterSession.objects.create(
            counter=counter, user=by, agency=agency, date=today, opened_at=clock.now()
        )
        audit.record(
            "counter.open", by=behalf or by, target=counter, agency=agency.code, officer=by.get_username()
        )
        # One more counter: every estimate on these lines changes.
        trail.publish(days)
    return session


def _agency_at(counter: Counter, by: User) -> Agency:
    today = clock.today()
    duty = CounterDuty.objects.on(today).select_related("agency").filter(counter=counter).first()
    own = by.placements.on(today).values_list("agency", flat=True)
    if duty is None or not counter.is_active:
        raise Refusal("counter_unassigned", _("Hari ini loket ini tidak dipakai instansi mana pun."))
    if duty.agency_id not in own and not sees_everything(by):
        raise NotFound
    return duty.agency


def close_counter(*, session: CounterSession, by: User, reason: str = "") -> CounterSession:
    """Close a counter; refused (409) while a number is at it or put aside there. Twice is once.

    `reason` is why, for those who find it empty. Numbers that wait for this counter alone go back to
    where everyone may call them.
    """
    with locks.transaction_of_one_act():
        days = locks.hold(lines.rows_of_agency(session.agency_id, session.date))
        if open_session := lines.lock_open_session(session.pk):
            if Ticket.objects.active().filter(session=session).exists():
                raise Refusal("counter_busy", _("Selesaikan dulu nomor di loket ini, termasuk yang ditahan."))
            open_session.closed_at = clock.now()
            open_session.paused_at = None
            end_pause(open_session, open_session.closed_at)
            open_session.close_reason = reason.strip()
            open_session.save(update_fields=["closed_at", "paused_at", "close_reason"])
            release_named(session, days)
            audit.record(
                "counter.close", by=by, target=session.counter, agency=session.agency.code, reason=reason
            )
            trail.publish(days)
    session.refresh_from_db()
    return session


def release_named(session: CounterSession, days: list[QueueDay]) -> None:
    """Let numbers that wait for this counter alone be called by every counter of these locked lines."""
    named = Ticket.objects.waiting().filter(line__in=days, for_counter=session.counter_id)
    for priority, lane in ((False, Lane.REGULAR), (True, Lane.EXPRESS)):
        rows = named.exclude(priority="") if priority else named.filter(priority="")
        rows.update(lane=lane, for_counter=None)


def pause(*, session: CounterSession, by: User, reason: str) -> CounterSession:
    """Let a counter rest for a while, with the reason that others see; twice is once.

    Raises `Refusal` (400) without a reason, (409) while a called number is undecided or when closed.
    """
    reason = reason.strip()
    if not reason:
        raise Refusal("reason_needed", _("Tulis alasan jeda, misalnya istirahat atau salat."), status=400)
    return _set_pause(session, by, reason)


def go_on(*, session: CounterSession, by: User) -> CounterSession:
    """End the pause of a counter; twice is once."""
    return _set_pause(session, by, "")


def _set_pause(session: CounterSession, by: User, reason: str) -> CounterSession:
    with locks.transaction_of_one_act():
        days = locks.hold(lines.rows_of_agency(session.agency_id, session.date))
        fresh = lines.lock_open_session(session.pk)
        if fresh is None:
            raise Refusal("counter_closed", _("Loket ini sudah ditutup. Buka loket lagi."))
        if reason and Ticket.objects.filter(session=session, state=TicketState.CALLED).exists():
            raise Refusal("number_at_counter", _("Mulai atau tandai tidak hadir dulu nomor yang dipanggil."))
        if bool(reason) == (fresh.paused_at is not None):
            return fresh
        at = clock.now()
        if reason:
            CounterPause.objects.create(session=fresh, started_at=at, reason=reason)
        else:
            end_pause(fresh, at)
        fresh.paused_at, fresh.pause_reason = (at, reason) if reason else (None, "")
        fresh.save(update_fields=["paused_at", "pause_reason"])
        act = "counter.pause" if reason else "counter.go_on"
        audit.record(act, by=by, target=session.counter, agency=session.agency.code, reason=reason)
        # Every estimate on these lines changes.
        trail.publish(days)
    return fresh


def end_pause(session: CounterSession, at: datetime) -> None:
    """End the rest that goes on at this locked counter, if there is one."""
    CounterPause.objects.filter(session=session, ended_at=None).update(ended_at=at)

"""Opening and closing a counter."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Forbidden, NotFound, Refusal
from queueing.actions import lines, trail
from queueing.models import CounterSession, QueueDay, Ticket
from tenants.enums import Role
from tenants.models import Agency, Counter, CounterDuty, User
from tenants.querysets import sees_everything

MAY_SERVE = frozenset({Role.OFFICER, Role.AGENCY_MANAGER})


def open_counter(*, counter: Counter, by: User) -> CounterSession:
    """Open `counter` for its agency of today: this is attendance. Once more by the same person is once.

    Raises `NotFound` for a counter of another agency, `Forbidden` for the wrong role, `Refusal`
    (409) when the counter is taken or the person has another one open.
    """
    if by.role not in MAY_SERVE:
        raise Forbidden
    today = clock.today()
    agency = _agency_at(counter, by)
    if already := CounterSession.objects.open().filter(counter=counter, user=by, date=today).first():
        return already
    with locks.transaction_of_one_act(), refused_by(CounterSession):
        days = locks.hold(QueueDay, lines.ids_of(agency.pk, today))
        session = CounterSession.objects.create(
            counter=counter, user=by, agency=agency, date=today, opened_at=clock.now()
        )
        audit.record("counter.open", by=by, target=counter, agency=agency.code)
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


def close_counter(*, session: CounterSession, by: User) -> CounterSession:
    """Close a counter; refused (409) while a number is at it or put aside there. Twice is once."""
    with locks.transaction_of_one_act():
        days = locks.hold(QueueDay, lines.ids_of(session.agency_id, session.date))
        if open_session := lines.lock_open_session(session.pk):
            if Ticket.objects.active().filter(session=session).exists():
                raise Refusal("counter_busy", _("Selesaikan dulu nomor di loket ini, termasuk yang ditahan."))
            open_session.closed_at = clock.now()
            open_session.save(update_fields=["closed_at"])
            audit.record("counter.close", by=by, target=session.counter, agency=session.agency.code)
            trail.publish(days)
    session.refresh_from_db()
    return session

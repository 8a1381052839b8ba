"""Another place in the line: for one who missed the call, and for one who needs time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.actions import trail
from queueing.actions.serving import UNCALLED, lane_of, locked
from queueing.enums import Lane, Step, TicketState
from queueing.models import Queue, Ticket
from tenants.models import User

JUST_BEHIND = timedelta(microseconds=1)


def re_enter(*, ticket: Ticket, by: User | None = None) -> Ticket:
    """Let one who missed the call stand in the line again, once, within the grace of the line.

    The place is just behind so many who wait now in its lane (`reentry_after`); `by` None is the
    holder. Raises `Refusal` (409) for the second time or too late.
    """
    with locked(ticket) as (fresh, days):
        at = clock.now()
        queue = fresh.line.queue
        if fresh.state == TicketState.NO_SHOW:
            _refuse_reentry(fresh, queue, at)
        lane = lane_of(fresh)
        changes = {
            **UNCALLED,
            "ended_at": None,
            "lane": lane,
            "for_counter": None,
            "arrived_at": _place_behind(fresh.line_id, lane, queue.reentry_after, at),
            "reentries": fresh.reentries + 1,
        }
        trail.move(fresh, Step.REENTER, at=at, by=by, session=None, changes=changes)
        trail.publish(days)
    return fresh


def _refuse_reentry(ticket: Ticket, queue: Queue, at: datetime) -> None:
    if ticket.reentries:
        raise Refusal("reentry_once", _("Masuk antrean lagi hanya satu kali. Ambil nomor baru."))
    deadline = ticket.ended_at and ticket.ended_at + timedelta(minutes=queue.reentry_minutes)
    if deadline is None or at > deadline:
        message = _("Masuk lagi hanya sampai %(minutes)d menit sesudah terlewat. Ambil nomor baru.")
        raise Refusal("reentry_too_late", message % {"minutes": queue.reentry_minutes})


def _place_behind(line_id: int, lane: str, people: int, at: datetime) -> datetime:
    """Return the place just behind the first `people` waiting of a lane; the present when fewer wait."""
    waiting = Ticket.objects.waiting().filter(line=line_id, lane=lane).in_arrival_order()
    places = list(waiting.values_list("arrived_at", flat=True)[:people])
    if len(places) < people:
        return at
    return places[-1] + JUST_BEHIND if places else _front(line_id, lane, at)


def _front(line_id: int, lane: str, at: datetime) -> datetime:
    first = Ticket.objects.waiting().filter(line=line_id, lane=lane).in_arrival_order().first()
    return first.arrived_at - JUST_BEHIND if first else at


def step_back(*, ticket: Ticket, by: User | None = None) -> Ticket:
    """Let the next few in its lane go before a waiting number, once (`step_back_after` of its line).

    `by` None is the holder. Raises `Refusal` (409) for the second time, where the line does not offer
    it, and when nobody stands behind it.
    """
    with locked(ticket) as (fresh, days):
        changes: dict[str, object] = {}
        if fresh.state == TicketState.WAITING:
            _refuse_step_back(fresh)
            changes = {"arrived_at": _place_after(fresh), "steps_back": fresh.steps_back + 1}
        trail.move(fresh, Step.STEP_BACK, at=clock.now(), by=by, session=None, changes=changes)
        trail.publish(days)
    return fresh


def _refuse_step_back(ticket: Ticket) -> None:
    if ticket.steps_back:
        raise Refusal("step_back_once", _("Mundur hanya satu kali. Nomor Anda tetap di tempatnya."))
    if not ticket.line.queue.step_back_after or ticket.lane == Lane.COUNTER:
        raise Refusal("no_step_back", _("Nomor ini tidak dapat mundur. Bicaralah dengan petugas loket."))


def _place_after(ticket: Ticket) -> datetime:
    """Return the place just behind those whom a number lets go first."""
    passing = Ticket.objects.behind(ticket)[: ticket.line.queue.step_back_after]
    places = list(passing.values_list("arrived_at", flat=True))
    if not places:
        raise Refusal("nobody_behind", _("Belum ada orang di belakang Anda. Tempat Anda tetap."))
    return places[-1] + JUST_BEHIND

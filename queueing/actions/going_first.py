"""Going first by law, asked for or taken back by the holder while the number or the booked time waits.

Asking afterwards gives what a tick at taking would have given, and no more: the time of arrival stays. So it
needs no paper (trust.md U-28) and no officer, whom an old person would have to look for. It is for once: the
choice is not for trying out which lane is shorter.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock
from mpp.core.errors import Refusal
from queueing.actions import booking as bookings
from queueing.actions import lines, pool, trail
from queueing.actions.checkin import came_in_time
from queueing.actions.serving import locked
from queueing.enums import Lane, Priority, Step, TicketState
from queueing.models import Booking, QueueDay, Ticket, TicketEvent


def go_first(*, ticket: Ticket) -> Ticket:
    """Let the holder of a waiting number go first, from the time at which they came; twice is once.

    Raises `Refusal` (409) for the second time after it was taken back, and for a number that waits for one
    named counter.
    """
    with locked(ticket) as (fresh, days):
        if fresh.priority and fresh.state == TicketState.WAITING:
            return fresh
        if fresh.state == TicketState.WAITING:
            _refuse_first(fresh)
        changes = {"priority": Priority.GENERAL, "lane": Lane.EXPRESS}
        trail.move(fresh, Step.PRIORITISE, at=clock.now(), by=None, session=None, changes=changes)
        trail.publish(days)
    return fresh


def _refuse_first(ticket: Ticket) -> None:
    if ticket.lane == Lane.COUNTER:
        raise Refusal("no_lane", _("Nomor ini menunggu satu loket. Bicaralah dengan petugas loket itu."))
    if TicketEvent.objects.filter(ticket=ticket, step=Step.PRIORITISE, actor=None).exists():
        message = _("Minta didahulukan hanya satu kali. Temui petugas di pintu masuk.")
        raise Refusal("go_first_once", message)


def go_in_turn(*, ticket: Ticket) -> Ticket:
    """Take back that a waiting number goes first: it stands among all others, from the same time of arrival.

    Its class is forgotten at once. Whoever booked and came in time goes first by turns as before. Twice is
    once.
    """
    with locked(ticket, lines.home_of(ticket)) as (fresh, days):
        if not fresh.priority and fresh.state == TicketState.WAITING:
            return fresh
        changes = _among_all(fresh, days) if fresh.state == TicketState.WAITING else {}
        trail.move(fresh, Step.WAIVE, at=clock.now(), by=None, session=None, changes=changes)
        trail.publish(days)
    return fresh


def _among_all(ticket: Ticket, days: list[QueueDay]) -> Mapping[str, object]:
    at = clock.now()
    home = next((day for day in days if day.pk == ticket.queue_day_id), None)
    share = pool.recharge(ticket, home, at) if home else ticket.share
    lane = ticket.lane if ticket.lane == Lane.COUNTER or _is_booked(ticket) else Lane.REGULAR
    return {"priority": Priority.NONE, "lane": lane, "share": share}


def _is_booked(ticket: Ticket) -> bool:
    """Tell whether the number, or the one it carries on, stands for a booked time."""
    made = Booking.objects.filter(Q(ticket=ticket.pk) | Q(ticket=ticket.carried_from_id))
    booking = made.exclude(ticket=None).select_related("slot__queue").first()
    return booking is not None and came_in_time(booking)


def set_first_of_booking(*, booking: Booking, is_first: bool) -> Booking:
    """Note whether who has booked goes first when they come; a class that was named is forgotten.

    Raises `Refusal` (409) once the booking is over.
    """
    with bookings.held(booking) as (fresh, _days):
        bookings.require_open(fresh)
        if bool(fresh.priority) == is_first:
            return fresh
        fresh.priority = Priority.GENERAL if is_first else Priority.NONE
        fresh.save(update_fields=["priority"])
        audit.record("booking.priority", target=fresh.pk, is_first=is_first)
    return fresh

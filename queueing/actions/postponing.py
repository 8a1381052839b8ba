"""A number of today moved to a booked time: one act, so that nobody gives up the one without the other."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing import booking_notifications, persons
from queueing.actions import lines
from queueing.actions.booking import MOST_COLLISIONS, Wanted, collided, write
from queueing.actions.serving import give_back, locked
from queueing.booking_notifications import when_words
from queueing.bookings import Bookable, bookable, with_everything
from queueing.enums import Channel, Priority
from queueing.models import Booking, Slot, Ticket
from queueing.rules import classes_by_law
from tenants.models import User


def postpone(*, ticket: Ticket, starts_at: datetime, device: str = "", by: User | None = None) -> Booking:
    """Give a number back for the time of its service that starts at `starts_at` (aware); twice is once.

    `by` None is the holder, `device` the browser's own key for a number of nobody known. Whoever goes first
    by law does so then too, and is told the same ways. Raises `Refusal` (409) as `book` does, and for a
    number that cannot be given back any more; then it keeps its place.
    """
    if earlier := _booked_from(ticket):
        return earlier
    time = bookable(ticket.service, starts_at, clock.now())
    for _attempt in range(MOST_COLLISIONS):
        try:
            return _postpone(ticket, time, device, by)
        except (IntegrityError, Refusal) as error:
            if earlier := _booked_from(ticket):
                return earlier
            if not collided(error):
                raise
    raise locks.Busy


def _booked_from(ticket: Ticket) -> Booking | None:
    return with_everything().filter(from_ticket=ticket.pk).first()


def _postpone(ticket: Ticket, time: Bookable, device: str, by: User | None) -> Booking:
    there = lines.day_of(time.queue.pk, time.day).pk
    with refused_by(Booking, Slot), locked(ticket, lines.home_of(ticket), there) as (fresh, days):
        if fresh.line.queue_id != time.queue.pk:
            raise Refusal("sent_on", _("Nomor ini sudah dialihkan. Bicaralah dengan petugas loket itu."))
        day = next(row for row in days if row.pk == there)
        booking = write(_wanted(fresh, device), time, day, by)
        give_back(fresh, days, by, when_words(time.starts_at))
        booking_notifications.number_postponed(booking, fresh)
    return booking


def _wanted(ticket: Ticket, device: str) -> Wanted:
    return Wanted(
        service=ticket.service,
        channel=Channel.ONLINE,
        priority=_priority_of(ticket),
        phone=ticket.phone,
        person=ticket.person or persons.person_of(device=device),
        wishes_earlier=False,
        request_key=None,
        from_ticket=ticket,
    )


def _priority_of(ticket: Ticket) -> str:
    """Return the class that still holds then: what staff gave for a sudden illness was for today."""
    by_law = {Priority.GENERAL, *(one.code for one in classes_by_law())}
    return ticket.priority if ticket.priority in by_law else Priority.NONE

"""Coming: a booked time becomes exactly one number, whoever presses how often.

Locks: the line of today, then the booking. The number carries the booking's place in the quota and a
request key of its own, so a second number for one booking cannot even be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils.translation import gettext as _

from mpp.core import audit, clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.formats import hour
from queueing import availability, booking_notifications, notifications, presence
from queueing.actions import slots
from queueing.actions.booking import MOST_COLLISIONS, collided, held, require_open
from queueing.actions.numbering import Wish, write_number
from queueing.booking_notifications import when_words
from queueing.bookings import booking_of_code, with_everything
from queueing.enums import BookingState, Channel, Lane
from queueing.models import Booking, Ticket
from queueing.policy.slots import Arrival, arrival
from services.troubles import paused_between
from tenants.models import User

# A code that has made its number opens it again only for the one who just pressed, or whose paper jammed.
REPEAT_SECONDS = 120


@dataclass(frozen=True)
class Place:
    """Where a number from a booking stands: in which lane (None: as anybody's), from which moment on."""

    lane: Lane | None
    arrived_at: datetime


def check_in(
    *, booking: Booking, channel: Channel, by: User | None = None, presence_code: str = ""
) -> Ticket:
    """Make the number of a booking whose holder has come; twice gives the same number.

    In time it stands from the booked time on, among those who go first by turns; late, it is a regular
    number from now on. Through ONLINE the holder proves to be here with the code shown on site. Raises
    `Refusal` (409) on another day, too early, while closed or in trouble, or when the booking has ended.
    """
    if booking.ticket is not None:
        return booking.ticket
    _refuse_unready(booking, clock.now())
    _refuse_closed(booking, channel)
    for _attempt in range(MOST_COLLISIONS):
        try:
            return _check_in(booking, channel, by, presence_code)
        except (IntegrityError, Refusal) as error:
            # Beneath the lock: the number's own key let one through.
            if ticket := with_everything().get(pk=booking.pk).ticket:
                return ticket
            if not collided(error):
                raise
    raise locks.Busy


def _check_in(booking: Booking, channel: Channel, by: User | None, presence_code: str) -> Ticket:
    with refused_by(Ticket), held(booking) as (fresh, days):
        if fresh.ticket is not None:
            return fresh.ticket
        at = clock.now()
        place = _refuse_unready(fresh, at)
        if channel == Channel.ONLINE:
            presence.require(presence_code, at)
        [day] = days.values()
        ticket = write_number(
            day,
            _wish(fresh, channel),
            by=by,
            at=at,
            arrived_at=place.arrived_at,
            share=fresh.share,
            lane=place.lane,
            detail={"booking": fresh.pk},
        )
        slots.end_wish(fresh, at)
        fresh.state, fresh.ticket, fresh.checked_in_at = BookingState.CHECKED_IN, ticket, at
        fresh.save(update_fields=["state", "ticket", "checked_in_at"])
        audit.record("booking.check_in", by=by, target=fresh.pk, channel=channel)
        notifications.ticket_came(ticket, booking_notifications.holder_of(fresh))
    return ticket


def _wish(booking: Booking, channel: Channel) -> Wish:
    return Wish(
        service=booking.service,
        channel=channel,
        priority=booking.priority,
        phone=booking.phone,
        person=booking.person,
        visit=None,
        request_key=f"booking:{booking.pk}",
    )


def check_in_by_code(*, code: str, channel: Channel, by: User | None = None) -> Ticket:
    """Check in the booking with this typed code, at a kiosk or by staff.

    Raises `Refusal` as `check_in` does; (404) for an unknown code; (409, "code_used") for one that has made
    its number a while ago: whoever copied it gets nothing.
    """
    booking = booking_of_code(code)
    refuse_used(booking, clock.now())
    return check_in(booking=booking, channel=channel, by=by)


def refuse_used(booking: Booking, at: datetime) -> None:
    """Raise `Refusal` (409) when the booking was checked in more than two minutes ago."""
    came = booking.checked_in_at
    if came is None or at - came <= timedelta(seconds=REPEAT_SECONDS):
        return
    message = _("Kode ini sudah dipakai pukul %(time)s. Tanya petugas di pintu masuk.")
    raise Refusal("code_used", message % {"time": hour(came)})


def _refuse_unready(booking: Booking, at: datetime) -> Place:
    """Return where the number will stand; raise `Refusal` (409) when it is not the time for it."""
    require_open(booking)
    starts_at = booking.slot.starts_at
    _refuse_other_day(starts_at, at)
    match _arrival(booking, at):
        case Arrival.EARLY:
            opens = starts_at - timedelta(minutes=booking.slot.queue.early_minutes)
            message = _("Terlalu awal. Hadir dapat dicatat mulai pukul %(time)s.")
            raise Refusal("too_early", message % {"time": hour(opens)}, until=opens.isoformat())
        case Arrival.IN_TIME:
            return Place(Lane.EXPRESS, starts_at)
        case _:
            return Place(None, at)


def _refuse_other_day(starts_at: datetime, at: datetime) -> None:
    booked_for, today = clock.local(starts_at).date(), clock.local(at).date()
    if booked_for == today:
        return
    words = _("Pesanan ini untuk %(when)s. Datang pada waktu itu.")
    if booked_for < today:
        words = _("Pesanan ini untuk %(when)s, sudah lewat. Pesan waktu baru.")
    raise Refusal("other_day", words % {"when": when_words(starts_at)}, starts_at=starts_at.isoformat())


def came_in_time(booking: Booking) -> bool:
    """Tell whether a booking that has made its number was checked in by its time."""
    return booking.checked_in_at is not None and _arrival(booking, booking.checked_in_at) == Arrival.IN_TIME


def _arrival(booking: Booking, at: datetime) -> Arrival:
    """Return how the holder comes at `at`: nobody is late by what trouble has stood still."""
    queue, starts_at = booking.slot.queue, booking.slot.starts_at
    still = paused_between(queue.agency_id, starts_at, at) if at > starts_at else timedelta()
    return arrival(starts_at, at - still, early_minutes=queue.early_minutes, late_minutes=queue.late_minutes)


def _refuse_closed(booking: Booking, channel: Channel) -> None:
    """Raise `Refusal` (409) while the service is closed, in trouble or not operating.

    Who is booked and in time is served although the last number is out: their place was kept.
    """
    try:
        availability.line_to_join(booking.service, channel)
    except Refusal as refusal:
        if refusal.code != "last_number" or _arrival(booking, clock.now()) != Arrival.IN_TIME:
            raise

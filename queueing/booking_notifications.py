"""Which steps of a booking are told to its holder: the facts; the words are in mpp.notifications.events.

No link is in them: it opens the booking.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.formats import hour
from mpp.core.templatetags.mpp import zone_suffix
from mpp.notifications import outbox, ways
from mpp.notifications.outbox import News
from queueing import notifications
from queueing.bookings import spoken_code
from queueing.models import Booking, EarlierWish, Ticket
from tenants.models import User

# How long these are worth sending (trust.md 2.4).
BOOKED_SECONDS = 30 * 60
CANCELLED_SECONDS = 12 * 60 * 60


def holder_of(booking: Booking) -> str:
    """Return the name under which the ways of this booking's holder are kept."""
    return f"booking:{booking.pk}"


def booked(booking: Booking, way: str = "") -> None:
    """Tell the holder their time and their code, when they left a phone number."""
    if booking.phone:
        agree(booking, way)
        moved(booking)


def number_postponed(booking: Booking, ticket: Ticket) -> None:
    """Tell the holder of a number the time it was moved to, the ways they chose for the number."""
    ways.take_along(holder=notifications.holder_of(ticket), to=holder_of(booking))
    moved(booking)


def agree(booking: Booking, way: str = "") -> None:
    """Record that whoever left a phone number for this booking agreed to be told there."""
    words = _("Dengan mengisinya Anda setuju kami kabari tentang pesanan ini dan berkasnya saja.")
    notifications.agree_by_phone(holder_of(booking), booking.phone, words, way)


def moved(booking: Booking) -> None:
    """Tell the holder the time that is theirs now."""
    news = News(
        "booking_made",
        holder_of(booking),
        f"booking_made:{booking.pk}:{booking.moves}:{booking.slot_id}",
        {
            "waktu": {"moment": booking.slot.starts_at.isoformat()},
            "layanan": booking.service.name,
            "kode": spoken_code(booking.code),
        },
        seconds=BOOKED_SECONDS,
    )
    outbox.tell(news)


def tomorrow(bookings: Iterable[Booking], *, not_after: datetime) -> int:
    """Remind these holders of tomorrow, once for each time they booked: one statement for all."""
    news = [
        News(
            "booking_tomorrow",
            holder_of(booking),
            f"booking_tomorrow:{booking.pk}:{booking.slot_id}",
            {
                "jam": {"time": booking.slot.starts_at.isoformat()},
                "layanan": booking.service.name,
                "kode": spoken_code(booking.code),
            },
            not_after=not_after,
        )
        for booking in bookings
    ]
    return outbox.tell(*news) if news else 0


def cancelled(booking: Booking, by: User | None) -> None:
    """Tell the holder that the mall has cancelled their booking; who gave it back knows."""
    if by is None:
        return
    news = News(
        "booking_cancelled",
        holder_of(booking),
        f"booking_cancelled:{booking.pk}",
        {"waktu": {"moment": booking.slot.starts_at.isoformat()}, "layanan": booking.service.name},
        seconds=CANCELLED_SECONDS,
    )
    outbox.tell(news)


def closed(booking: Booking) -> None:
    """Tell the holder that their time is closed and their booking cancelled; worthless once it has come."""
    starts_at = booking.slot.starts_at
    news = News(
        "booking_closed",
        holder_of(booking),
        f"booking_closed:{booking.pk}",
        {"waktu": {"moment": starts_at.isoformat()}, "layanan": booking.service.name},
        not_after=starts_at,
    )
    outbox.tell(news)


def shifted(booking: Booking, old: datetime) -> None:
    """Tell the holder that the time they had, `old`, is closed, and which is theirs now."""
    news = News(
        "booking_shifted",
        holder_of(booking),
        f"booking_shifted:{booking.pk}:{booking.slot_id}",
        {
            "lama": {"moment": old.isoformat()},
            "waktu": {"moment": booking.slot.starts_at.isoformat()},
            "layanan": booking.service.name,
        },
        not_after=old,
    )
    outbox.tell(news)


def earlier_offered(wish: EarlierWish) -> None:
    """Tell the holder of a free earlier time, and until when it is theirs; worthless after that."""
    booking = wish.booking
    if wish.offered is None or wish.offered_until is None:
        return
    news = News(
        "booking_earlier",
        holder_of(booking),
        f"booking_earlier:{booking.pk}:{wish.offered_until.isoformat()}",
        {
            "waktu": {"moment": wish.offered.starts_at.isoformat()},
            "layanan": booking.service.name,
            "sampai": {"time": wish.offered_until.isoformat()},
        },
        not_after=wish.offered_until,
    )
    outbox.tell(news)


def when_words(moment: datetime) -> str:
    """Return an aware moment in the mall's zone: "Senin, 23 November pukul 09.30 WITA"."""
    here = clock.local(moment)
    return _("%(day)s pukul %(time)s") % {
        "day": date_format(here, "l, j F"),
        "time": f"{hour(here)} {zone_suffix()}".rstrip(),
    }

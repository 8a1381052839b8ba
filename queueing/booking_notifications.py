"""Which steps of a booking are told to its holder, and in which words. No link: it opens the booking."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.templatetags.mpp import zone_suffix
from mpp.notifications import outbox
from queueing.bookings import spoken_code
from queueing.models import Booking, EarlierWish

# How long the word of a new time is worth sending (trust.md 2.4).
BOOKED_MINUTES = 30


def booked(booking: Booking) -> None:
    """Tell the holder their time and their code, when they left a phone number; after a move too."""
    if not booking.phone:
        return
    outbox.enqueue(
        event="booking_made",
        recipient=booking.phone,
        body=_("Waktu Anda %(when)s, %(service)s. Kode hadir %(code)s. Ubah lewat tautan pesanan.")
        % {
            "when": when_words(booking.slot.starts_at),
            "service": booking.service.name,
            "code": spoken_code(booking.code),
        },
        dedupe_key=f"booking_made:{booking.pk}:{booking.moves}:{booking.slot_id}",
        not_after=clock.now() + timedelta(minutes=BOOKED_MINUTES),
    )


def earlier_offered(wish: EarlierWish) -> None:
    """Tell the holder of a free earlier time, and until when it is theirs; worthless after that."""
    booking = wish.booking
    if not booking.phone or wish.offered is None or wish.offered_until is None:
        return
    outbox.enqueue(
        event="booking_earlier",
        recipient=booking.phone,
        body=_("Ada waktu lebih awal: %(when)s, %(service)s. Terima di tautan pesanan sebelum %(until)s.")
        % {
            "when": when_words(wish.offered.starts_at),
            "service": booking.service.name,
            "until": f"{clock.local(wish.offered_until):%H.%M} {zone_suffix()}".rstrip(),
        },
        dedupe_key=f"booking_earlier:{booking.pk}:{wish.offered_until.isoformat()}",
        not_after=wish.offered_until,
    )


def when_words(moment: datetime) -> str:
    """Return an aware moment in the mall's zone: "Senin, 23 November pukul 09.30 WITA"."""
    here = clock.local(moment)
    return _("%(day)s pukul %(time)s") % {
        "day": date_format(here, "l, j F"),
        "time": f"{here:%H.%M} {zone_suffix()}".rstrip(),
    }

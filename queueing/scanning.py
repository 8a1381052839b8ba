"""What the kiosk's scanner has read: it types like a keyboard, whatever was held before it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.codes import CODE_CHARACTERS, normal_code
from mpp.core.errors import NotFound, Refusal
from mpp.core.templatetags.mpp import long_date
from queueing.access import access_ticket
from queueing.bookings import CODE_LENGTH, access_booking, booking_of_code
from queueing.models import Booking, Ticket

LINK = re.compile(r"/(?P<kind>pesanan|t)/(?P<token>[\w-]{8,80})(?:[/?#].*)?$", re.ASCII)


def scanned(text: str, *, host: str) -> Booking | Ticket:
    """Return what `text` stands for: a booking, or a number of today; `host` is this portal's own.

    Raises `Refusal`: 404 for a code or link that is not known here, 409 for a number of another day,
    400 for anything that is no code at all.
    """
    if link := LINK.search(text):
        return _linked(link["kind"], link["token"], is_ours=_host_of(text) in {"", host})
    if "/" in text or not may_be_code(text):
        message = _("Ini bukan kode pesanan atau karcis. Pakai QR atau kode dari portal ini.")
        raise Refusal("not_a_code", message, status=400)
    return booking_of_code(text)


def may_be_code(text: str) -> bool:
    """Tell whether `text` may be the code of a booking, as people type it."""
    code = normal_code(text)
    return len(code) == CODE_LENGTH and set(code) <= set(CODE_CHARACTERS)


def _linked(kind: str, token: str, *, is_ours: bool) -> Booking | Ticket:
    try:
        return access_booking(token) if kind == "pesanan" else of_today(access_ticket(token))
    except NotFound as error:
        message = _("QR ini tidak dikenal. Periksa pesanan Anda, atau tanya petugas.")
        if not is_ours:
            message = _("QR ini dari mal lain. Ambil nomor baru di sini.")
        raise NotFound(message) from error


def of_today(ticket: Ticket) -> Ticket:
    """Return this number of today; one of another day is told its day (409)."""
    day = ticket.line.date
    if day != clock.today():
        message = _("Nomor ini berlaku %(day)s. Ambil nomor baru untuk hari ini.")
        raise Refusal("other_day", message % {"day": long_date(day)})
    return ticket


def _host_of(text: str) -> str:
    try:
        return urlsplit(text.strip()).netloc.lower()
    except ValueError:
        # "http://[" and the like: whoever made it, it was not us.
        return "?"

"""The bookings that this browser holds: a signed cookie of their secret links, until their day has come."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mpp.core import tokens
from queueing.bookings import with_everything
from queueing.enums import BookingState
from queueing.holding import BETWEEN, MOST_HELD
from queueing.models import Booking
from services.models import Service

# A little longer than anything can be booked ahead (Queue.booking_days).
HELD_SECONDS = 92 * 24 * 60 * 60
COOKIE = "__Host-pesanan" if settings.HTTPS else "pesanan"
SALT = "queueing.booking_holding"


def held_bookings(request: HttpRequest) -> list[Booking]:
    """Return the open bookings that this browser holds, the next first; a forged cookie holds none."""
    held = _held_tokens(request)
    if not held:
        return []
    bookings = with_everything().filter(token_digest__in=[tokens.digest(token) for token in held])
    return list(bookings.filter(state=BookingState.BOOKED).order_by("slot__starts_at", "pk"))


def held_for(request: HttpRequest, service: Service) -> Booking | None:
    """Return the open booking that this browser already holds for `service`."""
    return next((one for one in held_bookings(request) if one.service_id == service.pk), None)


def hold(request: HttpRequest, response: HttpResponse, booking: Booking) -> None:
    """Let this browser hold `booking` too."""
    held = [token for token in _held_tokens(request) if token != booking.token]
    response.set_signed_cookie(
        COOKIE,
        BETWEEN.join([*held, booking.token][-MOST_HELD:]),
        salt=SALT,
        max_age=HELD_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )


def _held_tokens(request: HttpRequest) -> list[str]:
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=HELD_SECONDS)
    return [token for token in (value or "").split(BETWEEN) if token]

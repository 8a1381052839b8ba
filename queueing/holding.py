"""What this browser holds: the secret links of its numbers, and a key of its own.

Both are signed cookies that scripts cannot read. The key says only "the same browser as before".
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from mpp.core import tokens
from queueing.models import Ticket
from services.models import Service

# Past the end of the day: a number may be carried over a weekend.
HELD_SECONDS = 7 * 24 * 60 * 60
MOST_HELD = 10
COOKIE = "__Host-nomor" if settings.HTTPS else "nomor"
SALT = "queueing.holding"
DEVICE_COOKIE = "__Host-perangkat" if settings.HTTPS else "perangkat"
DEVICE_SALT = "queueing.device"
# As long as browsers keep a cookie at all.
DEVICE_SECONDS = 400 * 24 * 60 * 60
# Links are base64url: a full stop cannot be part of one.
BETWEEN = "."


def held_tokens(request: HttpRequest) -> list[str]:
    """Return the secret links this browser holds, oldest first; a forged cookie holds none."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=HELD_SECONDS)
    return [token for token in (value or "").split(BETWEEN) if token]


def held_tickets(request: HttpRequest, day: date) -> list[Ticket]:
    """Return the numbers that this browser holds from `day` on, newest first, with their visit joined.

    Those of a later day were carried over: who holds the old number holds the new one.
    """
    held = held_tokens(request)
    if not held:
        return []
    digests = [tokens.digest(token) for token in held]
    tickets = Ticket.objects.with_labels().select_related("line__queue", "session__counter__zone", "visit")
    of_mine = Q(token_digest__in=digests) | Q(carried_from__token_digest__in=digests)
    return list(tickets.filter(of_mine, line__date__gte=day).order_by("-issued_at", "-pk"))


def held_for(request: HttpRequest, service: Service, day: date) -> Ticket | None:
    """Return the number that this browser already holds for `service` from `day` on, while it is active."""
    held = held_tickets(request, day)
    return next((ticket for ticket in held if ticket.service_id == service.pk and ticket.is_active), None)


def hold(request: HttpRequest, response: HttpResponse, ticket: Ticket) -> None:
    """Let this browser hold `ticket` too."""
    held = [token for token in held_tokens(request) if token != ticket.token]
    response.set_signed_cookie(
        COOKIE,
        BETWEEN.join([*held, ticket.token][-MOST_HELD:]),
        salt=SALT,
        max_age=HELD_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )


def device_of(request: HttpRequest) -> str:
    """Return the key of this browser; "" when it has none yet, or a forged one."""
    return request.get_signed_cookie(DEVICE_COOKIE, default="", salt=DEVICE_SALT) or ""


def keep_device(response: HttpResponse, device: str) -> None:
    """Let this browser be known by `device` from now on."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        device,
        salt=DEVICE_SALT,
        max_age=DEVICE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )

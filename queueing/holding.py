"""The numbers that this browser holds: a signed cookie of their secret links, for one day."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mpp.core import tokens
from queueing.models import Ticket
from services.models import Service

# Past the end of the day, so that a late evening still shows what became of the number.
HELD_SECONDS = 24 * 60 * 60
MOST_HELD = 10
COOKIE = "__Host-nomor" if settings.HTTPS else "nomor"
SALT = "queueing.holding"
# Links are base64url: a full stop cannot be part of one.
BETWEEN = "."


def held_tokens(request: HttpRequest) -> list[str]:
    """Return the secret links this browser holds, oldest first; a forged cookie holds none."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=HELD_SECONDS)
    return [token for token in (value or "").split(BETWEEN) if token]


def held_tickets(request: HttpRequest, day: date) -> list[Ticket]:
    """Return the numbers of `day` that this browser holds, newest first."""
    held = held_tokens(request)
    if not held:
        return []
    tickets = (
        Ticket.objects.with_labels().select_related("session__counter__zone").filter(queue_day__date=day)
    )
    return list(
        tickets.filter(token_digest__in=[tokens.digest(token) for token in held]).order_by("-issued_at")
    )


def held_for(request: HttpRequest, service: Service, day: date) -> Ticket | None:
    """Return the number of `day` that this browser already holds for `service`, while it is active."""
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

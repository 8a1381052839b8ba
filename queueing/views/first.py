"""Going first by law: asked for or taken back by the holder of a number or a booked time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from queueing import actions
from queueing.access import access_ticket
from queueing.bookings import access_booking
from queueing.enums import BookingState
from queueing.models import Booking, Ticket
from queueing.reentry import may_change_lane
from queueing.rules import classes_by_law
from queueing.views import booking as booking_pages
from queueing.views import ticket as ticket_pages
from queueing.views.public import public_page, see_other, unlisted_page

no_store = cache_control(private=True, no_store=True)
NO, YES = "tidak", "ya"


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then let a waiting number go first or in turn; twice is once."""
    ticket = access_ticket(token)
    if request.method == "POST":
        wanted = actions.go_first if _wants_first(request, ticket) else actions.go_in_turn
        return ticket_pages.tried(
            request, token, lambda: wanted(ticket=ticket), _("Tempat Anda dalam antrean tetap")
        )
    if not may_change_lane(ticket):
        return see_other("ticket", token=token)
    context = {
        "label": _("Nomor %(label)s") % {"label": ticket.label},
        "back": reverse("ticket", args=[token]),
        "since": ticket.arrived_at,
    }
    return _ask(request, ticket, context)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_booking(request: HttpRequest, token: str) -> HttpResponse:
    """As `of_ticket` for a booked time; once its holder has come, their number has the page."""
    booking = access_booking(token)
    if booking.ticket is not None:
        return see_other("ticket-first", token=booking.ticket.token)
    if request.method == "POST":
        is_first = _wants_first(request, booking)
        return booking_pages.tried(
            request,
            token,
            lambda: actions.set_first_of_booking(booking=booking, is_first=is_first),
            _("Waktu Anda tetap"),
        )
    if booking.state != BookingState.BOOKED:
        return see_other("booking", token=token)
    context = {"label": _("Pesanan Anda"), "back": reverse("booking", args=[token])}
    return _ask(request, booking, context)


def _wants_first(request: HttpRequest, held: Ticket | Booking) -> bool:
    """Return what the pressed button says; without one, as things are."""
    return {YES: True, NO: False}.get(request.POST.get("didahulukan", ""), bool(held.priority))


def _ask(request: HttpRequest, held: Ticket | Booking, context: dict[str, Any]) -> HttpResponse:
    context |= {"held": held, "classes": classes_by_law(), "yes": YES, "no": NO}
    return unlisted_page(render(request, "queueing/go_first.html", context))

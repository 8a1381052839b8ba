"""Personal data: what the mall keeps and why, and what it keeps of one number or booking, for its holder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.notifications import channels
from queueing import actions
from queueing.access import access_ticket
from queueing.bookings import access_booking
from queueing.enums import BookingState
from queueing.known import Known, known_of, known_of_booking
from queueing.reentry import may_change_lane
from queueing.views.public import public_page, see_other, unlisted_page

no_store = cache_control(private=True, no_store=True)


@public_page
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Show what is kept, why, how long, and whom to ask (UU 27/2022 article 21)."""
    return render(request, "queueing/privacy.html")


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Show the holder what is known through this number, as a page or a file, and delete it on request."""
    ticket = access_ticket(token)
    if request.method == "POST":
        actions.forget(ticket=ticket)
        return see_other("ticket-data", token=token)
    context = {
        "label": _("Nomor %(label)s") % {"label": ticket.label},
        "back": reverse("ticket", args=[token]),
        "change": reverse("ticket-told", args=[token]) if ticket.is_active and channels.for_phone() else "",
        "first": reverse("ticket-first", args=[token]) if may_change_lane(ticket) else "",
        "after": _("Tempat Anda dalam antrean tetap."),
    }
    return _data(request, known_of(ticket), f"data-{ticket.label}", ticket.issued_at, context)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_booking(request: HttpRequest, token: str) -> HttpResponse:
    """As `of_ticket` for a booking; once its holder has come, their number has the page."""
    booking = access_booking(token)
    if booking.ticket is not None:
        return see_other("ticket-data", token=booking.ticket.token)
    if request.method == "POST":
        actions.forget_booking(booking=booking)
        return see_other("booking-data", token=token)
    is_open = booking.state == BookingState.BOOKED
    context = {
        "label": _("Pesanan Anda"),
        "back": reverse("booking", args=[token]),
        "change": reverse("booking-told", args=[token]) if is_open and channels.for_phone() else "",
        "first": reverse("booking-first", args=[token]) if is_open else "",
        "after": _("Waktu pesanan Anda tetap."),
    }
    return _data(request, known_of_booking(booking), "data-pesanan", booking.booked_at, context)


def _data(
    request: HttpRequest, known: Known, name: str, since: datetime, context: dict[str, Any]
) -> HttpResponse:
    if request.GET.get("unduh"):
        return _file(known.as_dict(), f"{name}-{clock.local(since):%Y-%m-%d}.json")
    return unlisted_page(render(request, "queueing/my_data.html", {"known": known, **context}))


def _file(content: dict[str, Any], name: str) -> HttpResponse:
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return unlisted_page(response)

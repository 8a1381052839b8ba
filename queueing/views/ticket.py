"""My number: following it, giving it back, finding it again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions, live, workflow
from queueing.access import access_ticket
from queueing.desks import desks_of, places_of
from queueing.enums import Step, TicketState
from queueing.holding import held_tickets
from queueing.models import Ticket
from queueing.ticket_words import wait_of, words_of
from queueing.views.public import public_page, see_other
from services.models import ServiceStandard

no_store = cache_control(private=True, no_store=True)


@public_page
@require_safe
@no_store
def ticket_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a number as it stands now; the part alone for the script that keeps it fresh."""
    return _page(request, access_ticket(token))


def _page(request: HttpRequest, ticket: Ticket, refusal: Refusal | None = None) -> HttpResponse:
    part_only = request.headers.get("X-MPP-Part") == "1"
    template = "queueing/parts/ticket.html" if part_only else "queueing/ticket.html"
    context = _context(ticket) | {"refusal": refusal}
    response = render(request, template, context, status=refusal.status if refusal else 200)
    # The address is the secret: it goes to no other site and to no search engine.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _context(ticket: Ticket) -> dict[str, Any]:
    at = clock.now()
    is_past = ticket.line.date < clock.local(at).date()
    # Between midnight and the closing of the day a number may still say that it waits.
    state = TicketState.EXPIRED if is_past and ticket.is_active else TicketState(ticket.state)
    now = live.ticket_state(ticket)
    return {
        "ticket": ticket,
        "state": state.value,
        "words": words_of(ticket, state),
        "now": now,
        "wait": wait_of(now, at),
        "is_running": ticket.is_active and not is_past,
        "is_past": is_past,
        "can_cancel": Step.CANCEL in workflow.TICKET.available(ticket.state) and not is_past,
        "places": places_of(desks_of(ticket.line.queue.agency, ticket.line.date)),
        "standard": ServiceStandard.objects.in_force(ticket.line.date).filter(service=ticket.service).first(),
    }


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def ticket_cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then give the number back; a number that is already given back stays so."""
    ticket = access_ticket(token)
    if ticket.state != TicketState.CANCELLED and request.method == "POST":
        try:
            actions.cancel(ticket=ticket)
        except Refusal as refusal:
            return _page(request, access_ticket(token), refusal)
    elif Step.CANCEL in workflow.TICKET.available(ticket.state):
        return render(request, "queueing/ticket_cancel.html", {"ticket": ticket})
    return see_other("ticket", token=token)


@public_page
@require_safe
@no_store
def my_tickets(request: HttpRequest) -> HttpResponse:
    """List the numbers of today that this browser holds, or say how to find one."""
    tickets = held_tickets(request, clock.today())
    rows = [{"ticket": ticket, "now": live.ticket_state(ticket)} for ticket in tickets]
    return render(request, "queueing/my_tickets.html", {"rows": rows})

"""One visit with several numbers: one page and one code for all, and the way to one number more."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.core.formats import hour
from mpp.core.net import public_address
from queueing.access import access_ticket, access_visit
from queueing.holding import held_tokens, hold
from queueing.views.public import public_page, secret_page, see_other
from queueing.views.ticket import LOOK_SECONDS
from queueing.visits import together

no_store = cache_control(private=True, no_store=True)


@public_page
@require_safe
@no_store
def visit_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show all numbers of one person's visit; the part alone for the script that keeps it fresh."""
    at = clock.now()
    visit = access_visit(token)
    part_only = request.headers.get("X-MPP-Part") == "1"
    template = "queueing/parts/visit.html" if part_only else "queueing/visit.html"
    page = together(visit, at)
    is_past = visit.date < clock.local(at).date()
    context = {
        "visit": page,
        "time": hour(at, seconds=True),
        "is_running": page.is_running and not is_past,
        "troubles": [] if is_past else page.troubles(),
        "look_seconds": LOOK_SECONDS,
        "address": public_address(request) + reverse("visit", args=[visit.token]),
    }
    return secret_page(render(request, template, context))


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def add_service(request: HttpRequest, token: str) -> HttpResponse:
    """Let this browser hold the number, then lead to the services; the next number joins its visit."""
    ticket = access_ticket(token)
    if ticket.token in held_tokens(request):
        return see_other("service-list")
    if request.method != "POST":
        return render(request, "queueing/ticket_add.html", {"ticket": ticket})
    response = see_other("service-list")
    hold(request, response, ticket)
    return response

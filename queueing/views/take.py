"""Taking a number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions, availability, limits
from queueing.desks import desks_of, places_of
from queueing.enums import Channel
from queueing.forms import TakeForm
from queueing.holding import held_for, hold
from queueing.panels import Panel, panel_of
from queueing.views.browse import find_service, service_page
from queueing.views.public import public_page, see_other
from services.models import Service


@public_page
@cache_control(private=True, no_cache=True)
@require_http_methods(["GET", "HEAD", "POST"])
def take_number(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once, then give out a number; whoever holds one for this service is led back to it."""
    service = find_service(slug)
    if ticket := held_for(request, service, clock.today()):
        return see_other("ticket", token=ticket.token)
    if request.method == "POST":
        return _take(request, service)
    panel = panel_of(availability.of_service(service))
    if not panel.can_take:
        return redirect("service-detail", slug=slug)
    return _ask(request, service, TakeForm.fresh(), panel)


def _take(request: HttpRequest, service: Service) -> HttpResponse:
    limits.count_issue(request)
    form = TakeForm(request.POST)
    if not form.is_valid():
        return _ask(request, service, form, panel_of(availability.of_service(service)), status=400)
    try:
        ticket = actions.issue_ticket(
            service=service,
            channel=Channel.ONLINE,
            priority=form.priority,
            phone=form.cleaned_data["ponsel"],
            request_key=form.request_key,
        )
    except Refusal as refusal:
        return service_page(request, service, refusal)
    response = see_other("ticket", token=ticket.token)
    hold(request, response, ticket)
    return response


def _ask(
    request: HttpRequest, service: Service, form: TakeForm, panel: Panel, status: int = 200
) -> HttpResponse:
    context = {
        "service": service,
        "form": form,
        "panel": panel,
        "places": places_of(desks_of(service.agency, clock.today())),
    }
    return render(request, "queueing/take.html", context, status=status)

"""Taking a number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from mpp.core import clock, revision, tokens
from mpp.core.errors import NotFound, Refusal
from queueing import actions, availability, bookings, limits, persons
from queueing.availability import Availability
from queueing.desks import places_on
from queueing.enums import Channel
from queueing.forms import TakeForm
from queueing.holding import device_of, held_for, held_tickets, hold, keep_device
from queueing.models import Ticket, Visit
from queueing.panels import panel_of
from queueing.told_ways import typed_ways
from queueing.views.browse import find_service, next_opening_of, service_page
from queueing.views.public import helps, public_page, see_other
from services import shelf
from services.models import Service

# The page's key is spent on another service: a new page is needed.
NEEDS_NEW_PAGE = frozenset({"key_reused"})


@public_page
@cache_control(private=True, no_cache=True)
@require_http_methods(["GET", "HEAD", "POST"])
def take_number(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once, then give out a number; whoever holds one for this service is led back to it.

    Unless it is for somebody else, whom they help.
    """
    service = find_service(slug) if request.method != "POST" else _service_to_take(slug)
    if not helps(request) and (ticket := held_for(request, service, clock.today())):
        return see_other("ticket", token=ticket.token)
    device = device_of(request) or tokens.new_secret()
    response = _take(request, service, device) if request.method == "POST" else _offer(request, service)
    if not device_of(request):
        keep_device(response, device)
    return response


def _service_to_take(slug: str) -> Service:
    """Return the service from memory: all that a number needs, and all that most of a storm ever see."""
    service = shelf.public_service(slug)
    if service is None:
        raise NotFound
    return service


def _offer(request: HttpRequest, service: Service) -> HttpResponse:
    answer = _answer(service)
    if not answer.can_take:
        return redirect("service-detail", slug=service.slug)
    return _ask(request, service, TakeForm.fresh(helps=helps(request)), answer)


def _answer(service: Service) -> Availability:
    return availability.of_service(service, channel=Channel.ONLINE)


def _take(request: HttpRequest, service: Service, device: str) -> HttpResponse:
    limits.count_issue(request)
    form = TakeForm(request.POST)
    if not form.is_valid():
        service = find_service(service.slug)
        return _ask(request, service, form, _answer(service), status=400)
    try:
        ticket = actions.issue_ticket(
            service=service,
            channel=Channel.ONLINE,
            priority=form.priority,
            phone=form.cleaned_data["ponsel"],
            way=form.cleaned_data["lewat"],
            device=device,
            is_helped=form.cleaned_data["bantu"],
            visit=_visit_of(request) if form.joins else None,
            request_key=form.request_key,
        )
    except Refusal as refusal:
        return _refused(request, service, form, refusal)
    response = see_other("ticket", token=ticket.token)
    hold(request, response, ticket)
    return response


def _visit_of(request: HttpRequest) -> Visit | None:
    """Return the visit of the numbers that this browser holds, made when there is none; None for none."""
    running = _running(request)
    visit = next((ticket.visit for ticket in running if ticket.visit), None)
    for ticket in running:
        visit = ticket.visit or actions.join(ticket=ticket, visit=visit)
    return visit


def _running(request: HttpRequest) -> list[Ticket]:
    """Return the own numbers of today, not those of people who are helped."""
    today, device = clock.today(), device_of(request)
    return [
        ticket
        for ticket in held_tickets(request, today)
        if ticket.is_active and ticket.line.date == today and not persons.is_of_helped(ticket, device)
    ]


def _refused(request: HttpRequest, service: Service, form: TakeForm, refusal: Refusal) -> HttpResponse:
    """Answer a refusal in place with what was typed; when nothing can be taken, on the service's page."""
    # Nothing is written any more: from here it is a page like those that only read.
    with revision.steady():
        if refusal.code == "full" and not (left := availability.of_shares(service, Channel.ONLINE)).can_take:
            return _full(request, service, left)
        service = find_service(service.slug)
        answer = _answer(service)
        if not answer.can_take or refusal.code in NEEDS_NEW_PAGE:
            return service_page(request, service, refusal, answer)
        return _ask(request, service, form, answer, status=refusal.status, refusal=refusal)


def _full(request: HttpRequest, service: Service, answer: Availability) -> HttpResponse:
    """Tell one of the many who came too late what is left and when, for as few queries as can be."""
    again = next_opening_of(service, clock.now())
    context = {
        "service": service,
        "panel": panel_of(answer, again),
        "can_tell": bool(typed_ways()),
        "takes_bookings": bookings.queue_of(service) is not None,
    }
    return render(request, "queueing/full.html", context, status=409)


def _ask(
    request: HttpRequest,
    service: Service,
    form: TakeForm,
    answer: Availability,
    status: int = 200,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "service": service,
        "form": form,
        "panel": panel_of(answer),
        "refusal": refusal,
        "companions": [] if helps(request) else [ticket.label for ticket in _running(request)],
        "places": places_on(service.agency, clock.today()),
    }
    return render(request, "queueing/take.html", context, status=status)

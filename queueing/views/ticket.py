"""My number: following it, giving it back, taking another place in the line, finding it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock, revision
from mpp.core.errors import Refusal
from mpp.core.net import public_address
from queueing import actions, booking_holding, limits, live, lost, told, workflow
from queueing.access import access_ticket
from queueing.desks import places_on
from queueing.enums import Lane, Step, TicketState
from queueing.filed import file_of
from queueing.forms import LostForm
from queueing.holding import held_tickets, held_tokens, hold
from queueing.models import Ticket
from queueing.reentry import may_change_lane, may_postpone, may_step_back, passing, reentry_of
from queueing.ticket_words import day_of, leave_of, title_of, wait_of, words_of
from queueing.views.public import public_page, secret_page, see_other
from queueing.visits import companions
from services import shelf, troubles
from services.models import ServiceStandard
from services.opening import OpeningBook

no_store = cache_control(private=True, no_store=True)
# How often the script asks for the whole part: a file, or a way to be told, does not come with the stream.
# An hour of it, with the stream, weighs less than 100 KB (trust.md U-12).
LOOK_SECONDS = 300
LOST_A_MINUTE = 10
# Minutes of way from home to choose from.
WAYS = (15, 30, 60, 90, 120)


@public_page
@require_safe
@no_store
def ticket_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a number as it stands now; the part alone for the script that keeps it fresh."""
    return _page(request, access_ticket(token))


def refused_page(request: HttpRequest, ticket: Ticket, refusal: Refusal, refused: str) -> HttpResponse:
    """Show a number as it is after an act that was refused, with what did not happen (`refused`) and why."""
    return _page(request, ticket, refusal, refused)


def _page(
    request: HttpRequest, ticket: Ticket, refusal: Refusal | None = None, refused: str = ""
) -> HttpResponse:
    part_only = request.headers.get("X-MPP-Part") == "1"
    template = "queueing/parts/ticket.html" if part_only else "queueing/ticket.html"
    context = _context(ticket, _way(request)) | {
        "refusal": refusal,
        "refused": refused,
        "is_held": ticket.token in held_tokens(request),
        "address": public_address(request, reverse("ticket", args=[ticket.token])),
    }
    return secret_page(render(request, template, context, status=refusal.status if refusal else 200))


def _way(request: HttpRequest) -> int | None:
    """Return how many minutes of way the holder has chosen; None for anything that is no choice."""
    return next((way for way in WAYS if request.GET.get("jalan") == str(way)), None)


def _context(ticket: Ticket, way: int | None) -> dict[str, Any]:
    at = clock.now()
    today = clock.local(at).date()
    is_past, is_ahead = ticket.line.date < today, ticket.line.date > today
    # Between midnight and the closing of the day a number may still say that it waits.
    state = TicketState.EXPIRED if is_past and ticket.is_active else TicketState(ticket.state)
    now = live.ticket_state(ticket)
    file = file_of(ticket)
    return {
        "ticket": ticket,
        "state": state.value,
        "words": words_of(ticket, state),
        "title": title_of(ticket, state, now),
        "now": now,
        "wait": wait_of(now, at),
        "ways": WAYS,
        "way": way,
        "leave": leave_of(now, at, way),
        "is_running": ticket.is_active and not is_past,
        "is_past": is_past,
        "ahead_on": day_of(ticket.line.date, today) if is_ahead else "",
        "can_cancel": Step.CANCEL in workflow.TICKET.available(ticket.state) and not is_past,
        "reentry": None if is_past else reentry_of(ticket, at),
        "can_change_lane": not is_past and may_change_lane(ticket),
        "can_step_back": not is_past and not is_ahead and may_step_back(ticket),
        "can_postpone": not is_past and may_postpone(ticket),
        "carried_to": getattr(ticket, "carried_to", None) if state == TicketState.EXPIRED else None,
        "postponed_to": getattr(ticket, "postponed_to", None) if state == TicketState.CANCELLED else None,
        "only_counter": ticket.for_counter if ticket.lane == Lane.COUNTER else None,
        "moved_from": _moved_from(ticket),
        "trouble": _trouble(ticket, at) if ticket.is_active and not is_past else None,
        "visit": companions(ticket, at),
        "look_seconds": LOOK_SECONDS,
        "places": places_on(ticket.line.queue.agency, ticket.line.date),
        "told": told.of_ticket(ticket),
        "file": file,
        "file_told": told.of_file(file) if file else None,
        "is_live": not is_ahead,
        "standard": _standard(ticket, today),
    }


def _standard(ticket: Ticket, today: date) -> ServiceStandard | None:
    """Return the standard in force on the number's day; today's is remembered."""
    if ticket.line.date == today:
        return shelf.standard_of(ticket.service, revision.read())
    return ServiceStandard.objects.in_force(ticket.line.date).filter(service=ticket.service).first()


def _moved_from(ticket: Ticket) -> str:
    """Return the agency from which a number was sent on; "" while it stands where it was taken."""
    origin = ticket.queue_day.queue
    if origin.pk == ticket.line.queue_id:
        return ""
    same = origin.agency_id == ticket.line.queue.agency_id
    return origin.name if same else origin.agency.short_name


def _trouble(ticket: Ticket, at: datetime) -> dict[str, str] | None:
    """Return the trouble at the number's agency in words, and until when."""
    book = OpeningBook(at)
    trouble = book.trouble(ticket.line.queue.agency_id)
    if trouble is None:
        return None
    return {"what": trouble.message.rstrip(" ."), "until": troubles.recovery_words(trouble, book.at)}


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def ticket_cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then give the number back; a number that is already given back stays so."""
    ticket = access_ticket(token)
    if ticket.state != TicketState.CANCELLED and request.method == "POST":
        return tried(request, token, lambda: actions.cancel(ticket=ticket), _("Tidak jadi dibatalkan"))
    if ticket.state != TicketState.CANCELLED and Step.CANCEL in workflow.TICKET.available(ticket.state):
        context = {"ticket": ticket, "can_postpone": may_postpone(ticket)}
        return render(request, "queueing/ticket_cancel.html", context)
    return see_other("ticket", token=token)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def ticket_re_enter(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, naming the place, then let a missed number stand in the line again; twice is once."""
    ticket = access_ticket(token)
    if request.method == "POST" and not (ticket.reentries and ticket.state == TicketState.WAITING):
        return tried(request, token, lambda: actions.re_enter(ticket=ticket), _("Belum masuk antrean lagi"))
    if request.method != "POST" and (reentry := reentry_of(ticket, clock.now())):
        return render(request, "queueing/ticket_re_enter.html", {"ticket": ticket, "reentry": reentry})
    return see_other("ticket", token=token)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def ticket_step_back(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, naming who goes first, then let the next few go before a number; twice is once."""
    ticket = access_ticket(token)
    if request.method == "POST" and not (ticket.steps_back and ticket.state == TicketState.WAITING):
        return tried(request, token, lambda: actions.step_back(ticket=ticket), _("Tempat Anda tetap"))
    if request.method != "POST" and may_step_back(ticket):
        context = {"ticket": ticket, "people": passing(ticket), "now": live.ticket_state(ticket)}
        return render(request, "queueing/ticket_step_back.html", context)
    return see_other("ticket", token=token)


def tried(request: HttpRequest, token: str, act: Callable[[], object], refused: Any) -> HttpResponse:
    """Do it and lead back to the number; a refusal stands on the number's page as it is now."""
    try:
        act()
    except Refusal as refusal:
        return refused_page(request, access_ticket(token), refusal, refused)
    return see_other("ticket", token=token)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def my_tickets(request: HttpRequest) -> HttpResponse:
    """List the numbers and booked times that this browser holds; find a lost number, and hold it."""
    form = LostForm(request.POST if request.method == "POST" else None)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            limits.count_issue(request, scope="lost", limit=LOST_A_MINUTE)
            prefix, number = form.cleaned_data["nomor"]
            ticket = lost.find(prefix, number, form.cleaned_data["akhir"])
        except Refusal as caught:
            refusal = caught
        else:
            response = see_other("ticket", token=ticket.token)
            hold(request, response, ticket)
            return response
    today = clock.today()
    tickets = held_tickets(request, today)
    rows = [
        {"ticket": ticket, "now": live.ticket_state(ticket), "day": day_of(ticket.line.date, today)}
        for ticket in tickets
    ]
    visit = next((ticket.visit for ticket in tickets if ticket.visit and ticket.is_active), None)
    status = 200 if not form.is_bound else refusal.status if refusal else 400
    context = {
        "rows": rows,
        "bookings": booking_holding.held_bookings(request),
        "visit": visit,
        "form": form,
        "refusal": refusal,
    }
    return render(request, "queueing/my_tickets.html", context, status=status)

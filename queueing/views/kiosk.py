"""The kiosk `/anjungan/`: agency, service, number, slip. Three touches, no keyboard, no scrolling."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from mpp.core.net import public_address
from queueing import actions, availability, bookings, limits
from queueing.access import access_ticket
from queueing.desks import places_on
from queueing.enums import Channel, Priority, TicketState
from queueing.live import ticket_state
from queueing.manner import Manner, same_screen
from queueing.models import Ticket
from queueing.tiles import (
    agency_tiles,
    is_long,
    left_in_common,
    offered,
    row_of,
    screen_of,
    short_day,
    short_when,
)
from queueing.views.paired import only_paired, prints_itself
from queueing.views.public import public_page
from services.models import Service
from services.opening import OpeningBook
from services.policy import next_opening
from tenants import devices
from tenants.enums import PaperWidth

# Far above what all kiosks of one mall can touch; it stops a program, not a hall full of people.
NUMBERS_A_MINUTE = 120
CANCEL_WITHIN = timedelta(minutes=2)
LOOK = "lihat"

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Room:
    """How many choices a screen has room for: agencies, services, found services."""

    agencies: int
    services: int
    found: int


# At most eight choices a screen (trust.md K-02); by large type and low reach. A service needs two lines.
ROOMS = {
    (False, False): Room(8, 6, 4),
    (True, False): Room(4, 3, 3),
    (False, True): Room(6, 4, 3),
    (True, True): Room(4, 3, 2),
}


# On a small panel the same millimetres are more of the screen.
SMALL_ROOMS = {False: Room(8, 5, 2), True: Room(4, 3, 2)}


def room_for(request: HttpRequest) -> Room:
    """Return how many choices a screen of this kiosk shows to a visitor with these wishes."""
    wishes = Manner.of(request)
    if devices.is_small_panel(request):
        return SMALL_ROOMS[wishes.large]
    return ROOMS[wishes.large, wishes.low]


def on_kiosk(view: View) -> View:
    """Make a public page of the machine: never stored, in the visitor's language.

    A refusal looks like the machine too.
    """
    page = public_page(only_paired(view))

    @login_not_required
    @never_cache
    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        manner = Manner.of(request)
        with translation.override(manner.language):
            try:
                return page(request, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal, back=manner.link(reverse("kiosk")))

    return wrapped


@on_kiosk
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Answer the first screen: agencies of today first; closed ones stay visible with their time."""
    at = clock.now()
    tiles = agency_tiles(at)
    size = room_for(request).agencies
    screen = screen_of(tiles, size=size, number=screen_number(request))
    soonest = min((tile.opens for tile in tiles if tile.opens), default=None)
    context = {
        "screen": screen,
        "special": next((tile.special for tile in tiles if tile.special), ""),
        "nothing_open": not any(tile.offer.can_take for tile in tiles),
        "opens": short_when(soonest, at) if soonest else "",
    }
    return choices(request, "kiosk", context, at)


@on_kiosk
@require_safe
def agency(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the second screen: the services of one agency; touching one takes the number."""
    at = clock.now()
    today = clock.local(at).date()
    services = list(offered(today).with_standard(today).filter(agency__slug=slug))
    if not services:
        raise NotFound(_("Instansi ini tidak ada di anjungan. Tanya petugas di pintu masuk."))
    answers = availability.of_services(services, at, Channel.KIOSK)
    rows, left = left_in_common([row_of(service, answers[service.pk], at) for service in services])
    can_take = any(row.offer.can_take for row in rows)
    size = room_for(request).services
    context = {
        "screen": screen_of(rows, size=size, number=screen_number(request)),
        "agency": services[0].agency,
        "left": left,
        "message": "" if can_take else answers[services[0].pk].message,
    }
    return choices(request, "kiosk_services", context, at)


def choices(request: HttpRequest, name: str, context: dict[str, Any], at: datetime) -> HttpResponse:
    """Render a screen of choices with the links that lead on, back, and to the other priority."""
    manner = Manner.of(request)
    number = context["screen"].number
    path, home = request.path, reverse("kiosk")
    typed = {"cari": context["query"]} if context.get("query") else {}
    context |= {
        "now": at,
        "priority": manner.priority,
        "toggle": same_screen(request, manner.turned("priority")),
        "onward": manner.link(path, typed, screen=number + 1),
        "back": manner.link(path, typed, screen=number - 1) if number > 1 else manner.link(home),
        "is_home": path == home and number == 1,
        "is_untouched": path == home and number == 1 and not manner.carried,
    }
    return render(request, f"queueing/{name}.html", context)


@on_kiosk
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the number and show it; reloading a refusal leads back to the start."""
    if request.method != "POST":
        return redirect("kiosk")
    service = Service.objects.public(clock.today()).select_related("agency").filter(slug=slug).first()
    if service is None:
        raise NotFound(_("Layanan ini tidak ada di anjungan. Tanya petugas di pintu masuk."))
    manner = Manner.of(request)
    try:
        limits.count_issue(request, scope="kiosk", limit=NUMBERS_A_MINUTE)
        taken = actions.issue_ticket(
            service=service,
            channel=Channel.KIOSK,
            priority=Priority.GENERAL if manner.priority else Priority.NONE,
            request_key=request_key(request.POST.get("kunci", "")),
        )
    except Refusal as refusal:
        path = reverse("kiosk-agency", args=[service.agency.slug])
        return refused(request, refusal, back=manner.link(path), service=service)
    return to_ticket(request, taken)


def to_ticket(request: HttpRequest, ticket: Ticket, said: Mapping[str, str] | None = None) -> HttpResponse:
    """Lead on to the screen of a number, in the visitor's manner."""
    path = reverse("kiosk-ticket", args=[ticket.token])
    return HttpResponseRedirect(Manner.of(request).link(path, said), status=303)


def request_key(text: str) -> str:
    """Return the page's key under the kiosk's own name, so that it meets no other channel's key."""
    try:
        return f"kiosk:{uuid.UUID(text)}"
    except ValueError as error:
        message = gettext_lazy("Layar ini sudah lama terbuka. Kembali, lalu sentuh lagi layanan Anda.")
        raise Refusal("bad_key", message, status=400) from error


@on_kiosk
@require_safe
def why(request: HttpRequest, slug: str) -> HttpResponse:
    """Say why a service gives no number now, until when, and what else is possible."""
    at = clock.now()
    service = offered(clock.local(at).date()).filter(slug=slug).first()
    if service is None:
        raise NotFound(_("Layanan ini tidak ada di anjungan. Tanya petugas di pintu masuk."))
    answer = availability.of_service(service, at, Channel.KIOSK)
    path = Manner.of(request).link(reverse("kiosk-agency", args=[service.agency.slug]))
    if answer.can_take:
        return redirect(path)
    return refused(request, answer.refusal(), back=path, service=service, status=200)


def refused(
    request: HttpRequest,
    refusal: Refusal,
    *,
    back: str,
    service: Service | None = None,
    status: int | None = None,
) -> HttpResponse:
    """Answer a refusal in the kiosk's look: the reason, the next time, the other ways, the way back."""
    at = clock.now()
    until = _next_time(refusal, service, at)
    context = {
        "now": at,
        "refusal": refusal,
        "service": service,
        "until": until,
        "until_day": short_day(until, at) if until else "",
        "back": back,
    }
    if service is not None:
        context |= _other_ways(request, service, at)
    return render(request, "queueing/kiosk_refused.html", context, status=status or refusal.status)


def _other_ways(request: HttpRequest, service: Service, at: datetime) -> dict[str, Any]:
    """Return what a phone can still do for `service`: take a number online, or book a time."""
    online = availability.of_service(service, at, Channel.ONLINE)
    bookable = bookings.next_free(service, at)
    return {
        "online_left": online.line.left(Channel.ONLINE) if online.can_take and online.line else None,
        "can_online": online.can_take,
        "bookable": f"{short_when(bookable, at)}" if bookable else "",
        "page_url": public_address(request) + reverse("service-detail", args=[service.slug]),
    }


def _next_time(refusal: Refusal, service: Service | None, at: datetime) -> datetime | None:
    """Return when a number can be had again: as the refusal says, or the next opening when it is full."""
    if until := refusal.extra.get("until"):
        return datetime.fromisoformat(until)
    if service is None or refusal.code not in {"full", "no_time_left"}:
        return None
    book = OpeningBook(at)
    opens = next_opening(lambda day: book.plan(day, service.agency_id, service.pk), book.at)
    return clock.aware(opens) if opens else None


@on_kiosk
@require_safe
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the third screen: the number, and the slip that is printed from it."""
    # A number that is only looked at, after a scan or a power cut, is printed when somebody asks for it.
    context = ticket_facts(request, access_ticket(token)) | {
        "is_look": request.GET.get(LOOK) == "1",
        "receipt": prints_itself(request),
    }
    return render(request, "queueing/kiosk_ticket.html", context)


@on_kiosk
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Give back a number chosen by mistake, while its holder still stands here; twice is once."""
    taken = access_ticket(token)
    if request.method == "POST" and taken.state != TicketState.CANCELLED:
        if not _may_cancel(taken, clock.now()):
            message = _("Nomor ini tidak dapat lagi dibatalkan di anjungan. Pakai kode di karcis.")
            raise Refusal("cancel_too_late", message)
        actions.cancel(ticket=taken)
    return to_ticket(request, taken)


def _may_cancel(ticket: Ticket, at: datetime) -> bool:
    """Tell whether a number can still be given back here: taken at a kiosk, a moment ago (trust.md K-12)."""
    fresh = at - ticket.issued_at <= CANCEL_WITHIN
    return ticket.channel == Channel.KIOSK and ticket.state == TicketState.WAITING and fresh


@on_kiosk
@require_safe
def slip(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the slip alone, 80 mm wide: for reprinting, and for a browser without scripts."""
    return render(request, "queueing/slip.html", ticket_facts(request, access_ticket(token)))


def ticket_facts(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return what screen and slip say of a number: no name, no telephone number (trust.md K-08)."""
    at = clock.now()
    agency = ticket.service.agency
    return {
        "now": at,
        "ticket": ticket,
        "is_long": is_long(ticket.label),
        "agency": agency,
        "state": ticket_state(ticket),
        "is_waiting": ticket.state == TicketState.WAITING,
        "is_cancelled": ticket.state == TicketState.CANCELLED,
        "can_cancel": _may_cancel(ticket, at),
        "paper": paper_of(request),
        "places": places_on(agency, ticket.queue_day.date),
        "standard": ticket.service.standards.in_force(clock.local(at).date()).first(),
        "follow_url": public_address(request) + reverse("ticket", args=[ticket.token]),
    }


def paper_of(request: HttpRequest) -> int:
    """Return the width in mm of the roll in this kiosk's printer."""
    device = devices.device_of(request)
    return device.paper_mm if device else PaperWidth.WIDE.value


def screen_number(request: HttpRequest) -> int:
    """Return which screen of a list is asked for; nonsense is the first."""
    text = request.GET.get("hal", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 1

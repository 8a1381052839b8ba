"""The kiosk `/anjungan/`: agency, service, number, slip. Three touches, no keyboard, no scrolling."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from queueing import actions, availability, limits
from queueing.access import access_ticket
from queueing.desks import desks_of, places_of
from queueing.enums import Channel, Priority, TicketState
from queueing.live import ticket_state
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
from queueing.views.public import public_page, see_other
from services.models import Service
from services.opening import OpeningBook
from services.policy import next_opening

# At most eight choices a screen (trust.md K-02); a service needs a row of two lines, so six fit.
AGENCIES_A_SCREEN = 8
SERVICES_A_SCREEN = 6
# Far above what all kiosks of one mall can touch; it stops a program, not a hall full of people.
NUMBERS_A_MINUTE = 120
CANCEL_WITHIN = timedelta(minutes=2)

View = Callable[..., HttpResponse]


def on_kiosk(view: View) -> View:
    """Make a public page of the machine: never stored, and a refusal looks like the machine too."""
    page = public_page(only_paired(view))

    @login_not_required
    @never_cache
    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return page(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal, back=reverse("kiosk"))

    return wrapped


@on_kiosk
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Answer the first screen: agencies of today first; closed ones stay visible with their time."""
    at = clock.now()
    tiles = agency_tiles(at)
    screen = screen_of(tiles, size=AGENCIES_A_SCREEN, number=_screen_number(request))
    soonest = min((tile.opens for tile in tiles if tile.opens), default=None)
    context = {
        "screen": screen,
        "special": next((tile.special for tile in tiles if tile.special), ""),
        "nothing_open": not any(tile.offer.can_take for tile in tiles),
        "opens": short_when(soonest, at) if soonest else "",
    }
    return _choices(request, "kiosk", context, at)


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
    context = {
        "screen": screen_of(rows, size=SERVICES_A_SCREEN, number=_screen_number(request)),
        "agency": services[0].agency,
        "left": left,
        "message": "" if can_take else answers[services[0].pk].message,
    }
    return _choices(request, "kiosk_services", context, at)


def _choices(request: HttpRequest, name: str, context: dict[str, Any], at: datetime) -> HttpResponse:
    """Render a screen of choices with the links that lead on, back, and to the other priority."""
    priority = _wants_priority(request.GET)
    number = context["screen"].number
    path, home = request.path, reverse("kiosk")
    context |= {
        "now": at,
        "priority": priority,
        "carried": link("", 1, priority),
        "toggle": link(path, number, not priority),
        "onward": link(path, number + 1, priority),
        "back": link(path, number - 1, priority) if number > 1 else link(home, 1, priority),
        "is_home": path == home and number == 1,
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
    priority = _wants_priority(request.POST)
    try:
        limits.count_issue(request, scope="kiosk", limit=NUMBERS_A_MINUTE)
        taken = actions.issue_ticket(
            service=service,
            channel=Channel.KIOSK,
            priority=Priority.GENERAL if priority else Priority.NONE,
            request_key=_request_key(request.POST.get("kunci", "")),
        )
    except Refusal as refusal:
        path = reverse("kiosk-agency", args=[service.agency.slug])
        return refused(request, refusal, back=link(path, 1, priority), service=service)
    return see_other("kiosk-ticket", token=taken.token)


def _request_key(text: str) -> str:
    """Return the page's key under the kiosk's own name, so that it meets no other channel's key."""
    try:
        return f"kiosk:{uuid.UUID(text)}"
    except ValueError as error:
        message = gettext_lazy("Layar ini sudah lama terbuka. Kembali, lalu sentuh lagi layanan Anda.")
        raise Refusal("bad_key", message, status=400) from error


def refused(
    request: HttpRequest, refusal: Refusal, *, back: str, service: Service | None = None
) -> HttpResponse:
    """Answer a refusal in the kiosk's look: the reason, the next time, the way back."""
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
    return render(request, "queueing/kiosk_refused.html", context, status=refusal.status)


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
    context = ticket_facts(request, access_ticket(token)) | {"receipt": prints_itself(request)}
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
    return see_other("kiosk-ticket", token=token)


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
        "places": places_of(desks_of(agency, ticket.queue_day.date)),
        "standard": ticket.service.standards.in_force(clock.local(at).date()).first(),
        "follow_url": public_address(request) + reverse("ticket", args=[ticket.token]),
    }


def public_address(request: HttpRequest) -> str:
    """Return the address at which a phone reaches us: as configured, else as this request came."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def _screen_number(request: HttpRequest) -> int:
    text = request.GET.get("hal", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 1


def _wants_priority(values: Mapping[str, Any]) -> bool:
    return values.get("didahulukan") == "1"


def link(path: str, number: int, priority: bool) -> str:
    """Return `path` with what is carried from touch to touch: the screen and the priority."""
    carried = ({"hal": number} if number > 1 else {}) | ({"didahulukan": 1} if priority else {})
    return f"{path}?{urlencode(carried)}" if carried else path

"""What helps at the kiosk: search, help to see and reach, and a page for the time without a server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from mpp.core import clock, revision
from mpp.core.errors import Refusal
from mpp.core.net import public_address
from queueing import actions, availability
from queueing.enums import Channel
from queueing.models import Ticket
from queueing.popular import often_taken
from queueing.tiles import offered, row_of, screen_of
from queueing.views.kiosk import (
    LOOK,
    choices,
    on_kiosk,
    paper_of,
    request_key,
    room_for,
    screen_number,
    to_ticket,
)
from services.models import Service
from services.search import MAX_CHARACTERS, search
from tenants import devices

KEYS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
# Ten keys of 20 mm are wider than a small panel: there the letters stand in rows by their order.
SMALL_KEYS = ("ABCDEFG", "HIJKLMN", "OPQRSTU", "VWXYZ")
# So long after a power cut its visitor still stands here (trust.md R-30).
REPRINT_WITHIN = timedelta(minutes=2)


@on_kiosk
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Answer the search: what was typed and what was found; before that, what is taken often."""
    instant = revision.read()
    text = request.GET.get("cari", "").replace("\x00", "")[:MAX_CHARACTERS].lstrip()
    services = offered(instant.day).with_standard(instant.day)
    found = search(text, services) if text.strip() else _often(list(services), instant)
    size = room_for(request).found
    screen = screen_of(found, size=size, number=screen_number(request))
    answers = availability.of_services(list(screen.items), instant.at, Channel.KIOSK)
    context: dict[str, Any] = {
        "screen": screen,
        "rows": [row_of(service, answers[service.pk], instant.at) for service in screen.items],
        "query": text,
        "shorter": text[:-1],
        "keys": SMALL_KEYS if devices.is_small_panel(request) else KEYS,
    }
    return choices(request, "kiosk_search", context, instant.at)


def _often(services: list[Service], instant: revision.Instant) -> list[Service]:
    places = {key: place for place, key in enumerate(often_taken(instant))}
    return sorted((one for one in services if one.pk in places), key=lambda one: places[one.pk])[:8]


@on_kiosk
@require_safe
def access(request: HttpRequest) -> HttpResponse:
    """Answer the screen of help: large type, contrast, buttons within reach, reading aloud."""
    return render(request, "queueing/kiosk_access.html", {"now": clock.now()})


@on_kiosk
@require_POST
def unprinted(request: HttpRequest) -> HttpResponse:
    """Lead to the number that this kiosk was making when its power went; void it once its visitor has left.

    The kiosk knows it by the key of its touch, which nobody else has, and says whether its screen has
    asked the visitor to take a picture of it: then it is theirs.
    """
    start = HttpResponseRedirect(reverse("kiosk"), status=303)
    try:
        key = request_key(request.POST.get("kunci", ""))
    except Refusal:
        return start
    ticket = Ticket.objects.with_labels().filter(request_key=key).first()
    if ticket is None:
        return start
    if clock.now() - ticket.issued_at <= REPRINT_WITHIN:
        return to_ticket(request, ticket, {LOOK: "1"})
    if request.POST.get("terlihat") != "1":
        actions.void_unprinted(ticket=ticket)
    return start


@on_kiosk
@require_safe
def test_print(request: HttpRequest) -> HttpResponse:
    """Answer the page that prints a test slip by this browser, once for each wish of the admin."""
    context = {
        "now": clock.now(),
        "once": request.GET.get("kali", ""),
        "device": devices.device_of(request),
        "paper": paper_of(request),
        "portal": public_address(request) + reverse("home"),
    }
    return render(request, "queueing/kiosk_test.html", context)


@on_kiosk
@require_safe
def outage(request: HttpRequest) -> HttpResponse:
    """Answer the page that the kiosk keeps for the time without a server."""
    return render(request, "queueing/kiosk_outage.html")


@login_not_required
@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Answer the service worker of the kiosk's addresses: it keeps the page above, and nothing else."""
    return render(request, "queueing/kiosk_worker.js", content_type="text/javascript; charset=utf-8")

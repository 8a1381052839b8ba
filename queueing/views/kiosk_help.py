"""What helps at the kiosk: search, help to see and reach, and a page for the time without a server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mpp.core import clock, revision
from mpp.core.errors import Refusal
from queueing import availability
from queueing.enums import Channel
from queueing.manner import Manner
from queueing.models import Ticket
from queueing.popular import often_taken
from queueing.tiles import offered, row_of, screen_of
from queueing.views.kiosk import LOOK, choices, on_kiosk, request_key, room_for, screen_number, to_ticket
from services.models import Service
from services.search import MAX_CHARACTERS, search

KEYS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
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
    size = room_for(Manner.of(request)).found
    screen = screen_of(found, size=size, number=screen_number(request))
    answers = availability.of_services(list(screen.items), instant.at, Channel.KIOSK)
    context: dict[str, Any] = {
        "screen": screen,
        "rows": [row_of(service, answers[service.pk], instant.at) for service in screen.items],
        "query": text,
        "shorter": text[:-1],
        "keys": KEYS,
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
@require_safe
def unprinted(request: HttpRequest) -> HttpResponse:
    """Lead to the number that this kiosk was making when its power went; after two minutes to the start.

    The kiosk knows it by the key of its touch, which nobody else has.
    """
    try:
        key = request_key(request.GET.get("kunci", ""))
    except Refusal:
        return redirect("kiosk")
    since = clock.now() - REPRINT_WITHIN
    ticket = Ticket.objects.with_labels().filter(request_key=key, issued_at__gte=since).first()
    return to_ticket(request, ticket, {LOOK: "1"}) if ticket else redirect("kiosk")


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

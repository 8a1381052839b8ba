"""The hall displays `/layar/<zone>/`: who is called to which counter. Public, no personal data."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mpp.core import clock
from mpp.core.errors import NotFound
from queueing.live import display_state
from queueing.tiles import is_long
from queueing.views.kiosk import public_address
from tenants.models import Zone

# A call stays yellow for at least ten seconds (trust.md TV-04); display.js goes on from here.
CALLING_SECONDS = 12
# Seven come with the state: one on the plate, six in the list.
ROWS = 6
# What one row or one line has room for; display.js goes by the same figures.
QUEUES_IN_A_ROW = 3
LETTERS_IN_A_ROW = 36
MOST_LETTERS_WITH_FLOOR = 20
NOTE_ON_ONE_LINE = 70
NOTE_ON_TWO_LINES = 150


@login_not_required
@never_cache
@require_safe
def zones(request: HttpRequest) -> HttpResponse:
    """Answer the list of displays, for whoever sets up a screen."""
    return render(request, "queueing/display_list.html", {"zones": Zone.objects.all(), "now": clock.now()})


@login_not_required
@never_cache
@require_safe
def display(request: HttpRequest, code: str) -> HttpResponse:
    """Answer one display in its first state; display.js keeps it current."""
    zone = Zone.objects.filter(code=code).first()
    if zone is None:
        raise NotFound(_("Layar ini tidak ada. Pilih zona dari daftar layar."))
    context = shown(display_state(zone)) | {
        "zone": zone,
        "zone_line": f"{zone.name} · {zone.floor}"
        if len(zone.name) <= MOST_LETTERS_WITH_FLOOR
        else zone.name,
        "portal": f"{public_address(request)}/",
    }
    return render(request, "queueing/display.html", context)


def shown(state: dict[str, Any]) -> dict[str, Any]:
    """Return what the template draws of `state`, and the state itself for the script."""
    call, *earlier = state["calls"] or [None]
    rows = earlier[:ROWS]
    names = [queue["name"] for queue in state["waiting"]]
    return {
        "state": state,
        "state_json": json.dumps(state),
        "call": call,
        "is_long": call is not None and is_long(call["label"]),
        "is_many": len(names) > QUEUES_IN_A_ROW or sum(map(len, names)) > LETTERS_IN_A_ROW,
        "note_lines": note_lines(state["note"]),
        "is_calling": call is not None and call["age_seconds"] < CALLING_SECONDS,
        "rows": rows + [None] * (ROWS - len(rows)),
    }


def note_lines(note: str) -> str:
    """Return the class for a note of this length: "" on one line, else two lines in smaller type."""
    if len(note) <= NOTE_ON_ONE_LINE:
        return ""
    return "announce-two" if len(note) <= NOTE_ON_TWO_LINES else "announce-two announce-small"

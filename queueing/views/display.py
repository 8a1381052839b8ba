"""The hall displays `/layar/<code>/`: who is called to which counter. Public, no personal data."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mpp.core import clock
from mpp.core.errors import NotFound
from mpp.core.net import public_address
from queueing.enums import ScreenLayout
from queueing.screens import Scene, display_state, scene_of, scenes
from queueing.tiles import is_long

# A call stays yellow for at least ten seconds (trust.md TV-04); display.js goes on from here.
CALLING_SECONDS = 12
# The calls beside or below a plate: with the two plates of two halves there are six as well.
ROWS = {ScreenLayout.ONE: 6, ScreenLayout.HALVES: 2, ScreenLayout.LIST: 6}
# What one row has room for; display.js goes by the same figures.
QUEUES_IN_A_ROW = 3
LETTERS_IN_A_ROW = 36
SCRIPTS = ("js/live.js", "js/voice.js", "js/display-rows.js", "js/display-media.js", "js/display.js")


@login_not_required
@never_cache
@require_safe
def zones(request: HttpRequest) -> HttpResponse:
    """Answer the list of displays, for whoever sets up a screen."""
    found = [(scene, scene.has_counters()) for scene in scenes()]
    return render(request, "queueing/display_list.html", {"scenes": found, "now": clock.now()})


@login_not_required
@never_cache
@require_safe
def display(request: HttpRequest, code: str) -> HttpResponse:
    """Answer one display in its first state; display.js keeps it current."""
    scene = scene_of(code)
    if scene is None:
        raise NotFound(_("Layar ini tidak ada. Pilih dari daftar layar."))
    context = shown(display_state(scene), scene) | {
        "scene": scene,
        "showings": json.dumps([asdict(showing) for showing in scene.showings]),
        "scripts": SCRIPTS,
        "phone_address": f"{public_address(request)}{reverse('now')}",
    }
    return render(request, "queueing/display.html", context)


def shown(state: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """Return what the template draws of `state`, and the state itself for the script."""
    names = [queue["name"] for queue in state["waiting"]]
    return {
        "state": state,
        "state_json": json.dumps(state),
        "parts": [_part(state, place, part.name, scene.layout) for place, part in enumerate(scene.parts)],
        "is_many": len(names) > QUEUES_IN_A_ROW or sum(map(len, names)) > LETTERS_IN_A_ROW,
    }


def _part(state: dict[str, Any], place: int, name: str, layout: str) -> dict[str, Any]:
    """Return one plate and its rows: the newest call, and those before it with room for the rest."""
    call, *earlier = [call for call in state["calls"] if call["part"] == place] or [None]
    count = ROWS[ScreenLayout(layout)]
    rows = earlier[:count]
    return {
        "place": place,
        "name": name,
        "call": call,
        "is_long": call is not None and is_long(call["label"]),
        "is_calling": call is not None and call["age_seconds"] < CALLING_SECONDS,
        "rows": rows + [None] * (count - len(rows)),
    }


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Answer the script that lets a display start without the server; it must lie above the displays."""
    path = settings.BASE_DIR / "static" / "js" / "display-worker.js"
    response = HttpResponse(path.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response

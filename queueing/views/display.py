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

from mpp.core.errors import NotFound
from queueing.links import portal_address
from queueing.live import display_state
from tenants.models import Zone

# A call stays yellow for at least ten seconds (trust.md TV-04); display.js goes on from here.
CALLING_SECONDS = 12
# Seven come with the state: one on the plate, six in the list.
ROWS = 6


@login_not_required
@never_cache
@require_safe
def zones(request: HttpRequest) -> HttpResponse:
    """Answer the list of displays, for whoever sets up a screen."""
    return render(request, "queueing/display_list.html", {"zones": Zone.objects.all()})


@login_not_required
@never_cache
@require_safe
def display(request: HttpRequest, code: str) -> HttpResponse:
    """Answer one display in its first state; display.js keeps it current."""
    zone = Zone.objects.filter(code=code).first()
    if zone is None:
        raise NotFound(_("Layar ini tidak ada. Pilih zona dari daftar layar."))
    state = display_state(zone)
    return render(request, "queueing/display.html", shown(state) | {"zone": zone, "portal": portal_address(request)})


def shown(state: dict[str, Any]) -> dict[str, Any]:
    """Return what the template draws of `state`, and the state itself for the script."""
    call, *earlier = state["calls"] or [None]
    rows = earlier[:ROWS]
    return {
        "state": state,
        "state_json": json.dumps(state),
        "call": call,
        "is_calling": call is not None and call["age_seconds"] < CALLING_SECONDS,
        "rows": rows + [None] * (ROWS - len(rows)),
    }

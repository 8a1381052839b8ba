"""The public copy `/langsung/`: what is being called now and how long it takes, for any phone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mpp.core import revision
from queueing.panels import mall_state
from queueing.screens import now_rows
from queueing.views.public import public_page
from services.opening import OpeningBook


@public_page
@require_safe
@cache_control(private=True, no_cache=True)
def now(request: HttpRequest) -> HttpResponse:
    """Show every agency's number of this moment; now.js keeps it current."""
    at = revision.read().at
    context = {
        "at": at,
        "state": mall_state(OpeningBook(at).mall_opening()),
        "rows": now_rows(),
    }
    return render(request, "queueing/now.html", context)

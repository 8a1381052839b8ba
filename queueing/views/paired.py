"""What pairing protects: numbers at a kiosk come only from where the mall lets them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.access import access_kiosk, access_printer

View = Callable[..., HttpResponse]


def only_paired(view: View) -> View:
    """Let what changes something through only where `access_kiosk` does; looking is free."""

    @functools.wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            try:
                access_kiosk(request)
            except Refusal as refusal:
                context = {"now": clock.now(), "refusal": refusal}
                return render(request, "queueing/kiosk_unpaired.html", context, status=refusal.status)
        return view(request, *args, **kwargs)

    return page


def prints_itself(request: HttpRequest) -> bool:
    """Tell whether the portal prints the slips of this kiosk; else its browser does."""
    try:
        access_printer(request)
    except Refusal:
        return False
    return True

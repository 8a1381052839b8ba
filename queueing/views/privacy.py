"""Personal data: what the mall keeps and why, and what it keeps of one number, for its holder."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from queueing import actions
from queueing.access import access_ticket
from queueing.known import known_of
from queueing.views.public import public_page, secret_page, see_other

no_store = cache_control(private=True, no_store=True)


@public_page
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Show what is kept, why, how long, and whom to ask (UU 27/2022 article 21)."""
    return render(request, "queueing/privacy.html")


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Show the holder what is known through this number, as a page or a file, and delete it on request."""
    ticket = access_ticket(token)
    if request.method == "POST":
        actions.forget(ticket=ticket)
        return see_other("ticket-data", token=token)
    known = known_of(ticket)
    if request.GET.get("unduh"):
        return _file(known.as_dict(), f"data-{ticket.label}-{clock.local(ticket.issued_at):%Y-%m-%d}.json")
    context = {"ticket": ticket, "known": known}
    return secret_page(render(request, "queueing/my_data.html", context))


def _file(content: dict[str, Any], name: str) -> HttpResponse:
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return secret_page(response)

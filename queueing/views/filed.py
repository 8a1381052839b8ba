"""Tracing a file by its code, and the slip that carries the code home."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from mpp.core.net import public_address
from queueing.access import access_own_session
from queueing.desks import places_on
from queueing.enums import Outcome
from queueing.filed import file_of, look_up
from queueing.models import Ticket
from queueing.views.console import OfficerRequest
from queueing.views.public import public_page, secret_page, see_other
from services.file_words import story_of

LONGEST_CODE = 40
no_store = cache_control(private=True, no_store=True)


@public_page
@require_safe
@no_store
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a file and lead to it; what was typed stays."""
    typed = request.GET.get("kode", "").strip()[:LONGEST_CODE]
    if "kode" not in request.GET:
        return _form(request)
    if not typed:
        return _form(request, Refusal("no_code", _("Tulis kode dari tanda terima Anda."), status=400))
    try:
        return see_other("file", code=look_up(request, typed).code or "")
    except Refusal as refusal:
        return _form(request, refusal, typed)


def _form(request: HttpRequest, refusal: Refusal | None = None, typed: str = "") -> HttpResponse:
    context = {"refusal": refusal, "typed": typed}
    return render(request, "queueing/file_enter.html", context, status=refusal.status if refusal else 200)


@public_page
@require_safe
@no_store
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show where a file is, until when it was promised, and what to do next; nothing of a person."""
    try:
        file = look_up(request, code)
    except Refusal as refusal:
        return secret_page(_form(request, refusal, code[:LONGEST_CODE]))
    today, agency = clock.today(), file.service.agency
    context = {
        "file": file,
        "story": story_of(file, today),
        "places": places_on(agency, today),
        "address": public_address(request, reverse("file", args=[file.code])),
    }
    return secret_page(render(request, "queueing/file.html", context))


@require_safe
def slip(request: OfficerRequest, session_id: int, ticket_id: int) -> HttpResponse:
    """Show the receipt of a file that was handed in at one's own counter, 72 mm wide."""
    session = access_own_session(request.user, session_id)
    ended = Ticket.objects.with_labels().filter(session=session, outcome=Outcome.FILE_RECEIVED)
    ticket = ended.filter(pk=ticket_id).first()
    file = file_of(ticket) if ticket else None
    if ticket is None or file is None:
        raise NotFound
    context = {
        "ticket": ticket,
        "file": file,
        "follow_url": public_address(request) + reverse("file", args=[file.code]),
    }
    return render(request, "queueing/file_slip.html", context)

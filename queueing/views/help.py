"""A counter's call for help: one press at the console, and one to take it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from mpp.core.errors import Refusal
from mpp.core.text import clean_text
from queueing import actions
from queueing.access import access_own_session
from queueing.views.console import OfficerRequest, console_act


@console_act
def call_help(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Call for help from one's own counter."""
    session = access_own_session(request.user, session_id)
    try:
        kind = clean_text(request.POST.get("kind", ""), limit=8, field="kind")
        actions.call_help(session=session, kind=kind, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    return _back()


@console_act
def withdraw_help(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Take one's call for help back."""
    actions.withdraw_help(session=access_own_session(request.user, session_id), by=request.user)
    return _back()


def _back() -> HttpResponse:
    response = redirect("console")
    response.status_code = 303
    return response

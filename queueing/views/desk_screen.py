"""The locked screen of an officer: what it shows, and the ways back in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from mpp.core import audit
from mpp.core.errors import Forbidden, Refusal
from mpp.core.net import client_address, own_address
from mpp.core.text import clean_text
from queueing import actions
from queueing.access import open_session_of
from queueing.actions.sessions import MAY_SERVE
from queueing.models import DeskScreen
from queueing.views.console import OfficerRequest
from tenants.models import DeskPin, User

LONGEST_PIN = 20


def locked_page(request: HttpRequest, *, status: int = 200, refusal: Refusal | None = None) -> HttpResponse:
    """Answer what a locked screen shows: whose it is and how to go on, nothing of the queue."""
    user: User = request.user  # type: ignore[assignment]
    pin = DeskPin.objects.filter(user=user).first()
    part = "queueing/console_locked.html"
    context = {
        "part": part,
        "page": None,
        "session": open_session_of(user),
        "has_pin": bool(pin and pin.is_usable),
        "is_spent": bool(pin and not pin.is_usable),
        "was_refused": status == 423 and refusal is None,
        "refusal": refusal,
        "next": _next(request),
    }
    is_part = request.htmx  # type: ignore[attr-defined]
    response = render(request, part if is_part else "queueing/console.html", context, status=status)
    response["X-MPP-Part"] = "console"
    patch_vary_headers(response, ["HX-Request"])
    return response


def _next(request: HttpRequest) -> str:
    """Return where to go on afterwards. What a locked screen refused was no page: then the console."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return own_address(request, wanted) or reverse("console")


@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: OfficerRequest) -> HttpResponse:
    """Lock this screen now; show the locked screen."""
    _refuse_others(request)
    key = request.session.session_key or ""
    if request.method == "POST":
        actions.lock_screen(session_key=key, by=request.user)
        return locked_page(request) if request.htmx else _see(reverse("desk-lock"))
    if not DeskScreen.objects.filter(session=key, locked_at__isnull=False).exists():
        return redirect(_next(request))
    return locked_page(request)


def _refuse_others(request: OfficerRequest) -> None:
    if request.user.role not in MAY_SERVE:
        raise Forbidden


def _see(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response


@sensitive_post_parameters("pin")
@require_POST
def unlock(request: OfficerRequest) -> HttpResponse:
    """Open the screen again with the officer's PIN. The last wrong one ends the session."""
    _refuse_others(request)
    try:
        pin = clean_text(request.POST.get("pin", ""), limit=LONGEST_PIN, field="pin")
        actions.unlock_screen(session_key=request.session.session_key or "", pin=pin, by=request.user)
    except Refusal as refusal:
        if refusal.code == "pin_spent":
            response = _leave(request)
            messages.error(request, str(refusal.message))
            return response
        return locked_page(request, status=refusal.status, refusal=refusal)
    return _see(_next(request))


@require_POST
def leave(request: OfficerRequest) -> HttpResponse:
    """End the session, to sign in again with the password."""
    _refuse_others(request)
    return _leave(request)


def _leave(request: OfficerRequest) -> HttpResponse:
    audit.record("account.sign_out", by=request.user, address=client_address(request))
    wanted = _next(request)
    logout(request)
    return _see(reverse("sign-in", query={"next": wanted}))


@require_POST
def stay(request: OfficerRequest) -> HttpResponse:
    """A hand is on the screen: queueing.middleware has noted it."""
    _refuse_others(request)
    return HttpResponse(status=204)

"""What a signed-in officer's request passes through: a locked screen shows and does nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from mpp.core import revision
from queueing import actions, rules
from queueing.actions.sessions import MAY_SERVE
from queueing.models import DeskScreen
from queueing.views import desk_screen

# While locked: the way back in, and the way out.
OPEN = frozenset({"desk-lock", "desk-unlock", "desk-leave", "sign-out"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# A hand is noted no oftener than this.
STEP = timedelta(seconds=15)


class ScreenLockMiddleware:
    """Keep a locked screen locked, on every page behind the sign-in.

    It is locked by its button, or when no hand was on it for the minutes of the hall's rules. Pages that
    fetch themselves anew are no hand; presses and pages that a person opens are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer in place of the view while the screen is locked."""
        if not getattr(view, "login_required", True) or not _is_officer(request):
            return None
        instant = revision.at_entry()
        key = request.session.session_key or ""
        found = DeskScreen.objects.filter(session=key).first()
        if found and _is_locked(found, instant, request.user):
            return _answer(request)
        is_hand = request.method not in SAFE or not request.htmx  # type: ignore[attr-defined]
        if is_hand and (found is None or instant.at - found.active_at >= STEP):
            actions.note_hand(session_key=key, at=instant.at)
        return None


def _is_officer(request: HttpRequest) -> bool:
    return getattr(request.user, "role", "") in MAY_SERVE and bool(request.session.session_key)


def _is_locked(found: DeskScreen, instant: revision.Instant, user: Any) -> bool:
    if found.locked_at is None and _is_idle(found.active_at, instant):
        # Written down: a longer time in the rules must not open a screen that is locked already.
        actions.lock_screen(session_key=found.session_id, by=user, is_idle=True)
        return True
    return found.locked_at is not None


def _is_idle(active_at: datetime, instant: revision.Instant) -> bool:
    minutes = rules.book_at(instant).hall.lock_minutes
    return bool(minutes) and instant.at - active_at >= timedelta(minutes=minutes)


def _answer(request: HttpRequest) -> HttpResponse | None:
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in OPEN:
        return None
    if request.method in SAFE:
        return redirect(reverse("desk-lock", query={"next": request.get_full_path()}))
    return desk_screen.locked_page(request, status=423)

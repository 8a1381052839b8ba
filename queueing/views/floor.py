"""The floor view `/lantai/`: one page that changes in place, and a form for everything a manager does there.

Each act answers with the floor as it is afterwards, whether it was done or refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from mpp.core import clock
from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.text import clean_text
from queueing import actions
from queueing.access import access_floor
from queueing.floor.page import floor_for
from queueing.models import Announcement, CounterSession, HelpCall, Queue
from services.access import may_handle_trouble
from services.forms import Hour, today_at
from tenants.actions import change_roll
from tenants.models import Counter, Device, User, Zone

LONGEST_KEY = 100
LONGEST_REASON = 200
LONGEST_PAUSE = 120
LONGEST_TEXT = 120

Params = ParamSpec("Params")


class StaffRequest(HttpRequest):
    """A request of a signed-in person that django-htmx has looked at."""

    user: User
    htmx: HtmxDetails


Act = Callable[Concatenate[StaffRequest, Params], str | None]
View = Callable[Concatenate[StaffRequest, Params], HttpResponse]


@require_safe
def floor(request: StaffRequest) -> HttpResponse:
    """Show the floor to who runs it, and to the auditor."""
    access_floor(request.user)
    return _page(request)


def _page(request: StaffRequest, refusal: Refusal | None = None) -> HttpResponse:
    template = "queueing/floor_hall.html" if request.htmx else "queueing/floor.html"
    context = {"page": floor_for(request.user), "refusal": refusal}
    response = render(request, template, context, status=refusal.status if refusal else 200)
    # The script swaps in only what says that it is the floor.
    response["X-MPP-Part"] = "floor"
    patch_vary_headers(response, ["HX-Request"])
    return response


def floor_act(act: Act[Params]) -> View[Params]:
    """Make a view of an act, which returns what to say: only by POST, only for who runs the floor, a refusal
    shown in place.

    Without htmx the answer is a redirect (303), so that a reload repeats nothing.
    """

    @functools.wraps(act)
    def view(request: StaffRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        access_floor(request.user)
        if request.method != "POST":
            # Signing in again leads back to the address of a form; there is nothing to see.
            return redirect("floor")
        if not may_handle_trouble(request.user):
            raise Forbidden
        try:
            words = act(request, *args, **kwargs)
        except NotFound:
            raise
        except Refusal as refusal:
            return _page(request, refusal)
        if words:
            messages.success(request, words)
        if request.htmx:
            return _page(request)
        response = redirect("floor")
        response.status_code = 303
        return response

    return view


def _field(request: HttpRequest, name: str, limit: int = LONGEST_KEY) -> str:
    return clean_text(request.POST.get(name, ""), limit=limit, field=name)


def _counter(counter_id: int) -> Counter:
    counter = Counter.objects.filter(pk=counter_id).first()
    if counter is None:
        raise NotFound
    return counter


def _session(counter_id: int) -> CounterSession:
    """Return the session that is open at a counter today; it may have been closed meanwhile."""
    counter = _counter(counter_id)
    sessions = CounterSession.objects.open().filter(counter=counter, date=clock.today())
    session = sessions.select_related("counter", "agency").first()
    if session is None:
        raise Refusal("counter_closed", _("%(counter)s sudah tutup.") % {"counter": counter})
    return session


@floor_act
def open_counter(request: StaffRequest, counter_id: int) -> str:
    """Open a counter for an officer who is placed there."""
    counter, name = _counter(counter_id), _field(request, "officer")
    officer = User.objects.filter(username=name, is_active=True).first()
    if officer is None:
        raise Refusal("no_officer", _("Pilih petugas dari daftar."), status=400)
    reason = _field(request, "reason", LONGEST_REASON)
    actions.open_for(counter=counter, officer=officer, reason=reason, by=request.user)
    return _("%(counter)s dibuka untuk %(officer)s.") % {"counter": counter, "officer": officer}


@floor_act
def close_counter(request: StaffRequest, counter_id: int) -> str:
    """Close a counter that its officer has left."""
    session = _session(counter_id)
    actions.close_for(
        session=session,
        reason=_field(request, "reason", LONGEST_REASON),
        is_done=_field(request, "numbers") == "done",
        by=request.user,
    )
    return _("%(counter)s ditutup.") % {"counter": session.counter}


@floor_act
def pause(request: StaffRequest, counter_id: int) -> str:
    """Let a counter rest, with a reason."""
    session = _session(counter_id)
    actions.pause_for(session=session, reason=_field(request, "reason", LONGEST_PAUSE), by=request.user)
    return _("%(counter)s jeda.") % {"counter": session.counter}


@floor_act
def go_on(request: StaffRequest, counter_id: int) -> str:
    """End the rest of a counter."""
    session = _session(counter_id)
    actions.go_on_for(session=session, by=request.user)
    return _("%(counter)s melayani lagi.") % {"counter": session.counter}


@floor_act
def move(request: StaffRequest, counter_id: int) -> str:
    """Let a counter call from one line for the rest of the day, or put it back."""
    counter, code = _counter(counter_id), _field(request, "queue")
    if not code:
        actions.put_back(counter=counter, by=request.user)
        return _("%(counter)s kembali ke antrean semula.") % {"counter": counter}
    queue = Queue.objects.active().filter(code=code).first()
    if queue is None:
        raise Refusal("no_queue", _("Pilih antrean dari daftar."), status=400)
    reason = _field(request, "reason", LONGEST_REASON)
    actions.move_counter(counter=counter, queue=queue, reason=reason, by=request.user)
    return _("%(counter)s hari ini hanya memanggil %(queue)s.") % {"counter": counter, "queue": queue.name}


@floor_act
def ask_officers(request: StaffRequest, counter_id: int) -> str:
    """Ask the people of a counter to come."""
    row = actions.ask_officers(counter=_counter(counter_id), by=request.user)
    if row.messages:
        return _("Permintaan ke %(agency)s dicatat dan dikirim ke %(count)d petugas.") % {
            "agency": row.agency.short_name,
            "count": row.messages,
        }
    contact = row.agency.phone or _("belum ada nomor telepon")
    words = _("Permintaan dicatat. Petugas tanpa nomor ponsel: hubungi %(agency)s, %(contact)s.")
    return words % {"agency": row.agency.short_name, "contact": contact}


@floor_act
def add_quota(request: StaffRequest, queue_id: int) -> str:
    """Add numbers to a line for today."""
    queue = Queue.objects.active().filter(pk=queue_id).first()
    if queue is None:
        raise NotFound
    places = _field(request, "places")
    extra = actions.add_quota(
        queue=queue,
        places=int(places) if places.isascii() and places.isdecimal() and len(places) < 5 else 0,
        share=_field(request, "share") or "REST",
        reason=_field(request, "reason", LONGEST_REASON),
        by=request.user,
    )
    return _("%(queue)s ditambah %(places)d nomor.") % {"queue": queue.name, "places": extra.places}


@floor_act
def answer_help(request: StaffRequest, call_id: int) -> str:
    """Say that one is coming to a counter that called for help."""
    call = HelpCall.objects.filter(pk=call_id).select_related("session__counter").first()
    if call is None:
        raise NotFound
    answered = actions.answer_help(call=call, by=request.user)
    words = _("%(counter)s tahu bahwa %(person)s datang.")
    return words % {"counter": call.session.counter, "person": answered.answered_by}


@floor_act
def announce(request: StaffRequest) -> str:
    """Put a sentence on displays and pages until a time of today."""
    text = _field(request, "text", LONGEST_TEXT)
    zone = None
    if code := _field(request, "zone"):
        zone = Zone.objects.filter(code=code).first()
        if zone is None:
            raise Refusal("no_zone", _("Pilih zona dari daftar."), status=400)
    actions.announce(text=text, ends_at=_end(request), zone=zone, by=request.user)
    return _("Pengumuman tampil di layar dan halaman.")


def _end(request: HttpRequest) -> datetime:
    """Return until when: a time of the clock, or so many minutes from now."""
    typed = _field(request, "until")
    if typed:
        try:
            until = today_at(Hour().clean(typed))
        except ValidationError as error:
            raise Refusal("bad_end", _("Tulis jam seperti 14.30."), status=400) from error
        if until is not None:
            return until
    minutes = _field(request, "minutes")
    if minutes not in {"15", "30", "60", "120"}:
        raise Refusal("bad_end", _("Pilih sampai kapan pengumuman tampil."), status=400)
    return clock.now() + timedelta(minutes=int(minutes))


@floor_act
def end_announcement(request: StaffRequest, announcement_id: int) -> str:
    """Take an announcement away."""
    row = Announcement.objects.filter(pk=announcement_id).first()
    if row is None:
        raise NotFound
    actions.end_announcement(announcement=row, by=request.user)
    return _("Pengumuman diakhiri.")


@floor_act
def new_roll(request: StaffRequest, device_id: int) -> str:
    """Say that a new roll of paper is in the printer of a kiosk."""
    device = Device.objects.in_use().filter(pk=device_id).first()
    if device is None:
        raise NotFound
    change_roll(device=device, by=request.user)
    return _("%(device)s: gulungan baru terpasang.") % {"device": device}


@floor_act
def ask_advice(request: StaffRequest) -> None:
    """Ask for fresh advice; the worker computes it."""
    actions.ask_advice(by=request.user)

"""Being told: choosing how, for a number or a booking, and the script that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.notifications.enums import Kind
from queueing import limits, told
from queueing.access import access_ticket
from queueing.actions import consenting
from queueing.bookings import access_booking
from queueing.enums import BookingState
from queueing.filed import file_of
from queueing.models import Booking, Ticket
from queueing.told_forms import PushForm, TellForm, browser_key
from queueing.views.public import public_page, see_other
from services.enums import SUBMISSION_ENDED
from services.models import Submission

no_store = cache_control(private=True, no_store=True)
# Whoever tries to write to other people's numbers from here gets no further than this.
CHOICES_A_MINUTE = 10


@dataclass(frozen=True)
class Holder:
    """Whom the page is about, and what its two buttons do."""

    label: str
    about: str
    occasions: str
    page: str
    token: str
    told: told.Told
    is_running: bool
    choose: Callable[..., None]
    give_up: Callable[[], None]


def _of_ticket(ticket: Ticket) -> Holder:
    label = _("nomor %(label)s") % {"label": _unbroken(ticket.label)}
    return Holder(
        label,
        _("%(label)s dan berkasnya") % {"label": label},
        _("Saat giliran mendekat, dipanggil, pindah, atau ada gangguan."),
        "ticket",
        ticket.token,
        told.of_ticket(ticket),
        ticket.is_active and ticket.line.date >= clock.today(),
        lambda **way: consenting.choose_way(ticket=ticket, **way),
        lambda: consenting.give_up_ways(ticket=ticket),
    )


def _of_booking(booking: Booking) -> Holder:
    return Holder(
        _("pesanan Anda"),
        _("%(label)s dan berkasnya") % {"label": _("pesanan Anda")},
        _("Saat giliran mendekat, dipanggil, pindah, atau ada gangguan."),
        "booking",
        booking.token,
        told.of_booking(booking),
        booking.state == BookingState.BOOKED,
        lambda **way: consenting.choose_way_of_booking(booking=booking, **way),
        lambda: consenting.give_up_ways_of_booking(booking=booking),
    )


def _of_file(ticket: Ticket, file: Submission) -> Holder:
    label = _("berkas %(code)s") % {"code": _unbroken(file.spoken_code)}
    return Holder(
        label,
        label,
        _("Saat berkas siap, kurang, ditolak, atau terlambat."),
        "ticket",
        ticket.token,
        told.of_file(file),
        file.state not in SUBMISSION_ENDED,
        lambda **way: consenting.choose_way_of_file(file=file, **way),
        lambda: consenting.give_up_ways_of_file(file=file),
    )


def _unbroken(label: str) -> str:
    """Return a label whose hyphens do not break: it stays whole on a narrow phone."""
    return label.replace("-", "\u2011")


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of a number choose how to be told, or no longer."""
    return _page(request, _of_ticket(access_ticket(token)))


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_booking(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of a booking choose how to be told, or no longer."""
    return _page(request, _of_booking(access_booking(token)))


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def of_file(request: HttpRequest, token: str) -> HttpResponse:
    """Let who handed in a file on this number choose how to be told of it; the code alone is not enough."""
    ticket = access_ticket(token)
    file = file_of(ticket)
    return _page(request, _of_file(ticket, file)) if file else see_other("ticket", token=token)


def _page(request: HttpRequest, holder: Holder) -> HttpResponse:
    if not holder.is_running or not (holder.told.can_choose or holder.told.ways):
        return see_other(holder.page, token=holder.token)
    if request.method != "POST":
        return _show(request, holder, TellForm.like(holder.told.by_message))
    if "berhenti" in request.POST:
        holder.give_up()
        return see_other(holder.page, token=holder.token)
    limits.count_issue(request, scope="told", limit=CHOICES_A_MINUTE)
    if request.POST.get("lewat") == Kind.PUSH:
        return _by_browser(request, holder)
    return _by_message(request, holder)


def _by_message(request: HttpRequest, holder: Holder) -> HttpResponse:
    form = TellForm(request.POST)
    if not form.is_valid():
        return _show(request, holder, form, status=400)
    return _choose(request, holder, form, **form.way)


def _by_browser(request: HttpRequest, holder: Holder) -> HttpResponse:
    form = PushForm(request.POST)
    if form.problem:
        return _show(request, holder, TellForm(), status=400, problem=form.problem)
    return _choose(request, holder, TellForm(), **form.way)


def _choose(request: HttpRequest, holder: Holder, form: TellForm, **way: Any) -> HttpResponse:
    try:
        holder.choose(words=consent(holder.about), **way)
    except Refusal as refusal:
        return _show(request, holder, form, status=refusal.status, problem=str(refusal.message))
    return see_other(holder.page, token=holder.token)


def consent(about: str) -> str:
    """Return the one sentence that people agree to."""
    return _("Dengan tombol ini Anda setuju kami kabari tentang %(about)s saja.") % {"about": about}


def _show(
    request: HttpRequest, holder: Holder, form: TellForm, status: int = 200, problem: object = ""
) -> HttpResponse:
    context = {
        "holder": holder,
        "form": form,
        "problem": problem,
        "is_stopped": told.is_stopped(holder.told),
        "consent": consent(holder.about),
        "hears_stop": any(
            (settings.WHATSAPP_APP_SECRET, settings.FONNTE_WEBHOOK_KEY, settings.SMS_WEBHOOK_KEY)
        ),
        "back": reverse(holder.page, args=[holder.token]),
        "push_key": browser_key(),
    }
    response = render(request, "queueing/told.html", context, status=status)
    # No stricter policy: it would take the origin off this page's own forms.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Answer the citizens' service worker; it must lie above all their pages."""
    path = settings.BASE_DIR / "static" / "js" / "worker.js"
    response = HttpResponse(path.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response

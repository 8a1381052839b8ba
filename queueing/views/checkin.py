"""Coming with a booking: the kiosk's keypad, the page of staff, and the code that is shown on site."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.core.codes import CODE_CHARACTERS, normal_code
from mpp.core.errors import Forbidden, Refusal
from mpp.core.net import public_address
from queueing import limits, presence
from queueing.actions import checkin
from queueing.booking_forms import CodeForm
from queueing.bookings import (
    CODE_LENGTH,
    access_booking,
    booking_of_code,
    require_own_agency,
    spoken_code,
)
from queueing.enums import Channel
from queueing.models import Booking, Ticket
from queueing.scanning import may_be_code, scanned
from queueing.views.console import OfficerRequest
from queueing.views.kiosk import LOOK, on_kiosk, to_ticket
from queueing.views.public import see_other
from tenants.enums import Role
from tenants.models import User

# Far above what people at the kiosks can type; a code has 64 million possibilities.
CODES_A_MINUTE = 60
MAY_CHECK_IN = frozenset(
    {Role.OFFICER, Role.AGENCY_MANAGER, Role.RECEPTIONIST, Role.FLOOR_MANAGER, Role.ADMIN}
)
# The number that was just made, for the page that the browser asks for next.
JUST_MADE = "checked_in"


@on_kiosk
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk(request: HttpRequest) -> HttpResponse:
    """Let somebody type the code of a booking, or hold its QR code to the scanner, and give the number."""
    if request.method != "POST":
        return _keypad(request, normal_code(request.GET.get("kode", ""))[:CODE_LENGTH])
    try:
        limits.count_issue(request, scope="checkin", limit=CODES_A_MINUTE)
        found = scanned(_typed(request), host=urlsplit(public_address(request)).netloc)
        if isinstance(found, Ticket):
            return to_ticket(request, found, {LOOK: "1"})
        return to_ticket(request, _come(found, Channel.KIOSK))
    except Refusal as refusal:
        return _refused(request, refusal)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer a refusal in the kiosk's look, with the time from which it works when it is too early."""
    until = refusal.extra.get("until") if refusal.code == "too_early" else None
    context = {
        "now": clock.now(),
        "refusal": refusal,
        "is_typed": not request.POST.get("kode") or may_be_code(request.POST["kode"]),
        "until": datetime.fromisoformat(until) if until else None,
    }
    return render(request, "queueing/checkin_refused.html", context, status=refusal.status)


def _keypad(request: HttpRequest, code: str) -> HttpResponse:
    code = "".join(character for character in code if character in CODE_CHARACTERS)
    context = {
        "now": clock.now(),
        "code": code,
        "places": list(code.ljust(CODE_LENGTH)),
        "length": CODE_LENGTH,
        "keys": CODE_CHARACTERS,
        "shorter": code[:-1],
        "is_whole": len(code) == CODE_LENGTH,
    }
    return render(request, "queueing/checkin_kiosk.html", context)


def _typed(request: HttpRequest) -> str:
    form = CodeForm(request.POST)
    if not form.is_valid():
        problem = form.problem if not form.data.get("kode") else _("QR ini tidak terbaca. Coba sekali lagi.")
        raise Refusal("bad_code", problem, status=400)
    return str(form.cleaned_data["kode"])


def _booking_of(typed: str) -> Booking:
    """Return the booking of a typed code, or of the link that its QR code holds."""
    if "/" in typed:
        return access_booking(typed.rstrip("/").rpartition("/")[2])
    return booking_of_code(typed)


def _check_in(typed: str, channel: Channel, by: User) -> Ticket:
    booking = _booking_of(typed)
    require_own_agency(booking, by)
    return _come(booking, channel, by)


def _come(booking: Booking, channel: Channel, by: User | None = None) -> Ticket:
    checkin.refuse_used(booking, clock.now())
    return checkin.check_in(booking=booking, channel=channel, by=by)


def for_staff(view: Any) -> Any:
    """Open a page of staff to those who may check people in; never stored."""

    @never_cache
    @functools.wraps(view)
    def page(request: OfficerRequest) -> HttpResponse:
        if request.user.role not in MAY_CHECK_IN:
            raise Forbidden
        answer: HttpResponse = view(request)
        return answer

    return page


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: OfficerRequest) -> HttpResponse:
    """Let staff type the code that somebody names, and say the number aloud."""
    if request.method != "POST":
        return _staff_page(request, CodeForm())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _staff_page(request, form, status=400)
    try:
        ticket = _check_in(form.cleaned_data["kode"], Channel.STAFF, request.user)
    except Refusal as refusal:
        form.add_error(None, ValidationError(str(refusal.message)))
        return _staff_page(request, form, status=refusal.status)
    request.session[JUST_MADE] = ticket.pk
    return see_other("checkin-staff")


def _staff_page(request: OfficerRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    made = request.session.pop(JUST_MADE, 0) if request.method == "GET" else 0
    context = {
        "form": form,
        "given": Ticket.objects.with_labels().filter(pk=made).first(),
        "now": clock.now(),
    }
    return render(request, "queueing/checkin_staff.html", context, status=status)


@never_cache
@require_safe
def code_on_site(request: OfficerRequest) -> HttpResponse:
    """Show the code that proves to be here; the page loads itself again when the code changes.

    For people who work here: on the open internet it would prove nothing.
    """
    at = clock.now()
    code = presence.code_at(at)
    context = {"now": at, "code": code, "spoken": spoken_code(code), "seconds": presence.seconds_left(at)}
    return render(request, "queueing/checkin_code.html", context)

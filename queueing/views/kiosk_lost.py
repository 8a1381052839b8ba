"""The kiosk for whoever has lost slip and link: the number and the end of the telephone bring it back."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import limits, lost
from queueing.models import QueueDay
from queueing.scanning import of_today
from queueing.views.kiosk import LOOK, on_kiosk, to_ticket

# A number is written with three digits, from the thousandth of a day on with four.
LEAST_PLACES = 3
DIGITS = "1234567890"
LOST_A_MINUTE = 20


@on_kiosk
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the letters of a number, then for its digits; show it, to be printed or followed again."""
    values = request.POST if request.method == "POST" else request.GET
    places = _places()
    prefix = values.get("awalan", "")
    if prefix not in places:
        return _page(request, {"prefixes": list(places)})
    length = places[prefix] + lost.DIGITS
    code = "".join(character for character in values.get("kode", "") if character in DIGITS)[:length]
    if request.method != "POST":
        return _digits(request, prefix, code, length)
    try:
        limits.count_issue(request, scope="lost", limit=LOST_A_MINUTE)
        if len(code) < length:
            raise Refusal("short", _("Ketik semua angka nomor, lalu empat angka ponsel."), status=400)
        ticket = of_today(lost.find(prefix, int(code[: -lost.DIGITS]), code[-lost.DIGITS :]))
    except Refusal as refusal:
        return _digits(request, prefix, "", length, refusal)
    return to_ticket(request, ticket, {LOOK: "1"})


def _places() -> Mapping[str, int]:
    """Return what stands in front of today's numbers, each with how many digits the longest has."""
    days = QueueDay.objects.filter(date=clock.today(), last_number__gt=0).order_by("prefix")
    longest = days.values_list("prefix").annotate(number=Max("last_number"))
    return {prefix: max(LEAST_PLACES, len(str(number))) for prefix, number in longest}


def _digits(
    request: HttpRequest, prefix: str, code: str, length: int, refusal: Refusal | None = None
) -> HttpResponse:
    places = list(code.ljust(length))
    context = {
        "prefix": prefix,
        "code": code,
        "number_places": places[: -lost.DIGITS],
        "phone_places": places[-lost.DIGITS :],
        "is_long": length - lost.DIGITS > LEAST_PLACES,
        "length": length,
        "keys": DIGITS,
        "shorter": code[:-1],
        "is_whole": len(code) == length,
        "refusal": refusal,
    }
    return _page(request, context, refusal.status if refusal else 200)


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, "queueing/kiosk_lost.html", context | {"now": clock.now()}, status=status)

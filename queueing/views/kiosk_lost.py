"""The kiosk for whoever has lost slip and link: the number and the end of the telephone bring it back."""

from __future__ import annotations

from collections.abc import Sequence

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

# A number is written with three digits; then come the last of the telephone.
PLACES = 3 + lost.DIGITS
DIGITS = "1234567890"
LOST_A_MINUTE = 20


@on_kiosk
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the letters of a number, then for its digits; show it, to be printed or followed again."""
    values = request.POST if request.method == "POST" else request.GET
    prefixes = _prefixes()
    prefix = values.get("awalan", "")
    if prefix not in prefixes:
        return _page(request, {"prefixes": prefixes})
    code = "".join(character for character in values.get("kode", "") if character in DIGITS)[:PLACES]
    if request.method != "POST":
        return _digits(request, prefix, code)
    try:
        limits.count_issue(request, scope="lost", limit=LOST_A_MINUTE)
        if len(code) < PLACES:
            raise Refusal("short", _("Ketik tiga angka nomor, lalu empat angka ponsel."), status=400)
        ticket = of_today(lost.find(prefix, int(code[: -lost.DIGITS]), code[-lost.DIGITS :]))
    except Refusal as refusal:
        return _digits(request, prefix, "", refusal)
    return to_ticket(request, ticket, {LOOK: "1"})


def _prefixes() -> Sequence[str]:
    """Return what stands in front of today's numbers."""
    days = QueueDay.objects.filter(date=clock.today(), last_number__gt=0)
    return list(days.order_by("prefix").values_list("prefix", flat=True).distinct())


def _digits(request: HttpRequest, prefix: str, code: str, refusal: Refusal | None = None) -> HttpResponse:
    places = list(code.ljust(PLACES))
    context = {
        "prefix": prefix,
        "code": code,
        "number_places": places[: -lost.DIGITS],
        "phone_places": places[-lost.DIGITS :],
        "length": PLACES,
        "keys": DIGITS,
        "shorter": code[:-1],
        "is_whole": len(code) == PLACES,
        "refusal": refusal,
    }
    return _page(request, context, refusal.status if refusal else 200)


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, "queueing/kiosk_lost.html", context | {"now": clock.now()}, status=status)

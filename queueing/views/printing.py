"""The slip of a number on the kiosk's own printer, asked for once the number is safe."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from mpp.core import mall
from mpp.core.errors import Refusal
from mpp.core.net import public_address
from queueing import printing
from queueing.access import access_printer, access_ticket
from queueing.enums import TicketState
from queueing.manner import Manner
from tenants.actions import note_printer
from tenants.enums import PRINTS


@login_not_required
@never_cache
@require_POST
def print_ticket(request: HttpRequest, token: str) -> JsonResponse:
    """Print the slip of a number, in its visitor's language, as often as it is asked for: always the same."""
    with translation.override(Manner.of(request).language):
        return _print(request, token)


def _print(request: HttpRequest, token: str) -> JsonResponse:
    try:
        device = access_printer(request)
        ticket = access_ticket(token)
        if ticket.state == TicketState.CANCELLED:
            raise Refusal("cancelled", _("Nomor ini sudah dibatalkan."))
    except Refusal as refusal:
        return JsonResponse({"printed": False, **refusal.as_dict()}, status=refusal.status)
    url = public_address(request) + reverse("ticket", args=[ticket.token])
    state = printing.print_slip(device, printing.slip_of(ticket, mall=mall.current(), url=url))
    note_printer(device=device, state=state)
    words = "" if state in PRINTS else _("Printer: %(state)s.") % {"state": state.label}
    return JsonResponse({"printed": state in PRINTS, "state": state, "message": words})

"""The slip that says which papers to bring next time."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mpp.core.errors import NotFound
from mpp.core.net import public_address
from queueing.access import access_own_session
from queueing.enums import Outcome
from queueing.lacking import papers_lacking
from queueing.models import Ticket
from queueing.views.console import OfficerRequest


@require_safe
def slip(request: OfficerRequest, session_id: int, ticket_id: int) -> HttpResponse:
    """Show the slip of a number that ended at one's own counter for want of papers, 72 mm wide."""
    session = access_own_session(request.user, session_id)
    ended = Ticket.objects.with_labels().select_related("line", "service__agency")
    ticket = ended.filter(pk=ticket_id, session=session, outcome=Outcome.INCOMPLETE).first()
    if ticket is None:
        raise NotFound
    context = {
        "ticket": ticket,
        "papers": papers_lacking(ticket),
        "follow_url": public_address(request) + reverse("ticket", args=[ticket.token]),
    }
    return render(request, "queueing/lacking_slip.html", context)

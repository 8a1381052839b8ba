"""Which steps of a number are told to its holder, and in which words."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.notifications import outbox
from queueing.models import CounterSession, Ticket

# How long a message is worth sending (trust.md 2.4).
ISSUED_MINUTES = 10
CALLED_SECONDS = 120


def ticket_issued(ticket: Ticket) -> None:
    """Tell the holder their number, when they left a phone number."""
    if not ticket.phone:
        return
    outbox.enqueue(
        event="ticket_issued",
        recipient=ticket.phone,
        body=_("Nomor Anda %(label)s, %(service)s. Buka tautan nomor untuk melihat giliran.")
        % {"label": ticket.label, "service": ticket.service.name},
        dedupe_key=f"ticket_issued:{ticket.pk}",
        not_after=clock.now() + timedelta(minutes=ISSUED_MINUTES),
    )


def ticket_called(ticket: Ticket, session: CounterSession) -> None:
    """Tell the holder that their number is called, and where; worthless after two minutes."""
    if not ticket.phone:
        return
    outbox.enqueue(
        event="ticket_called",
        recipient=ticket.phone,
        body=_("Nomor %(label)s dipanggil. Silakan ke loket %(counter)s sekarang.")
        % {"label": ticket.label, "counter": session.counter.number},
        dedupe_key=f"ticket_called:{ticket.pk}:{ticket.calls}:{ticket.line_id}",
        not_after=clock.now() + timedelta(seconds=CALLED_SECONDS),
    )

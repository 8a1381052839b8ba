"""Which steps of a number are told to its holder, and in which words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.notifications import outbox
from queueing.models import CounterSession, OfficerRequest, Ticket
from tenants.models import User

# How long a message is worth sending (trust.md 2.4).
ISSUED_MINUTES = 10
CALLED_SECONDS = 120
TROUBLE_MINUTES = 15
ASKED_MINUTES = 15
LACKING_HOURS = 12


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


def papers_lacking(ticket: Ticket, *, not_before: datetime) -> None:
    """Tell the holder which papers to bring next time, once the officer can no longer take it back."""
    if not ticket.phone:
        return
    outbox.enqueue(
        event="papers_lacking",
        recipient=ticket.phone,
        body=_("Nomor %(label)s: berkas belum lengkap. Bawa saat datang lagi: %(papers)s.")
        % {"label": ticket.label, "papers": ticket.outcome_note.rstrip(".")},
        dedupe_key=_lacking_key(ticket),
        not_before=not_before,
        not_after=not_before + timedelta(hours=LACKING_HOURS),
    )


def papers_not_lacking(ticket: Ticket) -> None:
    """Take that message back: the officer has taken back what it tells."""
    outbox.withdraw(dedupe_key=_lacking_key(ticket))


def _lacking_key(ticket: Ticket) -> str:
    return f"papers_lacking:{ticket.pk}:{ticket.ended_at:%H%M%S%f}"


def ticket_carried(ticket: Ticket) -> None:
    """Tell the holder of a number that was left over their number of the next open day."""
    if not ticket.phone:
        return
    day = ticket.line.date
    when = _("besok") if day == clock.today() + timedelta(days=1) else date_format(day, "l, j F")
    outbox.enqueue(
        event="ticket_carried",
        recipient=ticket.phone,
        body=_("Antrean hari ini sudah tutup. Nomor Anda %(when)s: %(label)s. Anda dipanggil lebih dulu.")
        % {"when": when, "label": ticket.label},
        dedupe_key=f"ticket_carried:{ticket.pk}",
        # Worthless once the line is open there.
        not_after=ticket.arrived_at,
    )


def trouble_begun(ticket: Ticket, trouble_id: int, words: str) -> None:
    """Tell a waiting holder that their agency is in trouble, once for each trouble."""
    outbox.enqueue(
        event="trouble",
        recipient=ticket.phone,
        body=_("%(words)s Nomor %(label)s tetap berlaku dan tetap di tempatnya.")
        % {"words": words, "label": ticket.label},
        dedupe_key=f"trouble:{trouble_id}:{ticket.pk}",
        not_after=clock.now() + timedelta(minutes=TROUBLE_MINUTES),
    )


def officer_asked(person: User, request: OfficerRequest) -> None:
    """Ask an officer who left a phone number to come to a counter."""
    if not person.phone:
        return
    outbox.enqueue(
        event="officer_asked",
        recipient=person.phone,
        body=_("Anda diminta ke loket %(counter)s, %(agency)s, sekarang. Kabari pengelola lantai.")
        % {"counter": request.counter.number, "agency": request.agency.short_name},
        dedupe_key=f"officer_asked:{request.pk}:{person.pk}",
        not_after=clock.now() + timedelta(minutes=ASKED_MINUTES),
    )

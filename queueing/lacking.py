"""Which papers somebody must bring next time: for the console, the slip and the message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from queueing.enums import Outcome, TicketState
from queueing.models import CounterSession, Ticket
from services.models import ServiceStandard

# Between the papers of a note. Names of papers have commas in them.
SEPARATOR = "; "
# So long the console offers the slip, unless somebody else is called.
OFFERED = timedelta(minutes=10)
WITH_SLIP = frozenset({Outcome.INCOMPLETE, Outcome.FILE_RECEIVED})


@dataclass(frozen=True)
class Paper:
    """A paper that lacks; `note` is what the service standard says of it, or empty."""

    name: str
    note: str


def papers_lacking(ticket: Ticket) -> list[Paper]:
    """Return what an officer marked as missing when this number ended."""
    standard = ServiceStandard.objects.in_force(ticket.line.date).filter(service=ticket.service_id).first()
    notes = {item.name: item.note for item in standard.requirement_list} if standard else {}
    names = ticket.outcome_note.split(SEPARATOR)
    return [Paper(name, notes.get(name, "")) for name in names if name]


def just_noted(session: CounterSession, at: datetime) -> Ticket | None:
    """Return the number that ended last at this counter, when that was a moment ago and it ends in a slip:
    papers lacked, or a file was received."""
    ended = Ticket.objects.with_labels().filter(session=session, ended_at__gt=at - OFFERED)
    last = ended.order_by("-ended_at").first()
    if last is None or last.state != TicketState.DONE or last.outcome not in WITH_SLIP:
        return None
    return last

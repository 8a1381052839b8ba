"""What an officer can still take back at a counter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from queueing.enums import Step
from queueing.models import CounterSession, HallRules, Ticket, TicketEvent


@dataclass(frozen=True)
class Mistake:
    """The last deed at a counter, and how many seconds it can still be taken back."""

    event: TicketEvent
    seconds: int


def last_deed(session: CounterSession) -> TicketEvent | None:
    """Return the call of the number at the counter, or the last finish or no-show when nobody is there.

    None when anything has happened to that number since.
    """
    is_busy = Ticket.objects.at_counter().filter(session=session).exists()
    steps = [Step.CALL] if is_busy else [Step.FINISH, Step.NO_SHOW]
    later = TicketEvent.objects.filter(ticket=OuterRef("ticket"), pk__gt=OuterRef("pk"))
    events = TicketEvent.objects.filter(session=session, step__in=steps).exclude(Exists(later))
    return events.select_related("ticket__queue_day").order_by("-pk").first()


def mistake_at(session: CounterSession, at: datetime, rules: HallRules) -> Mistake | None:
    """Return what the officer of this counter can take back at `at`; None after the seconds of the rule."""
    event = last_deed(session)
    if event is None or event.actor_id != session.user_id:
        return None
    left = math.ceil(rules.undo_seconds - (at - event.at) / timedelta(seconds=1))
    return Mistake(event, left) if left > 0 else None

"""The end of a day: nothing stays open over night."""

from __future__ import annotations

from mpp.core import audit, clock
from queueing.actions.serving import expire
from queueing.models import CounterSession, QueueDay, Ticket


def close_past_days() -> int:
    """Expire what earlier days left open and close their counters; return how many numbers.

    Safe to run at any time and twice: it looks only at dates before the mall's today.
    """
    today = clock.today()
    left_open = Ticket.objects.active().filter(line__date__lt=today)
    expired = 0
    for ticket in left_open.select_related("line", "queue_day"):
        expire(ticket=ticket)
        expired += 1
    forgotten = CounterSession.objects.open().filter(date__lt=today).update(closed_at=clock.now())
    if expired or forgotten:
        days = QueueDay.objects.filter(date__lt=today).count()
        audit.record("day.close", target=str(today), expired=expired, counters=forgotten, days=days)
    return expired

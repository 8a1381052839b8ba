"""The rows that an act locks: lines of a date, and the counter session."""

from __future__ import annotations

from datetime import date

from queueing import availability
from queueing.models import CounterSession, Queue, QueueDay


def day_of(queue_id: int, day: date) -> QueueDay:
    """Return the line's row for `day`; the first number of a day makes it, so no clock job is needed."""
    if row := QueueDay.objects.filter(queue_id=queue_id, date=day).first():
        return row
    queue = Queue.objects.get(pk=queue_id)
    defaults = {"prefix": queue.prefix, "quota": availability.quota_for_today(queue)}
    return QueueDay.objects.get_or_create(queue=queue, date=day, defaults=defaults)[0]


def lift_quotas(day: date) -> None:
    """Take the quota off every line from `day` on; only a load test of the demo does that."""
    QueueDay.objects.filter(date__gte=day, quota__isnull=False).update(quota=None)


def ids_of(agency_id: int, day: date) -> list[int]:
    """Return the keys of the agency's lines of `day`."""
    days = QueueDay.objects.filter(queue__agency=agency_id, queue__is_active=True, date=day)
    return list(days.values_list("pk", flat=True))


def lock_open_session(session_id: int) -> CounterSession | None:
    """Lock a counter session that is open, always after its lines; None when it is closed.

    Closing and calling both take it, so a number is never called to a counter that closes meanwhile.
    """
    sessions = CounterSession.objects.open().select_for_update(of=("self",), no_key=True)
    return sessions.filter(pk=session_id).first()

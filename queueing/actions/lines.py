"""The row of a line for one date."""

from __future__ import annotations

from datetime import date

from queueing import availability
from queueing.models import Queue, QueueDay


def day_of(queue_id: int, day: date) -> QueueDay:
    """Return the line's row for `day`; the first number of a day makes it, so no clock job is needed."""
    if row := QueueDay.objects.filter(queue_id=queue_id, date=day).first():
        return row
    queue = Queue.objects.get(pk=queue_id)
    defaults = {"prefix": queue.prefix, "quota": availability.quota_for_today(queue)}
    return QueueDay.objects.get_or_create(queue=queue, date=day, defaults=defaults)[0]

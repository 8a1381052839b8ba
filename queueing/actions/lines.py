"""The rows that an act locks: lines of a date, and the counter session."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from mpp.core import locks, revision
from queueing import at_hand, availability
from queueing.models import CounterSession, Queue, QueueDay, Share, Ticket
from queueing.policy import pool as pool_policy
from queueing.roster import roster_at


class DayNotBegun(Exception):
    """The line has no row for this date yet; `begin` makes it."""


def main_rows() -> QuerySet[QueueDay]:
    """Return the rows in which numbers stand, with their queue; blocks only number."""
    return QueueDay.objects.filter(block="").select_related("queue")


def rows_of_agency(agency_id: int, day: date) -> QuerySet[QueueDay]:
    """Return the agency's lines in use of `day`."""
    return main_rows().filter(queue__agency=agency_id, queue__is_active=True, date=day)


def lock_line(queue: Queue, day: date) -> QueueDay:
    """Lock the row of `queue` for `day` and return it with this queue; raise `DayNotBegun` without a row."""
    rows = locks.hold(QueueDay.objects.filter(queue=queue.pk, date=day, block=""))
    if not rows:
        raise DayNotBegun
    rows[0].queue = queue
    return rows[0]


def lock_agency(agency_id: int, day: date, instant: revision.Instant) -> list[QueueDay]:
    """Lock the agency's lines of `day` and return them, each with its queue from memory."""
    queues = roster_at(instant).queues
    own = [key for key, queue in queues.items() if queue.agency_id == agency_id]
    rows = QueueDay.objects.filter(queue__in=own, date=day, block="")
    return at_hand.with_queues(locks.hold(rows), instant)


def day_of(queue_id: int, day: date) -> QueueDay:
    """Return the line's row for `day`; the first number of a day makes it, so no clock job is needed."""
    return main_rows().filter(queue=queue_id, date=day).first() or begin(queue_id, day)


def begin(queue_id: int, day: date) -> QueueDay:
    """Make the line's row for `day` with its shares; two at once make one."""
    with locks.transaction_of_one_act():
        # Who changes the quota either finds this row, or is waited for: a new row is nothing they can lock.
        [queue] = locks.hold(Queue.objects.filter(pk=queue_id))
        quota = availability.quota_for_today(queue)
        defaults = {"prefix": queue.prefix, "quota": quota}
        row, is_new = QueueDay.objects.get_or_create(queue=queue, date=day, block="", defaults=defaults)
        if is_new and quota is not None:
            divided = pool_policy.divided(quota, availability.percents_of(queue))
            Share.objects.bulk_create(
                Share(line=row, name=name, reserved=reserved) for name, reserved in divided.items()
            )
    return row


def home_of(ticket: Ticket) -> int:
    """Return the key of the line that gave the number out, wherever it stands; for a block, of its line."""
    if ticket.queue_day_id == ticket.line_id or not ticket.queue_day.block:
        return ticket.queue_day_id
    numbering = ticket.queue_day
    return main_rows().get(queue=numbering.queue_id, date=numbering.date).pk


def lift_quotas(day: date) -> None:
    """Take the quota off every line from `day` on; only a load test of the demo does that."""
    QueueDay.objects.filter(date__gte=day, quota__isnull=False).update(quota=None)


def lock_open_session(session_id: int) -> CounterSession | None:
    """Lock a counter session that is open, always after its lines; None when it is closed.

    Closing and calling both take it, so a number is never called to a counter that closes meanwhile.
    """
    sessions = CounterSession.objects.open().select_for_update(of=("self",), no_key=True)
    return sessions.filter(pk=session_id).first()

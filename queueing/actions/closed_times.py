"""Bookings whose time was closed afterwards: their holders are told, and moved or cancelled by the rule.

A closing is noted first. What was confirmed in the admin is settled at once; what came otherwise (a file,
new hours) waits a while, so that a slip can be taken back before anybody is told.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from mpp.core import audit, clock
from mpp.core.errors import Refusal
from mpp.notifications.models import Way
from queueing import booking_notifications, rules
from queueing.actions import slots
from queueing.actions.booking import held, settle, take
from queueing.bookings import Bookable, BookingBook, queue_of, with_everything
from queueing.closed_times import closed_times
from queueing.enums import BookingState, ClosedRule
from queueing.models import Booking, ClosedTime, QueueDay
from queueing.policy.slots import Time

# So long a closing that nobody has confirmed can be taken back unnoticed.
GRACE_MINUTES = 15


def note_closed(*, at_once: Collection[int] = ()) -> int:
    """Note the bookings whose time is closed, and forget those whose time is open again; return how many
    are new. Those `at_once` are settled with the next round."""
    at = clock.now()
    found = {closed.booking_id: closed for closed in closed_times(at)}
    with transaction.atomic():
        waiting = ClosedTime.objects.filter(settled_at=None)
        waiting.exclude(booking__in=found).delete()
        waiting.filter(booking__in=at_once).update(due_at=at)
        known = set(waiting.values_list("booking", flat=True))
        later = at + timedelta(minutes=GRACE_MINUTES)
        rows = [
            ClosedTime(
                booking_id=key,
                starts_at=closed.starts_at,
                reason=closed.reason,
                due_at=at if key in at_once else later,
            )
            for key, closed in found.items()
            if key not in known
        ]
        ClosedTime.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["booking"],
            update_fields=["starts_at", "reason", "due_at", "settled_at"],
        )
    return len(rows)


def settle_closed() -> int:
    """Move or cancel the bookings whose closing is due; return how many. Safe at any time and twice."""
    note_closed()
    due = ClosedTime.objects.filter(settled_at=None, due_at__lte=clock.now())
    return sum(_settle(row) for row in due.order_by("starts_at", "pk"))


def _settle(row: ClosedTime) -> bool:
    booking = with_everything().get(pk=row.booking_id)
    time = _time_instead(booking)
    try:
        return bool(time and _moved(row, booking, time)) or _cancelled(row, booking)
    except Refusal:
        # Its holder was faster, or its line is busy: the next round looks again.
        return False


def _time_instead(booking: Booking) -> Bookable | None:
    """Return the free time nearest to the old time of day on the next day that has one.

    None when the rule is to cancel, when no way leads to the holder (they would never hear of it), or
    when everything is full.
    """
    queue = queue_of(booking.service)
    can_be_told = Way.objects.filter(holder=booking_notifications.holder_of(booking), ended_at=None).exists()
    if queue is None or rules.hall().closed_bookings != ClosedRule.MOVE or not can_be_told:
        return None
    book = BookingBook(booking.service, queue, clock.now())
    old = clock.local(booking.slot.starts_at).replace(tzinfo=None)
    for count in range(1, (book.last - old.date()).days + 1):
        day = book.day(old.date() + timedelta(days=count))
        if day.free:
            time = min((time for time in day.times if time.free), key=lambda time: _apart(time, old))
            return Bookable(queue, time, clock.aware(time.starts))
    return None


def _apart(time: Time, old: datetime) -> timedelta:
    return abs(time.starts - datetime.combine(time.starts.date(), old.time()))


def _moved(row: ClosedTime, booking: Booking, time: Bookable) -> bool:
    """Move the booking; it counts as no move of its holder's. False when the place is gone meanwhile."""
    try:
        with held(booking, time.day) as (fresh, days):
            at = clock.now()
            if not _is_still_closed(row, fresh, at):
                return True
            _put(fresh, time, days, at)
            row.settled_at = at
            row.save(update_fields=["settled_at"])
            audit.record("booking.shift", target=fresh.pk, starts_at=time.starts_at.isoformat())
            booking_notifications.shifted(fresh, row.starts_at)
    except Refusal as refusal:
        if refusal.code in {"slot_full", "full"}:
            return False
        raise
    return True


def _put(booking: Booking, time: Bookable, days: dict[date, QueueDay], at: datetime) -> None:
    slots.end_wish(booking, at)
    slot = take(time, at)
    share = slots.charge(days[time.day], at)
    settle(booking, slot, share.pk if share else None, booking.share_id, at)


def _cancelled(row: ClosedTime, booking: Booking) -> bool:
    with held(booking) as (fresh, _days):
        at = clock.now()
        if _is_still_closed(row, fresh, at):
            slots.end_wish(fresh, at)
            fresh.state, fresh.ended_at = BookingState.CANCELLED, at
            fresh.save(update_fields=["state", "ended_at"])
            slots.give_back(fresh.slot_id, fresh.share_id, at)
            row.settled_at = at
            row.save(update_fields=["settled_at"])
            audit.record("booking.close", target=fresh.pk, reason=row.reason)
            booking_notifications.closed(fresh)
    return True


def _is_still_closed(row: ClosedTime, booking: Booking, at: datetime) -> bool:
    """Tell whether the locked booking still waits at the time that was closed."""
    is_there = booking.state == BookingState.BOOKED and booking.slot.starts_at == row.starts_at > at
    return is_there and ClosedTime.objects.filter(pk=row.pk, settled_at=None).exists()

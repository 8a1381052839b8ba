"""Telling people on their way: who is near, what keeps them waiting, what is tomorrow.

All of it is done by the timetable, beside the lines: no call and no number waits for it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import connection, transaction

from mpp.core import clock
from mpp.notifications import outbox
from queueing import booking_notifications, notifications
from queueing.enums import BookingState
from queueing.models import Booking, QueueDay, Ticket, ToldLine
from queueing.places import places_in
from services import troubles

# Reminders go out in the afternoon, never at night.
REMIND_FROM, REMIND_UNTIL = time(15), time(20)

# Lines that have changed since they were looked at last, and in which somebody wants to be told.
CHANGED = """
SELECT day.id FROM queueing_queueday day
LEFT JOIN queueing_toldline told ON told.line_id = day.id
WHERE day.date = %s AND day.version > coalesce(told.version, -1) AND EXISTS (
    SELECT FROM queueing_ticket ticket
    WHERE ticket.line_id = day.id AND ticket.state = 'WAITING' AND ticket.is_told
)
"""


def tell_nearing() -> int:
    """Tell those who wait that five, then two people are ahead; return how many were told.

    Each line is read once for each change of it. Safe to run at any time and twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, [clock.today()])
        keys = [row[0] for row in cursor.fetchall()]
    return sum(_tell_line(line) for line in keys)


def _tell_line(line_id: int) -> int:
    # The version before the people: what changes in between is looked at again.
    line = QueueDay.objects.select_related("queue").get(pk=line_id)
    everyone = Ticket.objects.waiting().filter(line=line).in_arrival_order()
    rows = list(everyone.values_list("pk", "lane", "service", "is_told"))
    told = {key for key, _lane, _service, is_told in rows if is_told}
    places = places_in(line, (row[:3] for row in rows), told)
    near = {key: place.ahead for key, place in places.items() if place.ahead <= max(notifications.NEAR)}
    tickets = Ticket.objects.select_related("queue_day").filter(pk__in=near)
    with transaction.atomic():
        written = notifications.numbers_near((ticket, near[ticket.pk]) for ticket in tickets)
        ToldLine.objects.update_or_create(line=line, defaults={"version": line.version})
    return written


def tell_trouble() -> int:
    """Put a message for each waiting holder who wants to be told into the outbox, once for each trouble.

    Returns how many hold such a number now. Safe to run at any time and twice.
    """
    now = clock.now()
    here = clock.local(now).replace(tzinfo=None)
    told = 0
    for trouble in troubles.open_troubles():
        waiting = Ticket.objects.waiting().filter(line__date=here.date(), is_told=True)
        if trouble.agency_id is not None:
            waiting = waiting.filter(line__queue__agency=trouble.agency_id)
        words = troubles.words(trouble, here)
        news = [
            notifications.trouble_begun(ticket, trouble.key, words)
            for ticket in waiting.select_related("queue_day")
        ]
        if news:
            with transaction.atomic():
                outbox.tell(*news)
        told += len(news)
    return told


def remind_bookings() -> int:
    """Remind who has booked tomorrow, in the afternoon before, once; return how many were told.

    Whoever books later than that has just read the time. Safe to run at any time and twice.
    """
    here = clock.local(clock.now())
    if not REMIND_FROM <= here.time() < REMIND_UNTIL:
        return 0
    day = here.date() + timedelta(days=1)
    booked = Booking.objects.filter(
        state=BookingState.BOOKED,
        slot__starts_at__gte=clock.aware(datetime.combine(day, time.min)),
        slot__starts_at__lt=clock.aware(datetime.combine(day + timedelta(days=1), time.min)),
        booked_at__lt=here.replace(hour=REMIND_FROM.hour, minute=0, second=0, microsecond=0),
    )
    until = here.replace(hour=REMIND_UNTIL.hour, minute=59, second=0, microsecond=0)
    with transaction.atomic():
        return booking_notifications.tomorrow(booked.select_related("slot", "service"), not_after=until)

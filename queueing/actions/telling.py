"""Telling those who wait what keeps them waiting."""

from __future__ import annotations

from django.db import transaction

from mpp.core import clock
from queueing import notifications
from queueing.models import Ticket
from services import troubles


def tell_trouble() -> int:
    """Put a message for each waiting holder with a phone into the outbox, once for each trouble.

    Returns how many hold such a number now. Safe to run at any time and twice.
    """
    now = clock.now()
    here = clock.local(now).replace(tzinfo=None)
    told = 0
    for trouble in troubles.open_troubles():
        waiting = Ticket.objects.waiting().filter(line__date=here.date()).exclude(phone="")
        if trouble.agency_id is not None:
            waiting = waiting.filter(line__queue__agency=trouble.agency_id)
        words = troubles.words(trouble, here)
        with transaction.atomic():
            for ticket in waiting.select_related("queue_day"):
                notifications.trouble_begun(ticket, trouble.key, words)
                told += 1
    return told

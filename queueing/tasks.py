"""Periodic jobs of the day. Each may run twice or late without harm."""

from __future__ import annotations

from collections.abc import Callable

from celery import shared_task
from django.utils import timezone

from mpp.core.models import Mall
from queueing import actions, printing
from queueing.actions import booking, slots


@shared_task(name="queueing.close_past_days")
def close_past_days() -> int:
    """Close what earlier days left open, and put back counters that were moved for a day."""
    _in_the_malls_time(actions.put_back_yesterdays)
    return _in_the_malls_time(actions.close_past_days)


@shared_task(name="queueing.carry_leftovers")
def carry_leftovers() -> int:
    """Give those who still wait at closing a number of the next open day, where their line's rule says so."""
    return _in_the_malls_time(actions.carry_leftovers)


@shared_task(name="queueing.expire_bookings")
def expire_bookings() -> int:
    """Close the bookings of earlier days that nobody came for."""
    return _in_the_malls_time(booking.expire_missed)


@shared_task(name="queueing.settle_closed")
def settle_closed() -> int:
    """Move or cancel bookings whose time was closed afterwards, and tell their holders."""
    return _in_the_malls_time(actions.settle_closed)


@shared_task(name="queueing.offer_places")
def offer_places() -> int:
    """Bring back booked places that were given back: first to who asked to come earlier."""
    return _in_the_malls_time(slots.keep_house)


@shared_task(name="queueing.tell_nearing")
def tell_nearing() -> int:
    """Tell those who wait that five, then two people are ahead."""
    return _in_the_malls_time(actions.tell_nearing)


@shared_task(name="queueing.tell_numbers_again")
def tell_numbers_again() -> int:
    """Tell those who found the numbers gone, and asked for it, that there are some again."""
    return _in_the_malls_time(actions.tell_numbers_again)


@shared_task(name="queueing.remind_bookings")
def remind_bookings() -> int:
    """Remind who has booked a time of tomorrow."""
    return _in_the_malls_time(actions.remind_bookings)


@shared_task(name="queueing.tell_trouble")
def tell_trouble() -> int:
    """Tell those who wait, and left a phone number, of trouble at their agency."""
    return _in_the_malls_time(actions.tell_trouble)


@shared_task(name="queueing.look_at_printers")
def look_at_printers() -> int:
    """Ask the kiosks' own printers how they are: an empty roll shows before somebody needs a slip."""
    return _in_the_malls_time(printing.look_at_all)


@shared_task(name="queueing.forget_past")
def forget_past() -> int:
    """Let go of what is known of people of earlier days."""
    return _in_the_malls_time(actions.forget_past)


@shared_task(name="queueing.advise")
def advise() -> int:
    """Work out what would shorten the longest wait, when that is due or was asked for."""
    return _in_the_malls_time(actions.advise)


def _in_the_malls_time(job: Callable[[], int]) -> int:
    """Do a job in the mall's zone of time; nothing while there is no mall."""
    mall = Mall.objects.filter(pk=1).first()
    if mall is None:
        return 0
    with timezone.override(mall.timezone):
        return job()

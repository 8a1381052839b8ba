"""Which booked times are closed now: a date of the calendar, or new hours, came after the booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mpp.core import clock
from queueing.enums import BookingState
from queueing.models import Booking
from queueing.policy import slots as policy
from services.opening import Schedule
from services.policy import LOOK_AHEAD_DAYS


@dataclass(frozen=True)
class Closed:
    """A booking ahead at whose time nobody is there; `reason` is the calendar's word for it, or empty."""

    booking_id: int
    starts_at: datetime
    reason: str


def closed_times(at: datetime) -> list[Closed]:
    """Return the bookings from the aware moment `at` on whose time is closed, by the tables as they are.

    Four queries. Trouble closes nothing: nobody knows how long it lasts.
    """
    start = clock.local(at).date()
    schedule = Schedule(start)
    ahead = Booking.objects.filter(
        state=BookingState.BOOKED,
        slot__starts_at__gt=at,
        slot__starts_at__lt=at + timedelta(days=LOOK_AHEAD_DAYS),
    )
    found = []
    for key, starts_at, service, agency in ahead.order_by("slot__starts_at", "pk").values_list(
        "pk", "slot__starts_at", "service", "service__agency"
    ):
        here = clock.local(starts_at).replace(tzinfo=None)
        plan = schedule.plan(here.date(), agency, service)
        if policy.misfit(plan.spans, plan.last_number, here, 1):
            found.append(Closed(key, starts_at, plan.reason))
    return found

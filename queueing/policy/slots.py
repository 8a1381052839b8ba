"""Booked times: which there are, how many people each holds, and who came in time. No database, no clock.

A booking is a time, not a privilege: half of what the counters can serve is booked, the other half is for
those who simply come. All times are naive local.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

Span = tuple[datetime, datetime]

# This part of the counters' time may be booked.
BOOKED_PART = 0.5


@dataclass(frozen=True)
class Time:
    """A stretch that can be booked: its start, its minutes, and its places."""

    starts: datetime
    minutes: int
    capacity: int
    taken: int = 0

    @property
    def ends(self) -> datetime:
        """Return the first moment after it."""
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def free(self) -> int:
        """Return the places that nobody has."""
        return max(0, self.capacity - self.taken)

    def overlaps(self, other: Time) -> bool:
        """Tell whether any moment lies in both."""
        return self.starts < other.ends and other.starts < self.ends


class Misfit(Enum):
    """Why a stretch is no time of a day."""

    CLOSED_DAY = "closed_day"
    BREAK = "break"
    OUTSIDE = "outside"
    PAST_LAST_NUMBER = "past_last_number"


def capacity_of(*, counters: float, slot_minutes: int, mean_minutes: float) -> int:
    """Return how many people one time holds; at least one wherever a counter serves, else none."""
    if counters <= 0:
        return 0
    return max(1, int(counters * slot_minutes / max(1.0, mean_minutes) * BOOKED_PART))


def misfit(
    spans: Sequence[Span], last_number: datetime | None, starts: datetime, minutes: int
) -> Misfit | None:
    """Return why [starts, starts + minutes) cannot be booked by the day's hours, or None when it can.

    It must lie inside one span: nobody is booked into a break. Who is booked for the last number's
    moment or later would come too late for it.
    """
    if not spans:
        return Misfit.CLOSED_DAY
    ends = starts + timedelta(minutes=minutes)
    if any(start <= starts and ends <= end for start, end in spans):
        past = last_number is not None and starts >= last_number
        return Misfit.PAST_LAST_NUMBER if past else None
    in_the_day = spans[0][0] <= starts and ends <= spans[-1][1]
    return Misfit.BREAK if in_the_day else Misfit.OUTSIDE


def times_of(
    spans: Sequence[Span],
    last_number: datetime | None,
    *,
    minutes: int,
    capacity: int,
    known: Iterable[Time] = (),
) -> list[Time]:
    """Return the times of a day in order: from each opening on, one after the other.

    `known` are those in which people have places. They stay where they are when the rule changes, and
    no new one overlaps them: a moment is never given away twice.
    """
    held = [time for time in known if time.taken]
    kept = [
        Time(time.starts, time.minutes, max(capacity, time.taken), time.taken)
        for time in held
        if misfit(spans, last_number, time.starts, time.minutes) is None
    ]
    fresh = [
        time
        for time in _grid(spans, minutes, capacity)
        if misfit(spans, last_number, time.starts, minutes) is None
        and not any(time.overlaps(other) for other in held)
    ]
    return sorted([*kept, *fresh] if capacity else kept, key=lambda time: time.starts)


def _grid(spans: Iterable[Span], minutes: int, capacity: int) -> Iterable[Time]:
    length = timedelta(minutes=minutes)
    for start, end in spans:
        for place in range((end - start) // length):
            yield Time(start + place * length, minutes, capacity)


class Arrival(Enum):
    """When somebody comes, seen from the booked time."""

    EARLY = "early"
    IN_TIME = "in_time"
    LATE = "late"


def arrival(starts: datetime, at: datetime, *, early_minutes: int, late_minutes: int) -> Arrival:
    """Return whether `at` is too early, in time (both ends included), or late for a time."""
    if at < starts - timedelta(minutes=early_minutes):
        return Arrival.EARLY
    return Arrival.IN_TIME if at <= starts + timedelta(minutes=late_minutes) else Arrival.LATE

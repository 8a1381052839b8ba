"""Stopping in time: can the counters still serve one more before they close (the Karangasem case)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta


def open_minutes_left(spans: Iterable[tuple[datetime, datetime]], at: datetime) -> float:
    """Return the minutes between `at` and closing in which counters serve; breaks do not count."""
    left = sum((max(end - max(start, at), timedelta()) for start, end in spans), timedelta())
    return left / timedelta(minutes=1)


def fits(*, waiting_minutes: float, own_minutes: float, counters: int, minutes_left: float) -> bool:
    """Tell whether one more number of `own_minutes` can be begun and finished before closing.

    `waiting_minutes` is the work that already stands in the line. With no counter known, nothing is
    said against it: an empty counter is told otherwise.
    """
    if counters < 1:
        return True
    return waiting_minutes / counters + own_minutes <= minutes_left

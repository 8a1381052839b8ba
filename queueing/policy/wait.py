"""A range of minutes from work ahead and counters, where nothing is measured yet."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A range of minutes until the call: `low_minutes` to `high_minutes`."""

    low_minutes: int
    high_minutes: int


def estimate(minutes_ahead: int, counters: int) -> Estimate | None:
    """Return the range of the wait when `minutes_ahead` of service stand before one, or None.

    None when no counter is staffed: then nothing can be promised. The range is a quarter to both
    sides, at least five minutes wide, and in steps of five from twenty minutes on: no false precision.
    """
    if counters < 1:
        return None
    middle = minutes_ahead / counters
    step = 5 if middle >= 20 else 1
    low = math.floor(middle * 0.75 / step) * step
    return Estimate(low, max(low + 5, math.ceil(middle * 1.25 / step) * step))

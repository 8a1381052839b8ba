"""Who is next, and how long it takes: pure rules, no database, no clock."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Standing:
    """One waiting number: its key, when it came, whether it goes first by law, minutes it will take."""

    key: int
    arrived_at: datetime
    is_priority: bool
    minutes: int = 10


@dataclass(frozen=True)
class Estimate:
    """A range of minutes until the call: `low_minutes` to `high_minutes`."""

    low_minutes: int
    high_minutes: int


def priority_is_next(*, regular: bool, priority: bool, since_priority: int, ratio: int) -> bool:
    """Tell whether the next call goes to a priority number.

    After one priority call, `ratio` regular ones come first while any waits, so nobody starves:
    between two regular calls there is at most one priority call. The rule is public.
    """
    if not priority:
        return False
    return not regular or since_priority >= ratio


def call_order(waiting: Iterable[Standing], *, since_priority: int, ratio: int) -> list[Standing]:
    """Return the waiting numbers in the order in which they will be called, as things stand."""
    arrived = sorted(waiting, key=lambda standing: (standing.arrived_at, standing.key))
    regular = deque(standing for standing in arrived if not standing.is_priority)
    priority = deque(standing for standing in arrived if standing.is_priority)
    order: list[Standing] = []
    while regular or priority:
        first = priority_is_next(
            regular=bool(regular), priority=bool(priority), since_priority=since_priority, ratio=ratio
        )
        order.append(priority.popleft() if first else regular.popleft())
        since_priority = 0 if first else since_priority + 1
    return order


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

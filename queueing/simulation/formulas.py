"""The two formulas that other queue systems show, so that ours can be compared with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Bounds = tuple[float, float]


def mean_wait(ahead: float, mean: float, counters: int) -> Bounds:
    """Return people ahead times the mean over the counters, as a range of no width.

    The one who is next is given half a slot: "0 minutes" could never be widened.
    """
    minutes = max(ahead, 0.5) * mean / max(1, counters)
    return minutes, minutes


def low_and_high(ahead: float, mean: float, counters: int) -> Bounds:
    """Return the low and high estimate of the Berlin and Munich system ZMS (its `QueueList`).

    A slot is the mean over the counters. High: a slot for everyone ahead and one more, in whole
    minutes. Low: 0.8 of a slot for everyone ahead, the first ones at all but one counter free of charge.
    """
    desks = max(1, counters)
    slot = mean / desks
    low = math.floor(0.8 * slot * max(0.0, ahead - (desks - 1)))
    return low, max(low, math.floor(slot * (ahead + 1)))


def scaled(bounds: Bounds, factor: float) -> Bounds:
    """Widen a range in proportion: its low end divided, its high end multiplied by `factor`."""
    low, high = bounds
    return low / factor, max(high, 1.0) * factor


def stretched(bounds: Bounds, factor: float) -> Bounds:
    """Widen a range about its middle; one without a width by so much of its middle."""
    low, high = bounds
    middle = (low + high) / 2
    half = (high - low) / 2 or middle / 10
    return max(0.0, middle - factor * half), middle + factor * half


WIDENINGS: dict[str, Callable[[Bounds, float], Bounds]] = {"scaled": scaled, "stretched": stretched}


def widened(
    ranges: Sequence[Bounds], actual: Sequence[float], share: float, widen: Callable[[Bounds, float], Bounds]
) -> tuple[float, list[Bounds]]:
    """Return the least factor, and the ranges widened by it, with which `share` of `actual` are inside."""
    low, high = 1.0, 64.0
    for _halving in range(30):
        factor = (low + high) / 2
        if covered([widen(one, factor) for one in ranges], actual) >= share:
            high = factor
        else:
            low = factor
    return high, [widen(one, high) for one in ranges]


def covered(ranges: Sequence[Bounds], actual: Sequence[float]) -> float:
    """Return the share of `actual` inside their ranges."""
    inside = sum(low <= minutes <= high for (low, high), minutes in zip(ranges, actual, strict=True))
    return inside / max(1, len(actual))


def winkler(bounds: Bounds, minutes: float, alpha: float) -> float:
    """Return the interval score of one range: its width, and 2/alpha for each minute outside it."""
    low, high = bounds
    return high - low + 2 / alpha * (max(0.0, low - minutes) + max(0.0, minutes - high))

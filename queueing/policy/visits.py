"""In which order one person best goes to their counters: pure, no database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations

# All orders of so many numbers are compared (120); longer visits go by the wait.
MOST_COMPARED = 5


@dataclass(frozen=True)
class Leg:
    """One waiting number of a visit: minutes until its call, unknown when None, and of service."""

    key: int
    low: float | None
    high: float | None
    minutes: float


@dataclass(frozen=True)
class Route:
    """The proposed order, and the range of minutes until the last of it is served; None: unknown."""

    legs: tuple[Leg, ...]
    low: float | None
    high: float | None


def best_route(legs: Sequence[Leg], *, busy_minutes: float = 0) -> Route:
    """Return the order of `legs` after which the whole visit ends soonest.

    `busy_minutes` is how long the person is still at a counter now. Called meanwhile, a number keeps its
    place: it is served as soon as its person is free. Numbers whose wait nobody knows come last. Of
    orders that end equally soon, the one with the shortest waits for the single numbers.
    """
    known = [leg for leg in legs if leg.low is not None and leg.high is not None]
    unknown = [leg for leg in legs if leg.low is None or leg.high is None]
    by_wait = sorted(known, key=lambda leg: (_low(leg) + _high(leg), leg.key))
    orders = permutations(by_wait) if len(by_wait) <= MOST_COMPARED else [tuple(by_wait)]
    order = min(orders, key=lambda one: _cost(one, busy_minutes))
    if unknown or not known:
        return Route((*order, *sorted(unknown, key=lambda leg: leg.key)), None, None)
    return Route(order, _walked(order, _low, busy_minutes)[-1], _walked(order, _high, busy_minutes)[-1])


def _low(leg: Leg) -> float:
    return leg.low or 0


def _high(leg: Leg) -> float:
    return leg.high or 0


def _cost(order: Sequence[Leg], busy_minutes: float) -> tuple[float, float]:
    ends = [_walked(order, wait, busy_minutes) for wait in (_low, _high)]
    return sum(end[-1] for end in ends if end), sum(sum(end) for end in ends)


def _walked(order: Sequence[Leg], wait: Callable[[Leg], float], busy_minutes: float) -> list[float]:
    """Return the minutes from now at which each number of `order` has been served."""
    ends: list[float] = []
    free = busy_minutes
    for leg in order:
        free = max(free, wait(leg)) + leg.minutes
        ends.append(free)
    return ends

"""How long counters are busy: with what is under way, and with the numbers that come before one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from queueing.estimating.present import Desk
from queueing.estimating.times import ServiceTime, Times

# From the end of a service to the press for the next number.
GAP = 0.3
# Points at which the chances of being still busy are added up.
POINTS = 24


@dataclass
class Work:
    """Minutes that numbers keep counters busy: how many, their mean, their variance, doubt of the mean."""

    people: float = 0.0
    mean: float = 0.0
    variance: float = 0.0
    doubt: float = 0.0

    def plus(self, other: Work, times: float = 1.0) -> Work:
        """Return this work and `times` as much as the other."""
        return Work(
            self.people + times * other.people,
            self.mean + times * other.mean,
            self.variance + times * other.variance,
            self.doubt + times * times * other.doubt,
        )


def work_of(service: ServiceTime, times: Times) -> Work:
    """Return what one number of a service costs a counter, from its call to the next call."""
    habits = times.habits
    come, away = 1.0 - habits.no_show, habits.no_show
    whole = habits.handover + service.mean
    mean = come * whole + away * habits.calling
    # Handovers scatter about as much as they last.
    square = come * (whole**2 + service.variance + habits.handover**2 / 2) + away * habits.calling**2
    return Work(1.0, mean, square - mean**2, (come * service.mean) ** 2 * service.doubt)


def under_way(mean: float, variance: float) -> tuple[float, float]:
    """Return mean and variance of what is left of a work met at any moment of it."""
    ratio = 1.0 + variance / mean**2
    left = mean * ratio / 2
    return left, max(0.0, mean**2 * ratio**3 / 3 - left**2)


def upper(z: float) -> float:
    """Return the chance that a normal variable exceeds `z`."""
    return 0.5 * math.erfc(z * 0.7071067811865476)


@dataclass(frozen=True)
class Busy:
    """A counter that serves: the lognormal law of the whole service, and the minutes of it gone.

    `mean` is of the whole service. `rest` minutes come in any case, for the handover; `left` and
    `variance` are of all that is left.
    """

    mu: float
    sigma: float
    gone: float
    rest: float
    tail: float
    mean: float
    left: float
    variance: float

    @property
    def end(self) -> float:
        """Return the minutes after which it is hardly ever still busy."""
        return math.exp(self.mu + 3.2 * self.sigma) - self.gone + self.rest

    def still(self, minutes: float) -> tuple[float, float]:
        """Return the chance that it is busy for more than `minutes`, and the minutes it then goes on,
        times that chance."""
        if minutes <= self.rest:
            return 1.0, self.left - minutes
        whole = self.gone + minutes - self.rest
        z = (math.log(whole) - self.mu) / self.sigma
        chance = upper(z)
        longer = self.mean * upper(z - self.sigma) - whole * chance
        return chance / self.tail, max(0.0, longer) / self.tail


def busy(desk: Desk, times: Times, at: float) -> Busy | None:
    """Return what keeps `desk` busy at minute `at`; None when its officer is away."""
    if desk.away:
        return None
    if desk.serving is None:
        return _ABOUT_TO_CALL
    service = times.of(desk.serving)
    spread = math.log1p(service.variance / service.mean**2) + service.doubt
    sigma = math.sqrt(spread)
    mu = math.log(service.mean) - spread / 2
    gone, rest = max(0.0, at - desk.since) / times.pace(int(at // 60)), GAP
    if not desk.begun:
        gone, rest = 0.0, max(GAP, times.habits.handover - gone)
    whole, square = service.mean, service.mean**2 * math.exp(spread)
    tail = 1.0
    if gone > 0:
        z = (math.log(gone) - mu) / sigma
        # Beyond all experience: whoever has taken that long may well take as long again.
        tail = max(upper(z), 1e-12)
        whole *= upper(z - sigma) / tail
        square *= upper(z - 2 * sigma) / tail
    left = max(0.05, whole - gone)
    return Busy(mu, sigma, gone, rest, tail, service.mean, left + rest, max(0.0, square - whole**2))


# Lognormal with mean GAP and as much scatter.
_ABOUT_TO_CALL = Busy(math.log(GAP) - 0.35, 0.83, 0.0, 0.0, 1.0, GAP, GAP, GAP**2)


def first_free(desks: Sequence[Busy]) -> tuple[float, float]:
    """Return mean and variance of the minutes until the first of busy counters is free."""
    if not desks:
        return 0.0, 0.0
    end = 3.0 * min(desk.left for desk in desks)
    mean = square = 0.0
    start = 0.0
    for point in range(1, POINTS + 1):
        # Finer near zero, where several counters make an early end likely.
        stop = end * (point / POINTS) ** 2
        middle = (start + stop) / 2
        chance = math.prod(desk.still(middle)[0] for desk in desks)
        mean += chance * (stop - start)
        square += 2 * middle * chance * (stop - start)
        start = stop
    return mean, max(0.0, square - mean**2)

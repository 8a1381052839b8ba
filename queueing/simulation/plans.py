"""What a mall's day is like before chance is drawn. Times are minutes after midnight, durations minutes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from queueing.policy import OrderRule


@dataclass(frozen=True)
class ServicePlan:
    """A service: the standard's minutes, and how long it truly takes (lognormal: `mean`, `cv`)."""

    code: int
    line: int
    standard: float
    mean: float
    cv: float
    share: float

    @property
    def sigma(self) -> float:
        """Return the standard deviation of the logarithm of the minutes."""
        return math.sqrt(math.log1p(self.cv * self.cv))

    @property
    def mu(self) -> float:
        """Return the mean of the logarithm of the minutes."""
        return math.log(self.mean) - self.sigma * self.sigma / 2


@dataclass(frozen=True)
class CounterPlan:
    """A counter: the lines it serves with their weights, its hours, and how slow its officer is.

    `breaks` are announced; `pauses` are taken at about those minutes, and nobody is told.
    """

    code: int
    weights: Mapping[int, float]
    opens: float
    closes: float
    breaks: tuple[tuple[float, float], ...] = ()
    pauses: tuple[tuple[float, float], ...] = ()
    pace: float = 1.0


@dataclass(frozen=True)
class LinePlan:
    """A line: regular and priority arrivals an hour by hour of the day, and booked slots (time, places)."""

    code: int
    regular: Mapping[int, float]
    priority: Mapping[int, float]
    slots: tuple[tuple[float, int], ...] = ()
    rule: OrderRule = field(default_factory=OrderRule)


@dataclass(frozen=True)
class Habits:
    """How people behave, the same for a whole mall: means in minutes, chances from 0 to 1."""

    no_show: float = 0.06
    calling: float = 1.6
    walk: float = 0.9
    gap: float = 0.4
    cancels_an_hour: float = 0.03
    slot_filled: float = 0.8
    slot_kept: float = 0.85
    late_opening: float = 2.0
    late_return: float = 1.5
    leaves_an_hour: float = 0.0
    leaves_from: float = 600.0


@dataclass(frozen=True)
class MallPlan:
    """Everything a simulated day is drawn from.

    `hour_pace` multiplies service minutes by the hour they start in; `day_spread` is the standard
    deviation of the logarithm of a factor common to one day (a slow server, a holiday's eve).
    """

    lines: tuple[LinePlan, ...]
    services: tuple[ServicePlan, ...]
    counters: tuple[CounterPlan, ...]
    opens: float = 480.0
    closes: float = 960.0
    hour_pace: Mapping[int, float] = field(default_factory=dict)
    day_spread: float = 0.08
    habits: Habits = field(default_factory=Habits)

    def services_of(self, line: int) -> list[ServicePlan]:
        """Return the services that stand in `line`."""
        return [service for service in self.services if service.line == line]

    def pace_at(self, minute: float) -> float:
        """Return the factor on service minutes that start at `minute`."""
        return self.hour_pace.get(int(minute // 60), 1.0)

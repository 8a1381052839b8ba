"""How long services take: learned from what was observed, shrunk towards the standard when that is thin."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

# Below this nothing is promised: "belum dapat diperkirakan".
LEAST_OBSERVATIONS = 5

# What is believed before anything is seen. A standard's minutes are wrong by about a third, service
# logarithms of the minutes scatter with a variance of 0.34 (the minutes by 63 %), and one day differs
# from the next by 8 %.
STANDARD_SPREAD = 0.3
USUAL_SCATTER = 0.34
DAY_SPREAD = 0.08
# Observations that weigh as much as the prior belief about the scatter, the hour, the line's ratio.
SCATTER_WEIGHT = 15
HOUR_WEIGHT = 40
RATIO_WEIGHT = 5


@dataclass(frozen=True)
class Observed:
    """Services that began in one local hour: how many, and sums of their minutes, of the logarithms of
    the minutes, and of the squared logarithms."""

    service: int
    hour: int
    count: int
    minutes: float
    logs: float
    squared_logs: float
    today: bool = False


@dataclass(frozen=True)
class Habits:
    """What else was measured, in minutes, chances and rates: the figures before anything is known.

    `handover` is from the end of one service to the start of the next while people wait; `calling` what
    a number costs whose holder does not come (`no_show` of them); `quits_an_hour` how many of those who
    wait give their number back in an hour; `leaves_an_hour` how many counters close unforeseen in an
    hour; `pause` how long an officer without a stated return is away; `keeps` of those who booked come.
    """

    handover: float = 1.3
    no_show: float = 0.05
    calling: float = 1.6
    quits_an_hour: float = 0.02
    leaves_an_hour: float = 0.0
    pause: float = 12.0
    keeps: float = 0.85


@dataclass(frozen=True)
class ServiceTime:
    """Minutes of one service: `mean`, `variance` around it, and how unsure the mean itself is.

    `doubt` is a relative variance; `weight` how often the service is wanted.
    """

    mean: float
    variance: float
    doubt: float
    weight: float


@dataclass(frozen=True)
class Times:
    """The learned table of a line: service times, the pace of each hour, habits, how much was observed."""

    services: Mapping[int, ServiceTime]
    observations: int
    hour_pace: Mapping[int, float] = field(default_factory=dict)
    habits: Habits = field(default_factory=Habits)
    # Relative variance of the level of the whole day, which today's services have not settled.
    day_doubt: float = 0.0
    # How many come in an hour of the day, by lane and hour, without those who booked.
    arrivals: Mapping[tuple[str, int], float] = field(default_factory=dict)

    def of(self, service: int) -> ServiceTime:
        """Return the minutes of a service; those of any one when it is not in the table."""
        return self.services.get(service) or self.any_service

    @cached_property
    def any_service(self) -> ServiceTime:
        """Return the minutes of one of whom is not known what it comes for."""
        total = sum(service.weight for service in self.services.values())
        if not total:
            return ServiceTime(10.0, 40.0, STANDARD_SPREAD**2, 1.0)
        shares = [(service.weight / total, service) for service in self.services.values()]
        mean = sum(share * service.mean for share, service in shares)
        square = sum(share * (service.variance + service.mean**2) for share, service in shares)
        doubt = sum((share * service.mean) ** 2 * service.doubt for share, service in shares) / mean**2
        return ServiceTime(mean, square - mean**2, doubt, total)

    def pace(self, hour: int) -> float:
        """Return the factor on service minutes in a local hour."""
        return self.hour_pace.get(hour, 1.0)


class _Sums:
    def __init__(self, observed: Iterable[Observed]) -> None:
        self.count = self.minutes = self.logs = self.squared_logs = 0.0
        for one in observed:
            self.count += one.count
            self.minutes += one.minutes
            self.logs += one.logs
            self.squared_logs += one.squared_logs

    @property
    def scatter(self) -> float:
        """Return the sum of squared deviations of the logarithms: a forgotten press counts for little."""
        return max(0.0, self.squared_logs - self.logs**2 / self.count) if self.count else 0.0

    @property
    def freedom(self) -> float:
        """Return on how many observations that sum rests."""
        return max(0.0, self.count - 1)


def learn(
    observed: Sequence[Observed],
    standards: Mapping[int, float],
    habits: Habits | None = None,
    arrivals: Mapping[tuple[str, int], float] | None = None,
) -> Times:
    """Return the table for the services in `standards` (key to the standard's minutes).

    Each service's mean lies between the standard, times how the line's services relate to theirs, and
    its own observations: with none it is the first, with many the second.
    """
    known = [one for one in observed if one.service in standards]
    by_service: dict[int, list[Observed]] = defaultdict(list)
    for one in known:
        by_service[one.service].append(one)
    sums = {service: _Sums(by_service[service]) for service in standards}
    prior = math.expm1(USUAL_SCATTER) / STANDARD_SPREAD**2
    ratio = _ratio(sums, standards)
    means = {
        service: (sums[service].minutes + prior * standard * ratio) / (sums[service].count + prior)
        for service, standard in standards.items()
    }
    scatter = sum(one.scatter for one in sums.values()) + SCATTER_WEIGHT * USUAL_SCATTER
    pooled = scatter / (sum(one.freedom for one in sums.values()) + SCATTER_WEIGHT)
    hours = _hours(known, means)
    level, day_doubt = _today(known, means, hours, pooled)
    services = {}
    for service, seen in sums.items():
        own = (seen.scatter + SCATTER_WEIGHT * pooled) / (seen.freedom + SCATTER_WEIGHT)
        mean = means[service] * level
        relative = math.expm1(own)
        services[service] = ServiceTime(
            mean, relative * mean**2, relative / (seen.count + prior), seen.count + 1.0
        )
    total = sum(one.count for one in sums.values())
    return Times(services, int(total), hours, habits or Habits(), day_doubt, arrivals or {})


def _ratio(sums: Mapping[int, _Sums], standards: Mapping[int, float]) -> float:
    """Return how the line's services relate to their standards as a whole."""
    if not standards:
        return 1.0
    believed = RATIO_WEIGHT * sum(standards.values()) / len(standards)
    expected = sum(one.count * standards[service] for service, one in sums.items())
    return (sum(one.minutes for one in sums.values()) + believed) / (expected + believed)


def _hours(observed: Iterable[Observed], means: Mapping[int, float]) -> dict[int, float]:
    by_hour: dict[int, list[Observed]] = defaultdict(list)
    for one in observed:
        by_hour[one.hour].append(one)
    paces = {}
    for hour, cells in by_hour.items():
        expected = sum(one.count * means[one.service] for one in cells)
        if expected > 0:
            believed = HOUR_WEIGHT * expected / sum(one.count for one in cells)
            paces[hour] = (sum(one.minutes for one in cells) + believed) / (expected + believed)
    return paces


def _today(
    observed: Iterable[Observed], means: Mapping[int, float], hours: Mapping[int, float], scatter: float
) -> tuple[float, float]:
    """Return today's level against the usual one, and how unsure it still is."""
    today = [one for one in observed if one.today and one.count]
    expected = sum(one.count * means[one.service] * hours[one.hour] for one in today)
    if expected <= 0:
        return 1.0, DAY_SPREAD**2
    seen = sum(one.count for one in today)
    share = DAY_SPREAD**2 / (DAY_SPREAD**2 + scatter / seen)
    return 1.0 + share * (sum(one.minutes for one in today) / expected - 1.0), DAY_SPREAD**2 * (1 - share)

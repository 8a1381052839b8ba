"""Varied malls by seed: short and long lines, one to six counters, thin and fat standards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from queueing.policy import OrderRule
from queueing.simulation.plans import CounterPlan, Habits, LinePlan, MallPlan, ServicePlan

# The first hours are the fullest (domain.md 8.1), and few come before closing.
SHAPE = {7: 0.5, 8: 1.35, 9: 1.45, 10: 1.15, 11: 0.85, 12: 0.55, 13: 0.95, 14: 0.75}
# Minutes of standards.
USUAL = (5.0, 8.0, 10.0, 10.0, 12.0, 15.0, 15.0, 20.0, 30.0)
QUICK = (3.0, 4.0, 5.0, 6.0)


def draw_mall(seed: int) -> MallPlan:
    """Return the mall that belongs to `seed`."""
    rng = Random(f"mall {seed}")  # noqa: S311 - a repeatable mall, not a secret
    lines = 2 if rng.random() < 0.1 else 1
    # A fifth are crowds at quick counters, like taxes in their last week.
    is_crowd = lines == 1 and rng.random() < 0.2
    standards = QUICK if is_crowd else USUAL
    services = [service for line in range(lines) for service in _services(line, standards, rng)]
    counters = _counters(rng.choice([3, 4, 5, 6] if is_crowd else [1, 1, 2, 2, 3, 3, 4, 5, 6]), lines, rng)
    # Load is people's minutes over counters' minutes: from empty halls to ones that overflow.
    load = rng.choice([1.0, 1.15, 1.3] if is_crowd else [0.7, 0.8, 0.9, 1.0, 1.1, 1.25])
    plans = tuple(_line(line, services, len(counters), load / lines, rng) for line in range(lines))
    return MallPlan(
        lines=plans,
        services=tuple(services),
        counters=tuple(counters),
        hour_pace={hour: math.exp(rng.gauss(0.0, 0.06)) for hour in range(7, 19)},
        day_spread=0.06,
        habits=_habits(rng),
    )


def _services(line: int, standards: Sequence[float], rng: Random) -> list[ServicePlan]:
    found = []
    for index in range(rng.randint(1, 5)):
        standard = rng.choice(standards)
        mean = standard * math.exp(rng.gauss(-0.1, 0.35))
        cv = rng.uniform(0.4, 0.9)
        found.append(ServicePlan(line * 10 + index, line, standard, mean, cv, rng.uniform(0.3, 1.0)))
    return found


def _counters(count: int, lines: int, rng: Random) -> list[CounterPlan]:
    weights = dict.fromkeys(range(lines), 1.0)
    together = count == 1 or rng.random() < 0.4
    found = []
    for code in range(count):
        noon = 690.0 if code % 2 and not together else 735.0
        breaks: tuple[tuple[float, float], ...] = ((noon, noon + 45.0),)
        pauses: tuple[tuple[float, float], ...] = ()
        if rng.random() < 0.3:
            pauses = ((600.0 + 10.0 * code, 610.0 + 10.0 * code),)
        closes = 960.0
        if code > 0 and rng.random() < 0.2:
            closes = rng.choice([690.0, 780.0, 840.0])
            breaks = tuple(pause for pause in breaks if pause[1] < closes)
        pace = math.exp(rng.gauss(0.0, 0.06))
        found.append(CounterPlan(code, weights, 480.0, closes, breaks, pauses, pace))
    return found


def _line(line: int, services: list[ServicePlan], counters: int, load: float, rng: Random) -> LinePlan:
    own = [service for service in services if service.line == line]
    shares = sum(service.share for service in own)
    minutes = sum(service.mean * service.share for service in own) / shares + 1.5
    # Seven hours of counters less their breaks, spread over the day's shape.
    an_hour = load * counters * 60.0 / minutes * 0.86
    total = sum(SHAPE.values())
    rates = {hour: an_hour * 7.0 * weight / total for hour, weight in SHAPE.items()}
    first = rng.choice([0.0, 0.05, 0.1, 0.2])
    slots: tuple[tuple[float, int], ...] = ()
    if rng.random() < 0.4:
        step = rng.choice([15.0, 30.0, 60.0])
        places = max(1, round(an_hour * rng.uniform(0.1, 0.3) * step / 60.0))
        slots = tuple((540.0 + step * index, places) for index in range(int(300.0 / step)))
        rates = {hour: rate * 0.8 for hour, rate in rates.items()}
    return LinePlan(
        code=line,
        regular={hour: rate * (1 - first) for hour, rate in rates.items()},
        priority={hour: rate * first for hour, rate in rates.items()},
        slots=slots,
        rule=OrderRule(rng.choice([1, 1, 2]), rng.choice([1, 2, 2, 3])),
    )


def _habits(rng: Random) -> Habits:
    return Habits(
        no_show=rng.choice([0.02, 0.05, 0.08, 0.15]),
        cancels_an_hour=rng.choice([0.0, 0.02, 0.05]),
        leaves_an_hour=rng.choice([0.0, 0.0, 0.0, 0.08]),
    )

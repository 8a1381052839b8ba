"""Who overtakes a number by the public rule: those of the other lane who wait, and who may still come."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from queueing.enums import Lane
from queueing.estimating.present import Ahead, Present
from queueing.estimating.work import upper
from queueing.policy import OrderRule, others_before

_EVERYBODY = 10**6
# So few are counted one by one.
_FEW = 8
_REGULAR = Lane.REGULAR.value
_EXPRESS = Lane.EXPRESS.value


class Passing:
    """The rule and the arrivals of one line at one moment."""

    def __init__(self, present: Present) -> None:
        self._present = present
        # Rule 3 of the order: an aged head follows after at most one of the other lane. By lane, and by
        # whether the head of that lane, and of the other one, is aged.
        rule, regular_aged = present.rule, replace(present.rule, express_in_a_row=1)
        express_aged = replace(present.rule, regular_between=1)
        both = replace(regular_aged, regular_between=1)
        self._rules = {
            _REGULAR: _by_age(rule, regular_aged, express_aged, both),
            _EXPRESS: _by_age(rule, express_aged, regular_aged, both),
        }
        arrivals = present.times.arrivals
        self._arrivals = {
            lane: _Arrivals(present.at, [arrivals.get((lane, hour), 0.0) for hour in range(24)])
            for lane in (_REGULAR, _EXPRESS)
        }
        coming = sorted(present.coming)
        self._booked_at = [place for place, _people in coming]
        self._booked = [0.0, *accumulate(people for _place, people in coming)]

    def come(self, lane: str, minutes: float) -> float:
        """Return how many are likely to come within `minutes` into the lane beside `lane`."""
        if lane == _EXPRESS:
            return self._arrivals[_REGULAR].within(minutes)
        booked = 0.0
        if self._booked_at:
            booked = self._booked[bisect_right(self._booked_at, self._present.at + minutes)]
        return self._arrivals[_EXPRESS].within(minutes) + booked

    def limit(self, ahead: Ahead, people: int, minutes: float) -> float:
        """Return how many of the other lane the rule lets pass before a number with `people` before it."""
        present, limit = self._present, self._present.rule.ageing_minutes
        # How long the first of the lane has waited, and this number will have when it is the first.
        waits = sorted((present.at - ahead.first_place, present.at + minutes - ahead.place))
        share = 0.0
        if waits[1] > limit:
            share = min(1.0, (waits[1] - limit) / max(waits[1] - waits[0], 1e-9))
        is_other_aged = present.at + minutes * 2 / 3 - ahead.others_place >= limit
        rules = self._rules[ahead.lane]
        passing = 0.0
        for is_aged, part in ((False, 1.0 - share), (True, share)):
            if part:
                rule = rules[is_aged, is_other_aged]
                passing += part * others_before(
                    ahead.lane, people, runs=present.runs, rule=rule, others=_EVERYBODY
                )
        return passing


class _Arrivals:
    """How many come from a moment on, at so many an hour in each hour of the day."""

    def __init__(self, at: float, an_hour: Sequence[float]) -> None:
        self._hour = min(int(at // 60), 23)
        self._gone = at - 60.0 * self._hour
        self._a_minute = [rate / 60.0 for rate in an_hour[self._hour :]]
        self._sums = [0.0, *accumulate(rate * 60.0 for rate in self._a_minute)]
        self._before = self._a_minute[0] * self._gone

    def within(self, minutes: float) -> float:
        """Return how many are likely to come within `minutes`; nobody after midnight."""
        hours, rest = divmod(self._gone + minutes, 60.0)
        if hours >= len(self._a_minute):
            return self._sums[-1] - self._before
        return self._sums[int(hours)] + self._a_minute[int(hours)] * rest - self._before


def _by_age(
    rule: OrderRule, own: OrderRule, other: OrderRule, both: OrderRule
) -> dict[tuple[bool, bool], OrderRule]:
    return {(False, False): rule, (True, False): own, (False, True): other, (True, True): both}


def at_most(mean: float, room: float) -> tuple[float, float]:
    """Return mean and variance of how many come, Poisson with `mean`, when at most `room` count."""
    if mean <= 0 or room <= 0:
        return 0.0, 0.0
    if room > mean + 3 * math.sqrt(mean):
        return mean, mean
    if room > _FEW:
        return _normal_at_most(mean, room)
    chance = math.exp(-mean)
    more, first, square = 1.0 - chance, 0.0, 0.0
    for number in range(math.ceil(room)):
        part = min(1.0, room - number)
        first += part * more
        square += part * (2 * number + part) * more
        chance *= mean / (number + 1)
        more = max(0.0, more - chance)
    return first, max(0.0, square - first**2)


def _normal_at_most(mean: float, room: float) -> tuple[float, float]:
    spread = math.sqrt(mean)
    z = (room - mean) / spread
    below, density = 1.0 - upper(z), math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    first = mean * below - spread * density + room * (1.0 - below)
    square = (mean**2 + mean) * below - spread * (mean + room) * density + room**2 * (1.0 - below)
    return first, max(0.0, square - first**2)

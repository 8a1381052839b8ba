"""The range for a waiting number: how much work stands before it, and when the counters have done it.

Reasoning and measurements: docs/decisions/0006-estimate.md.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from queueing.estimating.course import Course, Moment
from queueing.estimating.passing import Passing, at_most
from queueing.estimating.present import Ahead, Present
from queueing.estimating.showing import Range, rounded
from queueing.estimating.times import LEAST_OBSERVATIONS
from queueing.estimating.work import Work, busy, under_way, work_of

# The range is made to hold in this share of cases.
NOMINAL = 0.86
# What the model leaves out makes waits scatter a little more; found on days that are not scored.
_LEFT_OUT = 1.08
_Z = _LEFT_OUT * NormalDist().inv_cdf(0.5 + NOMINAL / 2)
_SHARE = NormalDist().cdf(_Z) - 0.5
_PLAIN_ROUNDS, _ROUNDS = 4, 16
_CLOSE_ENOUGH = 0.5
_NOBODY = Work()
# Nobody waits longer than a day's opening, whatever the figures say.
_LONGEST = 480.0
# In a long lane the first are reckoned one by one, of those behind every fifth.
_EACH = 40
_EVERY = 5


@dataclass(frozen=True)
class _Before:
    """Who stands before a number: in its lane, in the other one, in other lines before and after it."""

    own: Work
    others: Work
    elsewhere: Work
    later: Work


@dataclass(frozen=True)
class _Turn:
    """A number's turn: the work begun before it, the work done by then with its variance, the counters'
    speed and the minutes. `growth` is the part of the minutes that those take who overtake meanwhile;
    `is_next` when nobody else is expected before it."""

    begun: float
    done: float
    variance: float
    growth: float
    speed: float
    minutes: float
    is_next: bool

    def between(self) -> tuple[float, float]:
        """Return the bounds between which the work begun before the turn is likely to lie."""
        if self.done <= 0.01:
            return self.begun, self.begun
        # The cube root of a sum of skewed works is near to normal (Wilson and Hilferty).
        share = self.variance / self.done**2 / 9
        spread = _Z * math.sqrt(share)
        low, high = max(0.0, 1 - share - spread), 1 - share + spread / (1 - self.growth)
        going_on = self.begun - self.done
        return going_on + self.done * low**3, going_on + self.done * high**3


class Forecast:
    """Ranges for the numbers of one line at one moment. Making it costs as much as its counters."""

    def __init__(self, present: Present) -> None:
        times = present.times
        self._present = present
        self._works = {key: work_of(service, times) for key, service in times.services.items()}
        self._any = work_of(times.any_service, times)
        self._is_known = times.observations >= LEAST_OBSERVATIONS and bool(present.desks)
        self._passing = Passing(present)
        at_desks = [busy(desk, times, present.at) for desk in present.desks]
        self._course = Course(present, at_desks, self._any)
        self._first_call = tuple(self._course.first_call(0.5 + side * _SHARE) for side in (-1, 1))

    def range_of(self, ahead: Ahead) -> Range | None:
        """Return the range to show for one number; None when it cannot be estimated."""
        bounds = self.bounds_of(ahead)
        return rounded(*bounds) if bounds else None

    def bounds_of(self, ahead: Ahead) -> tuple[float, float] | None:
        """Return the range before rounding, in minutes."""
        return self._reckon(ahead) if self._is_known else None

    def _reckon(self, ahead: Ahead) -> tuple[float, float]:
        parts = (ahead.own, ahead.others, ahead.elsewhere, ahead.later)
        before = _Before(*(self._sum(part) if part else _NOBODY for part in parts))
        return self._bounds(ahead, before, self._turn(ahead, before))

    def lane(self, aheads: Sequence[Ahead]) -> list[Range | None]:
        """Return the ranges of numbers that wait in one lane, in order of place.

        Far behind not each is reckoned: the others lie between the two about them.
        """
        if not self._is_known:
            return [None] * len(aheads)
        own = [self._sum(ahead.own) for ahead in aheads]
        known: list[tuple[float, float, float]] = []
        reckoned = -math.inf
        for index, ahead in enumerate(aheads):
            people = own[index].people
            is_near = index < _EACH or people >= reckoned + _EVERY or index == len(aheads) - 1
            if not is_near and ahead.place <= self._present.at:
                continue
            reckoned = people
            low, high = self._reckon(ahead)
            if known:
                # Nobody is called before those who stand before them.
                low, high = max(low, known[-1][1]), max(high, known[-1][2])
            known.append((own[index].mean, low, high))
        return [rounded(*_between(known, work.mean)) for work in own]

    def _sum(self, counts: Mapping[int, float]) -> Work:
        total = Work()
        for service, people in counts.items():
            total = total.plus(self._works.get(service, self._any), people)
        return total

    def _bounds(self, ahead: Ahead, before: _Before, turn: _Turn) -> tuple[float, float]:
        low, high = self._first_call
        if not turn.is_next:
            # Others are called before it: no bound lies before that of the first call.
            low, high = map(max, self._first_call, (self._course.when(at).minutes for at in turn.between()))
        early = ahead.place - self._present.at
        if early > 0 and before.own.people + before.others.people >= 1:
            # Booked and early: not before the time, and then as soon as some counter is free.
            left = under_way(self._any.mean, self._any.variance)[0]
            soon = -math.log((1 - NOMINAL) / 2) * left / max(turn.speed, 0.5)
            low, high = max(low, early), max(high, early + soon)
        return low, high

    def _turn(self, ahead: Ahead, before: _Before) -> _Turn:
        """Find the call before which the work before a number, and of those who overtake it, is begun.

        The longer it takes, the more overtake it and give up: so the moment is found again from
        what it says.
        """
        minutes, least, most = 0.0, 0.0, math.inf
        for turn in range(_ROUNDS):
            expected, passing = self._expected(ahead, before, minutes)
            call = self._course.when(expected.mean)
            if abs(call.minutes - minutes) < _CLOSE_ENOUGH:
                break
            if call.minutes > minutes:
                least = minutes
            else:
                most = minutes
            # What it says comes nearer each time; where many overtake that is slow, and halving is not.
            minutes = call.minutes if turn < _PLAIN_ROUNDS or most == math.inf else (least + most) / 2
        minutes = call.minutes
        times = self._present.times
        variance = self._variance(expected, call) + expected.doubt + times.day_doubt * call.done**2
        # Whoever waits longer is overtaken by more, which makes a long wait longer.
        growth = passing / minutes * self._any.mean / call.speed if minutes > 0 else 0.0
        # An officer who leaves unforeseen takes the rest of the time along.
        variance += (call.desks - 1) * times.habits.leaves_an_hour / 60.0 * minutes**3 / 3
        return _Turn(
            expected.mean, call.done, variance, min(0.3, growth), call.speed, minutes, expected.people < 0.5
        )

    def _variance(self, expected: Work, call: Moment) -> float:
        """Return the variance of the work done at a call: of what came before, and of what goes on."""
        course = self._course
        early = course.count**2 * course.first_variance
        if expected.people <= 0:
            return early
        if call.desks == 1:
            # At a single counter all that is under way is what is under way now.
            usual = course.variance
        else:
            # Counters that come back begin anew: nothing of theirs is under way when it starts.
            usual = under_way(expected.mean / expected.people, expected.variance / expected.people)[1]
            usual *= 2 - 1 / call.desks - max(0, call.desks - course.serving)
        spread = expected.variance + usual * (1 - call.fresh) + early * call.fresh
        return max(spread, expected.variance / 10)

    def _expected(self, ahead: Ahead, before: _Before, minutes: float) -> tuple[Work, float]:
        """Return the work called before a number, if its call is `minutes` away.

        And how many of those who may still come overtake it, when nothing limits them but the time.
        """
        others, habits = before.others, self._present.times.habits
        limit = self._passing.limit(ahead, int(before.own.people), minutes)
        come = self._passing.come(ahead.lane, minutes)
        waiting = min(others.people, limit)
        passing, passing_variance = at_most(come, limit - waiting)
        # Of those before it some give their numbers back, the later the more.
        stay = math.exp(-habits.quits_an_hour / 120.0 * min(minutes, _LONGEST))
        rivals = waiting / others.people if waiting else 0.0
        own, elsewhere, one = before.own, before.elsewhere, self._any
        work = Work(
            (own.people + elsewhere.people) * stay + waiting + passing,
            (own.mean + elsewhere.mean) * stay + others.mean * rivals + passing * one.mean,
            (own.variance + elsewhere.variance) * stay
            + others.variance * rivals
            + passing * one.variance
            + passing_variance * one.mean**2,
            own.doubt + elsewhere.doubt,
        )
        if elsewhere.people or before.later.people:
            self._hold_up(work, before, passing, minutes)
        # Near the limit of the rule no more overtake, however long it takes.
        return work, passing * max(0.0, 2 * passing / come - 1) if come else 0.0

    def _hold_up(self, work: Work, before: _Before, passing: float, minutes: float) -> None:
        """Add what an express number does that comes to the head of one of several lines.

        Its line waits until no number of the others has an earlier place. In ours that lets all pass
        who stand there; in another line it keeps those back who were still before us.
        """
        ours = 1 - math.exp(-passing)
        theirs = 1 - math.exp(-self._present.express_elsewhere / 60.0 * minutes)
        later, elsewhere = before.later, before.elsewhere
        work.people += ours * later.people - theirs * elsewhere.people / 2
        work.mean += ours * later.mean - theirs * elsewhere.mean / 2
        work.variance += ours * (1 - ours) * later.mean**2
        # A uniform part of those before us, or nothing.
        work.variance += theirs * (1 / 3 - theirs / 4) * elsewhere.mean**2


def _between(known: Sequence[tuple[float, float, float]], work: float) -> tuple[float, float]:
    """Return the bounds for `work`, read off between the (work, low, high) of two that are known."""
    index = bisect_right(known, (work, math.inf))
    _work, low, high = known[index - 1]
    if index < len(known) and work > _work:
        share = (work - _work) / (known[index][0] - _work)
        low += share * (known[index][1] - low)
        high += share * (known[index][2] - high)
    return low, high

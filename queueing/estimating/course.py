"""How the counters of a line go on: what they will have begun by when, with breaks, closing, slow hours."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from queueing.estimating.present import Desk, Present
from queueing.estimating.work import Busy, Work, first_free, under_way

Span = tuple[float, float]

# Officers come back from a break so many minutes late, in the mean.
LATE_RETURN = 1.2
# Minutes from now at which the near future is looked at; between two marks it runs straight.
NEAR = (0.0, 1.0, 2.0, 3.5, 5.5, 8.0, 12.0, 18.0, 28.0, 45.0, 75.0)
_SOON = 1e-6
# Less than any work: before the first officer is back nothing is begun.
_NEVER = -1e6


@dataclass(frozen=True)
class Moment:
    """A call: in how many minutes, the work counters have done by then, how many call, how fast.

    `fresh` is how much of what is under way now still goes on then, 1 at the first call.
    """

    minutes: float
    done: float
    desks: int
    speed: float
    fresh: float


@dataclass(frozen=True)
class _Window:
    """A span in which a counter calls; its ends also in minutes of a usual hour from now."""

    opens: float
    closes: float
    usual_opens: float
    usual_closes: float


@dataclass
class _State:
    """The counters at one minute: work begun by then, done by then, going on; who calls; what is old."""

    begun: float = 0.0
    done: float = 0.0
    on: float = 0.0
    still: float = 0.0
    desks: int = 0
    nobody: float = 1.0


class Course:
    """The coming minutes of the counters, as a rising line: the work begun before a call at that minute."""

    def __init__(self, present: Present, at_desks: Sequence[Busy | None], one: Work) -> None:
        """Take what each counter is busy with (None: its officer is away), and the work of any number."""
        self._now = present.at
        self._one = one
        self._left = under_way(one.mean, one.variance)[0]
        # Who is due for a break serves to the end, but calls nobody then.
        serving = [
            busy
            for busy, desk in zip(at_desks, present.desks, strict=True)
            if busy and not any(start <= present.at < end for start, end in desk.breaks)
        ]
        self.serving = len(serving)
        self.count = max(1, len(serving))
        self.first, self.first_variance = first_free(serving)
        self.variance = sum(busy.variance for busy in serving) / self.count
        self._hours = _Hours(present)
        self._desks = [
            (busy, [self._window(*span) for span in _windows(desk, present)])
            for busy, desk in zip(at_desks, _somebody_stays(present.desks), strict=True)
        ]
        self._still_at_first, self._known_rest = self._at_first_call(serving)
        self._build()

    def _at_first_call(self, serving: Sequence[Busy]) -> tuple[float, float]:
        """Return how much of what is under way still is when the first counter is free, and how much
        more than usual had to be left at that one for the first call to come then."""
        alone = _State()
        for busy in serving:
            self._go_on(alone, busy, self.first, is_there=True)
        return max(alone.still, _SOON), alone.begun - alone.on / self.count

    def _build(self) -> None:
        self._minutes = self._marks()
        self._states = [self._state_at(minutes) for minutes in self._minutes]
        self._fresh = [min(1.0, state.still / self._still_at_first) for state in self._states]
        self._begun = []
        most = _NEVER
        for state, fresh in zip(self._states, self._fresh, strict=True):
            # The counter that calls has nothing under way; for the first call that is known exactly.
            if state.desks:
                ours = self._known_rest * fresh * min(1.0, self.serving / state.desks)
                most = max(most, state.begun - state.on / state.desks - ours)
            self._begun.append(most)

    def _window(self, opens: float, closes: float) -> _Window:
        upto = self._hours.upto
        return _Window(opens, closes, upto(opens), upto(closes) if closes < math.inf else math.inf)

    def _marks(self) -> list[float]:
        marks = {*NEAR, *(hour * 60.0 - self._now for hour in range(int(self._now // 60) + 1, 25))}
        for _busy, windows in self._desks:
            for window in windows:
                opens, closes = window.opens - self._now, window.closes - self._now
                if closes < math.inf:
                    marks.add(closes)
                if opens > 0:
                    marks.update((opens, opens + LATE_RETURN, opens + 3 * LATE_RETURN))
        return sorted(marks)

    def _state_at(self, minutes: float) -> _State:
        state, at = _State(), self._now + minutes
        usual = self._hours.upto(at)
        for busy, windows in self._desks:
            for window in windows:
                if window.opens > at:
                    break
                calling = min(usual, window.usual_closes) - window.usual_opens
                is_there = at < window.closes
                if busy is not None and window.opens == self._now:
                    self._go_on(state, busy, calling, is_there)
                else:
                    self._come_back(state, calling, at - window.opens, is_there)
        return state

    def _go_on(self, state: _State, busy: Busy, calling: float, is_there: bool) -> None:
        """Add a counter that is busy now, and calls for `calling` minutes from now on."""
        chance, longer = busy.still(calling) if calling < busy.end else (0.0, 0.0)
        state.done += calling
        state.begun += calling - busy.left + longer + (1.0 - chance) * self._left
        state.nobody *= chance
        if is_there:
            state.desks += 1
            state.still += chance
            state.on += longer + (1.0 - chance) * self._left

    def _come_back(self, state: _State, calling: float, minutes: float, is_there: bool) -> None:
        """Add a counter whose break was to end `minutes` ago; it calls at once, and all of that goes on."""
        is_back = 1.0 - math.exp(-minutes / LATE_RETURN)
        on = self._left + (self._one.mean - self._left) * math.exp(-2 * calling / self._one.mean)
        state.done += is_back * calling
        state.begun += is_back * (calling + on)
        state.nobody *= 1.0 - is_back
        if is_there:
            state.desks += 1
            state.on += is_back * on

    def when(self, begun: float) -> Moment:
        """Return the call before which work of `begun` minutes has been begun."""
        index = bisect_right(self._begun, begun) - 1
        last = len(self._minutes) - 1
        if index >= last:
            index = last
            minutes = self._minutes[last] + (begun - self._begun[last])
        elif index < 0:
            index, minutes = 0, 0.0
        else:
            rise = self._begun[index + 1] - self._begun[index]
            share = (begun - self._begun[index]) / rise if rise > 0 else 0.0
            minutes = self._minutes[index] + share * (self._minutes[index + 1] - self._minutes[index])
        return self._moment(index, minutes)

    def _moment(self, index: int, minutes: float) -> Moment:
        state = self._states[index]
        share, fresh, done = 0.0, self._fresh[index], state.done
        if index + 1 < len(self._minutes):
            share = (minutes - self._minutes[index]) / (self._minutes[index + 1] - self._minutes[index])
            fresh += share * (self._fresh[index + 1] - fresh)
            done += share * (self._states[index + 1].done - done)
        else:
            done += minutes - self._minutes[index]
        desks = max(1, state.desks)
        return Moment(minutes, done, desks, desks * self._hours.rate(self._now + minutes), fresh)

    def first_call(self, chance: float) -> float:
        """Return the minutes by which the first call is made with `chance`."""
        nobody = 1.0 - chance
        for index, state in enumerate(self._states):
            if state.nobody <= nobody:
                if index == 0:
                    return 0.0
                before = self._states[index - 1].nobody
                share = (before - nobody) / (before - state.nobody)
                start = self._minutes[index - 1]
                return start + share * (self._minutes[index] - start)
        return self._minutes[-1]


class _Hours:
    """Minutes of the clock as minutes of a usual hour, which lasts longer when all goes slowly."""

    def __init__(self, present: Present) -> None:
        leaving, desks = present.times.habits.leaves_an_hour / 60.0, max(1, len(present.desks))
        first = int(present.at // 60)
        self._marks = [present.at, *(60.0 * hour for hour in range(first + 1, max(first + 2, 25)))]
        self._rates, self._sums = [], [0.0]
        for start, end in zip(self._marks, [*self._marks[1:], self._marks[-1] + 60.0], strict=True):
            # Of officers who may leave unforeseen the last stays: nobody is left standing.
            there = (1 + (desks - 1) * math.exp(-leaving * ((start + end) / 2 - present.at))) / desks
            self._rates.append(there / present.times.pace(int((start + _SOON) // 60)))
            self._sums.append(self._sums[-1] + self._rates[-1] * (end - start))

    def rate(self, at: float) -> float:
        """Return how many usual minutes a minute at `at` is worth."""
        return self._rates[max(0, bisect_right(self._marks, at) - 1)]

    def upto(self, at: float) -> float:
        """Return the usual minutes from now to `at`."""
        index = max(0, bisect_right(self._marks, at) - 1)
        return self._sums[index] + self._rates[index] * (at - self._marks[index])


def _somebody_stays(desks: Sequence[Desk]) -> Sequence[Desk]:
    """Return the counters with the last to close staying open: numbers that are out are served."""
    if not desks or any(desk.closes is None for desk in desks):
        return desks
    last = max(range(len(desks)), key=lambda index: desks[index].closes or 0.0)
    return [replace(desk, closes=None) if index == last else desk for index, desk in enumerate(desks)]


def _windows(desk: Desk, present: Present) -> Iterable[Span]:
    """Yield the spans in which `desk` calls numbers, in order; the first one from now on if it is open."""
    opens, now = present.at, present.at
    if desk.away:
        pause = present.times.habits.pause
        back = desk.back_at if desk.back_at is not None else max(now + pause / 2, desk.since + pause)
        opens = max(back, now + _SOON)
    last = math.inf if desk.closes is None else max(now, desk.closes)
    for start, end in desk.breaks:
        if end > opens and opens < last:
            if start >= opens or not desk.away:
                yield opens, min(max(start, now), last)
            opens = max(opens, end)
    if opens < last:
        yield opens, last

"""Plays one drawn day: people come, officers call, serve, take breaks and leave. No database, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum
from heapq import heappop, heappush
from typing import Any

from queueing.simulation.days import NEVER, Booking, Day, Person, Shift
from queueing.simulation.hall import Hall, MemoryHall
from queueing.simulation.plans import MallPlan


class DeskState(Enum):
    """What a counter does."""

    OFF = "off"
    IDLE = "idle"
    BUSY = "busy"
    BREAK = "break"
    GONE = "gone"


class Desk:
    """A counter during the day; `until` is when it is free again, or back from its break.

    `away_since` is the minute for which the break it is on was meant.
    """

    __slots__ = ("away_since", "breaks", "leaves", "person", "plan", "state", "until")

    def __init__(self, shift: Shift) -> None:
        self.plan = shift.plan
        self.breaks = deque(shift.breaks)
        self.leaves = shift.leaves
        self.state = DeskState.OFF
        self.person: Person | None = None
        self.until = shift.opens
        self.away_since = 0.0

    @property
    def works(self) -> bool:
        """Tell whether an officer is there or will be back from a break."""
        return self.state is not DeskState.OFF and self.state is not DeskState.GONE


class Player:
    """A day that can be played up to any minute and looked at; `calls` is the order so far.

    `hall` decides who is next; with `steps` it is also told of every start and end.
    """

    def __init__(self, plan: MallPlan, hall: Hall, *, steps: bool = False) -> None:
        self.plan = plan
        self.hall = hall
        self.now = 0.0
        self.desks: list[Desk] = []
        self.bookings: list[Booking] = []
        self.people: list[Person] = []
        self.calls: list[Person] = []
        self.served: list[Person] = []
        self._idle: list[Desk] = []
        self._steps = steps
        self._serial = 0
        self._events: list[tuple[float, int, Callable[[Any], None], Any]] = []

    @classmethod
    def of(cls, day: Day, hall: Hall | None = None, *, steps: bool = False) -> Player:
        """Return a player at the start of `day`."""
        player = cls(day.plan, hall or MemoryHall(day.plan.lines), steps=steps)
        player.bookings = day.bookings
        for shift in day.shifts:
            player.add_desk(Desk(shift))
        for person in day.people:
            player.expect(person)
        return player

    @property
    def hall_in_memory(self) -> MemoryHall:
        """Return the hall, to look at who stands where; only the simulator's own can be looked into."""
        if not isinstance(self.hall, MemoryHall):
            raise TypeError("the hall is not in memory")
        return self.hall

    def expect(self, person: Person) -> None:
        """Let a person come at their time."""
        self._at(person.arrives, self._arrive, person)

    def expect_quit(self, person: Person) -> None:
        """Let a person who already waits give the number back at their time."""
        self._at(person.quits, self._quit, person)

    def add_desk(self, desk: Desk) -> None:
        """Put a counter into the hall as it is: off, busy, idle or on a break."""
        self.desks.append(desk)
        if desk.state is DeskState.OFF:
            self._at(desk.until, self._open, desk)
            return
        self._watch(desk)
        if desk.state is DeskState.BUSY:
            self._at(desk.until, self._free, desk)
        elif desk.state is DeskState.BREAK:
            self._at(desk.until, self._back, desk)
        elif desk.state is DeskState.IDLE:
            self._idle.append(desk)

    def wake(self, desk: Desk) -> None:
        """Let an idle counter look whether anybody waits: in a real hall somebody may."""
        self._at(self.now, self._look, desk)

    def run(self, until: float = NEVER) -> None:
        """Play every event up to and including minute `until`."""
        events = self._events
        while events and events[0][0] <= until:
            self.now, _serial, act, who = heappop(events)
            act(who)
        if until < NEVER:
            self.now = max(self.now, until)

    def _at(self, minute: float, act: Callable[[Any], None], who: object) -> None:
        self._serial += 1
        heappush(self._events, (minute, self._serial, act, who))

    def _watch(self, desk: Desk) -> None:
        # An idle counter has no event of its own when its break begins or its officer leaves.
        for start, _end in desk.breaks:
            self._at(start, self._look, desk)
        # Who may not leave before, because nobody else is there, goes at closing time.
        for leaves in {desk.leaves, self.plan.closes}:
            if self.now <= leaves < NEVER:
                self._at(leaves, self._look, desk)

    def _arrive(self, person: Person) -> None:
        self.people.append(person)
        self.hall.join(person, self.now)
        if person.quits < NEVER:
            self._at(person.quits, self._quit, person)
        for desk in self._idle:
            if person.line in desk.plan.weights:
                self._ready(desk)
                return

    def _quit(self, person: Person) -> None:
        if person.called == NEVER:
            person.quitted = True
            self.hall.quit(person, self.now)

    def _open(self, desk: Desk) -> None:
        self.hall.step("open", desk.plan, None, self.now)
        self._watch(desk)
        self._ready(desk)

    def _look(self, desk: Desk) -> None:
        if desk.state is DeskState.IDLE:
            self._ready(desk)

    def _back(self, desk: Desk) -> None:
        self.hall.step("back", desk.plan, None, self.now)
        self._ready(desk)

    def _start(self, desk: Desk) -> None:
        self.hall.step("start", desk.plan, desk.person, self.now)

    def _recall(self, desk: Desk) -> None:
        self.hall.step("recall", desk.plan, desk.person, self.now)

    def _end(self, desk: Desk) -> None:
        person = desk.person
        if person is not None:
            self.hall.step("finish" if person.shows else "no-show", desk.plan, person, self.now)

    def _free(self, desk: Desk) -> None:
        if desk.person is not None:
            self.served.append(desk.person)
        desk.person = None
        self._ready(desk)

    def _ready(self, desk: Desk) -> None:
        """Let a counter that is free call, rest or close."""
        if desk.state is DeskState.IDLE:
            self._idle.remove(desk)
        now = self.now
        if now >= desk.leaves and self._may_leave(desk):
            desk.state = DeskState.GONE
            self.hall.step("close", desk.plan, None, now)
            return
        while desk.breaks and now >= desk.breaks[0][0]:
            start, end = desk.breaks.popleft()
            if now < end:
                desk.away_since = start
                desk.state, desk.until = DeskState.BREAK, end
                self.hall.step("break", desk.plan, None, now)
                self._at(end, self._back, desk)
                return
        person = self.hall.next_for(desk.plan, now)
        if person is None:
            desk.state = DeskState.IDLE
            self._idle.append(desk)
            return
        self._serve(desk, person)

    def _may_leave(self, desk: Desk) -> bool:
        """Nobody is left standing: at closing time all are served, before it a colleague stays."""
        if self.now >= self.plan.closes:
            return not self.hall.waits_for(desk.plan)
        others = [other for other in self.desks if other is not desk and other.works]
        return all(any(line in other.plan.weights for other in others) for line in desk.plan.weights)

    def _serve(self, desk: Desk, person: Person) -> None:
        now = self.now
        person.called = now
        person.counter = desk.plan.code
        self.calls.append(person)
        desk.state = DeskState.BUSY
        desk.person = person
        if person.shows:
            person.started = now + person.walk
            pace = self.plan.pace_at(person.started) * desk.plan.pace
            person.ended = person.started + person.minutes * pace
            desk.until = person.ended + person.gap
        else:
            person.ended = desk.until = now + person.calling
        if self._steps:
            if person.shows:
                self._at(person.started, self._start, desk)
            else:
                for again in (1, 2):
                    self._at(now + person.calling * again / 3, self._recall, desk)
            self._at(person.ended, self._end, desk)
        self._at(desk.until, self._free, desk)

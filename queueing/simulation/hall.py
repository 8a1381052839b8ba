"""Who waits and who is next: a hall in memory that follows the public rule, and what any hall offers."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable
from typing import Protocol

from queueing.enums import Lane
from queueing.policy import OrderRule, Runs, next_lane
from queueing.simulation.days import EXPRESS, Person
from queueing.simulation.plans import CounterPlan, LinePlan


class Hall(Protocol):
    """The side of the day that decides: the simulator's own, or the engine behind a test driver."""

    def join(self, person: Person, at: float) -> None:
        """Take a number for `person`."""

    def quit(self, person: Person, at: float) -> None:
        """Give the number of a waiting person back."""

    def next_for(self, counter: CounterPlan, at: float) -> Person | None:
        """Call the next number to `counter`; None when nobody waits there."""

    def waits_for(self, counter: CounterPlan) -> bool:
        """Tell whether anybody waits in a line of `counter`."""

    def step(self, name: str, counter: CounterPlan, person: Person | None, at: float) -> None:
        """Be told of an officer's step: open, start, recall, finish, no-show, break, back, close."""


class Line:
    """A line's two lanes in order of place, and the state of its interleaving."""

    __slots__ = ("code", "express", "regular", "rule", "runs")

    def __init__(self, plan: LinePlan) -> None:
        self.code = plan.code
        self.rule: OrderRule = plan.rule
        self.regular: deque[Person] = deque()
        self.express: list[tuple[float, int, Person]] = []
        self.runs = Runs()

    def join(self, person: Person) -> None:
        """Put a person at the end of the regular lane, or at their place in the express lane."""
        if person.lane == EXPRESS:
            insort(self.express, (person.place, person.key, person))
        else:
            self.regular.append(person)

    def standing(self) -> tuple[list[Person], list[Person]]:
        """Return those who wait now, (regular, express), each in order of place."""
        return (
            [person for person in self.regular if not person.quitted],
            [entry[2] for entry in self.express if not entry[2].quitted],
        )

    def head(self, now: float) -> Person | None:
        """Return whom this line would send next; a booked number before its time only when alone."""
        while self.regular and self.regular[0].quitted:
            self.regular.popleft()
        while self.express and self.express[0][2].quitted:
            self.express.pop(0)
        regular = self.regular[0] if self.regular else None
        express = self.express[0][2] if self.express else None
        if regular is None or express is None:
            return regular or express
        lane = next_lane(
            regular_minutes=now - regular.place,
            express_minutes=now - express.place,
            runs=self.runs,
            rule=self.rule,
        )
        return express if lane is Lane.EXPRESS else regular

    def take(self, person: Person) -> None:
        """Remove the head that was chosen, and remember its lane for the next choice."""
        if person.lane == EXPRESS:
            self.express.pop(0)
        else:
            self.regular.popleft()
        self.runs = self.runs.after(person.lane)


class MemoryHall:
    """The hall of the simulator: lines in memory, the public rule, no records."""

    def __init__(self, lines: Iterable[LinePlan]) -> None:
        self.lines = {plan.code: Line(plan) for plan in lines}

    def join(self, person: Person, at: float) -> None:
        """Take a number for `person`."""
        self.lines[person.line].join(person)

    def quit(self, person: Person, at: float) -> None:
        """Nothing to write: the player has marked the person, and lines skip the marked."""

    def next_for(self, counter: CounterPlan, at: float) -> Person | None:
        """Call the next number: between lines the head with the most weighted minutes of waiting."""
        best: Person | None = None
        longest = 0.0
        for code, weight in counter.weights.items():
            head = self.lines[code].head(at)
            if head is None:
                continue
            waited = (at - head.place) * weight
            if best is None or (waited, best.place, best.key) > (longest, head.place, head.key):
                best, longest = head, waited
        if best is not None:
            self.lines[best.line].take(best)
        return best

    def waits_for(self, counter: CounterPlan) -> bool:
        """Tell whether anybody waits in a line of `counter`."""
        return any(any(self.lines[code].standing()) for code in counter.weights)

    def step(self, name: str, counter: CounterPlan, person: Person | None, at: float) -> None:
        """Nothing to write."""

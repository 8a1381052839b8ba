"""Which number a counter calls next: the lines it serves, their order, and who can come now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mpp.core import revision
from queueing import rules
from queueing.enums import Lane
from queueing.heads import Head, heads_of
from queueing.models import CounterSession, QueueDay, Ticket
from queueing.policy import next_lane
from queueing.rules import RuleBook

# Enough to step over people who are at another counter; more are read only when all of these are.
DEPTH = 3
DEEPER = 100


@dataclass
class Choice:
    """The number to call, the line it stands in, and those stepped over before it."""

    head: Head
    day: QueueDay
    passed: list[int] = field(default_factory=list)


def choose(
    days: Sequence[QueueDay],
    session: CounterSession,
    book: RuleBook,
    at: datetime,
    claim: Callable[[int], bool],
) -> Choice | None:
    """Return the number whose turn it is at this counter; None when nobody waits for it.

    `claim` is asked for the person of a visit: False steps over them.

    In each line by its rule (policy.next_lane); between lines the first number's minutes of waiting
    times the counter's weight for that line, the most first.
    """
    weights = weights_at(session.counter_id, days, book)
    passed: list[int] = []
    for depth in (DEPTH, DEEPER):
        passed.clear()
        waiting = _Waiting(days, weights, session, depth)
        if waiting.is_cut_short and depth != DEEPER:
            continue
        choice, is_exhausted = _choose_among(waiting, at, passed, claim)
        if choice:
            passed += waiting.elsewhere_before(choice.head)
        if choice or is_exhausted:
            return choice
    return None


def upcoming(days: Sequence[QueueDay], session: CounterSession, at: datetime, count: int) -> list[Head]:
    """Return the next `count` numbers of this counter in the order of their calls, as things stand."""
    book = rules.book_at(revision.read())
    waiting = _Waiting(days, weights_at(session.counter_id, days, book), session, count)
    heads: list[Head] = []
    while len(heads) < count and (head := waiting.first(at)):
        heads.append(head)
        waiting.call(head)
    return heads


def weights_at(counter_id: int, days: Sequence[QueueDay], book: RuleBook) -> dict[int, int]:
    """Return the weight of each line (by key of its row) that this counter serves."""
    configured = book.weights.get(counter_id, {})
    chosen = {day.pk: configured[day.queue_id] for day in days if day.queue_id in configured}
    # No row for any of today's lines: the counter is another agency's today, or serves them all.
    return chosen or {day.pk: 1 for day in days}


class _Waiting:
    """The first numbers of each line and lane that this counter may call."""

    def __init__(
        self, days: Sequence[QueueDay], weights: dict[int, int], session: CounterSession, depth: int
    ) -> None:
        self.days = {day.pk: day for day in days}
        self.runs = {day.pk: rules.runs_of(day) for day in days}
        self.weights = weights
        self.depth = depth
        self.lanes: dict[tuple[int, str], list[Head]] = defaultdict(list)
        heads = heads_of(list(weights), all_lines=list(self.days), counter_id=session.counter_id, depth=depth)
        for head in heads:
            self.lanes[head.line_id, head.lane].append(head)
        self.was_full = any(len(lane) == depth for lane in self.lanes.values())
        # Whoever is at another counter must not stand for their line: others wait behind them, and longer.
        self.elsewhere = _elsewhere(heads)
        full = [key for key, lane in self.lanes.items() if len(lane) == depth]
        for head in self.elsewhere:
            self.step_over(head)
        self.is_cut_short = any(not self.lanes[key] for key in full)

    def first(self, at: datetime) -> Head | None:
        """Return the head of the line whose turn it is."""
        found = [head for key in self.days if (head := self._first_of(key, at))]
        found += [lane[0] for (_line, name), lane in self.lanes.items() if name == Lane.COUNTER and lane]
        return max(found, key=lambda head: self._pull(head, at), default=None)

    def _first_of(self, line: int, at: datetime) -> Head | None:
        day = self.days[line]
        regular, express = self.lanes[line, Lane.REGULAR], self.lanes[line, Lane.EXPRESS]
        lane = next_lane(
            regular_minutes=_minutes(regular, at),
            express_minutes=_minutes(express, at),
            runs=self.runs[line],
            rule=rules.order_of(day.queue),
        )
        return self.lanes[line, lane][0] if lane else None

    def _pull(self, head: Head, at: datetime) -> tuple[float, datetime, int]:
        waited = (at - head.arrived_at) / timedelta(minutes=1) * self.weights.get(head.line_id, 1)
        return waited, head.arrived_at, -head.ticket_id

    def elsewhere_before(self, called: Head) -> list[int]:
        """Return the numbers that came before `called` and whose people are at another counter."""
        place = (called.arrived_at, called.ticket_id)
        return [head.ticket_id for head in self.elsewhere if (head.arrived_at, head.ticket_id) < place]

    def call(self, head: Head) -> None:
        """Take out one that is called: the runs of its line go on."""
        self.step_over(head)
        self.runs[head.line_id] = self.runs[head.line_id].after(head.lane)

    def step_over(self, head: Head) -> None:
        """Take out one whose person is elsewhere."""
        self.lanes[head.line_id, head.lane].remove(head)


def _elsewhere(heads: Sequence[Head]) -> list[Head]:
    """Return those whose people are at a counter now: no query unless a visit is among them."""
    visits = {head.visit_id for head in heads} - {None}
    if not visits:
        return []
    busy = set(Ticket.objects.at_counter().filter(visit__in=visits).values_list("visit", flat=True))
    return [head for head in heads if head.visit_id in busy]


def _minutes(lane: list[Head], at: datetime) -> float | None:
    return (at - lane[0].arrived_at) / timedelta(minutes=1) if lane else None


def _choose_among(
    waiting: _Waiting, at: datetime, passed: list[int], claim: Callable[[int], bool]
) -> tuple[Choice | None, bool]:
    """Return the choice, and whether there is nobody beyond those who were looked at."""
    while head := waiting.first(at):
        if head.visit_id is None or claim(head.visit_id):
            return Choice(head, waiting.days[head.line_id], passed), True
        passed.append(head.ticket_id)
        waiting.step_over(head)
        if not waiting.lanes[head.line_id, head.lane] and waiting.was_full:
            return None, False
    return None, True

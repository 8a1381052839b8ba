"""What each virtual user asked and was told, and whether the database agrees (trust.md X-05).

The checker knows nothing of the portal's code paths. It compares promises (answers that people got) with
what is stored, and times by the clock of this process alone: what had ended before another thing began came
first; of what overlapped nothing is said.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mpp.core import tokens
from queueing.enums import TicketState
from queueing.models import QueueDay, Ticket, TicketEvent

NO_ANSWER = 0


@dataclass(frozen=True)
class Op:
    """One request of one user. `status` 0: the connection broke, the outcome is unknown."""

    user: str
    act: str
    about: str
    key: str
    began: float
    ended: float
    status: int
    body: Any = None

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Promise:
    """All requests with one key: what they were told, and when the first began and the first was told."""

    key: str
    user: str
    about: str
    began: float
    told: float
    bodies: list[dict[str, Any]]

    @property
    def number(self) -> str:
        return str(self.bodies[0]["number"])

    @property
    def token(self) -> str:
        return str(self.bodies[0]["token"])


@dataclass
class History:
    """All requests of a storm, in the order in which they ended."""

    ops: list[Op] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, op: Op) -> None:
        with self._lock:
            self.ops.append(op)

    def statuses(self, act: str | None = None, since: float = 0.0) -> set[int]:
        """Return every status answered to `act` (None: anything) that was asked after `since`."""
        return {op.status for op in self.ops if op.began >= since and act in (None, op.act)}

    def promises(self, act: str) -> list[Promise]:
        """Return what was acknowledged for each key."""
        by_key: dict[str, list[Op]] = defaultdict(list)
        for op in self.ops:
            if op.act == act:
                by_key[op.key].append(op)
        found = []
        for key, ops in by_key.items():
            told = [op for op in ops if op.is_acknowledged and op.body]
            if told:
                first = min(op.began for op in ops)
                bodies = [op.body for op in told]
                found.append(
                    Promise(key, told[0].user, told[0].about, first, min(op.ended for op in told), bodies)
                )
        return found

    def unanswered(self) -> list[str]:
        """Return the keys of those who gave up without an answer."""
        known: dict[str, bool] = {}
        for op in self.ops:
            known[op.key] = known.get(op.key, False) or op.status not in (NO_ANSWER, 500, 502, 503)
        return [key for key, is_known in known.items() if key and not is_known]


Stored = dict[str, Ticket]


def breaches(history: History) -> list[str]:
    """Return every broken promise: an empty list is what each fault test asks for."""
    stored = {ticket.token_digest: ticket for ticket in Ticket.objects.with_labels()}
    issued, called = history.promises("issue"), history.promises("call")
    return [
        *_one_answer_for_each_key(issued + called),
        *_what_was_told_is_stored(issued, stored),
        *_nobody_shares_a_number(issued),
        *_no_gap(),
        *_one_counter_for_each_number(called),
        *_each_number_is_called_once(),
        *_first_come_first_called(issued, called, stored),
    ]


def _one_answer_for_each_key(promises: list[Promise]) -> Iterator[str]:
    for promise in promises:
        answers = {(body["number"], body.get("token")) for body in promise.bodies}
        if len(answers) > 1:
            yield f"key {promise.key} was told {sorted(map(str, answers))}"


def _what_was_told_is_stored(issued: list[Promise], stored: Stored) -> Iterator[str]:
    for promise in issued:
        ticket = stored.get(tokens.digest(promise.token))
        if ticket is None:
            yield f"{promise.number} was told to {promise.user} and is not stored"
        elif ticket.label != promise.number:
            yield f"{promise.user} was told {promise.number} and holds {ticket.label}"


def _nobody_shares_a_number(issued: list[Promise]) -> Iterator[str]:
    holders = defaultdict(set)
    for promise in issued:
        holders[promise.token].add(promise.key)
    for promise in issued:
        if len(holders[promise.token]) > 1:
            yield f"{promise.number} was given to {len(holders[promise.token])} people"


def _no_gap() -> Iterator[str]:
    for day in QueueDay.objects.all():
        numbers = sorted(Ticket.objects.filter(queue_day=day).values_list("number", flat=True))
        if numbers != list(range(1, day.last_number + 1)):
            yield f"{day}: {len(numbers)} numbers, last {day.last_number}"


def _one_counter_for_each_number(called: list[Promise]) -> Iterator[str]:
    counters = defaultdict(set)
    for promise in called:
        counters[promise.number].add(promise.about)
    for number, sessions in counters.items():
        if len(sessions) > 1:
            yield f"{number} was called at the counters {sorted(sessions)}"


def _each_number_is_called_once() -> Iterator[str]:
    seen: set[int] = set()
    for ticket in TicketEvent.objects.filter(step="call").values_list("ticket_id", flat=True):
        if ticket in seen:
            yield f"ticket {ticket} was called twice"
        seen.add(ticket)


def _first_come_first_called(issued: list[Promise], called: list[Promise], stored: Stored) -> Iterator[str]:
    """Whoever had a number before another asked for one is not called after that other."""
    calls = {promise.number: promise for promise in called}
    lanes = defaultdict(list)
    for promise in issued:
        if ticket := stored.get(tokens.digest(promise.token)):
            lanes[(ticket.line_id, ticket.lane)].append((promise, ticket))
    for lane in lanes.values():
        for earlier, ticket in lane:
            call = calls.get(earlier.number)
            for later, _ in lane:
                overtaking = calls.get(later.number)
                if overtaking is None or earlier.told >= later.began:
                    continue
                if call.began > overtaking.told if call else ticket.state == TicketState.WAITING:
                    yield f"{later.number} was called before {earlier.number}"

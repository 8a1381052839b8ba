"""Who is next, and how many come before one: the public rule of a line, without database or clock.

A line has two lanes, regular and express (priority by law, and booked people who came in time).
1. In a lane: who came first goes first.
2. Between two regular calls there are at most `express_in_a_row` express calls while anyone regular
   waits; after them at least one and at most `regular_between` regular calls while anyone express waits.
3. Ageing: once the first of a lane has waited `ageing_minutes`, it follows after at most one of the other.
4. A booked number whose time has not come is called only when nobody else waits.

So nobody starves: with n before it in its lane, a regular number waits for at most n + k·(n + 1) calls
and an express one for at most n + r·(n + 1), where k and r are the two figures of rule 2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from queueing.enums import Lane

# Longer than any rule's figure; a day may have more calls than the column has room for.
LONGEST_RUN = 32_000


@dataclass(frozen=True)
class OrderRule:
    """The figures of rules 2 and 3; all at least 1."""

    express_in_a_row: int = 1
    regular_between: int = 2
    ageing_minutes: int = 60


@dataclass(frozen=True)
class Runs:
    """How the last calls of a line went: express ones since the last regular, regular ones since the last
    express. Both are 0 only before the first call of a day."""

    express: int = 0
    regular: int = 0

    def after(self, lane: str) -> Runs:
        """Return the runs once a number of `lane` has been called; a named counter's numbers do not count."""
        if lane == Lane.EXPRESS:
            return Runs(min(self.express + 1, LONGEST_RUN), 0)
        if lane == Lane.REGULAR:
            return Runs(0, min(self.regular + 1, LONGEST_RUN))
        return self


def next_lane(
    *, regular_minutes: float | None, express_minutes: float | None, runs: Runs, rule: OrderRule
) -> Lane | None:
    """Return the lane of the next call; None when nobody waits.

    The minutes say how long the first of each lane has waited; None when the lane is empty, below 0
    for a booked number whose time is still to come.
    """
    if regular_minutes is None:
        return None if express_minutes is None else Lane.EXPRESS
    if express_minutes is None or express_minutes < 0:
        return Lane.REGULAR
    aged_regular = regular_minutes >= rule.ageing_minutes
    aged_express = express_minutes >= rule.ageing_minutes
    in_a_row = 1 if aged_regular else rule.express_in_a_row
    between = 1 if aged_express else rule.regular_between
    if runs.express:
        return Lane.EXPRESS if runs.express < in_a_row else Lane.REGULAR
    is_due = runs.regular >= between or not runs.regular
    return Lane.EXPRESS if is_due else Lane.REGULAR


@dataclass(frozen=True)
class Standing:
    """One waiting number: its key, its lane, and its place in the line."""

    key: int
    arrived_at: datetime
    lane: str = Lane.REGULAR


def call_order(waiting: Iterable[Standing], *, runs: Runs, rule: OrderRule, at: datetime) -> list[Standing]:
    """Return the waiting numbers of one line in the order of their calls, as things stand at `at`."""
    arrived = sorted(waiting, key=lambda standing: (standing.arrived_at, standing.key))
    lanes = {
        Lane.REGULAR: deque(standing for standing in arrived if standing.lane != Lane.EXPRESS),
        Lane.EXPRESS: deque(standing for standing in arrived if standing.lane == Lane.EXPRESS),
    }
    order: list[Standing] = []
    while lane := next_lane(
        regular_minutes=_head_minutes(lanes[Lane.REGULAR], at),
        express_minutes=_head_minutes(lanes[Lane.EXPRESS], at),
        runs=runs,
        rule=rule,
    ):
        order.append(lanes[lane].popleft())
        runs = runs.after(lane)
    return order


def _head_minutes(lane: deque[Standing], at: datetime) -> float | None:
    return (at - lane[0].arrived_at) / timedelta(minutes=1) if lane else None


def others_before(lane: str, ahead: int, *, runs: Runs, rule: OrderRule, others: int) -> int:
    """Return how many of the other lane's `others` waiting numbers are called before the one of `lane`
    that has `ahead` numbers before it, when nobody else comes and nothing ages."""
    k, r = rule.express_in_a_row, rule.regular_between
    express_now = max(0, k - runs.express) if runs.express or runs.regular >= r or not runs.regular else 0
    until_express = r if express_now else r - runs.regular if not runs.express else r
    if lane == Lane.EXPRESS:
        later = ahead - express_now
        before = 0 if later < 0 else until_express + r * (later // k)
    elif ahead < until_express:
        before = express_now
    else:
        before = express_now + k * (1 + (ahead - until_express) // r)
    return min(before, others)

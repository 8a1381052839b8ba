"""What is known at one moment: the counters of a line, who stands before a number, who may still come."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from queueing.enums import Lane
from queueing.estimating.times import Times
from queueing.policy import OrderRule, Runs, others_before


@dataclass(frozen=True)
class Desk:
    """An open counter of the line. Moments are minutes after local midnight.

    `serving` is the service of the number at it, begun at `since`, or called then and not yet begun.
    An officer who is `away` since then comes back at `back_at`, if that is known. `breaks` are the
    coming ones, among them one that has begun while somebody is still served; `closes` only when
    before the others.
    """

    serving: int | None = None
    since: float = 0.0
    begun: bool = True
    away: bool = False
    back_at: float | None = None
    breaks: tuple[tuple[float, float], ...] = ()
    closes: float | None = None


@dataclass(frozen=True)
class Present:
    """A line at minute `at`: its counters, its rule, how its last calls went, and who is expected.

    `coming` are booked people still expected in the express lane: (minute of their place, how many of
    them are likely to come); `express_elsewhere` come in an hour to the other lines of these counters.
    """

    at: float
    desks: tuple[Desk, ...]
    times: Times
    rule: OrderRule = field(default_factory=OrderRule)
    runs: Runs = field(default_factory=Runs)
    coming: tuple[tuple[float, float], ...] = ()
    express_elsewhere: float = 0.0


@dataclass(frozen=True)
class Ahead:
    """What stands between one waiting number and its call, as counts by service.

    `own`: before it in its lane. `others`: all who wait in the line's other lane and may be called now.
    `elsewhere`: in other lines of the same counters, called before it; `later`: those there who are not.
    `place` is the minute of its place, `first_place` that of the first of its lane, `others_place` that
    of the first of the other lane; a booked number is not called before `place` while others wait.
    """

    lane: str
    own: Mapping[int, float]
    others: Mapping[int, float] = field(default_factory=dict)
    elsewhere: Mapping[int, float] = field(default_factory=dict)
    later: Mapping[int, float] = field(default_factory=dict)
    place: float = 0.0
    first_place: float = 0.0
    others_place: float = math.inf


@dataclass(frozen=True)
class OtherLine:
    """Another line of the same counters, seen from a place in ours: who stands earlier and later."""

    earlier_regular: Mapping[int, int]
    earlier_express: Mapping[int, int]
    later_regular: int
    later_express: int
    rule: OrderRule
    runs: Runs


def called_first(line: OtherLine) -> dict[int, float]:
    """Return how many of another line, by service, are called before a place in ours.

    A counter takes the line whose next number waits longest. So a line stops at its first number with
    a later place, in whichever lane its rule says it is that one's turn.
    """
    regular, express = sum(line.earlier_regular.values()), sum(line.earlier_express.values())
    taken_regular, taken_express = regular, express
    if line.later_express:
        taken_regular = others_before(Lane.EXPRESS, express, runs=line.runs, rule=line.rule, others=regular)
    if line.later_regular:
        taken_express = others_before(Lane.REGULAR, regular, runs=line.runs, rule=line.rule, others=express)
    found: dict[int, float] = {}
    for counts, taken, everyone in (
        (line.earlier_regular, taken_regular, regular),
        (line.earlier_express, taken_express, express),
    ):
        for service, people in counts.items():
            found[service] = found.get(service, 0.0) + people * taken / everyone
    return found

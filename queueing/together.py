"""The numbers of one visit as one state: for its page and for its streams, so that both say the same.

No database and no clock.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queueing.enums import AT_COUNTER, ENDED, TicketState
from queueing.models import Ticket
from queueing.panels import minutes_words
from queueing.policy.visits import Leg, Route, best_route

State = Mapping[str, Any]


@dataclass(frozen=True)
class Number:
    """One number of a visit: its live state, its minutes of service, and how many are left at a counter."""

    key: int
    now: State
    minutes: float
    left: float

    @property
    def wait(self) -> str:
        """Return the wait as "10–15", or "" when nobody knows."""
        low, high = self.now["low_minutes"], self.now["high_minutes"]
        return "" if low is None or high is None else minutes_words(low, high)


@dataclass(frozen=True)
class Arranged:
    """The numbers of a visit: at a counter, put aside, waiting in the proposed order, ended.

    `until` is the range of minutes until all is done, "" when nobody knows or one waits at most.
    """

    busy: Sequence[Number]
    held: Sequence[Number]
    waiting: Sequence[Number]
    ended: Sequence[Number]
    until: str

    @property
    def shown(self) -> list[Number]:
        """Return all of them as the page shows them."""
        return [*self.busy, *self.held, *self.waiting, *self.ended]

    @property
    def called(self) -> str:
        """Return what is another text with each call, "" while no number is being called."""
        called = (one.now for one in self.busy if one.now["state"] == TicketState.CALLED)
        return next((f"{now['label']} {now['calls']}" for now in called), "")

    @property
    def mark(self) -> str:
        """Return what is another text once the page is to be drawn again: figures alone change nothing."""
        names = ("label", "state", "calls", "counter")
        facts = [[str(one.now[name]) for name in names] for one in self.shown]
        return f"{zlib.crc32(repr(facts).encode()):x}"

    @property
    def trouble(self) -> str:
        """Return the marks of the trouble that meets a number to which something is still to happen."""
        running = [*self.busy, *self.held, *self.waiting]
        return "-".join(sorted({one.now["trouble"] for one in running} - {""}))


def arranged(numbers: Iterable[Number]) -> Arranged:
    """Return the numbers of a visit in the order to go, with the time when all of it is done."""
    numbers = list(numbers)
    busy = [one for one in numbers if one.now["state"] in AT_COUNTER]
    legs = [_leg(one) for one in numbers if one.now["state"] == TicketState.WAITING]
    route = best_route(legs, busy_minutes=sum(one.left for one in busy))
    by_key = {one.key: one for one in numbers}
    return Arranged(
        busy=busy,
        held=[one for one in numbers if one.now["state"] == TicketState.HELD],
        waiting=[by_key[leg.key] for leg in route.legs],
        ended=[one for one in numbers if one.now["state"] in ENDED],
        until=_until(route) if len(legs) > 1 else "",
    )


@dataclass(frozen=True)
class Joined:
    """Makes one state of those of a visit's numbers: for the visit's page, or for that of its number `own`.

    `minutes` are those of service by the key of each number. What is heard of numbers stands under their
    negative keys (queueing.live.line_parts).
    """

    minutes: Mapping[int, int]
    own: int | None = None

    def __call__(self, heard: Mapping[tuple[str, int], State]) -> dict[str, Any]:
        """Return the state of the page."""
        of = {-key: state for (_channel, key), state in heard.items() if key < 0}
        page = arranged(Number(key, of[key], each, of[key]["left"]) for key, each in self.minutes.items())
        fresh = {
            "version": sum(state["version"] for state in of.values()),
            "time": max((state["time"] for state in of.values()), default=""),
        }
        if self.own is None:
            figures = _figures(page.waiting)
            return fresh | {"visit": page.mark, "trouble": page.trouble, "until": page.until} | figures
        now = {name: value for name, value in of[self.own].items() if name != "left"}
        # Whoever waits looks at this number; whoever is at a counter also at the next one.
        more = {} if now["state"] == TicketState.WAITING else _figures(page.waiting[:1])
        return now | fresh | {"visit": page.mark if len(of) > 1 else ""} | more


def _figures(waiting: Iterable[Number]) -> dict[str, Any]:
    return {"numbers": {one.now["label"]: [one.now["ahead"], one.wait] for one in waiting}}


def minutes_left(ticket: Ticket, at: datetime) -> float:
    """Return how long a number (with its service) is still at its counter, as far as anyone knows."""
    if ticket.state not in AT_COUNTER:
        return 0
    served = (at - ticket.started_at).total_seconds() / 60 if ticket.started_at else 0
    return max(1, ticket.service.minutes - served)


def _leg(one: Number) -> Leg:
    return Leg(one.key, one.now["low_minutes"], one.now["high_minutes"], one.minutes)


def _until(route: Route) -> str:
    if route.low is None or route.high is None:
        return ""
    low, high = (round(minutes / 5) * 5 for minutes in (route.low, route.high))
    return minutes_words(low, max(high, low + 5))

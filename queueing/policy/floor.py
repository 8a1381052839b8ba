"""What needs somebody on the floor, and what first: pure rules, no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from queueing.enums import AlertKind

# Of these a line's row may be the red one: somebody waits too long, or for nothing.
ABOUT_LINES = frozenset({AlertKind.UNMANNED, AlertKind.CLOSING, AlertKind.WAIT, AlertKind.PEOPLE})


@dataclass(frozen=True)
class Limit:
    """From which value on something is told, and its place among the others: 1 is the most urgent."""

    limit: int
    position: int


@dataclass(frozen=True)
class Measured:
    """One figure of the floor; `line` is the key of the queue it concerns, `counter` that of a counter."""

    kind: str
    value: float
    line: int | None = None
    counter: int | None = None
    device: int | None = None
    words: tuple[str, str] = ("", "")


def alerts(measured: Iterable[Measured], limits: Mapping[str, Limit]) -> list[Measured]:
    """Return what is past its limit, the most urgent first: by the kind's place, then by how far past.

    Of numbers left, few are past the limit; of everything else, many.
    """
    found = [one for one in measured if one.kind in limits and _is_past(one, limits[one.kind].limit)]
    return sorted(found, key=lambda one: (limits[one.kind].position, -_ratio(one, limits[one.kind].limit)))


def _is_past(one: Measured, limit: int) -> bool:
    return one.value <= limit if one.kind == AlertKind.LEFT else one.value > limit


def _ratio(one: Measured, limit: int) -> float:
    return -one.value if one.kind == AlertKind.LEFT else one.value / max(1, limit)


def hot_line(found: Iterable[Measured]) -> int | None:
    """Return the one line whose row is red: that of the first alert which is about a line."""
    return next((one.line for one in found if one.kind in ABOUT_LINES and one.line is not None), None)


def empty_since(opened: datetime, closed: datetime | None) -> datetime:
    """Return since when nobody is at a counter: since its agency opened, or its officer closed it."""
    return max(opened, closed) if closed else opened


def minutes_late(opened: datetime, first: datetime) -> int:
    """Return how many minutes after opening the first officer opened a counter; never negative."""
    return max(0, int((first - opened).total_seconds() // 60))


def missing(promised: int, present: int, unstaffed: int) -> int:
    """Return how many of the counters without an officer lack one who was promised."""
    return max(0, min(unstaffed, promised - present))

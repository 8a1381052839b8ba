"""What people are shown: rounded ranges that follow the clock and change only for a reason with a name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

# For sums of floats that ought to be whole.
_EXACT = 1e-9


@dataclass(frozen=True)
class Range:
    """From `low` to `high` minutes until the call, as it is shown."""

    low: int
    high: int


class Cause(StrEnum):
    """Why a shown range moved otherwise than with the clock."""

    TROUBLE = "trouble"
    TROUBLE_OVER = "trouble_over"
    COUNTER_CLOSED = "counter_closed"
    COUNTER_OPENED = "counter_opened"
    BREAK = "break"
    BREAK_OVER = "break_over"
    EXPRESS_ARRIVED = "express_arrived"
    JOINED_AHEAD = "joined_ahead"
    LEFT_AHEAD = "left_ahead"
    SLOWER = "slower"
    FASTER = "faster"


@dataclass(frozen=True)
class Facts:
    """What a cause is found in: how a number's line stood at one moment.

    `serving` counters call numbers, `away` ones are on a break; `ahead` numbers are called before this
    one, `express_ahead` of them from the express lane; `calls` were made so far today.
    """

    serving: int
    away: int = 0
    is_trouble: bool = False
    ahead: int = 0
    express_ahead: int = 0
    calls: int = 0


@dataclass(frozen=True)
class Shown:
    """A range as it was last set, at minute `at`, with the facts of then; None: no estimate."""

    range: Range | None
    at: float
    facts: Facts


def step_at(minutes: float) -> int:
    """Return the step in which `minutes` are shown: finer when the call is near."""
    if minutes < 10:
        return 1
    return 5 if minutes < 60 else 10


def rounded(low: float, high: float) -> Range:
    """Return the range in minutes people read: each end at a step, and never from x to x.

    A wide range goes to the nearest steps; one hardly wider than a step must not lose its middle, and
    goes outwards.
    """
    low, high = max(0.0, low), max(0.0, high)
    below, above = step_at(low), step_at(high)
    if high - low < 2 * below:
        bottom = math.floor(low / below + _EXACT) * below
        top = math.ceil(high / above - _EXACT) * above
    else:
        bottom, top = (math.floor(end / step_at(end) + 0.5) * step_at(end) for end in (low, high))
    return Range(bottom, max(top, bottom + step_at(bottom)))


def show(earlier: Shown | None, new: Range | None, facts: Facts, at: float) -> tuple[Shown, Cause | None]:
    """Return what to keep and to show at minute `at` (see `visible`), and why it changed, if it did.

    As long as the new range says about the same as the earlier one, less the minutes gone by, the
    earlier one goes on. A new one inside it replaces it without a cause: it only says more.
    """
    fresh = Shown(new, at, facts)
    if earlier is None:
        return fresh, None
    if earlier.range is None and new is None:
        return earlier, None
    if earlier.range is None or new is None:
        return fresh, _cause(earlier.facts, facts, later=new is None)
    gone = at - earlier.at
    low, high = earlier.range.low - gone, earlier.range.high - gone
    slack = step_at(max(low, new.low)) if max(low, new.low) >= 10 else 2
    if abs(new.low - low) <= slack and abs(new.high - high) <= slack and high > 0:
        return earlier, None
    if low - slack <= new.low and new.high <= high + slack:
        return fresh, None
    return fresh, _cause(earlier.facts, facts, later=new.low + new.high > low + high)


def visible(shown: Shown, at: float) -> Range | None:
    """Return the range to show at minute `at`: the kept one, less the minutes gone by since."""
    if shown.range is None:
        return None
    gone = at - shown.at
    return rounded(shown.range.low - gone, shown.range.high - gone) if gone > 0 else shown.range


def _cause(before: Facts, now: Facts, *, later: bool) -> Cause:
    """Return the reason that explains a range moving later, or sooner."""
    if later:
        return _delay(before, now)
    if before.is_trouble and not now.is_trouble:
        return Cause.TROUBLE_OVER
    if now.serving > before.serving:
        return Cause.BREAK_OVER if now.away < before.away else Cause.COUNTER_OPENED
    if before.ahead - now.ahead > now.calls - before.calls:
        return Cause.LEFT_AHEAD
    return Cause.FASTER


def _delay(before: Facts, now: Facts) -> Cause:
    if now.is_trouble and not before.is_trouble:
        return Cause.TROUBLE
    if now.serving < before.serving:
        return Cause.BREAK if now.away > before.away else Cause.COUNTER_CLOSED
    if now.express_ahead > before.express_ahead:
        return Cause.EXPRESS_ARRIVED
    if now.ahead > before.ahead:
        return Cause.JOINED_AHEAD
    return Cause.SLOWER

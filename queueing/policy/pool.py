"""The pool: which share of a day's quota a number is charged to, without database or clock.

Every place of the quota belongs to one named share. Until the release time a channel draws only from the
shares named for it; from then on everybody draws from all. What is shown as left is the same sum, so it
can really be taken (R003: "kuota yang tampil adalah kuota yang ada").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from queueing.enums import Channel, ShareName

# In the order in which they are used up.
OWN: Mapping[str, tuple[ShareName, ...]] = {
    Channel.ONLINE: (ShareName.ONLINE,),
    Channel.KIOSK: (ShareName.KIOSK, ShareName.REST),
    Channel.STAFF: (ShareName.STAFF, ShareName.REST),
    Channel.PAPER: (ShareName.STAFF, ShareName.REST),
}
EVERY = (
    ShareName.REST,
    ShareName.ONLINE,
    ShareName.KIOSK,
    ShareName.STAFF,
    ShareName.PRIORITY,
    ShareName.BOOKED,
)


@dataclass(frozen=True)
class Part:
    """One share as it stands: `due` places were given back and may be taken again now."""

    name: str
    reserved: int
    taken: int
    due: int = 0

    @property
    def free(self) -> int:
        """Return the places that are not taken."""
        return self.reserved - self.taken + self.due


@dataclass(frozen=True)
class Moment:
    """What time does to the pool: whether the shares are released, and the online per cent so far."""

    released: bool = False
    online_percent: int = 100


def divided(quota: int, percents: Mapping[str, int]) -> dict[str, int]:
    """Return the places of each share, rounded down; the rest goes to ShareName.REST."""
    parts = {name: quota * percent // 100 for name, percent in percents.items() if percent}
    return parts | {ShareName.REST.value: quota - sum(parts.values())}


def at_least(wanted: Mapping[str, int], taken: Mapping[str, int]) -> dict[str, int]:
    """Return `wanted` with no share below what is taken of it; the rest, then the largest, gives way.

    The sum stays the same; it must not be below the sum of `taken`.
    """
    final = {name: max(wanted.get(name, 0), taken.get(name, 0)) for name in {*wanted, *taken}}
    excess = sum(final.values()) - sum(wanted.values())
    spare = {name: places - taken.get(name, 0) for name, places in final.items()}
    for name in sorted(final, key=lambda one: (one != ShareName.REST, -spare[one], one)):
        less = min(excess, spare[name])
        final[name] -= less
        excess -= less
    return final


def online_percent_at(waves: Iterable[tuple[time, int]], at: time) -> int:
    """Return how much of the online share is out at the local time `at`; all of it without waves."""
    waves = list(waves)
    return max((percent for start, percent in waves if start <= at), default=0) if waves else 100


def drawable(channel: str, *, is_priority: bool, moment: Moment) -> Sequence[ShareName]:
    """Return the shares that this wish may be charged to, the one to use first in front."""
    own = OWN[channel]
    if is_priority:
        own = (ShareName.PRIORITY, *own)
    if not moment.released:
        return own
    return (*own, *(name for name in EVERY if name not in own))


def free_in(part: Part, moment: Moment) -> int:
    """Return how many places of one share can be taken now."""
    if part.name != ShareName.ONLINE or moment.released:
        return max(0, part.free)
    # A wave limits how much of the share is out, not how much is free.
    held_back = part.reserved - part.reserved * moment.online_percent // 100
    return max(0, part.free - held_back)


def choose(parts: Iterable[Part], channel: str, *, is_priority: bool, moment: Moment) -> str | None:
    """Return the name of the share to charge, or None when nothing is left for this wish."""
    free = {part.name: free_in(part, moment) for part in parts}
    names = drawable(channel, is_priority=is_priority, moment=moment)
    return next((name for name in names if free.get(name)), None)


def remaining(parts: Iterable[Part], channel: str, *, is_priority: bool = False, moment: Moment) -> int:
    """Return how many numbers can really be taken through `channel` now."""
    names = drawable(channel, is_priority=is_priority, moment=moment)
    return sum(free_in(part, moment) for part in parts if part.name in names)

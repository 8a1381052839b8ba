"""What a promise says, as one value: on which weekdays, at which counters, for which services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agreements.models import Promise


@dataclass(frozen=True)
class Presence:
    """One weekday: from when to when, with which break, by how many officers."""

    opens_at: time
    closes_at: time
    break_from: time | None = None
    break_to: time | None = None
    officers: int = 1


@dataclass(frozen=True)
class Promised:
    """`days` by weekday (1 is Monday), keys of counters, and keys of services with their numbers a day."""

    days: Mapping[int, Presence] = field(default_factory=dict)
    counters: tuple[int, ...] = ()
    services: tuple[tuple[int, int | None], ...] = ()


def promised_by(promise: Promise) -> Promised:
    """Return what stands in the tables; its parts should be prefetched."""
    return Promised(
        {
            each.weekday: Presence(
                each.opens_at, each.closes_at, each.break_from, each.break_to, each.officers
            )
            for each in promise.days.all()
        },
        tuple(sorted(each.counter_id for each in promise.counters.all())),
        tuple(sorted((each.service_id, each.daily_numbers) for each in promise.services.all())),
    )

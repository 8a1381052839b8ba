"""The wait of one number in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mpp.core import clock


@dataclass(frozen=True)
class Wait:
    """A range of minutes and the hours of the clock it leads to; empty when nobody can say."""

    minutes: str = ""
    hours: str = ""


def wait_of(now: Mapping[str, Any], at: datetime) -> Wait:
    """Return the wait in a live state (`low_minutes`, `high_minutes`), computed at the aware moment `at`."""
    low, high = now["low_minutes"], now["high_minutes"]
    if low is None or high is None:
        return Wait()
    start, end = clock.local(at + timedelta(minutes=low)), clock.local(at + timedelta(minutes=high))
    return Wait(f"{low}–{high}", f"{start:%H.%M}–{end:%H.%M}")

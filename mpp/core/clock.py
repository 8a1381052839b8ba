"""The one clock: the database's. Every other clock is banned by the linter."""

from __future__ import annotations

import contextlib
import zoneinfo
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

from mpp.core import planned

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """Return the database's wall clock as an aware UTC datetime.

    `clock_timestamp()` and not `now()`: inside a transaction that waited for a lock, `now()` is
    the time before the wait, so two calls in a row could carry times in the wrong order.
    """
    if frozen := _frozen.get():
        return frozen
    moment: datetime
    [(moment,)] = planned.ask("SELECT clock_timestamp()")
    return moment


def frozen_at() -> datetime | None:
    """Return the moment at which the clock is held, or None while it runs."""
    return _frozen.get()


def local(moment: datetime) -> datetime:
    """Return `moment` in the mall's zone, which the middleware or the caller has activated."""
    return timezone.localtime(moment)


def today() -> date:
    """Return the mall's local date (WIB, WITA or WIT) by the database's clock."""
    return local(now()).date()


def zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone of time called `name`, for example "Asia/Makassar"."""
    return zoneinfo.ZoneInfo(name)


@contextlib.contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` (aware) inside the block; for tests and replays."""
    mark = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(mark)


def aware(moment: datetime) -> datetime:
    """Return a naive local moment as an aware one in the mall's zone."""
    return timezone.make_aware(moment)

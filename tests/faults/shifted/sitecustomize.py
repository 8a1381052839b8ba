"""A wrong clock of the host, for one process: found by its PYTHONPATH, read anew at every look.

CLOCK_SHIFT names a file with seconds. The clock for durations (monotonic) runs on, as on a real host.
"""

import datetime as clocks
import os
import time
from datetime import UTC, date, datetime, tzinfo
from functools import partial

_true_time = time.time


def _now() -> float:
    with open(os.environ["CLOCK_SHIFT"], encoding="ascii") as file:
        return _true_time() + float(file.read())


class _LikeDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class ShiftedDatetime(datetime, metaclass=_LikeDatetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(_now(), tz)

    @classmethod
    def utcnow(cls) -> datetime:  # type: ignore[override]
        return datetime.fromtimestamp(_now(), UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> datetime:  # type: ignore[override]
        return cls.now()


class _LikeDate(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, date)


class ShiftedDate(date, metaclass=_LikeDate):
    @classmethod
    def today(cls) -> date:  # type: ignore[override]
        return ShiftedDatetime.now().date()


# Partial, since a bare function would become a method where a class keeps its clock as an attribute.
time.time = partial(_now)
time.time_ns = partial(lambda: int(_now() * 1e9))
clocks.datetime, clocks.date = ShiftedDatetime, ShiftedDate  # type: ignore[misc]

"""The demo is open at every hour, and says so; `OPEN=real` keeps the real hours."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from mpp.core import clock
from services.actions import open_specially, withdraw_special_openings

NAME = "Buka khusus demo"
SOURCE = "demo"


def keep_open() -> int:
    """See to it that the mall is open today and tomorrow, or not, as the demo was started; return changes."""
    today = clock.today()
    if settings.OPEN_REAL_HOURS:
        return withdraw_special_openings(since=today, source=SOURCE)
    days = (today, today + timedelta(days=1))
    return sum(open_specially(day=day, name=NAME, source=SOURCE) for day in days)

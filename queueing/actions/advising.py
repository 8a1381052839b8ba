"""Working out the floor's advice: asked for by anybody, computed by the worker, one at a time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from mpp.core import clock
from queueing import advice
from queueing.floor import pulse
from queueing.models import Advice
from services.access import refuse_others
from tenants.models import User

# Without being asked, so often; and who has begun and not come back for so long has died.
EVERY = timedelta(minutes=3)
GIVEN_UP = timedelta(minutes=1)


def ask_advice(*, by: User) -> Advice:
    """Ask for fresh advice; the worker computes it within some seconds. Raises `Forbidden`."""
    refuse_others(by)
    row = Advice.objects.get_or_create(date=clock.today())[0]
    row.asked_at = clock.now()
    row.save(update_fields=["asked_at"])
    pulse.hint()
    return row


def advise() -> int:
    """Compute today's advice when it is due; return how many options it has. Safe to run twice at once.

    In no transaction: the simulation takes seconds.
    """
    row = Advice.objects.get_or_create(date=clock.today())[0]
    now = clock.now()
    if not _is_due(row, now):
        return 0
    mine = Advice.objects.filter(pk=row.pk, started_at=row.started_at)
    if not mine.update(started_at=now):
        return 0
    pulse.hint()
    begun = time.monotonic()
    found = advice.work_out()
    Advice.objects.filter(pk=row.pk, started_at=now).update(
        options=[option.as_dict() for option in found.options],
        unknown=found.unknown,
        seconds=time.monotonic() - begun,
        computed_at=clock.now(),
    )
    pulse.hint()
    return len(found.options)


def _is_due(row: Advice, now: datetime) -> bool:
    if row.started_at is None:
        return True
    is_running = row.computed_at is None or row.computed_at < row.started_at
    if is_running and now - row.started_at < GIVEN_UP:
        return False
    was_asked = row.asked_at is not None and row.asked_at > row.started_at
    return was_asked or is_running or now - row.started_at >= EVERY

"""Sending and forgetting, as periodic jobs."""

from __future__ import annotations

from threading import Lock

from celery import shared_task
from django.utils import timezone

from mpp.core import mall
from mpp.notifications import keeping, relay

# A slow provider must not take every thread of a worker: the one that runs goes on claiming.
_one_at_a_time = Lock()


@shared_task(name="notifications.relay")
def relay_outbox() -> int:
    """Send what is due, with moments told in the mall's zone of time."""
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        here = mall.remembered()
        with timezone.override(here.timezone if here else None):
            return relay.deliver_due()
    finally:
        _one_at_a_time.release()


@shared_task(name="notifications.forget_old")
def forget_old() -> int:
    """Delete what was told longer ago than the mall keeps it."""
    return keeping.forget_old()

"""The relay as a periodic job."""

from __future__ import annotations

from celery import shared_task

from mpp.notifications import relay


@shared_task(name="notifications.relay")
def relay_outbox() -> int:
    """Send what is due."""
    return relay.deliver_due()

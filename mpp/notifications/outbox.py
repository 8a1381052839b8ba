"""Writing into the outbox: in the caller's transaction, so that the message exists if the act does."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection

from mpp.core import clock
from mpp.notifications.models import Message


def enqueue(*, event: str, recipient: str, body: str, dedupe_key: str, not_after: datetime) -> None:
    """Put one message into the outbox; a second call with the same key changes nothing.

    `not_after`: aware; later than that the message is worthless and is never sent. Needs a
    transaction: a message must not outlive the act that caused it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.enqueue() needs a transaction")
    now = clock.now()
    message = Message(
        dedupe_key=dedupe_key,
        event=event,
        channel=settings.NOTIFICATION_CHANNEL,
        recipient=recipient,
        body=body,
        created_at=now,
        due_at=now,
        not_after=not_after,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)

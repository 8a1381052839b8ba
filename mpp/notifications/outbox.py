"""Writing into the outbox: in the caller's transaction, so that the message exists if the act does."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection

from mpp.core import clock
from mpp.notifications.models import Message, MessageState


def enqueue(
    *,
    event: str,
    recipient: str,
    body: str,
    dedupe_key: str,
    not_after: datetime,
    not_before: datetime | None = None,
) -> None:
    """Put one message into the outbox; a second call with the same key changes nothing.

    `not_after`: aware; later than that the message is worthless and is never sent. `not_before`: until
    then it can be withdrawn. Needs a transaction: a message must not outlive the act that caused it.
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
        due_at=not_before or now,
        not_after=not_after,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)


def withdraw(*, dedupe_key: str) -> bool:
    """Take back a message that nobody has begun to send; tell whether there was one."""
    waiting = Message.objects.filter(dedupe_key=dedupe_key, state=MessageState.PENDING, attempts=0)
    return bool(waiting.delete()[0])

"""Writing into the outbox: in the caller's transaction, so that the message exists if the act does.

Only facts are written, in one statement; the relay puts them into words. So whoever calls a number
waits for no template, and a bad one cannot stop a call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from mpp.core import clock
from mpp.notifications.enums import MessageState
from mpp.notifications.models import Message

# A way may be given up at this moment: the row is read as it is, and the relay looks once more.
TELL = """
INSERT INTO notifications_message (
    dedupe_key, event, channel, way_id, recipient, language, params, body, state, attempts,
    created_at, due_at, not_after, provider_id, error, delivery
)
SELECT told.key || ':' || way.channel, told.event, way.channel, way.id, way.recipient, way.language,
    told.params, '', 'PENDING', 0, moment.at, coalesce(told.not_before, moment.at),
    coalesce(told.not_after, moment.at + make_interval(secs => told.seconds)), '', '', ''
FROM jsonb_to_recordset(%(news)s::jsonb) AS told(
    event text, holder text, key text, params jsonb, seconds float,
    not_before timestamptz, not_after timestamptz
)
JOIN notifications_way way ON way.holder = told.holder AND way.ended_at IS NULL
CROSS JOIN (SELECT coalesce(%(at)s::timestamptz, clock_timestamp()) AS at) moment
ON CONFLICT (dedupe_key) DO NOTHING
"""


@dataclass(frozen=True)
class News:
    """Something to tell whoever holds `holder`, once for each `key` and channel.

    Worthless after `seconds` or after `not_after` (aware), and then never sent. Until `not_before` it
    can be withdrawn. What needs words of its own among `params` is {"moment": …} and so on (events.shown).
    """

    event: str
    holder: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0
    not_before: datetime | None = None
    not_after: datetime | None = None


def tell(*news: News) -> int:
    """Put a message for each way that each holder has chosen into the outbox: one statement for all.

    Returns how many are new. Needs a transaction: a message must not outlive the act that caused it.
    """
    _require_transaction()
    rows = json.dumps([asdict(each) for each in news], default=_iso)
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"news": rows, "at": clock.frozen_at()})
        return int(cursor.rowcount)


def enqueue(
    *,
    event: str,
    channel: str,
    recipient: str,
    dedupe_key: str,
    not_after: datetime,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Put one message to a known address into the outbox; a second call with the same key changes nothing.

    For people of the house; citizens are told the way they chose (`tell`).
    """
    _require_transaction()
    now = clock.now()
    message = Message(
        dedupe_key=dedupe_key,
        event=event,
        channel=channel,
        recipient=recipient,
        params=params or {},
        created_at=now,
        due_at=now,
        not_after=not_after,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)


def withdraw(*, key: str) -> bool:
    """Take back the messages of this key that nobody has begun to send; tell whether there was one."""
    waiting = Message.objects.filter(dedupe_key__startswith=f"{key}:", state=MessageState.PENDING, attempts=0)
    return bool(waiting.delete()[0])


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("the outbox needs a transaction")


def _iso(value: datetime) -> str:
    return value.isoformat()

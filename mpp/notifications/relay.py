"""Emptying the outbox: at most once inside the time to live, whatever dies in between.

PENDING → LEASED (ours for a minute) → SENDING (committed just before the provider is called) → SENT.
A worker that dies while LEASED costs a minute: nothing was sent, another takes it over. One that
dies while SENDING leaves it open whether the message went out; it is repeated only where the
provider drops duplicates, else it becomes UNKNOWN, which staff can see.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from mpp.core import clock
from mpp.notifications import channels
from mpp.notifications.models import OPEN_STATES, Message, MessageState

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60
MOST_ATTEMPTS = 5
BATCH = 50


def deliver_due() -> int:
    """Send what is due; return how many went out. Any number of workers may do this at once."""
    expire_late()
    settle_interrupted()
    sent = 0
    for message in claim(BATCH):
        sent += deliver(message)
    return sent


def expire_late() -> None:
    """Give up what is past its time: a call told too late only misleads."""
    now = clock.now()
    waiting = Message.objects.filter(state=MessageState.PENDING, not_after__lt=now)
    waiting.update(state=MessageState.EXPIRED, error="lewat waktu")
    lost = Message.objects.filter(state=MessageState.LEASED, leased_until__lt=now, not_after__lt=now)
    lost.update(state=MessageState.EXPIRED, error="lewat waktu")


def settle_interrupted() -> None:
    """Decide about sends that a dead worker left open."""
    interrupted = Message.objects.filter(state=MessageState.SENDING, leased_until__lt=clock.now())
    for message in interrupted:
        repeat = channels.get(message.channel).knows_duplicates and message.not_after > clock.now()
        state = MessageState.PENDING if repeat else MessageState.UNKNOWN
        # The conditional update decides when two workers look at the same row.
        still_open = Message.objects.filter(pk=message.pk, state=MessageState.SENDING)
        still_open.filter(leased_until=message.leased_until).update(
            state=state, error="" if repeat else "pengirim berhenti saat mengirim"
        )


def claim(most: int) -> list[Message]:
    """Lease up to `most` due messages to this worker; rows that another one holds are skipped."""
    now = clock.now()
    due = Q(state=MessageState.PENDING, due_at__lte=now) | Q(state=MessageState.LEASED, leased_until__lt=now)
    with transaction.atomic():
        rows = Message.objects.select_for_update(skip_locked=True, no_key=True).filter(
            due, not_after__gte=now
        )
        messages = list(rows.order_by("due_at", "pk")[:most])
        keys = [message.pk for message in messages]
        until = now + timedelta(seconds=LEASE_SECONDS)
        Message.objects.filter(pk__in=keys).update(state=MessageState.LEASED, leased_until=until)
    for message in messages:
        message.state, message.leased_until = MessageState.LEASED, until
    return messages


def deliver(message: Message) -> bool:
    """Send one leased message; return whether it went out. A lease that was lost sends nothing."""
    mine = Message.objects.filter(
        pk=message.pk,
        state=MessageState.LEASED,
        leased_until=message.leased_until,
        not_after__gte=clock.now(),
    )
    if not mine.update(state=MessageState.SENDING, attempts=F("attempts") + 1):
        return False
    message.attempts += 1
    try:
        provider_id = channels.get(message.channel).send(message)
    except channels.DeliveryError as error:
        _failed(message, error)
        return False
    _settle(message, state=MessageState.SENT, sent_at=clock.now(), provider_id=provider_id[:120], error="")
    return True


def _failed(message: Message, error: channels.DeliveryError) -> None:
    reason = str(error)[:300]
    if error.permanent or message.attempts >= MOST_ATTEMPTS:
        logger.warning("Message %s given up: %s", message.pk, reason)
        _settle(message, state=MessageState.FAILED, error=reason)
        return
    due = clock.now() + timedelta(seconds=5 * 2**message.attempts)
    _settle(message, state=MessageState.PENDING, due_at=due, error=reason)


def _settle(message: Message, **fields: object) -> None:
    open_rows = Message.objects.filter(pk=message.pk, state__in=[state.value for state in OPEN_STATES])
    open_rows.update(**fields)

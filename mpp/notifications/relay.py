"""Emptying the outbox: at most once inside the time to live, whatever dies in between.

PENDING → LEASED (ours for a minute) → SENDING (committed just before the provider is called) → SENT.
A worker that dies while LEASED costs a minute: nothing was sent, another takes it over. One that
dies while SENDING leaves it open whether the message went out; it is repeated only where the
provider drops duplicates, else it becomes UNKNOWN, which staff can see.

Several messages are on their way at once, so a slow provider holds up only its own. Threads do
nothing but talk to providers: every row is read and written by the caller.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from mpp.core import clock
from mpp.core import mall as malls
from mpp.notifications import channels, events, limits, wording
from mpp.notifications.channels import Channel, DeliveryError, Parcel
from mpp.notifications.enums import OPEN_STATES, MessageState
from mpp.notifications.models import ChannelRule, Message, Stop, Way

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60
MOST_ATTEMPTS = 5
AT_ONCE = 8
# Then the next tick takes over: a worker must be able to stop.
ROUND_SECONDS = 20
PAUSE = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(minutes=10)
# The facts that name the page of which a message speaks, the surest first.
ABOUT = ("nomor", "kode", "tentang")

_dice = random.SystemRandom()


def deliver_due() -> int:
    """Send what is due; return how many went out. Any number of workers may do this at once."""
    expire_late()
    settle_interrupted()
    end = time.monotonic() + ROUND_SECONDS
    sent = 0
    on_the_way: dict[Future[str], Message] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            if time.monotonic() < end:
                for message in claim(AT_ONCE - len(on_the_way)):
                    if parcel := begin(message):
                        adapter = channels.get(message.channel)
                        on_the_way[pool.submit(hand_over, adapter, parcel)] = message
            if not on_the_way:
                return sent
            done, _rest = wait(on_the_way, return_when=FIRST_COMPLETED)
            sent += sum(finish(on_the_way.pop(future), future) for future in done)


def hand_over(adapter: Channel, parcel: Parcel) -> str:
    """Give one message to the provider, in a thread of its own; return the provider's number."""
    return adapter.send(parcel)


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
        repeat = channels.knows_duplicates(message.channel) and message.not_after > clock.now()
        state = MessageState.PENDING if repeat else MessageState.UNKNOWN
        # The conditional update decides when two workers look at the same row.
        still_open = Message.objects.filter(pk=message.pk, state=MessageState.SENDING)
        still_open.filter(leased_until=message.leased_until).update(
            state=state, error="" if repeat else "pengirim berhenti saat mengirim"
        )


def claim(most: int) -> list[Message]:
    """Lease up to `most` due messages to this worker; rows that another one holds are skipped.

    A channel that rests is left out. Of one that has rested, a single message is taken to try it.
    """
    now = clock.now()
    due = Q(state=MessageState.PENDING, due_at__lte=now) | Q(state=MessageState.LEASED, leased_until__lt=now)
    found = Message.objects.filter(due, not_after__gte=now)
    doors = limits.doors(now)
    messages = _lease(found.exclude(channel__in=doors.shut | doors.ajar), most, now)
    for channel in doors.ajar:
        waiting = found.filter(channel=channel)
        if len(messages) < most and waiting.exists() and limits.try_again(channel, now):
            messages += _lease(waiting, 1, now)
    return messages


def _lease(found: QuerySet[Message], most: int, now: datetime) -> list[Message]:
    if most <= 0:
        return []
    until = now + timedelta(seconds=LEASE_SECONDS)
    with transaction.atomic():
        rows = found.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("way")
        messages = list(rows.order_by("due_at", "pk")[:most])
        keys = [message.pk for message in messages]
        if keys:
            Message.objects.filter(pk__in=keys).update(state=MessageState.LEASED, leased_until=until)
    for message in messages:
        message.state, message.leased_until = MessageState.LEASED, until
    return messages


def begin(message: Message) -> Parcel | None:
    """Commit that this message is about to be sent, and return it in words; None when it must not be.

    A lease that was lost sends nothing, nor does a message whose reader has stopped the messages, or
    knows better by now. A channel that has reached its cap sends later.
    """
    now = clock.now()
    mine = Message.objects.filter(
        pk=message.pk, state=MessageState.LEASED, leased_until=message.leased_until, not_after__gte=now
    )
    if message.channel not in settings.NOTIFICATION_CHANNELS:
        mine.update(state=MessageState.PENDING, due_at=now + PAUSE, error="saluran belum diatur")
        return None
    if reason := _needless(message):
        mine.update(state=MessageState.DROPPED, error=reason)
        return None
    try:
        parcel = _parcel(message, now)
    except (LookupError, ValueError, TypeError) as error:
        # A row that cannot be put into words must not hold up the others (trust.md R-32).
        mine.update(state=MessageState.FAILED, error=f"isi pesan rusak: {type(error).__name__}")
        return None
    today = clock.local(now).date()
    if not limits.spend(message.channel, today):
        mine.update(state=MessageState.PENDING, due_at=now + PAUSE, error="batas harian saluran tercapai")
        return None
    if not mine.update(state=MessageState.SENDING, attempts=F("attempts") + 1, body=parcel.text):
        limits.give_back(message.channel, today)
        return None
    message.attempts += 1
    return parcel


def _needless(message: Message) -> str:
    """Return why this message must not go out any more; "" when it may."""
    agreed = message.way.consented_at if message.way else None
    stops = Stop.objects.filter(recipient=message.recipient)
    if (stops.filter(at__gte=agreed) if agreed else stops).exists():
        return "penerima minta berhenti"
    if message.way is None:
        return ""
    if message.way.ended_at is not None:
        return "cara ini sudah tidak dipilih"
    return "sudah ada kabar yang lebih baru" if _is_overtaken(message) else ""


def _is_overtaken(message: Message) -> bool:
    event = events.EVENTS.get(message.event)
    if event is None or not (event.ended_by or event.undone_by):
        return False
    newer = Q(event__in=event.ended_by) | Q(event__in=event.undone_by, pk__gt=message.pk)
    return Message.objects.filter(newer, way=message.way_id).exists()


def _parcel(message: Message, now: datetime) -> Parcel:
    event = events.of(message.event)
    text = wording.text_of(message.event, message.language)
    values = [events.shown(message.params.get(name, ""), message.language) for name in event.sample]
    return Parcel(
        pk=message.pk,
        dedupe_key=message.dedupe_key,
        event=message.event,
        recipient=message.recipient,
        language=message.language,
        title=event.title[message.language],
        text=message.body or events.fill(text, message.params, message.language),
        harmless=events.harmless(message.event, text, message.params, message.language),
        values=values,
        sender=_sender(message.channel),
        seconds_left=max(1, int((message.not_after - now).total_seconds())),
        is_urgent=event.is_urgent,
        topic=f"{message.way_id}" if message.way_id else "",
        about=next((str(message.params[name]) for name in ABOUT if message.params.get(name)), ""),
        may_stop=message.way_id is not None,
        keys=message.way.keys if message.way else {},
    )


def _sender(channel: str) -> str:
    own = ChannelRule.objects.filter(channel=channel).values_list("sender_name", flat=True).first()
    here = malls.remembered()
    return own or (here.short_name if here else "")


def finish(message: Message, sending: Future[str]) -> bool:
    """Record how the sending ended; return whether the message went out."""
    now = clock.now()
    try:
        provider_id = sending.result()
    except DeliveryError as error:
        _failed(message, error, now)
        return False
    except Exception as error:
        # An adapter that breaks must not stop the others, and may have sent already.
        logger.exception("Channel %s broke", message.channel)
        _failed(message, DeliveryError(type(error).__name__, is_uncertain=True), now)
        return False
    _settle(message, state=MessageState.SENT, sent_at=now, provider_id=provider_id[:120], error="")
    limits.answered(message.channel)
    return True


def _failed(message: Message, error: DeliveryError, now: datetime) -> None:
    reason = str(error)[:300]
    if error.permanent:
        limits.answered(message.channel)
    else:
        limits.failed(message.channel, now, pause=error.retry_after)
    if error.is_uncertain and not channels.knows_duplicates(message.channel):
        logger.warning("Message %s may have gone out: %s", message.pk, reason)
        _settle(message, state=MessageState.UNKNOWN, error=reason)
        return
    if not error.is_uncertain:
        limits.give_back(message.channel, clock.local(now).date())
    if error.is_gone and message.way_id:
        Way.objects.filter(pk=message.way_id, ended_at=None).update(ended_at=now)
    if error.permanent or message.attempts >= MOST_ATTEMPTS:
        logger.warning("Message %s given up: %s", message.pk, reason)
        _settle(message, state=MessageState.FAILED, error=reason)
        return
    _settle(message, state=MessageState.PENDING, due_at=now + back_off(message.attempts, error), error=reason)


def back_off(attempts: int, error: DeliveryError) -> timedelta:
    """Return how long to wait before the next try: longer each time, never all at once, and no
    shorter than the provider asked for."""
    wait_for = timedelta(seconds=5 * 2 ** (attempts - 1)) * _dice.uniform(0.8, 1.4)
    return min(max(wait_for, error.retry_after or timedelta()), LONGEST_BACK_OFF)


def _settle(message: Message, **fields: object) -> None:
    # A report of the provider may have been faster: it knows better.
    open_rows = Message.objects.filter(pk=message.pk, state__in=[state.value for state in OPEN_STATES])
    open_rows.update(**fields)

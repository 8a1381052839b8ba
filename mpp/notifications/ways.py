"""How people agreed to be told: choosing a way, giving it up, taking it along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from mpp.core import clock
from mpp.notifications.enums import Kind
from mpp.notifications.models import Way


def current(holder: str) -> list[Way]:
    """Return the ways by which this holder is told now."""
    return list(Way.objects.filter(holder=holder, ended_at=None).order_by("pk"))


def chosen_so_far(holder: str) -> int:
    """Return how many ways this holder has chosen, those given up among them."""
    return Way.objects.filter(holder=holder).count()


def choose(
    *,
    holder: str,
    channel: str,
    recipient: str,
    words: str,
    language: str = "id",
    keys: Mapping[str, str] | None = None,
) -> Way:
    """Record that this holder agreed, in these words, to be told this way.

    One way that sends messages and one browser: a new one ends the earlier of its sort. The same again
    is the same consent.
    """
    with transaction.atomic():
        at = clock.now()
        is_push = channel == Kind.PUSH
        for earlier in Way.objects.select_for_update().filter(holder=holder, ended_at=None):
            if (earlier.channel, earlier.recipient) == (channel, recipient):
                return earlier
            if (earlier.channel == Kind.PUSH) == is_push:
                _end(earlier.pk)
        return Way.objects.create(
            holder=holder,
            channel=channel,
            recipient=recipient,
            words=words,
            language=language,
            keys=dict(keys or {}),
            consented_at=at,
        )


def give_up(*, holder: str) -> int:
    """End every way of this holder; return how many there were."""
    return Way.objects.filter(holder=holder, ended_at=None).update(ended_at=clock.now())


def _end(key: int) -> None:
    Way.objects.filter(pk=key).update(ended_at=clock.now())


def take_along(*, holder: str, to: str) -> int:
    """Let another holder, the same person's next number, be told the same ways; return how many."""
    rows = [
        Way(
            holder=to,
            channel=way.channel,
            recipient=way.recipient,
            keys=way.keys,
            language=way.language,
            words=way.words,
            consented_at=way.consented_at,
        )
        for way in current(holder)
    ]
    return len(Way.objects.bulk_create(rows, ignore_conflicts=True))


def need(*, holder: str, until: datetime | None) -> None:
    """Keep this holder's ways until then, however long ago they were chosen; None: as all others."""
    Way.objects.filter(holder=holder).update(needed_until=until)

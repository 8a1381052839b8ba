"""What a channel may do now: the breaker and the daily cap, in rows that all workers share.

A channel that fails five times in a row rests. Its messages wait meanwhile, none is lost before its
time. Afterwards one message tries it; only when that goes out do the others follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from mpp.notifications.models import ChannelRule, ChannelState

FAILURES_TO_REST = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=5)

# One statement: of two workers that both see the last place of the day, one gets it.
SPEND = """
UPDATE notifications_channelstate state
SET sent = CASE WHEN state.day = %(day)s THEN state.sent + 1 ELSE 1 END, day = %(day)s
WHERE state.channel = %(channel)s AND (
    (SELECT daily_cap FROM notifications_channelrule WHERE channel = %(channel)s) IS NULL
    OR (CASE WHEN state.day = %(day)s THEN state.sent ELSE 0 END)
        < (SELECT daily_cap FROM notifications_channelrule WHERE channel = %(channel)s)
)
"""


@dataclass(frozen=True)
class Doors:
    """Which channels take messages: all but the `shut` ones, and of each in `ajar` a single message."""

    shut: frozenset[str]
    ajar: frozenset[str]


def doors(at: datetime) -> Doors:
    """Return which channels rest at the aware moment `at`, or are to be tried again: two queries."""
    rests = ChannelState.objects.exclude(resting_until=None).values_list("channel", "resting_until")
    resting = {channel: until for channel, until in rests if until is not None}
    shut = {channel for channel, until in resting.items() if until > at}
    off = set(ChannelRule.objects.filter(is_on=False).values_list("channel", flat=True))
    return Doors(frozenset(shut | off), frozenset(resting.keys() - shut - off))


def try_again(channel: str, at: datetime) -> bool:
    """Claim the one message that tries a channel after its rest; False when another worker has it."""
    rested = ChannelState.objects.filter(channel=channel, resting_until__lte=at)
    return bool(rested.update(resting_until=at + FIRST_REST))


def spend(channel: str, day: date) -> bool:
    """Count one message against the day's cap; False when the cap is reached."""
    ChannelState.objects.bulk_create([ChannelState(channel=channel)], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(SPEND, {"channel": channel, "day": day})
        return bool(cursor.rowcount)


def give_back(channel: str, day: date) -> None:
    """Count one message less: the provider refused it, so it costs nothing."""
    ChannelState.objects.filter(channel=channel, day=day, sent__gt=0).update(sent=F("sent") - 1)


def answered(channel: str) -> None:
    """Note that the channel works."""
    has_rested = Q(failures__gt=0) | Q(resting_until__isnull=False)
    ChannelState.objects.filter(has_rested, channel=channel).update(failures=0, resting_until=None)


def failed(channel: str, at: datetime, *, pause: timedelta | None = None) -> None:
    """Note a failure; the fifth in a row, or a provider that asks for a `pause`, lets the channel rest."""
    ChannelState.objects.filter(channel=channel, failures__lt=1000).update(failures=F("failures") + 1)
    failures = ChannelState.objects.filter(channel=channel).values_list("failures", flat=True).first() or 0
    rest = pause or timedelta()
    if failures >= FAILURES_TO_REST:
        # Doubled four times at most: a day of trouble must not overflow.
        rest = max(rest, FIRST_REST * 2 ** min(failures - FAILURES_TO_REST, 4))
    if rest:
        ChannelState.objects.filter(channel=channel).update(resting_until=at + min(rest, LONGEST_REST))

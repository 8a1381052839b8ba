"""A stream without a server: what a watcher has been told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mpp.live.hub import Feed, Watcher, as_event


def followed(feed: Feed, kind: str, name: str) -> Watcher:
    """A watcher that has been told its first state."""
    subscription = feed.subscribe(kind, name)
    assert subscription
    watcher = Watcher(subscription)
    tell(feed, [watcher])
    return watcher


def tell(feed: Feed, watchers: Iterable[Watcher]) -> None:
    """Read each channel once for all of these watchers, as the hub does it."""
    watching = {watcher: watcher.subscription.places for watcher in watchers}
    places = {place for watched in watching.values() for place in watched}
    for channel in {channel for channel, _key in places}:
        keys = {key for each, key in places if each == channel}
        told: set[int] = set()
        for states in feed.states(channel, keys):
            told |= states.keys()
            for key, state in states.items():
                for watcher, watched in watching.items():
                    if (channel, key) in watched:
                        watcher.hear((channel, key), state, as_event(state))
        for watcher, watched in watching.items():
            if any((channel, key) in watched for key in keys - told):
                watcher.end()


def news_of(watcher: Watcher) -> dict[str, Any] | None:
    """What it has been told since the last look; None for nothing."""
    message = watcher.take()
    return json.loads(message.split("data: ", 1)[1]) if message else None

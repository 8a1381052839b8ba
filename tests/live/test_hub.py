"""The hub with a feed of its own: who is read first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mpp.live.hub import Hub, Subscription, Watcher


class Notes:
    """A feed that notes in which order it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def versions(self) -> Mapping[int, int]:
        return {}

    def subscribe(self, kind: str, name: str) -> Subscription | None:
        return None

    def depends_on(self, channel: str, line: int) -> bool:
        return True

    def pause(self, channel: str) -> float:
        return 0.0

    def states(self, channel: str, keys: Set[int]) -> Mapping[int, dict[str, Any]]:
        self.asked.append(channel)
        return {}


def test_a_display_is_read_before_a_line_with_many_phones() -> None:
    feed = Notes()

    async def change() -> None:
        hub = Hub(feed)
        hub.watchers["line:1"] = {Watcher(Subscription("line:1", key)) for key in range(9)}
        hub.watchers["screen:a"] = {Watcher(Subscription("screen:a", 0))}
        hub._changed({1})
        await asyncio.gather(*hub._refreshing.values())
        await hub.stop()

    # In a thread of its own: the browser of another test keeps this one's loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, change()).result()
    assert feed.asked == ["screen:a", "line:1"]

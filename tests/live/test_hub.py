"""The hub with a feed of its own: who is read first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor

import pytest

from mpp.live.hub import Hub, Place, State, States, Subscription, Watcher


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

    def states(self, channel: str, keys: Set[int]) -> Iterator[States]:
        self.asked.append(channel)
        yield {}


class Parts(Notes):
    """A line in two parts; before the second one it notes what the first one's watcher has got."""

    def __init__(self) -> None:
        super().__init__()
        self.called = Watcher(Subscription("line:1", 1))
        self.waiting = Watcher(Subscription("line:1", 2))
        self.gone = Watcher(Subscription("line:1", 3))
        self.told_first: str | None = None

    def states(self, channel: str, keys: Set[int]) -> Iterator[States]:
        yield {1: {"version": 7, "state": "CALLED"}}
        self.told_first = self.called.latest
        yield {2: {"version": 7, "state": "WAITING"}}


def test_whoever_is_called_is_told_before_the_rest_of_the_line_is_reckoned() -> None:
    feed = Parts()

    async def change() -> None:
        hub = Hub(feed)
        hub.watchers["line:1"] = {feed.called, feed.waiting, feed.gone}
        hub._changed({1})
        await asyncio.gather(*hub._refreshing.values())
        await hub.stop()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, change()).result()
    assert feed.told_first is not None
    assert "CALLED" in feed.told_first
    assert feed.waiting.latest is not None
    assert not feed.waiting.has_ended
    assert feed.gone.has_ended


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


class Hall(Notes):
    """A line of which every number is known, however many come."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[int] = []

    def subscribe(self, kind: str, name: str) -> Subscription | None:
        return Subscription("line:1", int(name))

    def states(self, channel: str, keys: Set[int]) -> Iterator[States]:
        self.read.append(len(keys))
        yield {key: {"version": 1, "label": str(key)} for key in keys}


def test_a_hall_that_comes_back_at_once_is_read_together_and_nobody_is_forgotten() -> None:
    feed, many = Hall(), 60

    async def come() -> list[Watcher | None]:
        hub = Hub(feed)
        watchers = await asyncio.gather(*(hub.subscribe("ticket", str(key)) for key in range(many)))
        while hub._greeting:
            await asyncio.gather(*hub._greeting.values())
        await hub.stop()
        return list(watchers)

    with ThreadPoolExecutor(1) as thread:
        watchers = thread.submit(asyncio.run, come()).result()
    assert all(watcher and watcher.latest for watcher in watchers)
    assert sum(feed.read) == many
    assert len(feed.read) < many / 2


class Steady(Notes):
    """A channel that says when it was read, and pauses a twentieth of a second."""

    def pause(self, channel: str) -> float:
        return 0.05

    def states(self, channel: str, keys: Set[int]) -> Iterator[States]:
        self.asked.append(channel)
        yield {0: {"version": 1}}


def test_a_channel_that_was_quiet_is_read_at_once_a_few_times_and_then_at_its_pace() -> None:
    feed, waits = Steady(), []

    async def change(monkeypatch: pytest.MonkeyPatch) -> None:
        hub = Hub(feed)
        hub.watchers["screen:a"] = {Watcher(Subscription("screen:a", 0))}
        sleep = asyncio.sleep

        async def noted(seconds: float) -> None:
            waits.append(seconds)
            await sleep(0)

        monkeypatch.setattr("mpp.live.hub.time.monotonic", lambda: 100.0)
        monkeypatch.setattr("mpp.live.hub.asyncio.sleep", noted)
        for _ in range(5):
            await hub._refresh("screen:a")
        await hub.stop()

    with pytest.MonkeyPatch.context() as monkeypatch, ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, change(monkeypatch)).result()
    assert len(feed.asked) == 5
    assert waits == pytest.approx([0.05, 0.1])


class Two(Notes):
    """Two lines, of which the second one's number is gone once `is_gone`."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 4
        self.is_gone = False

    def depends_on(self, channel: str, line: int) -> bool:
        return channel == f"line:{line}"

    def subscribe(self, kind: str, name: str) -> Subscription | None:
        def joined(heard: Mapping[Place, State]) -> State:
            versions = [state["version"] for state in heard.values()]
            return {"version": sum(versions), "ahead": [state["ahead"] for state in heard.values()]}

        return Subscription("line:1", -1, (("line:2", -2),), joined)

    def states(self, channel: str, keys: Set[int]) -> Iterator[States]:
        self.asked.append(channel)
        is_gone = self.is_gone and channel == "line:2"
        yield {} if is_gone else {key: {"version": len(self.asked), "ahead": self.ahead} for key in keys}


def test_a_stream_of_several_places_is_one_told_when_all_are_known_and_only_of_news() -> None:
    feed = Two()
    seen: list[str | None] = []

    async def watch() -> tuple[Watcher, int, dict[str, set[Watcher]]]:
        hub = Hub(feed)
        watcher = await hub.subscribe("visit", "a")
        assert watcher
        count = hub.watcher_count

        async def after(line: int) -> None:
            hub._changed({line})
            await asyncio.gather(*hub._refreshing.values(), *hub._greeting.values())
            seen.append(watcher.take())

        await after(0)
        await after(1)
        feed.ahead = 3
        await after(1)
        feed.is_gone = True
        await after(2)
        hub.leave(watcher)
        watchers = dict(hub.watchers)
        await hub.stop()
        return watcher, count, watchers

    with ThreadPoolExecutor(1) as thread:
        watcher, count, left = thread.submit(asyncio.run, watch()).result()
    first, same, other, gone = seen
    assert first
    assert '"ahead": [4, 4]' in first
    assert same is None
    assert other
    assert "3" in other
    assert gone is None
    assert watcher.has_ended
    assert (count, left) == (1, {})

"""What a stream sends, and when it gives its client up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mpp.live import stream
from mpp.live.hub import Subscription, Watcher
from mpp.live.stream import LiveApplication, Message


class Hub:
    """Vouches for everything."""

    is_truthful = True


class Connection:
    """What uvicorn gives an application: `send` belongs to an object that holds the transport."""

    def __init__(self, *, reads: bool) -> None:
        self.reads = reads
        self.transport = self
        self.is_aborted = False
        self.sent: list[bytes] = []

    async def send(self, message: Message) -> None:
        if not self.reads and message["type"] == "http.response.body":
            await asyncio.Event().wait()
        self.sent.append(message.get("body", b""))

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        return {}

    def abort(self) -> None:
        self.is_aborted = True


def run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: the browser of another test keeps this one's loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def opened(connection: Connection, *, has_ended: bool = False) -> None:
    hub: Any = Hub()
    watcher = Watcher(Subscription("screen:a", 0))
    watcher.has_ended = has_ended
    await LiveApplication(hub)._stream(watcher, 5, connection.receive, connection.send)


def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SEND_SECONDS", 0.01)
    connection = Connection(reads=False)
    run(opened(connection))
    assert connection.is_aborted


def test_streams_are_told_different_times_at_which_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LIFETIME_SECONDS", 0.0)
    connections = [Connection(reads=True) for _ in range(20)]

    async def all_of_them() -> None:
        await asyncio.gather(*map(opened, connections))

    run(all_of_them())
    said = re.findall(rb"retry: (\d+)", b"".join(piece for each in connections for piece in each.sent))
    assert len(said) == 20
    assert len(set(said)) > 10
    assert all(1000 <= int(milliseconds) <= 5000 for milliseconds in said)
    assert not any(connection.is_aborted for connection in connections)


def test_whose_number_has_moved_away_comes_back_within_a_second() -> None:
    connection = Connection(reads=True)
    run(opened(connection, has_ended=True))
    said = re.findall(rb"retry: (\d+)", b"".join(connection.sent))
    assert len(said) == 2
    assert int(said[-1]) <= 1000


def test_who_leaves_in_the_moment_of_the_news_leaves_no_stream_behind() -> None:
    """Up to Python 3.11 `wait_for` would lose the cancel, and the stream stay for its ten minutes."""

    async def leave() -> None:
        hub: Any = Hub()
        left, watcher = asyncio.Event(), Watcher(Subscription("screen:a", 0))

        async def receive() -> Message:
            await left.wait()
            return {"type": "http.disconnect"}

        connection = Connection(reads=True)
        streaming = asyncio.create_task(LiveApplication(hub)._stream(watcher, 5, receive, connection.send))
        while len(connection.sent) < 2:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        left.set()
        watcher.offer("data: {}\n\n")
        await asyncio.wait({streaming}, timeout=1)
        assert streaming.done()

    run(leave())

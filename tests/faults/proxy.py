"""TCP proxies: one that loses answers, and a weak line before the portal (trust.md X-07, R-13 to R-18)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

PIECE = 65536
# What a lost packet costs whoever waits for it: it is sent again after the shortest timeout of TCP or a few.
RETRANSMISSION_SECONDS = 0.6

AnyProxy = TypeVar("AnyProxy", bound="Proxy")


class Proxy:
    """Passes everything on; `url` is where it listens."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = str(place.hostname), int(place.port or 80)
        self.url = ""
        self.loop: asyncio.AbstractEventLoop
        self.stopping: asyncio.Event

    async def serve(self, started: threading.Event) -> None:
        """Listen until `stopping` is set."""
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        try:
            await self.stopping.wait()
        finally:
            server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream_reader, upstream = await asyncio.open_connection(self._host, self._port)
        except OSError:
            writer.transport.abort()
            return
        # Cancelled when the test is over.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._pass(reader, writer, upstream_reader, upstream)
        for end in (writer, upstream):
            end.close()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream_reader: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> None:
        await asyncio.gather(
            _pass_on(reader, upstream), self._answers(upstream_reader, writer), return_exceptions=True
        )

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _pass_on(reader, writer)


class LossyProxy(Proxy):
    """`lose` answers are read to their end and thrown away with the connection."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.lost = 0
        self._to_lose = 0

    def lose(self, answers: int) -> None:
        """Throw away the next answers."""
        self._to_lose = answers

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(PIECE):
            if self._to_lose:
                # The server has answered, so what was asked has been done.
                self._to_lose -= 1
                self.lost += 1
                writer.transport.abort()
                return
            writer.write(data)
            await writer.drain()
        writer.close()


@dataclass(eq=False)
class Way:
    """One connection through a weak line; a dead one carries nothing any more and says so to nobody."""

    writer: asyncio.StreamWriter
    is_dead: bool


class WeakLine(Proxy):
    """A bad network: everything comes late, some of it later still; it can be cut, or fall silent.

    TCP shows a lost packet as a pause: what follows waits for what is sent again.
    """

    def __init__(self, url: str, *, delay: float = 0.0, loss: float = 0.0, seed: int = 0) -> None:
        super().__init__(url)
        self._delay, self._loss = delay, loss
        self._random = random.Random(seed)
        self._ways: set[Way] = set()
        self._is_cut = self._is_silent = False

    def cut(self) -> None:
        """Reset every connection and every new one."""
        self._is_cut = True
        self.loop.call_soon_threadsafe(self._reset)

    def fall_silent(self) -> None:
        """Carry nothing, on old connections or new ones, and close none: nobody is told (half-open)."""
        self._is_silent = True
        for way in list(self._ways):
            way.is_dead = True

    def heal(self) -> None:
        """New connections work again; those that are dead stay so."""
        self._is_cut = self._is_silent = False

    def _reset(self) -> None:
        for way in self._ways:
            way.writer.transport.abort()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        await super()._connection(reader, writer)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream_reader: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> None:
        way = Way(writer, self._is_silent)
        self._ways.add(way)
        answers = asyncio.create_task(self._late(upstream_reader, way))
        try:
            while data := await reader.read(PIECE):
                if not way.is_dead:
                    upstream.write(data)
                    await upstream.drain()
        finally:
            answers.cancel()
            self._ways.discard(way)

    async def _late(self, reader: asyncio.StreamReader, way: Way) -> None:
        """Carry the answers, each piece at its moment, in their order."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        writing = asyncio.create_task(_write_each(pieces, way))
        due = 0.0
        try:
            while data := await reader.read(PIECE):
                again = RETRANSMISSION_SECONDS if self._random.random() < self._loss else 0.0
                due = max(due, self.loop.time() + self._delay + again)
                pieces.put_nowait((due, data))
            pieces.put_nowait((due, b""))
            await writing
        finally:
            writing.cancel()


async def _write_each(pieces: asyncio.Queue[tuple[float, bytes]], way: Way) -> None:
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError):
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(due - loop.time())
            if way.is_dead:
                continue
            if not data:
                way.writer.close()
                return
            way.writer.write(data)
            await way.writer.drain()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(PIECE):
        writer.write(data)
        await writer.drain()
    writer.close()


@contextmanager
def between(proxy: AnyProxy) -> Iterator[AnyProxy]:
    """Run a proxy in a thread of its own until the block ends."""
    started = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(proxy.serve(started)))
    thread.start()
    started.wait(10)
    try:
        yield proxy
    finally:
        proxy.loop.call_soon_threadsafe(proxy.stopping.set)
        thread.join()

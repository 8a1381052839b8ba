"""A TCP proxy in front of the web process that can lose answers (trust.md X-07, R-18)."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class LossyProxy:
    """Passes everything on; `lose` answers are read to their end and thrown away with the connection."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = str(place.hostname), int(place.port or 80)
        self.url = ""
        self.lost = 0
        self._to_lose = 0

    def lose(self, answers: int) -> None:
        """Throw away the next answers."""
        self._to_lose = answers

    async def serve(self, started: threading.Event, stopping: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        async with server:
            await stopping.wait()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection(self._host, self._port)
        # Cancelled when the test is over.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(
                _pass_on(reader, upstream),
                self._pass_answers_on(upstream_reader, writer),
                return_exceptions=True,
            )
        for end in (writer, upstream):
            end.close()

    async def _pass_answers_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self._to_lose:
                # The server has answered, so what was asked has been done.
                self._to_lose -= 1
                self.lost += 1
                writer.transport.abort()
                return
            writer.write(data)
            await writer.drain()
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@contextmanager
def lossy(url: str) -> Iterator[LossyProxy]:
    """Run a proxy to `url` in a thread of its own until the block ends."""
    proxy, started, loops = LossyProxy(url), threading.Event(), []

    async def run() -> None:
        stopping = asyncio.Event()
        loops.append((asyncio.get_running_loop(), stopping))
        await proxy.serve(started, stopping)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started.wait(10)
    try:
        yield proxy
    finally:
        loop, stopping = loops[0]
        loop.call_soon_threadsafe(stopping.set)
        thread.join()

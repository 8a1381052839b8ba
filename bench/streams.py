"""Open many streams, in a process of its own. Standard library only.

`python -m bench.streams` reads one job as one line of JSON, writes {"open": n} once every stream has
shown its first state. Then it waits for a line and ends (act "hold"); or calls, starts and finishes
numbers and writes when the streams showed each call ("click"); or opens each stream again that the
server has lost, as a browser does, and writes when each was back and what else was answered ("return").

job: act, live (url), pages (url), tickets (secrets of numbers, one stream each), zone (of the
display), desk ([session, token]), clicks.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

OPENING_AT_ONCE = 50
REST_SECONDS = 0.8
PATIENCE_SECONDS = 10.0
# Forty counters that serve somebody in a minute each press two buttons a second.
BUSY_SECONDS = 0.5
# A display names every call of its last 45 seconds: after a load of calls those are hundreds.
LONGEST_STATE = 2**20
RETURN_SECONDS = 120.0
# When the server is not there yet: what live.js does.
REFUSED_SECONDS = (2.0, 4.0)


class Stream:
    """One open stream: its latest state and when it came."""

    def __init__(self, url: str, path: str) -> None:
        self._place = urlsplit(url)
        self._path = path
        self.state: dict[str, Any] = {}
        self.at = 0.0
        self.retry_seconds = 0.0
        self._news = asyncio.Condition()

    async def open(self) -> None:
        """Connect and wait for the first state."""
        await self._connect()
        await self.until(bool)

    async def _connect(self) -> bytes:
        """Ask for the stream, begin to read it, and return the status of the answer."""
        self._reader, self._writer = await asyncio.open_connection(
            self._place.hostname, self._place.port, limit=LONGEST_STATE
        )
        self._writer.write(f"GET {self._path} HTTP/1.1\r\nHost: {self._place.netloc}\r\n\r\n".encode())
        status = (await self._reader.readline()).split(b" ")[1:2]
        self._reading = asyncio.create_task(self._read())
        return status[0] if status else b"no answer"

    async def until(
        self, wanted: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE_SECONDS
    ) -> float:
        """Return the moment at which a state came for which `wanted` holds."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: wanted(self.state))
            return self.at

    async def come_back(self, refused: list[str]) -> float:
        """Wait until the server is lost, open the stream again, and return when it had a state."""
        with contextlib.suppress(OSError):
            await self._reading
        await asyncio.sleep(self.retry_seconds)
        while True:
            with contextlib.suppress(OSError):
                self.state = {}
                status = await self._connect()
                if status == b"200":
                    return await self.until(bool, RETURN_SECONDS)
                refused.append(status.decode())
            await asyncio.sleep(random.uniform(*REFUSED_SECONDS))  # noqa: S311

    def close(self) -> None:
        self._reading.cancel()
        self._writer.close()

    async def _read(self) -> None:
        while line := await self._reader.readline():
            if line.startswith(b"retry: "):
                self.retry_seconds = int(line[7:]) / 1000
            if line.startswith(b"data: {") and line != b"data: {}\n":
                async with self._news:
                    self.state, self.at = json.loads(line[6:]), time.monotonic()
                    self._news.notify_all()


class Officer:
    """One counter's requests on one kept-alive connection."""

    def __init__(self, url: str, desk: tuple[int, str]) -> None:
        self._place = urlsplit(url)
        self._session, self._token = desk
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def press(self, step: str) -> dict[str, Any]:
        """Press one button; the answer's body."""
        # A new connection each time: between two presses of a person the old one has been closed.
        reader, writer = await asyncio.open_connection(self._place.hostname, self._place.port)
        head = f"POST /api/v1/counter-sessions/{self._session}/{step}/ HTTP/1.1\r\n"
        head += f"Host: {self._place.netloc}\r\nAuthorization: Bearer {self._token}\r\n"
        head += f"Idempotency-Key: {uuid.uuid4().hex}\r\n"
        writer.write((head + "Content-Length: 0\r\nConnection: close\r\n\r\n").encode())
        answer = (await reader.read()).decode()
        writer.close()
        status, body = answer.split(" ", 2)[1], answer.partition("\r\n\r\n")[2]
        if status != "200":
            raise RuntimeError(f"{step}: {answer[:200]}")
        found: dict[str, Any] = json.loads(body[body.index("{") : body.rindex("}") + 1])
        return found


async def opened(job: dict[str, Any]) -> tuple[list[Stream], Stream]:
    """Open the streams of all numbers, some at a time, and the display's."""
    tickets = [Stream(job["live"], f"/live/ticket/{token}/") for token in job["tickets"]]
    for first in range(0, len(tickets), OPENING_AT_ONCE):
        await asyncio.gather(*(stream.open() for stream in tickets[first : first + OPENING_AT_ONCE]))
    display = Stream(job["live"], f"/live/display/{job['zone']}/")
    await display.open()
    return tickets, display


def shows_call(label: str, state: dict[str, Any]) -> bool:
    """Whether a display's state has the call of `label`."""
    return any(call["label"] == label for call in state["calls"])


def knows_call(label: str, state: dict[str, Any]) -> bool:
    """Whether a phone's state says that `label` is at the counter."""
    return bool(state["now_serving"] == label)


async def click(job: dict[str, Any], tickets: list[Stream], display: Stream) -> dict[str, list[float]]:
    """Call numbers of the first line one after the other; milliseconds from the press to each screen."""
    officer = Officer(job["pages"], job["desk"])
    beside = tickets[:: job["lines"]]
    busy = asyncio.create_task(keep_busy(job["pages"], job["others"])) if job["others"] else None
    seen: dict[str, list[float]] = {"display": [], "phone": [], "last of its line": []}
    for _ in range(job["clicks"]):
        # So that the calls of one line do not fall into one reading, and not at one beat either.
        await asyncio.sleep(REST_SECONDS)
        pressed = time.monotonic()
        label = (await officer.press("call-next"))["number"]
        moments = await asyncio.gather(
            display.until(partial(shows_call, label)),
            *(stream.until(partial(knows_call, label)) for stream in beside),
        )
        seen["display"].append((moments[0] - pressed) * 1000)
        own = next(index for index, stream in enumerate(beside) if stream.state["label"] == label)
        seen["phone"].append((moments[own + 1] - pressed) * 1000)
        seen["last of its line"].append((max(moments[1:]) - pressed) * 1000)
        await officer.press("start")
        await officer.press("finish")
        if busy and busy.done():
            busy.result()
    if busy:
        busy.cancel()
    return seen


async def keep_busy(url: str, desks: list[tuple[int, str]]) -> None:
    """Call, begin and finish at these desks in turn, at the pace of a full mall, until cancelled."""
    officers = [Officer(url, desk) for desk in desks]
    for step in itertools.cycle(("call-next", "start", "finish")):
        for officer in officers:
            await officer.press(step)
            await asyncio.sleep(BUSY_SECONDS)


async def work(job: dict[str, Any]) -> None:
    tickets, display = await opened(job)
    print(json.dumps({"open": len(tickets) + 1}), flush=True)
    if job["act"] == "return":
        refused: list[str] = []
        back = await asyncio.gather(*(stream.come_back(refused) for stream in (*tickets, display)))
        print(json.dumps({"back": back, "refused": refused}), flush=True)
    elif job["act"] == "click":
        print(json.dumps(await click(job, tickets, display)), flush=True)
    else:
        await asyncio.to_thread(sys.stdin.readline)
    for stream in (*tickets, display):
        stream.close()


if __name__ == "__main__":
    asyncio.run(work(json.loads(sys.stdin.readline())))

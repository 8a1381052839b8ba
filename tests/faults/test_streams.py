"""A thousand streams, ten thousand that come and go, and some that never read."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil
import pytest
from django.db import connection

from bench import report
from bench.streams import Stream as Watching
from queueing import actions
from queueing.models import CounterSession, Ticket
from tests import factories as make
from tests.faults.conftest import Scene
from tests.support.sse import Stream

MANY = 1_000
OPENING_AT_ONCE = 50
CYCLES, WARM_UP = 10_000, 2_000
AT_ONCE = 40
GROWTH = 1.05
# A loaded machine closes some sockets a little later than their streams end.
SETTLED_SECONDS = 15.0
DEAF = 20
# As many announcements as a state may carry: the streams of a display are the widest.
CALLS_BEFORE = 200
CALLS_ALONE = 20
SMALL_BUFFER = 4_096
DROPPED_SECONDS = 30.0
# What the system takes for a reader before the portal has to wait for it.
FILLING_SECONDS = 30.0
SEEN_SECONDS = 2.0
# 64 KB wait for a reader at most, the state that is being written, and what any stream costs.
KB_EACH = 64 + 256 + 60


def test_r25_a_thousand_streams_hold_no_database_connection(scene: Scene) -> None:
    scene.portal.start("live")
    tickets = [make.issue(scene.place.service) for _ in range(20)]
    paths = [f"/live/ticket/{ticket.token}/" for ticket in tickets]
    with _watching(scene, paths) as few:
        assert len(few) == len(paths)
        before = _database_connections()
    with _watching(scene, paths * (MANY // len(paths))) as many:
        assert len(many) == MANY
        assert _database_connections() == before


def _database_connections() -> int:
    """All of the portal's, without our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        count: int = cursor.fetchone()[0]
        return count


@contextmanager
def _watching(scene: Scene, paths: list[str]) -> Iterator[list[Watching]]:
    """Streams that have shown their first state, read by a loop that runs until the block ends."""
    with asyncio.Runner() as runner:
        streams = [Watching(scene.portal.live_url, path) for path in paths]

        async def opening() -> None:
            for first in range(0, len(streams), OPENING_AT_ONCE):
                await asyncio.gather(*(each.open() for each in streams[first : first + OPENING_AT_ONCE]))

        runner.run(opening())
        yield streams
        for stream in streams:
            stream.close()


@pytest.mark.timeout(900)
def test_r26_ten_thousand_that_come_and_go_leave_nothing_behind(scene: Scene) -> None:
    """Gone before the answer, after its head, after the first state; in order, or with a reset."""
    scene.portal.start("live")
    # Of numbers that wait no more: what a state costs is not what this is about.
    gone = [actions.cancel(ticket=make.issue(scene.place.service)) for _ in range(20)]
    paths = [f"/live/ticket/{ticket.token}/" for ticket in gone]
    paths.append(f"/live/display/{scene.place.zone.code}/")
    live = psutil.Process(scene.portal.pid("live"))
    chance = random.Random(scene.seed)
    asyncio.run(_come_and_go(scene.portal.live_url, paths, WARM_UP, chance))
    _settle(live)
    memory, files, threads = live.memory_info().rss, live.num_fds(), live.num_threads()
    asyncio.run(_come_and_go(scene.portal.live_url, paths, CYCLES, chance))
    _wait_until(lambda: live.num_fds() <= files, SETTLED_SECONDS)
    growth = live.memory_info().rss / memory
    print(f"{memory >> 20} MB, then {growth:.3f} times; {files} files", end=" ")
    assert live.num_threads() <= threads
    assert growth < GROWTH
    stream = Stream(f"{scene.portal.live_url}{paths[0]}")
    assert stream.next_state()["state"] == "CANCELLED"
    stream.close()


async def _come_and_go(url: str, paths: list[str], cycles: int, chance: random.Random) -> None:
    left = iter(range(cycles))

    async def visitor() -> None:
        for _ in left:
            await _one(
                url, chance.choice(paths), chance.choice(["", "HTTP", "data: {"]), chance.random() < 0.5
            )

    await asyncio.gather(*(visitor() for _ in range(AT_ONCE)))


async def _one(url: str, path: str, until: str, is_rude: bool) -> None:
    """Open a stream, read until a line that begins so, and leave."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    await writer.drain()
    while until and (line := await reader.readline()) and not line.startswith(until.encode()):
        pass
    if is_rude:
        writer.transport.abort()
    else:
        writer.close()


def _settle(process: psutil.Process) -> None:
    """Wait until it holds as many files as a second ago."""
    files = -1
    while files != (files := process.num_fds()):
        time.sleep(1)


def test_r27_who_never_reads_is_dropped_and_delays_nobody(scene: Scene) -> None:
    """A hall's display with all its announcements, four states a second, and twenty who take none."""
    scene.portal.start("live")
    session = make.open_session(scene.place.agency, scene.place.counter, scene.place.officer)
    path = f"/live/display/{scene.place.zone.code}/"
    for _ in range(CALLS_BEFORE):
        _call_one(scene, session)
    reader = Stream(f"{scene.portal.live_url}{path}")
    reader.next_state()
    alone = [_seconds_to_show_a_call(scene, session, reader) for _ in range(CALLS_ALONE)]
    live = psutil.Process(scene.portal.pid("live"))
    memory = live.memory_info().rss
    deaf = [_never_reads(scene.portal.live_url, path) for _ in range(DEAF)]
    _wait_until(lambda: _held(live, deaf) == DEAF, SETTLED_SECONDS)
    beside, most = [], memory
    end = time.monotonic() + FILLING_SECONDS + DROPPED_SECONDS
    while _held(live, deaf) and time.monotonic() < end:
        beside.append(_seconds_to_show_a_call(scene, session, reader))
        most = max(most, live.memory_info().rss)
    usual, then, kilobytes = _p95(alone), _p95(beside), (most - memory) / 1024 / DEAF
    print(f"p95 {usual:.2f} s alone, {then:.2f} s beside them; {kilobytes:.0f} KB each", end=" ")
    assert _held(live, deaf) == 0
    assert kilobytes < KB_EACH
    assert then < max(2 * usual, SEEN_SECONDS)
    reader.close()
    for one in deaf:
        one.close()


def _p95(seconds: list[float]) -> float:
    return report.percentile(seconds, 0.95)


def _seconds_to_show_a_call(scene: Scene, session: CounterSession, reader: Stream) -> float:
    called = time.monotonic()
    label = _call_one(scene, session).label
    reader.until(lambda state: label in [call["label"] for call in state["announcements"]])
    return time.monotonic() - called


def _call_one(scene: Scene, session: CounterSession) -> Ticket:
    """Call a new number; the one before is finished by it."""
    make.issue(scene.place.service)
    called = actions.call_next(session=session, by=session.user)
    assert called
    actions.start(ticket=called, by=session.user)
    return called


def _never_reads(url: str, path: str) -> socket.socket:
    place = urlsplit(url)
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    one.connect((place.hostname, place.port))
    one.sendall(f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    return one


def _held(process: psutil.Process, clients: list[socket.socket]) -> int:
    """How many of these clients the process still has a connection to."""
    ports = {client.getsockname()[1] for client in clients}
    return sum(1 for each in process.net_connections("tcp") if each.raddr and each.raddr.port in ports)


def _wait_until(reached: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "not reached in time"
        time.sleep(0.2)

"""The load client, a process of its own: it must not take the server's interpreter lock.

`python -m bench.client` reads one job as JSON and writes one result as JSON. Standard library only.

job: act ("issue", "take", "call" or "get"), url, connections, seconds; services (slugs) for issue and
take; desks ([session, token]) for call; paths for get, asked in turn; rate (acts a second over all
connections; null: as fast as it goes); addresses (true: each act comes from another address, as the proxy
would tell).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import socket
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 20.0


class Connection:
    """One kept-alive connection; records how long each answer took and its status."""

    def __init__(self, job: dict[str, Any]) -> None:
        place = urlsplit(job["url"])
        self._place = str(place.hostname), int(place.port or 80)
        self._stream: BinaryIO | None = None
        self._addresses = bool(job.get("addresses"))
        self.milliseconds: dict[str, list[float]] = defaultdict(list)
        self.statuses: Counter[str] = Counter()
        self.done = 0

    def ask(self, name: str, method: str, path: str, *, since: float, **more: Any) -> tuple[int, Any]:
        """Send one request; its time counts from `since`, the moment at which it was due."""
        headers = dict(more.get("headers", {}))
        body = more["form"].encode() if "form" in more else None
        if "body" in more:
            body = json.dumps(more["body"]).encode()
            headers["Content-Type"] = "application/json"
        if self._addresses:
            headers["X-Forwarded-For"] = ".".join(str(random.randrange(1, 255)) for _ in range(4))  # noqa: S311
        status, content = self._answer(method, path, body, headers)
        self.milliseconds[name].append((time.monotonic() - since) * 1000)
        self.statuses[f"{name} {status}"] += 1
        return status, content

    def _answer(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        # http.client would take a tenth of both cores from the server that is measured.
        told = {"Host": "127.0.0.1", "Content-Length": str(len(body or b"")), **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "\r\n"]
        request = "\r\n".join(lines).encode() + (body or b"")
        # A server may close a connection that it finds idle just as we use it: once more, on a new one.
        for attempt in itertools.count():
            try:
                return self._exchange(request)
            except OSError:
                self._close()
                if attempt:
                    return 0, None
        raise AssertionError

    def _exchange(self, request: bytes) -> tuple[int, Any]:
        stream = self._stream = self._stream or self._connected()
        stream.write(request)
        stream.flush()
        start = stream.readline()
        if not start:
            raise ConnectionError
        told = {}
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            told[name.lower()] = value.strip()
        content = _content(stream, told)
        if told.get(b"connection") == b"close":
            self._close()
        is_json = b"json" in told.get(b"content-type", b"") and content
        return int(start.split()[1]), json.loads(content) if is_json else None

    def _connected(self) -> BinaryIO:
        connected = socket.create_connection(self._place, TIMEOUT_SECONDS)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cast(BinaryIO, connected.makefile("rwb"))

    def _close(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
        self._stream = None


def _content(stream: BinaryIO, told: dict[bytes, bytes]) -> bytes:
    if b"transfer-encoding" not in told:
        return stream.read(int(told.get(b"content-length", 0)))
    parts = []
    while size := int(stream.readline(), 16):
        parts.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(parts)


Act = Callable[[Connection, int, int, float], None]


def issue(job: dict[str, Any]) -> Act:
    """Take numbers, one service after the other."""
    services: list[str] = job["services"]

    def act(connection: Connection, worker: int, turn: int, since: float) -> None:
        service = services[(worker + turn * job["connections"]) % len(services)]
        key = {"Idempotency-Key": uuid.uuid4().hex}
        status, _ = connection.ask(
            "issue", "POST", "/api/v1/tickets/", since=since, body={"service": service}, headers=key
        )
        connection.done += status == 201

    return act


def take(job: dict[str, Any]) -> Act:
    """Take numbers by the form of the page, each time as another person who has it open."""
    [service] = job["services"]

    def act(connection: Connection, worker: int, turn: int, since: float) -> None:
        secret = uuid.uuid4().hex
        form = urlencode({"csrfmiddlewaretoken": secret, "kunci": uuid.uuid4().hex})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={secret}"}
        path = f"/antrean/ambil/{service}/"
        status, _ = connection.ask("take", "POST", path, since=since, form=form, headers=headers)
        connection.done += status == 303

    return act


def call(job: dict[str, Any]) -> Act:
    """Call, start and finish one number after the other, each connection at its own counter."""
    desks: list[tuple[int, str]] = job["desks"]

    def act(connection: Connection, worker: int, turn: int, since: float) -> None:
        session, token = desks[worker]
        base = f"/api/v1/counter-sessions/{session}"
        known = {"Authorization": f"Bearer {token}"}
        key = {**known, "Idempotency-Key": uuid.uuid4().hex}
        status, _ = connection.ask("call", "POST", f"{base}/call-next/", since=since, headers=key)
        if status != 200:
            return
        for step in ("start", "finish"):
            status, _ = connection.ask(step, "POST", f"{base}/{step}/", since=time.monotonic(), headers=known)
        connection.done += status == 200

    return act


def get(job: dict[str, Any]) -> Act:
    """Read one address after the other as a browser does, compressed, and begin again at the end."""
    paths: list[str] = job["paths"]

    def act(connection: Connection, worker: int, turn: int, since: float) -> None:
        path = paths[(worker + turn * job["connections"]) % len(paths)]
        status, _ = connection.ask("get", "GET", path, since=since, headers={"Accept-Encoding": "gzip"})
        connection.done += status == 200

    return act


ACTS = {"issue": issue, "take": take, "call": call, "get": get}


def moments(job: dict[str, Any], worker: int, start: float) -> Iterator[float]:
    """Yield the moment at which each act of one connection is due, until the seconds are over."""
    end = start + job["seconds"]
    for turn in itertools.count():
        if job.get("rate") is None:
            due = time.monotonic()
        else:
            # A fixed timetable: a slow answer delays what comes after it, and that is counted.
            due = start + (turn * job["connections"] + worker) / job["rate"]
            time.sleep(max(0.0, due - time.monotonic()))
        if due >= end:
            return
        yield due


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job and return its figures."""
    act = ACTS[job["act"]](job)
    connections = [Connection(job) for _ in range(job["connections"])]
    gate = threading.Barrier(len(connections) + 1)

    def run(worker: int) -> None:
        gate.wait()
        for turn, due in enumerate(moments(job, worker, start[0])):
            act(connections[worker], worker, turn, due)

    threads = [threading.Thread(target=run, args=(worker,)) for worker in range(len(connections))]
    start = [0.0]
    for thread in threads:
        thread.start()
    start[0] = time.monotonic()
    gate.wait()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - start[0]
    milliseconds: dict[str, list[float]] = defaultdict(list)
    statuses: Counter[str] = Counter()
    for connection in connections:
        statuses += connection.statuses
        for name, values in connection.milliseconds.items():
            milliseconds[name] += values
    return {
        "seconds": seconds,
        "done": sum(connection.done for connection in connections),
        "milliseconds": milliseconds,
        "statuses": statuses,
    }


if __name__ == "__main__":
    json.dump(work(json.load(sys.stdin)), sys.stdout)

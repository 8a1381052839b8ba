"""Virtual people at the portal: they ask again with the same key, and note it all."""

from __future__ import annotations

import random
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.history import NO_ANSWER, History, Op

# Somebody at a phone gives up later than that; a fault that lasts longer fails its test.
PATIENCE_SECONDS = 60.0
ANSWER_SECONDS = 20.0
# Loopback only; httpx would read all certificates of the machine for each person.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TAKE = "/api/v1/tickets/"
AGAIN = {NO_ANSWER, 429, 500, 502, 503}


@dataclass(frozen=True)
class Desk:
    """An open counter and its officer's key to the API."""

    session: int
    token: str


class Person:
    """One who asks the API over a connection of their own."""

    def __init__(self, name: str, url: str, history: History, seed: int) -> None:
        self.name = name
        self.history = history
        self.random = random.Random(f"{seed}-{name}")
        self._client = httpx.Client(base_url=url, timeout=ANSWER_SECONDS, verify=NO_TLS)
        self._come_from_elsewhere()

    def ask(
        self,
        act: str,
        path: str,
        *,
        about: str,
        key: str = "",
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Op:
        """Send one request and note how it went."""
        sent = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        began = time.monotonic()
        status, content = self._answer(path, body, sent)
        op = Op(self.name, act, about, key, began, time.monotonic(), status, content)
        self.history.add(op)
        return op

    def _answer(self, path: str, body: object, headers: Mapping[str, str]) -> tuple[int, Any]:
        try:
            answer = self._client.post(path, json=body, headers=headers)
            return answer.status_code, answer.json() if answer.content else None
        except httpx.TransportError:
            return NO_ANSWER, None

    def insist(self, act: str, path: str, **request: Any) -> Op:
        """Ask with the same key until there is an answer other than "later"."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            op = self.ask(act, path, **request)
            if op.status not in AGAIN or time.monotonic() > end:
                return op
            time.sleep(self.random.uniform(0.05, 0.3))

    def take(self, service: str, **more: Any) -> Op:
        """Take a number, and insist."""
        return self.insist(
            "issue", TAKE, about=service, key=self.new_key(), body={"service": service, **more}
        )

    def new_key(self) -> str:
        """Return the key of a new wish, which is that of another visitor: the limits are for each address."""
        self._come_from_elsewhere()
        return uuid.UUID(int=self.random.getrandbits(128)).hex

    def _come_from_elsewhere(self) -> None:
        address = ".".join(str(self.random.randrange(1, 255)) for _ in range(4))
        self._client.headers["X-Forwarded-For"] = address

    def close(self) -> None:
        self._client.close()


class Officer(Person):
    """One who calls, starts and finishes at a desk."""

    def __init__(self, name: str, url: str, history: History, seed: int, desk: Desk) -> None:
        super().__init__(name, url, history, seed)
        self._base = f"/api/v1/counter-sessions/{desk.session}"
        self.next = f"{self._base}/call-next/"
        self.at_desk: dict[str, Any] = {
            "about": str(desk.session),
            "headers": {"Authorization": f"Bearer {desk.token}"},
        }

    def call(self) -> Op:
        """Call the next number, and insist; 204 when nobody waits."""
        return self.insist("call", self.next, key=self.new_key(), **self.at_desk)

    def step(self, name: str) -> Op:
        """Take a step that has no key: when its answer was lost, the second asking finds it done (409)."""
        return self.insist(name, f"{self._base}/{name}/", **self.at_desk)

    def serve_one(self) -> bool:
        """Call, start and finish one number; False when nobody waits."""
        if self.call().status != 200:
            return False
        self.finish_one()
        return True

    def finish_one(self) -> None:
        """Start and finish the number that has been called."""
        self.step("start")
        self.step("finish")


def together(work: Iterable[Callable[[], object]]) -> list[threading.Thread]:
    """Start every piece of work at the same moment, each in a thread of its own."""
    pieces = list(work)
    gate = threading.Barrier(len(pieces))

    def run(piece: Callable[[], object]) -> None:
        gate.wait()
        piece()

    threads = [threading.Thread(target=run, args=(piece,)) for piece in pieces]
    for thread in threads:
        thread.start()
    return threads


def wait_for(threads: Iterable[threading.Thread]) -> None:
    """Wait until all of them have ended."""
    for thread in threads:
        thread.join()

"""The embedded Redis: a unix socket in a private directory, no network."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from mpp.runtime.server import Server
from mpp.runtime.wheels import redis_program

DATABASES = 16


def further_database(url: str, steps: int) -> str:
    """Return the URL of the numbered database so many steps further on, round the sixteen of a server."""
    mark = "?db=" if url.startswith("unix:") else "/"
    found = re.fullmatch(rf"(?P<place>.*[^/]){re.escape(mark)}(?P<number>\d+)", url)
    place, number = (found["place"], int(found["number"])) if found else (url, 0)
    return f"{place}{mark}{(number + steps) % DATABASES}"


class Redis(Server):
    """Redis 6.2 of one instance. What matters is in PostgreSQL; this may be lost."""

    name: ClassVar[str] = "redis"
    title: ClassVar[str] = "Redis"
    variable: ClassVar[str] = "REDIS_URL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def url(self) -> str:
        """As redis-py writes it; Celery calls the same `redis+socket://…?virtual_host=0`."""
        return f"unix://{self.mark}?db=0"

    @property
    def mark(self) -> str:
        return str(self.places.sockets / "redis.sock")

    def command(self) -> Sequence[str]:
        options = {
            "port": "0",
            "unixsocket": self.mark,
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self._pidfile),
            "databases": str(DATABASES),
            "save": "300 1" if self.durable else "",
        }
        pairs = (part for name, value in options.items() for part in (f"--{name}", value))
        return [str(redis_program(self.places)), *pairs]

    def create(self) -> None:
        self._own(self.data)

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(self.mark)
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def noted_pid(self) -> int | None:
        try:
            return int(self._pidfile.read_text())
        except (FileNotFoundError, ValueError):
            return None

    @property
    def _pidfile(self) -> Path:
        return self.data / "redis.pid"

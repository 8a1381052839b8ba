"""The production layout as processes on loopback: those of docker-compose.yml, one at a time or all."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from bench import compose
from mpp.runtime import processes
from tests.faults.machine import Machine
from tests.support.server import free_port

ALL = ("web", "live", "worker", "beat")
START_SECONDS = 60.0
STOP: processes.Escalation = ((signal.SIGTERM, 8.0),)


class Portal:
    """The processes of one portal, over the machine's database and Redis."""

    def __init__(self, machine: Machine, scratch: Path) -> None:
        self.machine = machine
        self.scratch = scratch
        self._web, self._live = free_port(), free_port()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """Where pages and API are."""
        return f"http://127.0.0.1:{self._web}"

    @property
    def live_url(self) -> str:
        """Where streams are."""
        return f"http://127.0.0.1:{self._live}"

    def start(self, *names: str, **environment: str) -> None:
        """Start these processes of the layout, and wait until pages and streams answer."""
        for name in names:
            command = compose.local_command(name, web=self._web, live=self._live, scratch=self.scratch)
            with processes.open_log(self.scratch / f"{name}.log") as log:
                self._running[name] = processes.start(
                    command, output=log, environment=self._environment(environment), directory=compose.ROOT
                )
        for name, url in (("web", self.url), ("live", self.live_url)):
            if name in names:
                self._wait_for(name, url)

    def stop(self, *names: str) -> None:
        """End these processes in order; all of them when none is named."""
        ending = [self._running.pop(name) for name in names or tuple(self._running)]
        processes.stop([(process, STOP) for process in ending])

    def kill(self, name: str) -> None:
        """kill -9 of one process and all that it started."""
        processes.kill_session(self._running.pop(name))

    def pid(self, name: str) -> int:
        """The number of a running process."""
        return self._running[name].pid

    def said(self, name: str) -> str:
        """The end of what a process has logged."""
        return processes.last_lines(self.scratch / f"{name}.log", 30)

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": self.machine.database_url,
            "REDIS_URL": self.machine.redis_url,
            "PYTHONWARNINGS": "ignore",
            **more,
        }

    def _wait_for(self, name: str, url: str) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            if self._running[name].poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} did not start:\n{self.said(name)}")
            try:
                if httpx.get(f"{url}/healthz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)

"""The two ways to run the portal: `make run`'s one web process, and pages apart from streams."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import compose
from mpp.runtime import portal, processes
from mpp.runtime.places import Places
from tests.support.server import free_port

START_SECONDS = 60.0
STOP: processes.Escalation = ((signal.SIGTERM, 8.0),)

ONE_PROCESS = "make run"
APART = "production"


@dataclass
class Portal:
    """A running layout: where pages and streams are, and its processes by name."""

    layout: str
    pages: str
    live: str
    processes: dict[str, subprocess.Popen[bytes]]
    start: Callable[[str], None]

    @property
    def streaming(self) -> subprocess.Popen[bytes]:
        """The process that holds the streams."""
        return self.processes.get("live") or self.processes["web"]

    def restart(self, name: str) -> float:
        """Kill one process as a power cut would and start it again; return when it had answered."""
        processes.kill_session(self.processes[name])
        self.start(name)
        return time.monotonic()


def commands(layout: str, places: Places, web: int, live: int, scratch: Path) -> dict[str, list[str]]:
    """Return the layout's own commands: those of mpp.runtime, or those of docker-compose.yml."""
    if layout == APART:
        names = ("web", "live", "worker", "beat")
        return {name: compose.local_command(name, web=web, live=live, scratch=scratch) for name in names}
    schedule = str(places.run / "beat-schedule")
    children = portal.stages(places, [], {}, web)[-1]
    own = {schedule: str(scratch / "beat-schedule")}
    return {child.name: [own.get(word, word) for word in child.command] for child in children}


@contextmanager
def running(layout: str, places: Places, scratch: Path, **environment: str) -> Iterator[Portal]:
    """Run one layout, with worker and beat, until the block ends."""
    web, live = free_port(), free_port()
    started: dict[str, subprocess.Popen[bytes]] = {}
    with ExitStack() as stack:
        stack.callback(lambda: processes.stop([(process, STOP) for process in started.values()]))
        each = commands(layout, places, web, live, scratch)
        if layout == ONE_PROCESS:
            live = web
        ports = {"web": web, "live": live}

        def start(*names: str) -> None:
            for name in names:
                with processes.open_log(scratch / f"{name}.log") as log:
                    started[name] = processes.start(
                        each[name],
                        output=log,
                        environment={**os.environ, **environment},
                        directory=compose.ROOT,
                    )
            for name in ports.keys() & set(names):
                _wait_for(ports[name], started, scratch)

        start(*each)
        yield Portal(layout, f"http://127.0.0.1:{web}", f"http://127.0.0.1:{live}", started, start)


def _wait_for(port: int, started: dict[str, subprocess.Popen[bytes]], scratch: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        for name, process in started.items():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} did not start:\n{processes.last_lines(scratch / f'{name}.log')}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()

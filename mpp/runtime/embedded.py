"""The pair of servers for a command or a test run: use the running one, or start and later stop one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mpp.runtime import processes
from mpp.runtime.environment import given, local_defaults
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.locks import FileLock
from mpp.runtime.places import Places, locate, prepare_for_servers
from mpp.runtime.postgres import Postgres
from mpp.runtime.redis import Redis
from mpp.runtime.server import ENVIRONMENT, Server

START_SECONDS = 30.0
STOP: processes.Escalation = ((signal.SIGQUIT, 2.0),)


@dataclass(frozen=True)
class Embedded:
    """What `ensure` found or made."""

    places: Places
    started: tuple[str, ...]


def servers(places: Places, *, durable: bool = True) -> list[Server]:
    """The servers this machine must bring itself: those whose address nobody has given."""
    pair: list[Server] = [Postgres(places, durable=durable), Redis(places, durable=durable)]
    return [server for server in pair if not given(server.variable, checkout=places.checkout)]


@contextmanager
def ensure(instance: str = "", *, durable: bool = True, places: Places | None = None) -> Iterator[Embedded]:
    """Make PostgreSQL and Redis available and name them in DATABASE_URL and REDIS_URL.

    What is given stays untouched; what runs already is used; what is started here is stopped here, once no
    other command uses it. `instance="test", durable=False` is a pair of its own that forgets on a power cut.
    Call it from the main thread, before Django's settings are read.
    Raises RuntimeTrouble with a text for the person at the terminal.
    """
    places = places or locate(instance)
    wanted = servers(places, durable=durable)
    if not wanted:
        yield Embedded(places, ())
        return
    prepare_for_servers(places)
    with ExitStack() as stack:
        started = [server.name for server in wanted if stack.enter_context(available(server))]
        additions = {server.variable: server.url for server in wanted}
        if Postgres.variable in additions:
            additions |= local_defaults(places)
        stack.enter_context(_environment(additions))
        yield Embedded(places, tuple(started))


@contextmanager
def available(server: Server) -> Iterator[bool]:
    """Have the server run; the value says whether it was started here."""
    run_file = server.places.run_file
    with (
        FileLock(run_file(f"{server.name}.lock")) as owner,
        FileLock(run_file(f"{server.name}.users")) as users,
    ):
        # Held while we use it: whoever started the server waits for this before stopping it.
        users.take(shared=True, wait=True)
        if _found_running(server, owner):
            yield False
            return
        process = _started(server)
        try:
            owner.write_note(pid=os.getpid())
            try:
                yield True
            finally:
                _wait_for_the_others(server, users)
        finally:
            processes.stop([(process, ((server.stop_signal, 10.0), *STOP))])


def _found_running(server: Server, owner: FileLock) -> bool:
    """True when another process runs the server; False once we hold its lock and must start it ourselves."""
    deadline = time.monotonic() + START_SECONDS
    while not owner.take():
        if server.is_ready():
            return True
        if time.monotonic() > deadline:
            holder = owner.read_note().get("pid", "?")
            raise RuntimeTrouble(
                f"{server.title} milik proses {holder} tidak menjawab. Hentikan proses itu dulu."
            )
        time.sleep(0.05)
    return False


def _started(server: Server) -> subprocess.Popen[bytes]:
    log = server.places.log / f"{server.places.run_file(server.name).name}.log"
    try:
        return _start(server, log)
    except RuntimeTrouble:
        if server.durable:
            raise
        # A test's data that a power cut spoiled holds nothing worth keeping.
        shutil.rmtree(server.data, ignore_errors=True)
        return _start(server, log)


def _start(server: Server, log: Path) -> subprocess.Popen[bytes]:
    server.make_ready_to_start()
    with processes.open_log(log) as output:
        process = processes.start(
            server.command(),
            output=output,
            account=server.places.account,
            environment=ENVIRONMENT,
            last_signal=server.stop_signal,
        )
    processes.wait_until(lambda: process.poll() is not None or server.is_ready(), START_SECONDS)
    if process.poll() is None and server.is_ready():
        return process
    processes.stop([(process, STOP)])
    raise RuntimeTrouble(
        f"{server.title} tidak mau berjalan. Catatannya ({log}):\n{processes.last_lines(log)}"
    )


def _wait_for_the_others(server: Server, users: FileLock) -> None:
    if not users.take():
        print(
            f"Menunggu perintah lain selesai memakai {server.title}… (Ctrl-C: jangan tunggu)", file=sys.stderr
        )
        users.take(wait=True)


@contextmanager
def _environment(additions: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in additions}
    os.environ.update(additions)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

"""The database and the Redis of the faults: real ones, which can be killed, frozen and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen

import psutil
import psycopg
import redis

from mpp.runtime import processes
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.locks import FileLock
from mpp.runtime.places import Places, locate, prepare_for_servers
from mpp.runtime.postgres import Postgres
from mpp.runtime.redis import Redis
from mpp.runtime.server import ENVIRONMENT, Server

INSTANCE = "faults"
DATABASE = "mpp_faults"
TEMPLATE = "mpp_faults_template"
START_SECONDS = 30.0


class Victim:
    """One server; a fault leaves it dead or frozen, `start` and `thaw` make it well."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._process: Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; after a kill it may take several tries."""
        end = time.monotonic() + START_SECONDS
        while not self._try_to_start():
            if time.monotonic() > end:
                raise RuntimeTrouble(f"{self.server.title} tidak mau berjalan lagi.")

    def _try_to_start(self) -> bool:
        self.server.make_ready_to_start()
        log = self.server.places.log / f"{INSTANCE}-{self.server.name}.log"
        with processes.open_log(log) as output:
            process = processes.start(
                self.server.command(),
                output=output,
                account=self.server.places.account,
                environment=ENVIRONMENT,
                last_signal=self.server.stop_signal,
            )
        processes.wait_until(lambda: process.poll() is not None or self.server.is_ready(), START_SECONDS)
        self._process = process
        return process.poll() is None

    @property
    def pid(self) -> int:
        """The process number of the running server."""
        if self._process is None:
            raise RuntimeTrouble(f"{self.server.title} tidak berjalan.")
        return self._process.pid

    def kill(self) -> None:
        """kill -9 of the server itself, whatever it is doing."""
        os.kill(self.pid, signal.SIGKILL)
        if self._process:
            self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self._process and self._process.poll() is None:
            processes.stop([(self._process, ((self.server.stop_signal, 10.0), (signal.SIGQUIT, 5.0)))])

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Connections are refused inside the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self, *, alone: bool = False) -> Iterator[None]:
        """It hangs inside the block: all its processes, or `alone` the one that takes connections."""
        master = psutil.Process(self.pid)
        # The master first: it must not start others meanwhile.
        master.suspend()
        others = [] if alone else master.children(recursive=True)
        for each in others:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.suspend()
        try:
            yield
        finally:
            for each in [*others, master]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.resume()


class Machine:
    """A durable PostgreSQL (fsync on) and a Redis of their own."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.postgres = Victim(Postgres(places))
        self.redis = Victim(Redis(places))

    @property
    def database_url(self) -> str:
        """Where the portal under fault keeps its data."""
        return self.address_of(DATABASE)

    @property
    def redis_url(self) -> str:
        return self.redis.server.url

    def address_of(self, database: str) -> str:
        """Return the URL of one database of the server."""
        return self.postgres.server.url.replace("@/mpp?", f"@/{database}?")

    def new_database(self, name: str, template: str = "template1") -> None:
        """Make the database anew from a template."""
        with psycopg.connect(self.address_of("postgres"), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def forget_redis(self) -> None:
        """FLUSHALL."""
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()

    def settings_of_safety(self) -> dict[str, str]:
        """Return what PostgreSQL says about keeping what it has acknowledged."""
        names = ("fsync", "synchronous_commit", "full_page_writes")
        with psycopg.connect(self.database_url) as connection:
            rows = {name: connection.execute(f"SHOW {name}").fetchone() for name in names}
        return {name: str(row[0]) for name, row in rows.items() if row}


@contextmanager
def running() -> Iterator[Machine]:
    """Run both until the block ends; one such machine at a time in a checkout."""
    places = locate(INSTANCE)
    prepare_for_servers(places)
    with FileLock(places.run_file("lock")) as lock:
        if not lock.take():
            raise RuntimeTrouble("`make faults` sudah berjalan di folder ini.")
        machine = Machine(places)
        try:
            machine.postgres.start()
            machine.redis.start()
            yield machine
        finally:
            machine.redis.stop()
            machine.postgres.stop()

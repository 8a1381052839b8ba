"""The embedded PostgreSQL 18: a unix socket in a private directory, no network."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from mpp.runtime import processes
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.server import ENVIRONMENT, Server
from mpp.runtime.wheels import postgres_programs

MAJOR = "18"
ROLE = DATABASE = "mpp"
PORT = "5432"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "synchronous_commit": "on",
}
# A test's data is made anew when it breaks, so it need not reach the disk.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Server):
    """PostgreSQL of one instance, with the database `mpp` owned by the role `mpp`."""

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    variable: ClassVar[str] = "DATABASE_URL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": end the sessions, then a checkpoint

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@/{DATABASE}?host={self.places.sockets}&port={PORT}"

    @property
    def mark(self) -> str:
        return str(self.data)

    def command(self) -> Sequence[str]:
        settings = {**SETTINGS, "unix_socket_directories": str(self.places.sockets)}
        if not self.durable:
            settings.update(FORGETFUL)
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self._program("postgres"), "-D", str(self.data), "-p", PORT, *options]

    def create(self) -> None:
        """Make the cluster under another name first, so that an interrupted start leaves no half of one."""
        half = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(half, ignore_errors=True)
        self._own(half)
        # trust: only the account and root can reach the socket.
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8"] + ([] if self.durable else ["--no-sync"])
        self.run_once([self._program("initdb"), "-D", str(half), "-U", ROLE, *options])
        self.run_once(
            [self._program("postgres"), "--single", "-j", "-D", str(half), "postgres"],
            given=f"CREATE DATABASE {DATABASE};\n",
        )
        half.rename(self.data)

    def make_ready_to_start(self) -> None:
        super().make_ready_to_start()
        major = (self.data / "PG_VERSION").read_text().strip()
        if major != MAJOR:
            raise RuntimeTrouble(f"{self.data} berasal dari PostgreSQL {major}; portal ini memakai {MAJOR}.")
        for noted in (self.data / "postmaster.pid", self.places.sockets / f".s.PGSQL.{PORT}.lock"):
            # After a reboot the noted number may be a stranger's, and the server would not start. The file of
            # a dead server stays: with it PostgreSQL sees that none of its old sessions is still writing.
            if processes.is_stranger(_first_number(noted), self.mark):
                noted.unlink()

    def is_ready(self) -> bool:
        if not self.data.exists():
            return False
        asked = [self._program("pg_isready"), "-q", "-h", str(self.places.sockets), "-p", PORT, "-t", "2"]
        return subprocess.run(asked, check=False, env=ENVIRONMENT, start_new_session=True).returncode == 0

    def noted_pid(self) -> int | None:
        return _first_number(self.data / "postmaster.pid")

    def _program(self, name: str) -> str:
        return str(Path(postgres_programs(self.places), name))


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return None

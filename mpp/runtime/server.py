"""What PostgreSQL and Redis have in common when the portal starts them itself."""

from __future__ import annotations

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from mpp.runtime import processes
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import Places

# Nothing of the caller's environment: PGPORT, PGDATA or a missing language would change the server.
ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class Server(ABC):
    """A server of one instance: its data, its command, its address. `durable=False` is for tests."""

    name: ClassVar[str]
    title: ClassVar[str]
    variable: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        self.places = places
        self.durable = durable

    @property
    def data(self) -> Path:
        return self.places.data(self.name)

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for DATABASE_URL or REDIS_URL; the same for every start of the instance."""

    @property
    @abstractmethod
    def mark(self) -> str:
        """What its command line alone carries, to tell it from a stranger with the same process number."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The command that serves in the foreground."""

    @abstractmethod
    def create(self) -> None:
        """Make the data directory of a first start."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server answers."""

    @abstractmethod
    def noted_pid(self) -> int | None:
        """The process number that an earlier run noted, if any."""

    def make_ready_to_start(self) -> None:
        """Clear what a killed run left and create the data. Only the holder of the instance may call this."""
        pid = self.noted_pid()
        if pid:
            processes.end_leftover(pid, self.mark, self.stop_signal)
        if not self.data.exists():
            self.create()

    def run_once(self, command: Sequence[str], *, given: str = "") -> None:
        """Run one of the server's own programs under its account.

        Raises RuntimeTrouble with the program's last words when it fails.
        """
        try:
            subprocess.run(
                command,
                check=True,
                input=given,
                capture_output=True,
                text=True,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
                **processes.identity(self.places.account),
            )
        except subprocess.CalledProcessError as error:
            raise RuntimeTrouble(
                f"{self.title} tidak dapat disiapkan: {error}\n{error.stderr.strip()}"
            ) from error
        except OSError as error:
            raise RuntimeTrouble(f"{self.title} tidak dapat disiapkan: {error}") from error

    def _own(self, path: Path) -> None:
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(path, self.places.account.uid, self.places.account.gid)

"""Locks between processes: kernel file locks, which end with their holder however it ends."""

from __future__ import annotations

import fcntl
import json
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mpp.runtime.errors import RuntimeTrouble


class FileLock:
    """One process's hold on a lock file; the file may carry a note about the holder."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("a+", encoding="utf-8")
        except PermissionError as error:
            raise RuntimeTrouble(f"{path} milik akun lain. Jalankan sebagai pemiliknya.") from error

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Take the lock alone, or together with others; False when it is taken and we do not wait."""
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._file, mode if wait else mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def write_note(self, **note: Any) -> None:
        self._file.truncate(0)
        self._file.write(json.dumps(note))
        self._file.flush()

    def read_note(self) -> dict[str, Any]:
        """The holder's note; empty when it has not written one within half a second."""
        for _ in range(5):
            self._file.seek(0)
            try:
                note = json.loads(self._file.read())
            except ValueError:
                time.sleep(0.1)
                continue
            if isinstance(note, dict):
                return note
        return {}

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

"""Starting a process so that it cannot outlive its parent, and ending one for certain."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TypedDict

from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import Account

PR_SET_PDEATHSIG = 1
STEP = 0.02
LOG_KEPT = 5_000_000
# Loaded before any fork: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None)

Escalation = Sequence[tuple[signal.Signals, float]]


def start(
    command: Sequence[str],
    *,
    output: BinaryIO,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path = Path("/"),
    last_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own; when its parent dies it gets `last_signal`.

    Call it from the main thread: the kernel takes the end of the starting thread for the parent's death.
    Raises RuntimeTrouble when the program cannot be run.
    """
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=environment,
            # A Ctrl-C in the terminal reaches the supervisor only, which stops the others in order.
            start_new_session=True,
            preexec_fn=_die_with_parent(last_signal),  # noqa: PLW1509  one thread, and nothing but prctl
            **identity(account),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RuntimeTrouble(f"{command[0]} tidak dapat dijalankan: {error}") from error


class Identity(TypedDict, total=False):
    """The arguments of subprocess that name the account."""

    user: int
    group: int
    extra_groups: list[int]


def identity(account: Account | None) -> Identity:
    """The arguments of subprocess that make root's child run under the account; none for anybody else."""
    if account is None or os.geteuid() != 0:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def stop(running: Sequence[tuple[subprocess.Popen[bytes], Escalation]]) -> None:
    """End processes together: to each its first signal, wait, its next, at last SIGKILL to its session."""
    for turn in range(max((len(escalation) for _, escalation in running), default=0)):
        asked = [(process, steps[turn]) for process, steps in running if turn < len(steps)]
        for process, (signum, _) in asked:
            process.send_signal(signum)
        wait_until(
            lambda: all(process.poll() is not None for process, _ in running), max(s for _, (_, s) in asked)
        )
    for process, _ in running:
        kill_session(process)


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started in its own session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_leftover(pid: int, mark: str, signum: signal.Signals) -> None:
    """End the process when its command line carries `mark`; a number taken over by another is let be."""
    with contextlib.suppress(ProcessLookupError):
        for attempt in (signum, signal.SIGKILL):
            if not carries(pid, mark):
                return
            os.kill(pid, attempt)
            wait_until(lambda: not carries(pid, mark), 5)


def carries(pid: int, mark: str) -> bool:
    """Whether the process lives and its command line carries the mark."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(mark) in command


def is_stranger(pid: int | None, mark: str) -> bool:
    """Whether a living process has this number and does not carry the mark."""
    return pid is not None and Path(f"/proc/{pid}").exists() and not carries(pid, mark)


def open_log(path: Path) -> BinaryIO:
    """Open a log to append to; one that has grown large becomes the single older one."""
    if path.exists() and path.stat().st_size > LOG_KEPT:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def last_lines(path: Path, count: int = 12) -> str:
    """The end of a log, indented for the terminal."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    return "\n".join(f"  {line}" for line in lines) or "  (kosong)"


def wait_until(reached: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is so; False when the seconds run out."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP)
    return True


def _die_with_parent(signum: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def bind() -> None:
        # Set after the change of account, which clears it: a kill -9 of the supervisor leaves nobody.
        _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind

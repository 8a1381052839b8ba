"""Client processes of the bench, which take one job as a line of JSON; and words for who waits."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from bench import compose


@contextmanager
def client(module: str, job: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """Run a client process on one job."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=compose.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        into(process).write(json.dumps(job) + "\n")
        into(process).flush()
        yield process
        if process.wait(30):
            raise RuntimeError(f"{module} ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()


def into(process: subprocess.Popen[str]) -> IO[str]:
    """Return what the process reads from."""
    if process.stdin is None:
        raise RuntimeError("no pipe")
    return process.stdin


def out(process: subprocess.Popen[str]) -> IO[str]:
    """Return what the process writes to."""
    if process.stdout is None:
        raise RuntimeError("no pipe")
    return process.stdout


def say(text: str) -> None:
    """Tell the person who waits where we are."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

"""Taking the bench's Redis away: hung, then stopped, then there again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from mpp.runtime import processes
from mpp.runtime.places import Places
from mpp.runtime.redis import Redis
from mpp.runtime.server import ENVIRONMENT

WAIT_SECONDS = 10.0


@contextmanager
def hung(places: Places) -> Iterator[None]:
    """Redis takes connections and never answers."""
    pid = _pid(Redis(places))
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def stopped(places: Places) -> Iterator[None]:
    """Redis refuses connections; it runs again when the block ends."""
    redis = Redis(places)
    os.kill(_pid(redis), signal.SIGTERM)
    processes.wait_until(lambda: not redis.is_ready(), WAIT_SECONDS)
    try:
        yield
    finally:
        redis.make_ready_to_start()
        with processes.open_log(places.log / "bench-redis.log") as log:
            # Ends with this process, as the one that it replaces.
            processes.start(
                redis.command(),
                output=log,
                account=places.account,
                environment=ENVIRONMENT,
                last_signal=signal.SIGTERM,
            )
        processes.wait_until(redis.is_ready, WAIT_SECONDS)


def _pid(redis: Redis) -> int:
    pid = redis.noted_pid()
    if pid is None:
        raise RuntimeError("the bench's Redis left no process number")
    return pid

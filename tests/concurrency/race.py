"""Run one thing many times at once, each thread with its own database connection."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

Result = TypeVar("Result")


def at_once(count: int, work: Callable[[int], Result], *, threads: int = 16) -> list[Result | Exception]:
    """Call `work(0..count-1)` from `threads` threads that start together; exceptions are results."""
    threads = min(threads, count)
    gate = threading.Barrier(threads)
    results: dict[int, Result | Exception] = {}
    indices = itertools.count()

    def run() -> None:
        with timezone.override("Asia/Makassar"):
            gate.wait(timeout=30)
            try:
                while (index := next(indices)) < count:
                    results[index] = _outcome(work, index)
            finally:
                connection.close()

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [results[index] for index in range(count)]


def _outcome(work: Callable[[int], Result], index: int) -> Result | Exception:
    try:
        return work(index)
    except Exception as error:  # the test looks at it
        return error


def without_lock(rows: QuerySet[Any]) -> list[Any]:
    """What locks.hold would be without its lock; the pause stands for a busy server."""
    found = list(rows.order_by("pk"))
    time.sleep(0.002)
    return found

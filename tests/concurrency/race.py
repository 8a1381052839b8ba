"""Run one thing many times at once, each thread with its own database connection."""

from __future__ import annotations

import contextvars
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
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


def start_elsewhere(work: Callable[[], object]) -> Future[None]:
    """Let another process begin `work`: a thread with a connection of its own, at the same moment."""
    context = contextvars.copy_context()

    def run() -> None:
        try:
            context.run(work)
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    future = pool.submit(run)
    pool.shutdown(wait=False)
    return future


# Other processes test other databases of the same server. Who waits for a row holds the lock of its table,
# which names the database; pg_stat_activity would not do, since a transaction sees it as it first was.
WAITING_HERE = """
SELECT 1 FROM pg_locks waiting JOIN pg_locks held USING (pid)
JOIN pg_database here ON here.oid = held.database
WHERE NOT waiting.granted AND here.datname = current_database()
"""


def until_done_or_waiting(*others: Future[None]) -> None:
    """Return when all of these are done, or somebody waits for a lock; at the latest after three seconds."""
    with connection.cursor() as cursor:
        for _look in range(300):
            cursor.execute(WAITING_HERE)
            if cursor.fetchone() or (others and all(other.done() for other in others)):
                return
            time.sleep(0.01)


def before(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, work: Callable[[], object]) -> None:
    """Let another process do `work` just before the next call of `owner.name`, once."""
    act = getattr(owner, name)

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(owner, name, act)
        start_elsewhere(work).result()
        return act(*args, **kwargs)

    monkeypatch.setattr(owner, name, interrupted)

"""Which state of the configuration is in force, and what a process remembers for it.

Whether a number may be taken follows from tables that change a few times a day. Reading them before
every number would cost more than the number. So each of these tables carries a trigger that puts a
fresh random value into the one row of `core_revision`; a process asks for the clock and this value
in one query, and remembers what it worked out for the value.

Nothing here expires. A change and its value are committed together, so every process sees both with
its next request. A value never comes twice: a change that is rolled back takes its value along, and
what a transaction sees of its own uncommitted change has a value that nobody else sees.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Generic, TypeVar

import pgtrigger

from mpp.core import clock, planned

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

READ = "SELECT clock_timestamp(), (SELECT value::text FROM core_revision WHERE id = 1)"
# One row: two changes at once follow each other, so the later value stands for both.
BUMP = """
    INSERT INTO core_revision (id, value) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET value = excluded.value;
    RETURN NULL;
"""
# A configuration that changes while it is being read is read again, but not for ever.
TRIES = 3


@dataclass(frozen=True)
class Instant:
    """One moment by the database's clock (aware UTC), with the configuration in force then.

    `revision` is None when the database has none: then nothing is remembered.
    """

    at: datetime
    revision: str | None

    @property
    def day(self) -> date:
        """Return the mall's local date."""
        return clock.local(self.at).date()


_held: ContextVar[Instant | None] = ContextVar("held", default=None)
_entry: ContextVar[Instant | None] = ContextVar("entry", default=None)


def read() -> Instant:
    """Return the moment and the revision: exactly one query. A frozen clock stays frozen."""
    return _held.get() or _ask()


def _ask() -> Instant:
    [(moment, revision)] = planned.ask(READ)
    return Instant(clock.frozen_at() or moment, revision)


@contextlib.contextmanager
def entered() -> Iterator[Instant]:
    """Note the moment at which a request comes in, for `at_entry` inside the block."""
    instant = _ask()
    mark = _entry.set(instant)
    try:
        yield instant
    finally:
        _entry.reset(mark)


def at_entry() -> Instant:
    """Return the moment at which the request came in: no query; outside a request, as `read`.

    For what may be judged by that moment, as if the request had been answered at once. What is written
    carries the time at which it is written.
    """
    return of_request() or _ask()


def of_request() -> Instant | None:
    """Return the moment of the request that is being answered; None outside one. Never a query."""
    return _held.get() or _entry.get()


@contextlib.contextmanager
def steady(instant: Instant | None = None) -> Iterator[Instant]:
    """Hold the clock and the configuration inside the block: for a page that only reads.

    All of it shows one moment, which is `instant` or asked for once. What is changed inside is not seen
    inside.
    """
    instant = instant or _ask()
    mark = _held.set(instant)
    try:
        with clock.frozen(instant.at):
            yield instant
    finally:
        _held.reset(mark)


def bump_trigger() -> pgtrigger.Trigger:
    """Return the trigger for `Meta.triggers` of a table on which remembered answers depend."""
    return pgtrigger.Trigger(
        name="bump_revision",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
        func=BUMP,
    )


class Memory(Generic[Key, Value]):
    """What this process has worked out, by revision and key: the few values used last.

    `work_out(key)` reads only tables that carry the trigger, and `key` says all else it depends on,
    such as the date. What it returns is shared by all threads: nobody may change it.
    """

    def __init__(self, work_out: Callable[[Key], Value], *, most: int = 4) -> None:
        self._work_out = work_out
        self._most = most
        self._values: OrderedDict[tuple[str, Key], Value] = OrderedDict()
        self._lock = Lock()

    def get(self, revision: str | None, key: Key) -> Value:
        """Return the value of `key` for the configuration `revision`, which was just read."""
        with self._lock:
            if revision is not None and (revision, key) in self._values:
                self._values.move_to_end((revision, key))
                return self._values[revision, key]
        # Outside the lock: a thread that waits for the database must not hold up the others.
        for _try in range(TRIES):
            value = self._work_out(key)
            after = _ask().revision
            if after == revision:
                break
            revision = after
        else:
            return value
        if revision is not None:
            self._keep(revision, key, value)
        return value

    def _keep(self, revision: str, key: Key, value: Value) -> None:
        with self._lock:
            self._values[revision, key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)

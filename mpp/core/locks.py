"""Row locks: once per transaction, sorted, with a time limit. The protocol: docs/queue-protocol.md."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TypeVar

from django.db import OperationalError, models, transaction
from django.utils.translation import gettext_lazy as _

from mpp.core.errors import Refusal

Row = TypeVar("Row", bound=models.Model)


class Busy(Refusal):
    """Another transaction kept the row for too long (503: try again)."""

    def __init__(self) -> None:
        super().__init__("busy", _("Sistem sedang sibuk. Tunggu sebentar, lalu coba lagi."), status=503)


class LockProtocolError(RuntimeError):
    """Locks were asked for outside `locks.transaction()`, or twice in one: the way to a deadlock."""


_held: ContextVar[list[str] | None] = ContextVar("held", default=None)


@contextlib.contextmanager
def transaction_of_one_act() -> Iterator[None]:
    """Open the transaction of one act: durable, so that its locks end with it.

    The database's lock_timeout (settings) limits every wait to three seconds; it comes out as `Busy`. In a
    crowd others may be served first, one wait after the other: then statement_timeout ends `hold`.
    """
    mark = _held.set([])
    try:
        with transaction.atomic(durable=True):
            yield
    except OperationalError as error:
        if "lock timeout" in str(error) or "deadlock detected" in str(error):
            raise Busy from error
        raise
    finally:
        _held.reset(mark)


def hold(rows: models.QuerySet[Row]) -> list[Row]:
    """Lock these rows until the act ends, in key order, and return them as they are under the lock.

    `FOR NO KEY UPDATE`: inserting rows that point here is not blocked. Sorting makes a deadlock
    impossible; a second call in the same act would undo that and raises `LockProtocolError`.
    """
    held = _held.get()
    name = rows.model.__name__
    if held is None:
        raise LockProtocolError("locks.hold() needs locks.transaction_of_one_act()")
    if held:
        raise LockProtocolError(f"second locks.hold() in one act: {held[0]}, then {name}")
    held.append(name)
    try:
        return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    except OperationalError as error:
        # Elsewhere a statement that takes so long is a fault of ours; here it has only waited.
        if "statement timeout" in str(error):
            raise Busy from error
        raise

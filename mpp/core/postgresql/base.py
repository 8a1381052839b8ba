"""A database that hangs costs nobody more than five seconds (trust.md R-02).

libpq limits how long connecting may take and the server limits a statement, but nobody limits the wait
for a server that has stopped with the connection open: threads would wait until none is left.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import psycopg
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.utils import CursorWrapper
from psycopg import IsolationLevel

logger = logging.getLogger(__name__)

# A server that is well answers in a millisecond.
CHECK_SECONDS = 1.0
BREAK_SECONDS = 2.0
# Who answered so lately is not asked first whether it answers: a busy hall would ask each second time.
FRESH_SECONDS = 1.0


class Away:
    """Whether the server has just left somebody of this process waiting; the others then do not wait too."""

    def __init__(self) -> None:
        self._until: float | None = None

    def refuse(self) -> None:
        """Raise OperationalError during a break; after it let one pass, who tries for the others."""
        if self._until is None:
            return
        if time.monotonic() < self._until:
            raise psycopg.OperationalError("PostgreSQL has just not answered")
        self._until = time.monotonic() + BREAK_SECONDS

    def begin(self) -> None:
        """Note that the server did not answer."""
        self._until = time.monotonic() + BREAK_SECONDS
        logger.warning("PostgreSQL does not answer; not asked again for %d s", BREAK_SECONDS)

    def end(self) -> None:
        """Note that the server answers."""
        self._until = None


# Of the whole process: each thread has a connection of its own.
away = Away()


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is given up when its server says nothing for `patience` seconds (None: never)."""

    patience: float | None = None
    answered_at = float("-inf")
    # A single connection may be dead behind a firewall: that is no reason to spare others the asking.
    is_being_checked = False

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        patience = CHECK_SECONDS if self.is_being_checked else self.patience
        began = time.monotonic()
        try:
            answer = super().wait(gen, interval, patience if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if patience is None or time.monotonic() - began < patience:
                raise
            # Nobody knows any more what the server is doing with the last statement.
            self.pgconn.finish()
            if not self.is_being_checked:
                away.begin()
            raise psycopg.OperationalError("PostgreSQL does not answer") from error
        self.answered_at = time.monotonic()
        return answer


class DatabaseWrapper(PostgreSQL):
    """Django's own, with `patience` (seconds) among the OPTIONS."""

    def planned_cursor(self) -> CursorWrapper:
        """Return a cursor for statements of our own that are sent again and again (mpp.core.planned).

        Where statements are noted down it is a usual one, for only that knows them with their values.
        """
        if self.queries_logged:
            return self.cursor()
        self.close_if_health_check_failed()
        self.ensure_connection()
        own: Any = self
        with self.wrap_database_errors:
            cursor: CursorWrapper = own._prepare_cursor(psycopg.Cursor(own.connection))
        return cursor

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("patience", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        away.refuse()
        self.isolation_level = IsolationLevel.READ_COMMITTED
        try:
            connection = PatientConnection.connect(**conn_params)
        except psycopg.errors.ConnectionTimeout:
            away.begin()
            raise
        away.end()
        connection.patience = self.settings_dict["OPTIONS"].get("patience")
        # Of a planned cursor at the first time; Django's own cursors never do.
        connection.prepare_threshold = 0
        return connection

    def close_if_health_check_failed(self) -> None:
        if self._has_just_answered():
            self.health_check_done = True
        super().close_if_health_check_failed()

    def _has_just_answered(self) -> bool:
        connection = self.connection
        if connection is None or connection.closed:
            return False
        return bool(time.monotonic() - connection.answered_at < FRESH_SECONDS)

    def is_usable(self) -> bool:
        connection = self.connection
        if connection is None:
            return False
        connection.is_being_checked = True
        try:
            return bool(super().is_usable())
        finally:
            connection.is_being_checked = False

"""Statements of our own that are sent hundreds of times a second: the database plans each one only once.

Django sends the values inside the statement, so each is a new one to the server, which takes longer to plan
it than to answer it. A statement that is asked here is prepared by the connection that asks it first, for as
long as that connection lives (docs/decisions/0013-planned-once.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db import connection
from django.db.backends.utils import CursorWrapper

from mpp.core.postgresql.base import DatabaseWrapper

Row = tuple[Any, ...]


def ask(statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
    """Send `statement` with its values and return its rows.

    Raises `django.db.Error` as a cursor of Django does.
    """
    with cursor() as asking:
        asking.execute(statement, values or None)
        rows: list[Row] = asking.fetchall()
    return rows


def cursor() -> CursorWrapper:
    """Return a cursor of the thread's connection that sends such statements."""
    return cast(DatabaseWrapper, connection).planned_cursor()

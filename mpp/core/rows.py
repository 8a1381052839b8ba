"""Models read by a statement of our own, where a page is asked for hundreds of times a second.

Django works out the statement of a query anew for each page, which takes longer than the database needs to
answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def columns(model: type[Model], table: str) -> str:
    """Return the columns of `model` in the order of `model_of`, of what the statement calls `table`."""
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)


def model_of(model: type[Row], values: Sequence[Any]) -> Row:
    """Return the row of `model` with the values of its columns, as the database gives them.

    For models whose fields Django reads without converting them.
    """
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(DEFAULT_DB_ALIAS, names, values)

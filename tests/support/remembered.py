"""What very many tests begin with: built once as the portal builds it, then written down again as it was."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_save
from django.db.models.sql import InsertQuery

Built = TypeVar("Built")


class Remembered(Generic[Built]):
    """What `build` makes by saving new rows one by one, and their history with them.

    For tests whose rows are taken back at their end: each of them finds the same rows under the same keys,
    and gets a copy of its own of what `build` returns.
    """

    def __init__(self, build: Callable[..., Built]) -> None:
        self._build = build
        self._built = b""
        self._insertions = ""

    def put_back(self, *given: object) -> Built:
        """Write the rows into the transaction of this test; at first `build` does, from what is given."""
        if not self._insertions:
            with _noting_what_is_saved() as rows:
                self._built = pickle.dumps(self._build(*given))
            self._insertions = ";".join(map(_insertion, rows))
        else:
            with connection.cursor() as cursor:
                cursor.execute(self._insertions)
        built: Built = pickle.loads(self._built)  # noqa: S301  what this process has packed
        return built


@contextmanager
def _noting_what_is_saved() -> Iterator[list[Model]]:
    rows: list[Model] = []

    def note(instance: Model, created: bool, **_rest: Any) -> None:
        assert created, f"{instance!r} was saved a second time"
        rows.append(instance)

    post_save.connect(note)
    try:
        yield rows
    finally:
        post_save.disconnect(note)


def _insertion(row: Model) -> str:
    """Say in SQL what the row holds now."""
    model = type(row)
    query = InsertQuery(model)
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    query.insert_values(fields, [model._base_manager.get(pk=row.pk)])
    [(sql, values)] = query.get_compiler(connection=connection).as_sql()
    operations: Any = connection.ops
    return str(operations.compose_sql(sql, values))

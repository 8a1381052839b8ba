"""What a file may touch when who sends it answers for some agencies only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from mpp.core.tables.resources import TableResource


@dataclass(frozen=True)
class Cut:
    """The part of a table that is somebody's; everything else does not exist for their file.

    `rows`: what they may see. `whose`: the column that says to whom a row belongs. `fields`: the columns
    that they fill in. `adds`: whether they add rows. `choices`: which rows of another table a code may
    mean. `may_change`: whether they may still change this row.
    """

    rows: models.QuerySet[Any]
    whose: str
    fields: tuple[str, ...]
    adds: bool
    choices: Callable[[type[models.Model]], models.QuerySet[Any]]
    may_change: Callable[[Any], bool]

    def columns(self, kind: type[TableResource]) -> tuple[str, ...]:
        """Return the columns that their file needs: what tells the rows apart, and what they fill in."""
        return tuple(name for name in kind.columns if name in kind.key or name in self.fields)

    def column_of_owner(self, kind: type[TableResource]) -> str:
        """Return the column of the file that says to whom a row belongs."""
        return self.whose if self.whose in kind.columns else kind.key[0]

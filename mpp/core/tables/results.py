"""What became of a table that was read: counts, what changes, and what is wrong, in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _
from import_export.results import Result, RowResult

from mpp.core.refusals import row_words, words

if TYPE_CHECKING:
    from mpp.core.tables.resources import TableResource

SHOWN_PROBLEMS = 20
SHOWN_CHANGES = 50

Cells = dict[str, str]


@dataclass(frozen=True)
class Change:
    """One row of an import, as its file shows it: before (None for a new one) and after."""

    line: int
    key: str
    name: str
    before: Cells | None
    after: Cells

    def differences(self, kind: type[TableResource]) -> list[tuple[str, str, str]]:
        """Return title, old and new text of each cell that changes; of a new row those that are filled."""
        old = self.before or {}
        pairs = [(name, old.get(name, ""), self.after.get(name, "")) for name in kind.columns]
        return [(kind.title(name), before, after) for name, before, after in pairs if before != after]


class TableResult(Result):
    """The outcome of one table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind: type[TableResource] | None = None
        self.lines: list[int] = []
        # Column → its title, as the file writes it.
        self.titles: dict[str, str] = {}
        self.changes: list[Change] = []

    def line(self, number: int) -> int:
        """Return where the row that the library calls `number` stands in the file."""
        return self.lines[number - 1] if self.lines else number + 1

    @property
    def notes(self) -> dict[int, list[str]]:
        """Return what is wrong by row of the file, in the order of the rows."""
        found = [(row.number, row.error) for row in self.invalid_rows]
        found += [(row.number, error.error) for row in self.error_rows for error in row.errors]
        notes: dict[int, list[str]] = defaultdict(list)
        for number, error in sorted(found, key=lambda each: each[0]):
            notes[self.line(number)] += row_words(self.line(number), error, self.titles)
        return notes

    @property
    def problems(self) -> list[str]:
        """Return what is wrong, one sentence each, in the order of the rows; at most twenty."""
        found = [each for error in self.base_errors for each in words(error.error)]
        found += [sentence for sentences in self.notes.values() for sentence in sentences]
        hidden = len(found) - SHOWN_PROBLEMS
        more = [_("Masih ada %(count)d kesalahan lain.") % {"count": hidden}] if hidden > 0 else []
        return found[:SHOWN_PROBLEMS] + more

    @property
    def is_good(self) -> bool:
        """Tell whether every row could be taken."""
        return not self.has_errors() and not self.has_validation_errors()

    @property
    def shown_changes(self) -> list[tuple[Change, list[tuple[str, str, str]]]]:
        """Return what the preview shows of the changes, each with its cells."""
        if self.kind is None:
            return []
        return [(change, change.differences(self.kind)) for change in self.changes[:SHOWN_CHANGES]]

    @property
    def hidden_changes(self) -> int:
        """Return how many more there are."""
        return max(0, len(self.changes) - SHOWN_CHANGES)


class TableRowResult(RowResult):
    """The outcome of one row. Names are not asked for: many would need a query each."""

    def add_instance_info(self, instance: models.Model | None) -> None:
        self.object_id = getattr(instance, "pk", None)

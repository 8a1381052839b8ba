"""One sheet of a file, as text: what readers hand on and importers take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# A line that begins so is an example of the template, or a remark.
EXAMPLE = "contoh:"
# The column that a file of mistakes has and an import passes over.
PROBLEM = "Masalah"


@dataclass
class Sheet:
    """Title, and the rows that are not empty, each with its number as a spreadsheet counts."""

    title: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    @property
    def headings(self) -> list[str]:
        """Return the titles of the columns: the first row that is not empty."""
        return [cell.strip() for cell in self.rows[0][1]] if self.rows else []

    @property
    def body(self) -> list[tuple[int, list[str]]]:
        """Return the rows below the titles, without examples."""
        return [
            (number, cells)
            for number, cells in self.rows[1:]
            if not cells[0].strip().lower().startswith(EXAMPLE)
        ]


class Table(tablib.Dataset):
    """A sheet for an importer: `dataset` with titles, and the number of each row in its file."""

    lines: list[int]

    def line(self, number: int) -> int:
        """Return where the row that the importer calls `number` stands in the file."""
        return self.lines[number - 1]


def table(sheet: Sheet) -> Table:
    """Return the sheet as a table; raises `ValidationError` when a cell stands below no title."""
    headings, body = sheet.headings, sheet.body
    if not body:
        raise ValidationError(_("Berkas ini kosong. Baris pertama judul kolom, lalu isinya."))
    kept = [index for index, name in enumerate(headings) if name and name.lower() != PROBLEM.lower()]
    named = {index for index, name in enumerate(headings) if name}
    found = Table(headers=[headings[index] for index in kept])
    found.lines = []
    for number, cells in body:
        for index, cell in enumerate(cells):
            if cell.strip() and index not in named:
                raise ValidationError(
                    _("Baris %(row)d, kolom ke-%(column)d: kolom ini tidak berjudul.")
                    % {"row": number, "column": index + 1}
                )
        padded = cells + [""] * (len(headings) - len(cells))
        found.append([padded[index] for index in kept])
        found.lines.append(number)
    return found


def as_json(sheets: list[Sheet]) -> list[dict[str, Any]]:
    """Return the sheets as plain data, to be kept between preview and confirmation."""
    return [{"title": sheet.title, "rows": sheet.rows} for sheet in sheets]


def from_json(data: list[dict[str, Any]]) -> list[Sheet]:
    """Return what `as_json` was given."""
    return [Sheet(each["title"], [(number, cells) for number, cells in each["rows"]]) for each in data]

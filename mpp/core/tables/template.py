"""Files to fill in: titles, one example, what each column means, and lists to choose from."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from mpp.core.tables import cells, csvfile
from mpp.core.tables.resources import TableResource
from mpp.core.tables.sheet import EXAMPLE
from mpp.core.tables.workbook import GUIDE

# Rows below the titles in which a list drops down.
LISTED_ROWS = 1_000
LONGEST_LIST = 1_000
LISTS = "Pilihan"
BOLD = Font(bold=True)
GREY = Font(italic=True, color="FF6B7280")
NEEDED_FILL = PatternFill("solid", fgColor="FFFDE68A")
WRAPPED = Alignment(wrap_text=True, vertical="top")


def as_csv(resource: TableResource) -> str:
    """Return the titles and an example as CSV."""
    return csvfile.write([resource.title(name) for name in resource.offered], [example(resource)])


def as_book(resources: Iterable[TableResource]) -> bytes:
    """Return a workbook with one sheet for each table, and what its columns mean."""
    book = Workbook()
    guide, lists = book.active, book.create_sheet(LISTS)
    guide.title = GUIDE
    _title(guide, [_("Lembar"), _("Kolom"), _("Wajib"), _("Isi"), _("Contoh"), _("Nama untuk program")])
    for resource in resources:
        _add_sheet(book, resource, lists)
        for name in resource.offered:
            guide.append(_explained(resource, name))
    for column, width in zip("ABCDEF", (24, 30, 8, 70, 30, 24), strict=True):
        guide.column_dimensions[column].width = width
    for row in guide.iter_rows(min_row=2):
        for cell in row:
            cell.alignment, cell.data_type = WRAPPED, "s"
    lists.sheet_state = "hidden"
    # The sheets to fill in stand first.
    for sheet in (guide, lists):
        book.move_sheet(sheet, len(book.sheetnames))
    book.active = 0
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def example(resource: TableResource) -> list[str]:
    """Return a row as people would write it; its first cell says that it is one, and is passed over."""
    names = resource.offered
    samples = [resource.examples.get(name) or resource.fields[name].widget.sample for name in names]
    return [f"{EXAMPLE.capitalize()} {samples[0]}".strip(), *samples[1:]]


def is_needed(resource: TableResource, name: str) -> bool:
    """Tell whether each row must have a value in this column."""
    widget: cells.Text = resource.fields[name].widget
    return widget.required or name in resource.key and not isinstance(widget, cells.Code)


def _explained(resource: TableResource, name: str) -> list[str]:
    widget: cells.Text = resource.fields[name].widget
    needed = _("ya") if is_needed(resource, name) else ""
    sample = resource.examples.get(name) or ("" if isinstance(widget, cells.Code) else widget.sample)
    return [resource.sheet_title(), resource.title(name), needed, widget.hint(), sample, name]


def _title(sheet: Any, titles: list[str]) -> None:
    sheet.append(titles)
    for cell in sheet[1]:
        cell.font, cell.data_type = BOLD, "s"
    sheet.freeze_panes = "A2"


def _add_sheet(book: Workbook, resource: TableResource, lists: Any) -> None:
    sheet = book.create_sheet(resource.sheet_title()[:31])
    _title(sheet, [resource.title(name) for name in resource.offered])
    sheet.append(example(resource))
    for index, name in enumerate(resource.offered, start=1):
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = max(14, min(40, len(resource.title(name)) + 4))
        if is_needed(resource, name):
            sheet[f"{letter}1"].fill = NEEDED_FILL
        # Text, so that a spreadsheet leaves codes, telephones and dates as they are typed.
        sheet.column_dimensions[letter].number_format = "@"
        sheet[f"{letter}2"].number_format = "@"
        sheet[f"{letter}2"].font, sheet[f"{letter}2"].data_type = GREY, "s"
        widget = resource.fields[name].widget
        if not isinstance(widget, cells.Choices | cells.Codes):
            _drop_down(book, sheet, letter, widget.permitted()[:LONGEST_LIST], lists)


def _drop_down(book: Workbook, sheet: Any, letter: str, words: list[str], lists: Any) -> None:
    """Let the column choose from `words`, which stand in a hidden sheet: a list in the cell is short."""
    if not words:
        return
    column = lists.max_column + 1 if lists["A1"].value else 1
    for row, word in enumerate(words, start=1):
        cell = lists.cell(row=row, column=column, value=word)
        cell.data_type, cell.number_format = "s", "@"
    place = get_column_letter(column)
    name = f"pilihan_{column}"
    book.defined_names[name] = DefinedName(name, attr_text=f"{LISTS}!${place}$1:${place}${len(words)}")
    rule = DataValidation(type="list", formula1=f"={name}", allow_blank=True, showErrorMessage=True)
    rule.errorTitle = _("Pilih dari daftar")
    rule.error = _("Isian ini tidak ada dalam daftar. Lihat lembar Petunjuk.")
    rule.errorStyle = "warning"
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{LISTED_ROWS + 1}")

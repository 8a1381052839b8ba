"""A report as XLSX: one sheet for each table. Text stays text, whatever it begins with (trust.md T-06)."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from agreements.reports.paper import Cell, Paper, Scope, Table
from agreements.reports.pdf import period_words
from mpp.core.models import Mall

# 0421 is Indonesian: the months in words, in whatever language the reader's program is.
FORMATS = {"date": "[$-421]d mmm yyyy", "number": "#,##0.##", "bar": '0" %"'}
NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]")
LONGEST_TITLE = 31
HEAD = PatternFill("solid", fgColor="EEEEEE")


def render(paper: Paper, scope: Scope, *, mall: Mall) -> bytes:
    """Return the XLSX of `paper`."""
    book = Workbook()
    _summary(book.active, paper, scope, mall)
    for section in paper.sections:
        title = NOT_IN_A_TITLE.sub(" ", str(section.title))[:LONGEST_TITLE]
        _table(book.create_sheet(title), section.table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _summary(sheet: Worksheet, paper: Paper, scope: Scope, mall: Mall) -> None:
    sheet.title = _("Ringkasan")
    lines: list[tuple[Any, ...]] = [
        (paper.title,),
        (mall.name,),
        (scope.agency.name if scope.agency else _("Seluruh instansi"),),
        (period_words(scope),),
        (),
        *((fact.label, fact.value) for fact in paper.facts),
        *((section.title, section.text) for section in paper.sections if section.text),
    ]
    for place, line in enumerate(lines, start=1):
        for column, words in enumerate(line, start=1):
            put(sheet.cell(place, column), str(words))
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 40
    sheet.column_dimensions["B"].width = 24


def _table(sheet: Worksheet, table: Table) -> None:
    for place, column in enumerate(table.columns, start=1):
        head = sheet.cell(1, place)
        put(head, str(column.title))
        head.font, head.fill = Font(bold=True), HEAD
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(place)].width = 8 + 6 * column.width
    for number, row in enumerate(table.rows, start=2):
        for place, (value, column) in enumerate(zip(row, table.columns, strict=True), start=1):
            put(sheet.cell(number, place), value, FORMATS.get(column.kind, ""))
    if not table.rows:
        put(sheet.cell(2, 1), str(table.none))
    sheet.freeze_panes = "A2"


def put(cell: SheetCell, value: Cell, number_format: str = "") -> None:
    """Write `value` as what it is: a number and a date as such, everything else as text."""
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if value is None:
        return
    if isinstance(value, int | Decimal | date):
        cell.value = value
        cell.number_format = number_format or cell.number_format
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
    # The library takes a text that begins with "=" for a formula.
    cell.data_type = "s"

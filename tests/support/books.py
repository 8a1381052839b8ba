"""Workbooks for tests: honest ones, and such as no spreadsheet would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from openpyxl import Workbook, load_workbook

from mpp.core.tables import xlsxfile

HONEST = xlsxfile.write([("Zona", ["Kode", "Nama"], [["kiri", "Kiri"], ["kanan", "Kanan"]])])


def of(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook as a person's program writes it: numbers, dates and formulas are what they are."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(data: bytes, title: str = "") -> list[list[Any]]:
    """The cells of a sheet, as openpyxl reads them."""
    book = load_workbook(io.BytesIO(data))
    return [list(row) for row in (book[title] if title else book.worksheets[0]).iter_rows()]


def of_every_kind() -> bytes:
    """One row of what a spreadsheet makes of numbers, dates and times."""
    book = Workbook()
    sheet = book.active
    sheet.append(["tanggal", "jam", "bulat", "pecahan", "ya", "saat", "persen", "kode"])
    day = datetime(2026, 1, 31)  # noqa: DTZ001  a cell has no zone
    sheet.append([day, time(8, 0), 25000.0, 12.5, True, day.replace(hour=8, minute=30), 0.25, 123])
    sheet["G2"].number_format = "0%"
    sheet["H2"].number_format = "00000"
    return saved(book)


def with_part(name: str, content: bytes, base: bytes = HONEST) -> bytes:
    """`base` with one part more, or another one of this name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry.filename, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


def with_far_cell() -> bytes:
    """4.6 kilobytes that cost two gigabytes when every cell up to it is made (trust.md 0.4)."""
    book = Workbook()
    book.active["A1"] = "kode"
    book.active["XFD1048576"] = 1
    return saved(book)


def with_empty_rows(count: int = 25_000) -> bytes:
    rows = "".join(f'<row r="{number}"/>' for number in range(1, count))
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'
    return with_part("xl/worksheets/sheet1.xml", sheet.encode())


def with_strings(size: int) -> bytes:
    """The shared-strings bomb: megabytes of one letter."""
    return with_part("xl/sharedStrings.xml", b"<sst><si><t>" + b"a" * size + b"</t></si></sst>")


def with_wrong_checksum() -> bytes:
    """The content of one part does not fit the sum that was noted of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(HONEST)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    return out.getvalue().replace(b"Kanan", b"Kaman", 1)

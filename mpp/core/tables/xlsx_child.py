"""Reads one workbook in a process of its own, which may die of it: `python -I xlsx_child.py <book >rows`.

A workbook of five kilobytes can ask for gigabytes. This program has its own memory, processor time and
output, all limited, and no way to open a file or a connection. It imports nothing of the portal and
answers with JSON: every cell as the text that its author sees. Never imported by the portal.
"""

from __future__ import annotations

import encodings.cp437  # noqa: F401  names in a zip; later no file can be opened, so no module imported
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl

MEMORY = 512 * 1024 * 1024
PROCESSOR_SECONDS = 20
OUTPUT = 32 * 1024 * 1024
SHARED_STRINGS = 10 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 50
MAX_SHEETS = 40
# Empty rows with a format reach to the end of a sheet; so far down nobody writes by hand.
LAST_ROW = 20_000
MAX_TEXT = 8 * 1024 * 1024
# An encoding in which the words below would not be found is refused.
ODD_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


class Refused(Exception):
    """The workbook is not read; the argument is a word that the portal knows (xlsxfile.WORDS)."""


def main() -> None:
    data = sys.stdin.buffer.read()
    limit()
    try:
        answer: dict[str, Any] = {"sheets": list(sheets(data))}
    except Refused as refused:
        answer = {"refused": refused.args}
    except MemoryError:
        answer = {"refused": ["heavy"]}
    except Exception:
        # Whatever a broken file makes of the library is one thing to the person: it cannot be read.
        answer = {"refused": ["broken"]}
    sys.stdout.write(json.dumps(answer))


def limit() -> None:
    """Give up what a reader does not need. The kernel refuses any further file or connection."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(kind, (most, most))


def sheets(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield title and rows of each sheet that is shown."""
    inspect(data)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if len(shown) > MAX_SHEETS:
        raise Refused("sheets")
    budget = Budget()
    for sheet in shown:
        # What the sheet says of its own size may be wrong, or meant to hurt.
        sheet.reset_dimensions()
        yield {"title": sheet.title, "rows": list(rows(sheet, budget))}


def inspect(data: bytes) -> None:
    """Read every part once: wrong checksums, entities and too many shared strings end here."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            part = archive.read(entry)
            if entry.filename.lower().endswith(("sharedstrings.xml",)) and len(part) > SHARED_STRINGS:
                raise Refused("heavy")
            if entry.filename.lower().endswith((".xml", ".rels")) and (
                part.startswith(ODD_STARTS) or any(word in part for word in FORBIDDEN)
            ):
                raise Refused("entities")


class Budget:
    """Counts what was read of all sheets together."""

    def __init__(self) -> None:
        self.text = 0

    def spend(self, characters: int) -> None:
        self.text += characters
        if self.text > MAX_TEXT:
            raise Refused("heavy")


def rows(sheet: Any, budget: Budget) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each row that is not empty."""
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > LAST_ROW:
            raise Refused("far", sheet.title, LAST_ROW)
        texts = [shown(cell) for cell in cells if cell is not None]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        filled += 1
        # The first is the row of titles.
        if filled > MAX_ROWS + 1:
            raise Refused("rows", sheet.title, MAX_ROWS)
        if len(texts) > MAX_COLUMNS:
            raise Refused("columns", sheet.title, number, MAX_COLUMNS)
        budget.spend(sum(map(len, texts)))
        yield number, texts


def shown(cell: Any) -> str:
    """Return the text of a cell as its author sees it, dates and times as 2026-01-31 and 08:00."""
    match cell.value:
        case None:
            return ""
        case bool() as value:
            return "1" if value else "0"
        case datetime() as value:
            rounded = value + timedelta(microseconds=500_000)
            day = rounded.date().isoformat()
            return day if rounded.time().replace(microsecond=0) == time(0) else f"{day} {clock(rounded)}"
        case date() as value:
            return value.isoformat()
        case time() as value:
            return clock(datetime.combine(date(2000, 1, 1), value) + timedelta(microseconds=500_000))
        case timedelta() as value:
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        case int() | float() as value:
            return figure(value, cell.number_format or "")
        case value:
            return str(value)


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}".removesuffix(":00")


def figure(value: float, number_format: str) -> str:
    """Return a number without a trailing ".0"; the format of a code such as 00123 keeps its noughts."""
    if number_format.endswith("%"):
        return f"{value * 100:.10g}%"
    text = str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.15g}"
    return text.zfill(len(number_format)) if re.fullmatch("0{2,}", number_format) else text


if __name__ == "__main__":
    main()

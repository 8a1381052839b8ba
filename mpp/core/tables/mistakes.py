"""The file that was sent, with what is wrong beside each row: repaired, it can be sent again as it is."""

from __future__ import annotations

from typing import Any

from mpp.core.tables import kept, xlsxfile
from mpp.core.tables.results import TableResult
from mpp.core.tables.sheet import PROBLEM, Sheet, as_json, from_json


def keep(outcomes: list[tuple[Sheet, TableResult]]) -> str | None:
    """Keep the sheets and their mistakes; None when no row has one."""
    if not any(result.notes for _sheet, result in outcomes):
        return None
    notes = [{str(line): " ".join(each) for line, each in result.notes.items()} for _s, result in outcomes]
    return kept.keep(kept.MISTAKES, {"sheets": as_json([sheet for sheet, _r in outcomes]), "notes": notes})


def book(name: str) -> bytes:
    """Return what was kept as a workbook; raises `ValidationError` when its time is over."""
    data: dict[str, Any] = kept.kept(kept.MISTAKES, name)
    sheets = from_json(data["sheets"])
    return xlsxfile.write(
        (sheet.title, [*_titles(sheet), PROBLEM], _rows(sheet, notes))
        for sheet, notes in zip(sheets, data["notes"], strict=True)
    )


def _titles(sheet: Sheet) -> list[str]:
    return [title for title in sheet.headings if title != PROBLEM]


def _rows(sheet: Sheet, notes: dict[str, str]) -> list[list[str]]:
    kept_columns = [index for index, title in enumerate(sheet.headings) if title != PROBLEM]
    rows = []
    for number, cells in sheet.body:
        padded = cells + [""] * (len(sheet.headings) - len(cells))
        rows.append([*(padded[index] for index in kept_columns), notes.get(str(number), "")])
    return rows

"""CSV files as people make them: read with care, written so that no spreadsheet runs them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mpp.core.tables.sheet import Sheet

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 50
# A spreadsheet takes a cell that starts so for a formula (OWASP, CSV injection; trust.md T-06).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def read(data: bytes | str) -> Sheet:
    """Return the table of a CSV file, every cell as text.

    Raises `ValidationError` with words for the person: not UTF-8, too large, not a table.
    Semicolons serve too: that is what Excel writes in Indonesia.
    """
    rows = _rows(_decoded(data))
    headings = next(rows, [])
    if len(headings) > MAX_COLUMNS:
        raise ValidationError(
            _("Berkas terlalu lebar. Paling banyak %(columns)d kolom.") % {"columns": MAX_COLUMNS}
        )
    sheet = Sheet("", [(1, headings)] if any(headings) else [])
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        if len(row) != len(headings):
            raise ValidationError(
                _("Baris %(row)d berisi %(cells)d kolom, padahal judulnya %(headers)d.")
                % {"row": number, "cells": len(row), "headers": len(headings)}
            )
        if len(sheet.rows) > MAX_ROWS:
            raise ValidationError(
                _("Berkas terlalu panjang. Paling banyak %(rows)d baris.") % {"rows": MAX_ROWS}
            )
        sheet.rows.append((number, [unescaped(cell) for cell in row]))
    return sheet


def _decoded(data: bytes | str) -> str:
    if len(data) > MAX_BYTES:
        raise ValidationError(_("Berkas terlalu besar. Paling besar 2 MB."))
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(_("Berkas bukan CSV UTF-8. Simpan ulang sebagai “CSV UTF-8”.")) from error


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValidationError(
                _("Berkas tidak dapat dibaca di sekitar baris %(row)d. Periksa tanda kutipnya.")
                % {"row": reader.line_num}
            ) from error


def write(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the table as CSV: every cell quoted, formulas disarmed with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([escaped("" if cell is None else str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def escaped(cell: str) -> str:
    """Return `cell` so that a spreadsheet shows it and never runs it."""
    return f"'{cell}" if _is_formula(cell) else cell


def unescaped(cell: str) -> str:
    """Return what `escaped` was given: a file that was exported may be imported again."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    """A formula behind apostrophes counts too: else it would lose one on its way back."""
    return cell.lstrip("'").startswith(FORMULA_STARTS)

"""Workbooks as people make them: looked at before any parser, read by a process that may die of it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from mpp.core.tables.sheet import Sheet

MAX_BYTES = 2 * 1024 * 1024
# trust.md S-046, T-07.
MAX_ENTRIES = 200
MAX_UNPACKED = 50 * 1024 * 1024
MAX_PART = 20 * 1024 * 1024
MAX_RATIO = 100
# Below this no ratio hurts: a small part of blanks packs better than any bomb.
HARMLESS = 256 * 1024
DIRECTORY_ENTRY = b"PK\x01\x02"
ZIP = b"PK\x03\x04"
# Old .xls, and .xlsx behind a password.
COMPOUND = b"\xd0\xcf\x11\xe0"
FOREIGN = ("vbaproject", "externallinks/", "macrosheets/", "dialogsheets/", "embeddings/", "activex/")
ARCHIVES = (".zip", ".xlsx", ".xlsm", ".docx", ".jar", ".gz", ".7z", ".rar")
NEEDED = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
CHILD = Path(__file__).with_name("xlsx_child.py")
WALL_SECONDS = 30


def read(data: bytes) -> list[Sheet]:
    """Return the sheets of a workbook, every cell as text, empty rows left out.

    Raises `ValidationError` with words for the person. Whatever the file holds, this process neither
    unpacks it nor waits longer than `WALL_SECONDS`.
    """
    inspect(data)
    answer = _ask_child(data)
    if "refused" in answer:
        raise ValidationError(_words(*answer["refused"]))
    return [
        Sheet(sheet["title"], [(number, cells) for number, cells in sheet["rows"]])
        for sheet in answer["sheets"]
    ]


def inspect(data: bytes) -> None:
    """Look at the list of parts alone; raise `ValidationError` for what no honest workbook has."""
    if len(data) > MAX_BYTES:
        raise ValidationError(_("Berkas terlalu besar. Paling besar 2 MB."))
    if data.startswith(COMPOUND):
        raise ValidationError(_("Berkas ini Excel lama atau berkata sandi. Simpan sebagai .xlsx biasa."))
    if data.count(DIRECTORY_ENTRY) > MAX_ENTRIES:
        raise ValidationError(_words("heavy"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _inspect_parts(archive)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValidationError(_words("broken")) from error


def _inspect_parts(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if not set(names) >= NEEDED or len(set(names)) != len(names):
        raise ValidationError(_words("broken"))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise ValidationError(_words("heavy"))
    for entry in entries:
        name = entry.filename.lower()
        if any(part in name for part in FOREIGN):
            raise ValidationError(_words("foreign"))
        if name.endswith(ARCHIVES):
            raise ValidationError(_words("nested"))
        if entry.file_size > MAX_PART or _is_bomb(entry):
            raise ValidationError(_words("heavy"))
        with archive.open(entry) as part:
            if part.read(len(ZIP)) == ZIP:
                raise ValidationError(_words("nested"))
    types = archive.getinfo("[Content_Types].xml")
    if types.file_size <= HARMLESS and b"macroenabled" in archive.read(types).lower():
        raise ValidationError(_words("foreign"))


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > HARMLESS and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)


def _ask_child(data: bytes) -> dict[str, Any]:
    with tempfile.TemporaryFile() as book, tempfile.TemporaryFile() as answer:
        book.write(data)
        book.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(CHILD)],
                stdin=book,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={},
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"refused": ["heavy"]}
        if done.returncode:
            return {"refused": ["heavy"]}
        answer.seek(0)
        found: dict[str, Any] = json.load(answer)
        return found


def _words(reason: str, *place: Any) -> str:
    match reason, place:
        case "rows", (title, most):
            words = _("Lembar “%(title)s” terlalu panjang. Paling banyak %(rows)d baris.")
            return words % {"title": title, "rows": most}
        case "columns", (title, number, most):
            words = _("Lembar “%(title)s” baris %(row)d terlalu lebar. Paling banyak %(columns)d kolom.")
            return words % {"title": title, "row": number, "columns": most}
        case "far", (title, last):
            words = _(
                "Lembar “%(title)s” berisi atau berformat sampai lewat baris %(row)d. Hapus baris kosongnya."
            )
            return words % {"title": title, "row": last}
        case "sheets", _place:
            return _("Buku kerja ini punya terlalu banyak lembar. Hapus yang tidak perlu.")
        case "heavy", _place:
            return _("Isi berkas ini terlalu besar untuk dibaca. Salin tabelnya ke buku kerja baru.")
        case "foreign", _place:
            return _("Berkas ini memuat makro, tautan luar, atau berkas lain. Simpan sebagai .xlsx biasa.")
        case "nested", _place:
            return _("Berkas ini memuat berkas lain di dalamnya. Salin tabelnya ke buku kerja baru.")
        case "entities", _place:
            return _("Berkas ini tidak dibuat oleh program lembar kerja. Salin tabelnya ke buku kerja baru.")
    return _("Berkas ini rusak. Buka, simpan ulang sebagai .xlsx, lalu unggah lagi.")


def write(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """Return a workbook of (title, headings, rows): every cell is text, so none is a formula."""
    book = Workbook(write_only=True)
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title[:31])
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
        for row in rows:
            sheet.append(
                [None if value is None or value == "" else _cell(sheet, str(value)) for value in row]
            )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, text: str, *, bold: bool = False) -> WriteOnlyCell:
    """Return a cell that a spreadsheet shows as written: openpyxl takes "=" for a formula (trust.md 0.5)."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell

"""Workbooks are read by a process that may die of them, and written so that nothing in them runs."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys

import pytest
from django.core.exceptions import ValidationError

from mpp.core.tables import csvfile, xlsxfile
from tests.support import books

FORMULAS = [
    "=1+1",
    "+62811",
    "-2",
    "@SUM(A1)",
    "=HYPERLINK(...)",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "\t=1",
    "'=1",
    "''=1",
    "-",
]


def test_cells_are_read_as_their_author_sees_them() -> None:
    [sheet] = xlsxfile.read(books.of_every_kind())
    assert sheet.rows[1][1] == [
        "2026-01-31",
        "08:00",
        "25000",
        "12.5",
        "1",
        "2026-01-31 08:30",
        "25%",
        "00123",
    ]


def test_what_is_written_is_text_and_comes_back_unchanged() -> None:
    written = xlsxfile.write([("Uji", ["teks"], [[text] for text in FORMULAS])])
    cells = [row[0] for row in books.cells(written)]
    assert {cell.data_type for cell in cells} == {"s"}
    [sheet] = xlsxfile.read(written)
    assert [row[0] for _number, row in sheet.rows[1:]] == FORMULAS


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_in_csv_are_disarmed_and_come_back_unchanged(text: str) -> None:
    cell = csvfile.escaped(text)
    assert not cell.startswith(csvfile.FORMULA_STARTS)
    assert csvfile.unescaped(cell) == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "Excel lama atau berkata sandi"),
        (books.HONEST[:-40], "rusak"),
        (books.HONEST[:300], "rusak"),
        (b"PK\x03\x04" + b"x" * 500, "rusak"),
        (books.with_part("xl/vbaProject.bin", b"x"), "makro"),
        (books.with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "tautan luar"),
        (books.with_part("xl/embeddings/oleObject1.bin", b"x"), "berkas lain"),
        (books.with_part("docProps/isi.zip", b"x"), "berkas lain di dalamnya"),
        (books.with_part("docProps/gambar.png", books.HONEST), "berkas lain di dalamnya"),
        (books.with_strings(21 * 1024 * 1024), "terlalu besar untuk dibaca"),
        (books.with_strings(1024 * 1024), "terlalu besar untuk dibaca"),
        (b"x" * (2 * 1024 * 1024 + 1), "Paling besar 2 MB"),
        (books.HONEST + b"PK\x01\x02" * 201, "terlalu besar untuk dibaca"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_list_of_parts_tells_is_refused_before_any_parser(data: bytes, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        xlsxfile.inspect(data)
    assert words in " ".join(refused.value.messages)


def test_the_child_refuses_in_words_and_this_process_stays_small() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValidationError) as refused:
        xlsxfile.read(books.with_far_cell())
    assert "sampai lewat baris 20000" in " ".join(refused.value.messages)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


# In one process, since starting it is what costs: the limits, then every file.
LIMITED = f"""
import json, runpy, socket, sys
child = runpy.run_path({str(xlsxfile.CHILD)!r})
files = [bytes.fromhex(line) for line in sys.stdin]
child["limit"]()
found = []
for attempt in (lambda: socket.socket(), lambda: open("/etc/hostname"), lambda: bytearray(600 * 2**20)):
    try:
        found.append(str(attempt()))
    except (OSError, MemoryError) as error:
        found.append(type(error).__name__)
for data in files:
    try:
        list(child["sheets"](data))
        found.append("read")
    except child["Refused"] as refused:
        found.append(refused.args[0])
    except Exception:
        found.append("broken")
print(json.dumps(found))
"""


def mutated(count: int) -> list[bytes]:
    """The honest workbook with some bytes turned, always the same ones."""
    dice = random.Random(46)
    files = []
    for _file in range(count):
        data = bytearray(books.HONEST)
        for _byte in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        files.append(bytes(data))
    return files


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.long)])
def test_the_child_has_no_memory_file_or_connection_to_spare_and_outlives_every_file(count: int) -> None:
    entity = b'<!DOCTYPE s [<!ENTITY a "aaaa">]><sst/>'
    refused = [
        (books.with_far_cell(), "far"),
        (books.with_empty_rows(), "far"),
        (books.with_wrong_checksum(), "broken"),
        (books.with_part("xl/sharedStrings.xml", entity), "entities"),
        (books.with_part("xl/sharedStrings.xml", entity.decode().encode("utf-16")), "entities"),
        (books.with_strings(11 * 1024 * 1024), "heavy"),
        (books.of({"Uji": [["a"] * 51]}), "columns"),
        (books.of({"Uji": [["a"]] * 5_002}), "rows"),
        (books.of({f"Uji {number}": [["a"]] for number in range(41)}), "sheets"),
    ]
    turned = mutated(count)
    done = subprocess.run(
        [sys.executable, "-I", "-c", LIMITED],
        input="\n".join(data.hex() for data in [*(data for data, _why in refused), *turned]),
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    limits, answers = json.loads(done.stdout)[:3], json.loads(done.stdout)[3:]
    assert limits == ["OSError", "OSError", "MemoryError"]
    assert answers[: len(refused)] == [why for _data, why in refused]
    assert len(answers) == len(refused) + len(turned)


def test_a_child_that_dies_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsxfile, "CHILD", "/tidak/ada.py")
    with pytest.raises(ValidationError, match="terlalu besar untuk dibaca"):
        xlsxfile.read(books.HONEST)

"""What a PDF really is: by its bytes, never by its name (trust.md S-045, S-050, T-08).

Only the structure is read, nothing is drawn. A name such as /JavaScript may be written with escapes or
lie in a compressed object stream: both are undone before anybody looks. What cannot be looked into is
refused.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
# All object streams of a file together, unpacked (S-046).
MOST_UNPACKED = 50 * MEGABYTE
# What reading words may cost: a step for each, and the bytes passed.
PATIENCE = 64 * MEGABYTE
STEP = 16
TAIL = 2048
PIECE = 64 * 1024

HEADER = re.compile(rb"%PDF-(1\.[0-7]|2\.0)\s")
END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
TABLE = re.compile(rb"\s*(xref\s|\d+\s+\d+\s+obj)")
# Each place where an object may begin, even in a comment: too many are read, never too few.
OBJECT = re.compile(rb"(?<!end)obj")
SPACE = rb"[\s\x00]"
BLANK = b"\t\n\v\f\r \x00"
WORD = rb"[^\s\x00/<>\[\](){}%]"
TOKEN = re.compile(rb"%b+|%%[^\r\n]*|<<|>>|<[0-9A-Fa-f\s\x00]*>|/%b*|%b+|[\[\]{}()<>]" % (SPACE, WORD, WORD))
LINE_END = re.compile(rb"[ \t]*(?:\r\n|\n|\r)")
BRACKET = re.compile(rb"[()]|\\.", re.DOTALL)
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
DELIMITER = rb"(?=[\s/<>\[\](){}%\x00]|\Z)"
# What runs, sends, or carries another file. A paper that is only read needs none of it.
ACTIVE = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|GoToE|ImportData|SubmitForm)" + DELIMITER
)
LOCKED = re.compile(rb"/Encrypt" + DELIMITER)
PACKED = frozenset({b"/ObjStm", b"/First"})
PAGE_OF_THE_WEB = re.compile(rb"<(!doctype|html|script|svg)", re.IGNORECASE)
EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"

NOT_A_PDF = _("Isi berkas ini bukan PDF. Simpan atau pindai sebagai PDF, lalu unggah lagi.")
TOO_LARGE = _("Berkas terlalu besar. Paling besar 10 MB. Pindai dengan mutu lebih rendah.")
CUT_OFF = _("PDF ini rusak atau terpotong. Simpan ulang dari asalnya, lalu unggah lagi.")
IS_LOCKED = _("PDF ini terkunci kata sandi. Simpan tanpa kata sandi, lalu unggah lagi.")
IS_ACTIVE = _("PDF ini berisi program atau berkas lain. Cetak ulang menjadi PDF biasa, lalu unggah lagi.")
IS_OPAQUE = _("Isi PDF ini tidak dapat diperiksa. Cetak ulang menjadi PDF biasa, lalu unggah lagi.")
IS_INFECTED = _("Berkas ini bertanda virus dan tidak disimpan. Periksa komputer asalnya.")


class Unusable(ValueError):
    """The portal does not keep this file; the message says why and what to do."""


def inspect(data: bytes) -> None:
    """Raise `Unusable` unless `data` is a whole PDF of pages to read, and of nothing else."""
    if len(data) > MOST_BYTES:
        raise Unusable(TOO_LARGE)
    if EICAR in data:
        raise Unusable(IS_INFECTED)
    if not HEADER.match(data) or PAGE_OF_THE_WEB.search(data, 0, TAIL):
        raise Unusable(NOT_A_PDF)
    _require_whole(data)
    _refuse_active(data)
    for names in _packed_objects(data):
        _refuse_active(names)


def _require_whole(data: bytes) -> None:
    """Nothing may stand behind the end: a second file could, for another reader."""
    found = END.search(data, max(0, len(data) - TAIL))
    if found is None or not TABLE.match(data, int(found[1])) or zipfile.is_zipfile(io.BytesIO(data)):
        raise Unusable(CUT_OFF)


def _refuse_active(data: bytes) -> None:
    plain = _unescaped(data)
    if LOCKED.search(plain):
        raise Unusable(IS_LOCKED)
    if ACTIVE.search(plain):
        raise Unusable(IS_ACTIVE)


def _unescaped(data: bytes) -> bytes:
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def _packed_objects(data: bytes) -> Iterator[bytes]:
    """Yield the content of each object stream, wherever a reader might find one."""
    left, words = MOST_UNPACKED, Words(data)
    for mark in OBJECT.finditer(data):
        words.at = mark.end()
        names = words.dictionary()
        if PACKED.isdisjoint(names) or b"/Filter" not in names or words.next() != b"stream":
            continue
        filters = [name for name in names if name.endswith(b"Decode")]
        if filters != [b"/FlateDecode"] or b"/Predictor" in names:
            raise Unusable(IS_OPAQUE)
        start = LINE_END.match(data, words.at)
        content = _unpacked(data, start.end() if start else words.at, left)
        left -= len(content)
        yield content


class Words:
    """The words of a PDF one after the other, without comments and strings, as a reader sees them.

    Many beginnings inside each other would be read again and again: the patience is for the whole file.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.patience = PATIENCE

    def dictionary(self) -> list[bytes]:
        """Return the words of the dictionary that begins here, and go behind it; none when none does."""
        words: list[bytes] = []
        depth = 0
        while word := self.next():
            depth += (word == b"<<") - (word == b">>")
            if depth <= 0:
                break
            words.append(_unescaped(word))
        return words

    def next(self) -> bytes:
        """Return the next word; empty at the end."""
        while found := TOKEN.match(self.data, self.at):
            word = found[0]
            self._go_to(found.end())
            if word == b"(":
                self._skip_string()
            elif word.strip(BLANK) and not word.startswith(b"%"):
                return word
        return b""

    def _skip_string(self) -> None:
        depth = 1
        for mark in BRACKET.finditer(self.data, self.at):
            self._go_to(mark.end())
            depth += (mark[0] == b"(") - (mark[0] == b")")
            if depth == 0:
                return
        self._go_to(len(self.data))

    def _go_to(self, place: int) -> None:
        self.patience -= STEP + place - self.at
        if self.patience < 0:
            raise Unusable(IS_OPAQUE)
        self.at = place


def _unpacked(data: bytes, start: int, most: int) -> bytes:
    """Return what is packed from `start` on. It ends where it says itself, not where a word says so."""
    unpacker, found = zlib.decompressobj(), bytearray()
    try:
        while not unpacker.eof and start < len(data):
            piece, start = data[start : start + PIECE], start + PIECE
            while piece:
                found += unpacker.decompress(piece, most + 1 - len(found))
                piece = unpacker.unconsumed_tail
                if len(found) > most:
                    raise Unusable(IS_OPAQUE)
    except zlib.error as error:
        raise Unusable(CUT_OFF) from error
    return bytes(found)

"""Files that people hand in as proof: a photo or a PDF, by their bytes and never by their names."""

from __future__ import annotations

from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

MOST_BYTES = 10 * 1024 * 1024
CONTENT_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}
STARTS = {b"%PDF-": ".pdf", b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}
# What a program in a PDF hides behind (trust.md T-08).
ACTIVE_PDF = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/RichMedia", b"/XFA")
TAIL = 2048


class Unusable(ValueError):
    """This file is not taken as proof; the message says why and what to do."""


def kind_of(file: BinaryIO, size: int) -> str:
    """Return ".pdf", ".jpg" or ".png" by what the file begins with; raise `Unusable` for any other."""
    if size > MOST_BYTES:
        raise Unusable(_("Berkas terlalu besar. Paling besar 10 MB."))
    file.seek(0)
    content = file.read()
    file.seek(0)
    suffix = next((kind for start, kind in STARTS.items() if content.startswith(start)), None)
    if suffix is None:
        raise Unusable(_("Bukti berupa foto (JPEG, PNG) atau PDF. Simpan ulang, lalu unggah lagi."))
    if suffix == ".pdf":
        _look_into_pdf(content)
    return suffix


def _look_into_pdf(content: bytes) -> None:
    if b"%%EOF" not in content[-TAIL:]:
        raise Unusable(_("PDF ini terpotong. Salin ulang dari asalnya, lalu unggah lagi."))
    if any(name in content for name in ACTIVE_PDF):
        raise Unusable(_("PDF ini berisi program atau lampiran. Cetak ke PDF baru, lalu unggah itu."))

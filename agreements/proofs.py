"""Files that people hand in as proof: a photo or a PDF, by their bytes and never by their names."""

from __future__ import annotations

from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from mpp.core import pdf

CONTENT_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}
STARTS = {b"%PDF-": ".pdf", b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


def kind_of(file: BinaryIO, size: int) -> str:
    """Return ".pdf", ".jpg" or ".png" by what the file begins with; raise `pdf.Unusable` for any other."""
    if size > pdf.MOST_BYTES:
        raise pdf.Unusable(_("Berkas terlalu besar. Paling besar 10 MB."))
    file.seek(0)
    content = file.read()
    file.seek(0)
    suffix = next((kind for start, kind in STARTS.items() if content.startswith(start)), None)
    if suffix is None:
        raise pdf.Unusable(_("Bukti berupa foto (JPEG, PNG) atau PDF. Simpan ulang, lalu unggah lagi."))
    if suffix == ".pdf":
        pdf.inspect(content)
    return suffix

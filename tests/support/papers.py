"""PDF files for tests: a whole one, and its hostile relatives."""

from __future__ import annotations

import zlib


def make_pdf(*objects: bytes, head: bytes = b"%PDF-1.7\n", trailer: bytes = b"") -> bytes:
    """A PDF of one empty page, with more `objects` and `trailer` entries when given."""
    body = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        *objects,
    ]
    data, places = head, []
    for number, content in enumerate(body, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R %b >>\n" % (len(places) + 1, trailer)
    return data + b"startxref\n%d\n%%%%EOF\n" % start


def packed(content: bytes, *, entries: bytes = b"/Type /ObjStm /N 1 /First 4", level: int = 9) -> bytes:
    """An object that holds `content` compressed: by default an object stream."""
    small = zlib.compress(content, level)
    head = b"<< %b /Filter /FlateDecode /Length %d >>\n" % (entries, len(small))
    return head + b"stream\n" + small + b"\nendstream"

"""Papers: what is kept, what is refused, and how it is handed out."""

from __future__ import annotations

import io
import socket
import struct
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from mpp.core import pdf, scanning
from mpp.core.documents import DocumentFormField, shown_name, stored_name
from tests.support.papers import make_pdf, packed

WHOLE = make_pdf()
SCRIPT = b"4 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>"


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "isi")
    return out.getvalue()


def chained() -> bytes:
    """An object stream behind two filters, one of which nobody looks through."""
    return packed(SCRIPT).replace(b"/Filter /FlateDecode", b"/Filter [/ASCIIHexDecode /FlateDecode]")


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        make_pdf(head=b"%PDF-2.0\r\n"),
        make_pdf(packed(b"4 0 << /Type /Annot >>")),
        # The words may be read on a page, and compressed pictures may hold anything.
        make_pdf(packed(b"BT (JavaScript, Launch) Tj ET", entries=b"")),
    ],
    ids=["whole", "new", "packed", "text"],
)
def test_a_paper_to_read_is_kept(data: bytes) -> None:
    pdf.inspect(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", pdf.NOT_A_PDF),
        (b"MZ\x90\x00" + WHOLE, pdf.NOT_A_PDF),
        (b"<html>" + WHOLE, pdf.NOT_A_PDF),
        (zipped() + WHOLE, pdf.NOT_A_PDF),
        (b"\n" + WHOLE, pdf.NOT_A_PDF),
        (make_pdf(head=b"%PDF-1.7\n<script>alert(1)</script>\n"), pdf.NOT_A_PDF),
        (make_pdf(head=b"%PDF-9.9\n"), pdf.NOT_A_PDF),
        (WHOLE + zipped(), pdf.CUT_OFF),
        (WHOLE + b"isi lain", pdf.CUT_OFF),
        (WHOLE[:-40], pdf.CUT_OFF),
        (WHOLE.replace(b"startxref\n", b"startxref\n9"), pdf.CUT_OFF),
        (make_pdf(trailer=b"/Encrypt 9 0 R"), pdf.IS_LOCKED),
        (make_pdf(b"<< /S /JavaScript /JS (1) >>"), pdf.IS_ACTIVE),
        (make_pdf(b"<< /S /J#61vaScript /JS (1) >>"), pdf.IS_ACTIVE),
        (make_pdf(b"<</S/Launch/F(cmd.exe)>>"), pdf.IS_ACTIVE),
        (make_pdf(b"<< /Type /EmbeddedFile >>"), pdf.IS_ACTIVE),
        (make_pdf(b"<< /Names << /EmbeddedFiles 9 0 R >> >>"), pdf.IS_ACTIVE),
        (make_pdf(packed(SCRIPT)), pdf.IS_ACTIVE),
        (make_pdf(packed(SCRIPT, entries=b"/Type /Obj#53tm /N 1 /First 4")), pdf.IS_ACTIVE),
        # An end inside the packed bytes themselves hides nothing.
        (make_pdf(packed(b"endstream " + SCRIPT, level=0)), pdf.IS_ACTIVE),
        (make_pdf(chained()), pdf.IS_OPAQUE),
        # Neither a comment nor a string is the beginning of another object.
        (make_pdf(packed(SCRIPT, entries=b"/N 1 /First 4 % 9 0 obj <<\n")), pdf.IS_ACTIVE),
        (make_pdf(packed(SCRIPT, entries=b"/N 1 /First 4 /A (\\) 9 0 obj\n<<)")), pdf.IS_ACTIVE),
        (make_pdf(packed(SCRIPT, entries=b"/First 4 /DecodeParms << /Predictor 12 >>")), pdf.IS_OPAQUE),
        (make_pdf(b"(X5O!P%%@AP[4\\PZX54(P^)7CC)7}$%b!$H+H*)" % pdf.EICAR), pdf.IS_INFECTED),
        (b"%PDF-1.7\n" + b" " * pdf.MOST_BYTES, pdf.TOO_LARGE),
    ],
)
def test_a_hostile_file_is_refused_with_its_reason(data: bytes, words: Any) -> None:
    with pytest.raises(pdf.Unusable) as refused:
        pdf.inspect(data)
    assert str(refused.value) == str(words)


@pytest.mark.parametrize("inside", [packed(b" " * 5000), b"obj<<%" * 500, b"obj<<(" * 500])
def test_a_file_that_grows_without_end_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, inside: bytes
) -> None:
    pdf.inspect(make_pdf(packed(b" " * 900)))
    monkeypatch.setattr(pdf, "MOST_UNPACKED", 1000)
    monkeypatch.setattr(pdf, "PATIENCE", 100_000)
    with pytest.raises(pdf.Unusable) as refused:
        pdf.inspect(make_pdf(inside))
    assert str(refused.value) == str(pdf.IS_OPAQUE)


@pytest.mark.parametrize("name", ["surat.pdf.html", "surat.exe", "surat.pdf ", "surat", "surat.svg"])
def test_a_name_of_another_kind_is_refused(name: str) -> None:
    file = SimpleUploadedFile("x.pdf", WHOLE)
    file._name = name  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="bukan PDF"):
        DocumentFormField().clean(file)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Surat Bupati.PDF", "Surat Bupati.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\surat\\usulan.pdf", "usulan.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        (".pdf", ".pdf.pdf"),
        ("", "berkas.pdf"),
    ],
)
def test_the_senders_name_is_shown_and_harmless(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown


def test_nothing_of_the_senders_name_is_in_the_path() -> None:
    names = {stored_name(None, "../surat.pdf") for _time in range(3)}  # type: ignore[arg-type]
    assert len(names) == 3
    assert all(name.startswith("documents/") and "surat" not in name for name in names)


class Scanner(threading.Thread):
    """Speaks clamd's INSTREAM once and answers what it is told to."""

    def __init__(self, path: Path, answer: bytes) -> None:
        super().__init__(daemon=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen()
        self.answer, self.seen = answer, b""

    def run(self) -> None:
        connection, _address = self.server.accept()
        with connection, connection.makefile("rb") as sent:
            assert sent.read(10) == b"zINSTREAM\0"
            while length := struct.unpack(">I", sent.read(4))[0]:
                self.seen += sent.read(length)
            connection.sendall(self.answer)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"stream: OK\0", None),
        (b"stream: Eicar-Signature FOUND\0", pdf.IS_INFECTED),
        (b"INSTREAM size limit exceeded. ERROR\0", scanning.IS_AWAY),
        (b"", scanning.IS_AWAY),
    ],
)
def test_with_a_scanner_nothing_is_kept_unseen(
    settings: Any, tmp_path: Path, answer: bytes, words: Any
) -> None:
    scanner = Scanner(tmp_path / "clamd", answer)
    scanner.start()
    settings.SCANNER_URL = f"unix://{tmp_path / 'clamd'}"
    file = SimpleUploadedFile("surat.pdf", WHOLE)
    if words is None:
        assert DocumentFormField().clean(file).read() == WHOLE
    else:
        with pytest.raises(ValidationError) as refused:
            DocumentFormField().clean(file)
        assert refused.value.messages == [str(words)]
    scanner.join()
    assert scanner.seen == WHOLE


def test_a_scanner_that_is_away_lets_nothing_in(settings: Any, tmp_path: Path) -> None:
    settings.SCANNER_URL = f"unix://{tmp_path / 'none'}"
    with pytest.raises(ValidationError, match="tidak menjawab"):
        DocumentFormField().clean(SimpleUploadedFile("surat.pdf", WHOLE))

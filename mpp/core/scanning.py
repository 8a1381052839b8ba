"""The server's own virus scanner (clamd), where there is one: a file it has not seen is not kept (S-050)."""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mpp.core.pdf import IS_INFECTED, Unusable

SECONDS = 20
PIECE = 64 * 1024
IS_AWAY = _("Pemeriksa virus sedang tidak menjawab. Berkas belum disimpan. Coba lagi sebentar lagi.")


def scan(data: bytes) -> None:
    """Raise `Unusable` when the scanner finds something or does not answer; without a scanner do nothing."""
    if not settings.SCANNER_URL:
        return
    try:
        answer = _ask(data)
    except OSError as error:
        raise Unusable(IS_AWAY) from error
    if b"FOUND" in answer:
        raise Unusable(IS_INFECTED)
    if not answer.rstrip(b"\0\n").endswith(b": OK"):
        raise Unusable(IS_AWAY)


def _ask(data: bytes) -> bytes:
    """Send the file as clamd's INSTREAM wants it: pieces with their length in front, none at the end."""
    with closing(_connected()) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        return connection.recv(4096)


def _connected() -> socket.socket:
    url = urlsplit(settings.SCANNER_URL)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS)
        connection.connect(url.path)
        return connection
    return socket.create_connection((url.hostname or "localhost", url.port or 3310), timeout=SECONDS)

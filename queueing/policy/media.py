"""What a file for the displays really is: by its bytes, never by its name or by what the sender says.

A television of 2018 plays H.264 in MP4 and VP8 or VP9 in WebM; everything else is refused with a word
about what to do. Only the structure is read, nothing is decoded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from queueing.enums import MediumKind

MEGABYTE = 1024 * 1024
MOST_BYTES = {MediumKind.PICTURE: 8 * MEGABYTE, MediumKind.VIDEO: 60 * MEGABYTE}
# Beyond this a television runs out of memory.
MOST_PIXELS = 4096
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
EBML = b"\x1a\x45\xdf\xa3"
H264 = frozenset({b"avc1", b"avc3"})
# Boxes of an MP4 that hold the next one on the way to the name of the codec.
PATH = (b"trak", b"mdia", b"minf", b"stbl", b"stsd")
# Start-of-frame segments of a JPEG; C4, C8 and CC are something else.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
MARKERS_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
# The header of a WebM names its codecs early.
HEADER = 64 * 1024
TAIL = 4096

NOT_KNOWN = _("Isi berkas ini bukan gambar atau video yang dikenal layar. Pakai JPEG, PNG, atau MP4.")
NOT_A_VIDEO = _("Berkas ini bernama video, tetapi isinya bukan video. Simpan ulang sebagai MP4, lalu unggah.")
NOT_A_PICTURE = _("Berkas ini bernama gambar, tetapi isinya bukan gambar. Simpan ulang sebagai JPEG.")
CUT_OFF = _("Berkas ini terpotong. Salin ulang dari asalnya, lalu unggah lagi.")
OTHER_CODEC = _("Layar tidak dapat memutar jenis video ini. Simpan ulang sebagai MP4 dengan H.264.")
NO_VIDEO = _("Berkas MP4 ini tidak berisi video. Unggah videonya.")
TOO_LARGE = _("Berkas terlalu besar. Gambar paling besar 8 MB, video 60 MB.")
TOO_MANY_PIXELS = _("Gambar ini terlalu besar. Kecilkan menjadi 1920 × 1080, lalu unggah lagi.")

VIDEO_NAMES = (".mp4", ".m4v", ".webm", ".mov", ".avi", ".mkv")
PICTURE_NAMES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".heic")


class Unusable(ValueError):
    """The displays cannot show this file; the message says why and what to do."""


@dataclass(frozen=True)
class Found:
    """What the bytes of a file are."""

    kind: MediumKind
    content_type: str


def look_into(file: BinaryIO, name: str, size: int) -> Found:
    """Return what `file` is; raise `Unusable`. `name` only chooses the words of a refusal."""
    if size > max(MOST_BYTES.values()):
        raise Unusable(TOO_LARGE)
    file.seek(0)
    start = file.read(16)
    if start.startswith(PNG):
        found = _png(file)
    elif start.startswith(JPEG):
        found = _jpeg(file, size)
    elif start[4:8] == b"ftyp":
        found = _mp4(file, size)
    elif start.startswith(EBML):
        found = _webm(file)
    else:
        raise Unusable(_words_for(name))
    if size > MOST_BYTES[found.kind]:
        raise Unusable(TOO_LARGE)
    return found


def _words_for(name: str) -> object:
    if name.lower().endswith(VIDEO_NAMES):
        return NOT_A_VIDEO
    return NOT_A_PICTURE if name.lower().endswith(PICTURE_NAMES) else NOT_KNOWN


def _png(file: BinaryIO) -> Found:
    file.seek(8)
    header = file.read(16)
    if len(header) < 16 or header[4:8] != b"IHDR":
        raise Unusable(CUT_OFF)
    _judge_pixels(*struct.unpack(">II", header[8:16]))
    _require_end(file, b"IEND\xaeB`\x82")
    return Found(MediumKind.PICTURE, "image/png")


def _jpeg(file: BinaryIO, size: int) -> Found:
    at = 2
    while at + 4 <= size:
        file.seek(at)
        marker, length = struct.unpack(">xBH", file.read(4))
        if marker in MARKERS_ALONE or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in FRAMES:
            frame = file.read(5)
            if len(frame) < 5:
                break
            high, wide = struct.unpack(">xHH", frame)
            _judge_pixels(wide, high)
            _require_end(file, b"\xff\xd9")
            return Found(MediumKind.PICTURE, "image/jpeg")
        at += 2 + length
    raise Unusable(CUT_OFF)


def _judge_pixels(wide: int, high: int) -> None:
    if not (0 < wide <= MOST_PIXELS and 0 < high <= MOST_PIXELS):
        raise Unusable(TOO_MANY_PIXELS)


def _require_end(file: BinaryIO, mark: bytes) -> None:
    """Cameras write a little behind the end of a picture; a picture without an end is cut off."""
    end = file.seek(0, 2)
    file.seek(max(0, end - TAIL))
    if mark not in file.read(TAIL):
        raise Unusable(CUT_OFF)


def _mp4(file: BinaryIO, size: int) -> Found:
    # All of them, to the end: a video that breaks off after its table of contents plays for a second.
    boxes = {kind: (at, end) for kind, at, end in _boxes(file, 0, size)}
    movie = boxes.get(b"moov")
    if movie is None or b"mdat" not in boxes:
        raise Unusable(CUT_OFF)
    codecs = set(_codecs(file, *movie, PATH))
    videos = {codec for handler, codec in codecs if handler == b"vide"}
    if not videos:
        raise Unusable(NO_VIDEO)
    if not videos <= H264:
        raise Unusable(OTHER_CODEC)
    return Found(MediumKind.VIDEO, "video/mp4")


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start of the content, end) of each box between two places."""
    while at + 8 <= end:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            long = file.read(8)
            length, head = (struct.unpack(">Q", long)[0] if len(long) == 8 else 0), 16
        elif length == 0:
            length = end - at
        if length < head or at + length > end:
            raise Unusable(CUT_OFF)
        yield kind, at + head, at + length
        at += length


def _codecs(
    file: BinaryIO, at: int, end: int, path: tuple[bytes, ...], handler: bytes = b""
) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind of track, codec) of each track of a movie."""
    for kind, start, stop in list(_boxes(file, at, end)):
        if kind == b"hdlr":
            file.seek(start + 8)
            handler = file.read(4)
        elif kind == path[0] and len(path) == 1:
            # Version, flags and count come first, then the first entry, which is a box of its own.
            file.seek(start + 12)
            yield handler, file.read(4)
        elif kind == path[0]:
            yield from _codecs(file, start, stop, path[1:], handler)


def _webm(file: BinaryIO) -> Found:
    file.seek(0)
    header = file.read(HEADER)
    if b"webm" not in header[:64] or not any(codec in header for codec in (b"V_VP8", b"V_VP9")):
        raise Unusable(OTHER_CODEC)
    return Found(MediumKind.VIDEO, "video/webm")

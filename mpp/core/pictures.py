"""The mall's emblem and photo: judged by their bytes, then drawn anew and small.

What is kept is never the file that was sent: no metadata of a camera and nothing that hides behind a
picture. One upload becomes one folder, whose unguessable name is all that the mall's row holds.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from mpp.core import tokens

YEAR = 365 * 24 * 60 * 60
MEGABYTE = 1024 * 1024
MOST_BYTES = 8 * MEGABYTE
MOST_PIXELS = 40_000_000
LEAST_EMBLEM = 192
LEAST_PHOTO = (800, 450)
FORMATS = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff", "WEBP": b"RIFF"}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
WHITE = (255, 255, 255)
# What Pillow raises for a file that is cut short or made to break it.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError)

# The head's own size is also the icon of a browser's tab, so it costs no request of its own.
HEAD = "96.png"
ICONS = {"192.png": 192, "512.png": 512}
# On white and away from the edge: phones cut a round piece out of these.
ROUND_180, ROUND_512 = "180-penuh.png", "512-penuh.png"
ROUND_ICONS = {ROUND_180: 180, ROUND_512: 512}
# An emblem keeps few colours; a palette halves its bytes.
COLOURS = 128

PHONE, WIDE, CARD = "640.webp", "1280.webp", "kartu.jpg"
PHOTOS = {PHONE: (640, 360), WIDE: (1280, 720), CARD: (1200, 630)}
# A phone pays for the first; the others go to wide screens and to messengers.
PHOTO_BYTES = {PHONE: 24_000, WIDE: 90_000, CARD: 250_000}
QUALITIES = (80, 70, 60, 50, 40, 30, 20)

NAMES = frozenset({HEAD, *ICONS, *ROUND_ICONS, *PHOTOS})

Files = Mapping[str, bytes]


class Unusable(ValueError):
    """The file cannot be the mall's picture; the message, in Indonesian, says what to do."""


@dataclass(frozen=True)
class Drawing:
    """A picture to show: where it is, and the room to keep for it."""

    address: str
    width: int
    height: int


def emblem_files(file: BinaryIO, size: int) -> Files:
    """Return every size of the emblem in `file` (`size` bytes); raise `Unusable` with what to do."""
    picture = _opened(file, size).convert("RGBA")
    if min(picture.size) < LEAST_EMBLEM:
        raise Unusable(_("Lambang terlalu kecil. Pakai gambar dengan sisi paling sedikit 192 piksel."))
    square = _squared(picture)
    plain = {name: _png(square.resize((side, side))) for name, side in {HEAD: 96, **ICONS}.items()}
    return plain | {name: _png(_on_white(square, side)) for name, side in ROUND_ICONS.items()}


def photo_files(file: BinaryIO, size: int) -> Files:
    """Return every size of the photo in `file` (`size` bytes); raise `Unusable` with what to do."""
    picture = _opened(file, size).convert("RGB")
    if picture.width < LEAST_PHOTO[0] or picture.height < LEAST_PHOTO[1]:
        raise Unusable(_("Foto terlalu kecil. Pakai foto paling sedikit 800 × 450 piksel."))
    # A new canvas carries no profile and no note of the camera along.
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    return {name: _within(ImageOps.fit(clean, box), name) for name, box in PHOTOS.items()}


def keep(files: Files) -> str:
    """Store the sizes of one picture; return the name of their folder."""
    key = tokens.new_nonce()
    for name, content in files.items():
        default_storage.save(_path(key, name), ContentFile(content))
    return key


def drop(key: str) -> None:
    """Delete the folder of a picture that nothing shows any more."""
    for name in NAMES if key else ():
        default_storage.delete(_path(key, name))


def read(key: str, name: str) -> bytes:
    """Return one size of a picture; raises `FileNotFoundError`."""
    with default_storage.open(_path(key, name)) as file:
        return bytes(file.read())


def address(key: str, name: str) -> str:
    """Return where a browser finds one size, and may keep it for a year; empty without a picture."""
    return reverse("picture", args=[key, name]) if key else ""


def drawing(key: str, name: str) -> Drawing:
    """Return one size of a photo with the room that it takes."""
    return Drawing(address(key, name), *PHOTOS[name])


def type_of(name: str) -> str:
    """Return the content type of one size."""
    return TYPES[name.rpartition(".")[2]]


def _path(key: str, name: str) -> str:
    return f"mall/{key}/{name}"


def _opened(file: BinaryIO, size: int) -> Image.Image:
    """Return the picture, upright; how large it is drawn is known before anything is decoded."""
    if size > MOST_BYTES:
        raise Unusable(_("Gambar paling besar 8 MB. Perkecil dulu, lalu unggah lagi."))
    head = file.read(512)
    if b"<svg" in head.lower() or head.lstrip().startswith(b"<?xml"):
        raise Unusable(_("SVG tidak diterima, karena dapat memuat program. Simpan sebagai PNG."))
    kind = next((name for name, magic in FORMATS.items() if head.startswith(magic)), None)
    if kind is None:
        raise Unusable(_("Isinya bukan gambar PNG, JPEG, atau WebP. Simpan ulang sebagai PNG."))
    file.seek(0)
    try:
        picture = Image.open(file, formats=[kind])
        if picture.width * picture.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        return ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError as error:
        raise Unusable(_("Gambar paling besar 40 megapiksel. Perkecil dulu, lalu unggah lagi.")) from error
    except BROKEN as error:
        raise Unusable(_("Gambar rusak atau terpotong. Unggah ulang dari berkas aslinya.")) from error


def _squared(picture: Image.Image) -> Image.Image:
    """Return the emblem in the middle of a square, without cutting any of it off."""
    side = max(picture.size)
    square = Image.new("RGBA", (side, side))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def _on_white(square: Image.Image, side: int) -> Image.Image:
    inner = side * 7 // 10
    small = square.resize((inner, inner))
    icon = Image.new("RGBA", (side, side), (*WHITE, 255))
    icon.alpha_composite(small, ((side - inner) // 2, (side - inner) // 2))
    return icon.convert("RGB")


def _png(picture: Image.Image) -> bytes:
    return _written(picture.quantize(COLOURS, Image.Quantize.FASTOCTREE), "PNG", optimize=True)


def _within(picture: Image.Image, name: str) -> bytes:
    """Return the photo in the best quality that fits the bytes its readers should pay."""
    content = b""
    for quality in QUALITIES:
        content = _written(picture, "JPEG" if name == CARD else "WEBP", quality=quality)
        if len(content) <= PHOTO_BYTES[name]:
            break
    return content


def _written(picture: Image.Image, kind: str, **options: int | bool) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()

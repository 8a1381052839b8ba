"""QR codes (ISO/IEC 18004) of error level M."""

from __future__ import annotations

import functools
import re
from typing import Any

import zxingcpp

# Dark modules side by side in a row.
DARK = re.compile(b"\x00+")


def rows_of(text: str) -> list[bytes]:
    """Return the modules of the code of `text` by row, from the top, a byte for each; no quiet zone."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image: Any = code.to_image(scale=1, add_quiet_zones=False)
    size, pixels = len(memoryview(image)), bytes(image)
    return [pixels[start : start + size] for start in range(0, len(pixels), size)]


@functools.lru_cache(maxsize=1000)
def path_of(text: str) -> tuple[int, str]:
    """Return how many modules the side of the code of `text` has, and the SVG path of its dark ones.

    The path is a stroke of width 1 along the middle of each row. Remembered, since the page of a number is
    read again and again.
    """
    rows = rows_of(text)
    return len(rows), "".join(_strokes(y, row) for y, row in enumerate(rows))


def _strokes(y: int, row: bytes) -> str:
    strokes, end = [], 0
    for run in DARK.finditer(row):
        start = run.start()
        # From where the last stroke ended: half the bytes of naming each place.
        move = f"m{start - end} 0" if end else f"M{start} {y}.5"
        end = run.end()
        strokes.append(f"{move}h{end - start}")
    return "".join(strokes)

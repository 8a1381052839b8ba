"""QR codes (ISO/IEC 18004) of error level M."""

from __future__ import annotations

import functools
import re
from typing import Any

import zxingcpp

# One of the eight masks, instead of trying them all: no code of ours reads worse for it, and it takes a
# sixth of the work (docs/decisions/0014-codes-by-zxing.md).
MASK = 0
MOST_MODULES = 177
# Modules of one colour side by side: dark ones are drawn, light ones stepped over.
RUNS = re.compile(rb"\x00+|\xff+|\n")
STROKES = (
    {b"\x00" * length: f"h{length}" for length in range(1, MOST_MODULES + 1)}
    | {b"\xff" * length: f"m{length} 0" for length in range(1, MOST_MODULES + 1)}
    | {b"\n": "\n"}
)


def rows_of(text: str) -> list[bytes]:
    """Return the modules of the code of `text` by row, from the top, a byte for each; no quiet zone."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=MASK)
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
    strokes = "".join(map(STROKES.__getitem__, RUNS.findall(b"\n".join(rows))))
    # The runs of a row lead to its end.
    return len(rows), "M0 .5" + strokes.replace("\n", f"m-{len(rows)} 1")

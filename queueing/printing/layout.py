"""A slip as ESC/POS bytes: pure, for paper of 58 or 80 mm."""

from __future__ import annotations

import textwrap
import unicodedata

from mpp.core import qr
from queueing.printing.contents import Slip
from tenants.enums import PaperWidth

# Letters of font A in a line, 12 dots wide each; a dot is an eighth of a millimetre (203 dpi).
COLUMNS = {PaperWidth.NARROW: 32, PaperWidth.WIDE: 48}
DOTS_PER_MM = 8
LETTER_DOTS = 12
# A letter is 24 dots high: six times is 18 mm, and trust.md K-08 asks for 15.
LOWEST_NUMBER = 6
LARGEST = 8
QR_MM = 28
LARGEST_QR_DOT = 16
PLAIN = str.maketrans({"–": "-", "—": "-", "·": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "..."})


def layout(slip: Slip, paper: PaperWidth) -> bytes:
    """Return the bytes that print `slip` and cut the paper."""
    # The library brings an image library along: only who prints pays for it.
    from escpos.constants import QR_ECLEVEL_M
    from escpos.printer import Dummy

    printer = Dummy()
    columns = COLUMNS[paper]

    def lines(text: str, *, large: bool = False, bold: bool = False) -> None:
        printer.set(
            align="center", bold=bold, double_width=large, double_height=large, normal_textsize=not large
        )
        for line in textwrap.wrap(plain(text), columns // 2 if large else columns):
            printer.textln(line)

    printer.hw("INIT")
    lines(slip.mall, bold=True)
    lines(slip.when)
    printer.ln()
    number = plain(slip.number)
    width = min(LARGEST, max(1, columns // len(number)))
    printer.set(align="center", bold=True, custom_size=True, width=width, height=max(width, LOWEST_NUMBER))
    printer.textln(number)
    lines(slip.service, large=True, bold=True)
    lines(slip.agency, bold=True)
    for each in filter(None, (*slip.places, slip.priority)):
        lines(each)
    printer.ln()
    for each in slip.wait:
        lines(each, bold=True)
    printer.ln()
    printer.set(align="center", normal_textsize=True)
    printer.qr(slip.url, ec=QR_ECLEVEL_M, size=_qr_dot(slip.url, columns), native=True)
    for each in (slip.follow, *slip.notes):
        lines(each)
    printer.cut(mode="PART")
    output: bytes = printer.output
    return output


def plain(text: str) -> str:
    """Return `text` in ASCII: what every receipt printer has, whatever its code page."""
    letters = unicodedata.normalize("NFKD", text.translate(PLAIN))
    base = "".join(each for each in letters if each.isprintable() and not unicodedata.combining(each))
    return base.encode("ascii", "replace").decode()


def _qr_dot(url: str, columns: int) -> int:
    """Return how many dots a module of the code takes: 28 mm or a little more, never wider than the paper."""
    modules = len(qr.rows_of(url))
    wanted = -(-QR_MM * DOTS_PER_MM // modules)
    return max(1, min(wanted, LARGEST_QR_DOT, columns * LETTER_DOTS // modules))

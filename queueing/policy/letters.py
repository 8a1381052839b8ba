"""How large the letters of a display must be, and how large they are on its panel: pure figures.

A letter of h millimetres is read with ease from 0.4 h metres (trust.md TV-01). Letters are measured by
the height of a capital, which in Inter is 0.727 of the type size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from queueing.enums import ScreenLayout

METRES_PER_MM = 0.4
CAPITAL = 0.727
FULL_HD = (1920, 1080)
INCH_MM = 25.4
PANELS = (32, 40, 43, 50, 55, 65, 75, 85, 98)


@dataclass(frozen=True)
class Type:
    """Type sizes of a layout in pixels of a 1920 × 1080 screen; display.css draws the same."""

    call: int
    row: int


TYPES: Mapping[str, Type] = {
    ScreenLayout.ONE: Type(call=330, row=84),
    ScreenLayout.HALVES: Type(call=250, row=84),
    ScreenLayout.LIST: Type(call=250, row=84),
}


def mm_per_px(inches: int) -> float:
    """Return the size of a pixel of a 16:9 full HD panel with this diagonal."""
    wide, high = FULL_HD
    return inches * INCH_MM / math.hypot(wide, high)


def height_mm(type_px: float, inches: int) -> float:
    """Return how high a capital letter of this type size is on the panel."""
    return type_px * CAPITAL * mm_per_px(inches)


def distance_m(type_px: float, inches: int) -> float:
    """Return from how far it is read with ease."""
    return height_mm(type_px, inches) * METRES_PER_MM


def panel_for(type_px: float, metres: float) -> int | None:
    """Return the smallest panel on the market that is read with ease from so far; None when none is."""
    return next((inches for inches in PANELS if distance_m(type_px, inches) >= metres), None)

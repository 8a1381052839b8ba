"""What stands in for an emblem: a square sign in the mall's colour and motif, and its card for messengers.

A mall without an emblem still has icons of its own on phones and tabs. Each drawing is written once, as
paths of straight lines: pages show them as SVG, and mpp.core.sign_pictures draws the icons from them.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from django.urls import reverse

from mpp.core import palette, pictures
from mpp.core.models import Mall

# A change of any drawing is another address.
DRAWING = "1"
TAB, CARD = "tanda.svg", "kartu.png"
CARD_SIZE = (1200, 630)
NAMES = frozenset({TAB, CARD, *pictures.ICONS, *pictures.ROUND_ICONS})


@dataclass(frozen=True)
class Drawing:
    """A square sign of 40 × 40: outlines and areas in one ink."""

    line: str
    fill: str


@dataclass(frozen=True)
class Tile:
    """One tile of a hem, 48 × 24."""

    line: str
    dot: str
    stitch: str


LOZENGE = Drawing(
    "M20 6l11 10-11 10L9 16z",
    "M20 11.5l5 4.5-5 4.5-5-4.5zM7 33l4.3-5.5 4.4 5.5zM15.7 33l4.3-5.5 4.3 5.5zM24.3 33l4.4-5.5L33 33z",
)
SIGNS: Mapping[str, Drawing] = {
    "sasirangan": LOZENGE,
    "tangga": Drawing(
        "M17 6h6v3h4v3.5h4v7h-4V23h-4v3h-6v-3h-4v-3.5H9v-7h4V9h4z",
        "M18 12.5h4v2h2v3h-2v2h-4v-2h-2v-3h2zM7 33v-2h1.4v-2h1.4v-1.5h3V29h1.4v2h1.4v2z"
        "M15.7 33v-2h1.4v-2h1.4v-1.5h3V29h1.4v2h1.4v2zM24.4 33v-2h1.4v-2h1.4v-1.5h3V29h1.4v2H33v2z",
    ),
    "anyaman": Drawing(
        "M9 6.5l9.5 9.5L9 25.5M31 6.5L21.5 16l9.5 9.5",
        "M20 5l3 3-3 3-3-3zM20 21l3 3-3 3-3-3zM12 13l3 3-3 3-3-3zM28 13l3 3-3 3-3-3z"
        "M7 33l3-5.5h5.6l-3 5.5zM15.7 33l3-5.5h5.6l-3 5.5zM24.4 33l3-5.5H33L30 33z",
    ),
}
HEMS: Mapping[str, Tile] = {
    "sasirangan": Tile(
        "M24 2l8 7-8 7-8-7z",
        "M24 5.8l3.7 3.2-3.7 3.2-3.7-3.2zM0 7l2.3 2L0 11zM48 7l-2.3 2 2.3 2z",
        "M0 2.5l7 6.5-7 6.5M48 2.5l-7 6.5 7 6.5",
    ),
    "tangga": Tile(
        "M20 3h8v3h4v6h-4v3h-8v-3h-4V6h4z",
        "M22 6.5h4v2h2v1h-2v2h-4v-2h-2v-1h2z",
        "M0 5h4v4h4M0 13h4V9M48 5h-4v4h-4M48 13h-4V9",
    ),
    "anyaman": Tile(
        "M4 3l8 6-8 6M44 3l-8 6 8 6",
        "M24 6.5l3 2.5-3 2.5-3-2.5zM0 6.5l3 2.5-3 2.5zM48 6.5l-3 2.5 3 2.5z",
        "M12 3l8 6-8 6M36 3l-8 6 8 6",
    ),
}
TEETH = "M0 30V24l6-6.5 6 6.5 6-6.5 6 6.5 6-6.5 6 6.5 6-6.5 6 6.5v6z"


@dataclass(frozen=True)
class Sign:
    """All that the icons and the card of a mall say."""

    accent: str
    motif: str
    name: str = ""
    region: str = ""

    @property
    def drawing(self) -> Drawing:
        """Return the sign in the mall's motif."""
        return SIGNS.get(self.motif, LOZENGE)

    @property
    def version(self) -> str:
        """Return what changes with every letter and colour of it."""
        return hashlib.sha256("\n".join((DRAWING, *astuple(self))).encode()).hexdigest()[:12]

    def address(self, name: str) -> str:
        """Return where a browser finds one size, and may keep it for a year."""
        return _address(self, name)


@functools.lru_cache(maxsize=64)
def _address(sign: Sign, name: str) -> str:
    return reverse("sign", args=[sign.version, name])


def of(mall: Mall | None) -> Sign:
    """Return the sign of this mall; that of the portal while there is none."""
    if mall is None:
        return Sign(palette.FALLBACK, "")
    return Sign(mall.accent, mall.motif, mall.short_name, mall.region)


def icon_of(mall: Mall | None, name: str) -> str:
    """Return the address of one size of the mall's icon: of its emblem, else of its sign."""
    return pictures.address(mall.emblem if mall else "", name) or of(mall).address(name)

"""Keep what a window shows: whole in var/pictures and, with DOCS=1, small in docs/images."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import cast

from django.conf import settings
from PIL import Image
from playwright.sync_api import Page

from tests import factories as make

TARGET = Path(settings.BASE_DIR) / "var" / "pictures"
DOCS = Path(settings.BASE_DIR) / "docs" / "images"
WANTS_DOCS = os.environ.get("DOCS") == "1"
# The grounds as they are, and each other colour that occurs, however little of it.
GROUNDS, OTHERS = 24, 40
# A paired display may speak without being asked; this browser may not.
# What runs through for ever is taken in the moment when its first word stands at the edge.
A_MOMENT = """room => document.querySelectorAll(".announce.runs span")
    .forEach((one) => { one.style.paddingLeft = room; })"""
WITHOUT_SOUND = "document.querySelectorAll('[data-mpp-sound]').forEach((one) => { one.remove(); })"


def keep(page: Page, name: str, *, docs: float = 0, whole: bool = False) -> None:
    """Keep a picture as var/pictures/<name>.png; `docs` is the part of its size that the guides show."""
    page.evaluate("document.fonts.ready")
    page.evaluate(WITHOUT_SOUND)
    TARGET.mkdir(parents=True, exist_ok=True)
    page.evaluate(A_MOMENT, "5.2rem")
    content = page.screenshot(
        path=TARGET / f"{name}.png", full_page=whole, caret="initial", animations="disabled"
    )
    page.evaluate(A_MOMENT, "")
    if docs and WANTS_DOCS:
        _keep_small(content, DOCS / f"{name}.png", docs)


def _keep_small(content: bytes, path: Path, part: float) -> None:
    picture = Image.open(BytesIO(content)).convert("RGB")
    if part != 1:
        size = round(picture.width * part), round(picture.height * part)
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    picture.quantize(palette=_palette(picture), dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def _palette(picture: Image.Image) -> Image.Image:
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    grounds = [part for _count, colour in counted[:GROUNDS] for part in cast("tuple[int, ...]", colour)]
    others = picture.quantize(OTHERS, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(grounds + others[: 3 * OTHERS])
    return palette


def sign_in(page: Page, username: str, path: str) -> None:
    """Sign this window's person in, on the way to `path`."""
    page.goto(f"/akun/masuk/?next={path}")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/akun/masuk/" not in url, wait_until="load")

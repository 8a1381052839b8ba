"""The files of a sign: drawn when they are first asked for, and remembered."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFont

from mpp.core import palette, pictures
from mpp.core.signs import CARD, CARD_SIZE, HEMS, TAB, TEETH, Drawing, Sign

Points = list[tuple[float, float]]
FONT = "fonts/inter-latin-wght-normal.woff2"
# Drawn so much larger and then made small, so that slants are smooth.
FINER = 4
SIDE, ROUNDING, STROKE = 40, 9, 1.8
TILE_WIDTH, TILE_HEIGHT, HEM_STROKE = 48, 30, 1.1
# Phones cut a round piece out of an icon: what must be seen keeps this share of its side.
INNER = 0.78
MARGIN, CARD_SIGN, CARD_HEM = 90, 144, 120
LEAST_TYPE = 24
COLOURS = 64


@functools.lru_cache(maxsize=16)
def drawn(sign: Sign, name: str) -> bytes:
    """Return one of the sign's files (signs.NAMES)."""
    if name == TAB:
        return _svg(sign)
    if name == CARD:
        return _png(_card(sign))
    is_whole = name in pictures.ROUND_ICONS
    side = (pictures.ROUND_ICONS if is_whole else pictures.ICONS)[name]
    return _png(_square(sign.drawing, side, sign.accent, palette.WHITE, is_whole=is_whole))


def _svg(sign: Sign) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        f'<rect width="{SIDE}" height="{SIDE}" rx="{ROUNDING}" fill="{sign.accent}"/>'
        f'<path d="{sign.drawing.line}" fill="none" stroke="#fff" stroke-width="{STROKE}"/>'
        f'<path d="{sign.drawing.fill}" fill="#fff"/></svg>'
    ).encode()


def _square(drawing: Drawing, side: int, ground: str, ink: str, *, is_whole: bool = False) -> Image.Image:
    """Return the sign on its ground; a whole one has no rounded corners and keeps away from the edge."""
    large, share = side * FINER, INNER if is_whole else 1.0
    unit, at = large / SIDE * share, large * (1 - share) / 2
    canvas = Image.new("RGBA", (large, large))
    pen = ImageDraw.Draw(canvas)
    pen.rounded_rectangle((0, 0, large - 1, large - 1), 0 if is_whole else ROUNDING * unit, ground)
    for points, is_closed in _paths(drawing.line, unit, at, at):
        _stroke(pen, points, is_closed, STROKE * unit, ink)
    for points, _closed in _paths(drawing.fill, unit, at, at):
        pen.polygon(points, ink)
    return canvas.resize((side, side), Image.Resampling.LANCZOS)


def _card(sign: Sign) -> Image.Image:
    """Return what a messenger shows beside a link: sign, name and region on the mall's colour, and a hem."""
    width, height = CARD_SIZE
    canvas = Image.new("RGBA", CARD_SIZE, sign.accent)
    mark = _square(sign.drawing, CARD_SIGN, palette.WHITE, sign.accent)
    canvas.alpha_composite(mark, (MARGIN, MARGIN))
    pen = ImageDraw.Draw(canvas)
    muted = palette.palette(sign.accent).light["--on-accent-muted"]
    most = width - 2 * MARGIN
    lines = ((sign.name, 96, 700, 356), ("Mal Pelayanan Publik", 44, 500, 424), (sign.region, 44, 500, 478))
    for words, size, weight, line in lines:
        ink = palette.WHITE if weight == 700 else muted
        pen.text((MARGIN, line), words, ink, _letters(words, size, weight, most), anchor="ls")
    canvas.paste(_hem(sign, width, CARD_HEM, muted), (0, height - CARD_HEM))
    return canvas


def _hem(sign: Sign, width: int, height: int, ink: str) -> Image.Image:
    unit = height * FINER / TILE_HEIGHT
    band = Image.new("RGB", (width * FINER, height * FINER), sign.accent)
    pen = ImageDraw.Draw(band)
    tile = HEMS.get(sign.motif)
    for left in range(0, band.width, round(TILE_WIDTH * unit)):
        for points, is_closed in _paths(tile.line + tile.stitch if tile else "", unit, left):
            _stroke(pen, points, is_closed, HEM_STROKE * unit, ink)
        for points, _closed in _paths(tile.dot if tile else "", unit, left):
            pen.polygon(points, ink)
        for points, _closed in _paths(TEETH, unit, left):
            pen.polygon(points, palette.WHITE)
    return band.resize((width, height), Image.Resampling.LANCZOS)


def _stroke(pen: ImageDraw.ImageDraw, points: Points, is_closed: bool, width: float, ink: str) -> None:
    # Once round and a little further: the corner at which it closes is joined like the others.
    pen.line(points + points[:2] if is_closed else points, ink, round(width), joint="curve")


def _letters(words: str, size: int, weight: int, most: int) -> ImageFont.FreeTypeFont:
    """Return the portal's letters, as large as `words` fit into `most` pixels."""
    font = ImageFont.truetype(str(finders.find(FONT)), size)
    font.set_variation_by_axes([weight])
    too_wide = font.getlength(words) > most and size > LEAST_TYPE
    return _letters(words, size - 8, weight, most) if too_wide else font


def _paths(text: str, unit: float, left: float, top: float = 0) -> Iterator[tuple[Points, bool]]:
    """Yield the stretches of a path of straight lines (M, L, H, V, Z), each with whether it closes."""
    points: Points = []
    x = y = 0.0
    for command, rest in re.findall(r"([MLHVZ])([^MLHVZ]*)", text, re.IGNORECASE):
        if command in "MZz" and points:
            yield points, command != "M"
            points = []
        numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", rest)]
        for own in _pairs(numbers, command):
            x, y = _moved(command, own, x, y)
            points.append((left + x * unit, top + y * unit))
    if points:
        yield points, False


def _pairs(numbers: list[float], command: str) -> Iterator[list[float]]:
    step = 1 if command in "HhVv" else 2
    return (numbers[place : place + step] for place in range(0, len(numbers), step))


def _moved(command: str, numbers: list[float], x: float, y: float) -> tuple[float, float]:
    """Return where a command leads from (x, y); a small letter counts from there."""
    from_x, from_y = (x, y) if command.islower() else (0.0, 0.0)
    match command.upper():
        case "H":
            return from_x + numbers[0], y
        case "V":
            return x, from_y + numbers[0]
        case _:
            return from_x + numbers[0], from_y + numbers[1]


def _png(canvas: Image.Image) -> bytes:
    buffer = io.BytesIO()
    canvas.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()

"""One colour in, the whole accent block out: the rules of LOOK.md, "Another mall".

Pure functions. A colour is a hex text ("#0B5447"); a contrast is the ratio of WCAG 2.2, 1 to 21.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

# The accent of tokens.css, for the hour before a mall is loaded.
FALLBACK = "#0B5447"
WHITE = "#FFFFFF"
BLACK = "#000000"
DARK_GROUND = "#111816"
CALL = "#FFC72C"
PURE_RED = "#FF0000"

# 7 : 1 is trust.md U-17. Words are lightened a step further, so that rounding cannot undercut it.
LEAST_CONTRAST = 7.0
TEXT_CONTRAST = 7.1
NIGHT_SATURATION = 0.42
LIGHTNESS_STEP = 0.01
NEAR_HUE_DEGREES = 15

Rgb = tuple[float, float, float]


class UnusableAccent(ValueError):
    """The colour cannot be the mall's; the message, in Indonesian, says why and what to try."""


@dataclass(frozen=True)
class Palette:
    """The accent block, by day and by night: custom property name to hex colour."""

    light: dict[str, str]
    dark: dict[str, str]
    warnings: tuple[str, ...]


def palette(accent: str) -> Palette:
    """Return the accent block of `accent`; raise `UnusableAccent` when white on it is below 7 : 1."""
    accent = _normal(accent)
    # A light colour could carry ink, but as a button its edge on white paper would be under 3 : 1.
    if contrast(WHITE, accent) < LEAST_CONTRAST:
        raise UnusableAccent(
            _("Warna %(accent)s terlalu terang untuk tulisan putih. Pilih yang lebih gelap.")
            % {"accent": accent}
        )
    return Palette(_light(accent), _dark(accent), _warnings(accent))


def css_block(accent: str) -> str:
    """Return the style sheet served as /tema.css; raise `UnusableAccent` like `palette`."""
    block = palette(accent)
    return (
        f":root {{\n{_declarations(block.light)}}}\n"
        f"@media (prefers-color-scheme: dark) {{\n:root {{\n{_declarations(block.dark)}}}\n}}\n"
    )


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _light(accent: str) -> dict[str, str]:
    soft = _mix(accent, WHITE, 0.90)
    return {
        "--accent": accent,
        "--accent-strong": _mix(accent, BLACK, 0.22),
        "--accent-deep": _mix(accent, BLACK, 0.55),
        "--accent-soft": soft,
        "--accent-text": _readable(accent, (WHITE, soft), step=-LIGHTNESS_STEP, saturation=1.0),
        "--on-accent": WHITE,
        "--on-accent-muted": _muted(accent),
        "--action": accent,
        "--action-strong": _mix(accent, BLACK, 0.22),
        "--on-action": WHITE,
    }


def _dark(accent: str) -> dict[str, str]:
    soft = _mix(DARK_GROUND, accent, 0.30)
    action = _readable(accent, (DARK_GROUND, soft), step=LIGHTNESS_STEP, saturation=NIGHT_SATURATION)
    return {
        "--accent": accent,
        "--accent-strong": _mix(accent, BLACK, 0.22),
        "--accent-deep": _mix(accent, BLACK, 0.55),
        "--accent-soft": soft,
        "--accent-text": action,
        "--on-accent": WHITE,
        "--on-accent-muted": _muted(accent),
        "--action": action,
        "--action-strong": _mix(action, WHITE, 0.25),
        "--on-action": _mix(accent, BLACK, 0.72),
    }


def _muted(accent: str) -> str:
    """Return secondary text on the plate: white with 12 % of the accent, or plain white below 7 : 1."""
    muted = _mix(WHITE, accent, 0.12)
    return muted if contrast(muted, accent) >= LEAST_CONTRAST else WHITE


def _readable(accent: str, grounds: tuple[str, ...], *, step: float, saturation: float) -> str:
    """Move `accent` in lightness by `step`, hue kept, until it reads on every one of `grounds`."""
    hue, lightness, own = colorsys.rgb_to_hls(*_parts(accent))
    colour = accent
    while min(contrast(colour, ground) for ground in grounds) < TEXT_CONTRAST:
        lightness += step
        colour = _hex(colorsys.hls_to_rgb(hue, lightness, min(own, saturation)))
    return colour


def _warnings(accent: str) -> tuple[str, ...]:
    warnings = []
    if _hue_distance(accent, PURE_RED) <= NEAR_HUE_DEGREES:
        warnings.append(_("Warna ini dekat dengan merah, tanda gangguan. Pertimbangkan warna lain."))
    if _hue_distance(accent, CALL) <= NEAR_HUE_DEGREES:
        warnings.append(_("Warna ini dekat dengan kuning panggilan. Pertimbangkan warna lain."))
    return tuple(warnings)


def _hue_distance(one: str, other: str) -> float:
    """Return the distance of two hues in degrees, 0 to 180; greys are far from everything."""
    (hue, _one_light, saturation), (goal, _other_light, _other_own) = (
        colorsys.rgb_to_hls(*_parts(colour)) for colour in (one, other)
    )
    if not saturation:
        return 180.0
    turn = abs(hue - goal) * 360
    return min(turn, 360 - turn)


def _normal(colour: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise UnusableAccent(_("Tulis warna seperti #0B5447."))
    return colour.upper()


def _parts(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in parts)


def _mix(base: str, other: str, share: float) -> str:
    """Return `base` with `share` (0 to 1) of `other` mixed into it."""
    red, green, blue = (
        own * (1 - share) + added * share for own, added in zip(_parts(base), _parts(other), strict=True)
    )
    return _hex((red, green, blue))


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _declarations(block: dict[str, str]) -> str:
    return "".join(f"  {name}: {colour};\n" for name, colour in block.items())

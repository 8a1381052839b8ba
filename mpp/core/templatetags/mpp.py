"""The portal's components and formats for templates: `{% load mpp %}`."""

from __future__ import annotations

import functools
import re
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from urllib.parse import quote

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from mpp.core import formats, pictures, signs
from mpp.core.models import Mall
from mpp.core.qr import path_of
from mpp.core.styles import accent_of, sheet_of
from mpp.core.templatetags.once import drawn_once

register = template.Library()

ZONE_SUFFIXES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
STATE_WORDS = {
    "open": gettext_lazy("Buka"),
    "break": gettext_lazy("Istirahat"),
    "full": gettext_lazy("Penuh"),
    "closed": gettext_lazy("Tutup"),
    "trouble": gettext_lazy("Gangguan"),
    "unmanned": gettext_lazy("Belum ada petugas"),
}
# ISO/IEC 18004 asks for four modules of white around the code.
QUIET_ZONE = 4
# The line of people ahead: eight stand for themselves, the rest become "+12" (LOOK.md, 03).
TRACK_PEOPLE = 8
TRACK_START, TRACK_END = 14, 306
LONGEST_WAY_BACK = 300
# The mall and its agencies write in it.
OWN_LANGUAGE = "id"


@register.simple_tag
@functools.lru_cache(maxsize=200)
def icon(name: str, after: bool = False) -> SafeString:
    """Return the outline icon `name` of the sprite; always set a word beside it.

    `after` is for an icon that follows its word in a button.
    """
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#i-{}"></use></svg>',
        " icon-after" if after else "",
        static("img/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def citizen_sheet(context: Context) -> str:
    """Return the address of the one style sheet of a citizen's page."""
    return sheet_of(accent_of(context.get("request"))).address


@register.inclusion_tag("components/mark.html", takes_context=True)
def mark(context: Context) -> dict[str, Any]:
    """Return the mall's emblem; a square sign in its motif stands in for it."""
    motif = getattr(context.get("mall"), "motif", "")
    return {"emblem": emblem(context, pictures.HEAD), "sign": signs.SIGNS.get(motif, signs.LOZENGE)}


@register.simple_tag(takes_context=True)
def emblem(context: Context, name: str) -> str:
    """Return the address of one size of the mall's emblem; empty when it has none."""
    return pictures.address(getattr(context.get("mall"), "emblem", ""), name)


@register.simple_tag(takes_context=True)
def mall_icon(context: Context, name: str = signs.TAB) -> str:
    """Return the address of one size of the mall's icon; the portal's own before there is a mall."""
    mall = context.get("mall")
    if not isinstance(mall, Mall):
        return static("img/favicon.svg")
    return emblem(context, pictures.HEAD if name == signs.TAB else name) or signs.of(mall).address(name)


@register.inclusion_tag("components/photo.html", takes_context=True)
def photo(context: Context) -> dict[str, Any]:
    """Return the photo of the building, below what people came for; nothing when the mall has none."""
    mall = context.get("mall")
    if mall is None or not mall.photo:
        return {}
    return {
        "mall": mall,
        "phone": pictures.drawing(mall.photo, pictures.PHONE),
        "wide": pictures.drawing(mall.photo, pictures.WIDE),
    }


@register.simple_tag(takes_context=True)
def hem(context: Context, strip: bool = False) -> SafeString:
    """Return the hem of a plate in the mall's motif; nothing when the mall has none.

    `strip` is the narrow band without cut teeth, for a page that has no plate.
    """
    return drawn_once(
        "components/hem.html",
        tile=signs.HEMS.get(getattr(context.get("mall"), "motif", "")),
        teeth=signs.TEETH,
        strip=strip,
        height=18 if strip else 24,
        pattern=f"hem-{_next_hem(context)}",
    )


def _next_hem(context: Context) -> int:
    """Count the hems of one page, so that no two patterns share an id."""
    request = context.get("request")
    number: int = getattr(request, "hem_count", 0) + 1
    if request is not None:
        request.hem_count = number
    return number


@register.simple_tag
def state_badge(state: str, word: str = "") -> SafeString:
    """Return the mark and the word of a state: open, break, full, closed, trouble or unmanned."""
    key = str(state).lower()
    return format_html('<span class="state state-{}">{}</span>', key, word or STATE_WORDS[key])


@register.inclusion_tag("components/sample.html")
def sample_mark() -> dict[str, Any]:
    """Return the outlined word that marks sample data."""
    return {}


@register.simple_tag
def bar(value: float, maximum: float, frame: bool = False) -> SafeString:
    """Return a bar of `value` on a scale of `maximum` (same unit); `frame` outlines it (a promise)."""
    share = min(max(value / maximum, 0), 1) if maximum > 0 else 0
    return format_html(
        '<svg class="bar" aria-hidden="true" focusable="false">'
        '<rect class="{}" width="{}%" height="8" rx="2"></rect></svg>',
        "bar-frame" if frame else "bar-fill",
        f"{share * 100:.1f}",
    )


@register.simple_tag
def track(ahead: int, serving: bool = True) -> SafeString:
    """Return the line of people before me: ring = served now, small lozenge = a person, large = me."""
    shown = min(ahead, TRACK_PEOPLE)
    rest = ahead - shown
    gap = (TRACK_END - TRACK_START) / (shown + (2 if rest else 1))
    return drawn_once(
        "components/track.html",
        serving=serving,
        people=tuple(f"{TRACK_START + gap * place:.0f}" for place in range(1, shown + 1)),
        rest=rest,
        rest_at=f"{TRACK_START + gap * (shown + 1):.0f}",
        label=ngettext("%(count)d orang di depan Anda", "%(count)d orang di depan Anda", ahead)
        % {"count": ahead},
    )


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    """Return `text` as an inline SVG QR code (error level M) with its quiet zone, black on white."""
    modules, path = path_of(text)
    size = modules + 2 * QUIET_ZONE
    return format_html(
        '<svg class="qr" viewBox="-{q} -{q} {s} {s}" role="img" aria-label="{label}"'
        ' shape-rendering="crispEdges">'
        '<path fill="#fff" d="M-{q}-{q}h{s}v{s}h-{s}z"></path><path stroke="#000" d="{path}"></path></svg>',
        q=QUIET_ZONE,
        s=size,
        label=label or _("Kode QR"),
        path=path,
    )


@register.simple_tag
def phone_link(number: str, text: str = "") -> SafeString:
    """Return a link that dials `number` (Indonesian or with +); `text` replaces the visible number."""
    return format_html('<a href="tel:+{}">{}</a>', _international(number), text or number)


@register.simple_tag
def wa_link(number: str, text: str = "") -> SafeString:
    """Return a link that opens WhatsApp with `number`."""
    return format_html(
        '<a href="https://wa.me/{}" rel="noopener">{}</a>',
        _international(number),
        text or f"WhatsApp {number}",
    )


def _international(number: str) -> str:
    """Return the digits of `number` with the country code 62 in place of a leading zero."""
    digits = re.sub(r"\D", "", number)
    return f"62{digits[1:]}" if digits.startswith("0") else digits


@register.filter
def rupiah(amount: int | None) -> str:
    """Return whole Rupiah as "Rp250.000", in English "Rp250,000"; empty for None."""
    return "" if amount is None else formats.rupiah(int(amount))


@register.simple_tag
def people_ahead(ahead: int, begins: bool = True) -> SafeString:
    """Say how many people are ahead, with each form of the sentence for the script that keeps it fresh.

    `begins` tells that a sentence begins with it.
    """
    none = _("Giliran Anda berikutnya") if begins else _("giliran Anda berikutnya")
    one, many = (
        ngettext("%(ahead)s orang di depan Anda", "%(ahead)s orang di depan Anda", count) for count in (1, 2)
    )
    shown = (one if ahead == 1 else many) % {"ahead": ahead} if ahead else none
    form = '<span data-mpp-ahead data-none="{}" data-one="{}" data-many="{}">{}</span>'
    return format_html(form, none, *(sentence % {"ahead": "{people}"} for sentence in (one, many)), shown)


@register.filter
def figure(value: object, name: str) -> SafeString:
    """Return a figure inside a sentence, which the page's script keeps fresh under this name."""
    return format_html('<span data-mpp-figure="{}">{}</span>', name, value)


@register.filter
def clock_time(value: datetime | time | None) -> str:
    """Return the time in the mall's zone as "09.55", in English "09:55"; empty for None."""
    return "" if value is None else formats.hour(value)


@register.filter
def clock_seconds(value: datetime | time | None) -> str:
    """Return the time in the mall's zone as "09.37.50": the age of data, the moment of a call."""
    return "" if value is None else formats.hour(value, seconds=True)


@register.filter
def clock_zone(value: datetime | time | None) -> str:
    """Return the time with the zone's name as "09.55 WITA"; empty for None."""
    return "" if value is None else f"{formats.hour(value)} {zone_suffix()}".rstrip()


@register.simple_tag
def own_words() -> str:
    """Return the attribute of what the mall and its agencies wrote: Indonesian, whatever the page speaks.

    Else a screen reader would read it with English sounds (WCAG 3.1.2).
    """
    return "" if get_language() == OWN_LANGUAGE else format_html(' lang="{}"', OWN_LANGUAGE)


@register.simple_tag(takes_context=True)
def language_link(context: Context) -> SafeString:
    """Return the link that shows this page in the other language, named in that language."""
    code, name = ("id", "Bahasa Indonesia") if get_language() == "en" else ("en", "English")
    return format_html(
        '<a href="{}?kembali={}" lang="{}" hreflang="{}" rel="nofollow">{}</a>',
        _switch_to(code),
        quote(_way_back(context.get("request"))),
        code,
        code,
        name,
    )


@functools.cache
def _switch_to(code: str) -> str:
    return reverse("language", args=[code])


def _way_back(request: HttpRequest | None) -> str:
    """Return the address of this page; without a query so long that it would only be noise."""
    if request is None:
        return "/"
    whole: str = request.get_full_path()
    return whole if len(whole) <= LONGEST_WAY_BACK else str(request.path)


@register.simple_tag
def zone_suffix() -> str:
    """Return "WIB", "WITA" or "WIT" for the active zone; empty for a zone outside Indonesia."""
    return ZONE_SUFFIXES.get(timezone.get_current_timezone_name(), "")


@register.filter
def long_date(value: date | None) -> str:
    """Return "Sabtu, 21 November 2026" of a date or of a moment in the mall's zone."""
    return _date(value, "l, j F Y")


@register.filter
def short_date(value: date | None) -> str:
    """Return "Sabtu, 21 Nov 2026": for the slip and other narrow places."""
    return _date(value, "l, j M Y")


def _date(value: date | None, pattern: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return date_format(value, pattern)


@register.filter
def prose(text: str) -> SafeString:
    """Return plain text as paragraphs, lists ("- ") and headings ("## "); addresses become links."""
    groups = groupby(text.strip().splitlines(), key=_kind_of_line)
    return format_html_join("", "{}", ((_prose(kind, list(lines)),) for kind, lines in groups if kind))


def _kind_of_line(line: str) -> str:
    marks = {"- ": "ul", "##": "h2"}
    return marks.get(line[:2], "p") if line.strip() else ""


def _prose(kind: str, lines: list[str]) -> SafeString:
    match kind:
        case "ul":
            items = format_html_join("", "<li>{}</li>", ((_linked(line[2:]),) for line in lines))
            return format_html("<ul>{}</ul>", items)
        case "h2":
            return format_html_join("", "<h2>{}</h2>", ((line.lstrip("# "),) for line in lines))
        case _:
            broken = format_html_join(SafeString("<br>"), "{}", ((_linked(line),) for line in lines))
            return format_html("<p>{}</p>", broken)


def _linked(line: str) -> SafeString:
    return SafeString(urlize(line.strip(), autoescape=True))


@register.simple_tag
def minutes_range(low: int, high: int) -> str:
    """Return a range of minutes with an en dash: "12–20"; one figure when both are equal."""
    return str(low) if low == high else f"{low}–{high}"

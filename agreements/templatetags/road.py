"""Pictures of the road, drawn on the server: `{% load road %}`."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agreements.board import Card
from agreements.checklist import Section

register = template.Library()

BLOCK, GAP, HEIGHT = 20, 4, 12


@register.simple_tag
def blocks(filled: int, total: int, words: str) -> SafeString:
    """Return a row of `total` blocks of which the first `filled` are filled; `words` say it aloud."""
    rows = (
        (index * (BLOCK + GAP) + 1, BLOCK - 2, HEIGHT - 2, "full" if index < filled else "empty")
        for index in range(total)
    )
    shapes = format_html_join("", '<rect x="{}" y="1" width="{}" height="{}" rx="2" class="{}"></rect>', rows)
    width = max(total * (BLOCK + GAP) - GAP, 1)
    return format_html(
        '<svg class="road-blocks" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        width,
        HEIGHT,
        words,
        shapes,
    )


@register.simple_tag
def heading_bars(sections: Sequence[Section]) -> SafeString:
    """Return one bar for each heading of readiness, filled as far as it is verified."""
    wide = 100 // max(len(sections), 1)
    rows = (
        (index * wide, wide - 3, index * wide, (wide - 3) * section.percent // 100)
        for index, section in enumerate(sections)
    )
    bars = format_html_join(
        "",
        '<rect x="{}" y="0" width="{}" height="5" class="empty"></rect>'
        '<rect x="{}" y="0" width="{}" height="5" class="full"></rect>',
        rows,
    )
    words = ", ".join(
        f"{section.heading.label} {section.verified}/{len(section.items)}" for section in sections
    )
    return format_html(
        '<svg class="road-bars" viewBox="0 0 100 5" preserveAspectRatio="none" role="img" aria-label="{}">'
        "{}</svg>",
        words,
        bars,
    )


@register.simple_tag
def waiting_words(cards: Sequence[Card]) -> str:
    """Return who waits for a signature, each with its stage: "BRI siap tanda tangan, Taspen telaah"."""
    return ", ".join(f"{card.agency.short_name} ({card.stage.label})" for card in cards)


@register.filter
def standing(days: int | None) -> str:
    """Return for how long something has stood: "hari ini", "23 hari"; "" when nobody knows."""
    if days is None:
        return ""
    return _("%(days)d hari") % {"days": days} if days else _("hari ini")

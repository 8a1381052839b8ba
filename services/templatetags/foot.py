"""The foot of citizens' pages: `{% load foot %}`."""

from __future__ import annotations

from datetime import date

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from mpp.core import mall, revision
from services.guide import guide_at
from services.week import week_at

register = template.Library()


def _foot(_key: tuple[date, str | None]) -> SafeString:
    here, instant = mall.remembered(), revision.at_entry()
    if here is None:
        return SafeString("")
    context = {
        "mall": here,
        "mall_week_lines": week_at(instant, here.zone_suffix),
        "mall_guide": guide_at(instant),
    }
    return render_to_string("components/foot.html", context)


# Nothing of a person stands in it, and in a rush it would be a third of what a page costs.
_feet: revision.Memory[tuple[date, str | None], SafeString] = revision.Memory(_foot)


@register.simple_tag
def foot() -> SafeString:
    """Return the foot of every citizen's page: once for each day, language and configuration."""
    instant = revision.at_entry()
    return _feet.get(instant.revision, (instant.day, get_language()))

"""What is the same on thousands of pages is drawn once: `{% load once %}`."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from mpp.core import revision

register = template.Library()

Values = tuple[tuple[str, Hashable], ...]
# The hour in UTC changes with each local day too, and is there without a look at the zone.
Key = tuple[str, date, int, str | None, Values]
# The heads of pages, the papers of each service, a line of people of each length: in each language.
MOST_DRAWN = 500


def _draw(key: Key) -> SafeString:
    name, _day, _hour, _language, values = key
    return render_to_string(name, dict(values))


_drawn: revision.Memory[Key, SafeString] = revision.Memory(_draw, most=MOST_DRAWN)


@register.simple_tag
def drawn_once(template_name: str, **values: Hashable) -> SafeString:
    """Return the template, drawn once for each configuration, hour, language and these values.

    It sees nothing but the values: what is of one person alone cannot stand on the page of another. A
    model among them is read from tables that carry `revision.bump_trigger`. Outside a request, as when
    the database does not answer, nothing is remembered.
    """
    instant = revision.of_request()
    if instant is None:
        return render_to_string(template_name, values)
    hour = instant.at.date(), instant.at.hour
    return _drawn.get(instant.revision, (template_name, *hour, get_language(), tuple(values.items())))

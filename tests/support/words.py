"""The words of a page of the admin, and those of its libraries that were left in English."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from django.conf import settings

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "id" / "LC_MESSAGES" / "django.po"
# What Django itself says in English when its own catalogue is not used.
DJANGO = """
    Add; Save; Save and add another; Save and continue editing; Delete; History; Search; Home; Log out;
    Change password; View site; Yes; No; All; Any date; Today; Past 7 days; This month; This year;
    Clear all filters; Change; View; Remove; Object; Date/time; Comment; Changed by; Change reason;
    Changed; Created; Show counts; Unknown; Objects; Summary
"""
# The same word in both languages.
SHARED = {"Format", "Status", "Link", "Data"}


class Words(HTMLParser):
    """Collects what a person sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"script", "style"}
        for name, value in attrs:
            if name in {"title", "placeholder", "aria-label", "alt", "data-label"} and value:
                self.found.add(" ".join(value.split()))
        if tag == "input" and dict(attrs).get("type") == "submit":
            self.found.add(dict(attrs).get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.add(" ".join(data.split()))


@cache
def entries() -> dict[str, str]:
    """Return what the libraries say, with our words for it."""
    pairs = re.findall(
        r'^msgid "(.+)"\n(?:msgid_plural .*\n)?msgstr(?:\[0\])? "(.*)"$', CATALOGUE.read_text(), re.M
    )
    return dict(pairs)


@cache
def english() -> set[str]:
    same = {text for text, translated in entries().items() if text == translated}
    django = {" ".join(text.split()) for text in DJANGO.split(";")}
    return (set(entries()) | django) - SHARED - same


def left_over(content: bytes) -> set[str]:
    """Return the English words that a person sees or hears of the page."""
    page = Words()
    page.feed(content.decode())
    return page.found & english()

"""One style sheet for citizens' pages: on a weak signal each request costs more than its bytes."""

from __future__ import annotations

import functools
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from mpp.core import palette

# In this order; the mall's colours follow them.
SHEETS = ("css/tokens.css", "css/base.css", "css/citizen.css")
STATES = ("open", "break", "full", "closed", "trouble", "unmanned")
YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True)
class Sheet:
    """The whole style of a citizen's page; `version` changes with every letter of it."""

    text: str
    version: str

    @functools.cached_property
    def address(self) -> str:
        """Return where a browser finds it, and may keep it for a year."""
        return reverse("citizen-sheet", args=[self.version])


def sheet_of(accent: str) -> Sheet:
    """Return the sheet in the colours that follow from `accent` (#rrggbb)."""
    # Whoever changes a file sees it with the next page.
    return _sheet(accent, tuple((path, os.stat(path).st_mtime_ns) for path in _paths()))


@functools.cache
def _paths() -> tuple[str, ...]:
    return tuple(str(finders.find(name)) for name in SHEETS)


@functools.lru_cache(maxsize=8)
def _sheet(accent: str, files: tuple[tuple[str, int], ...]) -> Sheet:
    texts = [Path(name).read_text(encoding="utf-8") for name, _changed in files]
    text = "\n".join([*texts, palette.css_block(accent)])
    return Sheet(text, hashlib.sha256(text.encode()).hexdigest()[:12])


def accent_of(request: HttpRequest | None) -> str:
    """Return the colour of the mall; that of the portal while there is none."""
    mall = getattr(request, "mall", None)
    return str(mall.accent) if mall else palette.FALLBACK


@login_not_required
@require_safe
def citizen_sheet(request: HttpRequest, version: str) -> HttpResponse:
    """Answer the sheet; under an address of another version it is kept by nobody.

    While a new version is brought out, pages of one process ask another for their sheet.
    """
    sheet = sheet_of(accent_of(request))
    response = HttpResponse(sheet.text, content_type="text/css; charset=utf-8")
    if version == sheet.version:
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, no_store=True)
    return response


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component once, to whoever builds pages; a real portal has no such page."""
    if not settings.DEMO:
        raise Http404
    return render(request, "gallery.html", {"states": STATES})

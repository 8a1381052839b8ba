"""The admin speaks Indonesian: no word of its libraries is left in English."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.db import models
from django.test import Client

from tests.admin.conftest import send, url
from tests.admin.test_pages import CHANGEABLE, MODELS, TABLES, label
from tests.conftest import Place

SHARES_ITS_WORLD = True

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


def entries() -> dict[str, str]:
    pairs = re.findall(
        r'^msgid "(.+)"\n(?:msgid_plural .*\n)?msgstr(?:\[0\])? "(.*)"$', CATALOGUE.read_text(), re.M
    )
    return dict(pairs)


def english() -> set[str]:
    same = {text for text, translated in entries().items() if text == translated}
    django = {" ".join(text.split()) for text in DJANGO.split(";")}
    return (set(entries()) | django) - SHARED - same


def left_over(content: bytes) -> set[str]:
    page = Words()
    page.feed(content.decode())
    return page.found & english()


def test_the_check_itself_would_notice() -> None:
    assert left_over(b"<p>Search apps and models...</p>") == {"Search apps and models..."}
    assert left_over(b'<a title="Confirm import">Simpan</a>') == {"Confirm import"}


def test_the_catalogue_is_whole_and_compiled() -> None:
    assert len(entries()) >= 100
    assert all(entries().values())
    compiled = CATALOGUE.with_suffix(".mo").read_bytes()
    for translated in ("Simpan impor", "Terapkan", "Impor selesai: {} baru"):
        assert translated.encode() in compiled


def test_the_compiled_catalogue_is_not_older_than_its_source(tmp_path: Path) -> None:
    try:
        subprocess.run(["msgfmt", "-o", tmp_path / "new.mo", CATALOGUE], check=True)  # noqa: S603
    except FileNotFoundError:  # a machine without gettext runs on the committed file
        assert CATALOGUE.with_suffix(".mo").stat().st_size
        return
    assert (tmp_path / "new.mo").read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_lists_forms_and_histories_speak_indonesian(
    everything: Place, admin: Client, model: type[models.Model]
) -> None:
    row = model._default_manager.first()
    assert row is not None
    paths = [
        url(model, "changelist"),
        url(model, "changelist") + "?q=tidak-ada-yang-cocok",
        url(model, "change", row.pk),
        url(model, "history", row.pk),
    ]
    if model in CHANGEABLE and model._meta.label not in {
        "core.Mall",
        "queueing.AlertRule",
        "queueing.HallRules",
    }:
        paths.append(url(model, "add"))
    for path in paths:
        assert not left_over(admin.get(path).content), path


@pytest.mark.parametrize("model", TABLES, ids=label)
def test_import_and_export_speak_indonesian(
    everything: Place, admin: Client, model: type[models.Model]
) -> None:
    assert not left_over(admin.get(url(model, "import")).content)
    assert not left_over(admin.get(url(model, "export")).content)
    exported = admin.post(url(model, "export"), {"format": "0", "resource": "0"})
    assert not left_over(send(admin, model, exported.content).content)
    assert not left_over(send(admin, model, "a,b\n1,2\n").content)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/password_change/",
        "/admin/search/?s=uji",
        "/admin/tenants/agency/?status__exact=TRIAL",
    ],
)
def test_the_other_pages_speak_indonesian(everything: Place, admin: Client, path: str) -> None:
    assert not left_over(admin.get(path).content)


def test_deleting_asks_in_indonesian(everything: Place, admin: Client) -> None:
    from tenants.models import Zone

    assert not left_over(admin.get(url(Zone, "delete", everything.zone.pk)).content)

"""The kiosk in English: every text of its own has a translation, and the wish ends with its visitor."""

from __future__ import annotations

import gettext
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import Place
from tests.queueing.test_kiosk import text_of, touch
from tools.plain import texts_of_module, texts_of_template

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
TEMPLATES = [
    *(ROOT / "templates/queueing").glob("kiosk*.html"),
    *(ROOT / "templates/queueing/parts").glob("kiosk*.html"),
    *(ROOT / "templates/queueing").glob("checkin_[kr]*.html"),
    ROOT / "templates/components/sample.html",
]
# What the kiosk's screens say besides: tiles, states, reasons, refusals.
MODULES = [
    "mpp/core/templatetags/mpp.py",
    "queueing/actions/checkin.py",
    "queueing/desks.py",
    "queueing/limits.py",
    "queueing/openness.py",
    "queueing/scanning.py",
    "queueing/tiles.py",
    "queueing/views/checkin.py",
    "queueing/views/kiosk.py",
    "services/troubles.py",
]


def english() -> gettext.GNUTranslations:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def untranslated(texts: set[str]) -> set[str]:
    catalogue = english()
    meanings = ("", "di depan\x04")
    return {
        text
        for text in texts
        if all(
            catalogue.gettext(meaning + text) == meaning + text
            and catalogue.ngettext(meaning + text, "", 1) == meaning + text
            for meaning in meanings
        )
    }


def test_the_check_itself_finds_texts() -> None:
    assert "Ambil nomor" in texts_of_template(ROOT / "templates/queueing/kiosk.html")
    assert any("detik." in text for text in texts_of_template(ROOT / "templates/queueing/kiosk_base.html"))
    assert "nomor habis" in texts_of_module(ROOT / "queueing/tiles.py")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_the_kiosks_screens_has_its_english(path: Path) -> None:
    assert untranslated(texts_of_template(path)) == set()


@pytest.mark.parametrize("name", MODULES)
def test_every_reason_the_kiosk_gives_has_its_english(name: str) -> None:
    assert untranslated(texts_of_module(ROOT / name)) == set()


def test_the_compiled_english_is_not_older_than_its_source(tmp_path: Path) -> None:
    try:
        subprocess.run(["msgfmt", "--check-format", "-o", tmp_path / "new.mo", CATALOGUE], check=True)  # noqa: S603, S607
    except FileNotFoundError:  # a machine without gettext runs on the committed file
        assert CATALOGUE.with_suffix(".mo").stat().st_size
        return
    assert (tmp_path / "new.mo").read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes()


def test_english_is_one_touch_and_is_carried_to_the_number(client: Client, place: Place) -> None:
    first = text_of(client, "/anjungan/")
    assert 'href="/anjungan/?bahasa=en" lang="en"' in first
    first = text_of(client, "/anjungan/?bahasa=en")
    assert '<html lang="en">' in first
    assert "Take a number" in first
    assert "Ambil nomor" not in first
    second = text_of(client, "/anjungan/dukcapil/?bahasa=en")
    assert "KTP elektronik hilang atau rusak" in second
    assert '<input type="hidden" name="bahasa" value="en">' in second
    third = text_of(client, touch(client, bahasa="en")["Location"])
    assert "Your number" in third
    assert "This number is not for sale." in third
    assert 'href="/anjungan/">Done' in third


def test_a_refusal_speaks_the_visitors_language(client: Client, place: Place) -> None:
    response = client.post("/anjungan/hadir/", {"kode": "https://example.com/", "bahasa": "en"})
    assert "This is no booking or ticket code." in response.content.decode()


def test_the_next_visitor_and_the_other_pages_are_not_english(client: Client, place: Place) -> None:
    text_of(client, "/anjungan/?bahasa=en")
    assert "Ambil nomor" in text_of(client, "/anjungan/")
    assert '<html lang="id">' in text_of(client, "/")

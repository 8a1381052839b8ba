"""What many pages share is drawn once, and never shows what is of one person or of another state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.template.engine import Engine
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from mpp.core import clock, revision
from mpp.core.models import Mall
from mpp.core.templatetags.once import drawn_once
from tests.conftest import Place

WORDS = "words.html"


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A template that may be rewritten: what is drawn again shows the new text."""
    engine = Engine.get_default()
    monkeypatch.setattr(engine, "dirs", [*engine.dirs, tmp_path])
    yield tmp_path / WORDS
    _forget_templates()


def write(path: Path, text: str) -> None:
    path.write_text(text)
    _forget_templates()


def _forget_templates() -> None:
    for loader in Engine.get_default().template_loaders:
        loader.reset()


def test_the_second_page_takes_what_the_first_has_drawn(place: Place, words: Path) -> None:
    write(words, "satu {{ word }}")
    with revision.steady():
        assert drawn_once(WORDS, word="A") == "satu A"
        write(words, "dua {{ word }}")
        with CaptureQueriesContext(connection) as sent:
            assert drawn_once(WORDS, word="A") == "satu A"
        assert len(sent) == 0
        assert drawn_once(WORDS, word="B") == "dua B"


def test_another_language_and_another_configuration_are_drawn_anew(place: Place, words: Path) -> None:
    write(words, "satu")
    with revision.steady():
        assert drawn_once(WORDS) == "satu"
        write(words, "dua")
        with translation.override("en"):
            assert drawn_once(WORDS) == "dua"
        assert drawn_once(WORDS) == "satu"
    Mall.objects.update(short_name="MPP Lain")
    with revision.steady():
        assert drawn_once(WORDS) == "dua"


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
def test_a_new_day_is_drawn_anew_in_each_zone(place: Place, words: Path, zone: str) -> None:
    state = revision.read().revision
    midnight = datetime(2026, 11, 24, tzinfo=clock.zone(zone)).astimezone(UTC)
    write(words, "Senin")
    with revision.steady(revision.Instant(midnight - timedelta(seconds=1), state)):
        assert drawn_once(WORDS) == "Senin"
    write(words, "Selasa")
    with revision.steady(revision.Instant(midnight, state)):
        assert drawn_once(WORDS) == "Selasa"


def test_outside_a_request_nothing_is_asked_and_nothing_remembered(words: Path) -> None:
    write(words, "satu")
    assert drawn_once(WORDS) == "satu"
    write(words, "dua")
    assert drawn_once(WORDS) == "dua"


def test_a_new_name_of_the_mall_stands_in_the_head_of_the_next_page(client: Client, place: Place) -> None:
    assert "MPP Uji" in client.get("/layanan/").text
    Mall.objects.update(short_name="MPP Baru")
    head, _main, _rest = client.get("/layanan/").text.partition("<main")
    assert "MPP Baru" in head
    assert "MPP Uji" not in head

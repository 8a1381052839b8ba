"""The fixed words of a template stand in their places when it is loaded, in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.template import Engine, NodeList
from django.template.base import TextNode
from django.template.loader import get_template, render_to_string
from django.templatetags.i18n import TranslateNode
from django.urls import NoReverseMatch
from django.utils import translation

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a template, and return the name under which it is loaded."""
    engine = Engine.get_default()
    monkeypatch.setattr(engine, "dirs", [*engine.dirs, tmp_path])

    def write(text: str) -> str:
        (tmp_path / "words.html").write_text("{% load i18n mpp %}" + text)
        return "words.html"

    yield write
    for loader in engine.template_loaders:
        loader.reset()


def nodes_of(name: str) -> NodeList:
    return Engine.get_default().get_template(name).nodelist


def test_each_language_has_its_own_words(write: Write) -> None:
    name = write('{% translate "Batalkan" %}')
    assert render_to_string(name) == "Batalkan"
    with translation.override("en"):
        assert render_to_string(name) == "Cancel"
    assert render_to_string(name) == "Batalkan"


def test_a_page_translates_no_fixed_word(write: Write) -> None:
    name = write(
        '{% if 1 %}<b>{% translate "Batalkan" %}</b>{% endif %}{% block a %}{% icon "x" %}{% endblock %}'
    )
    get_template(name)
    with mock.patch.object(TranslateNode, "render", side_effect=AssertionError):
        assert "<b>Batalkan</b>" in render_to_string(name)


def test_text_around_a_fixed_word_becomes_one_with_it(write: Write) -> None:
    [_load, *rest] = nodes_of(write('a {% translate "Batalkan" %} {% url "service-list" %} b{{ c }}'))
    assert isinstance(rest[0], TextNode)
    assert rest[0].s == "a Batalkan /layanan/ b"
    assert len(rest) == 2


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("{% translate word %}", "A &amp; B"),
        ('{% translate "Batalkan" as a %}-{{ a }}', "-Batalkan"),
        ('{% translate "batal"|upper %}', "BATAL"),
        ('{% autoescape off %}{% translate "<b>" %}{{ word }}{% endautoescape %}', "<b>A & B"),
        ('{% language "en" %}{% translate "Batalkan" %}{% endlanguage %}', "Cancel"),
        ('{% for one in "ab" %}{% translate "Ya" %}{{ one }}{% empty %}-{% endfor %}', "YaaYab"),
        ('{% with a="1" %}{% translate "Ya" %}{{ a }}{% endwith %}', "Ya1"),
    ],
)
def test_what_depends_on_the_page_is_drawn_for_each(write: Write, text: str, seen: str) -> None:
    assert render_to_string(write(text), {"word": "A & B"}) == seen


def test_an_address_that_leads_nowhere_is_told_where_it_is_drawn(write: Write) -> None:
    name = write('{% if wanted %}{% url "no-such-page" %}{% endif %}')
    assert render_to_string(name) == ""
    with pytest.raises(NoReverseMatch):
        render_to_string(name, {"wanted": True})

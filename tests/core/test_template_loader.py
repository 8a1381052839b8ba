"""The fixed words of a template stand in their places when it is loaded, in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.template import Context, Engine, NodeList, TemplateDoesNotExist
from django.template.base import TextNode
from django.template.loader import get_template, render_to_string
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch
from django.utils import translation

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a template, and return the name under which it is loaded."""
    engine = Engine.get_default()
    monkeypatch.setattr(engine, "dirs", [tmp_path, *engine.dirs])

    def write(text: str, name: str = "words.html", frame: str = "") -> str:
        begun = f'{{% extends "{frame}" %}}' if frame else ""
        (tmp_path / name).write_text(begun + "{% load i18n mpp %}" + text)
        return name

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
        ('{% translate "a & b" as a %}-{{ a }}', "-a & b"),
        ("{% load static %}{% static word as a %}{{ a }}", "/static/A%20%26%20B"),
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


def test_a_part_is_looked_up_once_for_all_pages_of_a_language(write: Write) -> None:
    write("{{ one }}", "part.html")
    name = write('{% include "part.html" %}{% include "part.html" with one=2 %}')
    assert render_to_string(name, {"one": 1}) == "12"
    page = Engine.get_default().get_template(name)
    with mock.patch.object(Engine, "find_template", side_effect=AssertionError):
        assert page.render(Context({"one": 3})) == "32"


def test_each_language_has_its_own_parts_and_frames(write: Write) -> None:
    write('{% translate "Batalkan" %}{% block a %}{% endblock %}', "frame.html")
    write('{% translate "Batalkan" %}', "part.html")
    name = write('{% block a %}-{% include "part.html" %}{% endblock %}', frame="frame.html")
    assert render_to_string(name) == "Batalkan-Batalkan"
    with translation.override("en"):
        assert render_to_string(name) == "Cancel-Cancel"
    assert render_to_string(name) == "Batalkan-Batalkan"


def test_a_template_that_extends_its_own_name_means_the_next_one_of_that_name(write: Write) -> None:
    name = write("{% block title %}Uji{% endblock %}", "404.html", frame="404.html")
    assert "<title>Uji</title>" in render_to_string(name)


def test_a_part_may_include_itself(write: Write) -> None:
    name = write('{{ depth }}{% if depth %}{% include "words.html" with depth="" %}{% endif %}')
    assert render_to_string(name, {"depth": "1"}) == "1"


def test_a_part_whose_name_depends_on_the_page_is_asked_for_each(write: Write) -> None:
    write("one", "one.html")
    write("two", "two.html")
    name = write("{% include part %}")
    assert [render_to_string(name, {"part": part}) for part in ("one.html", "two.html")] == ["one", "two"]


def test_a_part_or_file_that_is_not_there_is_told_where_it_is_drawn(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StaticNode, "handle_simple", mock.Mock(side_effect=ValueError("no such file")))
    name = write(
        '{% load static %}{% if part %}{% include "no.html" %}{% elif 1 %}{% static "no" %}{% endif %}'
    )
    with pytest.raises(TemplateDoesNotExist):
        render_to_string(name, {"part": True})
    with pytest.raises(ValueError, match="no such file"):
        render_to_string(name)

"""The fixed words of a template stand in their places when it is loaded, in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.template import Context, Engine, NodeList, TemplateDoesNotExist
from django.template.base import TextNode
from django.template.defaulttags import URLNode
from django.template.loader import get_template, render_to_string
from django.template.loader_tags import ExtendsNode
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
        # A frame without a dot is a variable.
        begun = f"{{% extends {repr(frame) if '.' in frame else frame} %}}" if frame else ""
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


@pytest.mark.parametrize(
    ("frame", "page", "seen"),
    [
        ("<{% block a %}frame{% endblock %}>", "{% block a %}page{% endblock %}", "<page>"),
        ("<{% block a %}frame{% endblock %}>", "{% block b %}page{% endblock %}", "<frame>"),
        ("{% block a %}1{% endblock %}", "{% block a %}{{ block.super }}2{% endblock %}", "12"),
        (
            "{% block a %}1{% block b %}2{% endblock %}{% endblock %}",
            "{% block b %}3{% endblock %}{% block a %}<{% if 1 %}{{ block.super }}{% endif %}>{% endblock %}",
            "<13>",
        ),
        (
            "{% block a %}0{% endblock %}",
            "{% block a %}1{% block b %}2{{ block.super }}{% endblock %}{% endblock %}",
            "12",
        ),
        ("{% if 1 %}{% block a %}{% endblock %}{% endif %}", "{% block a %}page{% endblock %}", "page"),
        (
            "{% block a %}{% url 'service-list' as way %}{% endblock %}[{{ way }}]",
            "{% block b %}{% endblock %}",
            "[]",
        ),
        (
            "{% for one in 'ab' %}{% block a %}{% endblock %}{% endfor %}",
            "{% block a %}{{ one }}{% endblock %}",
            "ab",
        ),
    ],
)
def test_a_page_is_its_frame_with_its_blocks(write: Write, frame: str, page: str, seen: str) -> None:
    write(frame, "frame.html")
    assert render_to_string(write(page, frame="frame.html")) == seen


def test_a_frame_is_filled_once_and_serves_other_pages(write: Write) -> None:
    write("{% if 1 %}{% block a %}{% block b %}frame{% endblock %}{% endblock %}{% endif %}", "frame.html")
    name = write("{% block a %}-{{ block.super }}{% endblock %}", frame="frame.html")
    longer = write("{% block b %}longer{% endblock %}", "longer.html", frame=name)
    other = write("{% block b %}other{% endblock %}", "other.html", frame="frame.html")
    assert [render_to_string(one) for one in (longer, other, name, "frame.html")] == [
        "-longer",
        "other",
        "-frame",
        "frame",
    ]
    with mock.patch.object(ExtendsNode, "render", side_effect=AssertionError):
        assert render_to_string(longer) == "-longer"


def test_a_page_whose_frame_depends_on_the_request_fills_that_one(write: Write) -> None:
    write("{% block a %}1{% endblock %}", "frame.html")
    middle = write("{% block a %}{{ block.super }}2{% endblock %}", "middle.html", frame="frame.html")
    page = write("{% block a %}{{ block.super }}3{% endblock %}", frame="frame")
    assert [render_to_string(page, {"frame": frame}) for frame in ("frame.html", middle)] == ["13", "123"]


def test_a_part_that_extends_a_frame_takes_no_block_of_the_page(write: Write) -> None:
    write("{% block a %}frame{% endblock %}", "frame.html")
    write("{% block b %}{% endblock %}", "part.html", frame="frame.html")
    write('{% block a %}{% endblock %}+{% include "part.html" %}', "page.html")
    page = write("{% block a %}page{% endblock %}", frame="page.html")
    assert render_to_string(page) == "page+frame"


def test_what_a_part_notes_stays_in_it(write: Write) -> None:
    write('{% url "service-list" as way %}{% cycle "a" "b" %}', "part.html")
    write("{{ way }}{{ one }}", "plain.html")
    name = write(
        '{% include "part.html" %}{% include "part.html" %}[{{ way }}]'
        '{% include "plain.html" with one=1 only %}{% include "plain.html" %}'
    )
    assert render_to_string(name, {"one": 2, "way": ""}) == "aa[]12"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('{% url "ticket-data" word %}', "/t/A-1_b/data/"),
        ('{% url "ticket-data" word as way %}[{{ way }}]', "[/t/A-1_b/data/]"),
        ('{% url "ticket-data" odd %}', "/t/%3Ca%20&amp;/data/"),
        ('{% url "service-detail" odd as way %}[{{ way }}]', "[]"),
        ('{% url "no-such-page" word as way %}[{{ way }}]', "[]"),
        ('{% url "console-call" word as way %}[{{ way }}]', "[]"),
        ('{% url "console-call" 7 %}', "/loket/7/panggil/"),
    ],
)
def test_an_address_with_a_word_in_it_is_as_django_writes_it(write: Write, text: str, seen: str) -> None:
    name = write(text)
    assert [render_to_string(name, {"word": "A-1_b", "odd": "<a &"}) for _time in range(2)] == [seen] * 2


def test_an_address_is_worked_out_once_for_all_words(write: Write) -> None:
    name = write('{% url "ticket-data" word %}')
    assert render_to_string(name, {"word": "a"}) == "/t/a/data/"
    with mock.patch.object(URLNode, "render", side_effect=AssertionError):
        assert render_to_string(name, {"word": "b"}) == "/t/b/data/"

"""The component tags and formats of `{% load mpp %}`, and the pages that stand without a database."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace

import pytest
import zxingcpp
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone, translation
from PIL import Image

from mpp.core import formats, qr

TEMPLATES = Path(settings.BASE_DIR) / "templates"
SPRITE = Path(settings.BASE_DIR) / "static/img/icons.svg"


def render(source: str, **context: object) -> str:
    return Template("{% load mpp %}" + source).render(Context(context)).strip()


def with_motif(motif: str) -> dict[str, object]:
    return {"mall": SimpleNamespace(motif=motif), "request": SimpleNamespace()}


def test_an_icon_points_into_the_sprite_and_is_hidden_from_readers() -> None:
    html = render('{% icon "search" %}')
    assert '<use href="/static/img/icons.svg#i-search">' in html
    assert 'aria-hidden="true"' in html


def test_every_icon_that_a_template_names_stands_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="i-([\w-]+)"', SPRITE.read_text()))
    named = {
        name
        for page in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', page.read_text())
    }
    assert named
    assert named <= known


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("open", "Buka"),
        ("break", "Istirahat"),
        ("full", "Penuh"),
        ("closed", "Tutup"),
        ("trouble", "Gangguan"),
        ("UNMANNED", "Belum ada petugas"),
    ],
)
def test_a_state_has_its_own_mark_and_its_own_word(state: str, word: str) -> None:
    html = render("{% state_badge state %}", state=state)
    assert html == f'<span class="state state-{state.lower()}">{word}</span>'


def test_a_state_can_carry_another_word_and_escapes_it() -> None:
    html = render("{% state_badge 'open' word %}", word="<b>Buka</b>")
    assert "&lt;b&gt;Buka&lt;/b&gt;" in html


@pytest.mark.parametrize("motif", ["sasirangan", "tangga", "anyaman"])
def test_each_motif_draws_its_own_hem(motif: str) -> None:
    html = render("{% hem %}", **with_motif(motif))
    assert 'id="hem-1"' in html
    assert 'fill="url(#hem-1)"' in html
    assert "hem-cut" in html
    others = {"sasirangan", "tangga", "anyaman"} - {motif}
    assert all(html != render("{% hem %}", **with_motif(other)) for other in others)


def test_a_strip_has_no_cut_teeth() -> None:
    assert "hem-cut" not in render("{% hem strip=True %}", **with_motif("tangga"))


def test_two_hems_of_one_page_do_not_share_an_id() -> None:
    html = render("{% hem strip=True %}{% hem %}", **with_motif("anyaman"))
    assert re.findall(r'id="([\w-]+)"', html) == ["hem-1", "hem-2"]


@pytest.mark.parametrize("context", [{}, {"mall": None}, with_motif(""), with_motif("batik")])
def test_without_a_known_motif_the_plate_ends_straight(context: dict[str, object]) -> None:
    assert render("{% hem %}", **context) == ""


def test_the_mark_and_the_sample_word_are_drawn() -> None:
    assert '<svg class="mark"' in render("{% mark %}")
    assert "data contoh" in render("{% sample_mark %}")


@pytest.mark.parametrize(
    ("value", "maximum", "width"), [(11, 15, "73.3%"), (15, 15, "100.0%"), (40, 15, "100.0%"), (3, 0, "0.0%")]
)
def test_a_bar_is_drawn_on_its_scale_and_never_beyond(value: int, maximum: int, width: str) -> None:
    assert f'width="{width}"' in render("{% bar value maximum %}", value=value, maximum=maximum)


def test_the_line_of_people_shows_eight_and_counts_the_rest() -> None:
    few, many = render("{% track 6 %}"), render("{% track 20 %}")
    assert few.count("l7 7-7 7-7-7z") == 6
    assert "+" not in few
    assert many.count("l7 7-7 7-7-7z") == 8
    assert ">+12</text>" in many
    assert 'aria-label="20 orang di depan Anda"' in many


def test_the_ring_stands_only_while_somebody_is_served() -> None:
    assert "track-now" in render("{% track 0 %}")
    assert "track-now" not in render("{% track 0 serving=False %}")


LINK = "https://mpp.example/t/u_JB4xu2WbGJl1pP3yq0m5m8GcO8p7jR/"


def painted(html: str) -> Image.Image:
    """Return the code of `html` as a camera sees it: eight pixels a module, white around."""
    left, top, size, _height = map(int, re.findall(r'viewBox="(\S+) (\S+) (\d+) (\d+)"', html)[0])
    image = Image.new("L", (size, size), 255)
    path = re.findall(r'stroke="#000" d="M0 \.5([^"]+)"', html)[0]
    column, row = -left, -top
    for right, down, width in re.findall(r"m(-?\d+) (\d+)|h(\d+)", path):
        if width:
            image.paste(0, (column, row, column + int(width), row + 1))
        column, row = column + int(right or width), row + int(down or 0)
    return image.resize((size * 8, size * 8), Image.Resampling.NEAREST)


def test_a_reader_finds_in_the_code_what_it_was_made_of() -> None:
    html = render("{% qr text %}", text=LINK)
    [found] = zxingcpp.read_barcodes(painted(html))
    assert (found.text, found.ec_level) == (LINK, "M")
    assert "style=" not in html


def test_a_code_has_four_modules_of_white_around_it() -> None:
    [(left, size)] = re.findall(r'viewBox="(-\d+) -\d+ (\d+)', render("{% qr text %}", text=LINK))
    assert (int(left), int(size)) == (-4, len(qr.rows_of(LINK)) + 8)


def test_a_phone_number_becomes_a_link_that_dials() -> None:
    assert render('{% phone_link "(0526) 202-8000" %}') == '<a href="tel:+625262028000">(0526) 202-8000</a>'
    assert 'href="tel:+62811"' in render('{% phone_link "+62 811" %}')


def test_a_whatsapp_number_becomes_a_link_with_its_name() -> None:
    html = render('{% wa_link "0811 0000 0000" %}')
    assert 'href="https://wa.me/6281100000000"' in html
    assert ">WhatsApp 0811 0000 0000</a>" in html


@pytest.mark.parametrize(
    ("amount", "text"), [(250000, "Rp250.000"), (0, "Rp0"), (1_500_000, "Rp1.500.000"), (None, "")]
)
def test_rupiah_is_written_with_points(amount: int | None, text: str) -> None:
    assert render("{{ amount|rupiah }}", amount=amount) == text


def test_in_english_hours_and_amounts_are_written_as_english_does() -> None:
    moment = datetime(2026, 11, 24, 1, 55, 7, tzinfo=UTC)
    source = "{{ at|clock_zone }} / {{ at|clock_seconds }} / {{ at|long_date }} / {{ amount|rupiah }}"
    with translation.override("en"):
        assert render(source, at=moment, amount=1_500_000) == (
            "09:55 WITA / 09:55:07 / Tuesday, 24 November 2026 / Rp1,500,000"
        )
        assert formats.end_hour(time(0)) == "24:00"
    assert [formats.end_hour(each) for each in (time(0), time(15, 30))] == ["24.00", "15.30"]


def test_times_are_written_in_the_zone_of_the_mall() -> None:
    moment = datetime(2026, 11, 24, 1, 55, 7, tzinfo=UTC)
    source = "{{ at|clock_time }} / {{ at|clock_zone }} / {{ at|clock_seconds }}"
    with timezone.override("Asia/Makassar"):
        assert render(source, at=moment) == "09.55 / 09.55 WITA / 09.55.07"
    with timezone.override("Asia/Jakarta"):
        assert render(source, at=moment) == "08.55 / 08.55 WIB / 08.55.07"
    with timezone.override("Asia/Jayapura"):
        assert render("{% zone_suffix %}") == "WIT"


def test_a_time_of_day_is_not_moved_and_nothing_stays_nothing() -> None:
    with timezone.override("Asia/Makassar"):
        assert render("{{ at|clock_zone }}", at=time(8, 0)) == "08.00 WITA"
        assert render("{{ at|clock_time }}{{ at|clock_zone }}{{ at|long_date }}", at=None) == ""


def test_dates_are_written_in_full_and_follow_the_zone_of_the_mall() -> None:
    assert render("{{ day|long_date }}", day=date(2026, 11, 21)) == "Sabtu, 21 November 2026"
    assert render("{{ day|short_date }}", day=date(2026, 11, 24)) == "Selasa, 24 Nov 2026"
    late = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    with timezone.override("Asia/Makassar"):
        assert render("{{ day|long_date }}", day=late) == "Sabtu, 21 November 2026"


def test_a_range_of_minutes_has_an_en_dash_unless_it_is_one_figure() -> None:
    assert render("{% minutes_range 12 20 %}") == "12–20"
    assert render("{% minutes_range 5 5 %}") == "5"


@pytest.mark.parametrize("page", ["500.html", "503.html"])
def test_the_outage_pages_stand_without_database_mall_or_request(page: str) -> None:
    html = render_to_string(page, {"incident": "9f2c41aa"})
    assert "tetap berlaku" in html
    assert "9f2c41aa" in html
    assert "tema.css" not in html


@pytest.mark.parametrize("page", ["400.html", "403.html", "404.html", "409.html", "429.html"])
def test_the_refusal_pages_stand_without_a_mall_and_show_the_words_of_the_refusal(page: str) -> None:
    assert '<a class="button button-main" href="/">' in render_to_string(page)
    refusal = SimpleNamespace(message="Nomor daring habis. Datang ke anjungan.")
    assert "Nomor daring habis." in render_to_string(page, {"refusal": refusal})


def test_no_template_carries_inline_style_or_script() -> None:
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\ssrc=)")
    guilty = [page.name for page in TEMPLATES.rglob("*.html") if inline.search(page.read_text())]
    assert guilty == []


def test_the_style_of_a_citizen_page_weighs_less_than_ten_kilobytes() -> None:
    sheets = [Path(settings.BASE_DIR) / f"static/css/{name}.css" for name in ("tokens", "base", "citizen")]
    assert sum(len(gzip.compress(sheet.read_bytes())) for sheet in sheets) < 10_000

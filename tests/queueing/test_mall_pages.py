"""What the mall says of itself, and what search engines and messengers are told."""

from __future__ import annotations

import json
import re
from datetime import date, time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from mpp.core import clock
from mpp.core.templatetags.mpp import prose
from services.enums import FeeKind
from services.models import Facility, GuidePage, News, Question
from tests.conftest import Place
from tests.factories import issue, make_mall, make_service
from tests.queueing.pages import MONDAY_10, keep_office_hours, text_of
from tools.plain import texts_of_template


def make_page(**fields: object) -> GuidePage:
    values = {"slug": "maklumat", "title": "Maklumat pelayanan", "body": "Kami berjanji."} | fields
    return GuidePage.objects.create(**values)


def test_a_page_of_the_mall_shows_its_text_the_address_and_the_contacts(client: Client, place: Place) -> None:
    make_page(summary="Janji tertulis kami.", is_sample=True)
    make_mall(whatsapp="0811 0000 0000")
    text = text_of(client, "/mal/maklumat/")
    for part in ("<h1", "Janji tertulis kami.", "<p>Kami berjanji.</p>", "data contoh", "Buka di peta"):
        assert part in text
    assert 'href="https://wa.me/6281100000000"' in text


def test_pages_are_linked_from_the_foot_and_hidden_ones_are_404(client: Client, place: Place) -> None:
    make_page()
    make_page(slug="rahasia", title="Rahasia", is_published=False)
    assert '<a href="/mal/maklumat/">Maklumat pelayanan</a>' in text_of(client, "/nomor-saya/")
    assert "Rahasia" not in text_of(client, "/mal/")
    text_of(client, "/mal/rahasia/", 404)
    text_of(client, "/mal/tidak-ada/", 404)


def test_a_page_cannot_take_an_address_of_the_portal(db: None) -> None:
    with pytest.raises(ValidationError, match="Alamat itu sudah dipakai portal"):
        GuidePage(slug="kabar", title="Kabar", body="Isi.").validate_constraints()


def test_markup_is_three_signs_and_everything_else_is_text() -> None:
    text = prose("Satu.\nDua <b>.\n\n## Judul\n- satu\n- lihat https://www.lapor.go.id\n\n{{ x }}")
    assert text == (
        "<p>Satu.<br>Dua &lt;b&gt;.</p><h2>Judul</h2><ul><li>satu</li>"
        '<li>lihat <a href="https://www.lapor.go.id">https://www.lapor.go.id</a></li></ul><p>{{ x }}</p>'
    )


def test_facilities_say_where_they_are_and_whether_a_wheelchair_gets_there(
    client: Client, place: Place
) -> None:
    Facility.objects.create(code="RODA", name="Kursi roda", place="Meja informasi", is_accessible=True)
    Facility.objects.create(code="GUDANG", name="Gudang", place="Bawah", is_published=False)
    text = text_of(client, "/mal/fasilitas/")
    assert "Kursi roda<small>Meja informasi</small>" in text
    assert text.count("dapat dicapai kursi roda") == 1
    assert "Gudang" not in text


def test_news_is_shown_while_it_lasts(client: Client, place: Place) -> None:
    for code, since, until in (
        ("LAMA", date(2026, 1, 1), date(2026, 11, 22)),
        ("KINI", date(2026, 11, 23), date(2026, 11, 23)),
        ("NANTI", date(2026, 11, 24), None),
    ):
        News.objects.create(code=code, title=f"Kabar {code}", text="Isi.", shown_from=since, shown_to=until)
    with clock.frozen(MONDAY_10):
        text, home = text_of(client, "/mal/kabar/"), text_of(client, "/")
    assert "Kabar KINI" in text
    assert "Kabar LAMA" not in text
    assert "Kabar NANTI" not in text
    assert '<a href="/mal/kabar/#kini">Kabar KINI</a>' in home


def test_a_question_is_found_by_everyday_words_and_answers_at_once(client: Client, place: Place) -> None:
    Question.objects.create(
        code="PASPOR", question="Bisa urus paspor?", answer="Di kantor imigrasi.", aliases="paspor; imigrasi"
    )
    text = text_of(client, "/layanan/?cari=bikin+paspor+anak")
    assert "Bisa urus paspor?" in text
    assert "<p>Di kantor imigrasi.</p>" in text
    assert "Bisa urus paspor?" not in text_of(client, "/layanan/?cari=ktp")
    assert "Di kantor imigrasi." in text_of(client, "/mal/tanya-jawab/")


def test_every_text_is_said_in_short_sentences() -> None:
    pages = (Path(settings.BASE_DIR) / "templates" / "queueing").rglob("*.html")
    texts = {text for page in pages for text in texts_of_template(page)}
    said = [words for text in texts for words in re.split(r"[.?:;]\s|[.?]$", text)]
    lengths = [len(sentence.split()) for sentence in said if len(sentence.split()) > 3]
    assert len(lengths) > 200
    assert sum(lengths) / len(lengths) <= 14
    assert max(lengths) <= 25


# Search engines and messengers


def data_of(text: str) -> dict[str, object]:
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    data: dict[str, object] = json.loads(block)
    return data


def test_a_service_tells_search_engines_what_it_is(client: Client, place: Place) -> None:
    place.service.standards.update(fee_kind=FeeKind.AMOUNT, fee_amount=30_000)
    data = data_of(text_of(client, "/layanan/ktp-hilang/"))
    assert data["@type"] == "GovernmentService"
    assert data["name"] == "KTP elektronik hilang atau rusak"
    assert data["url"] == "http://testserver/layanan/ktp-hilang/"
    assert data["offers"] == {"@type": "Offer", "price": 30_000, "priceCurrency": "IDR"}


def test_a_name_cannot_end_the_block_for_search_engines(client: Client, place: Place) -> None:
    name = "</script><script>alert(1)</script>"
    make_service(place.agency, slug="jahil", name=name)
    text = text_of(client, "/layanan/jahil/")
    assert "<script>alert" not in text
    assert data_of(text)["name"] == name


def test_a_shared_link_shows_the_service_under_its_public_address(
    client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://mpp.example.go.id")
    text = text_of(client, "/layanan/ktp-hilang/?cari=x")
    assert '<meta property="og:title" content="KTP elektronik hilang atau rusak">' in text
    assert '<link rel="canonical" href="https://mpp.example.go.id/layanan/ktp-hilang/">' in text


def test_a_shared_number_shows_nothing_of_it(client: Client, place: Place) -> None:
    ticket = issue(place.service, phone="081234567890")
    response = client.get(f"/t/{ticket.token}/")
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    shown = re.findall(r'<meta (?:property|name)="[^"]+" content="([^"]*)"', response.content.decode())
    assert "MPP Uji" in shown
    assert not [words for words in shown if ticket.label in words or ticket.token in words or "8123" in words]


def test_robots_are_told_where_to_look(client: Client, place: Place) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /loket/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "/t/" not in text


def test_the_map_lists_what_is_public_and_no_number(client: Client, place: Place) -> None:
    make_page()
    make_service(place.agency, slug="tersembunyi", is_published=False)
    ticket = issue(place.service)
    response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    text = response.content.decode()
    for path in ("/", "/mal/maklumat/", "/instansi/dukcapil/", "/layanan/ktp-hilang/"):
        assert f"<loc>http://testserver{path}</loc>" in text
    assert "<lastmod>2020-01-01</lastmod>" in text
    assert "tersembunyi" not in text
    assert ticket.token not in text


def test_search_engines_learn_the_week_with_its_break(client: Client, place: Place) -> None:
    keep_office_hours(break_from=time(12), break_to=time(13))
    found = re.search(r'<script type="application/ld\+json">(.+?)</script>', text_of(client, "/"))
    assert found
    hours = json.loads(found[1])["openingHoursSpecification"]
    assert len(hours) == 8
    monday = {"@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/Monday"}
    assert hours[:2] == [
        {**monday, "opens": "08:00", "closes": "12:00"},
        {**monday, "opens": "13:00", "closes": "15:00"},
    ]

"""The visitor's language: Indonesian until they choose, then theirs on every page of this browser."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from django.test import Client

from mpp.core.language import COOKIE
from mpp.core.models import Mall
from services.models import GuidePage, News
from tests import factories as make
from tests.conftest import Place

pytestmark = pytest.mark.usefixtures("place")

INDONESIAN = re.compile(
    r"\b(yang|dan|untuk|nomor|layanan|antrean|tidak|dengan|pada|hari|loket|atau|ke atas)\b", re.I
)
VOICELESS = re.compile(r"<(script|style|noscript)\b.*?</\1>|<!--.*?-->", re.S)
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "path", "use", "circle", "source"}


class Unmarked(HTMLParser):
    """The texts of a page that nothing marks as Indonesian."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            inside = bool(self.open) and self.open[-1][1]
            self.open.append((tag, inside or ("lang", "id") in attrs))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][1]):
            self.texts.append(re.sub(r"http\S+", "", data).strip())


def words(client: Client, path: str = "/layanan/", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def test_a_phone_that_is_set_to_english_by_the_shop_reads_indonesian(client: Client) -> None:
    text = words(client, **{"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="id">' in text
    assert "Nomor saya" in text


def test_the_choice_leads_back_to_its_page_and_stays(client: Client) -> None:
    link = "/bahasa/en/?kembali=/layanan/%3Fcari%3Dktp%26untuk%3D"
    assert link in words(client, "/layanan/?cari=ktp&untuk=")
    response = client.get(link)
    assert (response.status_code, response["Location"]) == (302, "/layanan/?cari=ktp&untuk=")
    text = words(client)
    assert '<html lang="en">' in text
    assert "My numbers" in text
    assert "/bahasa/id/?kembali=/layanan/" in text


@pytest.mark.parametrize(
    "back", ["https://jahat.example/", "//jahat.example/", "javascript:alert(1)", "\\\\jahat"]
)
def test_the_way_back_stays_on_this_portal(client: Client, back: str) -> None:
    assert client.get("/bahasa/en/", {"kembali": back})["Location"] == "/"


def test_a_language_that_is_not_there_is_not_found(client: Client, place: Place) -> None:
    assert client.get("/bahasa/fr/").status_code == 404
    client.cookies["bahasa"] = "fr"
    assert '<html lang="id">' in words(client, f"/layanan/{place.service.slug}/")


def test_an_english_page_is_english_and_marks_what_the_mall_wrote(client: Client, place: Place) -> None:
    """WCAG 3.1.2: else a screen reader reads it with English sounds."""
    ticket = make.issue(place.service)
    Mall.objects.update(today_note="Kejaksaan hadir pada hari Selasa.")
    GuidePage.objects.create(
        slug="maklumat", title="Maklumat untuk Anda", summary="Janji dan hak.", body="Isi."
    )
    News.objects.create(code="BARU", title="Kabar untuk hari ini", text="Isi.", shown_from=date(2020, 1, 1))
    client.cookies[COOKIE] = "en"
    number = f"/t/{ticket.token}/"
    for path in (
        "/",
        "/layanan/ktp-hilang/",
        "/instansi/dukcapil/",
        "/mal/",
        "/keadilan/",
        "/privasi/",
        "/langsung/",
        number,
        f"{number}batal/",
        f"{number}didahulukan/",
        f"{number}data/",
        f"{number}kabar/",
        f"{number}mundur/",
        "/nomor-saya/",
        "/antrean/ambil/ktp-hilang/?bantu=1",
    ):
        page = Unmarked()
        html = client.get(path).content.decode()
        page.feed(VOICELESS.sub("", html[html.index("<main") :]))
        assert [text for text in page.texts if INDONESIAN.search(text)] == [], path

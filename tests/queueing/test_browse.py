"""The pages where citizens find out: home, the list, its search and filters."""

from __future__ import annotations

import re
from datetime import time, timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mpp.core import clock
from queueing import waits
from services.enums import CalendarKind, LifeEvent
from services.models import CalendarDay
from tenants.enums import AgencyStatus
from tests.conftest import Place
from tests.factories import (
    issue,
    make_agency,
    make_mall,
    make_queue,
    make_service,
    open_session,
)
from tests.queueing.pages import MONDAY_10, SATURDAY_10, keep_office_hours, text_of

HOSTILE = [
    "\x00",
    "a\u202eb",
    "x" * 10_000,
    "' OR 1=1 --",
    "a & | ! : * <-> (",
    "%",
    "\\",
    "<script>",
    "🦄",
    "\ud800",
]


# Home


@pytest.mark.usefixtures("measured")
def test_home_asks_what_for_and_lists_agencies_with_their_wait(client: Client, place: Place) -> None:
    open_session(place.agency, place.counter, place.officer)
    text = text_of(client, "/")
    assert text.count("<h1") == 1
    assert "Mau urus apa?" in text
    assert '<html lang="id">' in text
    assert 'Dukcapil<small class="bits"><span>1 layanan</span> <span>Lantai 1</span>' in text
    assert re.search(r"<b>0–\d+</b>menit", text)


def test_an_unstaffed_agency_promises_no_minutes(client: Client, place: Place) -> None:
    text = text_of(client, "/")
    assert "Belum ada petugas" in text
    assert "</b>menit" not in text


def test_an_agency_that_does_not_serve_yet_is_shown_as_such_and_last(client: Client, place: Place) -> None:
    make_agency(short_name="Taspen", status=AgencyStatus.PREPARING, position=0)
    make_agency(short_name="Sudah pergi", status=AgencyStatus.ENDED)
    text = text_of(client, "/")
    assert "Menyiapkan layanan" in text
    assert "Belum buka" in text
    assert text.index("Dukcapil<small") < text.index("Taspen<small")
    assert "Sudah pergi" not in text


def test_home_says_until_when_the_mall_is_open_and_what_is_noted(client: Client, place: Place) -> None:
    keep_office_hours()
    make_mall(today_note="Samsat tutup 12.00.")
    with clock.frozen(MONDAY_10):
        text = text_of(client, "/")
    assert "Buka sekarang" in text
    assert "sampai 15.00 WITA" in text
    assert "Samsat tutup 12.00." in text


def test_a_closed_mall_names_its_next_opening(client: Client, place: Place) -> None:
    keep_office_hours()
    with clock.frozen(SATURDAY_10):
        text = text_of(client, "/")
    assert "Buka sekarang" not in text
    assert "buka Senin 08.00 WITA" in text


def test_a_special_opening_is_shown_as_one(client: Client, place: Place) -> None:
    keep_office_hours()
    CalendarDay.objects.create(
        date=SATURDAY_10.date(),
        kind=CalendarKind.SPECIAL_OPENING,
        name="Buka khusus demo",
        is_open=True,
        opens_at=time(0),
        closes_at=time(0),
    )
    with clock.frozen(SATURDAY_10):
        text = text_of(client, "/")
    assert "sampai 24.00 WITA" in text
    assert "Buka khusus demo." in text


def test_only_life_events_with_a_service_are_offered(client: Client, place: Place) -> None:
    make_service(place.agency, life_events=[LifeEvent.BIRTH])
    make_service(place.agency, life_events=[LifeEvent.LAND], is_published=False)
    text = text_of(client, "/")
    assert "/layanan/?peristiwa=BIRTH" in text
    assert "peristiwa=LAND" not in text
    assert "peristiwa=DEATH" not in text


def test_home_offers_everyday_words_to_try(client: Client, place: Place) -> None:
    assert '<a href="/layanan/?cari=bikin%20ktp">bikin ktp</a>' in text_of(client, "/")


def test_sample_data_is_marked(client: Client, place: Place) -> None:
    assert "data contoh" not in text_of(client, "/")
    make_mall(is_sample=True)
    assert "hanya contoh, bukan data resmi" in text_of(client, "/")
    make_mall(is_sample=False)
    make_agency(is_sample=True)
    assert text_of(client, "/").count(">data contoh<") == 1


def test_home_takes_a_bounded_number_of_queries_however_many_agencies(client: Client, place: Place) -> None:
    with clock.frozen(MONDAY_10):
        for _number in range(17):
            agency = make_agency(zone=place.zone)
            make_queue(make_service(agency, life_events=[LifeEvent.WORK]))
            open_session(agency)
            issue(agency.services.get())
        # What changes rarely is in memory from the second time on.
        text_of(client, "/")
    # In each of these minutes other lines are due to be measured again.
    for minutes in range(waits.KEPT_MINUTES + 1):
        later = clock.frozen(MONDAY_10 + timedelta(minutes=minutes))
        with later, CaptureQueriesContext(connection) as queries:
            text = text_of(client, "/")
        assert text.count('<a class="row') == 18
        assert len(queries) <= 10


def test_home_takes_no_more_for_a_browser_that_holds_a_number(client: Client, place: Place) -> None:
    client.post("/antrean/ambil/ktp-hilang/", {"kunci": "6f1b1ad4-6ff4-4a44-9c3c-3f1ea6a9cf01"})
    text_of(client, "/")
    with CaptureQueriesContext(connection) as queries:
        text = text_of(client, "/")
    assert "Giliran Anda berikutnya" in text
    assert len(queries) <= 10


def test_home_is_light(client: Client, place: Place) -> None:
    for number in range(17):
        make_queue(make_service(make_agency(short_name=f"Instansi dengan nama panjang {number}")))
    response = client.get("/")
    assert len(response.content) < 40_000
    assert b"style=" not in response.content
    assert re.findall(rb"<script[^>]*>", response.content) == [b'<script type="application/ld+json">']


# List, search, filters


def test_searching_everyday_words_finds_the_service(client: Client, place: Place) -> None:
    make_service(place.agency, name="Akta kelahiran", slug="akta")
    text = text_of(client, "/layanan/?cari=bikin+ktp")
    assert "1 layanan untuk “bikin ktp”" in text
    assert "/layanan/ktp-hilang/" in text
    assert "/layanan/akta/" not in text


def test_an_empty_result_offers_help(client: Client, place: Place) -> None:
    text = text_of(client, "/layanan/?cari=qqqwwwzzz")
    assert "Tidak ada layanan untuk “qqqwwwzzz”" in text
    assert "Petugas di meja informasi membantu" in text


def test_a_search_without_result_asks_back_and_offers_the_events_of_life(
    client: Client, place: Place
) -> None:
    make_service(place.agency, life_events=[LifeEvent.BIRTH])
    text = text_of(client, "/layanan/?cari=bikun")
    assert "Maksud Anda:" in text
    assert '<a href="/layanan/?cari=bikin%20ktp">bikin ktp</a>' in text
    for query in ("cari=%F0%9F%A6%84", "cari=%3B+DROP+TABLE", "peristiwa=PESTA"):
        status = 400 if "PESTA" in query else 200
        text = text_of(client, f"/layanan/?{query}", status)
        assert "Petugas di meja informasi membantu" in text
        assert "/layanan/?peristiwa=BIRTH" in text


def test_a_search_finds_the_agency_by_its_name_too(client: Client, place: Place) -> None:
    assert '<a class="row" href="/instansi/dukcapil/">' in text_of(client, "/layanan/?cari=dukcapil")
    assert '<a class="row" href="/instansi/dukcapil/">' not in text_of(client, "/layanan/?cari=ktp")


def test_home_leads_to_what_is_for_whom(client: Client, place: Place) -> None:
    assert "untuk=BUSINESS" not in text_of(client, "/")
    make_service(place.agency, audience="BUSINESS")
    text = text_of(client, "/")
    assert '<a href="/layanan/?untuk=CITIZEN">warga</a>' in text
    assert '<a href="/layanan/?untuk=BUSINESS">pelaku usaha</a>' in text


def test_filters_narrow_the_list(client: Client, place: Place) -> None:
    other = make_agency(slug="samsat", short_name="Samsat")
    make_service(other, slug="pajak", life_events=[LifeEvent.VEHICLE], audience="BUSINESS")
    both = make_service(other, slug="plat", audience="BOTH")
    assert "/layanan/ktp-hilang/" not in text_of(client, "/layanan/?instansi=samsat")
    assert "/layanan/pajak/" in text_of(client, "/layanan/?peristiwa=VEHICLE")
    assert "/layanan/plat/" not in text_of(client, "/layanan/?peristiwa=VEHICLE")
    business = text_of(client, "/layanan/?untuk=BUSINESS")
    assert f"/layanan/{both.slug}/" in business
    assert "/layanan/ktp-hilang/" not in business


@pytest.mark.parametrize("query", ["peristiwa=PESTA", "untuk=KAMI", "instansi=tidak-ada"])
def test_an_unknown_filter_answers_400_with_a_message(client: Client, place: Place, query: str) -> None:
    assert "Pilihan ini tidak ada" in text_of(client, f"/layanan/?{query}", 400)


def test_several_unknown_filters_are_told_in_one_sentence(client: Client, place: Place) -> None:
    text = text_of(client, "/layanan/?peristiwa=x&untuk=x&instansi=x", 400)
    summary = text.partition("Pencarian ini tidak dapat dipakai")[2].partition("</div>")[0]
    assert summary.count("Pilihan ini tidak ada") == 1


@pytest.mark.parametrize("name", ["cari", "peristiwa", "untuk", "instansi", "halaman"])
@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_never_breaks_the_list(client: Client, place: Place, name: str, value: str) -> None:
    response = client.get(f"/layanan/?{name}={quote(value, errors='surrogatepass')}")
    assert response.status_code in (200, 400)
    assert b"<script>" not in response.content.replace(b"<script src", b"")


def test_a_search_with_hidden_or_too_many_characters_is_answered_400(client: Client, place: Place) -> None:
    assert "Hapus karakter tersembunyi" in text_of(client, "/layanan/?cari=a%E2%80%AEb", 400)
    text = text_of(client, f"/layanan/?cari={'x' * 10_000}", 400)
    assert "paling banyak 100 huruf" in text
    assert "x" * 101 not in text


def test_the_list_has_pages_that_keep_the_filters(client: Client, place: Place) -> None:
    for _number in range(24):
        make_service(place.agency)
    text = text_of(client, "/layanan/?untuk=CITIZEN")
    assert "25 layanan" in text
    assert text.count('<a class="row') == 20
    assert 'href="?untuk=CITIZEN&amp;halaman=2"' in text
    assert text_of(client, "/layanan/?untuk=CITIZEN&halaman=2").count('<a class="row') == 5
    assert text_of(client, "/layanan/?halaman=abc").count('<a class="row') == 20

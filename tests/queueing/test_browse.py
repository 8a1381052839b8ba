"""The pages where citizens find out: home, services, agencies."""

from __future__ import annotations

from datetime import date, datetime, time
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mpp.core import clock
from queueing import actions
from queueing.desks import any_of, ranged
from queueing.models import Queue
from services.enums import CalendarKind, Depth, FeeKind, LifeEvent
from services.models import CalendarDay, OpeningHours
from services.week import week_of
from tenants.enums import AgencyKind, AgencyStatus
from tenants.models import AgencyName, CounterDuty
from tests.conftest import Place
from tests.factories import (
    LONG_AGO,
    issue,
    make_agency,
    make_counter,
    make_mall,
    make_queue,
    make_service,
    make_standard,
    make_zone,
    open_session,
)

WITA = ZoneInfo("Asia/Makassar")
MONDAY_10 = datetime(2026, 11, 23, 10, tzinfo=WITA)
MONDAY_20 = datetime(2026, 11, 23, 20, tzinfo=WITA)
SATURDAY_10 = datetime(2026, 11, 21, 10, tzinfo=WITA)
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


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


def keep_office_hours(**fields: time) -> None:
    """Replace the week that never closes by Monday to Thursday, 08.00 to 15.00."""
    OpeningHours.objects.all().delete()
    for weekday in range(1, 5):
        OpeningHours.objects.create(
            weekday=weekday, opens_at=time(8), closes_at=time(15), valid_from=LONG_AGO, **fields
        )


# Home


def test_home_asks_what_for_and_lists_agencies_with_their_wait(client: Client, place: Place) -> None:
    open_session(place.agency, place.counter, place.officer)
    text = text_of(client, "/")
    assert text.count("<h1") == 1
    assert "Mau urus apa?" in text
    assert '<html lang="id">' in text
    assert "Dukcapil<small>1 layanan · Lantai 1" in text
    assert "<b>0–5</b>menit" in text


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
    assert text.index("Dukcapil<small>") < text.index("Taspen<small>")
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


def test_home_with_eighteen_agencies_takes_at_most_fifteen_queries(client: Client, place: Place) -> None:
    for _number in range(17):
        agency = make_agency(zone=place.zone)
        make_queue(make_service(agency, life_events=[LifeEvent.WORK]))
        open_session(agency)
        issue(agency.services.get())
    with CaptureQueriesContext(connection) as queries:
        text = text_of(client, "/")
    assert text.count('<a class="row') == 18
    assert len(queries) <= 15


def test_a_held_number_on_home_costs_four_queries_more(client: Client, place: Place) -> None:
    client.post("/antrean/ambil/ktp-hilang/", {"kunci": "6f1b1ad4-6ff4-4a44-9c3c-3f1ea6a9cf01"})
    with CaptureQueriesContext(connection) as queries:
        text = text_of(client, "/")
    assert "0 orang di depan Anda" in text
    assert len(queries) <= 19


def test_home_is_light(client: Client, place: Place) -> None:
    for number in range(17):
        make_queue(make_service(make_agency(short_name=f"Instansi dengan nama panjang {number}")))
    response = client.get("/")
    assert len(response.content) < 40_000
    assert b"style=" not in response.content
    assert b"<script" not in response.content


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
    assert "Petugas di pintu masuk membantu" in text


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


# Service


def test_a_service_page_shows_the_six_public_components(client: Client, place: Place) -> None:
    text = text_of(client, "/layanan/ktp-hilang/")
    for part in ("Kartu Keluarga", "Asli", "KTP lama", "Datang ke loket.", "Selesai hari ini", "Gratis"):
        assert part in text
    for part in (
        "UU 24/2013",
        "Jangan membayar kepada siapa pun.",
        "KTP elektronik",
        "Sampaikan ke petugas.",
    ):
        assert part in text
    assert "Standar pelayanan versi 1, berlaku sejak 1 Januari 2020." in text
    assert text.count("<h1") == 1
    assert text.count('<input type="checkbox"') == 2


def test_amounts_are_written_in_rupiah_with_their_basis(client: Client, place: Place) -> None:
    service = make_service(place.agency, slug="skck")
    service.standards.update(fee_kind=FeeKind.AMOUNT, fee_amount=30_000, fee_basis="PP 76/2020")
    text = text_of(client, "/layanan/skck/")
    assert "Rp30.000" in text
    assert "PP 76/2020. Bayar hanya sesuai tarif ini." in text


def test_a_variable_fee_is_told_in_words(client: Client, place: Place) -> None:
    service = make_service(place.agency, slug="stnk")
    service.standards.update(fee_kind=FeeKind.VARIABLE, fee_text="Motor Rp100.000, mobil Rp200.000")
    text = text_of(client, "/layanan/stnk/")
    assert "Ada biaya" in text
    assert "Motor Rp100.000, mobil Rp200.000" in text


def test_depth_limits_and_other_ways_are_told(client: Client, place: Place) -> None:
    make_service(
        place.agency,
        slug="tanah",
        depth=Depth.CONSULTATION,
        limits="Hanya untuk tanah di kabupaten ini.",
        other_ways="Bisa di kantor pertanahan.",
        online_url="https://contoh.go.id/tanah",
    )
    text = text_of(client, "/layanan/tanah/")
    assert "Di sini hanya konsultasi. Berkas diserahkan di kantor Dukcapil." in text
    assert "Hanya untuk tanah di kabupaten ini." in text
    assert "Bisa di kantor pertanahan." in text
    assert 'href="https://contoh.go.id/tanah"' in text


def test_the_panel_shows_wait_people_numbers_left_and_counters(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=40)
    open_session(place.agency, place.counter, place.officer)
    issue(place.service)
    issue(place.service)
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "15–25" in text
    assert "menit tunggu" in text
    assert "<b>2</b>orang menunggu" in text
    assert "<b>38</b>nomor tersisa" in text
    assert 'href="/antrean/ambil/ktp-hilang/"' in text
    assert "Loket 2, Lantai 1, zona Kependudukan, kanan." in text


def test_without_staff_the_panel_promises_nothing_but_still_gives_numbers(
    client: Client, place: Place
) -> None:
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "Belum ada petugas" in text
    assert "belum dapat diperkirakan" in text
    assert 'href="/antrean/ambil/ktp-hilang/"' in text


def test_a_closed_service_shows_its_next_opening_and_no_button(client: Client, place: Place) -> None:
    keep_office_hours()
    with clock.frozen(SATURDAY_10):
        text = text_of(client, "/layanan/ktp-hilang/")
    assert "Tutup" in text
    assert '08.00 <small class="under">WITA Senin' in text
    assert "/antrean/ambil/" not in text
    with clock.frozen(MONDAY_20):
        assert "WITA besok" in text_of(client, "/layanan/ktp-hilang/")


def test_a_break_says_when_it_goes_on_and_still_gives_numbers(client: Client, place: Place) -> None:
    keep_office_hours(break_from=time(12), break_to=time(13))
    with clock.frozen(MONDAY_10.replace(hour=12, minute=30)):
        text = text_of(client, "/layanan/ktp-hilang/")
        assert "Lanjut 13.00 WITA" in text_of(client, "/")
    assert "Istirahat" in text
    assert '13.00 <small class="under">WITA lanjut' in text
    assert 'href="/antrean/ambil/ktp-hilang/"' in text


def test_after_the_last_number_time_the_page_says_so(client: Client, place: Place) -> None:
    keep_office_hours(last_number_at=time(14, 30))
    with clock.frozen(MONDAY_10.replace(hour=14, minute=45)):
        text = text_of(client, "/layanan/ktp-hilang/")
    assert "Waktu ambil nomor hari ini sudah lewat." in text


def test_a_full_line_still_ends_in_a_time(client: Client, place: Place) -> None:
    keep_office_hours()
    Queue.objects.update(daily_quota=1)
    with clock.frozen(MONDAY_10):
        issue(place.service)
        text = text_of(client, "/layanan/ktp-hilang/")
        assert "Nomor hari ini habis" in text_of(client, "/")
    assert "Penuh" in text
    assert '08.00 <small class="under">WITA besok' in text
    assert "/antrean/ambil/" not in text


def test_a_service_without_a_line_says_whom_to_ask(client: Client, place: Place) -> None:
    make_service(place.agency, slug="tanpa-antrean")
    text = text_of(client, "/layanan/tanpa-antrean/")
    assert "Tanpa nomor" in text
    assert "Tanya petugas di pintu masuk" in text


def test_unknown_hidden_and_incomplete_services_are_404(client: Client, place: Place) -> None:
    make_service(place.agency, slug="tersembunyi", is_published=False)
    make_service(place.agency, slug="tanpa-standar").standards.all().delete()
    for slug in ("tidak-ada", "tersembunyi", "tanpa-standar"):
        text_of(client, f"/layanan/{slug}/", 404)


def test_the_standard_in_force_is_the_one_shown(client: Client, place: Place) -> None:
    place.service.standards.update(valid_to=date(2026, 1, 1))
    make_standard(place.service, version=2, valid_from=date(2026, 1, 2), product="KTP baru")
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "Standar pelayanan versi 2, berlaku sejak 2 Januari 2026." in text
    assert "KTP baru" in text


# Agency


def test_an_agency_page_shows_names_hours_counters_and_services(client: Client, place: Place) -> None:
    AgencyName.objects.create(
        agency=place.agency,
        name="Kantor Catatan Sipil",
        short_name="Capil",
        valid_from=date(2000, 1, 1),
        valid_to=date(2015, 12, 31),
    )
    make_counter(place.agency, place.zone, number="3")
    open_session(place.agency, place.counter, place.officer)
    text = text_of(client, "/instansi/dukcapil/")
    assert place.agency.name in text
    assert "Sampai 2015 bernama Kantor Catatan Sipil." in text
    assert "Setiap hari</dt><dd>00.00–24.00 WITA" in text
    assert "Loket 2, 3, Lantai 1, zona Kependudukan, kanan." in text
    assert "melayani" in text
    assert "belum ada petugas" in text
    assert "/layanan/ktp-hilang/" in text


def test_an_agency_without_agreement_says_why_it_gives_no_numbers(client: Client, place: Place) -> None:
    make_agency(slug="imigrasi", kind=AgencyKind.VERTICAL, status=AgencyStatus.COMMITTED)
    text = text_of(client, "/instansi/imigrasi/")
    assert "Belum buka" in text
    assert "Naskah kerja sama sedang disiapkan." in text
    make_agency(
        slug="pajak",
        kind=AgencyKind.VERTICAL,
        agreement_from=date(2020, 1, 1),
        agreement_to=date(2020, 12, 31),
    )
    assert "Naskah kerja sama belum berlaku." in text_of(client, "/instansi/pajak/")


def test_an_unknown_agency_is_404(client: Client, place: Place) -> None:
    text_of(client, "/instansi/tidak-ada/", 404)


def test_the_week_in_words_joins_equal_days_and_skips_absent_ones(place: Place) -> None:
    OpeningHours.objects.all().delete()
    for weekday in (1, 2, 4):
        OpeningHours.objects.create(
            weekday=weekday,
            opens_at=time(8),
            closes_at=time(15),
            break_from=time(12),
            break_to=time(13),
            valid_from=LONG_AGO,
        )
    OpeningHours.objects.create(
        agency=place.agency, weekday=4, opens_at=time(8, 30), closes_at=time(11), valid_from=LONG_AGO
    )
    mall = week_of(date(2026, 11, 23), "WITA")
    assert [(line.days, line.hours, line.pause) for line in mall] == [
        ("Senin–Selasa", "08.00–15.00 WITA", "istirahat 12.00–13.00"),
        ("Kamis", "08.00–15.00 WITA", "istirahat 12.00–13.00"),
    ]
    assert [str(line) for line in week_of(date(2026, 11, 23), "WITA", place.agency)] == [
        "Kamis 08.30–11.00 WITA"
    ]


def test_the_foot_of_every_page_shows_the_week(client: Client, place: Place) -> None:
    keep_office_hours()
    assert "Senin–Kamis 08.00–15.00 WITA" in text_of(client, "/nomor-saya/")


def test_a_counter_lent_on_one_weekday_is_shown_that_day_only(client: Client, place: Place) -> None:
    CounterDuty.objects.all().update(weekday=1)
    with clock.frozen(MONDAY_10):
        assert "Loket 2" in text_of(client, "/instansi/dukcapil/")
    with clock.frozen(SATURDAY_10):
        assert "Hari ini tidak ada loket" in text_of(client, "/instansi/dukcapil/")


def test_counter_numbers_are_joined_as_people_say_them() -> None:
    assert ranged(["1", "2", "3", "7"]) == "1–3, 7"
    assert ranged(["1", "2"]) == "1, 2"
    assert ranged(["A", "3"]) == "A, 3"
    assert any_of([]) == ""
    assert any_of(["4"]) == "4"
    assert any_of(["1", "2"]) == "1 atau 2"
    assert any_of(["1", "2", "3"]) == "1, 2, atau 3"
    assert any_of(["1", "2", "3", "4"]) == "1–4"
    assert any_of(["1", "2", "3", "4", "9"]) == "1–4 atau 9"


def test_a_mall_in_another_zone_of_time_shows_its_own(client: Client, place: Place) -> None:
    make_mall(timezone="Asia/Jakarta")
    keep_office_hours()
    with clock.frozen(MONDAY_10):
        assert "sampai 15.00 WIB" in text_of(client, "/")


def test_a_portal_without_a_mall_says_so(client: Client, db: None) -> None:
    assert client.get("/").status_code == 503


def test_closing_a_counter_takes_the_promise_back(client: Client, place: Place) -> None:
    session = open_session(place.agency, place.counter, place.officer)
    assert "menit tunggu" in text_of(client, "/layanan/ktp-hilang/")
    actions.close_counter(session=session, by=place.officer)
    assert "menit tunggu" not in text_of(client, "/layanan/ktp-hilang/")


def test_places_in_two_zones_are_told_apart(client: Client, place: Place) -> None:
    make_counter(place.agency, make_zone(name="Lantai atas", floor="Lantai 2", position=9), number="9")
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "Loket 2, Lantai 1, zona Kependudukan, kanan." in text
    assert "Loket 9, Lantai 2, zona Lantai atas, kanan." in text

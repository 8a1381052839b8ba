"""The pages of one service and of one agency."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client

from mpp.core import clock
from mpp.core.models import Revision
from queueing import actions, served
from queueing.desks import any_of, ranged
from queueing.models import Queue
from services.enums import Depth, FeeKind
from services.models import OpeningHours
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
    make_service,
    make_standard,
    make_zone,
    open_session,
)
from tests.queueing.pages import MONDAY_10, MONDAY_20, SATURDAY_10, keep_office_hours, text_of

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
    assert "PP 76/2020.</span> Bayar hanya sesuai tarif ini. Minta bukti bayar." in text
    service.standards.update(pay_to="kas negara, lewat BRI")
    assert "PP 76/2020.</span> Bayar hanya ke kas negara, lewat BRI." in text_of(client, "/layanan/skck/")


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


@pytest.mark.usefixtures("measured")
def test_the_panel_shows_wait_people_numbers_left_and_counters(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=40, online_percent=50)
    open_session(place.agency, place.counter, place.officer)
    issue(place.service)
    issue(place.service)
    text = text_of(client, "/layanan/ktp-hilang/")
    ranges = re.findall(r"(\d+)–(\d+)", text)
    assert any(int(low) < 20 < int(high) for low, high in ranges)
    assert "menit tunggu" in text
    assert "<b>2</b>orang menunggu" in text
    assert "<b>18</b>nomor daring tersisa" in text
    assert "20 lagi di anjungan" in text
    assert 'href="/antrean/ambil/ktp-hilang/"' in text
    assert "Loket 2, Lantai 1, zona Kependudukan, kanan." in text


def served_in(place: Place, minutes: int, moment: datetime) -> None:
    with clock.frozen(moment):
        issue(place.service)
        session = open_session(place.agency, place.counter, place.officer)
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        ticket = actions.start(ticket=called, by=place.officer)
    with clock.frozen(moment + timedelta(minutes=minutes)):
        actions.finish(ticket=ticket, by=place.officer)
        actions.close_counter(session=session, by=place.officer)


@pytest.mark.usefixtures("forenoon")
def test_what_was_measured_stands_beside_what_is_promised(
    client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "FEWEST", 2)
    yesterday = clock.now() - timedelta(days=1)
    served_in(place, 11, yesterday)
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "Janji di loket: 15 menit. Belum cukup data untuk waktu terukur." in text
    served_in(place, 7, yesterday + timedelta(minutes=15))
    Revision.objects.update(value=uuid.uuid4())
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "<b>15 menit</b>" in text
    assert "<b>11 menit</b>" in text
    assert "9 dari 10 orang selesai secepat ini. Dihitung dari 2 orang dalam 30 hari." in text


def test_without_staff_the_panel_promises_nothing_but_still_gives_numbers(
    client: Client, place: Place
) -> None:
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "Belum ada petugas" in text
    assert "belum dapat diperkirakan" in text
    assert 'href="/antrean/ambil/ktp-hilang/"' in text


def test_with_staff_but_nothing_measured_the_panel_does_not_deny_the_staff(
    client: Client, place: Place
) -> None:
    open_session(place.agency, place.counter, place.officer)
    text = text_of(client, "/layanan/ktp-hilang/")
    assert "Belum ada petugas" not in text
    assert "Lama tunggu belum dapat diperkirakan." in text
    assert "Belum ada petugas" not in text_of(client, "/")


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
    Queue.objects.update(daily_quota=1, online_percent=100)
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


def test_a_former_name_is_remembered_and_forgotten_at_once(client: Client, place: Place) -> None:
    words = "Sampai 2015 bernama Kantor Catatan Sipil."
    assert words not in text_of(client, "/instansi/dukcapil/")
    former = AgencyName.objects.create(
        agency=place.agency,
        name="Kantor Catatan Sipil",
        short_name="Capil",
        valid_from=date(2000, 1, 1),
        valid_to=date(2015, 12, 31),
    )
    assert words in text_of(client, "/instansi/dukcapil/")
    former.delete()
    assert words not in text_of(client, "/instansi/dukcapil/")


def test_an_agency_page_shows_names_hours_counters_and_services(client: Client, place: Place) -> None:
    AgencyName.objects.create(
        agency=place.agency,
        name="Kantor Catatan Sipil",
        short_name="Capil",
        valid_from=date(2000, 1, 1),
        valid_to=date(2015, 12, 31),
    )
    make_counter(place.agency, place.zone, number="3")
    session = open_session(place.agency, place.counter, place.officer)
    text = text_of(client, "/instansi/dukcapil/")
    assert place.agency.name in text
    assert "Sampai 2015 bernama Kantor Catatan Sipil." in text
    assert "Setiap hari</dt><dd>00.00–24.00 WITA" in text
    assert "Loket 2 atau 3, Lantai 1, zona Kependudukan, kanan." in text
    assert "1 petugas melayani, dari 2 loket." in text
    assert "belum ada petugas" in text
    actions.pause(session=session, reason="Salat", by=place.officer)
    text = text_of(client, "/instansi/dukcapil/")
    assert "1 petugas sedang jeda." in text
    assert place.officer.first_name not in text
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
    assert "Kerja samanya berakhir 31 Desember 2020." in text_of(client, "/instansi/pajak/")


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


@pytest.mark.usefixtures("measured")
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


def test_in_english_the_agencys_own_words_are_marked_as_indonesian(client: Client, place: Place) -> None:
    assert f'<h1 class="page-title">{place.service.name}</h1>' in text_of(client, "/layanan/ktp-hilang/")
    client.cookies["bahasa"] = "en"
    text = text_of(client, "/layanan/ktp-hilang/")
    assert f'<h1 class="page-title" lang="id">{place.service.name}</h1>' in text
    assert "The agency writes its own texts in Indonesian." in text

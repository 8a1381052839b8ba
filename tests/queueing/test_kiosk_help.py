"""The kiosk's help: search, what is taken often, why not, the scanner, and the time without a server."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory

from mpp.core import clock, revision
from queueing import actions, fitting
from queueing.enums import Channel, Step, TicketState
from queueing.manner import CARRIED, Manner, same_screen
from queueing.models import Queue, QueueService, Ticket, TicketEvent
from queueing.popular import FEWEST, often_taken
from tenants.enums import PrinterLink
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import book, takes_bookings
from tests.queueing.pages import MONDAY_10
from tests.queueing.test_kiosk import choices, text_of, touch

KIOSK = "/anjungan/hadir/"


# Search, and what is taken often


def test_the_search_uses_everyday_words_and_gives_the_number_at_once(client: Client, place: Place) -> None:
    text = text_of(client, "/anjungan/cari/?cari=bikin ktp")
    assert "<span data-mpp-typed>bikin ktp</span>" in text
    assert 'action="/anjungan/ambil/ktp-hilang/"' in text
    assert '<span class="text">Dukcapil</span>' in text


def test_each_letter_is_a_link_of_at_most_one_more(client: Client, place: Place) -> None:
    text = text_of(client, "/anjungan/cari/?cari=kt&didahulukan=1")
    assert 'href="/anjungan/cari/?cari=ktp&amp;didahulukan=1" data-mpp-letter="p"' in text
    assert 'href="/anjungan/cari/?cari=k&amp;didahulukan=1" data-mpp-back' in text
    assert text.count("data-mpp-letter=") == 27


def test_what_is_found_is_paged_and_the_query_is_carried_on(client: Client, place: Place) -> None:
    for _number in range(9):
        QueueService.objects.create(queue=place.queue, service=make.make_service(place.agency))
    text = text_of(client, "/anjungan/cari/?cari=layanan")
    assert choices(text) == 4
    assert 'href="/anjungan/cari/?hal=2&amp;cari=layanan"' in text
    assert choices(text_of(client, "/anjungan/cari/?cari=layanan&hal=3")) == 3


@pytest.mark.parametrize("typed", ["\x00", "<script>", "%", "x" * 5000, "\u202e", "'", "   "])
def test_no_search_breaks_the_screen(client: Client, place: Place, typed: str) -> None:
    response = client.get("/anjungan/cari/", {"cari": typed})
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().split("<main", 1)[1].split("</main>")[0]


def test_before_a_letter_the_most_taken_services_stand_there(client: Client, place: Place) -> None:
    rare, often = make.make_service(place.agency), make.make_service(place.agency)
    for service in (rare, often):
        QueueService.objects.create(queue=place.queue, service=service)
    with clock.frozen(MONDAY_10 - timedelta(days=3)):
        for service, times in ((place.service, FEWEST), (often, FEWEST + 2), (rare, FEWEST - 1)):
            for _time in range(times):
                make.issue(service, channel=Channel.KIOSK)
    with clock.frozen(MONDAY_10):
        text = text_of(client, "/anjungan/cari/")
    assert "Sering dipakai" in text
    assert text.index(often.name) < text.index(place.service.name)
    assert rare.name not in text


def test_what_was_taken_long_ago_or_today_does_not_count(place: Place) -> None:
    for days in (40, 0):
        with clock.frozen(MONDAY_10 - timedelta(days=days)):
            for _time in range(FEWEST):
                make.issue(place.service)
    with clock.frozen(MONDAY_10):
        assert often_taken(revision.read()) == []


# Why not, and what else


def test_a_full_service_says_what_else_is_possible(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=90, kiosk_percent=10)
    assert touch(client).status_code == 303
    text = text_of(client, "/anjungan/dukcapil/")
    assert 'href="/anjungan/layanan/ktp-hilang/"' in text
    text = text_of(client, "/anjungan/layanan/ktp-hilang/")
    assert "Nomor di sini sudah habis." in text
    assert "Masih ada 9 nomor daring." in text
    assert "Kode QR halaman layanan ini" in text
    refused = " ".join(touch(client).content.decode().split())
    assert "Lanjutkan di ponsel" in refused


def test_an_open_service_needs_no_reason(client: Client, place: Place) -> None:
    response = client.get("/anjungan/layanan/ktp-hilang/?huruf=besar")
    assert (response.status_code, response["Location"]) == (302, "/anjungan/dukcapil/?huruf=besar")
    assert client.get("/anjungan/layanan/tidak-ada/").status_code == 404


# The scanner


def scan(client: Client, text: str) -> tuple[int, str]:
    with clock.frozen(MONDAY_10):
        response = client.post(KIOSK, {"kode": text})
    return response.status_code, response.get("Location") or " ".join(response.content.decode().split())


def test_a_slip_of_today_is_shown_without_printing_it(client: Client, place: Place) -> None:
    with clock.frozen(MONDAY_10):
        ticket = make.issue(place.service)
    status, where = scan(client, f"https://mpp.example/t/{ticket.token}/")
    assert (status, where) == (303, f"/anjungan/nomor/{ticket.token}/?lihat=1")
    text = text_of(client, where)
    assert "data-mpp-print=" not in text
    assert "A-001" in text


def test_a_slip_of_another_day_is_told_its_day(client: Client, place: Place) -> None:
    with clock.frozen(MONDAY_10 - timedelta(days=1)):
        ticket = make.issue(place.service)
    status, text = scan(client, f"http://testserver/t/{ticket.token}/")
    assert status == 409
    assert "Nomor ini berlaku Minggu, 22 November 2026. Ambil nomor baru untuk hari ini." in text


def test_what_was_scanned_leads_to_a_number_and_what_was_typed_back_to_the_keys(
    client: Client, place: Place
) -> None:
    _status, held = scan(client, "http://mpp-lain.example/t/abcdefghijklmnop/")
    assert 'class="foot-main" href="/anjungan/"' in held
    assert "Ketik lagi" not in held
    _status, typed = scan(client, "XXX XXX")
    assert 'class="foot-main" href="/anjungan/hadir/"' in typed


def test_a_booking_of_another_day_is_told_its_day(client: Client, place: Place) -> None:
    takes_bookings(place)
    booking = book(place)
    with clock.frozen(MONDAY_10 + timedelta(days=1)):
        response = client.post(KIOSK, {"kode": f"/pesanan/{booking.token}/"})
    assert response.status_code == 409
    assert "sudah lewat. Pesan waktu baru." in response.content.decode()


@pytest.mark.parametrize("kind", ["pesanan", "t"])
def test_a_code_of_another_mall_is_told_apart_from_one_that_is_over(
    client: Client, place: Place, kind: str
) -> None:
    assert "QR ini dari mal lain." in scan(client, f"https://mpp-lain.example/{kind}/{'x' * 32}/")[1]
    assert "QR ini tidak dikenal." in scan(client, f"http://testserver/{kind}/{'x' * 32}/")[1]


@pytest.mark.parametrize(
    "text",
    ["", "123", "0000000000000", "https://example.com/", "http://[", "//", "\x00\x1b[A", "x" * 5000]
    + ["<script>alert(1)</script>", "00020101021126610014COM.GO-JEK.WWW", "\ud83d\ude00" * 20, "/t/../../x/"],
)
def test_nothing_that_a_scanner_types_breaks_the_kiosk(client: Client, place: Place, text: str) -> None:
    status, page = scan(client, text.encode("utf-16", "surrogatepass").decode("utf-16"))
    assert status in {400, 404}
    assert "data-mpp-kiosk" in page
    assert "<script>alert" not in page
    assert not Ticket.objects.exists()


# A power cut, and the time without a server


def after_power(client: Client, key: str, **said: str) -> str:
    response = client.post("/anjungan/belum-dicetak/", {"kunci": key} | said)
    assert response.status_code == 303
    return str(response["Location"])


def test_the_key_of_a_touch_finds_its_number_for_two_minutes_and_then_voids_it(
    client: Client, place: Place
) -> None:
    key = str(uuid.uuid4())
    touch(client, kunci=key)
    ticket = Ticket.objects.get()
    assert after_power(client, key) == f"/anjungan/nomor/{ticket.token}/?lihat=1"
    with clock.frozen(ticket.issued_at + timedelta(minutes=2, seconds=1)):
        assert after_power(client, key) == "/anjungan/"
        assert after_power(client, key) == "/anjungan/"
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CANCELLED
    voided = TicketEvent.objects.get(ticket=ticket, step=Step.CANCEL)
    assert (voided.actor, voided.reason) == (None, "Listrik anjungan padam sebelum karcis tercetak.")
    # Void, not deleted: the next number leaves no gap.
    assert make.issue(place.service).number == 2


@pytest.mark.parametrize("held", ["photographed", "followed", "called"])
def test_a_number_that_somebody_may_hold_is_never_voided(client: Client, place: Place, held: str) -> None:
    key = str(uuid.uuid4())
    touch(client, kunci=key)
    ticket = Ticket.objects.get()
    if held == "followed":
        Ticket.objects.update(is_told=True)
    if held == "called":
        actions.call_next(
            session=make.open_session(place.agency, place.counter, place.officer), by=place.officer
        )
    with clock.frozen(ticket.issued_at + timedelta(hours=1)):
        said = {"terlihat": "1"} if held == "photographed" else {}
        assert after_power(client, key, **said) == "/anjungan/"
    ticket.refresh_from_db()
    assert ticket.state == (TicketState.CALLED if held == "called" else TicketState.WAITING)


@pytest.mark.parametrize("key", ["", "x", "\x00", "6a0d3f0e-5c1f-4d8b-9d0a-4a9f2c1e7b35"])
def test_another_key_finds_nothing(client: Client, place: Place, key: str) -> None:
    touch(client)
    assert after_power(client, key) == "/anjungan/"


def test_the_worker_keeps_only_what_the_page_without_a_server_needs(client: Client, place: Place) -> None:
    response = client.get("/anjungan/pekerja.js")
    assert response["Content-Type"].startswith("text/javascript")
    kept = re.findall(r'^  "(/[^"]+)",?$', response.content.decode(), re.MULTILINE)
    assert len(kept) == 13
    page = text_of(client, "/anjungan/terganggu/")
    assert "Ambil nomor di petugas pintu masuk." in page
    asked = re.findall(r'(?:href|src)="(/[^"#]+)', page)
    assert set(asked) <= set(kept)
    for path in kept:
        answer = client.get(path)
        assert answer.status_code == 200, path


# Paper and manner


def test_a_paired_kiosk_prints_on_its_own_paper(client: Client, place: Place) -> None:
    assert 'data-mpp-slip="80"' in text_of(client, touch(client)["Location"])
    make.pair(make.make_device(paper_mm=58), client)
    assert 'class="slip slip-58"' in text_of(client, touch(client)["Location"])


def test_a_small_panel_has_fewer_choices_and_its_letters_in_their_order(client: Client, place: Place) -> None:
    for _each in range(8):
        QueueService.objects.create(queue=place.queue, service=make.make_service(place.agency))
    many = choices(client.get("/anjungan/dukcapil/").content.decode())
    make.pair(make.make_device(panel_cm=46), client)
    page = client.get("/anjungan/dukcapil/").content.decode()
    assert "small-panel" in page
    assert (many, choices(page)) == (6, 5)
    letters = re.findall(r'data-mpp-letter="(\w)"', text_of(client, "/anjungan/cari/"))
    assert letters == sorted(letters)


def test_a_number_that_is_only_looked_at_is_not_printed_by_the_portal_either(
    client: Client, place: Place
) -> None:
    make.pair(make.make_device(printer_link=PrinterLink.NETWORK, printer_address="192.168.1.9"), client)
    page = touch(client)["Location"]
    assert "data-mpp-seen" not in text_of(client, page)
    assert "data-mpp-seen" in text_of(client, f"{page}?lihat=1")


def test_wishes_are_carried_and_nonsense_is_none() -> None:
    every = dict(CARRIED.values())
    request = RequestFactory().get("/anjungan/", every | {"hal": "2", "lain": "1"})
    manner = Manner.of(request)
    assert manner.carried == every
    assert manner.classes == " large-type high-contrast low-reach aloud"
    assert Manner.of(RequestFactory().get("/", {"bahasa": "xx", "huruf": "\x00"})) == Manner()
    assert same_screen(request, Manner()) == "/anjungan/?hal=2"


# Fitting


@pytest.mark.parametrize(
    ("text", "lines", "whole"),
    [
        ("SKCK, SIM, surat kehilangan", 2, "SKCK, SIM, surat kehilangan"),
        ("SKCK, SIM, surat kehilangan", 1, "SKCK, SIM"),
        ("Kependudukandanpencatatan", 2, ""),
        ("Selesai hari ini. Aktif besok", 2, "Selesai hari ini. Aktif besok"),
        ("Selesai. Aktif besok", 1, "Selesai"),
        ("apa pun", 0, ""),
    ],
)
def test_a_text_is_shortened_to_whole_items_without_dots(text: str, lines: int, whole: str) -> None:
    assert fitting.fitting(text, fitting.Step("", 16, lines)) == whole

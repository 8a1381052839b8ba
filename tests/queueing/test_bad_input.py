"""What bad input gets: what happened, what to do now, what was kept; never a dead end."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from mpp.core import clock
from queueing.models import Booking, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import AT_11, TUESDAY_10, at, book, post, takes_bookings
from tests.queueing.pages import MONDAY_20, keep_office_hours

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
SEARCHES = [
    "zzzqqq",
    "'; DROP TABLE services_service;--",
    "<script>alert(1)</script>",
    "😀😀",
    "%_%",
    "ａｂｃ" * 30,
]


def said(response: Response, status: int) -> str:
    """The words of a page that leads on from here, by a link, a button or a form of its own."""
    assert response.status_code == status
    found = MAIN.search(" ".join(response.content.decode().split()))
    assert found
    assert "<a " in found[0] or "<form" in found[0]
    return found[0]


def take(client: Client, place: Place, **fields: str) -> Response:
    return client.post(f"/antrean/ambil/{place.service.slug}/", {"kunci": str(uuid.uuid4()), **fields})


# A search


def test_an_empty_search_shows_every_service(client: Client, place: Place) -> None:
    for query in ("", "   "):
        assert place.service.name in said(client.get("/layanan/", {"cari": query}), 200)


@pytest.mark.parametrize("query", SEARCHES)
def test_a_search_that_finds_nothing_says_so_and_leads_on(client: Client, place: Place, query: str) -> None:
    text = said(client.get("/layanan/", {"cari": query}), 200)
    assert "Tidak ada layanan untuk" in text
    assert "Tanya petugas" in text
    assert "Lihat semua layanan" in text
    # What was typed is kept, and is nothing but text.
    assert 'name="cari"' in text
    assert "<script>" not in text


@pytest.mark.parametrize("query", ["k" * 101, "ktp\x00", "ktp\u202e"])
def test_a_search_that_cannot_be_read_says_why(client: Client, place: Place, query: str) -> None:
    text = said(client.get("/layanan/", {"cari": query}), 400)
    assert "Pencarian ini tidak dapat dipakai" in text
    assert 'name="cari"' in text
    assert "Lihat semua layanan" in text


# While the form was filled in


def test_the_numbers_ran_out_meanwhile(client: Client, place: Place) -> None:
    make.limit(place.queue, 1)
    make.issue(place.service)
    text = said(take(client, place, ponsel="0812 3456 7890"), 409)
    assert "Tidak ada nomor yang diambil. Isian Anda tidak disimpan." in text
    assert f"/antrean/kabari/{place.service.slug}/" in text


def test_it_closed_meanwhile(client: Client, place: Place) -> None:
    keep_office_hours()
    with at(MONDAY_20):
        response = take(client, place, ponsel="0812 3456 7890")
    text = said(response, 409)
    assert "Nomor tidak jadi diambil" in text
    assert "Isian Anda tidak disimpan." in text
    assert "Buka lagi Selasa, 24 November pukul 08.00." in text
    assert not Ticket.objects.exists()


# Links


@pytest.mark.parametrize(
    "path", ["/t/tebakan/", "/t/tebakan/batal/", "/t/tebakan/pindah/", "/kunjungan/tebakan/"]
)
def test_a_guessed_link_tells_nothing_and_leads_to_the_own_numbers(
    client: Client, place: Place, path: str
) -> None:
    make.issue(place.service)
    text = said(client.get(path), 404)
    assert "Tautan ini tidak dikenal." in text
    assert "Nomor yang sudah diambil tetap berlaku." in text
    assert 'href="/nomor-saya/"' in text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/pesanan/tebakan/", "Tautan pesanan ini tidak dikenal."),
        ("/kabar-nomor/tebakan/", "Permintaan ini tidak ada, atau sudah dihapus."),
    ],
)
def test_a_guessed_link_of_another_kind_says_what_to_do(
    client: Client, place: Place, path: str, words: str
) -> None:
    assert words in said(client.get(path), 404)


def test_the_link_of_an_old_number_opens_and_leads_to_a_new_one(client: Client, place: Place) -> None:
    ticket = make.issue(place.service)
    with clock.frozen(clock.now() + timedelta(days=9)):
        text = said(client.get(f"/t/{ticket.token}/"), 200)
    assert ticket.label in text
    assert "Hari itu sudah lewat. Ambil nomor baru untuk hari ini." in text
    assert f'href="/layanan/{place.service.slug}/"' in text


def test_the_link_of_an_old_booking_opens_and_leads_to_a_new_one(client: Client, place: Place) -> None:
    takes_bookings(place)
    booking = book(place)
    with at(TUESDAY_10):
        text = said(client.get(f"/pesanan/{booking.token}/"), 200)
    assert "Waktu pesanan ini sudah lewat" in text
    assert f'href="/antrean/pesan/{place.service.slug}/"' in text


# A time and a telephone


def test_a_time_in_the_past_is_explained_and_all_that_was_typed_is_kept(client: Client, place: Place) -> None:
    takes_bookings(place)
    response = post(
        client,
        f"/antrean/pesan/{place.service.slug}/",
        kunci=str(uuid.uuid4()),
        mulai="2026-11-23T09:00",
        ponsel="0812 3456 7890",
        didahulukan="1",
        bantu="1",
    )
    text = said(response, 409)
    assert "Waktu itu sudah lewat. Pilih waktu lain." in text
    assert 'value="0812 3456 7890"' in text
    assert text.count(" checked") == 2
    assert f'value="{AT_11:%Y-%m-%dT%H:%M}"' in text
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("0526 202 8000", "Ini telepon rumah atau kantor. Kabar hanya sampai ke ponsel."),
        ("+60 12 345 6789", "Ini nomor luar Indonesia. Kami hanya dapat mengabari nomor Indonesia."),
        ("😀", "Tulis nomor ponsel Indonesia, misalnya 0812 3456 7890."),
    ],
)
def test_a_telephone_that_cannot_be_told_is_kept_with_the_reason(
    client: Client, place: Place, written: str, why: str
) -> None:
    text = said(take(client, place, ponsel=written), 400)
    assert "Nomor belum diambil" in text
    assert why in text
    assert f'value="{written}"' in text
    assert not Ticket.objects.exists()

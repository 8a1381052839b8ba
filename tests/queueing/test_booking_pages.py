"""The pages of a booking, all without JavaScript: choose, follow, change, wish for an earlier time."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, RequestFactory, override_settings

from queueing.actions import booking as acts
from queueing.actions import slots
from queueing.booking_holding import COOKIE, held_bookings
from queueing.enums import BookingState, Channel, Priority
from queueing.holding import DEVICE_COOKIE
from queueing.limits import NUMBERS_PER_MINUTE
from queueing.models import Booking, EarlierWish
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    AT_13,
    MINUTE,
    TUESDAY_9,
    TUESDAY_10,
    at,
    book,
    fill,
    fresh,
    get,
    post,
    takes_bookings,
    words,
)
from tests.queueing.pages import MONDAY_10

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

CHOOSE = "/antrean/pesan/ktp-hilang/"
LATER = MONDAY_10 + 10 * MINUTE


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    takes_bookings(place)


def press(client: Client, start: str = "2026-11-23T11:00", key: str | None = None, **fields: Any) -> Response:
    return post(client, CHOOSE, kunci=key or str(uuid.uuid4()), mulai=start, **fields)


# Choosing


def test_the_page_shows_days_and_times_with_their_places(client: Client, place: Place) -> None:
    fill(place)
    text = get(client, CHOOSE)
    assert "Hari ini" in text
    assert "Besok" in text
    assert "Senin, 23 November, WITA" in text
    full = re.search(r'<label class="time is-full">(.*?)</label>', text)
    assert full is not None
    assert "11.00" in full[1]
    assert "Penuh" in full[1]
    assert "disabled" in full[1]
    assert "2 tempat" in text
    assert "Beri tahu bila ada waktu lebih awal" in text
    assert " required" not in text


def test_another_day_is_a_link(client: Client, place: Place) -> None:
    assert "?tanggal=2026-11-24#jam" in get(client, CHOOSE)
    assert 'value="2026-11-24T09:00"' in get(client, CHOOSE + "?tanggal=2026-11-24")


@pytest.mark.parametrize("day", ["2026-13-99", "kemarin", "\x00", "2020-01-01", "2026-11-27", "x" * 5000])
def test_a_day_that_cannot_be_chosen_shows_the_first_that_can(client: Client, place: Place, day: str) -> None:
    with at(MONDAY_10):
        response = client.get(CHOOSE, {"tanggal": day})
    assert response.status_code == 200
    assert 'value="2026-11-23T11:00"' in response.content.decode()


def test_when_the_first_day_is_full_the_next_one_is_shown(client: Client, place: Place) -> None:
    for half_hours in range(1, 10):
        fill(place, MONDAY_10 + half_hours * 30 * MINUTE)
    assert 'value="2026-11-24T08:00"' in get(client, CHOOSE)


def test_a_line_that_takes_no_bookings_leads_to_its_service(client: Client, place: Place) -> None:
    place.queue.takes_bookings = False
    place.queue.save()
    with at(MONDAY_10):
        response = client.get(CHOOSE)
    assert (response.status_code, response["Location"]) == (302, "/layanan/ktp-hilang/")


def test_pressing_books_and_leads_to_the_booking(client: Client, place: Place) -> None:
    response = press(client, ponsel="0812 3456 7890", didahulukan="1", lebih_awal="1")
    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/pesanan/{booking.token}/")
    assert booking.slot.starts_at == AT_11
    assert (booking.phone, booking.priority) == ("+6281234567890", Priority.GENERAL)
    assert (booking.channel, booking.wish.since) == (Channel.ONLINE, MONDAY_10)


def test_a_double_press_without_cookies_books_once(place: Place) -> None:
    key = str(uuid.uuid4())
    first, second = press(Client(), key=key), press(Client(), key=key)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_who_holds_a_booking_is_led_back_to_it(client: Client, place: Place) -> None:
    first = press(client)
    with at(MONDAY_10):
        again = client.get(CHOOSE)
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    assert press(client, "2026-11-23T13:00")["Location"] == first["Location"]
    assert Booking.objects.count() == 1


def test_the_browser_is_known_even_when_it_has_lost_the_booking(client: Client, place: Place) -> None:
    press(client)
    del client.cookies[COOKIE]
    response = press(client, "2026-11-23T13:00")
    assert response.status_code == 409
    assert "Anda sudah memesan waktu untuk layanan ini." in words(response)
    assert client.cookies[DEVICE_COOKIE]["httponly"]


def test_a_refusal_stays_on_the_page_with_what_was_typed(client: Client, place: Place) -> None:
    fill(place)
    response = press(client, ponsel="0812 3456 7890", didahulukan="1")
    assert response.status_code == 409
    text = words(response)
    assert "Waktu belum dipesan" in text
    assert "Waktu itu baru saja penuh. Pilih waktu lain." in text
    assert 'value="0812 3456 7890"' in text
    assert re.search(r'name="didahulukan" value="1" checked', text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mulai": ""}, "Pilih satu jam dulu."),
        ({"mulai": "besok pagi"}, "Waktu itu tidak ada."),
        ({"mulai": "2026-11-23T11:00\x00"}, "Waktu itu tidak ada."),
        ({"ponsel": "123"}, "Tulis nomor ponsel Indonesia"),
        ({"kunci": "bukan-kunci"}, "Halaman ini tidak lengkap."),
    ],
)
def test_a_wrong_form_writes_nothing(
    client: Client, place: Place, fields: dict[str, Any], message: str
) -> None:
    typed: dict[str, Any] = {"kunci": str(uuid.uuid4()), "mulai": "2026-11-23T11:00"} | fields
    response = post(client, CHOOSE, **typed)
    assert response.status_code == 400
    assert message in words(response)
    assert not Booking.objects.exists()


def test_a_time_in_a_closed_hour_is_refused_on_the_page(client: Client, place: Place) -> None:
    response = press(client, "2026-11-23T16:00")
    assert response.status_code == 409
    assert "di luar jam buka" in words(response)


def test_everything_full_is_said_and_leads_on(client: Client, place: Place) -> None:
    takes_bookings(place, booking_days=1, daily_quota=1, booked_percent=0)
    text = get(client, CHOOSE)
    assert "Semua waktu penuh" in text
    assert "Ambil nomor pada jam buka" in text


def test_one_address_books_only_so_often(client: Client, place: Place) -> None:
    with override_settings(LOAD_TEST=False):
        for _ in range(NUMBERS_PER_MINUTE):
            press(Client(), "2026-11-23T16:00")
        assert press(Client()).status_code == 429


# The booking's page


def test_the_page_says_when_where_what_and_how(client: Client, place: Place) -> None:
    booking = book(place)
    text = get(client, f"/pesanan/{booking.token}/")
    assert re.search(r'hero-number long with-zone">11\.00<small class="zone"> WITA', text)
    assert "Senin, 23 November 2026" in text
    assert "Datang mulai 10.30 WITA" in text
    assert "Loket 2" in text
    assert "Kartu Keluarga" in text
    assert f"{booking.code[:3]}-{booking.code[3:]}" in text
    assert 'aria-label="Kode QR pesanan ini"' in text


def test_the_page_is_a_secret(client: Client, place: Place) -> None:
    with at(MONDAY_10):
        response = client.get(f"/pesanan/{book(place).token}/")
    # Not stricter: then a browser would send this page's own forms without their origin.
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("flip", [0, 10, 31])
def test_a_link_with_one_wrong_character_opens_nothing(client: Client, place: Place, flip: int) -> None:
    token = book(place).token
    forged = token[:flip] + ("A" if token[flip] != "A" else "B") + token[flip + 1 :]
    get(client, f"/pesanan/{forged}/", 404)


def test_the_link_of_a_number_opens_no_booking(client: Client, place: Place) -> None:
    with at(MONDAY_10):
        ticket = make.issue(place.service)
    get(client, f"/pesanan/{ticket.token}/", 404)


@pytest.mark.parametrize(
    ("moment", "heading"),
    [
        (MONDAY_10, "Datang mulai 10.30 WITA"),
        (AT_11 - 30 * MINUTE, "Catat kehadiran Anda sekarang"),
        (AT_11 + 15 * MINUTE, "Catat kehadiran Anda sekarang"),
        (AT_11 + 16 * MINUTE, "Anda terlambat, tetapi tetap dilayani"),
        (TUESDAY_9, "Waktu pesanan ini sudah lewat"),
    ],
)
def test_each_stage_says_what_to_do(client: Client, place: Place, moment: datetime, heading: str) -> None:
    text = get(client, f"/pesanan/{book(place).token}/", moment=moment)
    assert heading in text
    assert ("Saya hadir" in text) == (heading.startswith(("Catat", "Anda terlambat")))


def test_an_ended_booking_leads_to_a_new_one(client: Client, place: Place) -> None:
    booking = book(place)
    post(client, f"/pesanan/{booking.token}/batal/")
    text = get(client, f"/pesanan/{booking.token}/")
    assert "Pesanan ini dibatalkan" in text
    assert 'href="/antrean/pesan/ktp-hilang/"' in text
    assert booking.code not in text


# Changing it


def test_moving_keeps_the_link(client: Client, place: Place) -> None:
    booking = book(place)
    path = f"/pesanan/{booking.token}/pindah/"
    assert "Sekarang: Senin, 23 November 2026, 11.00 WITA" in get(client, path)
    response = post(client, path, mulai="2026-11-24T10:00")
    assert (response.status_code, response["Location"]) == (303, f"/pesanan/{booking.token}/")
    assert fresh(booking).slot.starts_at == TUESDAY_10
    assert "Dapat dipindah 2 kali lagi." in get(client, f"/pesanan/{booking.token}/")


def test_a_refused_move_says_so_and_changes_nothing(client: Client, place: Place) -> None:
    fill(place, AT_13)
    booking = book(place)
    response = post(client, f"/pesanan/{booking.token}/pindah/", mulai="2026-11-23T13:00")
    assert response.status_code == 409
    assert "Waktu tidak berubah" in words(response)
    assert fresh(booking).slot.starts_at == AT_11


def test_cancelling_asks_first(client: Client, place: Place) -> None:
    booking = book(place)
    path = f"/pesanan/{booking.token}/batal/"
    assert "Batalkan waktu" in get(client, path)
    assert fresh(booking).state == BookingState.BOOKED
    assert post(client, path).status_code == 303
    assert post(client, path).status_code == 303
    assert fresh(booking).state == BookingState.CANCELLED


def test_once_the_time_has_come_it_is_no_longer_offered_to_change_it(client: Client, place: Place) -> None:
    booking = book(place)
    text = get(client, f"/pesanan/{booking.token}/", moment=AT_11)
    assert "Batalkan" not in text
    assert "Pindah waktu" not in text
    refused = post(client, f"/pesanan/{booking.token}/batal/", AT_11)
    assert refused.status_code == 409
    assert "Waktu pesanan sudah tiba." in words(refused)


# An earlier time


def test_a_wish_is_asked_with_a_phone_and_can_be_withdrawn(client: Client, place: Place) -> None:
    booking = book(place)
    page = f"/pesanan/{booking.token}/"
    assert "Nomor ponsel" in get(client, page + "lebih-awal/")
    assert post(client, page + "lebih-awal/", ponsel="0812 3456 7890").status_code == 303
    assert fresh(booking).phone == "+6281234567890"
    assert "Menunggu waktu lebih awal" in get(client, page)
    assert "Nomor ponsel" not in get(client, page + "lebih-awal/")
    assert post(client, page + "lebih-awal/tolak/").status_code == 303
    assert not EarlierWish.objects.exists()


def test_a_wrong_phone_is_asked_again(client: Client, place: Place) -> None:
    booking = book(place)
    response = post(client, f"/pesanan/{booking.token}/lebih-awal/", ponsel="123")
    assert response.status_code == 400
    assert not EarlierWish.objects.exists()


def offered(place: Place) -> Booking:
    place.queue.slot_capacity = 1
    place.queue.save()
    early, late = book(place, AT_11), book(place, AT_13, wishes_earlier=True)
    with at(MONDAY_10):
        acts.cancel(booking=early)
    with at(LATER):
        slots.keep_house()
    return late


def test_an_offer_stands_on_the_page_and_is_accepted_there(client: Client, place: Place) -> None:
    booking = offered(place)
    page = f"/pesanan/{booking.token}/"
    text = get(client, page, moment=LATER)
    assert "Ada waktu lebih awal" in text
    assert "Disimpan untuk Anda sampai 10.20 WITA." in text
    assert "Pindah ke 11.00" in text
    assert post(client, page + "lebih-awal/terima/", LATER).status_code == 303
    assert fresh(booking).slot.starts_at == AT_11


def test_an_offer_that_is_over_is_refused_in_words(client: Client, place: Place) -> None:
    booking = offered(place)
    page, over = f"/pesanan/{booking.token}/", LATER + 11 * MINUTE
    assert "Ada waktu lebih awal" not in get(client, page, moment=over)
    response = post(client, page + "lebih-awal/terima/", over)
    assert response.status_code == 409
    assert "Tawaran itu sudah lewat." in words(response)


def test_looking_at_the_address_of_a_button_changes_nothing(client: Client, place: Place) -> None:
    booking = offered(place)
    for answer in ("terima", "tolak"):
        get(client, f"/pesanan/{booking.token}/lebih-awal/{answer}/", 303, LATER)
    get(client, f"/pesanan/{booking.token}/hadir/", 303, LATER)
    assert EarlierWish.objects.get().offered is not None


def test_who_helps_books_for_somebody_else_beside_their_own_time(client: Client, place: Place) -> None:
    press(client, "2026-11-24T10:00")
    own = Booking.objects.get()
    assert f'href="{CHOOSE}?bantu=1"' in get(client, f"/pesanan/{own.token}/")
    assert "&amp;bantu=1#jam" in get(client, f"{CHOOSE}?bantu=1")
    assert press(client, "2026-11-24T10:00", bantu="1").status_code == 303
    helped = Booking.objects.exclude(pk=own.pk).get()
    assert helped.person != own.person


def test_the_bookings_a_browser_holds_are_listed_with_their_links(
    client: Client, place: Place, rf: RequestFactory
) -> None:
    press(client, "2026-11-24T10:00")
    request = rf.get("/", headers={"cookie": f"{COOKIE}={client.cookies[COOKIE].value}"})
    held = held_bookings(request)
    assert [booking.pk for booking in held] == [Booking.objects.get().pk]
    for page in ("/nomor-saya/", "/"):
        text = client.get(page).content.decode()
        assert f'href="/pesanan/{held[0].token}/"' in text
        assert "Waktu Anda: Selasa, 24 November" in text
    forged = rf.get("/", headers={"cookie": f"{COOKIE}=A{client.cookies[COOKIE].value}"})
    assert held_bookings(forged) == []

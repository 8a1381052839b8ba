"""Where a booking becomes a number: the phone with the code on site, the kiosk, staff."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client, override_settings

from queueing import presence
from queueing.enums import BookingState, Channel
from queueing.models import Ticket, TicketEvent
from queueing.views.booking import PRESENCE_TRIES_A_MINUTE
from queueing.views.checkin import CODES_A_MINUTE
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    MINUTE,
    TUESDAY_10,
    at,
    book,
    fresh,
    get,
    post,
    takes_bookings,
    words,
)
from tests.queueing.pages import MONDAY_10

KIOSK = "/anjungan/hadir/"
STAFF = "/loket/hadir/"


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    takes_bookings(place)


# Coming with the phone


def test_the_code_on_site_makes_the_number_and_the_page_leads_to_it(client: Client, place: Place) -> None:
    booking = book(place)
    code = presence.code_at(AT_11)
    response = post(client, f"/pesanan/{booking.token}/hadir/", AT_11, kode=f"{code[:3]} {code[3:]}")
    ticket = Ticket.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/t/{ticket.token}/")
    get(client, f"/pesanan/{booking.token}/", 303, AT_11)
    assert ticket.label in get(client, "/nomor-saya/", moment=AT_11)


@pytest.mark.parametrize(("typed", "status"), [("000000", 409), ("", 400), ("\x00", 400), ("1" * 99, 400)])
def test_a_wrong_code_makes_no_number(client: Client, place: Place, typed: str, status: int) -> None:
    booking = book(place)
    response = post(client, f"/pesanan/{booking.token}/hadir/", AT_11, kode=typed)
    assert response.status_code == status
    assert "Kehadiran belum dicatat" in words(response)
    assert not Ticket.objects.exists()


def test_guessing_the_code_is_stopped(client: Client, place: Place) -> None:
    booking = book(place)
    with override_settings(LOAD_TEST=False):
        for _ in range(PRESENCE_TRIES_A_MINUTE):
            post(client, f"/pesanan/{booking.token}/hadir/", AT_11, kode="000000")
        response = post(client, f"/pesanan/{booking.token}/hadir/", AT_11, kode=presence.code_at(AT_11))
    assert response.status_code == 429
    assert not Ticket.objects.exists()


# At the kiosk


def test_the_keypad_works_by_links_alone(client: Client, place: Place) -> None:
    text = get(client, KIOSK)
    assert text.count("data-mpp-key=") == 20
    assert 'href="/anjungan/hadir/?kode=K"' in text
    assert re.search(r"<button[^>]* disabled>", text)
    text = get(client, KIOSK + "?kode=K7M4P")
    assert 'href="/anjungan/hadir/?kode=K7M4PX"' in text
    assert 'href="/anjungan/hadir/?kode=K7M4"' in text
    assert not re.search(r"<button[^>]* disabled>", get(client, KIOSK + "?kode=K7M4PX"))


@pytest.mark.parametrize("typed", ["0O1I", "<script>", "\x00", "K7M4PXYYYY", "%F0%9F%98%80"])
def test_the_keypad_shows_only_characters_of_codes(client: Client, place: Place, typed: str) -> None:
    with at(MONDAY_10):
        response = client.get(KIOSK, {"kode": typed})
    value = re.search(r'name="kode" value="(.*?)"', response.content.decode())
    assert value is not None
    assert re.fullmatch(r"[34679CDFHJKMNPRTVWXY]{0,6}", value[1])


def test_the_code_gives_the_number_at_the_kiosk(client: Client, place: Place) -> None:
    booking = book(place)
    response = post(client, KIOSK, AT_11, kode=booking.code)
    ticket = Ticket.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/anjungan/nomor/{ticket.token}/")
    assert ticket.channel == Channel.KIOSK


def test_the_scanner_types_the_link_of_the_qr_code(client: Client, place: Place) -> None:
    booking = book(place)
    response = post(client, KIOSK, AT_11, kode=f"https://mpp.example/pesanan/{booking.token}/")
    assert response.status_code == 303
    assert fresh(booking).state == BookingState.CHECKED_IN


def test_a_forged_link_gives_nothing_at_the_kiosk(client: Client, place: Place) -> None:
    token = book(place).token
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    response = post(client, KIOSK, AT_11, kode=f"https://mpp.example/pesanan/{forged}/")
    assert response.status_code == 404
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("moment", "status", "message"),
    [
        (AT_11 - 31 * MINUTE, 409, "mulai pukul 10.30"),
        (TUESDAY_10, 409, "sudah lewat"),
    ],
)
def test_the_kiosk_says_why_not(
    client: Client, place: Place, moment: datetime, status: int, message: str
) -> None:
    response = post(client, KIOSK, moment, kode=book(place).code)
    assert response.status_code == status
    assert message in words(response)
    assert "Ketik lagi" in words(response)
    assert not Ticket.objects.exists()


def test_an_unknown_code_is_refused_in_the_kiosks_look(client: Client, place: Place) -> None:
    response = post(client, KIOSK, kode="XXXXXX")
    assert response.status_code == 404
    assert "Kode itu tidak dikenal." in words(response)
    assert "data-mpp-kiosk" in words(response)


def test_a_copied_code_gives_nothing_at_the_kiosk(client: Client, place: Place) -> None:
    booking = book(place)
    post(client, KIOSK, AT_11, kode=booking.code)
    response = post(client, KIOSK, AT_11 + 3 * MINUTE, kode=booking.code)
    assert response.status_code == 409
    assert "sudah dipakai pukul 11.00" in words(response)
    assert Ticket.objects.get().token not in words(response)


def test_guessing_codes_at_a_kiosk_is_stopped(client: Client, place: Place) -> None:
    with override_settings(LOAD_TEST=False):
        for _ in range(CODES_A_MINUTE):
            post(client, KIOSK, kode="XXXXXX")
        assert post(client, KIOSK, AT_11, kode=book(place).code).status_code == 429
    assert not Ticket.objects.exists()


# With staff


def test_staff_type_the_code_and_see_the_number(client: Client, place: Place) -> None:
    receptionist = make.make_user(Role.RECEPTIONIST)
    client.force_login(receptionist)
    booking = book(place)
    assert post(client, STAFF, AT_11, kode=f"{booking.code[:3]}-{booking.code[3:]}").status_code == 303
    text = get(client, STAFF, moment=AT_11)
    assert "Nomor A-001" in text
    assert "Cetak karcis" in text
    assert "Nomor A-001" not in get(client, STAFF, moment=AT_11)
    assert Ticket.objects.get().channel == Channel.STAFF
    assert TicketEvent.objects.get().actor == receptionist


def test_staff_read_the_reason_beside_what_they_typed(client: Client, place: Place) -> None:
    client.force_login(make.make_user(Role.RECEPTIONIST))
    response = post(client, STAFF, kode=book(place).code)
    assert response.status_code == 409
    assert "mulai pukul 10.30" in words(response)
    assert 'value="' in words(response)


def test_an_officer_checks_in_for_the_own_agency_only(client: Client, place: Place) -> None:
    booking = book(place)
    client.force_login(make.make_user(agency=make.make_agency()))
    assert post(client, STAFF, AT_11, kode=booking.code).status_code == 404
    assert not Ticket.objects.exists()
    client.force_login(place.officer)
    assert post(client, STAFF, AT_11, kode=booking.code).status_code == 303


def test_an_auditor_and_a_stranger_check_nobody_in(client: Client, place: Place) -> None:
    booking = book(place)
    assert post(client, STAFF, AT_11, kode=booking.code).status_code == 302
    client.force_login(make.make_user(Role.AUDITOR))
    assert post(client, STAFF, AT_11, kode=booking.code).status_code == 403
    assert not Ticket.objects.exists()


# The code on site


def test_the_screen_shows_the_code_and_loads_the_next_one_by_itself(client: Client, place: Place) -> None:
    client.force_login(place.officer)
    text = get(client, "/anjungan/kode/")
    code = presence.code_at(MONDAY_10)
    assert f"{code[:3]} {code[3:]}" in text
    seconds = presence.seconds_left(MONDAY_10)
    assert f'<meta http-equiv="refresh" content="{seconds}">' in text
    assert 1 <= seconds <= 45
    next_code = presence.code_at(MONDAY_10 + timedelta(seconds=seconds))
    assert f"{next_code[:3]} {next_code[3:]}" in get(
        client, "/anjungan/kode/", moment=MONDAY_10 + timedelta(seconds=seconds)
    )


def test_the_code_on_site_is_not_on_the_open_internet(client: Client, place: Place) -> None:
    get(client, "/anjungan/kode/", 302)

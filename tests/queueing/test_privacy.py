"""The holder of a number or a booking sees, takes along and deletes what is known of them."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from mpp.core.models import Mall
from mpp.notifications.models import Message, Way
from queueing.actions.checkin import check_in
from queueing.bookings import spoken_code
from queueing.enums import Channel
from queueing.models import Ticket
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import AT_11, at, book, get, takes_bookings

PHONE = "+6281234567890"
CONSENT = "Dengan mengisinya Anda setuju kami kabari tentang nomor ini dan berkasnya saja."


@pytest.fixture
def ticket(place: Place) -> Ticket:
    return make.issue(place.service, phone=PHONE, priority="ELDERLY")


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_holder_sees_all_of_it_and_a_telephone_only_by_its_end(client: Client, ticket: Ticket) -> None:
    text = text_of(client, f"/t/{ticket.token}/data/")
    for words in (
        ticket.label,
        "Nomor ponsel …890",
        "Lansia",
        CONSENT,
        "1 pesan dibuat",
    ):
        assert words in text
    assert "1234567890" not in text
    assert f"/t/{ticket.token}/data/" in text_of(client, f"/t/{ticket.token}/")


def test_it_may_be_taken_along_as_a_file(client: Client, ticket: Ticket) -> None:
    response = client.get(f"/t/{ticket.token}/data/?unduh=1")
    assert response["Content-Disposition"].startswith("attachment")
    known = json.loads(response.content)
    assert (known["nomor"], known["ponsel"]) == (ticket.label, "…890")
    assert known["persetujuan"][0]["kata_persetujuan"] == CONSENT
    assert PHONE not in response.content.decode()


def test_it_is_deleted_at_once_and_the_turn_stays(client: Client, ticket: Ticket) -> None:
    assert client.post(f"/t/{ticket.token}/data/").status_code == 303
    ticket.refresh_from_db()
    assert (ticket.phone, ticket.is_told, ticket.state) == ("", False, "WAITING")
    assert not Way.objects.exists()
    assert not Message.objects.exists()
    assert "Hapus nomor ponsel" not in text_of(client, f"/t/{ticket.token}/data/")


def test_a_wrong_telephone_is_corrected_and_finds_the_lost_link(client: Client, ticket: Ticket) -> None:
    assert f'href="/t/{ticket.token}/kabar/"' in text_of(client, f"/t/{ticket.token}/data/")
    client.post(f"/t/{ticket.token}/kabar/", {"lewat": "console", "alamat": "0813 1111 2222"})
    assert "Nomor ponsel …222" in text_of(client, f"/t/{ticket.token}/data/")
    lost = {"nomor": ticket.label, "akhir": "7890"}
    assert client.post("/nomor-saya/", lost).status_code == 404
    assert client.post("/nomor-saya/", lost | {"akhir": "2222"}).status_code == 303


def test_the_page_lets_its_own_form_be_known_as_its_own(client: Client, ticket: Ticket) -> None:
    # Under "no-referrer" a browser sends the origin "null", and deleting would be refused as forged.
    assert client.get(f"/t/{ticket.token}/data/")["Referrer-Policy"] == "same-origin"


def test_the_holder_of_a_booking_sees_takes_along_and_deletes_as_well(client: Client, place: Place) -> None:
    takes_bookings(place)
    booking = book(place, phone=PHONE, priority="ELDERLY")
    address = f"/pesanan/{booking.token}/data/"
    text = get(client, address)
    for words in (
        spoken_code(booking.code),
        "Nomor ponsel …890",
        "Lansia",
        "tentang pesanan ini dan berkasnya saja",
        "1 pesan",
    ):
        assert words in text
    assert PHONE not in text
    assert address in get(client, f"/pesanan/{booking.token}/")
    known = json.loads(client.get(f"{address}?unduh=1").content)
    assert (known["ponsel"], len(known["persetujuan"]), len(known["pesan"])) == ("…890", 1, 1)
    assert client.post(address).status_code == 303
    booking.refresh_from_db()
    assert (booking.phone, booking.priority, booking.state) == ("", "ELDERLY", "BOOKED")
    assert not Way.objects.exists()
    assert not Message.objects.exists()
    assert "Hapus nomor ponsel" not in get(client, address)


def test_what_is_known_of_who_has_come_is_at_their_number(client: Client, place: Place) -> None:
    takes_bookings(place)
    booking = book(place)
    with at(AT_11):
        ticket = check_in(booking=booking, channel=Channel.STAFF)
    assert client.get(f"/pesanan/{booking.token}/data/").headers["Location"] == f"/t/{ticket.token}/data/"


def test_what_is_kept_and_how_long_stands_on_a_page_that_the_mall_fills(client: Client, place: Place) -> None:
    Mall.objects.update(kept_days=14, purpose="Hanya untuk memanggil Anda.", dpo_contact="pdp@mpp.example")
    text = text_of(client, "/privasi/")
    for words in ("dihapus sesudah 14 hari", "Hanya untuk memanggil Anda.", "pdp@mpp.example", "UU 27/2022"):
        assert words in text
    taking = text_of(client, f"/antrean/ambil/{place.service.slug}/")
    assert "Nomor ponsel dihapus sesudah 14 hari." in taking
    assert 'href="/privasi/"' in taking

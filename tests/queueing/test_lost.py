"""A lost link: found by the number and the end of the telephone, and by nothing less."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from queueing.lost import TRIES
from queueing.models import QueueDay, Ticket
from tests import factories as make
from tests.conftest import Place

PATH = "/nomor-saya/"
PHONE = "+6281234567890"


def look(client: Client, number: str, digits: str) -> tuple[int, str]:
    response = client.post(PATH, {"nomor": number, "akhir": digits})
    return response.status_code, " ".join(response.content.decode().split())


@pytest.fixture
def ticket(place: Place) -> Ticket:
    return make.issue(place.service, phone=PHONE)


@pytest.mark.parametrize("written", ["{0}-{1:03d}", "{0}{1}", "{0} {1}", "{0}. 00{1}"])
def test_the_number_and_the_end_of_the_telephone_find_it(
    client: Client, ticket: Ticket, written: str
) -> None:
    number = written.format(ticket.queue_day.prefix.lower(), ticket.number)
    response = client.post(PATH, {"nomor": number, "akhir": "7890"})
    assert (response.status_code, response["Location"]) == (303, f"/t/{ticket.token}/")
    assert ticket.label in client.get(PATH).content.decode()


def test_nothing_tells_which_of_the_two_was_wrong(client: Client, place: Place, ticket: Ticket) -> None:
    without_phone = make.issue(place.service)
    answers = {
        look(client, ticket.label, "0000")[1].partition("<form")[0],
        look(client, "ZZ-001", "7890")[1].partition("<form")[0],
        look(client, without_phone.label, "7890")[1].partition("<form")[0],
    }
    assert len(answers) == 1
    assert "tidak cocok" in answers.pop()
    assert look(client, ticket.label, "0000")[0] == 404


def test_after_five_tries_a_number_is_closed_for_guessing_also_to_who_knows_it(
    client: Client, ticket: Ticket
) -> None:
    for guess in range(TRIES):
        assert look(client, ticket.label, f"{guess:04d}")[0] == 404
    status, text = look(client, ticket.label, "7890")
    assert (status, "Sudah dicoba lima kali" in text) == (429, True)


@pytest.mark.parametrize(
    ("number", "digits", "says"),
    [
        ("", "7890", "Tulis nomor antrean Anda"),
        ("antrean saya", "7890", "seperti pada layar"),
        ("A-1", "789", "tepat empat angka"),
        ("A-1", "\u0661\u0662\u0663\u0664", "tepat empat angka"),
        ("A\u0000-1", "7890", "seperti pada layar"),
    ],
)
def test_what_does_not_fit_is_told_beside_its_field_and_kept(
    client: Client, place: Place, number: str, digits: str, says: str
) -> None:
    status, text = look(client, number, digits)
    assert status == 400
    assert says in text
    assert f'value="{digits}"' in text


# At the kiosk


def at_kiosk(client: Client, ticket: Ticket, typed: str) -> Any:
    sent = {"awalan": ticket.queue_day.prefix, "kode": typed}
    return client.post("/anjungan/hilang/", sent)


def test_at_the_kiosk_letters_and_digits_bring_the_number_back(client: Client, ticket: Ticket) -> None:
    prefix = ticket.queue_day.prefix
    assert (
        f'href="/anjungan/hilang/?awalan={prefix}">{prefix}</a>'
        in client.get("/anjungan/hilang/").content.decode()
    )
    found = at_kiosk(client, ticket, "0017890")
    assert (found.status_code, found["Location"]) == (303, f"/anjungan/nomor/{ticket.token}/?lihat=1")
    page = client.get(found["Location"]).content.decode()
    assert f"/t/{ticket.token}/" not in page.partition("<svg")[0]
    assert "Cetak" in page


def test_from_the_thousandth_number_on_the_kiosk_asks_for_four_digits(client: Client, ticket: Ticket) -> None:
    QueueDay.objects.filter(pk=ticket.queue_day_id).update(last_number=999)
    thousandth = make.issue(ticket.service, phone="+6281234560000")
    page = client.get("/anjungan/hilang/", {"awalan": ticket.queue_day.prefix}).content.decode()
    assert 'data-mpp-keypad="8"' in page
    assert "Nomor pendek diawali 0" in page
    assert at_kiosk(client, thousandth, "10000000").status_code == 303
    assert at_kiosk(client, ticket, "00017890").status_code == 303


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ("0010000", 404, "tidak cocok"),
        ("00178", 400, "semua angka nomor"),
        ("\x00", 400, "semua angka nomor"),
    ],
)
def test_what_does_not_fit_is_told_on_the_keypad(
    client: Client, ticket: Ticket, typed: str, status: int, says: str
) -> None:
    answer = at_kiosk(client, ticket, typed)
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert "data-mpp-keypad" in answer.content.decode()


def test_the_kiosk_counts_the_same_five_tries(client: Client, ticket: Ticket) -> None:
    for guess in range(TRIES):
        assert at_kiosk(client, ticket, f"001{guess:04d}").status_code == 404
    assert at_kiosk(client, ticket, "0017890").status_code == 429


@pytest.mark.parametrize("prefix", ["", "ZZ", "\x00", "<b>"])
def test_letters_of_no_line_lead_to_those_of_today(client: Client, ticket: Ticket, prefix: str) -> None:
    page = client.get("/anjungan/hilang/", {"awalan": prefix})
    assert "Sentuh huruf di depan nomor Anda." in page.content.decode()

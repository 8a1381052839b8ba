"""The holder of a number chooses how to be told: without a script, and with their browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications import keeping, ways
from mpp.notifications.channels.web_push import public_key
from mpp.notifications.models import ChannelRule, Message, Stop, Way
from queueing import actions
from queueing.actions.checkin import check_in
from queueing.enums import Channel
from queueing.models import Ticket
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import TUESDAY_9, at, book, takes_bookings
from tests.queueing.pages import MONDAY_10, text_of

PHONE = "+6281234567890"
BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


@pytest.fixture
def channels(settings: Settings) -> Settings:
    console = "mpp.notifications.channels.console.Console"
    settings.NOTIFICATION_CHANNELS = dict.fromkeys(["console", "whatsapp", "sms", "email", "push"], console)
    settings.NOTIFICATION_CHANNEL = ""
    return settings


@pytest.fixture
def ticket(channels: Settings, place: Place) -> Ticket:
    return make.issue(place.service)


def address(ticket: Ticket) -> str:
    return f"/t/{ticket.token}/kabar/"


def send(client: Client, ticket: Ticket, **fields: str) -> Any:
    return client.post(address(ticket), fields)


def chosen(ticket: Ticket) -> list[tuple[str, str]]:
    return [(way.channel, way.recipient) for way in ways.current(f"ticket:{ticket.pk}")]


@pytest.mark.parametrize(
    ("way", "typed", "recipient"),
    [
        ("whatsapp", "0812 3456-7890", PHONE),
        ("sms", "+62 812 3456 7890", PHONE),
        ("email", "warga@contoh.id", "warga@contoh.id"),
    ],
)
def test_a_way_is_chosen_with_its_consent_and_proves_itself_at_once(
    client: Client, ticket: Ticket, way: str, typed: str, recipient: str
) -> None:
    page = text_of(client, address(ticket))
    answer = send(client, ticket, lewat=way, alamat=typed)
    assert (answer.status_code, answer["Location"]) == (303, f"/t/{ticket.token}/")
    assert chosen(ticket) == [(way, recipient)]
    # The very words that were on the page.
    assert Way.objects.get().words in page
    assert Message.objects.get().event == "ticket_issued"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lewat": "whatsapp", "alamat": "123"}, "Tulis nomor ponsel Indonesia"),
        ({"lewat": "whatsapp", "alamat": "warga@contoh.id"}, "Tulis nomor ponsel Indonesia"),
        ({"lewat": "email", "alamat": "081234567890"}, "Tulis alamat e-mail lengkap"),
        ({"lewat": "email", "alamat": "a@b.id\nBcc: x@y.id"}, "Tulis alamat e-mail lengkap"),
        ({"lewat": "fax", "alamat": "081234567890"}, "Cara itu tidak ada"),
        ({"alamat": "081234567890"}, "Pilih lewat apa"),
        ({"lewat": "sms"}, "Tulis nomor ponsel atau alamat e-mail"),
        ({"lewat": "push", **BROWSER, "endpoint": "https://10.0.0.1/x"}, "tidak dikenal"),
        ({"lewat": "push", **BROWSER, "auth": "pendek"}, "tidak dapat dibaca"),
        ({"lewat": "push"}, "Belum dicatat"),
    ],
)
def test_what_does_not_fit_is_explained_and_nothing_is_recorded(
    client: Client, ticket: Ticket, fields: dict[str, str], words: str
) -> None:
    answer = send(client, ticket, **fields)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert chosen(ticket) == []


def test_a_browser_is_told_beside_a_phone(client: Client, ticket: Ticket) -> None:
    assert public_key() in text_of(client, address(ticket))
    send(client, ticket, lewat="whatsapp", alamat="081234567890")
    assert send(client, ticket, lewat="push", **BROWSER).status_code == 303
    assert chosen(ticket) == [("whatsapp", PHONE), ("push", BROWSER["endpoint"])]
    assert Way.objects.get(channel="push").keys == {key: BROWSER[key] for key in ("p256dh", "auth")}
    assert 'Kami kabari lewat WhatsApp <span class="nowrap">…890</span> dan peramban' in text_of(
        client, f"/t/{ticket.token}/"
    )


def test_a_new_way_replaces_the_old_and_the_same_changes_nothing(client: Client, ticket: Ticket) -> None:
    for _press in range(2):
        send(client, ticket, lewat="whatsapp", alamat="081234567890")
    send(client, ticket, lewat="email", alamat="warga@contoh.id")
    assert chosen(ticket) == [("email", "warga@contoh.id")]
    assert Way.objects.count() == 2
    assert "w…@contoh.id" in text_of(client, f"/t/{ticket.token}/")


def test_who_wants_no_more_is_told_no_more(client: Client, ticket: Ticket) -> None:
    send(client, ticket, lewat="whatsapp", alamat="081234567890")
    assert "Jangan kabari lagi" in text_of(client, address(ticket))
    send(client, ticket, berhenti="1")
    assert chosen(ticket) == []
    assert "Beri tahu saya lewat pesan" in text_of(client, f"/t/{ticket.token}/")


def test_addresses_of_strangers_cannot_be_tried_one_after_another(client: Client, ticket: Ticket) -> None:
    answers = [
        send(client, ticket, lewat="sms", alamat=f"08123456780{last}").status_code for last in range(8)
    ]
    assert answers == [303] * 6 + [409] * 2


def test_one_network_chooses_ten_times_a_minute(client: Client, ticket: Ticket) -> None:
    answers = [send(client, ticket, lewat="sms").status_code for _press in range(11)]
    assert answers == [400] * 10 + [429]


def test_who_answered_stop_reads_so_and_may_agree_again(client: Client, ticket: Ticket) -> None:
    send(client, ticket, lewat="whatsapp", alamat="081234567890")
    Stop.objects.create(recipient=PHONE, channel="whatsapp", at=clock.now())
    assert "Anda minta berhenti" in text_of(client, address(ticket))


def test_what_the_mall_does_not_offer_is_not_shown(
    client: Client, ticket: Ticket, channels: Settings
) -> None:
    ChannelRule.objects.update_or_create(channel="sms", defaults={"is_on": False})
    del channels.NOTIFICATION_CHANNELS["push"]
    page = text_of(client, address(ticket))
    assert 'value="whatsapp"' in page
    assert 'value="sms"' not in page
    assert "told.js" not in page
    assert send(client, ticket, lewat="push", **BROWSER).status_code == 400


def test_a_number_that_is_over_cannot_be_told_about(client: Client, ticket: Ticket) -> None:
    actions.cancel(ticket=ticket)
    assert client.get(address(ticket)).status_code == 303
    assert send(client, ticket, lewat="sms", alamat="081234567890").status_code == 303
    assert chosen(ticket) == []


def test_where_a_number_is_taken_the_way_is_chosen_too(
    client: Client, channels: Settings, place: Place
) -> None:
    page = text_of(client, "/antrean/ambil/ktp-hilang/")
    key = page.split('name="kunci" value="')[1].split('"')[0]
    assert "Dengan mengisinya Anda setuju kami kabari tentang nomor ini dan berkasnya saja." in page
    assert [f'value="{way}"' in page for way in ("whatsapp", "sms", "email", "push")] == [
        True,
        True,
        False,
        False,
    ]
    taken = {"kunci": key, "ponsel": "081234567890", "lewat": "sms"}
    assert client.post("/antrean/ambil/ktp-hilang/", taken).status_code == 303
    assert chosen(Ticket.objects.get()) == [("sms", PHONE)]
    assert Way.objects.get().words in page


def test_a_booking_is_told_its_own_way_and_takes_it_along(
    client: Client, channels: Settings, place: Place
) -> None:

    takes_bookings(place)
    booking = book(place, TUESDAY_9)
    with at(MONDAY_10):
        page = f"/pesanan/{booking.token}/kabar/"
        assert client.post(page, {"lewat": "email", "alamat": "warga@contoh.id"}).status_code == 303
        assert 'Kami kabari lewat E-mail <span class="nowrap">w…@contoh.id</span>' in text_of(
            client, f"/pesanan/{booking.token}/"
        )
    with at(TUESDAY_9):
        ticket = check_in(booking=booking, channel=Channel.STAFF, by=place.officer)
    assert (chosen(ticket), ticket.is_told) == ([("email", "warga@contoh.id")], True)
    events = list(Message.objects.order_by("pk").values_list("event", flat=True))
    assert events == ["booking_made", "ticket_issued"]
    with at(MONDAY_10):
        client.post(page, {"berhenti": "1"})
    assert ways.current(f"booking:{booking.pk}") != []


def test_the_worker_of_all_pages_is_served_from_the_root(client: Client, place: Place) -> None:
    answer = client.get("/pekerja.js")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    assert answer["Content-Type"].startswith("text/javascript")


def test_addresses_are_forgotten_after_thirty_days_and_stop_words_are_kept(
    client: Client, ticket: Ticket
) -> None:
    send(client, ticket, lewat="whatsapp", alamat="081234567890")
    Stop.objects.create(recipient=PHONE, channel="whatsapp", at=clock.now())
    now = clock.now()
    with clock.frozen(now + timedelta(days=29)):
        assert keeping.forget_old() == 0
    with clock.frozen(now + timedelta(days=31)):
        assert keeping.forget_old() == 2
    assert not Message.objects.exists()
    assert not Way.objects.exists()
    assert Stop.objects.exists()


def test_who_asks_to_be_forgotten_leaves_no_address(client: Client, ticket: Ticket) -> None:
    send(client, ticket, lewat="whatsapp", alamat="081234567890")
    actions.forget(ticket=ticket)
    ticket.refresh_from_db()
    assert (Way.objects.count(), Message.objects.count(), ticket.is_told) == (0, 0, False)


def test_the_words_beside_a_booking_are_those_that_are_recorded(
    client: Client, channels: Settings, place: Place
) -> None:
    takes_bookings(place)
    with at(MONDAY_10):
        page = text_of(client, "/antrean/pesan/ktp-hilang/")
    book(place, TUESDAY_9, phone=PHONE)
    assert Way.objects.get().words in page

"""The day's numbers are gone: no dead end, and whoever asks hears once when there are some again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.notifications.channels.web_push import public_key
from mpp.notifications.models import Message, Way
from queueing import actions
from queueing.enums import Channel
from queueing.models import NumberWish, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.queueing.pages import keep_office_hours
from tests.queueing.test_told_page import BROWSER

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PHONE, OTHER = "+6281234567890", "+6281234567891"
TYPED = {"lewat": "console", "alamat": "0812-3456-7890"}
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def last(place: Place) -> Ticket:
    """The last number of a day, which somebody holds."""
    make.limit(place.queue, 1)
    return make.issue(place.service)


def words(response: Response, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def wish(place: Place, recipient: str = PHONE) -> NumberWish:
    return actions.wish_number(service=place.service, channel="console", recipient=recipient, words="Ya.")


def address(place: Place) -> str:
    return f"/antrean/kabari/{place.service.slug}/"


def told() -> list[str]:
    return list(
        Message.objects.filter(event="numbers_again").order_by("pk").values_list("recipient", flat=True)
    )


def give_back(ticket: Ticket) -> None:
    actions.cancel(ticket=ticket)


# No dead end


@pytest.mark.usefixtures("last")
def test_the_page_of_a_service_without_numbers_says_what_to_do_now(client: Client, place: Place) -> None:
    text = words(client.get(f"/layanan/{place.service.slug}/"))
    assert "Nomor hari ini habis." in text
    assert "Nomor yang dibatalkan orang lain kembali ke halaman ini." in text
    assert f'href="{address(place)}"' in text
    # Nothing here promises a number that cannot be taken.
    assert "/antrean/ambil/" not in text


@pytest.mark.usefixtures("last")
def test_who_comes_a_moment_too_late_is_offered_the_same(client: Client, place: Place) -> None:
    form = {"kunci": "5f0c3f0e-6f0e-4d52-8f3f-3f7a1c2b9d10"}
    text = words(client.post(f"/antrean/ambil/{place.service.slug}/", form), 409)
    assert "Tidak ada nomor yang diambil" in text
    assert f'href="{address(place)}"' in text


def test_while_there_are_numbers_the_page_leads_to_them(client: Client, place: Place) -> None:
    assert address(place) not in words(client.get(f"/layanan/{place.service.slug}/"))
    for response in (client.get(address(place)), client.post(address(place), TYPED)):
        assert (response.status_code, response["Location"]) == (303, f"/layanan/{place.service.slug}/")
    with pytest.raises(Refusal) as refusal:
        wish(place)
    assert (refusal.value.code, NumberWish.objects.count()) == ("not_full", 0)


# Asking


@pytest.mark.usefixtures("last")
def test_it_takes_one_field_and_says_that_a_message_is_no_number(client: Client, place: Place) -> None:
    asked = words(client.get(address(place)))
    assert "Pesan itu bukan nomor, dan tidak menyimpan tempat." in asked
    response = client.post(address(place), TYPED)
    held = NumberWish.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/kabar-nomor/{held.token}/")
    way = Way.objects.get()
    assert (way.recipient, place.service.name in way.words, way.words in asked) == (PHONE, True, True)
    page = words(client.get(f"/kabar-nomor/{held.token}/"))
    assert "…890" in page
    assert "1234567890" not in page


@pytest.mark.usefixtures("last")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"alamat": ""}, "Tulis nomor ponsel atau alamat e-mail Anda."),
        ({"alamat": "021 5551234"}, "Ini telepon rumah atau kantor."),
        ({"alamat": "+1 212 555 0100"}, "Ini nomor luar Indonesia."),
        ({"alamat": "😀"}, "Tulis nomor ponsel Indonesia"),
        ({"lewat": "merpati", "alamat": "081234567890"}, "Cara itu tidak ada di sini."),
    ],
)
def test_what_is_typed_wrongly_is_explained_and_kept(
    client: Client, place: Place, typed: dict[str, str], said: str
) -> None:
    response = client.post(address(place), {"lewat": "console"} | typed)
    text = words(response, 400)
    assert "Belum dicatat" in text
    assert said in text
    assert not typed["alamat"] or f'value="{typed["alamat"]}"' in text
    assert not NumberWish.objects.exists()


@pytest.fixture
def browsers(settings: Settings) -> None:
    """A mall that tells browsers too."""
    console = "mpp.notifications.channels.console.Console"
    settings.NOTIFICATION_CHANNELS = dict.fromkeys(["console", "push"], console)


@pytest.mark.usefixtures("forenoon", "last", "browsers")
def test_a_browser_is_enough_without_a_telephone(client: Client, place: Place, last: Ticket) -> None:
    assert f'data-mpp-push="{public_key()}"' in words(client.get(address(place)))
    response = client.post(address(place), {"lewat": "push", **BROWSER})
    held = NumberWish.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/kabar-nomor/{held.token}/")
    way = Way.objects.get()
    assert (way.channel, way.recipient, set(way.keys)) == ("push", BROWSER["endpoint"], {"p256dh", "auth"})
    page = words(client.get(f"/kabar-nomor/{held.token}/"))
    assert "Lewat peramban ini, satu kali, hari ini saja." in page
    give_back(last)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert actions.tell_numbers_again() == 1
    message = Message.objects.get(event="numbers_again")
    assert message.recipient == BROWSER["endpoint"]
    # A press on it opens the page that this browser has kept.
    assert f'data-about="{message.params["tentang"]}"' in page


@pytest.mark.usefixtures("last", "browsers")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"endpoint": "https://10.0.0.1/x"}, "Layanan pemberitahuan peramban ini tidak dikenal."),
        ({"auth": "pendek"}, "Kunci peramban ini tidak dapat dibaca."),
    ],
)
def test_a_browser_that_cannot_be_told_leaves_the_other_ways(
    client: Client, place: Place, wrong: dict[str, str], said: str
) -> None:
    text = words(client.post(address(place), {"lewat": "push", **BROWSER} | wrong), 400)
    assert said in text
    assert 'name="alamat"' in text
    assert not NumberWish.objects.exists()


@pytest.mark.usefixtures("last")
def test_where_browsers_are_not_told_nothing_offers_it(client: Client, place: Place) -> None:
    assert "data-mpp-push" not in words(client.get(address(place)))
    text = words(client.post(address(place), {"lewat": "push", **BROWSER}), 400)
    assert "Cara itu tidak ada di sini." in text


@pytest.mark.usefixtures("last")
def test_nobody_writes_down_one_address_after_another(client: Client, place: Place) -> None:
    answers = [client.post(address(place), TYPED).status_code for _try in range(11)]
    assert answers == [303] * 10 + [429]


# Being told


@pytest.mark.usefixtures("forenoon")
def test_all_who_asked_are_told_at_one_moment_and_each_once(place: Place, last: Ticket) -> None:
    for recipient in (PHONE, OTHER, PHONE):
        wish(place, recipient)
    assert actions.tell_numbers_again() == 0
    give_back(last)
    # The place comes back at a moment that nobody can foresee.
    assert actions.tell_numbers_again() == 0
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert actions.tell_numbers_again() == 2
        assert actions.tell_numbers_again() == 0
    assert sorted(told()) == [PHONE, OTHER]
    assert not NumberWish.objects.filter(told_at=None).exists()


@pytest.mark.usefixtures("forenoon")
def test_a_message_keeps_no_place(place: Place, last: Ticket) -> None:
    wish(place)
    give_back(last)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        actions.tell_numbers_again()
        assert make.issue(place.service, channel=Channel.ONLINE).number == 2


def test_nobody_is_told_of_yesterday(place: Place, last: Ticket) -> None:
    wish(place)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert actions.tell_numbers_again() == 0
    assert told() == []


def test_after_closing_nobody_is_told_that_there_are_numbers(place: Place) -> None:
    keep_office_hours()
    monday = clock.local(clock.now()).replace(hour=10) + timedelta(days=7 - clock.today().weekday())
    make.limit(place.queue, 1)
    with clock.frozen(monday):
        last = make.issue(place.service)
        wish(place)
        give_back(last)
    with clock.frozen(monday.replace(hour=20)):
        assert actions.tell_numbers_again() == 0


# Letting go


@pytest.mark.usefixtures("last")
def test_who_asked_has_it_deleted_at_once(client: Client, place: Place) -> None:
    held = wish(place)
    assert client.post(f"/kabar-nomor/{held.token}/").status_code == 303
    assert not NumberWish.objects.exists()
    assert not Way.objects.exists()
    assert client.get(f"/kabar-nomor/{held.token}/").status_code == 404


@pytest.mark.usefixtures("forenoon")
def test_all_of_it_goes_with_the_day(client: Client, place: Place, last: Ticket) -> None:
    held = wish(place)
    give_back(last)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        actions.tell_numbers_again()
        assert "Dikabari" in words(client.get(f"/kabar-nomor/{held.token}/"))
    actions.forget_past()
    assert NumberWish.objects.exists()
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert "Hari itu sudah lewat" in words(client.get(f"/kabar-nomor/{held.token}/"))
        actions.forget_past()
    assert not NumberWish.objects.exists()
    assert not Way.objects.exists()
    assert told() == []

"""Taking a number in a browser: once, whatever is pressed, and never when the rules say no."""

from __future__ import annotations

import re
import uuid
from datetime import date, time
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from mpp.core import clock
from mpp.notifications.models import Message
from queueing import actions
from queueing.enums import Channel, Priority, TicketState
from queueing.forms import mobile_number
from queueing.holding import COOKIE, DEVICE_COOKIE
from queueing.limits import NUMBERS_PER_MINUTE
from queueing.models import Queue, QueueWave, Ticket, Visit
from services.models import OpeningHours
from tenants.enums import AgencyKind, AgencyStatus
from tenants.models import Agency
from tests.conftest import Place
from tests.factories import LONG_AGO, issue, make_agency, make_queue, make_service, miss, open_session
from tests.queueing.pages import MONDAY_10

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PATH = "/antrean/ambil/ktp-hilang/"


def press(client: Client, key: str | None = None, path: str = PATH, **fields: Any) -> Response:
    return client.post(path, {"kunci": key or str(uuid.uuid4()), **fields})


def close_today() -> None:
    OpeningHours.objects.all().delete()
    tomorrow = clock.today().isoweekday() % 7 + 1
    OpeningHours.objects.create(weekday=tomorrow, opens_at=time(8), closes_at=time(15), valid_from=LONG_AGO)


@pytest.mark.usefixtures("measured")
def test_the_confirmation_page_asks_for_nothing_that_is_needed(client: Client, place: Place) -> None:
    open_session(place.agency, place.counter, place.officer)
    text = client.get(PATH).content.decode()
    assert re.search(r"0–\d+ menit tunggu", text)
    assert 'autocomplete="tel"' in text
    assert "Boleh kosong" in text
    assert "Kami tidak meminta nama atau NIK." in text
    assert " required" not in text


def test_pressing_once_gives_one_number_and_leads_to_it(client: Client, place: Place) -> None:
    response = press(client)
    ticket = Ticket.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/t/{ticket.token}/"
    assert ticket.channel == Channel.ONLINE
    assert ticket.priority == Priority.NONE
    assert ticket.phone == ""
    assert client.get(response["Location"]).status_code == 200


def test_each_view_of_the_page_has_its_own_key(client: Client, place: Place) -> None:
    keys = {client.get(PATH).context["form"].initial["kunci"] for _time in range(3)}
    assert len(keys) == 3


def test_a_double_press_without_cookies_gives_one_number(place: Place) -> None:
    key = str(uuid.uuid4())
    first, second = press(Client(), key), press(Client(), key)
    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1


def test_back_and_again_leads_to_the_number_that_is_still_running(client: Client, place: Place) -> None:
    first = press(client)
    again = client.get(PATH)
    assert again.status_code == 303
    assert again["Location"] == first["Location"]
    assert press(client)["Location"] == first["Location"]
    assert Ticket.objects.count() == 1


def test_a_number_that_ended_makes_room_for_a_new_one(client: Client, place: Place) -> None:
    first = press(client)
    actions.cancel(ticket=Ticket.objects.get())
    second = press(client)
    assert second["Location"] != first["Location"]
    assert Ticket.objects.count() == 2


def test_another_service_gets_its_own_number(client: Client, place: Place) -> None:
    other = make_service(place.agency, slug="akta")
    make_queue(other)
    press(client)
    press(client, path="/antrean/ambil/akta/")
    assert Ticket.objects.count() == 2


def test_another_browser_gets_its_own_number(client: Client, place: Place) -> None:
    press(client)
    press(Client())
    assert Ticket.objects.count() == 2


def test_the_browser_holds_its_number_in_a_signed_cookie_scripts_cannot_read(
    client: Client, place: Place
) -> None:
    cookie = press(client).cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) >= 24 * 60 * 60
    client.cookies[COOKIE] = cookie.value.replace(cookie.value[:4], "AAAA", 1)
    assert "belum memegang nomor" in client.get("/nomor-saya/").content.decode()
    assert client.get("/").status_code == 200


def test_a_key_of_the_api_opens_no_number_on_the_page(client: Client, place: Place) -> None:
    """The page's keys live in a space of their own: guessing a program's key must not lead to its number."""
    key = uuid.uuid4()
    theirs = issue(place.service, request_key=key.hex)
    response = press(client, str(key))
    assert theirs.token not in response["Location"]
    assert Ticket.objects.count() == 2


def test_a_key_used_for_another_service_is_refused(client: Client, place: Place) -> None:
    make_queue(make_service(place.agency, slug="akta"))
    key = str(uuid.uuid4())
    press(client, key)
    response = press(Client(), key, path="/antrean/ambil/akta/")
    assert response.status_code == 422
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("key", ["", "bukan-kunci", "\x00", "x" * 10_000])
def test_a_page_without_a_proper_key_writes_nothing(client: Client, place: Place, key: str) -> None:
    response = client.post(PATH, {"kunci": key})
    assert response.status_code == 400
    assert not Ticket.objects.exists()


def test_who_needs_to_go_first_is_marked(client: Client, place: Place) -> None:
    press(client, didahulukan="1")
    assert Ticket.objects.get().priority == Priority.GENERAL


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "0812/3456/7890",
        "0812\u20133456\u20137890",
        "0812\u00a03456\u00a07890",
        "(62) 812 3456 7890",
        "0062 812 3456 7890",
        "0812 3456 7890",
        "0812-3456-7890",
        "+62 812-3456-7890",
        "+6281234567890",
        "6281234567890",
        "62 812 3456 7890",
        "(0812) 3456.7890",
        "81234567890",
        "+62 (0)812 3456 7890",
        # Copied from a contact of a telephone.
        "\u202a+62 812\u20113456\u20117890\u202c",
        "\u20680812 3456 7890\u2069",
    ],
)
def test_a_mobile_number_is_understood_however_it_is_written(written: str) -> None:
    assert mobile_number(written) == "+6281234567890"


@pytest.mark.parametrize(
    "written",
    [
        "0812",
        "021 1234567",
        "+1 202 555 0123",
        "+60 12 345 6789",
        "0812 345 abcd",
        "halo",
        "0812\u202e3456",
        "08" * 15,
    ],
)
def test_what_is_no_indonesian_mobile_number_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        mobile_number(written)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("0526 202 8000", "telepon rumah atau kantor"),
        ("(021) 555-1234", "telepon rumah atau kantor"),
        ("+60 12 345 6789", "luar Indonesia"),
        ("+1 202 555 0123", "luar Indonesia"),
        ("0812", "Tulis nomor ponsel Indonesia"),
    ],
)
def test_a_number_that_cannot_be_told_says_why(written: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        mobile_number(written)


def test_a_phone_number_is_kept_in_one_form_and_told_the_number(client: Client, place: Place) -> None:
    press(client, ponsel="0812 3456 7890")
    assert Ticket.objects.get().phone == "+6281234567890"
    assert Message.objects.get().recipient == "+6281234567890"


@pytest.mark.parametrize("phone", ["0812", "abc", "0812\x003456", "0812\u202e34567890", "9" * 10_000])
def test_a_wrong_phone_number_answers_400_keeps_the_input_and_writes_nothing(
    client: Client, place: Place, phone: str
) -> None:
    key = str(uuid.uuid4())
    response = press(client, key, ponsel=phone, didahulukan="1")
    text = response.content.decode()
    assert response.status_code == 400
    assert 'id="ponsel-error"' in text
    assert 'role="alert"' in text
    assert key in text
    assert " checked" in text
    assert not Ticket.objects.exists()


def test_an_unknown_service_is_404(client: Client, place: Place) -> None:
    make_service(place.agency, slug="tersembunyi", is_published=False)
    for slug in ("tidak-ada", "tersembunyi"):
        path = f"/antrean/ambil/{slug}/"
        assert client.get(path).status_code == 404
        assert press(client, path=path).status_code == 404


def test_a_closed_service_answers_409_with_the_next_time_and_writes_nothing(
    client: Client, place: Place
) -> None:
    close_today()
    response = press(client)
    text = response.content.decode()
    assert response.status_code == 409
    assert "Nomor tidak jadi diambil" in text
    assert "WITA besok" in text
    assert not Ticket.objects.exists()
    assert COOKIE not in response.cookies


def test_asking_for_a_closed_service_leads_back_to_its_page(client: Client, place: Place) -> None:
    close_today()
    response = client.get(PATH)
    assert response.status_code == 302
    assert response["Location"] == "/layanan/ktp-hilang/"


def test_a_full_line_answers_409(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=1, online_percent=100)
    press(client)
    response = press(Client())
    assert response.status_code == 409
    assert "Penuh" in response.content.decode()
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (AgencyStatus.CANDIDATE, "belum melayani di mal ini"),
        (AgencyStatus.PREPARING, "belum melayani di mal ini"),
        (AgencyStatus.PAUSED, "sedang tidak melayani di mal ini"),
    ],
)
def test_an_agency_that_does_not_serve_answers_409(
    client: Client, place: Place, status: str, words: str
) -> None:
    Agency.objects.filter(pk=place.agency.pk).update(status=status)
    response = press(client)
    assert response.status_code == 409
    assert words in response.content.decode()
    assert not Ticket.objects.exists()


def test_an_agency_without_an_agreement_in_force_answers_409_with_the_reason(
    client: Client, place: Place
) -> None:
    agency = make_agency(
        kind=AgencyKind.VERTICAL, agreement_from=date(2020, 1, 1), agreement_to=date(2020, 12, 31)
    )
    make_queue(make_service(agency, slug="paspor"))
    response = press(client, path="/antrean/ambil/paspor/")
    assert response.status_code == 409
    assert "berakhir 31 Desember 2020" in response.content.decode()
    assert not Ticket.objects.exists()


def test_a_form_without_its_token_is_refused(place: Place) -> None:
    client = Client(enforce_csrf_checks=True)
    address = f"http://testserver{PATH}"
    answer = client.post(PATH, {"kunci": str(uuid.uuid4())}, headers={"referer": address})
    assert answer.status_code == 403
    # A page that lay open too long leads back to itself, never to where somebody else wants.
    assert f'href="{address}"' in answer.content.decode()
    foreign = client.post(PATH, {}, headers={"referer": "https://lain.example/"})
    assert "lain.example" not in foreign.content.decode()
    assert not Ticket.objects.exists()


def test_a_form_with_its_token_is_accepted(place: Place) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(PATH)
    key = page.context["form"].initial["kunci"]
    token = str(page.context["csrf_token"])
    assert press(client, str(key), csrfmiddlewaretoken=token).status_code == 303


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client: Client, place: Place, method: str) -> None:
    assert getattr(client, method)(PATH).status_code == 405
    assert getattr(client, method)("/").status_code == 405


def test_looking_at_the_page_takes_nothing(client: Client, place: Place) -> None:
    client.get(PATH)
    client.head(PATH)
    assert not Ticket.objects.exists()


def test_one_address_cannot_take_numbers_without_end(place: Place) -> None:
    assert press(Client()).status_code == 303
    cache.set("take:127.0.0.1", NUMBERS_PER_MINUTE - 1, 60)
    assert [press(Client()).status_code, press(Client()).status_code] == [303, 429]
    assert Ticket.objects.count() == 2


def test_a_load_test_goes_without_the_limit(place: Place) -> None:
    cache.set("take:127.0.0.1", NUMBERS_PER_MINUTE, 60)
    assert press(Client()).status_code == 429
    with override_settings(LOAD_TEST=True):
        assert press(Client()).status_code == 303


def test_my_numbers_lists_what_this_browser_holds_today(client: Client, place: Place) -> None:
    other = make_service(place.agency, slug="akta")
    make_queue(other)
    press(client)
    press(client, path="/antrean/ambil/akta/")
    issue(place.service)
    mine = Ticket.objects.filter(request_key__startswith="web:")
    text = client.get("/nomor-saya/").content.decode()
    assert all(f"/t/{ticket.token}/" in text for ticket in mine)
    assert text.count('class="mine') == 2


def test_my_numbers_without_any_says_how_to_find_one(client: Client, place: Place) -> None:
    text = client.get("/nomor-saya/").content.decode()
    assert "Peramban ini belum memegang nomor hari ini." in text
    assert "sebutkan layanan dan jam ambil kepada petugas" in text


def test_home_leads_back_to_the_running_number(client: Client, place: Place) -> None:
    press(client)
    ticket = Ticket.objects.get()
    text = client.get("/").content.decode()
    assert f"/t/{ticket.token}/" in text
    assert ticket.label in text
    session = open_session(place.agency, place.counter, place.officer)
    actions.call_next(session=session, by=place.officer)
    assert "Giliran Anda, loket 2" in client.get("/").content.decode()
    ticket.refresh_from_db()
    actions.cancel(ticket=ticket)
    assert ticket.token not in client.get("/").content.decode()


def test_pages_that_name_a_number_are_kept_by_nobody_else(client: Client, place: Place) -> None:
    press(client)
    for path in ("/", PATH, "/nomor-saya/"):
        assert "private" in client.get(path).headers.get("Cache-Control", "private")
    assert "private" in client.get("/")["Cache-Control"]


def test_ten_numbers_at_most_are_held(client: Client, place: Place) -> None:
    for number in range(11):
        make_queue(make_service(place.agency, slug=f"layanan-ke-{number}"))
        press(client, path=f"/antrean/ambil/layanan-ke-{number}/")
        actions.cancel(ticket=Ticket.objects.latest("pk"))
    assert client.get("/nomor-saya/").content.decode().count('class="mine') == 10


# One person, as far as a browser or a phone tells


def other_service(place: Place, slug: str) -> str:
    """Return the address at which a number of a new service is taken."""
    make_queue(make_service(place.agency, slug=slug))
    return f"/antrean/ambil/{slug}/"


def forget_numbers(client: Client) -> None:
    """Forget the links, as who empties half of their cookies; the browser is still the same."""
    client.cookies.pop(COOKIE)


def test_one_browser_holds_one_number_for_a_service(client: Client, place: Place) -> None:
    press(client)
    forget_numbers(client)
    key = str(uuid.uuid4())
    response = press(client, key, ponsel="", didahulukan="1")
    text = response.content.decode()
    assert response.status_code == 409
    assert "Anda masih punya nomor untuk layanan ini." in text
    assert 'role="alert"' in text
    assert key in text
    assert 'name="didahulukan" value="1" checked' in text
    assert Ticket.objects.count() == 1


def test_one_browser_holds_three_numbers_in_the_mall(client: Client, place: Place) -> None:
    for slug in ("satu", "dua", "tiga"):
        assert press(client, path=other_service(place, slug)).status_code == 303
    response = press(client, ponsel="", path=other_service(place, "empat"))
    assert response.status_code == 409
    assert "Anda sudah memegang 3 nomor." in response.content.decode()
    assert Ticket.objects.count() == 3
    actions.cancel(ticket=Ticket.objects.earliest("pk"))
    assert press(client, path="/antrean/ambil/empat/").status_code == 303


def test_a_phone_is_one_person_in_every_browser(place: Place) -> None:
    press(Client(), ponsel="0812 3456 7890")
    response = press(Client(), ponsel="+62 812-3456-7890")
    text = response.content.decode()
    assert response.status_code == 409
    assert "Anda masih punya nomor untuk layanan ini." in text
    assert 'value="+62 812-3456-7890"' in text


def test_who_helps_takes_a_number_for_somebody_else_beside_their_own(client: Client, place: Place) -> None:
    press(client)
    assert f'href="{PATH}?bantu=1"' in client.get(f"/t/{Ticket.objects.get().token}/").content.decode()
    page = client.get(f"{PATH}?bantu=1").content.decode()
    assert 'name="bantu" value="1" checked' in page
    assert "Satu kunjungan" not in page
    press(client, bantu="1", gabung="1")
    own, helped = Ticket.objects.order_by("pk")
    assert own.person != helped.person
    assert helped.visit is None
    # A second one for the same service is for the staff at the door, who see the people.
    assert press(client, bantu="1").status_code == 409


def test_the_number_of_somebody_helped_never_joins_the_own_visit(client: Client, place: Place) -> None:
    press(client, bantu="1", ponsel="0812 3456 7890")
    response = press(client, path=other_service(place, "akta"), gabung="1")
    assert response.status_code == 303
    assert not Visit.objects.exists()
    assert "A-001" in client.get("/nomor-saya/").content.decode()


def test_the_key_of_a_browser_is_signed_lasts_and_is_no_business_of_scripts(
    client: Client, place: Place
) -> None:
    cookie = client.get(PATH).cookies[DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) > 300 * 24 * 60 * 60
    press(client)
    assert DEVICE_COOKIE not in client.get(PATH).cookies
    assert cookie.value.split(":")[0] not in Ticket.objects.get().person
    forget_numbers(client)
    client.cookies[DEVICE_COOKIE] = "karangan:xyz:" + "a" * 40
    assert press(client).status_code == 303
    assert Ticket.objects.count() == 2


def test_who_did_not_come_three_times_takes_numbers_on_site_and_is_told_so(place: Place) -> None:
    session = open_session(place.agency, place.counter, place.officer)
    for _time in range(3):
        press(Client(), ponsel="0812 3456 7890")
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        miss(called, place.officer)
    response = press(Client(), ponsel="0812 3456 7890")
    text = response.content.decode()
    assert response.status_code == 409
    assert "Di anjungan Anda selalu bisa mengambil nomor." in text
    assert 'value="0812 3456 7890"' in text
    assert Ticket.objects.filter(state=TicketState.WAITING).count() == 0


# Several numbers of one person


def test_the_second_number_joins_the_visit_of_the_first(client: Client, place: Place) -> None:
    press(client)
    path = other_service(place, "akta")
    assert "Satu kunjungan dengan A-001" in client.get(path).content.decode()
    assert 'name="gabung" value="1" checked' in client.get(path).content.decode()
    press(client, path=path, gabung="1")
    first, second = Ticket.objects.order_by("pk")
    assert first.visit is not None
    assert first.visit == second.visit


def test_a_third_number_joins_the_same_visit(client: Client, place: Place) -> None:
    press(client)
    for slug in ("akta", "domisili"):
        press(client, path=other_service(place, slug), gabung="1")
    assert Ticket.objects.values("visit").distinct().count() == 1


def test_a_number_for_somebody_else_stays_alone(client: Client, place: Place) -> None:
    press(client)
    press(client, path=other_service(place, "akta"))
    assert not Visit.objects.exists()


def test_without_a_number_there_is_nothing_to_join(client: Client, place: Place) -> None:
    assert "gabung" not in client.get(PATH).content.decode()
    press(client, gabung="1")
    assert Ticket.objects.get().visit is None


def test_a_number_that_has_ended_is_joined_by_nobody(client: Client, place: Place) -> None:
    press(client)
    actions.cancel(ticket=Ticket.objects.get())
    press(client, path=other_service(place, "akta"), gabung="1")
    assert not Visit.objects.exists()


# What is left, and where


def test_when_only_the_kiosk_has_numbers_left_the_page_says_how_many(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=4, online_percent=25)
    text = client.get("/layanan/ktp-hilang/").content.decode()
    assert "<b>1</b>nomor daring tersisa" in text
    assert "3 lagi di anjungan" in text
    press(client)
    response = press(Client())
    text = response.content.decode()
    assert response.status_code == 409
    assert '<p class="num big">3 <small class="under">nomor di anjungan' in text
    assert "Nomor daring habis. Ambil nomor di anjungan. Buka lagi besok" in text
    assert "Nomor daring habis, ada di anjungan" in client.get("/layanan/").content.decode()
    assert issue(place.service, channel=Channel.KIOSK).label == "A-002"


def test_what_is_shown_is_what_can_be_taken(place: Place) -> None:
    """The Kendari complaint: a quota on the page that nobody can use."""
    Queue.objects.update(daily_quota=10, online_percent=30, kiosk_percent=20)
    for left in (3, 2, 1):
        text = Client().get("/layanan/ktp-hilang/").content.decode()
        assert f"<b>{left}</b>nomor daring tersisa" in text
        assert press(Client()).status_code == 303
    assert press(Client()).status_code == 409


def test_once_the_shares_are_released_one_figure_is_shown(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=30, shares_release_at=time(0))
    text = client.get("/layanan/ktp-hilang/").content.decode()
    assert "<b>10</b>nomor tersisa" in text
    assert "di anjungan" not in text


def test_the_next_wave_is_named_while_the_kiosk_has_numbers(client: Client, place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=50)
    QueueWave.objects.create(queue=place.queue, at=time(9), percent=40)
    QueueWave.objects.create(queue=place.queue, at=time(13), percent=100)
    with clock.frozen(MONDAY_10):
        for _number in range(2):
            assert press(Client()).status_code == 303
        response = press(client)
        text = response.content.decode()
    assert response.status_code == 409
    assert '<p class="num big">5 <small class="under">nomor di anjungan' in text
    assert "Nomor daring lagi 13.00 WITA." in text

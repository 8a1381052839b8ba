"""Signing in: limits, no oracle, safe ways on, and signing out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from tenants.actions.signing_in import FAILURES_PER_ADDRESS, FAILURES_PER_USERNAME, sign_in
from tenants.enums import Role
from tenants.models import SignInAttempt
from tests import factories as make
from tests.concurrency.race import at_once
from tests.conftest import Place

SIGN_IN = "/akun/masuk/"
WRONG = "Nama pengguna atau kata sandi salah. Periksa lagi."


def enter(client: Client, username: str = "petugas", password: str = make.PASSWORD, **extra: Any) -> Any:
    address = extra.pop("address", "127.0.0.1")
    return client.post(SIGN_IN, {"username": username, "password": password} | extra, REMOTE_ADDR=address)


def fail(client: Client, times: int, **fields: Any) -> None:
    for _time in range(times):
        assert enter(client, **{"password": "salah"} | fields).status_code == 401


def test_the_page_helps_password_managers_and_forbids_nothing(client: Client, place: Place) -> None:
    page = client.get(SIGN_IN).content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert 'type="password"' in page
    assert "onpaste" not in page


def test_an_officer_lands_at_the_counters(client: Client, place: Place) -> None:
    response = enter(client)
    assert response.status_code == 302
    assert response["Location"] == reverse("after-sign-in")
    assert client.get(response["Location"])["Location"] == reverse("console")


@pytest.mark.parametrize(
    ("role", "place_of_role"),
    [(Role.AGENCY_MANAGER, "/admin/"), (Role.ADMIN, "/admin/"), (Role.OFFICER, "/loket/")],
)
def test_each_role_goes_to_its_place(client: Client, place: Place, role: Role, place_of_role: str) -> None:
    client.force_login(make.make_user(role))
    assert client.get("/akun/")["Location"] == place_of_role


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.FLOOR_MANAGER, Role.AUDITOR])
def test_other_roles_see_what_they_may_open(client: Client, place: Place, role: Role) -> None:
    client.force_login(make.make_user(role))
    page = client.get("/akun/")
    assert page.status_code == 200
    for address in ("/layar/", "/anjungan/"):
        assert f'href="{address}"' in page.content.decode()
        assert client.get(address).status_code == 200


def test_unknown_name_and_wrong_password_read_the_same(client: Client, place: Place) -> None:
    known = enter(client, password="salah")
    unknown = enter(client, username="tidak-ada", password="salah")
    assert known.status_code == unknown.status_code == 401
    assert WRONG in known.content.decode()
    assert known.content.decode().count("notice-bad") == unknown.content.decode().count("notice-bad") == 1


@pytest.mark.parametrize("username", ["petugas", "tidak-ada", "berhenti"])
def test_every_name_costs_one_hash(client: Client, place: Place, username: str) -> None:
    make.make_user(username="berhenti", is_active=False)
    with (
        patch.object(Argon2PasswordHasher, "encode", return_value="argon2$x") as encode,
        patch.object(Argon2PasswordHasher, "verify", return_value=False) as verify,
    ):
        assert enter(client, username=username, password="salah").status_code == 401
    assert encode.call_count + verify.call_count == 1


def test_a_person_who_left_cannot_sign_in(client: Client, place: Place) -> None:
    make.make_user(username="berhenti", is_active=False)
    response = enter(client, username="berhenti")
    assert response.status_code == 401
    assert WRONG in response.content.decode()


def test_the_name_stays_and_the_password_does_not(client: Client, place: Place) -> None:
    page = enter(client, password="salah-sekali").content.decode()
    assert 'value="petugas"' in page
    assert "salah-sekali" not in page


def test_ten_failures_of_one_name_close_it_even_for_the_right_password(client: Client, place: Place) -> None:
    fail(client, FAILURES_PER_USERNAME)
    response = enter(client)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 15 * 60
    assert "Coba lagi 15 menit lagi." in response.content.decode()
    assert enter(client, username="tidak-ada", password="salah").status_code == 401


def test_the_limit_ends_after_a_quarter_of_an_hour_however_often_one_tried(
    client: Client, place: Place
) -> None:
    start = clock.now()
    with clock.frozen(start):
        fail(client, FAILURES_PER_USERNAME)
    with clock.frozen(start + timedelta(minutes=14, seconds=59)):
        assert enter(client).status_code == 429
    with clock.frozen(start + timedelta(minutes=15)):
        assert enter(client).status_code == 302


def test_tries_at_the_same_moment_cannot_pass_the_limit_together(
    live_place: Place, rf: RequestFactory
) -> None:
    tries = at_once(40, lambda _index: sign_in(rf.post(SIGN_IN), "petugas", "salah"), threads=16)
    statuses = [refusal.status for refusal in tries if isinstance(refusal, Refusal)]
    assert len(statuses) == 40
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= FAILURES_PER_USERNAME
    assert SignInAttempt.objects.count() == statuses.count(401)


def test_nine_failures_do_not_close_it(client: Client, place: Place) -> None:
    fail(client, FAILURES_PER_USERNAME - 1)
    assert enter(client).status_code == 302


def test_a_stranger_elsewhere_cannot_lock_an_officer_out(client: Client, place: Place) -> None:
    assert enter(client, address="10.0.0.2").status_code == 302
    fail(Client(), FAILURES_PER_USERNAME, address="10.0.0.66")
    assert enter(Client(), address="10.0.0.66").status_code == 429
    assert enter(Client(), address="10.0.0.2").status_code == 302


def test_one_address_may_not_try_many_names(client: Client, place: Place) -> None:
    for number in range(FAILURES_PER_ADDRESS):
        SignInAttempt.objects.create(
            username=f"orang-{number}", address="10.0.0.66", at=clock.now(), succeeded=False
        )
    assert enter(client, address="10.0.0.66").status_code == 429
    assert enter(client, address="10.0.0.2").status_code == 302


@pytest.mark.parametrize("hop", ["bukan alamat", "1.2.3.4:5678", "fe80::1%eth0", "x" * 5000])
def test_a_strange_address_from_the_proxy_keeps_nobody_out(
    client: Client, place: Place, settings: Any, hop: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    response = client.post(
        SIGN_IN, {"username": "petugas", "password": make.PASSWORD}, headers={"X-Forwarded-For": hop}
    )
    assert response.status_code == 302


def test_every_try_is_recorded_and_audited(client: Client, place: Place) -> None:
    fail(client, 1)
    enter(client)
    tries = SignInAttempt.objects.order_by("pk").values_list("username", "address", "succeeded")
    assert list(tries) == [("petugas", "127.0.0.1", False), ("petugas", "127.0.0.1", True)]
    entries = AuditEntry.objects.order_by("pk").values_list("action", "actor_name", "target", "address")
    assert list(entries) == [
        ("account.sign_in_failed", "", "petugas", "127.0.0.1"),
        ("account.sign_in", "petugas", "petugas", "127.0.0.1"),
    ]


def test_a_flood_is_audited_once(client: Client, place: Place) -> None:
    fail(client, FAILURES_PER_USERNAME)
    for _time in range(5):
        assert enter(client).status_code == 429
    assert AuditEntry.objects.filter(action="account.sign_in_refused").count() == 1
    assert SignInAttempt.objects.count() == FAILURES_PER_USERNAME


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"username": ""}, "Isi nama pengguna."),
        ({"password": ""}, "Isi kata sandi."),
        ({"username": "pet\x00ugas"}, "karakter tersembunyi"),
        ({"username": "pet\u202eugas"}, "karakter tersembunyi"),
        ({"password": "kata\x00sandi"}, "karakter tersembunyi"),
        ({"username": "x" * 10_000}, "Nama pengguna terlalu panjang"),
        ({"password": "x" * 10_000}, "Kata sandi terlalu panjang"),
    ],
)
def test_text_that_cannot_be_meant_gets_a_clear_word(
    client: Client, place: Place, fields: dict[str, str], words: str
) -> None:
    response = enter(client, **fields)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not SignInAttempt.objects.exists()


@pytest.mark.parametrize("text", ["pet\x00ugas", "pet\u202eugas", "x" * 10_000, "\ud800"])
def test_the_action_itself_refuses_such_text(place: Place, rf: RequestFactory, text: str) -> None:
    for username, password in ((text, "salah"), ("petugas", text)):
        with pytest.raises(Refusal) as refused:
            sign_in(rf.post(SIGN_IN), username, password)
        assert refused.value.status == 400


def test_passwords_of_128_characters_are_used_whole(client: Client, place: Place) -> None:
    place.officer.set_password("ä" * 127 + "a")
    place.officer.save()
    assert enter(client, password="ä" * 127 + "b").status_code == 401
    assert enter(client, password="ä" * 127 + "a").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "https://jahat.example/",
        "http://jahat.example",
        "//jahat.example/",
        "///jahat.example/",
        "////jahat.example",
        "/\\jahat.example",
        "\\\\jahat.example",
        "https:jahat.example",
        "https:///jahat.example",
        "http://testserver@jahat.example/",
        "javascript:alert(1)",
        "\x08//jahat.example",
        "/" + "a" * 10_000,
    ],
)
def test_no_spelling_of_next_leads_elsewhere(client: Client, place: Place, address: str) -> None:
    assert enter(client, next=address)["Location"] == reverse("after-sign-in")
    assert client.get(SIGN_IN, {"next": address})["Location"] == reverse("after-sign-in")


def test_next_leads_back_to_where_one_wanted_to_go(client: Client, place: Place) -> None:
    asked = client.get("/loket/")
    assert asked["Location"] == f"{SIGN_IN}?next=/loket/"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/loket/"' in page
    assert enter(client, next="/loket/")["Location"] == "/loket/"


def test_a_planted_session_never_becomes_signed_in(client: Client, place: Place) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    enter(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_signing_out_forgets_everything_and_only_by_post(client: Client, place: Place) -> None:
    enter(client)
    cookie = client.cookies["sessionid"].value
    assert client.get("/akun/keluar/").status_code == 405
    assert client.get("/akun/").status_code == 302
    response = client.post("/akun/keluar/")
    assert response.status_code == 303
    assert "cookies" in response["Clear-Site-Data"]
    replay = Client()
    replay.cookies["sessionid"] = cookie
    assert replay.get("/loket/")["Location"].startswith(SIGN_IN)
    assert AuditEntry.objects.filter(action="account.sign_out", actor=place.officer).exists()


def test_a_form_without_its_token_signs_nobody_in(place: Place) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert enter(strict).status_code == 403
    assert not SignInAttempt.objects.exists()


def test_an_ended_session_sends_the_whole_console_to_sign_in(client: Client, place: Place) -> None:
    hx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/loket/"}
    response = client.get("/loket/", headers=hx, follow=True)
    assert response["HX-Redirect"] == f"{SIGN_IN}?next=%2Floket%2F"
    foreign = hx | {"HX-Current-URL": "https://jahat.example/loket/"}
    assert client.get(SIGN_IN, headers=foreign)["HX-Redirect"] == f"{SIGN_IN}?next=%2Fakun%2F"

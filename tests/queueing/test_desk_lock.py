"""The locked screen of an officer: what locks it, what it still does, and what opens it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from mpp.core import clock
from mpp.core.models import AuditEntry
from queueing.enums import TicketState
from queueing.models import CounterSession, DeskScreen
from tenants import actions as tenants_actions
from tenants.enums import PIN_TRIES, Role
from tenants.models import DeskPin
from tests import factories as make
from tests.conftest import Place
from tests.support.console import HX, call, lock_after, state_of, text

PIN = "402719"
LOCKED = "Layar terkunci"


@pytest.fixture
def officer(client: Client, place: Place) -> Client:
    client.force_login(place.officer)
    return client


@pytest.fixture
def session(place: Place) -> CounterSession:
    tenants_actions.set_pin(pin=PIN, by=place.officer)
    lock_after(10)
    return make.open_session(place.agency, place.counter, place.officer)


def lock(officer: Client) -> Any:
    return officer.post("/loket/kunci/")


def unlock(officer: Client, pin: str = PIN, **fields: str) -> Any:
    return officer.post("/loket/buka-kunci/", {"pin": pin} | fields)


# Locking


def test_a_locked_screen_refuses_every_press_and_shows_no_number(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    officer.get("/loket/")
    assert lock(officer)["Location"] == "/loket/kunci/"
    for headers in ({}, HX):
        answer = officer.post(f"/loket/{session.pk}/panggil/", headers=headers)
        assert answer.status_code == 423
        assert "Tekanan terakhir tidak dilakukan" in text(answer)
        assert answer["X-MPP-Part"] == "console"
    assert state_of(ticket) == TicketState.WAITING
    page = officer.get("/loket/", follow=True)
    assert LOCKED in text(page)
    assert "A-001" not in text(page)


@pytest.mark.parametrize("address", ["/loket/", "/akun/saya/", "/loket/kertas/"])
def test_every_page_behind_the_sign_in_leads_to_the_lock(
    officer: Client, session: CounterSession, address: str
) -> None:
    lock(officer)
    assert officer.get(address)["Location"].startswith("/loket/kunci/?next=")
    assert officer.post("/akun/saya/", {"act": "keys"}).status_code == 423


def test_the_lock_survives_a_reload_and_a_second_tab_but_not_another_browser(
    officer: Client, place: Place, session: CounterSession
) -> None:
    lock(officer)
    for _reload in range(2):
        assert LOCKED in text(officer.get("/loket/", follow=True))
    elsewhere = Client()
    elsewhere.force_login(place.officer)
    assert elsewhere.get("/loket/").status_code == 200


def test_public_pages_stay_open_on_a_locked_screen(officer: Client, session: CounterSession) -> None:
    lock(officer)
    assert officer.get("/").status_code == 200


@pytest.mark.parametrize(("minutes", "is_locked"), [(9, False), (10, True)])
def test_a_screen_without_a_hand_locks_after_the_minutes_of_the_rules(
    officer: Client, session: CounterSession, minutes: int, is_locked: bool
) -> None:
    officer.get("/loket/")
    with clock.frozen(DeskScreen.objects.get().active_at + timedelta(minutes=minutes)):
        assert (LOCKED in text(officer.get("/loket/", follow=True, headers=HX))) is is_locked


def test_a_page_that_fetches_itself_is_no_hand_and_a_sign_of_life_is(
    officer: Client, session: CounterSession
) -> None:
    officer.get("/loket/")
    start = DeskScreen.objects.get().active_at
    with clock.frozen(start + timedelta(minutes=6)):
        officer.get("/loket/", headers=HX)
    assert DeskScreen.objects.get().active_at == start
    with clock.frozen(start + timedelta(minutes=6)):
        assert officer.post("/loket/masih-di-sini/").status_code == 204
    with clock.frozen(start + timedelta(minutes=12)):
        assert officer.get("/loket/").status_code == 200


def test_a_sign_of_life_does_not_open_a_screen_that_is_idle_already(
    officer: Client, session: CounterSession
) -> None:
    officer.get("/loket/")
    with clock.frozen(DeskScreen.objects.get().active_at + timedelta(minutes=11)):
        assert officer.post("/loket/masih-di-sini/").status_code == 423
    lock_after(60)
    assert LOCKED in text(officer.get("/loket/", follow=True))


def test_nought_minutes_never_lock(officer: Client, session: CounterSession) -> None:
    lock_after(0)
    officer.get("/loket/")
    with clock.frozen(clock.now() + timedelta(hours=3)):
        assert officer.get("/loket/").status_code == 200


def test_an_ended_session_takes_its_screen_along(officer: Client, session: CounterSession) -> None:
    lock(officer)
    Session.objects.all().delete()
    assert not DeskScreen.objects.exists()


# Unlocking


def test_the_pin_opens_the_screen_where_it_was(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(officer, session)
    lock(officer)
    assert unlock(officer, next="/loket/")["Location"] == "/loket/"
    assert "now-called" in text(officer.get("/loket/"))
    acts = list(AuditEntry.objects.filter(action__startswith="screen.").values_list("action", flat=True))
    assert acts == ["screen.unlock", "screen.lock"]


def test_a_foreign_address_is_not_gone_on_to(officer: Client, session: CounterSession) -> None:
    lock(officer)
    assert unlock(officer, next="https://example.com/")["Location"] == "/loket/"


def test_a_wrong_pin_costs_a_try_and_the_last_one_the_session(
    officer: Client, session: CounterSession
) -> None:
    lock(officer)
    for left in range(PIN_TRIES - 1, 0, -1):
        answer = unlock(officer, "000000")
        assert answer.status_code == 403
        assert f"PIN salah. Sisa {left} percobaan." in text(answer)
        assert LOCKED in text(officer.get("/loket/", follow=True))
    assert unlock(officer, "000000")["Location"] == "/akun/masuk/?next=%2Floket%2F"
    assert officer.get("/loket/")["Location"] == "/akun/masuk/?next=/loket/"
    assert "PIN tidak dapat dipakai. Masuk lagi dengan kata sandi." in text(officer.get("/akun/masuk/"))


def test_a_spent_pin_is_worth_nothing_until_the_password_was_given(
    officer: Client, place: Place, session: CounterSession
) -> None:
    DeskPin.objects.update(failures=PIN_TRIES)
    lock(officer)
    assert "PIN salah terlalu sering." in text(officer.get("/loket/kunci/"))
    assert unlock(officer)["Location"].startswith("/akun/masuk/")
    officer.post("/akun/masuk/", {"username": place.officer.username, "password": make.PASSWORD})
    assert DeskPin.objects.get().failures == 0


def test_a_try_is_paid_before_anyone_looks_at_the_pin(
    place: Place, session: CounterSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guesses at the same moment cannot share one try."""
    paid: list[int] = []

    def look(pin: str, _hash: str) -> bool:
        paid.append(DeskPin.objects.get().failures)
        return pin == PIN

    monkeypatch.setattr("tenants.actions.desk.check_password", look)
    tenants_actions.prove_pin(pin=PIN, by=place.officer)
    assert paid == [1]
    assert DeskPin.objects.get().failures == 0


def test_without_a_pin_only_the_password_opens(officer: Client, session: CounterSession) -> None:
    DeskPin.objects.all().delete()
    lock(officer)
    page = text(officer.get("/loket/kunci/"))
    assert "Anda belum memasang PIN." in page
    assert 'name="pin"' not in page
    assert officer.post("/loket/masuk-lagi/")["Location"] == "/akun/masuk/?next=%2Floket%2F"
    assert officer.get("/loket/")["Location"].startswith("/akun/masuk/")
    assert CounterSession.objects.open().exists()


# The PIN


def set_pin(officer: Client, pin: str = PIN, again: str = "", password: str = make.PASSWORD) -> Any:
    fields = {"act": "pin", "password": password, "pin": pin, "again": again or pin}
    return officer.post("/akun/saya/", fields)


def test_an_officer_sets_their_pin_with_the_password(officer: Client, place: Place) -> None:
    assert "Pasang PIN" in text(officer.get("/loket/"))
    assert set_pin(officer).status_code == 303
    assert "PIN dipasang." in text(officer.get("/akun/saya/"))
    pin = DeskPin.objects.get()
    assert pin.user == place.officer
    assert PIN not in pin.hash
    assert "Pasang PIN" not in text(officer.get("/loket/"))


@pytest.mark.parametrize("pin", ["123456", "654321", "111111", "121212", "12345", "12a456", "٤٠٢٧١٩"])
def test_a_pin_that_is_easy_or_no_pin_is_refused(officer: Client, pin: str) -> None:
    assert set_pin(officer, pin).status_code == 400
    assert not DeskPin.objects.exists()


def test_a_pin_mistyped_once_is_refused(officer: Client) -> None:
    answer = set_pin(officer, again="402718")
    assert answer.status_code == 400
    assert "Kedua PIN tidak sama." in text(answer)


def test_a_wrong_password_changes_no_pin(officer: Client) -> None:
    answer = set_pin(officer, password="bukan-kata-sandinya")
    assert answer.status_code == 401
    assert "Kata sandi salah. PIN belum diganti." in text(answer)
    assert not DeskPin.objects.exists()


def test_roles_without_a_counter_have_no_screen_to_lock(client: Client, place: Place) -> None:
    client.force_login(make.make_user(Role.FLOOR_MANAGER))
    assert client.post("/loket/kunci/").status_code == 403
    assert client.get("/akun/saya/").status_code == 403
    assert not DeskScreen.objects.exists()

"""Who may press what at the console, and what a wrong, late or second press does: nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client

from mpp.core import clock
from queueing import actions
from queueing.enums import TicketState
from queueing.models import CounterSession, Ticket
from tenants.enums import Role
from tenants.models import User
from tests import factories as make
from tests.conftest import Place
from tests.support.console import HX, call, same, state_of, step, text


@pytest.fixture
def officer(client: Client, place: Place) -> Client:
    client.force_login(place.officer)
    return client


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


# Refusals


@pytest.mark.parametrize("name", ["start", "finish", "hold", "recall", "no-show", "transfer", "resume"])
def test_a_step_without_a_number_is_refused(officer: Client, session: CounterSession, name: str) -> None:
    response = step(officer, session, name)
    assert response.status_code == 409
    assert 'role="alert"' in text(response)
    assert "Nomor itu tidak lagi di loket Anda." in text(response)


@pytest.mark.parametrize("name", ["finish", "hold"])
def test_an_illegal_edge_answers_409_and_shows_the_true_state(
    officer: Client, place: Place, session: CounterSession, name: str
) -> None:
    ticket = make.issue(place.service)
    call(officer, session)
    for headers in ({}, HX):
        response = officer.post(f"/loket/{session.pk}/{name}/", headers=headers)
        assert response.status_code == 409
        assert 'role="alert"' in text(response)
        assert "now-called" in text(response)
    assert state_of(ticket) == TicketState.CALLED


@pytest.mark.parametrize("name", ["call", "issue", "expire", "cancel", "requeue", "apa-saja"])
def test_other_steps_have_no_button_and_no_address(
    officer: Client, session: CounterSession, name: str
) -> None:
    assert step(officer, session, name).status_code == 404


@pytest.mark.parametrize("value", ["\x00", "\u202e", "x" * 10_000])
def test_bad_text_gets_400_and_writes_nothing(
    officer: Client, place: Place, session: CounterSession, value: str
) -> None:
    ticket = make.issue(place.service)
    for url, field in (
        (f"/loket/{session.pk}/panggil/", "request_key"),
        (f"/loket/{session.pk}/panggil/", "seen"),
        (f"/loket/{session.pk}/start/", "seen"),
        (f"/loket/{session.pk}/tanpa-nomor/", "service"),
        ("/loket/buka/", "counter"),
    ):
        response = officer.post(url, {field: value})
        assert response.status_code == 400, url
        assert 'role="alert"' in text(response)
    assert state_of(ticket) == TicketState.WAITING
    assert Ticket.objects.count() == 1


def test_a_form_without_its_token_does_nothing(place: Place, session: CounterSession) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(place.officer)
    ticket = make.issue(place.service)
    response = call(strict, session)
    assert response.status_code == 403
    assert "X-MPP-Part" not in response
    assert state_of(ticket) == TicketState.WAITING


# Who may


def test_nobody_signed_in_is_asked_to(client: Client, session: CounterSession) -> None:
    assert client.get("/loket/")["Location"] == "/akun/masuk/?next=/loket/"
    assert call(client, session)["Location"].startswith("/akun/masuk/?next=/loket/")


def test_signing_in_again_after_a_press_shows_the_console(officer: Client, session: CounterSession) -> None:
    for name in ("panggil", "start", "tutup"):
        assert officer.get(f"/loket/{session.pk}/{name}/")["Location"] == "/loket/"


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.FLOOR_MANAGER, Role.ADMIN, Role.AUDITOR])
def test_other_roles_are_told_whose_page_it_is(
    client: Client, place: Place, session: CounterSession, role: Role
) -> None:
    client.force_login(make.make_user(role, place.agency))
    for response in (client.get("/loket/"), call(client, session)):
        assert response.status_code == 403
        assert "Halaman ini untuk petugas loket." in text(response)


def test_an_officer_without_a_placement_today_is_told_so(client: Client, place: Place) -> None:
    client.force_login(make.make_user())
    response = client.get("/loket/")
    assert response.status_code == 403
    assert "Hari ini Anda tidak ditempatkan di instansi mana pun." in text(response)


def test_an_agency_manager_may_serve_too(client: Client, place: Place) -> None:
    client.force_login(make.make_user(Role.AGENCY_MANAGER, place.agency))
    client.post("/loket/buka/", {"counter": place.counter.code})
    assert 'id="console-call"' in text(client.get("/loket/"))


def others(place: Place) -> Iterable[tuple[User, int]]:
    return [(make.make_user(agency=place.agency), 403), (make.make_user(agency=make.make_agency()), 404)]


def test_a_colleague_gets_403_and_a_stranger_404(
    client: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    for person, status in others(place):
        client.force_login(person)
        for name in ("panggil", "start", "finish", "transfer", "tanpa-nomor", "tutup"):
            assert client.post(f"/loket/{session.pk}/{name}/").status_code == status
    assert state_of(ticket) == TicketState.WAITING
    assert CounterSession.objects.open().count() == 1


def test_the_number_of_a_colleague_cannot_be_touched_from_here(
    officer: Client, place: Place, session: CounterSession
) -> None:
    colleague = make.open_session(place.agency)
    theirs = make.issue(place.service)
    actions.call_next(session=colleague, by=colleague.user)
    for name in ("start", "no-show", "recall"):
        assert step(officer, session, name, seen=str(theirs.pk)).status_code == 409
    assert state_of(theirs) == TicketState.CALLED


def test_only_the_own_agency_is_shown(officer: Client, place: Place, session: CounterSession) -> None:
    foreign = make.make_service(name="Rahasia instansi lain")
    make.make_queue(foreign, prefix="Z")
    make.issue(foreign)
    make.open_session(foreign.agency, user=make.make_user(agency=foreign.agency, first_name="Orang lain"))
    page = text(officer.get("/loket/"))
    assert "Z-001" not in page
    assert "Rahasia instansi lain" not in page
    assert "Orang lain" not in page


@pytest.mark.parametrize("number", ["999999", "99999999999999999999999999"])
def test_a_session_that_is_not_there_is_404(officer: Client, session: CounterSession, number: str) -> None:
    assert officer.post(f"/loket/{number}/panggil/").status_code == 404


# Twice, twofold, too late


def test_twenty_presses_of_one_form_are_one_call(
    officer: Client, place: Place, session: CounterSession
) -> None:
    for _ticket in range(3):
        make.issue(place.service)
    form = {"request_key": "satu-tekan", "seen": "-"}
    for _press in range(20):
        assert call(officer, session, **form).status_code == 303
    assert Ticket.objects.at_counter().count() == 1
    assert Ticket.objects.waiting().count() == 2


def test_two_officers_get_different_numbers(officer: Client, place: Place, session: CounterSession) -> None:
    for _ticket in range(2):
        make.issue(place.service)
    other = make.open_session(place.agency)
    colleague = Client()
    colleague.force_login(other.user)
    call(officer, session)
    call(colleague, other)
    labels = {row.label for row in Ticket.objects.at_counter().with_labels()}
    assert labels == {"A-001", "A-002"}
    page = text(officer.get("/loket/"))
    assert "A-002 dipanggil" in page


def test_a_second_tab_shows_the_same_truth(place: Place, session: CounterSession) -> None:
    tabs = [Client(), Client()]
    for tab in tabs:
        tab.force_login(place.officer)
    make.issue(place.service)
    call(tabs[0], session)
    with clock.frozen(clock.now()):
        pages = [same(text(tab.get("/loket/"))) for tab in tabs]
    assert pages[0] == pages[1]
    assert "now-called" in pages[1]


def test_a_forgotten_tab_finishes_nobody_it_does_not_show(
    officer: Client, place: Place, session: CounterSession
) -> None:
    first = make.issue(place.service)
    make.issue(place.service)
    old_form = {"request_key": "tab-lama", "seen": "-"}
    call(officer, session)
    step(officer, session, "start")
    response = call(officer, session, **old_form)
    assert response.status_code == 409
    assert "Loket ini sudah berubah di layar lain." in text(response)
    assert state_of(first) == TicketState.SERVING


def test_a_press_for_an_earlier_number_is_refused(
    officer: Client, place: Place, session: CounterSession
) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    call(officer, session)
    make.miss(Ticket.objects.at_counter().get(), place.officer)
    call(officer, session)
    assert step(officer, session, "no-show", seen=str(first.pk)).status_code == 409
    assert state_of(second) == TicketState.CALLED

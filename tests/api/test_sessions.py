"""Counters by API: open, call, serve, close; the walls between agencies; every illegal step."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from queueing import actions
from queueing.enums import TicketState
from queueing.models import CounterSession, HallRules, Ticket, TicketEvent
from tenants.enums import AgencyStatus, Role
from tenants.models import User
from tests import factories as make
from tests.api.client import CheckedClient
from tests.api.conftest import SignedIn
from tests.conftest import Place

STEPS = ["recall", "start", "finish", "no-show", "hold", "resume", "transfer"]
ROUTES = ["call-next", "call", *STEPS, "undo", "pause", "go-on"]


@pytest.fixture(autouse=True)
def impatient(place: Place) -> None:
    """One call is enough, and may be repeated at once: the waiting is tested beside the acts."""
    HallRules.objects.update(recall_seconds=0)
    place.queue.calls_before_no_show = 1
    place.queue.save(update_fields=["calls_before_no_show"])


@pytest.fixture
def session(place: Place) -> CounterSession:
    """The counter of `place`, open."""
    return make.open_session(place.agency, place.counter, place.officer)


def post(client: APIClient, session: CounterSession, step: str, body: object = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else None
    path = f"/api/v1/counter-sessions/{session.pk}/{step}/"
    return client.post(path, {} if body is None else body, format="json", headers=headers)


def body_of(step: str, place: Place) -> dict[str, str]:
    match step:
        case "transfer":
            return {"queue": other_line(place)}
        case "call":
            return {"number": "A-001", "reason": "Dipanggil dokter"}
        case "pause":
            return {"reason": "Istirahat"}
    return {}


def other_line(place: Place) -> str:
    code: str = make.make_queue(make.make_service(place.agency)).code
    return code


def bring_to(state: str, place: Place, session: CounterSession) -> Ticket:
    """A number that stands in `state`, through the real steps."""
    ticket = make.issue(place.service)
    if state == TicketState.WAITING:
        return ticket
    ticket = actions.call_next(session=session, by=place.officer) or ticket
    if state in (TicketState.SERVING, TicketState.HELD, TicketState.DONE):
        ticket = actions.start(ticket=ticket, by=place.officer)
    match state:
        case TicketState.HELD:
            return actions.hold(ticket=ticket, by=place.officer)
        case TicketState.DONE:
            return actions.finish(ticket=ticket, by=place.officer)
        case TicketState.NO_SHOW:
            return actions.mark_no_show(ticket=ticket, by=place.officer)
        case TicketState.CANCELLED:
            return actions.cancel(ticket=ticket)
    return ticket


# Opening and closing


def test_a_counter_is_opened_read_and_closed(officer: APIClient, place: Place) -> None:
    opened = officer.post("/api/v1/counter-sessions/", {"counter": place.counter.code}, format="json")
    assert opened.status_code == 201
    body = opened.json()
    assert set(body) == {"id", "counter", "agency", "opened_at", "live"}
    assert (body["counter"], body["agency"]) == (place.counter.code, place.agency.code)
    assert body["live"].startswith(f"/live/console/{body['id']}/?k=")
    path = f"/api/v1/counter-sessions/{body['id']}/"
    assert officer.get(path).json() | {"live": ""} == body | {
        "closed_at": None,
        "paused_at": None,
        "pause_reason": "",
        "ticket": None,
        "held": [],
        "live": "",
    }
    assert [officer.delete(path).status_code for _ in range(2)] == [204, 204]
    assert officer.get(path).json()["closed_at"] is not None
    assert CounterSession.objects.open().count() == 0


@pytest.mark.parametrize("code", ["TIDAK-ADA", "2", "l1"])
def test_an_unknown_counter_is_not_found(officer: APIClient, place: Place, code: str) -> None:
    response = officer.post("/api/v1/counter-sessions/", {"counter": code}, format="json")
    assert response.status_code == 404
    assert not CounterSession.objects.exists()


def test_a_counter_of_another_agency_is_not_found(officer: APIClient, place: Place) -> None:
    foreign = make.make_counter(make.make_agency())
    response = officer.post("/api/v1/counter-sessions/", {"counter": foreign.code}, format="json")
    assert response.status_code == 404
    assert not CounterSession.objects.exists()


def test_a_counter_that_is_taken_is_refused(
    officer: APIClient, place: Place, session: CounterSession, as_user: SignedIn
) -> None:
    colleague = as_user(make.make_user(agency=place.agency))
    response = colleague.post("/api/v1/counter-sessions/", {"counter": place.counter.code}, format="json")
    assert response.status_code == 409
    assert response.json()["message"] == "Loket ini sedang dibuka petugas lain."


def test_two_counters_at_once_are_refused(officer: APIClient, place: Place, session: CounterSession) -> None:
    second = make.make_counter(place.agency)
    response = officer.post("/api/v1/counter-sessions/", {"counter": second.code}, format="json")
    assert response.status_code == 409
    assert CounterSession.objects.count() == 1


def test_a_counter_without_an_agency_today_is_refused(officer: APIClient, place: Place) -> None:
    place.counter.duties.all().delete()
    response = officer.post("/api/v1/counter-sessions/", {"counter": place.counter.code}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "counter_unassigned")


def test_a_counter_with_a_number_is_not_closed(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    bring_to(TicketState.SERVING, place, session)
    response = officer.delete(f"/api/v1/counter-sessions/{session.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "counter_busy")
    assert CounterSession.objects.open().exists()


# The life of a number


def test_a_number_is_called_and_served(officer: APIClient, place: Place, session: CounterSession) -> None:
    make.issue(place.service, priority="ELDERLY")
    called = post(officer, session, "call-next").json()
    assert "token" not in called
    assert (called["number"], called["state"], called["counter"], called["calls"]) == (
        "A-001",
        "CALLED",
        "2",
        1,
    )
    assert called["priority"] == "ELDERLY"
    assert post(officer, session, "recall").json()["calls"] == 2
    assert post(officer, session, "start").json()["state"] == "SERVING"
    path = f"/api/v1/counter-sessions/{session.pk}/"
    assert officer.get(path).json()["ticket"]["number"] == "A-001"
    assert post(officer, session, "hold", {"reason": "Fotokopi dulu"}).json()["state"] == "HELD"
    assert officer.get(path).json()["held"] == ["A-001"]
    assert post(officer, session, "resume").json()["state"] == "SERVING"
    assert post(officer, session, "finish").json()["state"] == "DONE"
    steps = list(TicketEvent.objects.order_by("pk").values_list("step", flat=True))
    assert steps == ["issue", "call", "recall", "start", "hold", "resume", "finish"]
    assert TicketEvent.objects.get(step="hold").reason == "Fotokopi dulu"


def test_nobody_waiting_is_no_content(officer: APIClient, place: Place, session: CounterSession) -> None:
    response = post(officer, session, "call-next")
    assert (response.status_code, response.content) == (204, b"")


def test_calling_the_next_finishes_the_one_being_served(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    first = bring_to(TicketState.SERVING, place, session)
    make.issue(place.service)
    assert post(officer, session, "call-next").json()["number"] == "A-002"
    first.refresh_from_db()
    assert first.state == TicketState.DONE


def test_a_number_that_was_called_must_be_dealt_with_first(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    bring_to(TicketState.CALLED, place, session)
    make.issue(place.service)
    response = post(officer, session, "call-next")
    assert (response.status_code, response.json()["code"]) == (409, "number_at_counter")
    assert Ticket.objects.waiting().count() == 1


def test_a_transferred_number_waits_in_the_other_line(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    target = other_line(place)
    bring_to(TicketState.SERVING, place, session)
    moved = post(officer, session, "transfer", {"queue": target, "reason": "Salah loket"}).json()
    assert (moved["number"], moved["state"], moved["queue"], moved["counter"]) == (
        "A-001",
        "WAITING",
        target,
        None,
    )
    assert TicketEvent.objects.get(step="transfer").reason == "Salah loket"


def test_a_number_goes_only_to_a_line_that_serves(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    closed = make.make_queue(make.make_service(make.make_agency(status=AgencyStatus.PAUSED)))
    unused = make.make_queue(make.make_service(place.agency), is_active=False)
    bring_to(TicketState.SERVING, place, session)
    for code in ("TIDAK-ADA", closed.code, unused.code):
        assert post(officer, session, "transfer", {"queue": code}).status_code == 404
    response = post(officer, session, "transfer", {"queue": place.queue.code})
    assert (response.status_code, response.json()["code"]) == (409, "same_line")
    assert Ticket.objects.get().state == TicketState.SERVING


def test_of_several_held_numbers_one_must_be_named(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    for _ in range(2):
        bring_to(TicketState.HELD, place, session)
    response = post(officer, session, "resume")
    assert (response.status_code, response.json()["code"]) == (409, "several_held")
    assert response.json()["extra"]["held"] == ["A-001", "A-002"]
    assert post(officer, session, "resume", {"number": "A-009"}).status_code == 409
    assert post(officer, session, "resume", {"number": "A-002"}).json()["number"] == "A-002"


def test_no_number_is_resumed_while_another_is_at_the_counter(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    bring_to(TicketState.HELD, place, session)
    bring_to(TicketState.SERVING, place, session)
    assert post(officer, session, "resume").status_code == 409
    assert Ticket.objects.at_counter().count() == 1


# Every illegal edge

LEGAL = {
    (TicketState.CALLED, "recall"),
    (TicketState.CALLED, "start"),
    (TicketState.CALLED, "no-show"),
    (TicketState.CALLED, "transfer"),
    (TicketState.SERVING, "finish"),
    (TicketState.SERVING, "hold"),
    (TicketState.SERVING, "transfer"),
    (TicketState.HELD, "resume"),
}
STATES = [state for state in TicketState if state != TicketState.EXPIRED]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", STATES)
def test_each_step_is_taken_only_from_its_states(
    officer: APIClient, place: Place, session: CounterSession, state: TicketState, step: str
) -> None:
    ticket = bring_to(state, place, session)
    before = Ticket.objects.values().get(pk=ticket.pk)
    events = TicketEvent.objects.count()
    response = post(officer, session, step, body_of(step, place))
    if (state, step) in LEGAL:
        assert response.status_code == 200
        assert TicketEvent.objects.count() == events + 1
        return
    assert response.status_code == 409
    assert response.json()["code"] in {"illegal_transition", "no_ticket", "nothing_held"}
    assert Ticket.objects.values().get(pk=ticket.pk) == before
    assert TicketEvent.objects.count() == events


@pytest.mark.parametrize("step", ROUTES)
def test_a_closed_counter_does_nothing(
    officer: APIClient, place: Place, session: CounterSession, step: str
) -> None:
    actions.close_counter(session=session, by=place.officer)
    make.issue(place.service)
    response = post(officer, session, step, body_of(step, place))
    assert (response.status_code, response.json()["code"]) == (409, "counter_closed")
    assert Ticket.objects.waiting().count() == 1


# Walls


def everywhere(client: APIClient, session: CounterSession, place: Place) -> set[int]:
    """Try every address of a session, and return the statuses."""
    path = f"/api/v1/counter-sessions/{session.pk}/"
    statuses = {client.get(path).status_code, client.get(f"{path}next/").status_code}
    statuses.add(client.delete(path).status_code)
    return statuses | {post(client, session, step, body_of(step, place)).status_code for step in ROUTES}


def nothing_moved(session: CounterSession) -> bool:
    session.refresh_from_db()
    return session.closed_at is None and set(TicketEvent.objects.values_list("step", flat=True)) == {"issue"}


def test_a_session_of_another_agency_is_not_found(
    place: Place, session: CounterSession, as_user: SignedIn
) -> None:
    make.issue(place.service)
    stranger = as_user(make.make_user(agency=make.make_agency()))
    assert everywhere(stranger, session, place) == {404}
    assert nothing_moved(session)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AGENCY_MANAGER])
def test_a_colleagues_session_is_forbidden(
    place: Place, session: CounterSession, as_user: SignedIn, role: Role
) -> None:
    make.issue(place.service)
    colleague = as_user(make.make_user(role, agency=place.agency))
    assert everywhere(colleague, session, place) == {403}
    assert nothing_moved(session)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.FLOOR_MANAGER, Role.ADMIN, Role.AUDITOR])
def test_the_wrong_role_is_forbidden(
    place: Place, session: CounterSession, as_user: SignedIn, role: Role
) -> None:
    make.issue(place.service)
    client = as_user(make.make_user(role, agency=place.agency))
    assert everywhere(client, session, place) == {403}
    opening = client.post("/api/v1/counter-sessions/", {"counter": place.counter.code}, format="json")
    assert opening.status_code == 403
    assert nothing_moved(session)


def test_an_officer_without_a_placement_finds_nothing(
    place: Place, session: CounterSession, as_user: SignedIn
) -> None:
    make.issue(place.service)
    assert everywhere(as_user(make.make_user()), session, place) == {404}


def test_nobody_is_asked_to_sign_in(api: APIClient, place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    assert everywhere(api, session, place) == {401}
    assert nothing_moved(session)


@pytest.mark.parametrize("key", ["0", "2147483648", "9223372036854775808", "9" * 100])
def test_a_session_that_is_not_there_is_not_found(officer: APIClient, place: Place, key: str) -> None:
    assert officer.get(f"/api/v1/counter-sessions/{key}/").status_code == 404
    assert officer.post(f"/api/v1/counter-sessions/{key}/call-next/").status_code == 404


# A browser's session needs the CSRF token; a key does not


def in_browser(user: User, *, checks: bool) -> Client:
    browser = CheckedClient(enforce_csrf_checks=checks)
    browser.force_login(user)
    return browser


def test_a_browsers_session_needs_the_csrf_token(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    response = in_browser(place.officer, checks=True).post(
        f"/api/v1/counter-sessions/{session.pk}/call-next/"
    )
    assert (response.status_code, response.json()["code"]) == (403, "csrf")
    assert nothing_moved(session)


def test_a_browsers_session_with_the_token_may_call(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    browser = in_browser(place.officer, checks=True)
    browser.cookies["csrftoken"] = token = "a" * 32
    response = browser.post(
        f"/api/v1/counter-sessions/{session.pk}/call-next/", headers={"X-CSRFToken": token}
    )
    assert response.status_code == 200


# One key, one call


def test_the_same_key_returns_the_same_call(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    for _ in range(2):
        make.issue(place.service)
    first = post(officer, session, "call-next", key="satu").json()
    again = post(officer, session, "call-next", key="satu")
    assert again.status_code == 200
    assert again.json() | {"time": ""} == first | {"time": ""}
    assert TicketEvent.objects.filter(step="call").count() == 1


def test_a_new_key_is_a_new_call(officer: APIClient, place: Place, session: CounterSession) -> None:
    for _ in range(2):
        make.issue(place.service)
    post(officer, session, "call-next", key="satu")
    post(officer, session, "start")
    assert post(officer, session, "call-next", key="dua").json()["number"] == "A-002"


def test_the_same_key_at_another_counter_is_refused(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    post(officer, session, "call-next", key="satu")
    for step in ("start", "finish"):
        post(officer, session, step)
    actions.close_counter(session=session, by=place.officer)
    second = make.open_session(place.agency, make.make_counter(place.agency), place.officer)
    response = post(officer, second, "call-next", key="satu")
    assert (response.status_code, response.json()["code"]) == (422, "key_reused")


def test_two_officers_may_use_the_same_key(
    officer: APIClient, place: Place, session: CounterSession, as_user: SignedIn
) -> None:
    for _ in range(2):
        make.issue(place.service)
    colleague = make.make_user(agency=place.agency)
    theirs = make.open_session(place.agency, user=colleague)
    assert post(officer, session, "call-next", key="1").json()["number"] == "A-001"
    assert post(as_user(colleague), theirs, "call-next", key="1").json()["number"] == "A-002"


@pytest.mark.parametrize(
    ("step", "body"),
    [(step, {"state": "DONE"}) for step in ROUTES]
    + [
        ("transfer", {}),
        ("transfer", {"queue": None}),
        ("transfer", {"queue": "x" * 10_000}),
        ("transfer", {"queue": 1}),
        ("transfer", {"reason": "tidak ke mana-mana"}),
        ("transfer", {"counter": "x" * 13}),
        ("finish", {"outcome": "SESUKA"}),
        ("finish", {"note": "x" * 301}),
        ("finish", {"performed": "ktp-hilang"}),
        ("finish", {"performed": ["x" * 121]}),
        ("call", {"number": "A-001"}),
        ("call", {"reason": "alasan"}),
        ("call", {"number": "A-001", "reason": ""}),
        ("pause", {}),
        ("pause", {"reason": "  "}),
        ("pause", {"reason": "x" * 121}),
        ("undo", {"ticket": 1}),
        ("hold", {"reason": "x" * 201}),
        ("hold", {"reason": ["a"]}),
        ("resume", {"number": 1}),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    officer: APIClient, place: Place, session: CounterSession, step: str, body: object
) -> None:
    make.issue(place.service)
    assert post(officer, session, step, body).status_code == 400
    assert nothing_moved(session)

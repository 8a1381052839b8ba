"""What else an officer's program does at a counter: outcomes, undo, rest, order, and who comes late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from mpp.core import clock
from queueing import actions
from queueing.enums import Outcome, TicketState
from queueing.models import CounterLine, CounterSession, PriorityClass, Ticket, TicketEvent
from tests import factories as make
from tests.api.conftest import SignedIn
from tests.conftest import Place


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


@pytest.fixture
def served(place: Place, session: CounterSession) -> Ticket:
    """A number that is being served."""
    make.issue(place.service)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    return actions.start(ticket=called, by=place.officer)


def post(client: APIClient, session: CounterSession, step: str, body: object = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else None
    path = f"/api/v1/counter-sessions/{session.pk}/{step}/"
    return client.post(path, {} if body is None else body, format="json", headers=headers)


def refused(response: Any, status: int = 409) -> tuple[str, dict[str, Any]]:
    assert response.status_code == status
    body = response.json()
    return body["code"], body["extra"]


# How it ended


@pytest.mark.parametrize(
    ("body", "outcome", "note"),
    [
        ({}, Outcome.DONE, ""),
        ({"outcome": "FILE_RECEIVED", "note": "nomor berkas 12"}, Outcome.FILE_RECEIVED, "nomor berkas 12"),
        ({"outcome": "INCOMPLETE", "note": "Kartu Keluarga"}, Outcome.INCOMPLETE, "Kartu Keluarga"),
        ({"outcome": "NOT_SERVABLE", "note": "Luar daerah"}, Outcome.NOT_SERVABLE, "Luar daerah"),
    ],
)
def test_serving_ends_with_its_outcome(
    officer: APIClient, session: CounterSession, served: Ticket, body: Any, outcome: str, note: str
) -> None:
    assert post(officer, session, "finish", body).json()["state"] == "DONE"
    served.refresh_from_db()
    assert (served.outcome, served.outcome_note) == (outcome, note)


def test_services_really_given_are_recorded(
    officer: APIClient, place: Place, session: CounterSession, served: Ticket
) -> None:
    given = make.make_service(place.agency, slug="akta")
    post(officer, session, "finish", {"performed": ["akta", "ktp-hilang", "akta"]})
    assert set(served.performed.all()) == {given, place.service}


def test_an_outcome_without_its_note_or_a_foreign_service_is_refused(
    officer: APIClient, session: CounterSession, served: Ticket
) -> None:
    make.make_service(slug="milik-orang-lain")
    assert refused(post(officer, session, "finish", {"outcome": "INCOMPLETE"}), 400)[0] == "note_needed"
    foreign = post(officer, session, "finish", {"performed": ["milik-orang-lain"]})
    assert refused(foreign, 400)[0] == "foreign_service"
    assert post(officer, session, "finish", {"performed": ["tidak-ada"]}).status_code == 404
    served.refresh_from_db()
    assert served.state == TicketState.SERVING


# Called again, absent, taken back


def test_a_program_learns_how_long_to_wait_and_how_often_to_call(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    assert called.called_at is not None
    with clock.frozen(called.called_at + timedelta(seconds=5)):
        assert refused(post(officer, session, "recall")) == ("recall_too_soon", {"seconds": 15})
        absent = refused(post(officer, session, "no-show"))
    assert absent == ("call_again_first", {"calls": 1, "needed": 3})
    for turn in (1, 2):
        with clock.frozen(called.called_at + timedelta(seconds=20 * turn)):
            assert post(officer, session, "recall").json()["calls"] == turn + 1
    assert post(officer, session, "no-show").json()["state"] == "NO_SHOW"


def test_a_mistake_is_taken_back_within_ten_seconds(
    officer: APIClient, place: Place, session: CounterSession, served: Ticket
) -> None:
    make.issue(place.service)
    assert refused(post(officer, session, "undo"))[0] == "nothing_to_undo"
    post(officer, session, "finish")
    assert post(officer, session, "undo").json()["state"] == "SERVING"
    post(officer, session, "call-next")
    undone = post(officer, session, "undo").json()
    assert (undone["number"], undone["state"], undone["counter"], undone["calls"]) == (
        "A-002",
        "WAITING",
        None,
        0,
    )
    assert post(officer, session, "undo").json()["number"] == "A-001"
    with clock.frozen(clock.now() + timedelta(seconds=11)):
        assert refused(post(officer, session, "undo"))[0] == "nothing_to_undo"


def test_after_ten_seconds_it_is_too_late(officer: APIClient, place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    post(officer, session, "call-next")
    with clock.frozen(clock.now() + timedelta(seconds=11)):
        assert refused(post(officer, session, "undo"))[0] == "undo_too_late"


# To a named counter


def test_a_number_is_sent_to_a_named_counter(
    officer: APIClient, place: Place, session: CounterSession, served: Ticket, as_user: SignedIn
) -> None:
    colleague = make.open_session(place.agency)
    moved = post(officer, session, "transfer", {"counter": colleague.counter.code, "reason": "ahlinya"})
    assert (moved.json()["state"], moved.json()["queue"]) == ("WAITING", place.queue.code)
    assert post(officer, session, "call-next").status_code == 204
    assert post(as_user(colleague.user), colleague, "call-next").json()["number"] == "A-001"


def test_a_number_is_sent_to_a_counter_of_another_line(
    officer: APIClient, session: CounterSession, served: Ticket
) -> None:
    other = make.make_queue(make.make_service())
    desk = make.open_session(other.agency)
    body = {"queue": other.code, "counter": desk.counter.code}
    assert post(officer, session, "transfer", body).json()["queue"] == other.code


def test_a_counter_that_cannot_call_it_is_no_goal(
    officer: APIClient, place: Place, session: CounterSession, served: Ticket
) -> None:
    unstaffed = make.make_counter(place.agency)
    foreign = make.open_session(make.make_agency()).counter
    assert refused(post(officer, session, "transfer", {"counter": unstaffed.code}))[0] == "counter_unstaffed"
    assert refused(post(officer, session, "transfer", {"counter": foreign.code}))[0] == "counter_elsewhere"
    assert post(officer, session, "transfer", {"counter": "TIDAK-ADA"}).status_code == 404
    served.refresh_from_db()
    assert served.state == TicketState.SERVING


# Rest


def test_a_counter_rests_and_goes_on(officer: APIClient, place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    body = post(officer, session, "pause", {"reason": "Salat"}).json()
    assert (body["pause_reason"], body["paused_at"] is None, body["id"]) == ("Salat", False, session.pk)
    assert refused(post(officer, session, "call-next"))[0] == "counter_paused"
    body = post(officer, session, "go-on").json()
    assert (body["pause_reason"], body["paused_at"]) == ("", None)
    assert post(officer, session, "call-next").status_code == 200
    assert refused(post(officer, session, "pause", {"reason": "Salat"}))[0] == "number_at_counter"


# Looking ahead, and out of turn


@pytest.mark.usefixtures("forenoon")
def test_a_program_may_look_at_the_next_six_without_calling(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    now = clock.now()
    for minute in range(8):
        with clock.frozen(now - timedelta(minutes=20 - minute)):
            make.issue(place.service, priority="ELDERLY" if minute == 4 else "")
    version = Ticket.objects.first().line.version  # type: ignore[union-attr]
    rows = officer.get(f"/api/v1/counter-sessions/{session.pk}/next/").json()
    assert [row["number"] for row in rows] == ["A-005", "A-001", "A-002", "A-003", "A-004", "A-006"]
    assert rows[0] == {
        "number": "A-005",
        "service": "ktp-hilang",
        "queue": place.queue.code,
        "priority": "ELDERLY",
        "waited_minutes": 16,
    }
    assert Ticket.objects.waiting().count() == 8
    assert Ticket.objects.first().line.version == version  # type: ignore[union-attr]
    assert post(officer, session, "call-next").json()["number"] == "A-005"


def test_what_is_next_follows_the_weights_of_the_counter(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    other = make.make_service(place.agency)
    CounterLine.objects.create(counter=place.counter, queue=make.make_queue(other, prefix="B"), weight=10)
    make.issue(place.service)
    make.issue(other)
    rows = officer.get(f"/api/v1/counter-sessions/{session.pk}/next/").json()
    assert [row["number"] for row in rows] == ["B-001"]


def test_a_number_is_called_out_of_turn_once_with_its_reason(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    for _person in range(3):
        make.issue(place.service)
    body = {"number": "A-003", "reason": "Dipanggil dokter"}
    answers = [post(officer, session, "call", body, key="satu") for _press in range(3)]
    assert [answer.json()["number"] for answer in answers] == ["A-003"] * 3
    assert TicketEvent.objects.filter(step="call").get().reason == "Dipanggil dokter"
    assert refused(post(officer, session, "call", body | {"number": "A-001"}))[0] == "number_at_counter"


def test_a_number_that_does_not_wait_here_is_not_found(
    officer: APIClient, place: Place, session: CounterSession
) -> None:
    foreign = make.make_service()
    make.make_queue(foreign, prefix="Z")
    make.issue(foreign)
    for number in ("A-001", "Z-001", "A", "-", "A-0x1"):
        body = {"number": number, "reason": "alasan"}
        assert post(officer, session, "call", body).status_code == 404


# For holders


def test_a_missed_number_stands_in_the_line_again_once(
    api: APIClient, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    missed = make.miss(called, place.officer)
    path = f"/api/v1/tickets/{missed.token}/re-enter/"
    answer = api.post(path, {}, format="json")
    assert (answer.status_code, answer.json()["state"], answer.json()["number"]) == (200, "WAITING", "A-001")
    assert refused(api.post(path, {}, format="json"))[0] == "illegal_transition"
    assert api.post("/api/v1/tickets/rahasia/re-enter/", {}, format="json").status_code == 404


def test_after_the_grace_a_missed_number_does_not_come_back(
    api: APIClient, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    missed = make.miss(called, place.officer)
    with clock.frozen(clock.now() + timedelta(minutes=32)):
        answer = api.post(f"/api/v1/tickets/{missed.token}/re-enter/", {}, format="json")
    assert refused(answer)[0] == "reentry_too_late"


WISH = {"service": "ktp-hilang"}


def test_a_class_that_only_staff_may_give_is_not_taken_online(
    api: APIClient, officer: APIClient, place: Place
) -> None:
    wish = WISH | {"priority": "SUDDEN"}
    assert api.post("/api/v1/tickets/", wish, format="json").status_code == 403
    assert officer.post("/api/v1/tickets/", wish, format="json").status_code == 201


def test_a_class_out_of_use_is_refused(api: APIClient, place: Place) -> None:
    PriorityClass.objects.filter(code="CHILD").update(is_active=False)
    answer = api.post("/api/v1/tickets/", WISH | {"priority": "CHILD"}, format="json")
    assert refused(answer)[0] == "priority_not_offered"
    assert not Ticket.objects.exists()


def test_one_phone_holds_one_number_for_a_service(api: APIClient, place: Place) -> None:
    wish = WISH | {"phone": "0812 3456 7890"}
    assert api.post("/api/v1/tickets/", wish, format="json").status_code == 201
    answer = api.post("/api/v1/tickets/", wish, format="json")
    assert refused(answer)[0] == "already_holding"
    assert Ticket.objects.count() == 1


# What is left, by door


def left(api: APIClient, name: str) -> Any:
    return api.get(f"/api/v1/{name}/").json()["results"][0]["remaining"]


def test_what_is_left_is_said_for_each_door(api: APIClient, place: Place) -> None:
    make.limit(place.queue, 11, online_percent=50)
    shown = {"total": 11, "online": 5, "on_site": 6}
    assert [left(api, name) for name in ("services", "queues", "agencies", "counters")] == [shown] * 4
    assert api.post("/api/v1/tickets/", WISH, format="json").status_code == 201
    assert left(api, "queues") == {"total": 10, "online": 4, "on_site": 6}


def test_what_is_left_online_is_what_can_be_taken_online(api: APIClient, place: Place) -> None:
    make.limit(place.queue, 7, online_percent=50)
    for _person in range(left(api, "services")["online"]):
        assert api.post("/api/v1/tickets/", WISH, format="json").status_code == 201
    code, extra = refused(api.post("/api/v1/tickets/", WISH, format="json"))
    assert code == "full"
    assert left(api, "services") == {"total": 4, "online": 0, "on_site": 4}


def test_without_a_quota_nothing_limits(api: APIClient, place: Place) -> None:
    assert left(api, "queues") == {"total": None, "online": None, "on_site": None}


def test_an_agency_has_what_its_lines_have_together(api: APIClient, place: Place) -> None:
    make.limit(place.queue, 4, online_percent=50)
    second = make.make_queue(make.make_service(place.agency))
    assert left(api, "agencies")["total"] is None
    make.limit(second, 3, online_percent=100)
    assert left(api, "agencies") == {"total": 7, "online": 5, "on_site": 2}

"""The streams of a real server: state first, then each newer one, whatever is lost in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from django.db import connection

from mpp.core import clock
from mpp.live import hints
from mpp.live.channels import sign_console, sign_floor
from queueing import actions
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place
from tests.support.server import Server, running
from tests.support.sse import Stream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: object) -> Iterator[Server]:
    with running() as server:
        yield server


def test_a_number_sees_its_place_then_its_call(live_place: Place, server: Server) -> None:
    first, second = make.issue(live_place.service), make.issue(live_place.service)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    stream = Stream(f"{server.url}/live/ticket/{second.token}/")
    assert stream.next_state()["ahead"] == 1
    at_counter = actions.call_next(session=session, by=live_place.officer)
    assert at_counter == first
    state = stream.until(lambda state: state["ahead"] == 0)
    assert state["now_serving"] == first.label
    actions.start(ticket=at_counter, by=live_place.officer)
    actions.call_next(session=session, by=live_place.officer)
    called = stream.until(lambda state: state["state"] == "CALLED")
    assert (called["counter"], called["label"]) == ("2", "A-002")
    stream.close()


def test_a_display_shows_the_call_of_its_zone_and_not_of_another(live_place: Place, server: Server) -> None:
    other = make.make_zone(code="lain")
    here = Stream(f"{server.url}/live/display/kependudukan/")
    there = Stream(f"{server.url}/live/display/lain/")
    assert here.next_state()["calls"] == []
    assert there.next_state()["calls"] == []
    ticket = make.issue(live_place.service)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    actions.call_next(session=session, by=live_place.officer)
    call = here.until(lambda state: state["calls"])["calls"][0]
    assert (call["label"], call["counter"]) == (ticket.label, "2")
    shown = {"id", "label", "counter", "agency", "called_at", "age_seconds", "is_recall", "part"}
    assert set(call) == shown
    with pytest.raises(Exception, match=".*"):  # noqa: B017  (queue.Empty: no call may come)
        there.until(lambda state: state["calls"], seconds=3)
    assert other.code == "lain"
    here.close()
    there.close()


def test_a_transferred_number_is_followed_into_its_new_line(live_place: Place, server: Server) -> None:
    ticket = make.issue(live_place.service)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    other = make.make_queue(make.make_service())
    make.issue(other.services.get())
    called = actions.call_next(session=session, by=live_place.officer)
    assert called == ticket
    stream = Stream(f"{server.url}/live/ticket/{ticket.token}/")
    assert stream.next_state()["state"] == "CALLED"
    actions.transfer(ticket=called, to=other, by=live_place.officer)
    with pytest.raises(EOFError):
        stream.until(lambda state: state["state"] == "SERVING")
    again = Stream(f"{server.url}/live/ticket/{ticket.token}/")
    # It keeps its time of arrival, so it stands before the one that was there.
    assert again.next_state()["ahead"] == 0
    again.close()


def test_a_visit_hears_of_a_call_at_another_agency_and_of_one_number_more(
    live_place: Place, server: Server
) -> None:
    visit = actions.join(ticket=make.issue(live_place.service))
    bank = make.make_queue(make.make_service(make.make_agency())).services.get()
    second = make.issue(bank, visit=visit)
    here = Stream(f"{server.url}/live/ticket/{second.token}/")
    both = Stream(f"{server.url}/live/visit/{visit.token}/")
    marks = [stream.next_state()["visit"] for stream in (here, both)]
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    actions.call_next(session=session, by=live_place.officer)
    for stream, mark in zip((here, both), marks, strict=True):
        stream.until(lambda state, mark=mark: state["visit"] != mark)
    make.issue(make.make_queue(make.make_service(make.make_agency())).services.get(), visit=visit)
    for stream in (here, both):
        with pytest.raises(EOFError):
            stream.until(lambda state: False)
    again = Stream(f"{server.url}/live/visit/{visit.token}/")
    assert len(again.next_state()["numbers"]) == 2
    again.close()


def test_a_lost_hint_costs_two_seconds_and_no_state(
    live_place: Place, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make.issue(live_place.service)
    stream = Stream(f"{server.url}/live/ticket/{ticket.token}/")
    assert stream.next_state()["state"] == "WAITING"
    monkeypatch.setattr(hints, "after_commit", lambda versions: None)
    actions.cancel(ticket=ticket)
    assert stream.until(lambda state: state["state"] == "CANCELLED")["ahead"] == 0
    stream.close()


def test_the_hub_finds_its_way_back_when_its_connections_are_cut(live_place: Place, server: Server) -> None:
    ticket = make.issue(live_place.service)
    stream = Stream(f"{server.url}/live/ticket/{ticket.token}/")
    assert stream.next_state()["state"] == "WAITING"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    actions.cancel(ticket=ticket)
    assert stream.until(lambda state: state["state"] == "CANCELLED", seconds=15)
    stream.close()


def test_forty_streams_hold_no_connection_of_their_own(live_place: Place, server: Server) -> None:
    ticket = make.issue(live_place.service)
    streams = [Stream(f"{server.url}/live/ticket/{ticket.token}/") for _ in range(40)]
    assert all(stream.next_state()["state"] == "WAITING" for stream in streams)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        connections = cursor.fetchone()[0]
    # Ours, the hub's two, and at most one for each of the eight page threads.
    assert connections <= 11
    actions.cancel(ticket=ticket)
    assert all(stream.until(lambda state: state["state"] == "CANCELLED") for stream in streams)
    for stream in streams:
        stream.close()


def test_a_display_hears_a_heartbeat_within_its_five_seconds(live_place: Place, server: Server) -> None:
    stream = Stream(f"{server.url}/live/display/kependudukan/")
    stream.next_state()
    end = time.monotonic() + 15
    while not stream.beats and time.monotonic() < end:
        time.sleep(0.2)
    assert stream.beats >= 1
    stream.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/live/ticket/salah/", 404),
        ("/live/visit/salah/", 404),
        ("/live/display/tidak-ada/", 404),
        ("/live/display/%00/", 404),
        ("/live/ticket/%00%1b/", 404),
        ("/live/lain/1/", 404),
        ("/live/", 404),
        ("/live/console/1/", 403),
        ("/live/console/1/?k=1:palsu:palsu", 403),
        ("/live/console/satu/", 403),
        ("/live/floor/1/", 403),
        ("/live/floor/1/?k=1:palsu:palsu", 403),
    ],
)
def test_a_wrong_address_is_refused(live_place: Place, server: Server, path: str, status: int) -> None:
    answer = httpx.get(server.url + path)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "extra"}


def test_a_key_for_one_console_does_not_open_another(live_place: Place, server: Server) -> None:
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    key = sign_console(session.pk)
    assert httpx.get(f"{server.url}/live/console/{session.pk + 1}/?k={key}").status_code == 403
    stream = Stream(f"{server.url}/live/console/{session.pk}/?k={key}")
    before = stream.next_state()["version"]
    make.issue(live_place.service)
    assert stream.until(lambda state: state["version"] > before)
    stream.close()


def test_the_floor_hears_of_help_and_of_the_end_of_an_announcement(live_place: Place, server: Server) -> None:
    manager = make.make_user(Role.FLOOR_MANAGER)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    console = sign_console(session.pk)
    assert httpx.get(f"{server.url}/live/floor/{session.pk}/?k={console}").status_code == 403
    stream = Stream(f"{server.url}/live/floor/{manager.pk}/?k={sign_floor(manager.pk)}")
    display = Stream(f"{server.url}/live/display/kependudukan/")
    seen = stream.next_state()["mark"]
    actions.call_help(session=session, kind="COME", by=live_place.officer)
    seen = stream.until(lambda state: state["mark"] != seen)["mark"]
    actions.announce(text="Parkir penuh", ends_at=clock.now() + timedelta(seconds=3), by=manager)
    assert stream.until(lambda state: state["mark"] != seen)
    assert display.until(lambda state: "Parkir penuh" in state["note"])
    # Nobody ends it: the clock does.
    assert display.until(lambda state: "Parkir penuh" not in state["note"])
    stream.close()
    display.close()


def test_streams_are_only_read(live_place: Place, server: Server) -> None:
    assert httpx.post(f"{server.url}/live/display/kependudukan/").status_code == 405

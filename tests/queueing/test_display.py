"""The hall displays: who is called, where to, and nothing about persons."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from mpp.core.templatetags.mpp import qr
from queueing import actions
from queueing.enums import ScreenLayout
from queueing.models import CounterSession, Ticket
from queueing.screens import Part, Scene
from queueing.views import display
from tests.conftest import Place
from tests.factories import (
    call_again,
    issue,
    make_agency,
    make_counter,
    make_mall,
    make_queue,
    make_service,
    make_user,
    make_zone,
    open_session,
)

SCENE = Scene("uji", "Uji", ScreenLayout.ONE, (Part("Uji", frozenset(), frozenset()),))


def text_of(client: Client, path: str = "/layar/kependudukan/", status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


def state_of(text: str) -> dict[str, Any]:
    """Return the state that the page hands to its script."""
    found = re.search(r'data-mpp-state="([^"]*)"', text)
    assert found
    state: dict[str, Any] = json.loads(unescape(found[1]))
    return state


def plate_of(text: str) -> tuple[str, str, str]:
    """Return (number, counter, agency) of the large plate."""
    found = re.search(
        r"data-mpp-label(?: hidden)?>([^<]*)<.*data-mpp-counter>([^<]*)<.*data-mpp-agency>([^<]*)<", text
    )
    assert found
    return found[1], found[2], found[3]


def rows_of(text: str) -> list[tuple[str, str]]:
    return re.findall(
        r'data-mpp-row><span class="num">([^<]*)</span>.*?<span class="num">([^<]*)</span>', text
    )


def call(session: CounterSession) -> Ticket:
    """Serve who is at the counter and call the next."""
    at_counter = Ticket.objects.at_counter().filter(session=session).first()
    if at_counter:
        actions.start(ticket=at_counter, by=session.user)
    ticket = actions.call_next(session=session, by=session.user)
    assert ticket is not None
    return ticket


@pytest.fixture
def session(place: Place) -> CounterSession:
    return open_session(place.agency, place.counter, place.officer)


def test_a_call_fills_the_plate_and_is_marked_as_fresh(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    call(session)
    text = text_of(client)
    assert plate_of(text) == ("A-001", "2", "Dukcapil")
    assert '<section class="call is-calling"' in text
    assert "Kependudukan · Lantai 1" in text


def test_the_six_calls_before_stand_in_the_list_newest_first(
    client: Client, place: Place, session: CounterSession
) -> None:
    for _number in range(9):
        issue(place.service)
        call(session)
    text = text_of(client)
    assert plate_of(text)[0] == "A-009"
    assert rows_of(text) == [(f"A-00{number}", "2") for number in (8, 7, 6, 5, 4, 3)]


def test_a_recall_is_a_new_call_of_the_same_number(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    issue(place.service)
    first = call(session)
    before = state_of(text_of(client))["calls"]
    call_again(first, session.user)
    after = state_of(text_of(client))["calls"]
    assert [entry["label"] for entry in after] == ["A-001"]
    assert after[0]["id"] > before[0]["id"]
    assert after[0]["is_recall"]


def test_a_display_shows_its_own_zone_only(client: Client, place: Place, session: CounterSession) -> None:
    upstairs = make_zone(code="atas", name="Atas", floor="Lantai 2")
    other = make_agency(short_name="Samsat")
    service = make_service(other)
    make_queue(service, prefix="D")
    elsewhere = open_session(other, make_counter(other, upstairs, number="31"), make_user(agency=other))
    issue(service)
    issue(service)
    call(elsewhere)
    here, there = text_of(client), text_of(client, "/layar/atas/")
    assert "D-001" not in here
    assert "Samsat" not in here
    assert plate_of(there) == ("D-001", "31", "Samsat")
    assert state_of(there)["waiting"] == [{"name": "Samsat", "count": 1, "next": "D-002"}]


def test_an_agency_with_counters_in_two_zones_is_called_where_its_counter_is(
    client: Client, place: Place, session: CounterSession
) -> None:
    upstairs = make_zone(code="atas", name="Atas")
    colleague = make_user(agency=place.agency)
    elsewhere = open_session(place.agency, make_counter(place.agency, upstairs, number="31"), colleague)
    issue(place.service)
    issue(place.service)
    call(session)
    call(elsewhere)
    assert plate_of(text_of(client))[0] == "A-001"
    assert plate_of(text_of(client, "/layar/atas/"))[:2] == ("A-002", "31")


def test_before_the_first_call_the_plate_says_what_will_come(client: Client, place: Place) -> None:
    text = text_of(client)
    assert "data-mpp-quiet>Belum ada panggilan" in text
    assert 'class="call"' in text
    assert rows_of(text) == [("", "")] * 6


def test_people_waiting_are_counted_for_each_agency(client: Client, place: Place) -> None:
    for _number in range(3):
        issue(place.service)
    text = text_of(client)
    assert '<p class="queue"><b class="num">3</b>' in text
    assert state_of(text)["waiting"] == [{"name": "Dukcapil", "count": 3, "next": "A-001"}]


def test_todays_note_is_the_last_line(client: Client, place: Place) -> None:
    make_mall(today_note="Loket Samsat tutup pukul 12.00.")
    assert "<span>Loket Samsat tutup pukul 12.00.</span>" in text_of(client)


@pytest.mark.parametrize(
    ("names", "is_many"),
    [
        (["Dukcapil", "Samsat"], False),
        (["Dukcapil", "Samsat", "Polres"], False),
        (["Dukcapil", "Samsat", "Polres", "PLN"], True),
        (["BPJS Kesehatan", "BPJS Ketenagakerjaan", "BRI"], True),
    ],
)
def test_many_or_long_names_stand_in_two_rows(names: list[str], is_many: bool) -> None:
    waiting = [{"name": name, "count": 0} for name in names]
    assert display.shown({"calls": [], "waiting": waiting}, SCENE)["is_many"] is is_many


@pytest.mark.parametrize(("age", "is_calling"), [(0, True), (11, True), (12, False), (700, False)])
def test_an_old_call_is_not_drawn_as_fresh(age: int, is_calling: bool) -> None:
    entry = {"id": 1, "label": "A-001", "counter": "2", "agency": "Dukcapil", "age_seconds": age, "part": 0}
    (part,) = display.shown({"calls": [entry], "waiting": []}, SCENE)["parts"]
    assert part["is_calling"] is is_calling


def test_nothing_on_a_display_is_about_a_person(
    client: Client, place: Place, session: CounterSession
) -> None:
    ticket = issue(place.service, phone="+6281234567890", priority="DISABILITY")
    call(session)
    text = text_of(client)
    for private in (
        "81234567890",
        ticket.token,
        ticket.nonce,
        "Siti",
        "petugas<",
        "DISABILITY",
        "ktp-hilang",
    ):
        assert private not in text
    assert set(state_of(text)["calls"][0]) == {
        "id",
        "label",
        "counter",
        "agency",
        "called_at",
        "age_seconds",
        "is_recall",
        "part",
    }


@pytest.mark.parametrize("public_url", ["", "https://mpp.example.go.id"])
def test_the_code_leads_to_the_public_copy(client: Client, place: Place, public_url: str) -> None:
    with override_settings(PUBLIC_URL=public_url):
        text = text_of(client)
    assert qr(f"{public_url or 'http://testserver'}/langsung/", "Kode QR salinan layar ini") in text


def test_a_display_is_public_never_stored_and_without_inline_code(client: Client, place: Place) -> None:
    response = client.get("/layar/kependudukan/")
    assert "no-store" in response["Cache-Control"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", response.content.decode())
    assert 'data-mpp-stream="/live/display/kependudukan/"' in response.content.decode()


@pytest.mark.parametrize("path", ["/layar/tidak-ada/", "/layar/%00/", "/layar/a/b/", "/layar/KEPENDUDUKAN/"])
def test_an_unknown_zone_is_not_found(client: Client, place: Place, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_display_only_shows(client: Client, place: Place) -> None:
    assert client.post("/layar/kependudukan/").status_code == 405


def test_the_list_leads_to_every_zone_and_says_which_has_no_counter(client: Client, place: Place) -> None:
    make_zone(code="atas", name="Atas", floor="Lantai 2", directions="naik lift")
    text = text_of(client, "/layar/")
    assert '<a href="/layar/kependudukan/"><b>Kependudukan · Lantai 1</b><span>Kependudukan</span>' in text
    assert '<a href="/layar/atas/"><b>Atas · Lantai 2</b><span>Belum ada loket di sini</span>' in text


def test_a_display_asks_the_database_a_bounded_number_of_times(
    client: Client, place: Place, session: CounterSession
) -> None:
    for _number in range(8):
        issue(place.service)
        call(session)
        make_counter(make_agency(), place.zone)
    # What changes rarely is in memory from the second time on.
    text_of(client)
    with CaptureQueriesContext(connection) as queries:
        text_of(client)
    assert len(queries) <= 14, [query["sql"] for query in queries.captured_queries]

"""The public copy `/langsung/`: what is being called, for any phone, with and without a script."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from queueing import actions
from queueing.live import QueueFeed
from queueing.models import CounterSession
from queueing.screens import hall_now
from tests import factories as make
from tests.conftest import Place


def row_of(slug: str) -> dict[str, Any]:
    return next(row for row in hall_now()["rows"] if row["agency"] == slug)


def text_of(client: Client) -> str:
    response = client.get("/langsung/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


def test_a_called_number_stands_there_with_its_counter(
    client: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    actions.call_next(session=session, by=session.user)
    text = text_of(client)
    assert 'class="latest is-calling"' in text
    assert "<b data-mpp-counter>2</b>" in text
    assert row_of("dukcapil")["latest"] == {"label": "A-001", "counter": "2", "is_called": True}


def test_a_number_being_served_stays_without_the_calls_yellow(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = actions.call_next(session=session, by=session.user)
    assert ticket is not None
    actions.start(ticket=ticket, by=session.user)
    assert row_of("dukcapil")["latest"]["is_called"] is False


def test_the_other_counters_stand_beside_the_latest_call(place: Place, session: CounterSession) -> None:
    other = make.open_session(place.agency, make.make_counter(place.agency, place.zone, number="7"))
    for one in (session, other):
        make.issue(place.service)
        actions.call_next(session=one, by=one.user)
    row = row_of("dukcapil")
    assert (row["latest"]["label"], [one["label"] for one in row["others"]]) == ("A-002", ["A-001"])


def test_before_anything_is_measured_the_row_counts_people(place: Place, session: CounterSession) -> None:
    for _number in range(3):
        make.issue(place.service)
    actions.call_next(session=session, by=session.user)
    assert row_of("dukcapil")["state"]["note"] == "2 orang menunggu"


def test_the_wait_is_the_range_of_the_home_page(
    client: Client, place: Place, session: CounterSession, measured: None
) -> None:
    for _number in range(4):
        make.issue(place.service)
    figure = row_of("dukcapil")["state"]["figure"]
    assert "–" in figure
    assert f"data-mpp-figure>{figure}</b>" in text_of(client)
    assert figure in client.get("/").content.decode()


def test_without_a_call_the_row_says_so(client: Client, place: Place) -> None:
    assert "Belum ada panggilan" in text_of(client)
    assert row_of("dukcapil")["latest"] is None


def test_nothing_there_is_about_a_person(client: Client, place: Place, session: CounterSession) -> None:
    ticket = make.issue(place.service, phone="+6281234567890", priority="DISABILITY")
    actions.call_next(session=session, by=session.user)
    text = text_of(client) + str(hall_now())
    for private in ("81234567890", ticket.token, ticket.nonce, "Siti", "DISABILITY"):
        assert private not in text


def test_a_phone_without_scripts_is_told_to_ask_again(client: Client, place: Place) -> None:
    text = text_of(client)
    assert "<noscript>" in text
    assert 'http-equiv="refresh"' not in text


def test_home_and_agency_lead_there(client: Client, place: Place) -> None:
    for path in ("/", "/instansi/dukcapil/"):
        assert 'href="/langsung/"' in client.get(path).content.decode()


def test_the_stream_of_everybody_is_one_in_each_language(client: Client, place: Place) -> None:
    feed = QueueFeed()
    words = {}
    for language in ("id", "en"):
        subscription = feed.subscribe("now", language)
        assert subscription is not None
        [row] = next(feed.states(subscription.channel, {0}))[0]["rows"]
        assert row["agency"] == "dukcapil"
        words[language] = row["state"]["word"]
    assert words == {"id": "Belum ada petugas", "en": "No staff yet"}
    assert feed.subscribe("now", "dukcapil") is None
    client.cookies["bahasa"] = "en"
    assert "/live/now/en/" in text_of(client)


def test_its_queries_do_not_grow_with_the_mall(client: Client, place: Place) -> None:
    text_of(client)
    with CaptureQueriesContext(connection) as few:
        text_of(client)
    for _number in range(5):
        make.make_queue(make.make_service(make.make_agency()))
    text_of(client)
    with CaptureQueriesContext(connection) as many:
        text_of(client)
    assert len(many) <= len(few) + 1

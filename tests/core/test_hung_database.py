"""A database that hangs is waited for by one, and not for long (trust.md R-02)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from mpp.core.postgresql import base
from mpp.core.postgresql.base import PatientConnection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_waited_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "away", base.Away())


@pytest.fixture
def own() -> Iterator[BaseDatabaseWrapper]:
    """A connection beside the test's, to a server that takes its time over a statement."""
    own = connections.create_connection("default")
    own.ensure_connection()
    with own.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    own.connection.patience = 0.2
    yield own
    own.close()


def wait_for_an_answer(own: BaseDatabaseWrapper) -> None:
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")


def test_a_server_that_says_nothing_is_given_up(own: BaseDatabaseWrapper) -> None:
    with pytest.raises(OperationalError, match="does not answer"):
        wait_for_an_answer(own)
    assert own.connection.closed


def test_without_patience_the_wait_lasts_as_long_as_the_statement(own: BaseDatabaseWrapper) -> None:
    own.connection.patience = None
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.4)")
    assert not own.connection.closed


def test_when_one_has_waited_the_others_are_refused_at_once(own: BaseDatabaseWrapper) -> None:
    with pytest.raises(OperationalError):
        wait_for_an_answer(own)
    refused = pytest.raises(OperationalError, match="just not answered")
    with mock.patch.object(PatientConnection, "connect") as asked, refused:
        connections.create_connection("default").ensure_connection()
    assert not asked.called


def test_after_the_break_one_asks_for_all_and_an_answer_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = mock.patch.object(PatientConnection, "connect", side_effect=psycopg.errors.ConnectionTimeout)
    with silent as asked:
        for _ in range(3):
            with pytest.raises(OperationalError):
                connections.create_connection("default").ensure_connection()
        assert asked.call_count == 1
        later = time.monotonic() + base.BREAK_SECONDS + 0.1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        for _ in range(3):
            with pytest.raises(OperationalError):
                connections.create_connection("default").ensure_connection()
        assert asked.call_count == 2
    monkeypatch.setattr(time, "monotonic", lambda: later + base.BREAK_SECONDS + 0.1)
    for _ in range(3):
        found = connections.create_connection("default")
        found.ensure_connection()
        found.close()


def test_a_connection_found_dead_is_replaced_without_a_word(
    own: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall that forgot an idle connection must not close the portal to others for two seconds."""
    monkeypatch.setattr(base, "CHECK_SECONDS", 0.05)

    def say_nothing(self: object, gen: object, interval: float, timeout: float) -> None:
        time.sleep(timeout)
        raise psycopg.OperationalError

    with mock.patch.object(psycopg.Connection, "wait", say_nothing):
        assert not own.is_usable()
    own.close()
    own.ensure_connection()
    assert own.is_usable()


def begin_a_request(own: Any) -> bool:
    """Ask as a new request does; return whether the server was asked first if it is there."""
    own.health_check_enabled, own.health_check_done = True, False
    wait = psycopg.Connection.wait
    with mock.patch.object(psycopg.Connection, "wait", autospec=True, side_effect=wait) as sent:
        own.cursor().close()
    return bool(sent.called)


def test_who_has_just_answered_is_not_asked_whether_it_answers(
    own: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.cursor().execute("SELECT 1")
    assert not begin_a_request(own)
    later = time.monotonic() + base.FRESH_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert begin_a_request(own)


def test_a_connection_closed_a_moment_ago_is_replaced(own: BaseDatabaseWrapper) -> None:
    own.cursor().execute("SELECT 1")
    own.connection.close()
    begin_a_request(own)
    assert not own.connection.closed


def test_the_portal_asks_with_patience() -> None:
    connection.ensure_connection()
    assert isinstance(connection.connection, PatientConnection)
    assert connection.connection.patience == 4.5

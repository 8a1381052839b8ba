"""The checker of `make faults` finds each kind of broken promise; else its silence would prove nothing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from queueing import actions
from queueing.models import Ticket, TicketEvent
from tests import factories as make
from tests.conftest import Place
from tests.faults.history import NO_ANSWER, History, Op, breaches

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> History:
    return History()


def tell(history: History, act: str, ticket: Ticket, *, key: str, about: str = "", **changes: Any) -> None:
    """Note an answer; each begins after the last has ended."""
    now = next(_clock)
    body = {"number": ticket.label, "token": ticket.token if act == "issue" else None} | changes
    history.add(Op("somebody", act, about, key, now, now + 0.5, 201, body))


_clock = itertools.count(1.0)


def test_a_true_history_has_no_breach(place: Place, told: History) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    for key in ("a", "b"):
        tell(told, "issue", make.issue(place.service), key=key)
    called = actions.call_next(session=session, by=place.officer)
    assert called
    tell(told, "call", called, key="c", about=str(session.pk))
    assert breaches(told) == []
    assert told.unanswered() == []


def test_a_number_that_is_not_stored_is_found(place: Place, told: History) -> None:
    tell(told, "issue", make.issue(place.service), key="a", token="lost")  # noqa: S106
    assert "is not stored" in breaches(told)[0]


def test_another_number_than_was_told_is_found(place: Place, told: History) -> None:
    tell(told, "issue", make.issue(place.service), key="a", number="A-900")
    assert "was told A-900 and holds" in breaches(told)[0]


def test_one_number_for_two_people_is_found(place: Place, told: History) -> None:
    ticket = make.issue(place.service)
    for key in ("a", "b"):
        tell(told, "issue", ticket, key=key)
    assert "was given to 2 people" in breaches(told)[0]


def test_two_numbers_for_one_key_are_found(place: Place, told: History) -> None:
    for _ in range(2):
        tell(told, "issue", make.issue(place.service), key="a")
    assert "key a was told" in breaches(told)[0]


def test_a_gap_is_found(place: Place, told: History) -> None:
    make.issue(place.service)
    line = make.issue(place.service).queue_day
    line.last_number = 3
    line.save(update_fields=["last_number"])
    assert "2 numbers, last 3" in breaches(told)[0]


def test_one_number_at_two_counters_is_found(place: Place, told: History) -> None:
    ticket = make.issue(place.service)
    for key in ("1", "2"):
        tell(told, "call", ticket, key=key, about=key)
    assert "was called at the counters ['1', '2']" in breaches(told)[0]


def test_a_number_called_twice_is_found(place: Place, told: History) -> None:
    make.issue(place.service)
    session = make.open_session(place.agency, place.counter, place.officer)
    for _ in range(2):
        called = actions.call_next(session=session, by=place.officer)
        assert called
        actions.requeue(ticket=called, by=place.officer, reason="sekali lagi")
    assert TicketEvent.objects.filter(step="call").count() == 2
    assert "was called twice" in breaches(told)[0]


def test_who_came_later_and_was_called_before_is_found(place: Place, told: History) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    tell(told, "issue", first, key="a")
    tell(told, "issue", second, key="b")
    tell(told, "call", second, key="c", about="1")
    assert breaches(told) == [f"{second.label} was called before {first.label}"]
    tell(told, "call", first, key="d", about="1")
    assert breaches(told) == [f"{second.label} was called before {first.label}"]


def test_who_never_got_an_answer_is_found(told: History) -> None:
    told.add(Op("somebody", "issue", "", "a", 0.0, 1.0, NO_ANSWER))
    told.add(Op("somebody", "issue", "", "b", 0.0, 1.0, 503))
    told.add(Op("somebody", "issue", "", "b", 1.0, 2.0, 409))
    assert told.unanswered() == ["a"]

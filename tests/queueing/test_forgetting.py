"""What is known of people goes when it has served its purpose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from mpp.core import clock
from mpp.core.models import Mall
from queueing import actions
from queueing.enums import Priority
from queueing.models import CounterSession, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.queueing.pages import MONDAY_10

PHONE = "+6281234567890"


@pytest.fixture
def ticket(place: Place) -> Ticket:
    with clock.frozen(MONDAY_10):
        taken = make.issue(place.service, phone=PHONE, priority=Priority.PREGNANT)
        actions.cancel(ticket=taken)
    return taken


def known(ticket: Ticket, days: int) -> tuple[str, str, bool]:
    """The telephone, the class and whether a person is known, after the job of so many days later."""
    with clock.frozen(MONDAY_10 + timedelta(days=days)):
        actions.forget_past()
    ticket.refresh_from_db()
    return ticket.phone, ticket.priority, ticket.person != ""


def test_the_class_goes_after_the_day_and_the_telephone_after_thirty(ticket: Ticket) -> None:
    assert known(ticket, 0) == (PHONE, Priority.PREGNANT, True)
    assert known(ticket, 1) == (PHONE, Priority.GENERAL, True)
    assert known(ticket, 30)[0] == PHONE
    assert known(ticket, 31)[0] == ""


def test_the_mall_may_keep_it_for_less(ticket: Ticket) -> None:
    Mall.objects.update(kept_days=2)
    assert known(ticket, 2)[0] == PHONE
    assert known(ticket, 3)[0] == ""


@pytest.mark.parametrize("days", [0, 366])
def test_the_database_keeps_the_days_within_a_year(place: Place, days: int) -> None:
    with pytest.raises(IntegrityError, match="core_mall_kept_days"):
        Mall.objects.update(kept_days=days)


def test_whose_number_it_was_is_known_as_long_as_missed_calls_count(ticket: Ticket) -> None:
    assert known(ticket, 37)[2]
    assert not known(ticket, 38)[2]


def test_a_number_without_any_of_it_is_left_alone(place: Place) -> None:
    with clock.frozen(MONDAY_10):
        make.issue(place.service)
    with clock.frozen(MONDAY_10 + timedelta(days=60)):
        assert actions.forget_past() == 0


def test_a_holder_who_asks_is_forgotten_at_once_but_keeps_the_turn(place: Place) -> None:
    session: CounterSession = make.open_session(place.agency, place.counter, place.officer)
    make.issue(place.service)
    mine = make.issue(place.service, phone=PHONE, priority=Priority.ELDERLY)
    actions.forget(ticket=mine)
    mine.refresh_from_db()
    assert (mine.phone, mine.priority) == ("", Priority.ELDERLY)
    called = actions.call_next(session=session, by=session.user)
    assert called == mine


def test_the_class_of_a_number_that_is_over_goes_with_the_telephone(ticket: Ticket) -> None:
    ticket.refresh_from_db()
    actions.forget(ticket=ticket)
    ticket.refresh_from_db()
    assert (ticket.phone, ticket.priority) == ("", Priority.GENERAL)

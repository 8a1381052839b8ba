"""The forecast of a line is made once for a present, and again for another."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from mpp.core import clock
from queueing import actions, waits
from queueing.live import FEW, line_states, ticket_state
from queueing.models import QueueDay
from tests import factories as make
from tests.conftest import Place
from tests.queueing.pages import MONDAY_10

pytestmark = pytest.mark.usefixtures("measured")


def newcomer_at(line: QueueDay) -> object:
    """What a newcomer is told, and the forecast it came from."""
    hall = waits.hall_of(line, clock.now())
    assert hall.newcomer(line.pk)
    return waits.forecast_of(line.pk, hall.lines[line.pk].present)


def test_the_same_present_has_the_same_forecast_and_one_more_counter_another(place: Place) -> None:
    with clock.frozen(MONDAY_10):
        make.open_session(place.agency, place.counter, place.officer)
        line = make.issue(place.service).line
        first = newcomer_at(line)
        assert newcomer_at(line) is first
        make.open_session(place.agency)
        assert newcomer_at(line) is not first


def test_a_hall_of_phones_sees_what_each_of_them_would_see_alone(place: Place) -> None:
    with clock.frozen(MONDAY_10):
        session = make.open_session(place.agency, place.counter, place.officer)
        tickets = [make.issue(place.service) for _each in range(2 * FEW)]
        assert actions.call_next(session=session, by=session.user)
        together = line_states(tickets[0].line_id, {ticket.pk for ticket in tickets})
        cache.clear()
        for ticket in tickets:
            ticket.refresh_from_db()
            assert together[ticket.pk] == ticket_state(ticket)
    assert together[tickets[0].pk]["state"] == "CALLED"
    assert together[tickets[-1].pk]["low_minutes"] is not None

"""The forecast of a line is made once for a present, and again for another."""

from __future__ import annotations

import pytest

from mpp.core import clock
from queueing import waits
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

"""The end of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mpp.core import clock
from queueing import actions, tasks
from queueing.enums import TicketState
from queueing.invariants import CHECKS
from queueing.models import CounterSession, QueueDay, Ticket
from tests import factories as make
from tests.conftest import Place

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_the_next_morning_starts_at_one_and_yesterday_is_closed(place: Place) -> None:
    with clock.frozen(NOON):
        for _ in range(3):
            make.issue(place.service)
        session = make.open_session(place.agency, place.counter, place.officer)
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        actions.start(ticket=called, by=place.officer)
        actions.finish(ticket=called, by=place.officer)
    with clock.frozen(NOON + timedelta(hours=20)):
        assert make.issue(place.service).label == "A-001"
        assert tasks.close_past_days() == 2
        assert tasks.close_past_days() == 0
    assert list(Ticket.objects.order_by("pk").values_list("state", flat=True)) == [
        TicketState.DONE,
        TicketState.EXPIRED,
        TicketState.EXPIRED,
        TicketState.WAITING,
    ]
    assert not CounterSession.objects.open().exists()


def test_a_number_taken_as_midnight_passes_belongs_to_no_wrong_day(place: Place) -> None:
    with clock.frozen(datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)):
        make.issue(place.service)
    with clock.frozen(datetime(2026, 11, 23, 16, 0, 0, tzinfo=UTC)):
        make.issue(place.service)
    assert [str(day.date) for day in QueueDay.objects.order_by("date")] == ["2026-11-23", "2026-11-24"]
    assert not list(CHECKS["INV-12"][1]())

"""What the database says of earlier services is what happened, and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mpp.core import clock
from queueing import actions, measures
from queueing.enums import Lane
from queueing.estimating import Ahead, Desk, Forecast, Habits, Present, Times
from queueing.models import Ticket
from queueing.simulation.days import EXPRESS, REGULAR, draw_day
from queueing.simulation.plans import CounterPlan, LinePlan, MallPlan, ServicePlan
from queueing.simulation.plans import Habits as Plan
from queueing.simulation.view import arrivals_an_hour, habits_of, observed
from services.models import Service
from tests import factories as make
from tests.conftest import Place
from tests.simulation.engine_day import EngineHall, moment, play

SMALL = MallPlan(
    lines=(LinePlan(0, {8: 26.0}, {8: 6.0}),),
    services=(ServicePlan(0, 0, 5.0, 5.0, 0.6, 1.0), ServicePlan(1, 0, 10.0, 9.0, 0.6, 0.5)),
    counters=(CounterPlan(0, {0: 1.0}, 480.0, 720.0), CounterPlan(1, {0: 1.0}, 480.0, 720.0)),
    closes=720.0,
    habits=Plan(no_show=0.2, cancels_an_hour=1.0),
)


def table(hall: EngineHall, after: timedelta) -> Times:
    queue = hall.lines[0]
    return measures.times_of(agency_id=hall.agency.pk, queue_id=queue.pk, at=moment(720.0) + after)


def test_the_table_is_what_the_played_day_showed(place: Place) -> None:
    player, hall = play(draw_day(SMALL, 3), place.agency)
    own = {hall.services[code].pk: code for code in (0, 1)}
    span = {
        "agency": hall.agency.pk,
        "queue": hall.lines[0].pk,
        "at": moment(720.0) + timedelta(days=1),
        "since": moment(0.0),
        "first": moment(0.0).date() - timedelta(days=1),
        "today": (moment(720.0) + timedelta(days=1)).date(),
        "zone": "Asia/Makassar",
    }
    found = {(own[one.service], one.hour): one for one in measures.observed(span)}
    expected = {(one.service, one.hour): one for one in observed([player])}
    assert {key: one.count for key, one in found.items()} == {key: one.count for key, one in expected.items()}
    for key, one in found.items():
        assert one.minutes == pytest.approx(expected[key].minutes, abs=1e-4)
        assert one.logs == pytest.approx(expected[key].logs, abs=1e-4)
        assert one.squared_logs == pytest.approx(expected[key].squared_logs, abs=1e-4)
        assert not one.today
    seen, told = measures.habits(span), habits_of([player])
    for name in ("handover", "no_show", "calling"):
        assert getattr(seen, name) == pytest.approx(getattr(told, name), abs=1e-4)
    assert seen.quits_an_hour > Habits().quits_an_hour
    by_hour = arrivals_an_hour([player], 0)
    assert measures.arrivals(span) == {key: by_hour[key] for key in ((REGULAR, 8), (EXPRESS, 8))}
    assert (REGULAR, EXPRESS) == (Lane.REGULAR, Lane.EXPRESS)


def test_an_estimate_comes_of_it_and_only_of_enough(place: Place) -> None:
    _player, hall = play(draw_day(SMALL, 3), place.agency)
    times = table(hall, timedelta(days=1))
    service = hall.services[0].pk
    ahead = Ahead(Lane.REGULAR, {service: 4})
    shown = Forecast(Present(600.0, (Desk(service, 600.0),), times)).range_of(ahead)
    assert shown is not None
    assert shown.low < 4 * times.services[service].mean < shown.high
    stranger = make.make_service()
    alone = measures.times_of(
        agency_id=stranger.agency_id, queue_id=make.make_queue(stranger).pk, at=moment(720.0)
    )
    assert (alone.observations, alone.habits, alone.arrivals) == (0, Habits(), {})
    assert alone.services[stranger.pk].mean == stranger.minutes
    assert Forecast(Present(600.0, (Desk(),), alone)).range_of(ahead) is None


def test_a_day_is_forgotten_after_thirty_and_is_today_only_today(place: Place) -> None:
    _player, hall = play(draw_day(SMALL, 3), place.agency)
    assert table(hall, timedelta(days=31)).observations == 0
    assert table(hall, timedelta(days=29)).observations > 5
    unsettled = table(hall, timedelta(days=1)).day_doubt
    assert table(hall, timedelta()).day_doubt < unsettled


def served(service: Service, place: Place, minutes: float, act: Callable[[Ticket], Ticket]) -> None:
    start = moment(600.0)
    with clock.frozen(start):
        session = make.open_session(place.agency, place.counter, place.officer)
        make.issue(service)
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        ticket = actions.start(ticket=called, by=place.officer)
        ticket = act(ticket)
    with clock.frozen(start + timedelta(minutes=minutes)):
        actions.finish(ticket=ticket, by=place.officer)


@pytest.mark.parametrize(
    ("minutes", "is_held", "count"), [(10.0, False, 1), (10.0, True, 0), (0.1, False, 0), (600.0, False, 0)]
)
def test_what_was_put_aside_or_pressed_by_mistake_says_nothing(
    place: Place, minutes: float, is_held: bool, count: int
) -> None:
    def aside(ticket: Ticket) -> Ticket:
        if not is_held:
            return ticket
        held = actions.hold(ticket=ticket, by=place.officer)
        return actions.resume(ticket=held, by=place.officer)

    served(place.service, place, minutes, aside)
    at = moment(600.0) + timedelta(minutes=minutes + 1)
    times = measures.times_of(agency_id=place.agency.pk, queue_id=place.queue.pk, at=at)
    assert times.observations == count

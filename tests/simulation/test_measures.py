"""What the database says of earlier services is what happened, and no more."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import pytest

from mpp.core import clock, revision
from queueing import actions, measures, waits
from queueing.enums import Lane
from queueing.estimating import Ahead, Desk, Forecast, Habits, Present, Times, learn
from queueing.models import Queue, Ticket
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
    return measures.times_of([queue], moment(720.0) + after)[queue.pk]


def test_the_table_is_what_the_played_day_showed(place: Place) -> None:
    player, hall = play(draw_day(SMALL, 3), place.agency)
    own = {hall.services[code].pk: code for code in (0, 1)}
    queue, stranger = hall.lines[0], make.make_queue(make.make_service())
    measured = measures.measure([stranger, queue], moment(720.0) + timedelta(days=1))
    seen_services = measured.observed[hall.agency.pk]
    found = {(own[one.service], one.hour): one for one in seen_services}
    expected = {(one.service, one.hour): one for one in observed([player])}
    assert {key: one.count for key, one in found.items()} == {key: one.count for key, one in expected.items()}
    for key, one in found.items():
        assert one.minutes == pytest.approx(expected[key].minutes, abs=1e-4)
        assert one.logs == pytest.approx(expected[key].logs, abs=1e-4)
        assert one.squared_logs == pytest.approx(expected[key].squared_logs, abs=1e-4)
        assert not one.today
    seen, told = measured.habits[hall.agency.pk], habits_of([player])
    for name in ("handover", "no_show", "calling"):
        assert getattr(seen, name) == pytest.approx(getattr(told, name), abs=1e-4)
    assert seen.quits_an_hour > Habits().quits_an_hour
    by_hour = arrivals_an_hour([player], 0)
    assert measured.arrivals[queue.pk] == {key: by_hour[key] for key in ((REGULAR, 8), (EXPRESS, 8))}
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
    line = make.make_queue(stranger)
    # Read together with a line that has been busy.
    alone = measures.times_of([line, hall.lines[0]], moment(720.0) + timedelta(days=1))[line.pk]
    assert (alone.observations, alone.habits, alone.arrivals) == (0, Habits(), {})
    assert alone.services[stranger.pk].mean == stranger.minutes
    assert Forecast(Present(600.0, (Desk(),), alone)).range_of(ahead) is None


def test_a_day_is_forgotten_after_thirty_and_is_today_only_today(place: Place) -> None:
    _player, hall = play(draw_day(SMALL, 3), place.agency)
    assert table(hall, timedelta(days=31)).observations == 0
    assert table(hall, timedelta(days=29)).observations > 5
    unsettled = table(hall, timedelta(days=1)).day_doubt
    assert table(hall, timedelta()).day_doubt < unsettled


def test_lines_that_are_due_are_measured_together_and_the_others_not_at_all(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []

    def times_of(queues: Collection[Queue], at: datetime) -> dict[int, Times]:
        asked.append(sorted(queue.pk for queue in queues))
        return {queue.pk: learn([], {}) for queue in queues}

    monkeypatch.setattr(measures, "times_of", times_of)
    queues = [make.make_queue(make.make_service()) for _number in range(7)]
    keys = sorted(queue.pk for queue in queues)
    start = revision.read()
    for minutes in range(waits.KEPT_MINUTES):
        later = revision.Instant(start.at + timedelta(minutes=minutes), start.revision)
        assert waits.times_of(queues, later).keys() == {*keys}
        waits.times_of(queues, later)
    first, *others = asked
    assert first == keys
    assert len(others) == waits.KEPT_MINUTES - 1
    assert len({key for due in others for key in due}) == sum(len(due) for due in others) < len(keys)


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
    times = measures.times_of([place.queue], at)[place.queue.pk]
    assert times.observations == count

"""The rest of the day played from the present: with and without one change."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from queueing.simulation.days import Booking
from queueing.simulation.outlook import (
    OpenDesk,
    Scene,
    Standing,
    back_at,
    look_ahead,
    with_counter,
    with_lines,
)
from queueing.simulation.plans import CounterPlan, LinePlan, MallPlan, ServicePlan

TEN = 600.0
SERVICES = (ServicePlan(1, 1, 10, 10, 0.5, 1.0), ServicePlan(2, 2, 10, 10, 0.5, 1.0))


def counter(code: int, *lines: int, opens: float = 0.0) -> CounterPlan:
    return CounterPlan(code, dict.fromkeys(lines or (1, 2), 1.0), opens, 900.0)


def scene(waiting: int = 12, *desks: OpenDesk, rate: float = 3.0) -> Scene:
    """Two lines at ten o'clock; those who wait stand in the first, one for every two minutes so far."""
    hours = dict.fromkeys(range(8, 15), rate)
    plan = MallPlan((LinePlan(1, hours, {}), LinePlan(2, hours, {})), SERVICES, (), closes=900.0)
    standing = tuple(
        Standing(SERVICES[0], "R", TEN - 2.0 * number, TEN - 2.0 * number) for number in range(waiting, 0, -1)
    )
    return Scene(plan, TEN, 840.0, standing, desks or (OpenDesk(counter(1)),))


def test_the_same_question_has_the_same_answer() -> None:
    assert look_ahead(scene(), 20) == look_ahead(scene(), 20)


def test_one_counter_more_shortens_the_longest_wait_and_the_day() -> None:
    usual = look_ahead(scene(), 60)
    helped = look_ahead(with_counter(scene(), counter(2, opens=TEN + 10)), 60)
    assert helped.longest[1] < 0.7 * usual.longest[1]
    assert helped.together < usual.together
    assert usual.longest[0] <= usual.longest[1] <= usual.longest[2]


def test_a_change_that_changes_nothing_saves_nothing() -> None:
    """The same people come in both halls: the difference is the change, not chance."""
    idle = with_counter(scene(), replace(counter(2), opens=2000.0))
    assert look_ahead(idle, 30).longest == look_ahead(scene(), 30).longest


def test_a_counter_moved_to_the_long_line_helps_it() -> None:
    apart = scene(12, OpenDesk(counter(1, 1)), OpenDesk(counter(2, 2)), OpenDesk(counter(3, 2)), rate=1.0)
    assert look_ahead(with_lines(apart, 3, {1: 1.0}), 60).longest[1] < 0.8 * look_ahead(apart, 60).longest[1]


def test_an_officer_who_comes_back_sooner_helps() -> None:
    away = replace(counter(1), pauses=((TEN - 5, TEN + 40),))
    resting = scene(6, OpenDesk(away, since=TEN - 5, away=True), rate=1.0)
    assert look_ahead(back_at(resting, 1, TEN + 5), 60).longest[1] < look_ahead(resting, 60).longest[1] - 20


def test_without_a_counter_nobody_is_ever_called() -> None:
    assert look_ahead(scene(3, OpenDesk(counter(1, 2))), 5).longest == (math.inf,) * 3


def test_what_is_under_way_now_is_finished_first() -> None:
    free = look_ahead(scene(1, rate=0.0), 60)
    busy = look_ahead(scene(1, OpenDesk(counter(1), SERVICES[0], TEN - 1), rate=0.0), 60)
    called = look_ahead(scene(1, OpenDesk(counter(1), SERVICES[0], TEN - 1, begun=False), rate=0.0), 60)
    assert free.longest[1] == pytest.approx(2.0)
    assert busy.longest[1] > free.longest[1] + 5
    assert called.longest[1] > free.longest[1] + 5


def test_no_more_numbers_come_than_are_left_and_than_the_day_has_time_for() -> None:
    crowd = scene(0, rate=60.0)
    none_left = look_ahead(replace(crowd, left={1: 0, 2: 0}), 10)
    assert none_left.longest == (0.0, 0.0, 0.0)
    # Who cannot be served before closing gets no number: the counters end soon after three.
    assert look_ahead(crowd, 10).ends[1] < 900 + 60


def test_booked_people_are_expected() -> None:
    booked = replace(scene(0, rate=0.0), bookings=tuple(Booking(TEN + 30, 1) for _each in range(10)))
    assert look_ahead(booked, 20).longest[1] > 30


def test_a_break_that_has_begun_is_not_played_twice() -> None:
    lunch = replace(counter(1), breaks=((TEN, TEN + 45),))
    waits = look_ahead(scene(1, OpenDesk(lunch), rate=0.0), 20).longest
    assert 45 < waits[1] < 60

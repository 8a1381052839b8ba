"""The simulator itself: repeatable, complete, fair by the public rule."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueing.simulation.days import EXPRESS, NEVER, REGULAR, draw_day, intents
from queueing.simulation.malls import draw_mall
from queueing.simulation.oracle import Oracle, quantile
from queueing.simulation.plans import CounterPlan, Habits, LinePlan, MallPlan, ServicePlan
from queueing.simulation.player import DeskState, Player

seeds = st.integers(0, 10**6)


def played(seed: int) -> Player:
    player = Player.of(draw_day(draw_mall(seed), seed))
    player.run()
    return player


@given(seeds)
@settings(max_examples=15)
def test_the_same_seed_gives_the_same_mall_day_and_calls(seed: int) -> None:
    assert draw_mall(seed) == draw_mall(seed)
    assert intents(draw_day(draw_mall(seed), seed)) == intents(draw_day(draw_mall(seed), seed))
    first, second = played(seed), played(seed)
    assert [(one.key, one.called, one.ended) for one in first.calls] == [
        (one.key, one.called, one.ended) for one in second.calls
    ]


@given(seeds)
@settings(max_examples=25)
def test_everybody_is_called_once_or_gave_up_and_no_counter_serves_two(seed: int) -> None:
    player = played(seed)
    assert Tally(person.key for person in player.calls).most_common(1)[0][1] == 1
    assert {person.key for person in player.people if not person.quitted} == {
        person.key for person in player.calls
    }
    for person in player.calls:
        assert person.arrives <= person.called <= person.ended
    for desk in player.desks:
        assert desk.state is DeskState.GONE
        own = [person for person in player.calls if person.counter == desk.plan.code]
        assert all(before.ended <= after.called for before, after in pairwise(own))


@given(seeds)
@settings(max_examples=25)
def test_in_a_lane_who_came_first_is_called_first(seed: int) -> None:
    for line in (0, 1):
        for lane in (REGULAR, EXPRESS):
            waited = [one for one in played(seed).calls if (one.line, one.lane) == (line, lane)]
            for before, after in pairwise(waited):
                assert before.place <= after.place or after.arrives >= before.called


def test_nobody_is_left_standing_and_an_early_leaver_has_a_colleague() -> None:
    for seed in range(40):
        plan = draw_mall(seed)
        hasty = replace(plan, habits=replace(plan.habits, leaves_an_hour=2.0))
        player = Player.of(draw_day(hasty, seed))
        player.run()
        assert all(person.called < NEVER or person.quitted for person in player.people)


def test_the_intents_tell_the_whole_day_in_order_of_time() -> None:
    day = draw_day(draw_mall(7), 7)
    script = intents(day)
    assert [one.at for one in script] == sorted(one.at for one in script)
    kinds = Tally(one.kind for one in script)
    assert kinds["arrive"] == len(day.people)
    assert kinds["open"] == kinds["close"] == len(day.shifts)
    assert kinds["break"] == kinds["back"] == sum(len(shift.breaks) for shift in day.shifts)


PLAIN = MallPlan(
    lines=(LinePlan(0, {8: 60.0}, {}),),
    services=(ServicePlan(0, 0, 10.0, 12.0, 0.6, 1.0),),
    counters=(CounterPlan(0, {0: 1.0}, 480.0, 960.0),),
    day_spread=0.0,
    habits=Habits(no_show=0.0, cancels_an_hour=0.0, walk=0.0, gap=0.0, late_opening=0.0),
)


def test_arrivals_and_service_minutes_are_those_of_the_plan() -> None:
    days = [draw_day(PLAIN, seed) for seed in range(60)]
    people = [person for day in days for person in day.people]
    assert len(people) / len(days) == pytest.approx(60.0, rel=0.05)
    minutes = [person.minutes for person in people]
    mean = sum(minutes) / len(minutes)
    assert mean == pytest.approx(12.0, rel=0.03)
    spread = (sum((one - mean) ** 2 for one in minutes) / len(minutes)) ** 0.5
    assert spread / mean == pytest.approx(0.6, rel=0.1)


def test_the_oracle_knows_the_law_but_not_the_draw() -> None:
    day = draw_day(PLAIN, 1)
    player = Player.of(day)
    player.run(510.0)
    futures = Oracle(day, player, Random(1)).waits(300)
    waiting, _express = player.hall_in_memory.lines[0].standing()
    # The seventh in the lane waits for what is under way and for six services of twelve minutes.
    seventh = futures[waiting[6].key]
    left = sum(futures[waiting[0].key]) / 300
    assert sum(seventh) / 300 == pytest.approx(left + 6 * 12.0, rel=0.06)
    assert quantile(seventh, 0.07) < 60.0 < quantile(seventh, 0.93)

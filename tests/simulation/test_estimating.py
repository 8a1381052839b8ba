"""The estimate as properties: what more people, more counters, and more knowledge must do to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueing.enums import Lane
from queueing.estimating import (
    LEAST_OBSERVATIONS,
    Ahead,
    Desk,
    Forecast,
    Habits,
    Observed,
    OtherLine,
    Present,
    ServiceTime,
    Times,
    called_first,
    learn,
)
from queueing.policy import OrderRule, Runs

NOW = 600.0
services = st.fixed_dictionaries(
    {
        key: st.builds(
            lambda mean, scatter, doubt: ServiceTime(mean, (mean * scatter) ** 2, doubt, 1.0),
            st.floats(3.0, 40.0),
            st.floats(0.3, 0.9),
            st.floats(0.0, 0.05),
        )
        for key in (1, 2, 3)
    }
)
tables = st.builds(
    Times,
    services=services,
    observations=st.just(100),
    hour_pace=st.dictionaries(st.integers(8, 17), st.floats(0.8, 1.25)),
    habits=st.builds(Habits, no_show=st.floats(0.0, 0.2), quits_an_hour=st.floats(0.0, 0.1)),
    day_doubt=st.floats(0.0, 0.01),
    arrivals=st.fixed_dictionaries(
        {(Lane.EXPRESS.value, hour): st.floats(0.0, 1.5) for hour in (10, 11, 12)}
    ),
)
desks = st.lists(
    st.builds(Desk, serving=st.sampled_from([1, 2, 3]), since=st.floats(NOW - 60.0, NOW)),
    min_size=1,
    max_size=6,
).map(tuple)
presents = st.builds(
    Present,
    at=st.just(NOW),
    desks=desks,
    times=tables,
    rule=st.builds(OrderRule, st.integers(1, 3), st.integers(1, 4), st.just(60)),
    runs=st.one_of(st.builds(Runs, st.integers(0, 3)), st.builds(Runs, st.just(0), st.integers(1, 4))),
)
counts = st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(1, 30))
aheads = st.builds(
    Ahead,
    lane=st.sampled_from([Lane.REGULAR.value, Lane.EXPRESS.value]),
    own=counts,
    others=counts,
    place=st.floats(NOW - 90.0, NOW),
    first_place=st.just(NOW - 90.0),
    others_place=st.just(NOW - 50.0),
)


def bounds(present: Present, ahead: Ahead) -> tuple[float, float]:
    found = Forecast(present).bounds_of(ahead)
    assert found is not None
    return found


@given(presents, aheads)
def test_low_is_not_above_high_and_both_are_minutes(present: Present, ahead: Ahead) -> None:
    low, high = bounds(present, ahead)
    assert 0.0 <= low <= high < math.inf
    shown = Forecast(present).range_of(ahead)
    assert shown is not None
    assert 0 <= shown.low < shown.high


@given(presents, aheads, st.sampled_from([1, 2, 3]), st.integers(1, 5))
def test_more_people_ahead_never_lower_the_estimate(
    present: Present, ahead: Ahead, service: int, more: int
) -> None:
    longer = replace(ahead, own={**ahead.own, service: ahead.own.get(service, 0) + more})
    low, high = bounds(present, ahead)
    longer_low, longer_high = bounds(present, longer)
    # Half a minute is how closely the moment is looked for; the first call has a law of its own.
    assert longer_low >= low * 0.95 - 0.5
    assert longer_high >= high * 0.95 - 0.5


@given(presents, aheads)
def test_one_more_counter_never_raises_the_estimate(present: Present, ahead: Ahead) -> None:
    helped = replace(present, desks=(*present.desks, Desk()))
    # A minute is the finest step that people are shown.
    assert bounds(helped, ahead)[1] <= bounds(present, ahead)[1] + 1.0


@given(presents, st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=120))
@settings(max_examples=30)
def test_a_whole_lane_is_estimated_as_its_numbers_are_and_never_steps_back(
    present: Present, waiting: Sequence[int]
) -> None:
    forecast = Forecast(replace(present, times=replace(present.times, arrivals={})))
    first = NOW - 60.0
    aheads = [
        Ahead(
            Lane.REGULAR,
            {key: waiting[:index].count(key) for key in set(waiting[:index])},
            {1: 2},
            place=first + index / 10,
            first_place=first,
            others_place=NOW - 5.0,
        )
        for index in range(len(waiting))
    ]
    ends = [(shown.low, shown.high) for shown in forecast.lane(aheads) if shown]
    assert len(ends) == len(waiting)
    assert all(b[0] >= a[0] and b[1] >= a[1] for a, b in zip(ends, ends[1:], strict=False))
    for together, ahead in zip(ends, aheads, strict=True):
        alone = forecast.range_of(ahead)
        assert alone is not None
        assert together == pytest.approx((alone.low, alone.high), abs=10)


USUAL = Times({1: ServiceTime(10.0, 36.0, 0.0, 1.0)}, 50)


def present_with(*desks: Desk, times: Times = USUAL, at: float = NOW) -> Present:
    return Present(at, desks, times)


def test_nothing_is_promised_without_a_counter_or_with_fewer_than_five_observations() -> None:
    ahead = Ahead(Lane.REGULAR, {1: 3})
    assert Forecast(present_with()).range_of(ahead) is None
    thin = replace(USUAL, observations=LEAST_OBSERVATIONS - 1)
    assert Forecast(present_with(Desk(), times=thin)).range_of(ahead) is None
    assert Forecast(present_with(Desk(), times=thin)).lane([ahead]) == [None]
    enough = replace(USUAL, observations=LEAST_OBSERVATIONS)
    assert Forecast(present_with(Desk(), times=enough)).range_of(ahead) is not None


def test_one_number_of_a_hundred_thousand_is_estimated_from_counts() -> None:
    low, high = bounds(present_with(Desk(1, NOW)), Ahead(Lane.REGULAR, {1: 100_000}))
    assert low < 100_000 * 10.0 < high * 1.1


def test_a_break_and_a_closing_counter_make_the_wait_longer() -> None:
    ahead = Ahead(Lane.REGULAR, {1: 6})
    plain = bounds(present_with(Desk(1, NOW), Desk(1, NOW)), ahead)
    resting = bounds(present_with(Desk(1, NOW, breaks=((610.0, 655.0),)), Desk(1, NOW)), ahead)
    closing = bounds(present_with(Desk(1, NOW, closes=605.0), Desk(1, NOW)), ahead)
    assert plain[1] < resting[1] <= closing[1]


def test_nobody_is_called_before_the_only_officer_is_back() -> None:
    away = present_with(Desk(away=True, since=590.0, back_at=630.0))
    low, high = bounds(away, Ahead(Lane.REGULAR, {}))
    assert 30.0 <= low <= high <= 36.0
    assert bounds(away, Ahead(Lane.REGULAR, {1: 4}))[0] > 40.0


def test_the_last_counter_to_close_serves_to_the_end() -> None:
    closing = present_with(Desk(1, NOW, closes=605.0), Desk(1, NOW, closes=610.0))
    assert bounds(closing, Ahead(Lane.REGULAR, {1: 10}))[1] < 200.0


def test_a_booked_number_is_not_called_before_its_time_while_others_wait() -> None:
    ahead = Ahead(Lane.EXPRESS, {}, {1: 4}, place=NOW + 25.0, first_place=NOW + 25.0)
    assert bounds(present_with(Desk(1, NOW)), ahead)[0] >= 25.0


@pytest.mark.parametrize(("mean", "scatter"), [(8.0, 0.875), (23.0, 0.7)])
def test_whoever_stands_behind_is_not_expected_before_the_first_call(mean: float, scatter: float) -> None:
    """Also at a counter that has been busy for long: what is left there scatters more than what follows."""
    long, short = ServiceTime(mean, (mean * scatter) ** 2, 0.0, 1.0), ServiceTime(3.0, 2.25, 0.0, 1.0)
    overdue = present_with(Desk(1, NOW - 60.0), times=Times({1: long, 2: short}, 50))
    first, second = bounds(overdue, Ahead(Lane.REGULAR, {})), bounds(overdue, Ahead(Lane.REGULAR, {2: 1}))
    assert second[0] >= first[0]
    assert second[1] >= first[1]


def test_who_may_still_overtake_makes_the_wait_longer() -> None:
    ahead = Ahead(Lane.REGULAR, {1: 8})
    quiet = bounds(present_with(Desk(1, NOW)), ahead)
    express = {(Lane.EXPRESS.value, hour): 4.0 for hour in range(10, 14)}
    busy = bounds(present_with(Desk(1, NOW), times=replace(USUAL, arrivals=express)), ahead)
    booked = bounds(replace(present_with(Desk(1, NOW)), coming=((610.0, 1.0), (620.0, 1.0))), ahead)
    assert quiet[1] < booked[1]
    assert quiet[1] < busy[1]


def test_another_line_stops_at_its_first_later_number() -> None:
    other = OtherLine({1: 6}, {}, 0, 1, OrderRule(1, 2, 60), Runs(1, 0))
    assert called_first(other) == {1: 2.0}
    assert called_first(replace(other, later_express=0)) == {1: 6.0}


def seen(service: int, minutes: Sequence[float], hour: int = 10, *, today: bool = False) -> Observed:
    logs = [math.log(one) for one in minutes]
    squares = sum(one**2 for one in logs)
    return Observed(service, hour, len(minutes), sum(minutes), sum(logs), squares, today)


@given(st.floats(2.0, 60.0), st.floats(4.0, 30.0))
def test_what_was_seen_replaces_the_standard_as_it_grows(true: float, standard: float) -> None:
    distances = [
        abs(learn([seen(1, [true] * count)] if count else [], {1: standard}).services[1].mean - true)
        for count in (0, 1, 5, 20, 100, 1000)
    ]
    assert distances[0] == pytest.approx(abs(standard - true), abs=1e-6)
    assert all(after <= before + 1e-9 for before, after in zip(distances, distances[1:], strict=False))
    assert distances[-1] <= 0.02 * abs(standard - true) + 1e-6


def test_a_service_nobody_asked_for_follows_its_neighbours_not_only_its_standard() -> None:
    table = learn([seen(1, [20.0] * 200)], {1: 10.0, 2: 6.0})
    assert table.services[2].mean == pytest.approx(12.0, rel=0.05)
    assert table.services[2].doubt > 10 * table.services[1].doubt


def test_a_slow_hour_and_a_slow_day_are_learned() -> None:
    usual = [seen(1, [10.0] * 300, 9), seen(1, [15.0] * 300, 11)]
    table = learn(usual, {1: 10.0})
    assert table.pace(9) < 0.9 < 1.1 < table.pace(11)
    slow = learn([*usual, seen(1, [14.0] * 60, 9, today=True)], {1: 10.0})
    assert slow.services[1].mean > table.services[1].mean * 1.05
    assert slow.day_doubt < table.day_doubt


def test_one_forgotten_press_does_not_make_everything_uncertain() -> None:
    minutes = [8.0, 9.0, 10.0, 11.0, 12.0] * 20
    calm = learn([seen(1, minutes)], {1: 10.0}).services[1]
    odd = learn([seen(1, [*minutes, 200.0])], {1: 10.0}).services[1]
    assert odd.variance / odd.mean**2 < 0.25
    assert odd.mean < calm.mean * 1.25

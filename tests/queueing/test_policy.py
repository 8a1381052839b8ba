"""Who is next: the rule itself, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from queueing.enums import Lane
from queueing.policy import OrderRule, Runs, Standing, call_order, next_lane, others_before

START = datetime(2026, 11, 23, tzinfo=UTC)
NEVER = 10**6

people = st.lists(st.tuples(st.integers(0, 600), st.booleans()), max_size=60).map(
    lambda rows: [
        Standing(key, START + timedelta(seconds=at), Lane.EXPRESS if first else Lane.REGULAR)
        for key, (at, first) in enumerate(rows)
    ]
)
rules = st.builds(OrderRule, st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 5, 60, NEVER]))
begun = st.one_of(
    st.just(Runs()),
    st.builds(Runs, st.integers(1, 4), st.just(0)),
    st.builds(Runs, st.just(0), st.integers(1, 6)),
)
moments = st.integers(0, 90).map(lambda minutes: START + timedelta(minutes=10 + minutes))


@given(people, begun, rules, moments)
def test_everybody_is_called_once_and_each_lane_by_arrival(
    waiting: list[Standing], runs: Runs, rule: OrderRule, at: datetime
) -> None:
    order = call_order(waiting, runs=runs, rule=rule, at=at)
    assert sorted(standing.key for standing in order) == sorted(standing.key for standing in waiting)
    for lane in (Lane.REGULAR, Lane.EXPRESS):
        one_lane = [standing for standing in order if standing.lane == lane]
        assert all((a.arrived_at, a.key) < (b.arrived_at, b.key) for a, b in pairwise(one_lane))


@given(people, begun, rules, moments)
def test_between_two_regular_calls_there_are_at_most_k_others(
    waiting: list[Standing], runs: Runs, rule: OrderRule, at: datetime
) -> None:
    regular_left = sum(standing.lane == Lane.REGULAR for standing in waiting)
    run = runs.express
    for standing in call_order(waiting, runs=runs, rule=rule, at=at):
        if standing.lane == Lane.REGULAR:
            regular_left -= 1
            run = 0
        elif regular_left:
            run += 1
            assert run <= max(rule.express_in_a_row, runs.express)


@given(people, begun, rules, moments)
def test_nobody_waits_for_more_than_the_stated_multiple_of_those_before(
    waiting: list[Standing], runs: Runs, rule: OrderRule, at: datetime
) -> None:
    order = call_order(waiting, runs=runs, rule=rule, at=at)
    seen = {Lane.REGULAR: 0, Lane.EXPRESS: 0}
    for calls_before, standing in enumerate(order):
        lane = Lane(standing.lane)
        ahead = seen[lane]
        others = rule.express_in_a_row if lane == Lane.REGULAR else rule.regular_between
        assert calls_before <= ahead + others * (ahead + 1)
        seen[lane] += 1


@given(people, begun, rules)
def test_the_first_of_a_lane_that_has_aged_follows_after_at_most_one_other(
    waiting: list[Standing], runs: Runs, rule: OrderRule
) -> None:
    at = START + timedelta(minutes=10 + rule.ageing_minutes if rule.ageing_minutes < NEVER else 10)
    order = call_order(waiting, runs=runs, rule=rule, at=at)
    if rule.ageing_minutes == NEVER:
        return
    for a, b in pairwise(order):
        rest = order[order.index(b) + 1 :]
        if a.lane == b.lane:
            assert all(standing.lane == a.lane for standing in rest)


@given(people, begun, rules)
def test_how_many_come_before_one_is_known_without_playing_the_line(
    waiting: list[Standing], runs: Runs, rule: OrderRule
) -> None:
    patient = OrderRule(rule.express_in_a_row, rule.regular_between, NEVER)
    order = call_order(waiting, runs=runs, rule=patient, at=START + timedelta(minutes=20))
    totals = {lane: sum(one.lane == lane for one in waiting) for lane in (Lane.REGULAR, Lane.EXPRESS)}
    seen = dict.fromkeys(totals, 0)
    for calls_before, standing in enumerate(order):
        lane = Lane(standing.lane)
        other = Lane.EXPRESS if lane == Lane.REGULAR else Lane.REGULAR
        others = others_before(lane, seen[lane], runs=runs, rule=patient, others=totals[other])
        assert seen[lane] + others == calls_before
        seen[lane] += 1


def test_a_booked_number_whose_time_has_not_come_lets_the_others_go_first() -> None:
    def called(regular_minutes: float | None) -> Lane | None:
        return next_lane(regular_minutes=regular_minutes, express_minutes=-5.0, runs=Runs(), rule=OrderRule())

    assert called(1) == Lane.REGULAR
    assert called(None) == Lane.EXPRESS


def test_nobody_waiting_means_no_lane() -> None:
    assert next_lane(regular_minutes=None, express_minutes=None, runs=Runs(), rule=OrderRule()) is None


def test_the_first_priority_person_of_a_day_goes_first() -> None:
    assert next_lane(regular_minutes=9, express_minutes=1, runs=Runs(), rule=OrderRule()) == Lane.EXPRESS

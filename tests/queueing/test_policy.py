"""Who is next: the rule itself, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from queueing.policy import Standing, call_order, estimate

START = datetime(2026, 11, 23, tzinfo=UTC)

people = st.lists(st.tuples(st.integers(0, 600), st.booleans()), max_size=60).map(
    lambda rows: [Standing(key, START + timedelta(seconds=at), first) for key, (at, first) in enumerate(rows)]
)


@given(people, st.integers(0, 5), st.integers(1, 4))
def test_everybody_is_called_once_and_each_class_by_arrival(
    waiting: list[Standing], since_priority: int, ratio: int
) -> None:
    order = call_order(waiting, since_priority=since_priority, ratio=ratio)
    assert sorted(standing.key for standing in order) == sorted(standing.key for standing in waiting)
    for is_priority in (True, False):
        one_class = [standing for standing in order if standing.is_priority is is_priority]
        assert all((a.arrived_at, a.key) < (b.arrived_at, b.key) for a, b in pairwise(one_class))


@given(people, st.integers(0, 5), st.integers(1, 4))
def test_while_regular_people_wait_two_priority_calls_never_follow_each_other(
    waiting: list[Standing], since_priority: int, ratio: int
) -> None:
    order = call_order(waiting, since_priority=since_priority, ratio=ratio)
    regular_left = sum(not standing.is_priority for standing in waiting)
    for first, second in pairwise(order):
        regular_left -= not first.is_priority
        if first.is_priority and second.is_priority:
            assert regular_left == 0


@given(people, st.integers(1, 4))
def test_a_priority_person_waits_for_at_most_the_ratio_between_two_of_them(
    waiting: list[Standing], ratio: int
) -> None:
    order = call_order(waiting, since_priority=0, ratio=ratio)
    run = 0
    priority_left = sum(standing.is_priority for standing in waiting)
    for standing in order:
        run = 0 if standing.is_priority else run + 1
        priority_left -= standing.is_priority
        if priority_left:
            assert run <= ratio


def test_an_estimate_is_a_range_that_grows_with_the_wait() -> None:
    near, far = estimate(0, 1), estimate(60, 2)
    assert near is not None
    assert far is not None
    assert (near.low_minutes, near.high_minutes) == (0, 5)
    assert (far.low_minutes, far.high_minutes) == (20, 40)


def test_without_an_open_counter_nothing_is_promised() -> None:
    assert estimate(30, 0) is None

"""What a page keeps showing: rounded, following the clock, and never jumping without a named cause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.estimating import Cause, Facts, Range, Shown, rounded, show, visible

minutes = st.floats(0.0, 400.0)
ranges = st.tuples(minutes, st.floats(0.0, 120.0)).map(lambda one: rounded(one[0], one[0] + one[1]))
facts = st.builds(
    Facts,
    serving=st.integers(0, 4),
    away=st.integers(0, 2),
    is_trouble=st.booleans(),
    ahead=st.integers(0, 30),
    express_ahead=st.integers(0, 5),
    calls=st.integers(0, 90),
)


@given(minutes, st.floats(0.0, 120.0))
def test_rounding_twice_is_rounding_once_and_never_from_x_to_x(low: float, width: float) -> None:
    once = rounded(low, low + width)
    assert rounded(once.low, once.high) == once
    assert once.low < once.high


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.0, 0.0, (0, 1)),
        (3.4, 7.8, (3, 8)),
        (8.6, 13.1, (9, 15)),
        (24.2, 41.0, (25, 40)),
        (13.8, 14.4, (10, 15)),
        (62.0, 97.0, (60, 100)),
    ],
)
def test_ranges_read_as_people_say_them(low: float, high: float, shown: tuple[int, int]) -> None:
    assert rounded(low, high) == Range(*shown)


@given(minutes, st.floats(0.0, 9.9))
def test_a_narrow_range_is_never_cut(low: float, width: float) -> None:
    shown = rounded(low, low + width)
    if width < 2 and low < 10:
        assert shown.low <= low + 1e-6
        assert shown.high >= low + width - 1e-6


@given(st.one_of(st.none(), ranges), st.one_of(st.none(), ranges), facts, facts, st.floats(0.0, 60.0))
def test_a_shown_range_never_jumps_without_a_cause(
    before: Range | None, new: Range | None, then: Facts, now: Facts, gone: float
) -> None:
    earlier = Shown(before, 600.0, then)
    shown, cause = show(earlier, new, now, 600.0 + gone)
    if cause is not None:
        assert shown == Shown(new, 600.0 + gone, now)
        return
    if before is None or new is None:
        assert before == new
        return
    seen = visible(shown, 600.0 + gone)
    assert seen is not None
    # Within the step of rounding it is the earlier one less the minutes gone by, or inside it.
    slack = 20
    assert before.low - gone - slack <= seen.low
    assert seen.high <= max(before.high - gone, 0.0) + slack


def test_small_changes_are_not_shown_and_the_clock_goes_on() -> None:
    first, _cause = show(None, Range(25, 40), Facts(2), 600.0)
    kept, cause = show(first, Range(20, 35), Facts(2), 606.0)
    assert (kept, cause) == (first, None)
    assert visible(kept, 606.0) == Range(20, 35)
    assert visible(kept, 600.0) == Range(25, 40)


def test_a_range_that_says_more_replaces_the_wider_one_without_a_cause() -> None:
    first, _cause = show(None, Range(20, 60), Facts(2), 600.0)
    shown, cause = show(first, Range(30, 40), Facts(2), 601.0)
    assert (shown.range, cause) == (Range(30, 40), None)


def test_a_late_call_is_named_slower_and_not_hidden() -> None:
    first, _cause = show(None, Range(3, 6), Facts(1, ahead=1), 600.0)
    shown, cause = show(first, Range(2, 9), Facts(1, ahead=1), 607.0)
    assert (shown.range, cause) == (Range(2, 9), Cause.SLOWER)


CAUSES = [
    (Facts(2), Facts(1), Range(50, 80), Cause.COUNTER_CLOSED),
    (Facts(2), Facts(1, away=1), Range(50, 80), Cause.BREAK),
    (Facts(2), Facts(2, is_trouble=True), Range(50, 80), Cause.TROUBLE),
    (Facts(2, ahead=9), Facts(2, ahead=11, express_ahead=2), Range(50, 80), Cause.EXPRESS_ARRIVED),
    (Facts(2, ahead=9), Facts(2, ahead=11), Range(50, 80), Cause.JOINED_AHEAD),
    (Facts(2, ahead=9), Facts(2, ahead=9), Range(50, 80), Cause.SLOWER),
    (Facts(1), Facts(2), Range(5, 10), Cause.COUNTER_OPENED),
    (Facts(1, away=1), Facts(2), Range(5, 10), Cause.BREAK_OVER),
    (Facts(1, is_trouble=True), Facts(1), Range(5, 10), Cause.TROUBLE_OVER),
    (Facts(2, ahead=9, calls=20), Facts(2, ahead=4, calls=22), Range(5, 10), Cause.LEFT_AHEAD),
    (Facts(2, ahead=9, calls=20), Facts(2, ahead=7, calls=22), Range(5, 10), Cause.FASTER),
]


@pytest.mark.parametrize(("then", "now", "new", "cause"), CAUSES)
def test_each_cause_is_named(then: Facts, now: Facts, new: Range, cause: Cause) -> None:
    first, _none = show(None, Range(25, 40), then, 600.0)
    assert show(first, new, now, 605.0)[1] is cause


def test_losing_the_estimate_and_finding_it_again_have_causes_too() -> None:
    first, _none = show(None, Range(25, 40), Facts(1), 600.0)
    lost, cause = show(first, None, Facts(0), 601.0)
    assert (visible(lost, 601.0), cause) == (None, Cause.COUNTER_CLOSED)
    assert show(lost, Range(20, 30), Facts(1), 602.0)[1] is Cause.COUNTER_OPENED

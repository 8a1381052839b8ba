"""The yardstick itself: the other formulas as they are, fair widening, and a report that can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueing.simulation import score
from queueing.simulation.formulas import WIDENINGS, covered, low_and_high, mean_wait, widened, winkler
from queueing.simulation.scoring import Look, looks_at


@pytest.mark.parametrize(
    ("ahead", "counters", "bounds"), [(1, 1, (8, 20)), (1, 2, (0, 10)), (5, 2, (16, 30)), (0, 3, (0, 3))]
)
def test_the_low_and_high_formula_gives_what_its_own_tests_expect(
    ahead: int, counters: int, bounds: tuple[int, int]
) -> None:
    assert low_and_high(ahead, 10.0, counters) == bounds


def test_the_mean_formula_is_people_times_mean_over_counters() -> None:
    assert mean_wait(6, 10.0, 3) == (20.0, 20.0)


def test_the_interval_score_is_the_width_and_a_fine_for_each_minute_outside() -> None:
    assert winkler((10.0, 20.0), 15.0, 0.1) == 10.0
    assert winkler((10.0, 20.0), 22.0, 0.1) == 10.0 + 20.0 * 2
    assert winkler((10.0, 20.0), 9.0, 0.1) == 10.0 + 20.0


@pytest.mark.parametrize("name", WIDENINGS)
def test_a_formula_is_widened_until_it_covers_as_much_and_no_further(name: str) -> None:
    actual = [float(minutes) for minutes in range(5, 105)]
    ranges = [(40.0, 50.0)] * 100
    factor, wider = widened(ranges, actual, 0.6, WIDENINGS[name])
    assert covered(wider, actual) >= 0.6
    assert covered([WIDENINGS[name](one, factor * 0.98) for one in ranges], actual) < 0.6


@pytest.fixture(scope="module")
def looks() -> list[Look]:
    return [look for seed in range(9000, 9012) for look in looks_at(seed, looks=3, draws=30)]


def test_looks_repeat_and_are_honest_about_what_came(looks: list[Look]) -> None:
    again = looks_at(9000, looks=3, draws=30)
    assert looks[: len(again)] == again
    assert all(look.minutes >= 0 for look in looks)
    assert any(look.is_new for look in looks)
    assert any(not look.is_new for look in looks)


def test_the_report_fails_when_a_bound_is_missed(looks: list[Look]) -> None:
    blind = [replace(look, shown=(0.0, 1.0)) for look in looks]
    failures = score.Report(blind)
    text = "\n".join(failures.lines())
    assert any("coverage" in failure for failure in failures.failures)
    assert "MISSED" in text
    told = [replace(look, shown=look.oracle, minutes=sum(look.oracle) / 2) for look in looks]
    assert any("is not within" in line for line in score.Report(told).lines())

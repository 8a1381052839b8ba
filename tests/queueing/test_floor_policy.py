"""What is told on the floor, and in which order; when somebody is late or missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from queueing.enums import AlertKind
from queueing.policy.floor import Limit, Measured, alerts, empty_since, hot_line, minutes_late, missing

LIMITS: dict[str, Limit] = {
    AlertKind.UNMANNED: Limit(10, 1),
    AlertKind.WAIT: Limit(45, 2),
    AlertKind.DEVICE: Limit(2, 3),
    AlertKind.LEFT: Limit(0, 4),
}
EIGHT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_only_what_is_past_its_limit_is_told() -> None:
    measured = [
        Measured(AlertKind.UNMANNED, 10, line=1),
        Measured(AlertKind.UNMANNED, 11, line=2),
        Measured(AlertKind.LEFT, 1, line=1),
        Measured(AlertKind.LEFT, 0, line=2),
        Measured(AlertKind.PEOPLE, 900, line=3),
    ]
    assert [(one.kind, one.line) for one in alerts(measured, LIMITS)] == [("UNMANNED", 2), ("LEFT", 2)]


def test_the_kind_decides_first_and_then_how_far_past_the_limit() -> None:
    measured = [
        Measured(AlertKind.DEVICE, 60, device=1),
        Measured(AlertKind.WAIT, 50, line=1),
        Measured(AlertKind.WAIT, 90, line=2),
        Measured(AlertKind.UNMANNED, 11, line=3),
    ]
    assert [one.line for one in alerts(measured, LIMITS)] == [3, 2, 1, None]


def test_one_row_is_red_and_a_silent_device_makes_none() -> None:
    device = Measured(AlertKind.DEVICE, 60, device=1)
    assert hot_line([device]) is None
    assert hot_line([device, Measured(AlertKind.LEFT, 0, line=5)]) is None
    assert hot_line([device, Measured(AlertKind.WAIT, 60, line=7), Measured(AlertKind.WAIT, 50, line=8)]) == 7


def test_a_counter_is_empty_since_opening_or_since_its_officer_left() -> None:
    nine = EIGHT + timedelta(hours=1)
    assert empty_since(EIGHT, None) == EIGHT
    assert empty_since(EIGHT, nine) == nine
    assert empty_since(nine, EIGHT) == nine


@pytest.mark.parametrize(("minutes", "late"), [(-10, 0), (0, 0), (17, 17)])
def test_lateness_counts_from_opening(minutes: int, late: int) -> None:
    assert minutes_late(EIGHT, EIGHT + timedelta(minutes=minutes)) == late


@pytest.mark.parametrize(
    ("promised", "present", "unstaffed", "lacking"), [(3, 2, 1, 1), (2, 2, 5, 0), (4, 1, 2, 2), (1, 3, 0, 0)]
)
def test_only_promised_officers_are_missing(
    promised: int, present: int, unstaffed: int, lacking: int
) -> None:
    assert missing(promised, present, unstaffed) == lacking

"""The mall's way as a picture: where each mark stands. Pure geometry; the template draws it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agreements.deadlines import Against, against, words

WIDTH = 960
MARGIN = 16
HEAD = 36
ROW = 56
FOOT = 40
# Where the line of dates runs in its row, under the words.
LINE = 40
# Half of the mark of a plan.
MARK = 9
# So many marks of time at most: more would run into each other.
MOST_TICKS = 9
MONTHS_APART = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True)
class Event:
    """One row of the picture: what was planned, first and now, and what happened."""

    title: str
    planned: date | None
    actual: date | None
    earlier: Sequence[date] = ()


@dataclass(frozen=True)
class Row:
    """Where one event is drawn."""

    title: str
    y: int
    line_y: int
    planned: date | None
    actual: date | None
    planned_x: float | None
    actual_x: float | None
    earlier_x: list[float]
    # The stretch between plan and reality, or between plan and today.
    gap: tuple[float, float] | None
    against: Against
    words: str

    @property
    def is_open(self) -> bool:
        """Tell whether it has not happened yet."""
        return self.actual is None


@dataclass(frozen=True)
class Tick:
    """A mark of time."""

    x: float
    day: date


@dataclass(frozen=True)
class Picture:
    """All that the template needs."""

    rows: list[Row]
    ticks: list[Tick]
    today_x: float | None
    bottom: int
    height: int
    width: int = WIDTH


def draw(events: Sequence[Event], today: date) -> Picture | None:
    """Return the picture of `events`, one row each in their order; None when no day is known."""
    days = [day for each in events for day in (each.planned, each.actual, *each.earlier) if day]
    if not days:
        return None
    first, last = _span(days, today)
    length = (last - first).days

    def x(day: date) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (day - first).days / length, 1)

    rows = [_row(each, HEAD + ROW * place, x, today) for place, each in enumerate(events)]
    bottom = HEAD + ROW * len(rows)
    ticks = [Tick(x(day), day) for day in _months(first, last)]
    today_x = x(today) if first <= today <= last else None
    return Picture(rows, ticks, today_x, bottom=bottom, height=bottom + FOOT)


def _span(days: Sequence[date], today: date) -> tuple[date, date]:
    """Return the first and the last day shown: a little more than the events; today, when it is near."""
    first, last = min(days), max(days)
    air = timedelta(days=max(15, (last - first).days // 20))
    if last < today <= last + 6 * air:
        last = today
    return first - air, last + air


def _months(first: date, last: date) -> list[date]:
    """Return firsts of months between two days, evenly apart, few enough to be read."""
    # Months counted from the year 0, January being 0; the first one that begins inside.
    start, end = first.year * 12 + first.month, last.year * 12 + last.month - 1
    apart = next((step for step in MONTHS_APART if (end - start) // step < MOST_TICKS), MONTHS_APART[-1])
    places = range(-(-start // apart) * apart, end + 1, apart)
    return [date(place // 12, place % 12 + 1, 1) for place in places]


def _row(event: Event, y: int, place: Callable[[date], float], today: date) -> Row:
    found = against(event.planned, event.actual, today)
    until = event.actual or (today if found.is_bad else None)
    planned_x = place(event.planned) if event.planned else None
    return Row(
        title=event.title,
        y=y,
        line_y=y + LINE,
        planned=event.planned,
        actual=event.actual,
        planned_x=planned_x,
        actual_x=place(event.actual) if event.actual else None,
        earlier_x=[place(day) for day in event.earlier],
        gap=_gap(planned_x, place(until)) if planned_x is not None and until else None,
        against=found,
        words=words(found, has_happened=event.actual is not None),
    )


def _gap(planned_x: float, until_x: float) -> tuple[float, float] | None:
    """Return the stretch from the edge of the plan's mark on; None when the marks touch."""
    edge = planned_x + (MARK if until_x > planned_x else -MARK)
    return (round(edge, 1), until_x) if abs(until_x - planned_x) > MARK else None

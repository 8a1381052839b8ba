"""From when to when do the agreements of one agency carry it: pure rules, no database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, time, timedelta

from agreements.enums import REMINDER_DAYS, InstrumentKind

Span = tuple[date, date]
DaySpan = tuple[time, time]
DAY = timedelta(days=1)

# Which document stands above which (Permendagri 22/2020; PP 28/2018); other kinds stand alone.
PARENT_KINDS: dict[str, frozenset[str]] = {
    InstrumentKind.RENCANA_KERJA: frozenset({InstrumentKind.NOTA_KESEPAKATAN}),
    InstrumentKind.PKS: frozenset({InstrumentKind.KESEPAKATAN_BERSAMA, InstrumentKind.NOTA_KESEPAKATAN}),
    InstrumentKind.ADDENDUM: frozenset(InstrumentKind.values) - {InstrumentKind.ADDENDUM},
}

NEVER_ALONE = frozenset({InstrumentKind.RENCANA_KERJA, InstrumentKind.ADDENDUM})


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans (both ends count) in order, those that touch or overlap made one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1] + DAY:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def carrying_span(spans: Iterable[Span], today: date) -> Span | None:
    """Return the span that holds today, else the next to come, else the last one past; None without any."""
    whole = joined(spans)
    current = [span for span in whole if span[1] >= today]
    return next(iter(current or whole[::-1]), None)


def ended(start: date, end: date, today: date) -> Span:
    """Return the span cut off before today: nothing is in force any more."""
    yesterday = today - DAY
    return min(start, yesterday), min(end, yesterday)


def fits_under(kind: str, parent_kind: str | None, *, is_own_office: bool = False) -> bool:
    """Tell whether an instrument of `kind` may have a parent of `parent_kind` (None: no parent).

    A PKS carries out what a joint agreement laid down (PP 28/2018); the regency's own offices sign
    one without it (R002-1), which `is_own_office` allows.
    """
    if parent_kind is None:
        return kind not in NEVER_ALONE and (kind != InstrumentKind.PKS or is_own_office)
    return parent_kind in PARENT_KINDS.get(kind, frozenset())


def together(numbers: Iterable[int | None]) -> int | None:
    """Return the numbers promised for the services of one line together; None when none of them has any.

    A service without a number of its own draws on those of its line: thirty passports of any sort.
    """
    found = [number for number in numbers if number is not None]
    return sum(found) if found else None


def reminder_due(days_left: int, told: Collection[int], days: Iterable[int] = REMINDER_DAYS) -> int | None:
    """Return which reminder is due so many days before the end, or None when it has been sent.

    Only the nearest one that has been reached: whoever enters an agreement of fifty days is told of
    sixty, not of a hundred and eighty too. A run that was missed is made up for.
    """
    reached = [each for each in days if days_left <= each]
    due = min(reached, default=None)
    return None if due is None or due in told else due


def outside(promised: DaySpan, mall: DaySpan | None) -> bool:
    """Tell whether the promised hours of a day (opens, closes) lie outside the mall's; None: it is closed."""
    return mall is None or promised[0] < mall[0] or promised[1] > mall[1]

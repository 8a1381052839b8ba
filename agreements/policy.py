"""From when to when do the agreements of one agency carry it: pure rules, no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from agreements.enums import InstrumentKind

Span = tuple[date, date]
DAY = timedelta(days=1)

# Which document stands above which (Permendagri 22/2020; PP 28/2018); other kinds stand alone.
PARENT_KINDS: dict[str, frozenset[str]] = {
    InstrumentKind.RENCANA_KERJA: frozenset({InstrumentKind.NOTA_KESEPAKATAN}),
    InstrumentKind.PKS: frozenset({InstrumentKind.KESEPAKATAN_BERSAMA}),
    InstrumentKind.ADDENDUM: frozenset(InstrumentKind.values) - {InstrumentKind.ADDENDUM},
}


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


def fits_under(kind: str, parent_kind: str | None) -> bool:
    """Tell whether an instrument of `kind` may have a parent of `parent_kind` (None: no parent)."""
    if parent_kind is None:
        return kind not in {InstrumentKind.RENCANA_KERJA, InstrumentKind.ADDENDUM}
    return parent_kind in PARENT_KINDS.get(kind, frozenset())

"""From when to when agreements carry an agency: the pure rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.enums import InstrumentKind
from agreements.policy import Span, carrying_span, ended, fits_under, joined

TODAY = date(2026, 11, 21)


def span(start: int, end: int) -> Span:
    """Days counted from TODAY, both ends included."""
    return TODAY + timedelta(days=start), TODAY + timedelta(days=end)


spans = st.tuples(st.integers(-400, 400), st.integers(0, 200)).map(lambda pair: span(pair[0], sum(pair)))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], None),
        ([span(-5, 5)], span(-5, 5)),
        ([span(0, 0)], span(0, 0)),
        ([span(-9, -1), span(3, 9)], span(3, 9)),
        ([span(-9, -5), span(-4, -1)], span(-9, -1)),
        ([span(-9, -1), span(0, 9)], span(-9, 9)),
        ([span(-9, 2), span(-3, 9)], span(-9, 9)),
        ([span(-9, 9), span(20, 30)], span(-9, 9)),
        ([span(-30, -20), span(-9, -5)], span(-9, -5)),
    ],
)
def test_the_span_of_today_else_the_next_else_the_last(held: list[Span], expected: Span | None) -> None:
    assert carrying_span(held, TODAY) == expected


@given(st.lists(spans, max_size=8))
def test_joining_loses_and_invents_no_day(held: list[Span]) -> None:
    def days(rows: list[Span]) -> set[date]:
        return {start + timedelta(days=n) for start, end in rows for n in range((end - start).days + 1)}

    whole = joined(held)
    assert days(whole) == days(held)
    assert all(
        later[0] > earlier[1] + timedelta(days=1) for earlier, later in zip(whole, whole[1:], strict=False)
    )


@given(st.lists(spans, min_size=1, max_size=8))
def test_today_is_covered_exactly_when_some_agreement_covers_it(held: list[Span]) -> None:
    found = carrying_span(held, TODAY)
    assert found is not None
    assert (found[0] <= TODAY <= found[1]) == any(start <= TODAY <= end for start, end in held)


@given(spans)
def test_what_is_cut_off_ends_before_today_in_order(held: Span) -> None:
    start, end = ended(*held, TODAY)
    assert start <= end < TODAY


@pytest.mark.parametrize(
    ("kind", "parent", "fits"),
    [
        (InstrumentKind.RENCANA_KERJA, InstrumentKind.NOTA_KESEPAKATAN, True),
        (InstrumentKind.RENCANA_KERJA, InstrumentKind.KESEPAKATAN_BERSAMA, False),
        (InstrumentKind.RENCANA_KERJA, None, False),
        (InstrumentKind.PKS, InstrumentKind.KESEPAKATAN_BERSAMA, True),
        (InstrumentKind.PKS, None, False),
        (InstrumentKind.PKS, InstrumentKind.NOTA_KESEPAKATAN, True),
        (InstrumentKind.PKS, InstrumentKind.RENCANA_KERJA, False),
        (InstrumentKind.ADDENDUM, InstrumentKind.PKS, True),
        (InstrumentKind.ADDENDUM, InstrumentKind.ADDENDUM, False),
        (InstrumentKind.NOTA_KESEPAKATAN, InstrumentKind.PKS, False),
        (InstrumentKind.SURAT_PENUGASAN, None, True),
    ],
)
def test_which_document_stands_above_which(kind: str, parent: str | None, fits: bool) -> None:
    assert fits_under(kind, parent) is fits

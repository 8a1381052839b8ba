"""An agency's year: each indicator month by month, as bars drawn on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.enums import Indicator, PeriodKind
from agreements.indicators import MEASURES, in_percent, percent, sentence, shown
from agreements.models import EvaluationFigure
from tenants.models import Agency

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The drawing's own units: a column for each month, the bars between a line for numbers and one for names.
COLUMN, BAR, TOP, HEIGHT = 60, 34, 22, 72
WIDTH, FOOT = 12 * COLUMN, TOP + HEIGHT


@dataclass(frozen=True)
class Bar:
    """One month: the filled bar (what was), the outlined one (what it is compared with), and its words."""

    x: int
    middle: int
    month: str
    label: str
    y: float = FOOT
    height: float = 0
    frame_y: float | None = None
    frame_height: float = 0


@dataclass(frozen=True)
class Row:
    """One indicator through the year."""

    title: str
    unit: StrOrPromise
    source: StrOrPromise
    summary: str
    bars: Sequence[Bar]
    spoken: str


Months = Mapping[int, tuple[Decimal | None, Decimal | None]]


def rows_of(agency: Agency, year: int) -> list[Row]:
    """Return the year of `agency`: one query. Indicators without any figure are left out."""
    figures = EvaluationFigure.objects.filter(
        sheet__agency=agency,
        sheet__period__kind=PeriodKind.MONTH,
        sheet__period__starts_on__range=(date(year, 1, 1), date(year, 12, 31)),
    ).order_by()
    found: dict[str, dict[int, tuple[Decimal | None, Decimal | None]]] = {code: {} for code in Indicator}
    for code, first, value, compared in figures.values_list(
        "code", "sheet__period__starts_on", "value", "compared"
    ):
        found[code][first.month] = (value, compared)
    return [_row(code, months) for code, months in found.items() if months]


def _row(code: str, months: Months) -> Row:
    measure = MEASURES[code]
    highest = max((number for pair in months.values() for number in pair if number), default=Decimal(1))
    bars = [_bar(code, month, months.get(month), highest) for month in range(1, 13)]
    spoken = ", ".join(f"{bar.month} {bar.label}" for bar in bars if bar.label)
    return Row(str(Indicator(code).label), measure.unit, measure.source, _summary(code, months), bars, spoken)


def _bar(code: str, month: int, pair: tuple[Decimal | None, Decimal | None] | None, highest: Decimal) -> Bar:
    x = (month - 1) * COLUMN + (COLUMN - BAR) // 2
    middle, name = x + BAR // 2, date_format(date(2000, month, 1), "M")
    value, compared = pair or (None, None)
    if value is None:
        return Bar(x, middle, name, "")
    height, frame = _height(value, highest), _height(compared or Decimal(0), highest)
    # Of what should not happen at all, the number says more than its share.
    share = None if MEASURES[code].more_is_better is False else percent(code, value, compared)
    label = shown(value) if share is None else in_percent(share)
    return Bar(x, middle, name, label, FOOT - height, height, FOOT - frame if frame else None, frame)


def _height(number: Decimal, highest: Decimal) -> float:
    return round(float(HEIGHT * number / highest), 1)


def _summary(code: str, months: Months) -> str:
    """Return the year in words: a sum where months add up, else from the least to the most."""
    known = [(value, compared or Decimal(0)) for value, compared in months.values() if value is not None]
    if not known:
        return _("belum ada data")
    if not MEASURES[code].is_share:
        values = [value for value, _compared in known]
        return _("%(least)s–%(most)s %(unit)s") % {
            "least": shown(min(values)),
            "most": shown(max(values)),
            "unit": MEASURES[code].unit,
        }
    value = sum((value for value, _compared in known), Decimal(0))
    compared = sum((compared for _value, compared in known), Decimal(0))
    share = percent(code, value, compared)
    words = f"{shown(value)} {sentence(code, value, compared)}"
    return words if share is None else f"{words} ({in_percent(share)})"

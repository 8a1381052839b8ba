"""The free days of Indonesia as the library `holidays` knows them: a start, never the last word.

Joint leave is its category "government". Islamic dates of years to come are estimates, and a year
may lack its joint leave until the ministers have decided: the calendar stays editable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import holidays
from holidays.version import __version__ as version

from services.enums import CalendarKind

# Joint leave comes second: on a date that is both, the holiday names it.
CATEGORIES = {"public": CalendarKind.NATIONAL_HOLIDAY, "government": CalendarKind.JOINT_LEAVE}
ESTIMATE = "(perkiraan)"


@dataclass(frozen=True)
class FreeDay:
    """One free day with its Indonesian name; an estimate carries the word in its name."""

    date: date
    kind: CalendarKind
    name: str
    source: str

    @property
    def is_estimate(self) -> bool:
        """Tell whether the date may still move."""
        return ESTIMATE in self.name


def free_days(year: int) -> list[FreeDay]:
    """Return the national holidays and joint leaves of `year` by date, one for each date."""
    source = f"pustaka holidays {version}, periksa SKB 3 Menteri {year}"
    found: dict[date, FreeDay] = {}
    for category, kind in CATEGORIES.items():
        names = holidays.country_holidays("ID", years=year, categories=(category,), language="id")
        for day, name in names.items():
            found.setdefault(day, FreeDay(day, kind, name, source))
    return [found[day] for day in sorted(found)]

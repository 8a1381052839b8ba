"""The ordinary week in words, for the foot of every page and for the page of an agency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mpp.core import revision
from mpp.core.formats import end_hour, hour
from services.models import OpeningHours
from tenants.enums import Weekday
from tenants.models import Agency


@dataclass(frozen=True)
class WeekLine:
    """Neighbouring days with the same hours: "Senin–Kamis", "08.00–15.00 WITA", the break or ""."""

    days: str
    hours: str
    pause: str

    def __str__(self) -> str:
        return f"{self.days} {self.hours}"


def week_of(day: date, zone: str, agency: Agency | int | None = None) -> list[WeekLine]:
    """Return the week that holds on `day` for the mall, or for an agency that may have its own.

    `agency` is itself or its key, `zone` the suffix of the times ("WITA"). Holidays are not in it: they
    are dated.
    """
    return _lines(_rows_of(day, agency), zone)


def _rows_of(day: date, agency: Agency | int | None = None) -> list[OpeningHours]:
    """Return the rows that hold in the week of `day`, one for each day that is open."""
    rows = list(
        OpeningHours.objects.during(day, day)
        .filter(Q(agency__isnull=True) | Q(agency=agency), service__isnull=True)
        .order_by("weekday", "-valid_from")
    )
    own = [row for row in rows if row.agency_id] or rows
    in_force = [row for row in own if row.season] or own
    newest = {row.weekday: row for row in reversed(in_force)}
    return [newest[weekday] for weekday in sorted(newest)]


_rows: revision.Memory[date, list[OpeningHours]] = revision.Memory(_rows_of)


def rows_at(instant: revision.Instant) -> list[OpeningHours]:
    """Return the mall's week from memory, a row for each open day; nobody may change it."""
    return _rows.get(instant.revision, instant.day)


# By date, zone of time, language and agency: all else is the configuration.
_weeks: revision.Memory[tuple[date, str, str | None, int | None], list[WeekLine]] = revision.Memory(
    lambda key: week_of(key[0], key[1], key[3]), most=100
)


def week_at(instant: revision.Instant, zone: str, agency_id: int | None = None) -> list[WeekLine]:
    """Return the same from memory; nobody may change it."""
    return _weeks.get(instant.revision, (instant.day, zone, get_language(), agency_id))


def _lines(rows: Iterable[OpeningHours], zone: str) -> list[WeekLine]:
    """Join days that follow each other with the same hours."""
    counted = enumerate(rows)
    lines = []
    for (_gap, hours, pause), group in groupby(
        counted, key=lambda item: (item[1].weekday - item[0], _hours(item[1]), _pause(item[1]))
    ):
        days = [row.weekday for _place, row in group]
        lines.append(WeekLine(_days(days), f"{hours} {zone}".rstrip(), pause))
    return lines


def _days(days: list[int]) -> str:
    first, last = Weekday(days[0]).label, Weekday(days[-1]).label
    match len(days):
        case 1:
            return str(first)
        case 7:
            return _("Setiap hari")
        case _:
            return f"{first}–{last}"


def _hours(row: OpeningHours) -> str:
    return f"{hour(row.opens_at)}–{end_hour(row.closes_at)}"


def _pause(row: OpeningHours) -> str:
    if row.break_from is None or row.break_to is None:
        return ""
    return _("istirahat %(start)s–%(end)s") % {
        "start": hour(row.break_from),
        "end": hour(row.break_to),
    }

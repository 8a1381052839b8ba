"""Dates that differ: special openings, and the free days of a year."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from services import almanac
from services.enums import CalendarKind
from services.models import CalendarDay, OfferedDay

if TYPE_CHECKING:
    from tenants.models import Agency, User

MIDNIGHT = time(0)
FREE_KINDS = (CalendarKind.NATIONAL_HOLIDAY, CalendarKind.JOINT_LEAVE)
YEARS_BACK, YEARS_AHEAD = 1, 3


class Filled(NamedTuple):
    """What filling a year did: days added, how many of them are estimates, days that were known."""

    added: int
    estimated: int
    known: int


def open_specially(
    *,
    day: date,
    name: str,
    opens_at: time = MIDNIGHT,
    closes_at: time = MIDNIGHT,
    agency: Agency | None = None,
    source: str = "",
    by: User | None = None,
) -> bool:
    """Open the whole mall, or one agency, on `day` beyond its week; return whether that is new.

    Local times; midnight as the end means the end of `day`. An opening that is already there stays
    as it is. Raises `Refusal` (409) when the end is not after the start.
    """
    with refused_by(CalendarDay), transaction.atomic():
        if CalendarDay.objects.filter(date=day, agency=agency, service=None, is_open=True).exists():
            return False
        _row, is_new = CalendarDay.objects.get_or_create(
            date=day,
            agency=agency,
            service=None,
            kind=CalendarKind.SPECIAL_OPENING,
            defaults={
                "name": name,
                "is_open": True,
                "opens_at": opens_at,
                "closes_at": closes_at,
                "source": source,
            },
        )
        if is_new:
            audit.record("calendar.open", by=by, target=day, name=name, agency=agency.code if agency else "")
    return is_new


def withdraw_special_openings(*, since: date, source: str, by: User | None = None) -> int:
    """Take back the special openings from `since` on that come from `source`; return how many."""
    with transaction.atomic():
        rows = CalendarDay.objects.filter(kind=CalendarKind.SPECIAL_OPENING, source=source, date__gte=since)
        count, _by_model = rows.delete()
        if count:
            audit.record("calendar.withdraw", by=by, target=since, source=source, days=count)
    return count


def fill_calendar(*, year: int, by: User | None = None) -> Filled:
    """Write the national holidays and joint leaves of `year` that the calendar does not know yet.

    Each day is offered once: what people have changed, moved or removed since stays as they left
    it, and filling again changes nothing. Raises `Refusal` (400) for a year too far away, (404) for
    one that the library does not know. Source: the library `holidays`, to be checked against the
    joint decree of three ministers (SKB 3 Menteri).
    """
    today = clock.today()
    if not today.year - YEARS_BACK <= year <= today.year + YEARS_AHEAD:
        span = {"first": today.year - YEARS_BACK, "last": today.year + YEARS_AHEAD}
        raise Refusal("bad_year", _("Pilih tahun %(first)d sampai %(last)d.") % span, status=400)
    days = almanac.free_days(year)
    if not days:
        raise Refusal("unknown_year", _("Hari libur tahun %(year)d belum ada.") % {"year": year}, status=404)
    with transaction.atomic():
        new = [day for day in days if _is_first_offer(day)]
        taken = set(
            CalendarDay.objects.filter(
                date__year=year, agency=None, service=None, kind__in=FREE_KINDS
            ).values_list("date", flat=True)
        )
        added = [day for day in new if day.date not in taken]
        CalendarDay.objects.bulk_create(
            CalendarDay(date=day.date, kind=day.kind, name=day.name, source=day.source) for day in added
        )
        if added:
            audit.record("calendar.fill", by=by, target=year, days=len(added))
    estimated = sum(day.is_estimate for day in added)
    return Filled(len(added), estimated, len(days) - len(added))


def _is_first_offer(day: almanac.FreeDay) -> bool:
    # Of two fillings at once, the second waits here for the first.
    _row, is_new = OfferedDay.objects.get_or_create(date=day.date, kind=day.kind)
    return is_new

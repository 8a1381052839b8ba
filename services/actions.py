"""The writers of dated openings."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from django.db import transaction

from mpp.core import audit
from mpp.core.constraints import refused_by
from services.enums import CalendarKind
from services.models import CalendarDay

if TYPE_CHECKING:
    from tenants.models import Agency, User

MIDNIGHT = time(0)


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

    Local times; midnight as the end means the end of `day`. A special opening that is already there
    stays as it is. Raises `Refusal` (409) when the end is not after the start.
    """
    with transaction.atomic(), refused_by(CalendarDay):
        _row, is_new = CalendarDay.objects.get_or_create(
            date=day,
            agency=agency,
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

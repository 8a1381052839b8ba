"""The writer of an agency's hours for a time: they replace its week from one day to another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from mpp.core import audit
from mpp.core.constraints import refused_by
from services.actions.weeks import Hours
from services.models import OpeningHours

if TYPE_CHECKING:
    from tenants.models import Agency, User

DAY = timedelta(days=1)


def set_season(
    *,
    agency: Agency,
    name: str,
    start: date,
    end: date,
    days: Iterable[Hours],
    by: User | None = None,
) -> None:
    """Give `agency` the hours `days` from `start` to `end`, instead of what it has under `name` then.

    Raises `Refusal` (409) when another season of the agency lies in that time.
    """
    with refused_by(OpeningHours), transaction.atomic():
        withdraw_season(agency=agency, name=name, since=start, by=by)
        rows = [
            OpeningHours(agency=agency, season=name, valid_from=start, valid_to=end, **asdict(day))
            for day in days
        ]
        bulk_create_with_history(rows, OpeningHours)
        audit.record("hours.season", by=by, target=agency.code, name=name, start=str(start), end=str(end))


def withdraw_season(*, agency: Agency, name: str, since: date, by: User | None = None) -> int:
    """End the hours of `agency` under `name` before the day `since`; return how many rows that were.

    What has held on earlier days stays in the table until the day before.
    """
    with transaction.atomic():
        rows = agency.opening_hours.filter(season=name, valid_to__gte=since)
        begun = list(rows.filter(valid_from__lt=since))
        for row in begun:
            row.valid_to = since - DAY
        bulk_update_with_history(begun, OpeningHours, ["valid_to"])
        removed, _by_model = rows.filter(valid_from__gte=since).delete()
        if count := len(begun) + removed:
            audit.record("hours.season_end", by=by, target=agency.code, name=name, since=str(since))
    return count

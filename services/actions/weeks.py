"""An agency's ordinary week, as it was promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from mpp.core import audit
from mpp.core.constraints import refused_by
from services.models import OpeningHours

if TYPE_CHECKING:
    from tenants.models import Agency, User


@dataclass(frozen=True)
class Hours:
    """One weekday (1 is Monday) with its local times."""

    weekday: int
    opens_at: time
    closes_at: time
    break_from: time | None = None
    break_to: time | None = None


def follow_week(
    *, agency: Agency, days: Iterable[Hours], since: date, origin: str, by: User | None = None
) -> None:
    """Give `agency` this ordinary week from `since` on; `origin` says which promise it follows.

    A day without hours is one on which it does not come. What was before stays as it was, and so do
    seasons and services with hours of their own. Raises `Refusal` (409) when the hours contradict.
    """
    with refused_by(OpeningHours), transaction.atomic():
        ordinary = OpeningHours.objects.filter(agency=agency, season="")
        ordinary.filter(valid_from__gte=since).delete()
        running = ordinary.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=since))
        for row in running:
            row.valid_to = since - timedelta(days=1)
            row.save(update_fields=["valid_to"])
        for hours in days:
            OpeningHours.objects.create(agency=agency, valid_from=since, origin=origin, **asdict(hours))
        audit.record("hours.follow", by=by, target=agency.code, since=str(since), origin=origin)

"""Which agency uses which counter, as it was promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from mpp.core import audit
from mpp.core.constraints import refused_by
from tenants.models import CounterDuty

if TYPE_CHECKING:
    from tenants.models import Agency, Counter, User

# A counter and the weekday (1 is Monday) on which the agency uses it.
Place = tuple["Counter", int]


def follow_duties(
    *, agency: Agency, places: Iterable[Place], since: date, origin: str, by: User | None = None
) -> None:
    """Let `agency` use these counters from `since` on, and no others; `origin` says which promise.

    What was before stays as it was. Raises `Refusal` (409) when another agency uses one of them then.
    """
    with refused_by(CounterDuty), transaction.atomic():
        _end(agency, since)
        rows = [
            CounterDuty(counter=counter, agency=agency, weekday=weekday, valid_from=since, origin=origin)
            for counter, weekday in places
        ]
        CounterDuty.objects.bulk_create(rows)
        audit.record("counter.duties", by=by, target=agency.code, since=str(since), origin=origin)


def end_duties(*, agency: Agency, last_day: date, by: User | None = None) -> int:
    """Let `agency` use no counter after `last_day`; return how many duties that ended."""
    with transaction.atomic():
        count = _end(agency, last_day + timedelta(days=1))
        if count:
            audit.record("counter.duties_end", by=by, target=agency.code, last_day=str(last_day), rows=count)
    return count


def _end(agency: Agency, since: date) -> int:
    to_come = CounterDuty.objects.filter(agency=agency, valid_from__gte=since)
    running = CounterDuty.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=since), agency=agency, valid_from__lt=since
    )
    ended: int = running.update(valid_to=since - timedelta(days=1))
    return ended + to_come.delete()[0]

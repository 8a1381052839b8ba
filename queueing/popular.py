"""Which services people really take numbers for: counted, not guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Count

from mpp.core import revision
from queueing.models import Ticket

WEEKS = 4
# Fewer numbers in four weeks say nothing about what is taken often.
FEWEST = 3


def _count(today: date) -> Sequence[int]:
    days = (today - timedelta(weeks=WEEKS), today - timedelta(days=1))
    counted = (
        Ticket.objects.filter(queue_day__date__range=days, carried_from=None)
        .order_by()
        .values_list("service")
        .annotate(taken=Count("pk"))
        .filter(taken__gte=FEWEST)
        .order_by("-taken", "service")
    )
    return [service for service, _taken in counted]


# The days before today do not change any more: each process counts them once a day.
_taken: revision.Memory[date, Sequence[int]] = revision.Memory(_count)


def often_taken(instant: revision.Instant) -> Sequence[int]:
    """Return the keys of the services, the most taken of the last four weeks first; today does not count."""
    return _taken.get(instant.revision, instant.day)

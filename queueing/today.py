"""Today by agency, for the office: who waits, how long it took, who came, which counters stand empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count

from queueing.models import CounterSession
from tenants.models import Agency, CounterDuty

# A wait ends with the first call. Longer than the standard in force promises is late.
NUMBERS = """
SELECT queue.agency_id,
       count(*) FILTER (WHERE number.state = 'WAITING'),
       count(*) FILTER (WHERE number.state = 'DONE'),
       count(*) FILTER (WHERE number.state = 'NO_SHOW'),
       count(*) FILTER (WHERE number.state = 'DONE' AND number.ended_at - number.started_at
                              > make_interval(mins => standard.time_minutes)),
       percentile_cont(0.5) WITHIN GROUP (
           ORDER BY extract(epoch FROM number.called_at - number.arrived_at)::float8 / 60),
       percentile_cont(0.9) WITHIN GROUP (
           ORDER BY extract(epoch FROM number.called_at - number.arrived_at)::float8 / 60)
FROM queueing_ticket number
JOIN queueing_queueday line ON line.id = number.line_id
JOIN queueing_queue queue ON queue.id = line.queue_id
LEFT JOIN services_servicestandard standard ON standard.service_id = number.service_id
     AND standard.status = 'PUBLISHED' AND standard.valid_from <= line.date
     AND (standard.valid_to IS NULL OR standard.valid_to >= line.date)
WHERE line.date = %s GROUP BY queue.agency_id
"""


@dataclass(frozen=True)
class AgencyToday:
    """One agency's day so far; `usual` and `slow` are minutes waited by half, and by nine of ten."""

    agency: Agency
    waiting: int = 0
    served: int = 0
    absent: int = 0
    late: int = 0
    usual: int | None = None
    slow: int | None = None
    counters: int = 0
    open: int = 0

    @property
    def is_unattended(self) -> bool:
        """Tell whether people wait and nobody is there."""
        return bool(self.waiting and not self.open)

    @property
    def empty(self) -> int:
        """Return how many of its counters nobody sits at."""
        return max(0, self.counters - self.open)


def agencies_today(day: date, reach: frozenset[int] | None) -> list[AgencyToday]:
    """Return each agency that serves on `day`, within `reach`, most people first: four queries."""
    agencies = Agency.objects.serving_on(day)
    if reach is not None:
        agencies = agencies.filter(pk__in=reach)
    numbers = _numbers(day)
    duties = CounterDuty.objects.on(day).filter(counter__is_active=True).order_by()
    counters = dict(duties.values_list("agency").annotate(count=Count("counter", distinct=True)))
    sessions = CounterSession.objects.open().filter(date=day).order_by()
    staffed = dict(sessions.values_list("agency").annotate(count=Count("pk")))
    rows = [
        AgencyToday(
            agency,
            **numbers.get(agency.pk, {}),
            counters=counters.get(agency.pk, 0),
            open=staffed.get(agency.pk, 0),
        )
        for agency in agencies
    ]
    return sorted(rows, key=lambda row: (not row.is_unattended, -row.waiting))


def _numbers(day: date) -> Mapping[int, dict[str, Any]]:
    """Return the figures of each agency's numbers, by the names that `AgencyToday` has for them."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [day])
        found = cursor.fetchall()
    return {
        agency: {
            "waiting": waiting,
            "served": served,
            "absent": absent,
            "late": late,
            "usual": None if usual is None else round(usual),
            "slow": None if slow is None else round(slow),
        }
        for agency, waiting, served, absent, late, usual, slow in found
    }

"""How long services really took at the counter: measured, to stand beside what the standard promises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection

from mpp.core import clock, revision
from queueing.measures import DAYS, LONGEST, NEWEST, SHORTEST

# Of fewer people the slowest tenth is one or two of them, and says nothing.
FEWEST = 20

# Numbers put aside meanwhile say nothing about how long a service takes.
SERVED = """
SELECT service.id, count(*), percentile_disc(0.9) WITHIN GROUP (ORDER BY newest.minutes)
FROM services_service service CROSS JOIN LATERAL (
    SELECT extract(epoch FROM done.ended_at - done.started_at)::float8 / 60 AS minutes
    FROM queueing_ticket done
    WHERE done.service_id = service.id AND done.state = 'DONE'
      AND done.ended_at >= %(since)s AND done.ended_at < %(midnight)s
      AND NOT EXISTS (
          SELECT 1 FROM queueing_ticketevent event WHERE event.ticket_id = done.id AND event.step = 'hold'
      )
    ORDER BY done.ended_at DESC LIMIT %(newest)s
) AS newest
WHERE newest.minutes BETWEEN %(shortest)s AND %(longest)s
GROUP BY service.id HAVING count(*) >= %(fewest)s
"""


@dataclass(frozen=True)
class Measured:
    """Nine of ten `people` were served in `minutes` or less."""

    minutes: int
    people: int


def _measure(today: date) -> Mapping[int, Measured]:
    midnight = clock.aware(datetime.combine(today, time(0)))
    limits = {"shortest": SHORTEST, "longest": LONGEST, "newest": NEWEST, "fewest": FEWEST}
    with connection.cursor() as cursor:
        cursor.execute(SERVED, {"since": midnight - timedelta(days=DAYS), "midnight": midnight, **limits})
        return {service: Measured(math.ceil(minutes), people) for service, people, minutes in cursor}


# The days before today do not change any more: each process measures them once a day.
_measured: revision.Memory[date, Mapping[int, Measured]] = revision.Memory(_measure)


def measured_of(service_id: int, instant: revision.Instant) -> Measured | None:
    """Return how long the service took in the last thirty days; None when too few were served."""
    return _measured.get(instant.revision, instant.day).get(service_id)

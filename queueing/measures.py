"""What earlier days and today have shown of the agencies' counters: the tables that estimating learns from.

One query, however many lines and numbers there were; the answer changes slowly and may be kept for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from mpp.core import clock
from queueing.estimating import Habits, Observed, Times, learn
from queueing.models import Queue

DAYS = 30
# Of each service; more would only make old habits outweigh new ones.
NEWEST = 300
# Shorter is a press by mistake, longer a press forgotten.
SHORTEST, LONGEST = 0.25, 240.0
# Longer between two services is a break, not a handover.
LONGEST_HANDOVER = 10.0
# How many observations the usual habits weigh as much as.
NO_SHOW_WEIGHT, HANDOVER_WEIGHT, CALLING_WEIGHT, KEEPS_WEIGHT, HOURS_WEIGHT = 20, 10, 5, 10, 40

# Every service, also one that nobody has seen: what it should take stands beside what it took.
# Numbers put aside meanwhile say nothing about how long a service takes.
SERVICES = """
SELECT service.agency_id AS agency, service.id AS service, service.minutes AS standard, seen.*
FROM services_service service LEFT JOIN LATERAL (
    SELECT extract(hour FROM started_at AT TIME ZONE %(zone)s)::int AS hour,
           (started_at AT TIME ZONE %(zone)s)::date = %(today)s AS today,
           count(*), sum(minutes) AS minutes, sum(ln(minutes)) AS logs, sum(ln(minutes) ^ 2) AS squared_logs
    FROM (
        SELECT done.*, extract(epoch FROM done.ended_at - done.started_at)::float8 / 60 AS minutes
        FROM (
            SELECT id, started_at, ended_at FROM queueing_ticket
            WHERE service_id = service.id AND state = 'DONE' AND ended_at > %(since)s AND ended_at <= %(at)s
            ORDER BY ended_at DESC LIMIT %(newest)s
        ) AS done
        WHERE NOT EXISTS (
            SELECT 1 FROM queueing_ticketevent event WHERE event.ticket_id = done.id AND event.step = 'hold'
        )
    ) AS newest
    WHERE minutes BETWEEN %(shortest)s AND %(longest)s GROUP BY 1, 2
) AS seen ON true
WHERE service.agency_id = ANY(%(agencies)s)
"""
HABITS = """
WITH past AS (
    SELECT queue.agency_id AS agency, number.id, number.state, number.issued_at, number.arrived_at,
           number.called_at, number.started_at, number.ended_at,
           lag(number.ended_at) OVER (PARTITION BY number.session_id ORDER BY number.called_at) AS before
    FROM queueing_ticket number
    JOIN queueing_queueday line ON line.id = number.line_id
    JOIN queueing_queue queue ON queue.id = line.queue_id
    WHERE queue.agency_id = ANY(%(agencies)s) AND line.date > %(first)s AND number.ended_at <= %(at)s
), people AS (
    SELECT agency, count(*) FILTER (WHERE state = 'DONE') AS served,
           count(*) FILTER (WHERE state = 'CANCELLED' AND called_at IS NULL) AS quits,
           extract(epoch FROM sum(coalesce(called_at, ended_at) - issued_at))::float8 / 3600 AS hours_waited
    FROM past GROUP BY agency
), handover AS (
    SELECT agency, count(*) AS handovers,
           extract(epoch FROM sum(started_at - before))::float8 / 60 AS handover_minutes
    FROM past
    WHERE state = 'DONE' AND arrived_at <= before AND started_at >= before
      AND started_at - before <= %(handover)s * interval '1 minute'
    GROUP BY agency
), absent AS (
    SELECT agency, count(*) AS absent,
           extract(epoch FROM sum(past.ended_at - call.at))::float8 / 60 AS absent_minutes
    FROM past CROSS JOIN LATERAL (
        SELECT max(at) AS at FROM queueing_ticketevent WHERE ticket_id = past.id AND step = 'call'
    ) AS call WHERE past.state = 'NO_SHOW' GROUP BY agency
), counter AS (
    SELECT agency, count(*) FILTER (WHERE has_left) AS leavings, sum(hours) AS hours_open
    FROM (
        SELECT agency_id AS agency, extract(epoch FROM closed_at - opened_at)::float8 / 3600 AS hours,
               closed_at < max(closed_at) OVER day - interval '30 minutes' AS has_left
        FROM queueing_countersession
        WHERE agency_id = ANY(%(agencies)s) AND date > %(first)s AND date < %(today)s
          AND closed_at IS NOT NULL
        WINDOW day AS (PARTITION BY agency_id, date)
    ) AS turn GROUP BY agency
), booking AS (
    SELECT service.agency_id AS agency, count(*) AS booked,
           count(*) FILTER (WHERE booking.state = 'CHECKED_IN') AS kept
    FROM queueing_booking booking JOIN services_service service ON service.id = booking.service_id
    WHERE service.agency_id = ANY(%(agencies)s) AND booking.state IN ('CHECKED_IN', 'EXPIRED')
      AND coalesce(booking.checked_in_at, booking.ended_at) > %(since)s
    GROUP BY service.agency_id
)
SELECT agency, served, quits, hours_waited, handovers, handover_minutes, absent, absent_minutes, leavings,
       hours_open, booked, kept
FROM unnest(%(agencies)s::bigint[]) AS agency
LEFT JOIN people USING (agency) LEFT JOIN handover USING (agency) LEFT JOIN absent USING (agency)
LEFT JOIN counter USING (agency) LEFT JOIN booking USING (agency)
"""
# Who has booked for today is known by name, and is not expected twice.
ARRIVALS = """
SELECT line.queue_id AS queue, number.lane,
       extract(hour FROM number.issued_at AT TIME ZONE %(zone)s)::int AS hour,
       count(*)::float8 / greatest(days.days, 1) AS people
FROM queueing_ticket number JOIN queueing_queueday line ON line.id = number.line_id
LEFT JOIN (
    SELECT queue_id, count(DISTINCT date) AS days FROM queueing_queueday
    WHERE queue_id = ANY(%(queues)s) AND date > %(first)s AND date < %(today)s AND last_number > 0
    GROUP BY queue_id
) AS days ON days.queue_id = line.queue_id
WHERE line.queue_id = ANY(%(queues)s) AND line.date > %(first)s AND line.date < %(today)s
  AND number.lane IN ('R', 'X')
  AND NOT EXISTS (SELECT 1 FROM queueing_booking booking WHERE booking.ticket_id = number.id)
GROUP BY line.queue_id, number.lane, 3, days.days
"""
ALL = f"""
SELECT (SELECT json_agg(one) FROM ({SERVICES}) AS one),
       (SELECT json_agg(one) FROM ({HABITS}) AS one),
       (SELECT json_agg(one) FROM ({ARRIVALS}) AS one)
"""  # noqa: S608


@dataclass
class Measured:
    """What was seen: of agencies by their key, of lines by the key of their queue."""

    standards: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    observed: dict[int, list[Observed]] = field(default_factory=lambda: defaultdict(list))
    habits: dict[int, Habits] = field(default_factory=dict)
    arrivals: dict[int, dict[tuple[str, int], float]] = field(default_factory=lambda: defaultdict(dict))

    def times_of(self, queue: Queue) -> Times:
        """Return the table for a line, with all services of its counters."""
        agency = queue.agency_id
        return learn(
            self.observed[agency], self.standards[agency], self.habits[agency], self.arrivals[queue.pk]
        )


def times_of(queues: Collection[Queue], at: datetime) -> dict[int, Times]:
    """Return the table for each of these lines at `at` (aware), by the key of its queue: one query."""
    measured = measure(queues, at)
    return {queue.pk: measured.times_of(queue) for queue in queues}


def measure(queues: Collection[Queue], at: datetime) -> Measured:
    """Return what was seen up to `at` (aware) of these lines and of their agencies: one query."""
    today = clock.local(at).date()
    span: dict[str, Any] = {
        "agencies": list({queue.agency_id for queue in queues}),
        "queues": [queue.pk for queue in queues],
        "at": at,
        "since": at - timedelta(days=DAYS),
        "first": today - timedelta(days=DAYS),
        "today": today,
        "zone": timezone.get_current_timezone_name(),
        "newest": NEWEST,
        "shortest": SHORTEST,
        "longest": LONGEST,
        "handover": LONGEST_HANDOVER,
    }
    with connection.cursor() as cursor:
        cursor.execute(ALL, span)
        services, habits, arrivals = cursor.fetchone()
    found = Measured(habits={row["agency"]: _habits(row) for row in habits or ()})
    for row in services or ():
        agency = row["agency"]
        found.standards[agency][row["service"]] = row["standard"]
        if row["count"]:
            found.observed[agency].append(_observed(row))
    for row in arrivals or ():
        found.arrivals[row["queue"]][row["lane"], row["hour"]] = row["people"]
    return found


def _observed(row: Mapping[str, Any]) -> Observed:
    names = ("service", "hour", "count", "minutes", "logs", "squared_logs", "today")
    return Observed(**{name: row[name] for name in names})


def _habits(row: Mapping[str, float | None]) -> Habits:
    """Return how people and officers behave here, near the usual as long as little has been seen."""
    usual, seen = Habits(), {name: value or 0 for name, value in row.items()}
    called = seen["served"] + seen["absent"]
    return Habits(
        handover=(seen["handover_minutes"] + HANDOVER_WEIGHT * usual.handover)
        / (seen["handovers"] + HANDOVER_WEIGHT),
        no_show=(seen["absent"] + NO_SHOW_WEIGHT * usual.no_show) / (called + NO_SHOW_WEIGHT),
        calling=(seen["absent_minutes"] + CALLING_WEIGHT * usual.calling) / (seen["absent"] + CALLING_WEIGHT),
        quits_an_hour=(seen["quits"] + HOURS_WEIGHT / 4 * usual.quits_an_hour)
        / (seen["hours_waited"] + HOURS_WEIGHT / 4),
        leaves_an_hour=seen["leavings"] / (seen["hours_open"] + HOURS_WEIGHT),
        keeps=(seen["kept"] + KEEPS_WEIGHT * usual.keeps) / (seen["booked"] + KEEPS_WEIGHT),
    )

"""What earlier days and today have shown of an agency's counters: the table that estimating learns from.

Three queries, however many numbers there were; the answer changes slowly and may be kept for a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from mpp.core import clock
from queueing.estimating import Habits, Observed, Times, learn
from services.models import Service

DAYS = 30
# Of each service; more would only make old habits outweigh new ones.
NEWEST = 300
# Shorter is a press by mistake, longer a press forgotten.
SHORTEST, LONGEST = 0.25, 240.0
# Longer between two services is a break, not a handover.
LONGEST_HANDOVER = 10.0
# How many observations the usual habits weigh as much as.
NO_SHOW_WEIGHT, HANDOVER_WEIGHT, CALLING_WEIGHT, KEEPS_WEIGHT, HOURS_WEIGHT = 20, 10, 5, 10, 40

# Numbers put aside meanwhile say nothing about how long a service takes.
OBSERVED = """
SELECT service_id, extract(hour FROM started_at AT TIME ZONE %(zone)s)::int,
       (started_at AT TIME ZONE %(zone)s)::date = %(today)s,
       count(*), sum(minutes), sum(ln(minutes)), sum(ln(minutes) ^ 2)
FROM (
    SELECT done.*, extract(epoch FROM done.ended_at - done.started_at)::float8 / 60 AS minutes
    FROM services_service service CROSS JOIN LATERAL (
        SELECT id, service_id, started_at, ended_at FROM queueing_ticket
        WHERE service_id = service.id AND state = 'DONE' AND ended_at > %(since)s AND ended_at <= %(at)s
        ORDER BY ended_at DESC LIMIT %(newest)s
    ) AS done
    WHERE service.agency_id = %(agency)s AND NOT EXISTS (
        SELECT 1 FROM queueing_ticketevent event WHERE event.ticket_id = done.id AND event.step = 'hold'
    )
) AS newest
WHERE minutes BETWEEN %(shortest)s AND %(longest)s GROUP BY 1, 2, 3
"""
HABITS = """
WITH past AS (
    SELECT number.id, number.state, number.session_id, number.issued_at, number.arrived_at, number.called_at,
           number.started_at, number.ended_at,
           lag(number.ended_at) OVER (PARTITION BY number.session_id ORDER BY number.called_at) AS before
    FROM queueing_ticket number
    JOIN queueing_queueday line ON line.id = number.line_id
    JOIN queueing_queue queue ON queue.id = line.queue_id
    WHERE queue.agency_id = %(agency)s AND line.date > %(first)s AND number.ended_at <= %(at)s
), absent AS (
    SELECT extract(epoch FROM past.ended_at - call.at)::float8 / 60 AS minutes
    FROM past CROSS JOIN LATERAL (
        SELECT max(at) AS at FROM queueing_ticketevent WHERE ticket_id = past.id AND step = 'call'
    ) AS call WHERE past.state = 'NO_SHOW'
), handover AS (
    SELECT extract(epoch FROM started_at - before)::float8 / 60 AS minutes FROM past
    WHERE state = 'DONE' AND arrived_at <= before AND started_at >= before
), counter AS (
    SELECT extract(epoch FROM closed_at - opened_at)::float8 / 3600 AS hours,
           closed_at < max(closed_at) OVER (PARTITION BY date) - interval '30 minutes' AS has_left
    FROM queueing_countersession
    WHERE agency_id = %(agency)s AND date > %(first)s AND date < %(today)s AND closed_at IS NOT NULL
), booking AS (
    SELECT booking.state FROM queueing_booking booking
    JOIN services_service service ON service.id = booking.service_id
    WHERE service.agency_id = %(agency)s AND booking.state IN ('CHECKED_IN', 'EXPIRED')
      AND coalesce(booking.checked_in_at, booking.ended_at) > %(since)s
)
SELECT (SELECT count(*) FROM past WHERE state = 'DONE') AS served,
       (SELECT count(*) FROM absent) AS absent,
       (SELECT coalesce(sum(minutes), 0) FROM absent) AS absent_minutes,
       (SELECT count(*) FROM handover WHERE minutes <= %(handover)s) AS handovers,
       (SELECT coalesce(sum(minutes), 0) FROM handover WHERE minutes <= %(handover)s) AS handover_minutes,
       (SELECT count(*) FROM past WHERE state = 'CANCELLED' AND called_at IS NULL) AS quits,
       (SELECT coalesce(extract(epoch FROM sum(coalesce(called_at, ended_at) - issued_at))::float8 / 3600, 0)
        FROM past) AS hours_waited,
       (SELECT count(*) FROM counter WHERE has_left) AS leavings,
       (SELECT coalesce(sum(hours), 0) FROM counter) AS hours_open,
       (SELECT count(*) FROM booking) AS booked,
       (SELECT count(*) FROM booking WHERE state = 'CHECKED_IN') AS kept
"""
# Who has booked for today is known by name, and is not expected twice.
ARRIVALS = """
SELECT number.lane, extract(hour FROM number.issued_at AT TIME ZONE %(zone)s)::int,
       count(*)::float8 / greatest(days.days, 1)
FROM queueing_ticket number JOIN queueing_queueday line ON line.id = number.line_id
CROSS JOIN (
    SELECT count(DISTINCT date) AS days FROM queueing_queueday
    WHERE queue_id = %(queue)s AND date > %(first)s AND date < %(today)s AND last_number > 0
) AS days
WHERE line.queue_id = %(queue)s AND line.date > %(first)s AND line.date < %(today)s
  AND number.lane IN ('R', 'X')
  AND NOT EXISTS (SELECT 1 FROM queueing_booking booking WHERE booking.ticket_id = number.id)
GROUP BY number.lane, 2, days.days
"""


def times_of(*, agency_id: int, queue_id: int, at: datetime) -> Times:
    """Return the table for a line of the agency at `at` (aware), with all services of its counters."""
    today = clock.local(at).date()
    span = {
        "agency": agency_id,
        "queue": queue_id,
        "at": at,
        "since": at - timedelta(days=DAYS),
        "first": today - timedelta(days=DAYS),
        "today": today,
        "zone": timezone.get_current_timezone_name(),
    }
    standards = dict(Service.objects.filter(agency=agency_id).order_by().values_list("pk", "minutes"))
    return learn(observed(span), standards, habits(span), arrivals(span))


def observed(span: Mapping[str, Any]) -> list[Observed]:
    """Return how long services took, by service, local hour, and whether it was today."""
    limits = {"newest": NEWEST, "shortest": SHORTEST, "longest": LONGEST}
    return [
        Observed(service, hour, count, minutes, logs, squared_logs, today=today)
        for service, hour, today, count, minutes, logs, squared_logs in _rows(OBSERVED, {**span, **limits})
    ]


def habits(span: Mapping[str, Any]) -> Habits:
    """Return how people and officers behave here, near the usual as long as little has been seen."""
    usual = Habits()
    [row] = _rows(HABITS, {**span, "handover": LONGEST_HANDOVER})
    served, absent, absent_minutes, handovers, handover_minutes = row[:5]
    quits, hours_waited, leavings, hours_open, booked, kept = row[5:]
    called = served + absent
    return Habits(
        handover=(handover_minutes + HANDOVER_WEIGHT * usual.handover) / (handovers + HANDOVER_WEIGHT),
        no_show=(absent + NO_SHOW_WEIGHT * usual.no_show) / (called + NO_SHOW_WEIGHT),
        calling=(absent_minutes + CALLING_WEIGHT * usual.calling) / (absent + CALLING_WEIGHT),
        quits_an_hour=(quits + HOURS_WEIGHT / 4 * usual.quits_an_hour) / (hours_waited + HOURS_WEIGHT / 4),
        leaves_an_hour=leavings / (hours_open + HOURS_WEIGHT),
        keeps=(kept + KEEPS_WEIGHT * usual.keeps) / (booked + KEEPS_WEIGHT),
    )


def arrivals(span: Mapping[str, Any]) -> dict[tuple[str, int], float]:
    """Return how many came to the line in an hour, by lane and local hour, on the days it gave numbers."""
    return {(lane, hour): people for lane, hour, people in _rows(ARRIVALS, span)}


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows

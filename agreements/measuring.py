"""The indicators of an evaluation, counted for all agencies at once: a fixed number of queries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from agreements import attendance
from agreements.enums import Indicator
from agreements.indicators import Figure
from agreements.owed import Key
from agreements.presence import DaySheet
from mpp.core import clock
from tenants.models import Agency

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TENTH = Decimal("0.1")

# A number belongs to the line in which it ended, and to that line's date. Whoever had a booked time and
# was called before it did not wait.
NUMBERS = """
SELECT queue.agency_id, count(*) AS issued,
    count(*) FILTER (WHERE number.state = 'DONE') AS served,
    count(*) FILTER (WHERE number.state = 'NO_SHOW') AS no_shows,
    count(times.wait) AS called,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY times.wait) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY times.wait) AS p90,
    avg(standard.time_minutes) FILTER (WHERE times.wait IS NOT NULL) AS promised,
    count(*) FILTER (WHERE number.state = 'DONE' AND standard.time_minutes IS NOT NULL) AS with_promise,
    count(*) FILTER (WHERE number.state = 'DONE' AND times.service <= standard.time_minutes) AS within
FROM queueing_ticket number
JOIN queueing_queueday line ON line.id = number.line_id
JOIN queueing_queue queue ON queue.id = line.queue_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN number.state IN ('DONE', 'NO_SHOW')
        THEN greatest(0, extract(epoch FROM number.called_at - number.arrived_at)::float8 / 60) END AS wait,
        extract(epoch FROM number.ended_at - number.started_at)::float8 / 60 AS service
) times
LEFT JOIN services_servicestandard standard
    ON standard.service_id = number.service_id AND standard.status = 'PUBLISHED'
    AND standard.valid_from <= line.date AND (standard.valid_to IS NULL OR standard.valid_to >= line.date)
WHERE line.date BETWEEN %(first)s AND %(last)s AND queue.agency_id = ANY(%(agencies)s)
GROUP BY queue.agency_id
"""
# Time in which somebody waited, less the time in which a counter was open and had no rest, inside the
# hours that are owed. A rest during the promised break costs nothing: the break is not owed.
EMPTY = """
WITH owed AS (
    SELECT row.agency, row.day, range_agg(tstzrange(row.starts, row.ends)) AS hours
    FROM jsonb_to_recordset(%(owed)s::jsonb)
        AS row(agency bigint, day date, starts timestamptz, ends timestamptz)
    GROUP BY row.agency, row.day
), waiting AS (
    SELECT queue.agency_id AS agency, line.date AS day, range_agg(tstzrange(
        number.arrived_at,
        greatest(number.arrived_at, coalesce(number.called_at, number.ended_at, 'infinity'))
    )) AS times
    FROM queueing_ticket number
    JOIN queueing_queueday line ON line.id = number.line_id
    JOIN queueing_queue queue ON queue.id = line.queue_id
    WHERE line.date BETWEEN %(first)s AND %(last)s AND queue.agency_id = ANY(%(agencies)s)
    GROUP BY queue.agency_id, line.date
), sat AS (
    SELECT session.agency_id AS agency, session.date AS day, unnest(
        tstzmultirange(tstzrange(session.opened_at, coalesce(session.closed_at, 'infinity')))
        - coalesce(rests.times, '{}'::tstzmultirange)
    ) AS part
    FROM queueing_countersession session
    CROSS JOIN LATERAL (
        SELECT range_agg(tstzrange(pause.started_at, coalesce(pause.ended_at, 'infinity'))) AS times
        FROM queueing_counterpause pause WHERE pause.session_id = session.id
    ) rests
    WHERE session.date BETWEEN %(first)s AND %(last)s AND session.agency_id = ANY(%(agencies)s)
), manned AS (
    SELECT agency, day, range_agg(part) AS times FROM sat GROUP BY agency, day
)
SELECT owed.agency, sum(extract(epoch FROM upper(part) - lower(part)))::float8 / 60
FROM owed
JOIN waiting USING (agency, day)
LEFT JOIN manned USING (agency, day)
CROSS JOIN LATERAL unnest(
    owed.hours * waiting.times - coalesce(manned.times, '{}'::tstzmultirange)
) AS part
GROUP BY owed.agency
"""
PLACES = """
SELECT queue.agency_id, sum(share.taken), sum(share.reserved), count(DISTINCT line.id)
FROM queueing_share share
JOIN queueing_queueday line ON line.id = share.line_id
JOIN queueing_queue queue ON queue.id = line.queue_id
WHERE line.quota IS NOT NULL AND line.date BETWEEN %(first)s AND %(last)s
    AND queue.agency_id = ANY(%(agencies)s)
GROUP BY queue.agency_id
"""

Figures = dict[Indicator, Figure]


def measure(agencies: Collection[Agency], first: date, last: date, *, at: datetime) -> dict[int, Figures]:
    """Return the figures of each of these agencies for the days from `first` to `last`, as known at `at`.

    An agency that owed nothing and gave no number has none.
    """
    sheets = attendance.sheets(agencies, first, last, at=at)
    span = {"first": first, "last": last, "agencies": [agency.pk for agency in agencies]}
    found: dict[int, Figures] = defaultdict(dict)
    for agency, days in _by_agency(sheets).items():
        found[agency] |= _attendance(days)
    empty = dict(_rows(EMPTY, {**span, "owed": _as_json(sheets)}))
    for agency, days in _by_agency(sheets).items():
        found[agency][Indicator.EMPTY_COUNTERS] = _emptiness(days, empty.get(agency, 0.0))
    for agency, *numbers in _rows(NUMBERS, span):
        found[agency] |= _numbers(*numbers)
    for agency, taken, reserved, lines in _rows(PLACES, span):
        found[agency][Indicator.QUOTA] = Figure(_decimal(taken), _decimal(reserved), lines)
    return dict(found)


def _by_agency(sheets: Mapping[Key, DaySheet]) -> dict[int, list[DaySheet]]:
    found: dict[int, list[DaySheet]] = defaultdict(list)
    for (agency, _day), sheet in sheets.items():
        found[agency].append(sheet)
    return found


def _attendance(days: Collection[DaySheet]) -> Figures:
    opened = [sheet for sheet in days if sheet.came]
    promised = sum((sheet.owed.promised for sheet in days), timedelta())
    kept = sum((sheet.kept for sheet in days), timedelta())
    late = sum(sheet.late_opening > 0 for sheet in opened)
    return {
        Indicator.OFFICER_HOURS: Figure(_decimal(kept / HOUR), _decimal(promised / HOUR), len(days)),
        Indicator.DAYS_OPEN: Figure(_decimal(len(opened)), _decimal(len(days)), len(days)),
        Indicator.LATE_OPENINGS: Figure(_decimal(late), _decimal(len(opened)), len(opened)),
    }


def _emptiness(days: Iterable[DaySheet], minutes: float) -> Figure:
    spans = [sheet.owed.length for sheet in days]
    return Figure(_decimal(minutes), _decimal(sum(spans, timedelta()) / MINUTE), len(spans))


def _numbers(
    issued: int,
    served: int,
    no_shows: int,
    called: int,
    median: float | None,
    p90: float | None,
    promised: Decimal | None,
    with_promise: int,
    within: int,
) -> Figures:
    return {
        Indicator.SERVED: Figure(_decimal(served), _decimal(issued), issued),
        Indicator.WAIT_MEDIAN: Figure(_decimal(median), _decimal(promised), called),
        Indicator.WAIT_P90: Figure(_decimal(p90), _decimal(promised), called),
        Indicator.WITHIN_STANDARD: Figure(_decimal(within), _decimal(with_promise), with_promise),
        Indicator.NO_SHOWS: Figure(_decimal(no_shows), _decimal(called), called),
    }


def _as_json(sheets: Mapping[Key, DaySheet]) -> str:
    return json.dumps(
        [
            {"agency": agency, "day": day.isoformat(), "starts": _iso(span[0]), "ends": _iso(span[1])}
            for (agency, day), sheet in sheets.items()
            for span in sheet.owed.spans
        ]
    )


def _iso(moment: datetime) -> str:
    return clock.aware(moment).isoformat()


def _decimal(number: float | Decimal | None) -> Decimal | None:
    return None if number is None else Decimal(number).quantize(TENTH)


def _rows(sql: str, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        yield from cursor.fetchall()

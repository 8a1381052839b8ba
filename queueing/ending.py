"""Stopping in time: whether the rest of the day can absorb one number more (the Karangasem case).

Sums over minutes of arrival and over counters, not over people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.models import Queue
from queueing.policy import ending
from services.models import Service
from services.policy import DayPlan

# Everything that bears on the answer, for any number of agencies, in one query: what the row says, the
# agency, a counter, a queue, minutes of work.
LOADS = """
SELECT CASE WHEN s.paused_at IS NULL THEN 'serving' ELSE 'resting' END, s.agency_id, s.counter_id, 0, 0.0
FROM queueing_countersession s
WHERE s.closed_at IS NULL AND s.agency_id = ANY(%(agencies)s) AND s.date = %(day)s
UNION ALL
SELECT 'duty', d.agency_id, d.counter_id, 0, 0.0
FROM tenants_counterduty d JOIN tenants_counter c ON c.id = d.counter_id AND c.is_active
WHERE d.agency_id = ANY(%(agencies)s) AND d.valid_from <= %(day)s
  AND coalesce(d.valid_to, %(day)s) >= %(day)s
  AND coalesce(d.weekday, %(weekday)s) = %(weekday)s
UNION ALL
SELECT 'line', q.agency_id, l.counter_id, q.id, 0.0
FROM queueing_counterline l JOIN queueing_queue q ON q.id = l.queue_id AND q.is_active
WHERE q.agency_id = ANY(%(agencies)s)
UNION ALL
SELECT 'queue', q.agency_id, 0, q.id, coalesce(sum(b.waiting * v.minutes), 0)
FROM queueing_queue q
LEFT JOIN queueing_queueday d ON d.queue_id = q.id AND d.date = %(day)s AND d.block = ''
LEFT JOIN queueing_waitingblock b ON b.line_id = d.id AND b.waiting > 0
LEFT JOIN services_service v ON v.id = b.service_id
WHERE q.agency_id = ANY(%(agencies)s) AND q.is_active GROUP BY q.agency_id, q.id
UNION ALL
SELECT 'in hand', s.agency_id, s.counter_id, 0,
       greatest(1, v.minutes - coalesce(extract(epoch FROM %(at)s - t.started_at) / 60, 0))
FROM queueing_countersession s
JOIN queueing_ticket t ON t.session_id = s.id AND t.state IN ('CALLED', 'SERVING')
JOIN services_service v ON v.id = t.service_id
WHERE s.closed_at IS NULL AND s.agency_id = ANY(%(agencies)s) AND s.date = %(day)s
"""


@dataclass
class Load:
    """What one agency's counters have before them; keys are those of counters and of queues.

    `serving`, `resting` and `duty` are counters that serve now, that are open but pause, and that are
    meant for this agency today; `chosen` the queues of a counter that does not serve them all.
    """

    serving: set[int] = field(default_factory=set)
    resting: set[int] = field(default_factory=set)
    duty: set[int] = field(default_factory=set)
    chosen: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    waiting: dict[int, float] = field(default_factory=dict)
    in_hand: dict[int, float] = field(default_factory=dict)

    @property
    def counters(self) -> Set[int]:
        """Return the counters that serve now; when all rest, or none is open yet, those that will."""
        return self.serving or self.resting or self.duty

    def counters_of(self, queue_id: int) -> list[int]:
        """Return the counters that serve this queue; without a choice a counter serves them all."""
        return [
            counter
            for counter in self.counters
            if not self.chosen.get(counter) or queue_id in self.chosen[counter]
        ]

    def minutes_at(self, counter: int) -> float:
        """Return the work of one counter: its number in hand, and its part of each queue it serves."""
        minutes = self.in_hand.get(counter, 0)
        for queue, waiting in self.waiting.items():
            counters = self.counters_of(queue)
            if counter in counters:
                minutes += waiting / len(counters)
        return minutes

    def has_room(self, queue_id: int, *, own_minutes: float, minutes_left: float) -> bool:
        """Tell whether one number more of this queue can be begun and finished in `minutes_left`."""
        counters = self.counters_of(queue_id)
        return ending.fits(
            waiting_minutes=sum(self.minutes_at(counter) for counter in counters),
            own_minutes=own_minutes,
            counters=len(counters),
            minutes_left=minutes_left,
        )


def loads_of(agency_ids: Collection[int], day: date, at: datetime) -> Mapping[int, Load]:
    """Return the work of each agency's counters on `day` as things stand at `at` (aware): one query."""
    loads: dict[int, Load] = defaultdict(Load)
    where: dict[str, Any] = {"agencies": list(agency_ids), "day": day, "weekday": day.isoweekday()}
    with connection.cursor() as cursor:
        cursor.execute(LOADS, where | {"at": at})
        for what, agency, counter, queue, minutes in cursor.fetchall():
            load = loads[agency]
            match what:
                case "line":
                    load.chosen[counter].add(queue)
                case "queue":
                    load.waiting[queue] = float(minutes)
                case "in hand":
                    load.in_hand[counter] = float(minutes)
                case _:
                    getattr(load, what).add(counter)
    return loads


def has_time(
    queue: Queue, service: Service, plan: DayPlan, at: datetime, *, load: Load | None = None
) -> bool:
    """Tell whether one more number of `service` can be begun and finished before closing.

    `plan` is the day's plan of the service, `at` aware; one query, none with a `load` at hand.
    """
    if not queue.stops_in_time or plan.is_whole_day or settings.LOAD_TEST:
        return True
    here = clock.local(at).replace(tzinfo=None)
    load = load or loads_of([queue.agency_id], here.date(), at)[queue.agency_id]
    minutes_left = ending.open_minutes_left(plan.spans, here)
    return load.has_room(queue.pk, own_minutes=service.minutes, minutes_left=minutes_left)


def refusal_for(queue: Queue, service: Service, plan: DayPlan, at: datetime) -> Refusal | None:
    """Return why no number of `service` can be taken any more today; None while there is time."""
    if has_time(queue, service, plan, at):
        return None
    message = _("Sisa waktu buka hari ini sudah terisi antrean. Ambil nomor pada hari buka berikutnya.")
    return Refusal("no_time_left", message, until=None)

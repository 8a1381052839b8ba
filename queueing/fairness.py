"""The day's fairness report, for everyone: each line's rule in words, and how the day really went.

Sums made by the database, never one number after the other; no name and no link of anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from mpp.core import clock
from queueing.enums import Leftover, Priority, Step
from queueing.models import PriorityClass, Queue, QueueDay, Share, TicketEvent

# More than this a day is no exception any more; the report then says how many there were.
MOST_LISTED = 100

COUNTS = """
SELECT d.queue_id, count(*),
       count(*) FILTER (WHERE t.state = 'DONE'),
       count(*) FILTER (WHERE t.state = 'NO_SHOW'),
       count(*) FILTER (WHERE t.state = 'CANCELLED'),
       count(*) FILTER (WHERE t.state = 'EXPIRED'),
       count(*) FILTER (WHERE t.state IN ('WAITING', 'CALLED', 'SERVING', 'HELD'))
FROM queueing_ticket t JOIN queueing_queueday d ON d.id = t.queue_day_id
WHERE d.date = %(day)s GROUP BY 1
"""
# From standing in the line to the first call that was not taken back. Who was carried over waits from
# the opening on, who booked from the booked time on, who took another place from the very beginning.
WAITS = """
WITH mine AS (
    SELECT t.id, d.queue_id, t.called_at,
           CASE WHEN b.id IS NOT NULL THEN 2 WHEN t.priority <> '' THEN 1 ELSE 0 END AS class,
           greatest(CASE WHEN t.reentries + t.steps_back > 0 THEN t.issued_at
                         ELSE greatest(t.issued_at, t.arrived_at) END, %(midnight)s) AS since
    FROM queueing_ticket t
    JOIN queueing_queueday d ON d.id = t.queue_day_id AND d.date = %(day)s
    LEFT JOIN queueing_booking b ON b.ticket_id = t.id
), calls AS (
    SELECT ticket_id, min(at) AS at FROM (
        SELECT e.ticket_id, e.step, e.at, lead(e.step) OVER (PARTITION BY e.ticket_id ORDER BY e.id) AS next
        FROM queueing_ticketevent e JOIN mine ON mine.id = e.ticket_id
        WHERE e.step IN ('call', 'undo-call')
    ) steps WHERE step = 'call' AND next IS DISTINCT FROM 'undo-call' GROUP BY 1
), waits AS (
    SELECT queue_id, class,
           extract(epoch FROM coalesce(calls.at, mine.called_at) - since)::float / 60 AS minutes
    FROM mine LEFT JOIN calls ON calls.ticket_id = mine.id
    WHERE coalesce(calls.at, mine.called_at) >= since
)
SELECT queue_id, class, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY minutes)
FROM waits GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Wait:
    """How long the people of one class waited: half of them at most `median` minutes, nine of ten `p90`."""

    name: str
    people: int
    median: int
    p90: int


@dataclass(frozen=True)
class Part:
    """A named share of the day's quota."""

    name: str
    taken: int
    reserved: int


class Counts(NamedTuple):
    """What became of the numbers of one line; the others add up to `issued`."""

    issued: int = 0
    served: int = 0
    missed: int = 0
    cancelled: int = 0
    left: int = 0
    running: int = 0


@dataclass(frozen=True)
class LineReport:
    """One line on that day."""

    queue: Queue
    counts: Counts
    waits: list[Wait]
    quota: int | None
    parts: list[Part]
    rule: list[str]


@dataclass(frozen=True)
class Unusual:
    """Something out of the ordinary: when, in which line, to whom as far as anybody may know, and why."""

    at: datetime
    queue: Queue
    what: str
    reason: str


@dataclass(frozen=True)
class Report:
    """The report of one date. `total` sums the lines."""

    day: date
    lines: list[LineReport]
    out_of_order: list[Unusual]
    prioritised: list[Unusual]
    classes: list[PriorityClass]
    total: Counts


def report_of(day: date) -> Report:
    """Return the fairness report of `day`: nine queries, however many numbers."""
    days = list(QueueDay.objects.filter(date=day).select_related("queue__agency").order_by("queue__prefix"))
    rules = _rules_on(day, {row.queue_id: row.queue for row in days})
    counts, waits = _counts(day), _waits(day)
    parts = _parts(days)
    quotas = {key: _quota([row for row in days if row.queue_id == key]) for key in rules}
    lines = [
        LineReport(
            queue,
            counts.get(key, Counts()),
            waits=waits.get(key, []),
            quota=quotas[key],
            parts=parts.get(key, []),
            rule=rule_words(queue),
        )
        for key, queue in rules.items()
    ]
    return Report(
        day=day,
        lines=lines,
        out_of_order=_out_of_order(day),
        prioritised=_prioritised(day),
        # "Needs to go first" is what a citizen ticks who names no class.
        classes=list(PriorityClass.objects.filter(is_active=True).exclude(code=Priority.GENERAL)),
        total=Counts(*(sum(column) for column in zip(*(line.counts for line in lines), strict=True))),
    )


def _rules_on(day: date, queues: dict[int, Queue]) -> dict[int, Queue]:
    """Return each line with the figures of its rule as they were at the end of `day`."""
    if day >= clock.today():
        return queues
    end = clock.aware(datetime.combine(day + timedelta(days=1), time(0)))
    then = {row.pk: row for row in Queue.history.as_of(end).filter(id__in=queues)}
    for key, row in then.items():
        row.agency = queues[key].agency
    return {key: then.get(key, queue) for key, queue in queues.items()}


def _counts(day: date) -> dict[int, Counts]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"day": day})
        return {queue: Counts(*figures) for queue, *figures in cursor.fetchall()}


def _waits(day: date) -> dict[int, list[Wait]]:
    names = (_("Reguler"), _("Prioritas"), _("Pesanan"))
    waits: dict[int, list[Wait]] = defaultdict(list)
    midnight = clock.aware(datetime.combine(day, time(0)))
    with connection.cursor() as cursor:
        cursor.execute(WAITS, {"day": day, "midnight": midnight})
        for queue, kind, people, median, p90 in cursor.fetchall():
            waits[queue].append(Wait(names[kind], people, round(median), round(p90)))
    return waits


def _parts(days: Iterable[QueueDay]) -> dict[int, list[Part]]:
    queues = {row.pk: row.queue_id for row in days}
    parts: dict[int, list[Part]] = defaultdict(list)
    for share in Share.objects.filter(line__in=queues, reserved__gt=0).order_by("line__block", "pk"):
        parts[queues[share.line_id]].append(Part(share.get_name_display(), share.taken, share.reserved))
    return parts


def _quota(rows: Sequence[QueueDay]) -> int | None:
    """Return a line's quota with what was leased out of it; None without one."""
    main = next((row for row in rows if not row.block), None)
    if main is None or main.quota is None:
        return None
    return sum(row.quota or 0 for row in rows)


def _events(day: date, step: Step) -> list[TicketEvent]:
    events = TicketEvent.objects.filter(ticket__line__date=day, step=step).exclude(reason="")
    return list(
        events.select_related("ticket__queue_day", "line__queue__agency").order_by("pk")[:MOST_LISTED]
    )


def _out_of_order(day: date) -> list[Unusual]:
    """Return the calls out of turn, by their number."""
    return [
        Unusual(event.at, event.line.queue, event.ticket.label, event.reason)
        for event in _events(day, Step.CALL)
    ]


def _prioritised(day: date) -> list[Unusual]:
    """Return who was let go first by staff: the class, not the number, since it may tell of an illness."""
    names = dict(PriorityClass.objects.values_list("code", "name"))
    return [
        Unusual(event.at, event.line.queue, names.get(event.ticket.priority, ""), event.reason)
        for event in _events(day, Step.PRIORITISE)
    ]


def rule_words(queue: Queue) -> list[str]:
    """Return the rule of one line in plain words, with its figures."""
    words = [
        _("Di antara dua panggilan reguler paling banyak %(k)d prioritas atau pesanan.")
        % {"k": queue.express_in_a_row},
        _("Di antara dua panggilan prioritas paling banyak %(r)d reguler.") % {"r": queue.priority_ratio},
        _("Yang terdepan dan menunggu %(minutes)d menit dipanggil paling lambat sesudah satu nomor lain.")
        % {"minutes": queue.ageing_minutes},
        _("Tidak hadir dicatat sesudah %(calls)d panggilan.") % {"calls": queue.calls_before_no_show},
    ]
    if queue.reentry_minutes:
        words.append(
            _("Yang terlewat boleh masuk lagi satu kali dalam %(minutes)d menit, sesudah %(people)d orang.")
            % {"minutes": queue.reentry_minutes, "people": queue.reentry_after}
        )
    if queue.step_back_after:
        words.append(
            _("Yang belum siap boleh mundur satu kali, %(people)d orang didahulukan.")
            % {"people": queue.step_back_after}
        )
    if queue.stops_in_time:
        words.append(_("Nomor berhenti keluar bila sisa waktu buka tidak cukup untuk antrean."))
    if queue.leftover == Leftover.CARRY:
        words.append(_("Yang masih menunggu saat tutup mendapat nomor terdepan pada hari buka berikutnya."))
    else:
        words.append(_("Yang masih menunggu saat tutup tetap dilayani."))
    return words

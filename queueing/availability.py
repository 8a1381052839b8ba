"""One answer for page, kiosk, console, display, API and admin: may a number be taken, and if not, why.

The rules and their order are in queueing.openness. What changes rarely (hours, calendar, trouble,
agencies, lines) comes from memory (mpp.core.revision); what changes with every number is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from django.conf import settings
from django.db.models import Count, Q

from mpp.core import clock, revision
from queueing import ending, waits
from queueing.enums import Channel
from queueing.models import Queue, QueueDay, Share
from queueing.openness import Availability, Facts, Line, decide, has_agreement
from queueing.policy import Estimate
from queueing.policy import pool as pool_policy
from queueing.roster import Roster, roster_at
from services.models import Service
from services.opening import OpeningBook, Schedule, schedule_at
from services.policy import DayPlan
from tenants.models import Agency

__all__ = [
    "Availability",
    "Joining",
    "Line",
    "has_agreement",
    "line_to_join",
    "lines_on",
    "of_agency",
    "of_service",
    "of_services",
    "quota_for_today",
]

CHANNELS = (Channel.ONLINE, Channel.KIOSK, Channel.STAFF)


@dataclass(frozen=True)
class Joining:
    """Where a number may be taken: the line (from memory: nobody may change it), the moment, the day.

    `plan` is the day's plan of the service, from which follows how long counters still serve.
    """

    queue: Queue
    agency: Agency
    at: datetime
    day: date
    plan: DayPlan


def line_to_join(service: Service, channel: str | None = None) -> Joining:
    """Return where `service` may issue a number, as things stood when the request came in: from memory.

    Raises the same `Refusal` as `of_service` would; what is left of the quota and of the day, only
    the locked line knows.
    """
    instant = revision.at_entry()
    here = _local(instant.at)
    roster, schedule = roster_at(instant), schedule_at(instant, here.date())
    agency = roster.agencies[service.agency_id]
    queue = roster.queues.get(roster.queue_of.get(service.pk, 0))
    # One counter is assumed: whether any is staffed does not forbid a number.
    line = Line(queue.pk, queue.prefix, 0, 1, None, None) if queue else None
    answer = decide(_facts(agency, here, schedule, line, service.pk, channel))
    if not answer.can_take or queue is None:
        raise answer.refusal()
    plan = schedule.plan(here.date(), service.agency_id, service.pk)
    return Joining(queue, agency, instant.at, here.date(), plan)


def of_service(service: Service, at: datetime | None = None, channel: str | None = None) -> Availability:
    """Return the availability of one service, for `channel` or for anybody."""
    return of_services([service], at, channel)[service.pk]


def of_services(
    services: Sequence[Service], at: datetime | None = None, channel: str | None = None
) -> dict[int, Availability]:
    """Return the availability of each service by key, for `channel` or for anybody: six queries."""
    instant = revision.read()
    at = at or instant.at
    here = _local(at)
    today = here.date()
    roster, schedule = roster_at(instant), schedule_at(instant, today)
    links = {service.pk: roster.queue_of.get(service.pk, 0) for service in services}
    loads = ending.loads_of({service.agency_id for service in services}, today, at)
    lines = _lines(roster, schedule, loads, at, set(links.values()))
    answers = {}
    for service in services:
        agency, queue = roster.agencies[service.agency_id], roster.queues.get(links[service.pk])
        plan = schedule.plan(today, agency.pk, service.pk)
        has_time = queue is None or ending.has_time(queue, service, plan, at, load=loads[agency.pk])
        line = lines.get(links[service.pk])
        facts = _facts(agency, here, schedule, line, service.pk, channel, has_time=has_time)
        answers[service.pk] = decide(facts)
    return answers


def of_shares(service: Service, channel: str) -> Availability:
    """Return what the shares of its line alone say of `service`, which has a line: three queries.

    For the many who find nothing left: who waits and for how long is no answer to them.
    """
    instant = revision.read()
    here = _local(instant.at)
    roster, schedule = roster_at(instant), schedule_at(instant, here.date())
    queue = roster.queues[roster.queue_of[service.pk]]
    day = QueueDay.objects.filter(queue=queue, date=here.date(), block="").first()
    parts = _parts(queue, day, _pools([day.pk] if day else [], instant.at))
    line = _line(queue, 0, 1, None, parts, roster.waves.get(queue.pk, ()), here)
    return decide(_facts(roster.agencies[queue.agency_id], here, schedule, line, service.pk, channel))


def of_agency(
    agency: Agency, book: OpeningBook, line: Line | None, channel: str | None = None
) -> Availability:
    """Return the availability of an agency as a whole, with its first line's figures."""
    has_time = line is None or line.has_time
    return decide(_facts(agency, book.at, book.schedule, line, None, channel, has_time=has_time))


def _local(at: datetime) -> datetime:
    return clock.local(at).replace(tzinfo=None)


def _facts(
    agency: Agency,
    here: datetime,
    schedule: Schedule,
    line: Line | None,
    service_id: int | None,
    channel: str | None,
    *,
    has_time: bool = True,
) -> Facts:
    return Facts(
        agency=agency,
        at=here,
        hours=schedule.hours(here, agency.pk, service_id),
        trouble=schedule.trouble(agency.pk),
        line=line,
        later=lambda after: schedule.next_opening(after, agency.pk, service_id),
        channel=channel,
        has_time=has_time,
    )


def lines_on(day: date, queue_ids: Iterable[int] | None = None) -> dict[int, Line]:
    """Return how each active line stands on `day`, by the key of its queue: six queries in all."""
    instant = revision.read()
    at = instant.at if instant.day == day else clock.aware(datetime.combine(day, time(0)))
    roster, schedule = roster_at(instant), schedule_at(instant, day)
    wanted = set(roster.queues) if queue_ids is None else set(queue_ids)
    agencies = {queue.agency_id for queue in roster.queues.values() if queue.pk in wanted}
    return _lines(roster, schedule, ending.loads_of(agencies, day, at), at, wanted)


def _lines(
    roster: Roster, schedule: Schedule, loads: Mapping[int, ending.Load], at: datetime, queue_ids: set[int]
) -> dict[int, Line]:
    queues = [queue for queue in roster.queues.values() if queue.pk in queue_ids]
    here = _local(at)
    rows = QueueDay.objects.filter(queue__in=queues, date=here.date(), block="")
    days = {row.queue_id: row for row in rows}
    keys = [row.pk for row in days.values()]
    pools = _pools(keys, at)
    hall = waits.Hall([_with_queue(days.get(queue.pk), queue, here.date()) for queue in queues], at)
    lines = {}
    for queue in queues:
        day, waves = days.get(queue.pk), roster.waves.get(queue.pk, ())
        key = day.pk if day else -queue.pk
        people, guess = hall.people(key), hall.newcomer(key)
        parts = _parts(queue, day, pools)
        line = _line(queue, people, hall.staffed(queue.agency_id), guess, parts, waves, here)
        quickest = roster.quickest.get(queue.pk)
        if quickest is not None:
            plan = schedule.plan(here.date(), queue.agency_id, quickest.pk)
            has_time = ending.has_time(queue, quickest, plan, at, load=loads[queue.agency_id])
            line = replace(line, has_time=has_time)
        lines[queue.pk] = line
    return lines


def _with_queue(day: QueueDay | None, queue: Queue, date: date) -> QueueDay:
    """Return the line's day with its queue; one that has not begun as it would be, with nobody in it."""
    if day is None:
        return QueueDay(pk=-queue.pk, queue=queue, date=date, prefix=queue.prefix)
    day.queue = queue
    return day


def _pools(line_ids: Iterable[int], at: datetime) -> dict[int, list[pool_policy.Part]]:
    """Return the shares of each line as they stand, with the places that are free again."""
    shares = Share.objects.filter(line__in=line_ids).order_by("pk")
    found: dict[int, list[pool_policy.Part]] = {}
    for row in shares.annotate(due=Count("returns", filter=Q(returns__due_at__lte=at))):
        part = pool_policy.Part(row.name, row.reserved, row.taken, row.due)
        found.setdefault(row.line_id, []).append(part)
    return found


def _parts(
    queue: Queue, day: QueueDay | None, pools: Mapping[int, list[pool_policy.Part]]
) -> list[pool_policy.Part] | None:
    """Return the shares of a line's day; of a day that has not begun, as they will be; None: no quota."""
    if day is not None:
        return None if day.quota is None else pools.get(day.pk, [])
    quota = quota_for_today(queue)
    if quota is None:
        return None
    divided = pool_policy.divided(quota, percents_of(queue))
    return [pool_policy.Part(name, places, 0) for name, places in divided.items()]


def _line(
    queue: Queue,
    people: int,
    counters: int,
    guess: Estimate | None,
    parts: list[pool_policy.Part] | None,
    waves: Sequence[tuple[time, int]],
    here: datetime,
) -> Line:
    if parts is None:
        return Line(queue.pk, queue.prefix, people, counters, None, guess)
    released = queue.shares_release_at is not None and here.time() >= queue.shares_release_at
    moment = pool_policy.Moment(released, pool_policy.online_percent_at(waves, here.time()))
    return Line(
        queue.pk,
        queue.prefix,
        people,
        counters,
        sum(max(0, part.free) for part in parts),
        guess,
        shares={channel: pool_policy.remaining(parts, channel, moment=moment) for channel in CHANNELS},
        more_at=_more_at(queue, waves, here),
    )


def _more_at(queue: Queue, waves: Sequence[tuple[time, int]], here: datetime) -> dict[str, datetime]:
    """Return when each channel may get more today: at the release, and online with the next wave."""
    release = [queue.shares_release_at] if queue.shares_release_at else []
    times = {channel: list(release) for channel in CHANNELS}
    times[Channel.ONLINE] += [start for start, _percent in waves]
    later = {channel: [start for start in starts if start > here.time()] for channel, starts in times.items()}
    return {
        channel: datetime.combine(here.date(), min(starts)) for channel, starts in later.items() if starts
    }


def percents_of(queue: Queue) -> dict[str, int]:
    """Return the named shares of the queue's quota in per cent."""
    return {
        "ONLINE": queue.online_percent,
        "KIOSK": queue.kiosk_percent,
        "STAFF": queue.staff_percent,
        "BOOKED": queue.booked_percent,
        "PRIORITY": queue.priority_percent,
    }


def quota_for_today(queue: Queue) -> int | None:
    """Return the quota a new day starts with; a load test of the demo has none."""
    return None if settings.LOAD_TEST else queue.daily_quota

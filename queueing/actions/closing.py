"""The end of a day: leftovers go on by their line's rule, and nothing stays open over night."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing import availability, notifications, persons
from queueing.actions import lines, pool, trail
from queueing.actions.numbering import Wish, write_number
from queueing.enums import ACTIVE, Channel, Lane, Leftover, ShareName, Step, TicketState
from queueing.models import CounterPause, CounterSession, QueueDay, Share, Ticket
from queueing.policy import pool as pool_policy
from services.opening import OpeningBook
from services.policy import LOOK_AHEAD_DAYS
from tenants.enums import SERVING
from tenants.models import User

# So many numbers in one transaction: nobody waits long for the lines, and what is done stays done.
AT_ONE_TIME = 50
# Carried numbers stand before everyone who comes with the opening.
BEFORE_OPENING = timedelta(minutes=1)


def close_past_days() -> int:
    """Carry over or expire what earlier days left open and close their counters; return how many numbers.

    Safe to run at any time and twice: it looks only at dates before the mall's today.
    """
    today = clock.today()
    closed = 0
    left_open = lines.main_rows().filter(date__lt=today, standing__state__in=sorted(ACTIVE))
    for line in left_open.order_by("date", "pk").distinct():
        if line.queue.leftover == Leftover.CARRY:
            closed += carry_over(line=line)
        while expired := _expire_some(line):
            closed += expired
    forgotten = CounterSession.objects.open().filter(date__lt=today).update(closed_at=clock.now())
    CounterPause.objects.filter(session__date__lt=today, ended_at=None).update(ended_at=clock.now())
    if closed or forgotten:
        audit.record("day.close", target=str(today), numbers=closed, counters=forgotten)
    return closed


def _expire_some(line: QueueDay) -> int:
    with _both(line) as (held, _none):
        at = clock.now()
        tickets = list(Ticket.objects.active().filter(line=line)[:AT_ONE_TIME])
        for ticket in tickets:
            trail.move(ticket, Step.EXPIRE, at=at, by=None, session=ticket.session, changes={"ended_at": at})
        if tickets:
            trail.publish([held])
    return len(tickets)


@contextlib.contextmanager
def _both(line: QueueDay, other: QueueDay | None = None) -> Iterator[tuple[QueueDay, QueueDay]]:
    """Lock these two rows and yield them as they are under the lock."""
    keys = [line.pk, other.pk if other else line.pk]
    with locks.transaction_of_one_act(), refused_by(Ticket):
        rows = {row.pk: row for row in locks.hold(lines.main_rows().filter(pk__in=keys))}
        yield rows[keys[0]], rows[keys[1]]


def carry_leftovers() -> int:
    """Carry over the numbers of every line that has closed today, where its rule says so.

    Safe to run twice and at the same time twice: a number is carried once.
    """
    at = clock.now()
    waiting = lines.main_rows().filter(
        date=clock.local(at).date(), queue__leftover=Leftover.CARRY, standing__state=TicketState.WAITING
    )
    closed = [line for line in waiting.distinct() if not _is_open(line, at)]
    return sum(carry_over(line=line) for line in closed)


def carry_over(*, line: QueueDay, by: User | None = None) -> int:
    """Give all who still wait in a closed line a number of its next open day; return how many.

    They stand in front there, in today's order, and whoever left a phone is told. Raises `Refusal` (409)
    while the line is open.
    """
    at = clock.now()
    if _is_open(line, at):
        raise Refusal("still_open", _("Antrean ini masih buka. Sisa dilanjutkan sesudah tutup."))
    carried = 0
    for (day, opens), services in _next_days(line, at).items():
        target = lines.day_of(line.queue_id, day)
        while looked_at := _carry_some(line, target, services, opens, by):
            carried += looked_at
    if carried:
        audit.record("line.carry", by=by, target=line, numbers=carried)
    return carried


def _is_open(line: QueueDay, at: datetime) -> bool:
    """Tell whether the line's day goes on: some service of it closes later than `at`."""
    here = clock.local(at).replace(tzinfo=None)
    if line.date != here.date():
        return line.date > here.date()
    book = OpeningBook(at)
    services = line.queue.services.values_list("pk", flat=True)
    plans = [book.plan(line.date, line.queue.agency_id, service) for service in services]
    return any(plan.closes is not None and here < plan.closes for plan in plans)


def _next_days(line: QueueDay, at: datetime) -> dict[tuple[date, datetime], list[int]]:
    """Return the waiting services by the next day, with its opening (naive local), on which each is open.

    A service that does not open again, for lack of hours or of an agreement, is in none.
    """
    waiting = Ticket.objects.waiting().filter(line=line).order_by().values_list("service", flat=True)
    found: dict[tuple[date, datetime], list[int]] = defaultdict(list)
    for service in waiting.distinct():
        if next_day := _next_day(line, service, at):
            found[next_day].append(service)
    return found


def _next_day(line: QueueDay, service_id: int, at: datetime) -> tuple[date, datetime] | None:
    book, here = OpeningBook(at), clock.local(at).replace(tzinfo=None)
    agency = line.queue.agency
    if agency.status not in SERVING or not line.queue.is_active:
        return None
    first = max(line.date + timedelta(days=1), here.date())
    for day in (first + timedelta(days=ahead) for ahead in range(LOOK_AHEAD_DAYS)):
        plan = book.plan(day, agency.pk, service_id)
        if plan.opens is not None and plan.closes is not None and here < plan.closes:
            return (day, plan.opens) if availability.has_agreement(agency, day) else None
    return None


def _carry_some(
    line: QueueDay, target: QueueDay, services: Sequence[int], opens: datetime, by: User | None
) -> int:
    """Carry the first of those who wait; return how many were looked at, 0 when nobody is left."""
    with _both(line, target) as (old, new):
        at = clock.now()
        waiting = Ticket.objects.waiting().filter(line=old, service__in=services).select_related("service")
        tickets = list(waiting.in_arrival_order()[:AT_ONE_TIME])
        already = Ticket.objects.filter(queue_day=new, carried_from__isnull=False).count()
        front = clock.aware(opens) - BEFORE_OPENING
        for place, ticket in enumerate(tickets, start=already):
            _carry(ticket, new, front + timedelta(microseconds=place), at, by)
        if tickets:
            trail.publish([old])
            trail.publish([new], "quota")
    return len(tickets)


def _carry(ticket: Ticket, target: QueueDay, place: datetime, at: datetime, by: User | None) -> None:
    trail.move(ticket, Step.CARRY, at=at, by=by, session=None, changes={"ended_at": at})
    priority_lane = Lane.EXPRESS if ticket.priority else Lane.REGULAR
    person = _person_of(ticket)
    carried = write_number(
        target,
        Wish(ticket.service, ticket.channel, ticket.priority, ticket.phone, person, None, None),
        by=by,
        at=at,
        arrived_at=place,
        share=_charge(target, at),
        lane=priority_lane if ticket.lane == Lane.COUNTER else Lane(ticket.lane),
        carried_from=ticket,
        detail={"carried_from": ticket.pk},
    )
    notifications.ticket_carried(carried)


def _person_of(ticket: Ticket) -> str:
    """Return whose number the new one is; nobody's when one person may hold fewer by now."""
    try:
        persons.free_slot(ticket.person, ticket.service_id)
    except Refusal:
        return ""
    return ticket.person


def _charge(target: QueueDay, at: datetime) -> Share | None:
    """Charge one place of the locked day; when all are taken the day's quota grows by this one.

    Who was promised a turn keeps it; places kept for bookings stay kept.
    """
    if target.quota is None:
        return None
    shares = Share.objects.filter(line=target).exclude(name=ShareName.BOOKED)
    by_name = {share.name: share for share in pool.with_due(shares, at)}
    name = pool_policy.choose(
        [pool.part_of(share) for share in by_name.values()],
        Channel.KIOSK,
        is_priority=False,
        moment=pool_policy.Moment(released=True),
    )
    if name is not None:
        return pool.take(by_name[name], at)
    target.quota += 1
    rest, _is_new = Share.objects.get_or_create(line=target, name=ShareName.REST, defaults={"reserved": 0})
    rest.reserved, rest.taken = rest.reserved + 1, rest.taken + 1
    rest.save(update_fields=["reserved", "taken"])
    return rest

"""An agency's lines as the console shows them: how many wait, how long, who is next, and who was missed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from mpp.core.errors import NotFound
from queueing.choosing import upcoming
from queueing.enums import Priority, TicketState
from queueing.models import CounterSession, QueueDay, Ticket

NEXT_SHOWN = 6
SERVICES_SHOWN = 5
MISSED_SHOWN = 3


@dataclass(frozen=True)
class Upcoming:
    """A waiting number in calling order, and what its service asks to bring."""

    ticket: Ticket
    minutes: int
    papers: list[str]


@dataclass(frozen=True)
class Waiting:
    """How a counter's lines stand; `services` are (name, people), the most wanted first."""

    people: int
    longest_minutes: int
    priority: int
    services: list[tuple[str, int]]
    upcoming: list[Upcoming]

    @property
    def most(self) -> int:
        """Return the people of the longest bar."""
        return max((people for _name, people in self.services), default=0)


def minutes_since(moment: datetime, at: datetime) -> int:
    """Return the whole minutes from `moment` to `at`."""
    return max(0, int((at - moment).total_seconds() // 60))


def waiting_for(
    session: CounterSession, served: Collection[int], following: Sequence[Upcoming], at: datetime
) -> Waiting:
    """Return who waits for this counter at `at`: in the lines it serves (keys of their rows), or for it by
    name; one query, however many wait."""
    rows = (
        Ticket.objects.waiting()
        .filter(Q(line__in=served, for_counter=None) | Q(for_counter=session.counter_id))
        .filter(line__date=session.date)
        .values_list("service__name")
        .annotate(
            people=Count("pk"), oldest=Min("arrived_at"), first=Count("pk", filter=~Q(priority=Priority.NONE))
        )
        .order_by("-people", "service__name")
    )
    standing = list(rows)
    oldest = min((row[2] for row in standing), default=at)
    services = [(row[0], row[1]) for row in standing]
    shown, rest = services, services[SERVICES_SHOWN - 1 :]
    if len(rest) > 1:
        shown = services[: SERVICES_SHOWN - 1]
        name = _("%(count)d layanan lain") % {"count": len(rest)}
        shown.append((name, sum(people for _name, people in rest)))
    return Waiting(
        people=sum(row[1] for row in standing),
        longest_minutes=minutes_since(oldest, at),
        priority=sum(row[3] for row in standing),
        services=shown,
        upcoming=list(following),
    )


def next_numbers(days: Sequence[QueueDay], session: CounterSession, at: datetime) -> list[Ticket]:
    """Return the next six numbers that this counter will call from these lines (with `queue` joined).

    The same rule as actions.call_next, played forward; a person who is at another counter keeps their
    place, so they are among them.
    """
    keys = [head.ticket_id for head in upcoming(days, session, at, NEXT_SHOWN)]
    tickets = {ticket.pk: ticket for ticket in Ticket.objects.with_labels().filter(pk__in=keys)}
    return [tickets[key] for key in keys if key in tickets]


def waiting_number(days: Sequence[QueueDay], label: str) -> Ticket:
    """Return the number "A-047" that waits in one of these lines; raise `NotFound` when none does."""
    prefix, _dash, digits = label.strip().upper().rpartition("-")
    found = None
    if prefix and digits.isascii() and digits.isdecimal() and len(digits) <= 9:
        standing = Ticket.objects.waiting().with_labels().filter(line__in=[day.pk for day in days])
        found = standing.filter(queue_day__prefix=prefix, number=int(digits)).first()
    if found is None:
        raise NotFound(_("Nomor itu tidak sedang menunggu di sini. Tulis seperti A-047."))
    return found


def missed_in(days: Sequence[QueueDay], at: datetime) -> list[Ticket]:
    """Return the numbers missed last in these lines that may stand in them again, newest first."""
    graces = {day.pk: timedelta(minutes=day.queue.reentry_minutes) for day in days}
    if not graces:
        return []
    missed = Ticket.objects.with_labels().filter(
        line__in=graces, state=TicketState.NO_SHOW, reentries=0, ended_at__gte=at - max(graces.values())
    )
    return [
        ticket
        for ticket in missed.order_by("-ended_at")
        if ticket.ended_at and at - ticket.ended_at <= graces[ticket.line_id]
    ][:MISSED_SHOWN]

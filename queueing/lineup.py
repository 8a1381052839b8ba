"""An agency's lines as the console shows them: how many wait, for what, how long, and who is next."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from queueing import live
from queueing.enums import Priority
from queueing.models import QueueDay, Ticket
from queueing.policy import Standing, call_order

NEXT_SHOWN = 6
SERVICES_SHOWN = 5


@dataclass(frozen=True)
class Upcoming:
    """A waiting number in calling order."""

    ticket: Ticket
    minutes: int


@dataclass(frozen=True)
class Waiting:
    """How the agency's lines stand; `services` are (name, people), the most wanted first."""

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


def waiting_in(days: Sequence[QueueDay], at: datetime) -> Waiting:
    """Return how these lines (with `queue` joined) stand at `at`; three queries, however many wait."""
    rows = (
        Ticket.objects.waiting()
        .filter(line__in=[day.pk for day in days])
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
        upcoming=[Upcoming(ticket, minutes_since(ticket.arrived_at, at)) for ticket in next_numbers(days)],
    )


def next_numbers(days: Sequence[QueueDay]) -> list[Ticket]:
    """Return the next six numbers over these lines (with `queue` joined) as they will be called.

    The same rule as actions.call_next: in each line policy.call_order, between lines whose head
    came first. Six of each class of each line are enough to know the first six of all.
    """
    waiting = Ticket.objects.waiting().in_arrival_order().values_list("pk", flat=True)
    heads = [
        line[:NEXT_SHOWN]
        for day in days
        for line in (
            waiting.filter(line=day, priority=Priority.NONE),
            waiting.filter(line=day).exclude(priority=Priority.NONE),
        )
    ]
    if not heads:
        return []
    keys = list(heads[0].union(*heads[1:], all=True))
    tickets = {ticket.pk: ticket for ticket in Ticket.objects.with_labels().filter(pk__in=keys)}
    orders = [_order_in(day, tickets.values()) for day in days]
    merged = heapq.merge(*orders, key=lambda standing: (standing.arrived_at, standing.key))
    return [tickets[standing.key] for standing in islice(merged, NEXT_SHOWN)]


def _order_in(day: QueueDay, tickets: Iterable[Ticket]) -> list[Standing]:
    standings = live.standings(ticket for ticket in tickets if ticket.line_id == day.pk)
    return call_order(standings, since_priority=day.since_priority, ratio=day.queue.priority_ratio)

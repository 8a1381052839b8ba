"""One person's numbers of a day side by side: how each stands, and where to go first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from queueing import live
from queueing.enums import AT_COUNTER, TicketState
from queueing.models import Ticket, Visit
from queueing.panels import minutes_words
from queueing.policy.visits import Leg, Route, best_route


@dataclass(frozen=True)
class Row:
    """One number of a visit with its live state."""

    ticket: Ticket
    now: dict[str, Any]

    @property
    def minutes(self) -> str:
        """Return the wait as "10–15", or "" when nobody knows."""
        low, high = self.now["low_minutes"], self.now["high_minutes"]
        return "" if low is None or high is None else minutes_words(low, high)


@dataclass(frozen=True)
class Together:
    """The numbers of a visit: those at a counter, then the waiting ones in the proposed order, then
    those that have ended. `advice` is that order in words, `until` the range until all is done."""

    visit: Visit
    rows: list[Row]
    waiting: list[Row]
    counter: str
    advice: str
    until: str

    @property
    def is_running(self) -> bool:
        """Tell whether anything is still to happen."""
        return any(row.ticket.is_active for row in self.rows)


def together(visit: Visit, at: datetime) -> Together:
    """Return how the numbers of `visit` stand at `at`: one query, and one for each number that waits."""
    tickets = Ticket.objects.with_labels().select_related(*JOINED).filter(visit=visit)
    rows = [Row(ticket, live.ticket_state(ticket)) for ticket in tickets]
    busy = [row for row in rows if row.ticket.state in AT_COUNTER]
    route = best_route(
        [_leg(row) for row in rows if row.ticket.state == TicketState.WAITING],
        busy_minutes=sum(_minutes_left(row.ticket, at) for row in busy),
    )
    by_key = {row.ticket.pk: row for row in rows}
    waiting = [by_key[leg.key] for leg in route.legs]
    held = [row for row in rows if row.ticket.state == TicketState.HELD]
    ended = [row for row in rows if not row.ticket.is_active]
    return Together(
        visit=visit,
        rows=[*busy, *held, *waiting, *ended],
        waiting=waiting,
        counter=next((row.now["counter"] for row in busy), ""),
        advice=_advice(waiting) if len(waiting) > 1 else "",
        until=_until(route) if len(waiting) > 1 else "",
    )


JOINED = ("line__queue__agency", "session__counter__zone")


def _leg(row: Row) -> Leg:
    low, high = row.now["low_minutes"], row.now["high_minutes"]
    return Leg(row.ticket.pk, low, high, row.ticket.service.minutes)


def _minutes_left(ticket: Ticket, at: datetime) -> float:
    served = (at - ticket.started_at).total_seconds() / 60 if ticket.started_at else 0
    return max(1, ticket.service.minutes - served)


def _advice(waiting: Iterable[Row]) -> str:
    """Return the proposed order in one sentence: agencies, and numbers where an agency comes twice."""
    agencies = [row.ticket.line.queue.agency.short_name for row in waiting]
    names = [
        f"{name} ({row.ticket.label})" if agencies.count(name) > 1 else name
        for name, row in zip(agencies, waiting, strict=True)
    ]
    first, *others = names
    return _("Ke %(first)s dulu") % {"first": first} + "".join(
        _(", lalu %(next)s") % {"next": name} for name in others
    )


def _until(route: Route) -> str:
    if route.low is None or route.high is None:
        return ""
    low, high = (round(minutes / 5) * 5 for minutes in (route.low, route.high))
    return minutes_words(low, max(high, low + 5))


def companions(ticket: Ticket, at: datetime) -> Together | None:
    """Return the visit of a number; None when it stands alone."""
    if ticket.visit is None:
        return None
    found = together(ticket.visit, at)
    return found if len(found.rows) > 1 else None

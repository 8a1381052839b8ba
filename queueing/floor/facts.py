"""What one look at the floor reads: a fixed number of queries, whatever the size of the mall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max, Min

from mpp.core import clock, revision
from queueing import availability, roster, rules
from queueing.actions.sessions import MAY_SERVE
from queueing.enums import TicketState
from queueing.models import (
    Advice,
    AlertRule,
    CounterMove,
    CounterSession,
    HelpCall,
    OfficerRequest,
    Ticket,
)
from queueing.policy.floor import Limit
from services.models import ServiceStandard
from services.opening import OpeningBook
from tenants.models import Agency, Counter, CounterDuty, Placement, User

OLDEST = """
SELECT line.queue_id, min(block.minute) FROM queueing_waitingblock block
JOIN queueing_queueday line ON line.id = block.line_id
WHERE line.date = %s AND block.waiting > 0 GROUP BY line.queue_id
"""


@dataclass(frozen=True)
class Attendance:
    """An agency's people today: at counters now, and when the first counter was opened."""

    present: int
    first: datetime | None


class Facts:
    """One moment of the floor. Keys are those of queues, agencies or counters."""

    def __init__(self, instant: revision.Instant) -> None:
        """Read the floor at `instant`."""
        today = instant.day
        self.instant = instant
        self.book = OpeningBook(instant.at)
        self.lines = availability.lines_on(today)
        self.roster = roster.roster_at(instant)
        self.named = rules.book_at(instant).weights
        self.agencies = {agency.pk: agency for agency in Agency.objects.serving_on(today)}
        self.oldest = self._oldest()
        self.sessions = self._sessions()
        self.tickets = self._tickets()
        self.promised_minutes = self._promised_minutes()
        self.duties = self._duties()
        self.closed = self._closed()
        self.attendance = self._attendance()
        self.people = self._people()
        self.limits = {
            rule.kind: Limit(rule.limit, rule.position) for rule in AlertRule.objects.filter(is_active=True)
        }
        self.help_calls = list(
            HelpCall.objects.open()
            .filter(session__date=today)
            .select_related("session__counter__zone", "session__agency", "called_by")
            .order_by("called_at")
        )
        self.moves = {
            move.counter_id: move
            for move in CounterMove.objects.filter(date=today, ended_at=None).select_related("queue")
        }
        self.requests = {
            row.counter_id: row
            for row in OfficerRequest.objects.filter(date=today).select_related("by").order_by("at")
        }
        self.advice = Advice.objects.filter(date=today).first()
        self.served = Ticket.objects.filter(line__date=today, state=TicketState.DONE).count()

    @property
    def at(self) -> datetime:
        """Return the moment, aware."""
        return self.instant.at

    def minutes_since(self, moment: datetime) -> int:
        """Return the whole minutes from an aware moment to now."""
        return max(0, int((self.at - moment).total_seconds() // 60))

    def longest_minutes(self, queue_id: int) -> int:
        """Return how long the first of a line has waited; 0 when nobody waits."""
        minute = self.oldest.get(queue_id)
        return max(0, int(self.at.timestamp() // 60) - minute) if minute is not None else 0

    def promised(self, agency: Agency) -> int:
        """Return how many officers the agency has promised, else one for each counter it uses today."""
        if agency.promised_officers is not None:
            return agency.promised_officers
        return len(self.duties.get(agency.pk, ()))

    def _oldest(self) -> Mapping[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(OLDEST, [self.instant.day])
            return dict(cursor.fetchall())

    def _sessions(self) -> Mapping[int, CounterSession]:
        rows = CounterSession.objects.open().filter(date=self.instant.day)
        return {row.counter_id: row for row in rows.select_related("user", "agency", "counter__zone")}

    def _tickets(self) -> Mapping[int, Ticket]:
        """Return what is called or served, by counter session."""
        rows = Ticket.objects.at_counter().filter(session__in=list(self.sessions.values()))
        return {row.session_id: row for row in rows.with_labels() if row.session_id is not None}

    def _promised_minutes(self) -> Mapping[int, int]:
        services = {ticket.service_id for ticket in self.tickets.values()}
        rows = ServiceStandard.objects.in_force(self.instant.day).filter(service__in=services)
        return {
            service: minutes for service, minutes in rows.values_list("service", "time_minutes") if minutes
        }

    def _duties(self) -> Mapping[int, Sequence[Counter]]:
        """Return the counters of each agency today, in the order of the hall."""
        rows = CounterDuty.objects.on(self.instant.day).filter(counter__is_active=True)
        found: dict[int, list[Counter]] = defaultdict(list)
        for row in rows.select_related("counter__zone").order_by("counter__position", "counter__number"):
            found[row.agency_id].append(row.counter)
        return found

    def _closed(self) -> Mapping[int, datetime]:
        """Return when each counter was closed last today."""
        rows = CounterSession.objects.filter(date=self.instant.day, closed_at__isnull=False).order_by()
        return dict(rows.values_list("counter").annotate(last=Max("closed_at")))

    def _attendance(self) -> Mapping[int, Attendance]:
        rows = CounterSession.objects.filter(date=self.instant.day).order_by()
        first = dict(rows.values_list("agency").annotate(first=Min("opened_at")))
        present: dict[int, int] = defaultdict(int)
        for session in self.sessions.values():
            present[session.agency_id] += 1
        return {agency: Attendance(present[agency], first.get(agency)) for agency in self.agencies}

    def _people(self) -> Mapping[int, Sequence[User]]:
        """Return who is placed at each agency today and has no counter open."""
        busy = {session.user_id for session in self.sessions.values()}
        rows = Placement.objects.on(self.instant.day).filter(user__is_active=True).select_related("user")
        found: dict[int, list[User]] = defaultdict(list)
        for row in rows.order_by("user__first_name", "user__username"):
            if row.user_id not in busy and row.user.role in MAY_SERVE:
                found[row.agency_id].append(row.user)
        return found


def local(moment: datetime) -> datetime:
    """Return an aware moment as the naive local one that opening hours speak of."""
    return clock.local(moment).replace(tzinfo=None)

"""How things stand at one moment, in the form in which every public list of the API shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from mpp.core import clock
from queueing import availability
from queueing.availability import Availability, Line
from queueing.enums import Channel
from queueing.models import CounterSession, Queue, QueueService, Ticket
from queueing.policy import Estimate
from services.enums import Openness
from services.models import Service, ServiceStandard
from services.opening import OpeningBook
from tenants.models import Agency, Counter, CounterDuty


@dataclass(frozen=True)
class Remaining:
    """Numbers that can still be taken now, in all and through each door; None: no limit."""

    total: int | None
    online: int | None
    on_site: int | None

    @classmethod
    def of_lines(cls, lines: Sequence[Line]) -> Remaining:
        """Return what is left of these lines together."""
        doors = (None, Channel.ONLINE, Channel.KIOSK)
        return cls(*(_together([line.left(door) for line in lines]) for door in doors))


def _together(left: Sequence[int | None]) -> int | None:
    return None if None in left or not left else sum(figure or 0 for figure in left)


@dataclass(frozen=True)
class Standing:
    """Open or not and why; how many wait, how long, and what is left."""

    open: bool
    takes_numbers: bool
    state: Openness
    code: str
    reason: str
    until: datetime | None
    special: str
    waiting: int
    estimate: Estimate | None
    remaining: Remaining


@dataclass(frozen=True)
class ServiceRow:
    """A service, its line and how it stands; the standard on its own page only."""

    service: Service
    queue: str | None
    standing: Standing
    standard: ServiceStandard | None = None


@dataclass(frozen=True)
class AgencyRow:
    """An agency and how it stands."""

    agency: Agency
    standing: Standing


@dataclass(frozen=True)
class QueueRow:
    """A line, the services in it, the counters staffed for it, and how it stands."""

    queue: Queue
    services: list[str]
    counters: int
    standing: Standing


@dataclass(frozen=True)
class CounterRow:
    """A counter, who uses it today, which number is there, and how it stands."""

    counter: Counter
    agency: Agency | None
    now_serving: str | None
    standing: Standing


def service_rows(services: Sequence[Service]) -> list[ServiceRow]:
    """Return these services as they stand now; seven queries, however many."""
    answers = availability.of_services(services)
    links = QueueService.objects.filter(service__in=services, queue__is_active=True)
    queues = dict(links.values_list("service", "queue__code"))
    return [ServiceRow(service, queues.get(service.pk), _of(answers[service.pk])) for service in services]


def agency_rows(agencies: Sequence[Agency]) -> list[AgencyRow]:
    """Return these agencies as they stand now; seven queries, however many."""
    standings = _of_agencies(agencies)
    return [AgencyRow(agency, standings[agency.pk]) for agency in agencies]


def queue_rows(queues: Sequence[Queue]) -> list[QueueRow]:
    """Return these lines (with `agency` joined, `services` prefetched) as they stand now."""
    at = clock.now()
    book = OpeningBook(at)
    lines = availability.lines_on(clock.local(at).date(), [queue.pk for queue in queues])
    return [
        QueueRow(
            queue,
            [service.slug for service in queue.services.all()],
            lines[queue.pk].counters,
            _of(availability.of_agency(queue.agency, book, lines[queue.pk])),
        )
        for queue in queues
    ]


def counter_rows(counters: Sequence[Counter]) -> list[CounterRow]:
    """Return these counters as they stand now; ten queries, however many."""
    duties = CounterDuty.objects.on(clock.today()).filter(counter__in=counters).select_related("agency")
    users = {duty.counter_id: duty.agency for duty in duties}
    standings = _of_agencies(list(users.values()))
    sessions = CounterSession.objects.open().filter(counter__in=counters).select_related("agency")
    staffed = {session.counter_id for session in sessions}
    called = Ticket.objects.at_counter().filter(session__in=sessions).select_related("queue_day", "session")
    now_serving = {ticket.session.counter_id: ticket.label for ticket in called if ticket.session}
    return [
        CounterRow(
            counter,
            users.get(counter.pk),
            now_serving.get(counter.pk),
            _of_counter(standings, users.get(counter.pk), staffed=counter.pk in staffed),
        )
        for counter in counters
    ]


def _of(answer: Availability) -> Standing:
    line = answer.line
    return Standing(
        open=answer.is_open,
        takes_numbers=answer.can_take,
        state=answer.state,
        code=answer.code,
        reason=answer.message.strip(),
        until=answer.until,
        special=answer.special,
        waiting=line.waiting if line else 0,
        estimate=line.estimate if line else None,
        remaining=Remaining.of_lines([line] if line else []),
    )


def _of_agencies(agencies: Iterable[Agency]) -> dict[int, Standing]:
    """Return how each agency stands, over all its lines."""
    wanted = {agency.pk: agency for agency in agencies}
    at = clock.now()
    book = OpeningBook(at)
    owners = dict(Queue.objects.active().filter(agency__in=wanted).values_list("pk", "agency"))
    lines: dict[int, list[Line]] = {key: [] for key in wanted}
    for queue_id, line in availability.lines_on(clock.local(at).date(), owners).items():
        lines[owners[queue_id]].append(line)
    return {key: _of_lines(agency, book, lines[key]) for key, agency in wanted.items()}


def _of_lines(agency: Agency, book: OpeningBook, lines: list[Line]) -> Standing:
    """Return how an agency stands: full only when each of its lines is."""
    best = next((line for line in lines if line.remaining != 0), lines[0] if lines else None)
    guesses = [line.estimate for line in lines if line.estimate]
    low = min((guess.low_minutes for guess in guesses), default=0)
    high = max((guess.high_minutes for guess in guesses), default=0)
    return replace(
        _of(availability.of_agency(agency, book, best)),
        waiting=sum(line.waiting for line in lines),
        estimate=Estimate(low, high) if guesses else None,
        remaining=Remaining.of_lines(lines),
    )


def _of_counter(standings: dict[int, Standing], agency: Agency | None, *, staffed: bool) -> Standing:
    if agency is None:
        reason = _("Hari ini loket ini tidak dipakai instansi mana pun.")
        nothing = Remaining.of_lines([])
        return Standing(
            False, False, Openness.CLOSED, "counter_unassigned", reason, None, "", 0, None, nothing
        )
    standing = standings[agency.pk]
    if staffed or not standing.open:
        return standing
    return replace(
        standing,
        open=False,
        state=Openness.CLOSED,
        code="counter_unstaffed",
        reason=_("Belum ada petugas di loket ini."),
        until=None,
    )

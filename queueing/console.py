"""What the officer console shows, in few queries: one read model for the page and for its live part."""

from __future__ import annotations

import uuid
from collections import Counter as Tally
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mpp.core import clock, revision
from mpp.core.errors import Forbidden
from queueing import live
from queueing.actions.sessions import MAY_SERVE
from queueing.choosing import weights_at
from queueing.enums import AT_COUNTER, Priority, TicketState
from queueing.filed import file_of
from queueing.in_hand import Deed, InHand, deeds_for, in_hand, minutes_seconds, seconds_at_counter
from queueing.lacking import just_noted
from queueing.lineup import Upcoming, Waiting, minutes_since, missed_in, next_numbers, waiting_for
from queueing.models import CounterSession, PriorityClass, Queue, QueueDay, Ticket
from queueing.popular import often_taken
from queueing.rules import RuleBook, book_at, hall
from queueing.undoing import Mistake, mistake_at
from services.models import Service, ServiceStandard, Submission
from tenants.models import Agency, Counter, CounterDuty, DeskPin, Placement, User

# So many services stand at an empty counter as buttons of their own; the others are one list away.
AT_HAND = 4


@dataclass(frozen=True)
class CounterChoice:
    """A counter that may be opened; `holder` is who has it open now, or empty."""

    counter: Counter
    holder: str


@dataclass(frozen=True)
class OpeningPage:
    """The page "Buka loket": `first` is the one big button."""

    agency: Agency
    waiting: int
    first: CounterChoice | None
    others: list[CounterChoice]
    has_pin: bool
    lock_minutes: int


@dataclass(frozen=True)
class Colleague:
    """Another counter of the agency and the number there, if any. `is_beside`: it serves a line of ours."""

    session: CounterSession
    ticket: Ticket | None
    seconds: int
    is_beside: bool

    @property
    def elapsed(self) -> str:
        """Return the time spent as "11.03"."""
        return minutes_seconds(self.seconds)


@dataclass(frozen=True)
class Target:
    """A line that a number may be sent to, and how many counters serve it now."""

    queue: Queue
    counters: int


@dataclass(frozen=True)
class Rest:
    """A counter at rest: why, and for how many minutes already."""

    reason: str
    since: datetime
    minutes: int


@dataclass(frozen=True)
class CounterPage:
    """The console at an open counter."""

    session: CounterSession
    at: datetime
    now: InHand | None
    rest: Rest | None
    mistake: Mistake | None
    held: list[Ticket]
    waiting: Waiting
    missed: list[Ticket]
    noted: Ticket | None
    file: Submission | None
    colleagues: list[Colleague]
    targets: list[Target]
    services: list[Service]
    classes: list[PriorityClass]
    served_today: int
    lock_minutes: int
    version: int
    live_url: str
    request_key: str

    @property
    def can_call(self) -> bool:
        """Tell whether "Panggil berikutnya" may be pressed: not at rest, and not while a called number is
        undecided."""
        return self.rest is None and (self.now is None or not self.now.is_called)

    @property
    def call_hint(self) -> str:
        """Return who is next and what the press does besides, or why it cannot be pressed."""
        label = self.now.ticket.label if self.now else ""
        if self.now and self.now.is_called:
            if self.now.may_be_absent:
                return _("Mulai atau tandai %(label)s tidak hadir dulu.") % {"label": label}
            return _("Mulai %(label)s dulu, atau ulangi panggilannya.") % {"label": label}
        if self.rest:
            return _("Loket ini sedang jeda. Lanjutkan dulu, lalu panggil.")
        if not self.waiting.upcoming:
            return _("Tidak ada yang menunggu.")
        head = self.waiting.upcoming[0].ticket
        follower = _("%(label)s, %(service)s.") % {"label": head.label, "service": head.service.name}
        return f"{follower} " + _("%(label)s dicatat selesai.") % {"label": label} if label else follower

    @property
    def deeds(self) -> list[Deed]:
        """Return the second row of buttons."""
        return list(deeds_for(self.now, is_resting=self.rest is not None))

    @property
    def rest_reasons(self) -> list[str]:
        """Return the reasons for a rest that need no writing."""
        return [_("Istirahat"), _("Salat"), _("Rapat"), _("Gangguan sistem")]

    @property
    def close_reasons(self) -> list[str]:
        """Return the reasons for closing that need no writing."""
        return [_("Jam layanan selesai"), _("Ganti petugas"), _("Pindah loket"), _("Gangguan sistem")]

    @property
    def at_hand(self) -> list[Service]:
        """Return the services for which one press makes a number, while nobody is at the counter."""
        is_free = self.now is None and self.rest is None
        return self.services[:AT_HAND] if is_free and len(self.services) > 1 else []

    @property
    def beside(self) -> list[Colleague]:
        """Return who else serves these lines."""
        return [colleague for colleague in self.colleagues if colleague.is_beside]

    @property
    def elsewhere(self) -> list[Colleague]:
        """Return the other counters of the agency."""
        return [colleague for colleague in self.colleagues if not colleague.is_beside]


def placement_of(user: User) -> Placement:
    """Return where `user` serves today; raise `Forbidden` for a role or a day without a counter."""
    if user.role not in MAY_SERVE:
        raise Forbidden(_("Halaman ini untuk petugas loket. Peran Anda tidak memakai loket."))
    placement = user.placements.on(clock.today()).select_related("agency", "counter").first()
    if placement is None:
        raise Forbidden(_("Hari ini Anda tidak ditempatkan di instansi mana pun. Hubungi admin."))
    return placement


def page_of(user: User) -> OpeningPage | CounterPage:
    """Return what `user` sees at /loket/ now; raises `Forbidden` as `placement_of`."""
    with revision.steady():
        placement = placement_of(user)
        sessions = _sessions_of(placement.agency, clock.today())
        own = next((session for session in sessions if session.user_id == user.pk), None)
        return _counter_page(own, sessions) if own else _opening_page(placement)


def _sessions_of(agency: Agency, day: date) -> list[CounterSession]:
    """Return the counters open on `day`; one forgotten yesterday does not count as open."""
    sessions = CounterSession.objects.open().filter(agency=agency, date=day)
    return list(
        sessions.select_related("counter", "agency", "user").order_by("counter__position", "counter__number")
    )


def _opening_page(placement: Placement) -> OpeningPage:
    today = clock.today()
    duties = CounterDuty.objects.on(today).filter(agency=placement.agency, counter__is_active=True)
    counters = [
        duty.counter
        for duty in duties.select_related("counter").order_by("counter__position", "counter__number")
    ]
    open_now = CounterSession.objects.open().filter(counter__in=counters, date=today).select_related("user")
    holders = {session.counter_id: str(session.user) for session in open_now}
    usual = placement.counter_id or _last_counter_of(placement.user_id)
    choices = [CounterChoice(counter, holders.get(counter.pk, "")) for counter in counters]
    choices.sort(key=lambda choice: choice.counter.pk != usual)
    first = next((choice for choice in choices if not choice.holder), None)
    return OpeningPage(
        agency=placement.agency,
        waiting=Ticket.objects.waiting().filter(line__in=_lines_of(placement.agency, today)).count(),
        first=first,
        others=[choice for choice in choices if choice is not first],
        has_pin=DeskPin.objects.filter(user=placement.user_id).exists(),
        lock_minutes=hall().lock_minutes,
    )


def _last_counter_of(user_id: int) -> int | None:
    return CounterSession.objects.filter(user=user_id).values_list("counter", flat=True).first()


def _lines_of(agency: Agency, day: date) -> QuerySet[QueueDay]:
    return QueueDay.objects.filter(queue__agency=agency, queue__is_active=True, date=day)


def _counter_page(session: CounterSession, sessions: Sequence[CounterSession]) -> CounterPage:
    instant = revision.read()
    at, book = instant.at, book_at(instant)
    # Before all else: a page that is older than its version would stay as it is.
    rows = _rows_of(session)
    tickets = list(_at_counters(sessions))
    own = [ticket for ticket in tickets if ticket.session_id == session.pk]
    current = next((ticket for ticket in own if ticket.state in AT_COUNTER), None)
    days = _lines_among(rows)
    following = next_numbers(days, session, at)
    standards = _standards({ticket.service_id for ticket in [*own, *following]}, session.date)
    served = weights_at(session.counter_id, days, book)
    noted = None if current else just_noted(session, at)
    return CounterPage(
        session=session,
        at=at,
        now=in_hand(current, standards.get(current.service_id), at, book.hall) if current else None,
        rest=_rest(session, at),
        mistake=mistake_at(session, at, book.hall),
        held=[ticket for ticket in own if ticket.state == TicketState.HELD],
        waiting=waiting_for(session, served, _peeks(following, standards, at), at),
        missed=missed_in(days, at),
        noted=noted,
        file=file_of(noted) if noted else None,
        colleagues=[
            _colleague(other, tickets, at, is_beside=_shares_a_line(other, served, days, book))
            for other in sessions
            if other.pk != session.pk
        ],
        targets=_targets(current, session.date) if current else [],
        services=_often_first(services_with_line(session.agency).order_by("position", "name"), instant),
        classes=list(PriorityClass.objects.filter(is_active=True).exclude(code=Priority.NONE)),
        served_today=_served_by(session.user, session.date),
        lock_minutes=book.hall.lock_minutes,
        version=sum(day.version for day in rows),
        live_url=live.console_url(session),
        request_key=uuid.uuid4().hex,
    )


def _shares_a_line(
    other: CounterSession, served: Mapping[int, int], days: Sequence[QueueDay], book: RuleBook
) -> bool:
    """Tell whether another counter serves one of these lines. Before the first number there is none yet."""
    return not days or not served.keys().isdisjoint(weights_at(other.counter_id, days, book))


def _standards(services: Collection[int], day: date) -> dict[int, ServiceStandard]:
    found = ServiceStandard.objects.in_force(day).filter(service__in=services)
    return {standard.service_id: standard for standard in found}


def _peeks(
    following: Iterable[Ticket], standards: Mapping[int, ServiceStandard], at: datetime
) -> list[Upcoming]:
    """Return the next numbers with what may be looked at before they are called."""
    return [
        Upcoming(
            ticket,
            minutes_since(ticket.arrived_at, at),
            [item.name for item in standards[ticket.service_id].requirement_list]
            if ticket.service_id in standards
            else [],
        )
        for ticket in following
    ]


def _at_counters(sessions: Sequence[CounterSession]) -> QuerySet[Ticket]:
    tickets = Ticket.objects.active().with_labels().select_related("line__queue")
    return tickets.filter(session__in=sessions).in_arrival_order()


def lines_of(session: CounterSession) -> list[QueueDay]:
    """Return the lines in use of the session's agency on its day, with their queues."""
    return _lines_among(_rows_of(session))


def _lines_among(rows: Iterable[QueueDay]) -> list[QueueDay]:
    """Return those rows of a day in which numbers stand: not the blocks, which only number."""
    return [row for row in rows if not row.block and row.queue.is_active]


def _rows_of(session: CounterSession) -> list[QueueDay]:
    # All of them: the page counts as live.console_state does what has changed.
    rows = QueueDay.objects.filter(queue__agency=session.agency_id, date=session.date)
    return list(rows.select_related("queue"))


def _rest(session: CounterSession, at: datetime) -> Rest | None:
    if session.paused_at is None:
        return None
    return Rest(session.pause_reason, session.paused_at, minutes_since(session.paused_at, at))


def _colleague(
    session: CounterSession, tickets: Iterable[Ticket], at: datetime, *, is_beside: bool
) -> Colleague:
    at_counter = (row for row in tickets if row.session_id == session.pk and row.state in AT_COUNTER)
    ticket = next(at_counter, None)
    return Colleague(session, ticket, seconds_at_counter(ticket, at) if ticket else 0, is_beside)


def _targets(ticket: Ticket, day: date) -> list[Target]:
    """Return the other lines in use of all agencies that serve today."""
    queues = transfer_targets(day).exclude(days=ticket.line_id).select_related("agency")
    counters = Tally(CounterSession.objects.open().filter(date=day).values_list("agency", flat=True))
    return [
        Target(queue, counters[queue.agency_id]) for queue in queues.order_by("agency__position", "prefix")
    ]


def transfer_targets(day: date) -> QuerySet[Queue]:
    """Return the lines that take numbers from others on `day`."""
    return Queue.objects.active().filter(agency__in=Agency.objects.serving_on(day))


def services_with_line(agency: Agency) -> QuerySet[Service]:
    """Return the agency's services for which a number can be made."""
    return Service.objects.filter(agency=agency, queue_link__queue__is_active=True)


def _often_first(services: Iterable[Service], instant: revision.Instant) -> list[Service]:
    places = {key: place for place, key in enumerate(often_taken(instant))}
    return sorted(services, key=lambda service: places.get(service.pk, len(places)))


def _served_by(user: User, day: date) -> int:
    """Return how many people this officer has begun to serve today, the present one included."""
    served = Ticket.objects.filter(session__user=user, session__date=day, started_at__isnull=False)
    return served.filter(state__in=[TicketState.SERVING, TicketState.HELD, TicketState.DONE]).count()

"""What the officer console shows, in few queries: one read model for the page and for its live part."""

from __future__ import annotations

import uuid
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.errors import Forbidden
from queueing import live, workflow
from queueing.actions.sessions import MAY_SERVE
from queueing.enums import AT_COUNTER, Step, TicketState
from queueing.lineup import Waiting, minutes_since, waiting_in
from queueing.models import CounterSession, Queue, QueueDay, Ticket
from services.models import Requirement, Service, ServiceStandard
from tenants.models import Agency, Counter, CounterDuty, Placement, User

# The second row of buttons with their letters (LOOK.md, 06): Alt and the first free letter of the word.
KEYS = {
    Step.RECALL: "U",
    Step.NO_SHOW: "H",
    Step.START: "M",
    Step.FINISH: "S",
    Step.TRANSFER: "A",
    Step.HOLD: "T",
}


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


@dataclass(frozen=True)
class Promise:
    """Time spent against the promised minutes. The bar ends at 150 %, where it is 300 units wide."""

    minutes: int
    end_minutes: int
    fill: float
    late_minutes: int


@dataclass(frozen=True)
class InHand:
    """The number at the counter; `seconds` since its last call, or since serving began."""

    ticket: Ticket
    seconds: int
    waited_minutes: int
    promise: Promise | None
    requirements: list[Requirement]

    @property
    def is_called(self) -> bool:
        """Tell whether it is called and nobody has come yet."""
        return self.ticket.state == TicketState.CALLED

    @property
    def elapsed(self) -> str:
        """Return the time spent as "06.12"."""
        return minutes_seconds(self.seconds)


@dataclass(frozen=True)
class Deed:
    """A button of the second row."""

    step: Step
    key: str
    is_enabled: bool
    is_main: bool


@dataclass(frozen=True)
class Colleague:
    """Another counter of the agency and the number there, if any."""

    session: CounterSession
    ticket: Ticket | None
    seconds: int

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
class CounterPage:
    """The console at an open counter."""

    session: CounterSession
    at: datetime
    now: InHand | None
    held: list[Ticket]
    waiting: Waiting
    colleagues: list[Colleague]
    targets: list[Target]
    services: list[Service]
    served_today: int
    version: int
    live_url: str
    request_key: str

    @property
    def can_call(self) -> bool:
        """Tell whether "Panggil berikutnya" may be pressed: not while a called number is undecided."""
        return self.now is None or not self.now.is_called

    @property
    def call_hint(self) -> str:
        """Return who is next and what the press does besides, or why it cannot be pressed."""
        label = self.now.ticket.label if self.now else ""
        if not self.can_call:
            return _("Mulai atau tandai %(label)s tidak hadir dulu.") % {"label": label}
        if not self.waiting.upcoming:
            return _("Tidak ada yang menunggu.")
        head = self.waiting.upcoming[0].ticket
        follower = _("%(label)s, %(service)s.") % {"label": head.label, "service": head.service.name}
        return f"{follower} " + _("%(label)s dicatat selesai.") % {"label": label} if label else follower

    @property
    def deeds(self) -> list[Deed]:
        """Return the second row: each step is enabled when the table allows it (workflow.TICKET)."""
        state = self.now.ticket.state if self.now else ""
        allowed = workflow.TICKET.available(state)
        is_called = state == TicketState.CALLED
        return [
            Deed(step, key, step in allowed, is_called and step == Step.START) for step, key in KEYS.items()
        ]


def minutes_seconds(seconds: int) -> str:
    """Return a length of time as "06.12"; the console's script writes the same."""
    return f"{seconds // 60:02d}.{seconds % 60:02d}"


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
    with clock.frozen(clock.now()):
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
    )


def _last_counter_of(user_id: int) -> int | None:
    return CounterSession.objects.filter(user=user_id).values_list("counter", flat=True).first()


def _lines_of(agency: Agency, day: date) -> QuerySet[QueueDay]:
    return QueueDay.objects.filter(queue__agency=agency, queue__is_active=True, date=day)


def _counter_page(session: CounterSession, sessions: Sequence[CounterSession]) -> CounterPage:
    at = clock.now()
    tickets = list(Ticket.objects.active().with_labels().filter(session__in=sessions).in_arrival_order())
    own = [ticket for ticket in tickets if ticket.session_id == session.pk]
    current = next((ticket for ticket in own if ticket.state in AT_COUNTER), None)
    days = list(
        QueueDay.objects.filter(queue__agency=session.agency, date=session.date, block="").select_related(
            "queue"
        )
    )
    return CounterPage(
        session=session,
        at=at,
        now=_in_hand(current, session.date, at) if current else None,
        held=[ticket for ticket in own if ticket.state == TicketState.HELD],
        waiting=waiting_in([day for day in days if day.queue.is_active], session, at),
        colleagues=[_colleague(other, tickets, at) for other in sessions if other.pk != session.pk],
        targets=_targets(current, session.date) if current else [],
        services=_services_of(session.agency),
        served_today=_served_by(session.user, session.date),
        version=sum(day.version for day in days),
        live_url=live.console_url(session),
        request_key=uuid.uuid4().hex,
    )


def _seconds_at_counter(ticket: Ticket, at: datetime) -> int:
    since = ticket.called_at if ticket.state == TicketState.CALLED else ticket.started_at
    return max(0, int((at - since).total_seconds())) if since else 0


def _in_hand(ticket: Ticket, day: date, at: datetime) -> InHand:
    standard = ServiceStandard.objects.in_force(day).filter(service=ticket.service_id).first()
    seconds = _seconds_at_counter(ticket, at)
    promised = standard.time_minutes if standard else None
    is_served = ticket.state == TicketState.SERVING
    return InHand(
        ticket=ticket,
        seconds=seconds,
        waited_minutes=minutes_since(ticket.arrived_at, ticket.called_at or at),
        promise=promise(seconds, promised) if promised and is_served else None,
        requirements=standard.requirement_list if standard else [],
    )


def promise(seconds: int, minutes: int) -> Promise:
    """Return how `seconds` of serving stand against the promised `minutes`."""
    late_seconds = seconds - minutes * 60
    return Promise(
        minutes=minutes,
        end_minutes=minutes * 3 // 2,
        fill=min(seconds / (minutes * 60), 1.5) * 200,
        late_minutes=max(1, late_seconds // 60) if late_seconds > 0 else 0,
    )


def _colleague(session: CounterSession, tickets: Iterable[Ticket], at: datetime) -> Colleague:
    at_counter = (row for row in tickets if row.session_id == session.pk and row.state in AT_COUNTER)
    ticket = next(at_counter, None)
    return Colleague(session, ticket, _seconds_at_counter(ticket, at) if ticket else 0)


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


def _services_of(agency: Agency) -> list[Service]:
    return list(services_with_line(agency).order_by("position", "name"))


def services_with_line(agency: Agency) -> QuerySet[Service]:
    """Return the agency's services for which a number can be made."""
    return Service.objects.filter(agency=agency, queue_link__queue__is_active=True)


def _served_by(user: User, day: date) -> int:
    """Return how many people this officer has begun to serve today, the present one included."""
    served = Ticket.objects.filter(session__user=user, session__date=day, started_at__isnull=False)
    return served.filter(state__in=[TicketState.SERVING, TicketState.HELD, TicketState.DONE]).count()

"""The hall as it stands now, put before the simulator: one scene for each agency."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mpp.core import clock, revision
from queueing import availability, roster, rules, waits
from queueing.enums import BookingState, Lane
from queueing.estimating import LEAST_OBSERVATIONS, Times
from queueing.models import Booking, CounterSession, QueueDay, Ticket
from queueing.policy import Runs
from queueing.simulation.days import Booking as Slot
from queueing.simulation.malls import SHAPE
from queueing.simulation.outlook import OpenDesk, Scene, Standing
from queueing.simulation.plans import CounterPlan, Habits, LinePlan, MallPlan, ServicePlan
from services.opening import schedule_at
from services.policy import DayPlan
from tenants.models import Agency, Counter, CounterDuty

Key = tuple[int, int]

# Of a handover so much is walking to the counter, the rest the officer's own gap.
WALKING = 0.7


@dataclass(frozen=True)
class AgencyScene:
    """The scene of one agency, and its counters of today by key; `unstaffed` have nobody."""

    agency: Agency
    scene: Scene
    names: Mapping[int, str]
    counters: Mapping[int, Counter]
    unstaffed: tuple[int, ...]
    resting: tuple[int, ...]


@dataclass
class _Facts:
    """What was read of all agencies, by key of the agency unless said otherwise."""

    instant: revision.Instant
    lines: dict[int, list[QueueDay]] = field(default_factory=lambda: defaultdict(list))
    duties: dict[int, list[Counter]] = field(default_factory=lambda: defaultdict(list))
    sessions: dict[int, list[CounterSession]] = field(default_factory=lambda: defaultdict(list))
    # By session, by line, by queue.
    in_hand: dict[int, Ticket] = field(default_factory=dict)
    waiting: dict[int, list[Ticket]] = field(default_factory=lambda: defaultdict(list))
    slots: dict[int, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    standing: Mapping[int, availability.Line] = field(default_factory=dict)


def scenes_now() -> tuple[list[AgencyScene], list[Agency]]:
    """Return a scene for each agency that serves today and has people, and agencies still too unknown."""
    instant = revision.read()
    facts = _read(instant)
    schedule, here = schedule_at(instant), clock.local(instant.at).replace(tzinfo=None)
    scenes, unknown = [], []
    for agency in Agency.objects.serving_on(instant.day):
        plan = schedule.plan(instant.day, agency.pk)
        rows = facts.lines[agency.pk]
        if plan.closes is None or here >= plan.closes or not any(facts.waiting[row.pk] for row in rows):
            continue
        times = waits.times_of([row.queue for row in rows], instant)
        if max(one.observations for one in times.values()) < LEAST_OBSERVATIONS:
            unknown.append(agency)
        else:
            scenes.append(_Builder(agency, facts, plan, times).scene())
    return scenes, unknown


def _read(instant: revision.Instant) -> _Facts:
    facts, today = _Facts(instant), instant.day
    for row in QueueDay.objects.filter(date=today, block="", queue__is_active=True).select_related("queue"):
        facts.lines[row.queue.agency_id].append(row)
    for duty in CounterDuty.objects.on(today).filter(counter__is_active=True).select_related("counter"):
        facts.duties[duty.agency_id].append(duty.counter)
    for session in CounterSession.objects.open().filter(date=today).select_related("counter"):
        facts.sessions[session.agency_id].append(session)
    for ticket in Ticket.objects.at_counter().filter(session__date=today, session__closed_at=None):
        if ticket.session_id is not None:
            facts.in_hand[ticket.session_id] = ticket
    tickets = Ticket.objects.waiting().filter(line__date=today)
    for ticket in tickets.only("line", "service", "lane", "arrived_at", "issued_at"):
        facts.waiting[ticket.line_id].append(ticket)
    booked = Booking.objects.filter(state=BookingState.BOOKED, slot__starts_at__date=today)
    for queue_id, starts_at in booked.values_list("slot__queue", "slot__starts_at"):
        facts.slots[queue_id].append(starts_at)
    facts.standing = availability.lines_on(today)
    return facts


class _Builder:
    """Puts the facts of one agency into the simulator's words. Codes of lines are keys of queues."""

    def __init__(self, agency: Agency, facts: _Facts, plan: DayPlan, times: Mapping[int, Times]) -> None:
        self.agency = agency
        self.facts = facts
        self.day = plan
        self.times = times
        self.rows = facts.lines[agency.pk]
        self.any_times = next(iter(times.values()))
        self.now = waits.minute_of(facts.instant.at)
        self.services: dict[Key, ServicePlan] = {}

    def scene(self) -> AgencyScene:
        """Return the scene."""
        for service_id, queue_id in roster.roster_at(self.facts.instant).queue_of.items():
            if queue_id in self.times:
                self._service(service_id, queue_id)
        standing = tuple(self._standing())
        desks = tuple(self._desk(session) for session in self.facts.sessions[self.agency.pk])
        counters = {counter.pk: counter for counter in self.facts.duties[self.agency.pk]}
        staffed = {desk.plan.code for desk in desks}
        sessions = self.facts.sessions[self.agency.pk]
        scene = Scene(
            plan=self._plan(desks),
            now=self.now,
            until=self._minute(self.day.last_number or self.day.closes),
            standing=standing,
            desks=desks,
            runs={row.queue_id: Runs(row.express_run, row.since_priority) for row in self.rows},
            left=self._left(),
            bookings=tuple(self._bookings()),
        )
        return AgencyScene(
            self.agency,
            scene,
            {row.queue_id: row.queue.name for row in self.rows},
            counters | {session.counter_id: session.counter for session in sessions},
            tuple(key for key in counters if key not in staffed),
            tuple(session.counter_id for session in sessions if session.paused_at),
        )

    def counter_plan(self, counter_id: int, *, opens: float) -> CounterPlan:
        """Return a counter that calls from the lines named for it, else from all."""
        named = rules.book_at(self.facts.instant).weights.get(counter_id, {})
        weights = {row.queue_id: float(named.get(row.queue_id, 0)) for row in self.rows}
        chosen = {code: weight for code, weight in weights.items() if weight}
        spans = self.day.spans
        gaps = [
            (self._minute(one[1]), self._minute(two[0])) for one, two in zip(spans, spans[1:], strict=False)
        ]
        breaks = tuple((max(start, self.now), end) for start, end in gaps if end > self.now)
        return CounterPlan(
            counter_id,
            chosen or dict.fromkeys(weights, 1.0),
            opens,
            self._minute(self.day.closes),
            breaks,
        )

    def _service(self, service_id: int, queue_id: int, share: float | None = None) -> ServicePlan:
        key = (service_id, queue_id)
        if key not in self.services:
            time = self.times[queue_id].of(service_id)
            cv = math.sqrt(time.variance) / time.mean
            # One sent here from another line is served, but nobody else comes for it.
            weight = time.weight if share is None else share
            self.services[key] = ServicePlan(service_id, queue_id, time.mean, time.mean, cv, weight)
        return self.services[key]

    def _standing(self) -> Iterable[Standing]:
        for row in self.rows:
            for ticket in self.facts.waiting[row.pk]:
                yield Standing(
                    self._service(ticket.service_id, row.queue_id, share=0.0),
                    Lane.EXPRESS if ticket.lane == Lane.EXPRESS else Lane.REGULAR,
                    self._minute_of(ticket.arrived_at),
                    self._minute_of(ticket.issued_at),
                )

    def _desk(self, session: CounterSession) -> OpenDesk:
        plan = self.counter_plan(session.counter_id, opens=0.0)
        ticket = self.facts.in_hand.get(session.pk)
        if ticket is not None:
            line = next((row for row in self.rows if row.pk == ticket.line_id), self.rows[0])
            service = self._service(ticket.service_id, line.queue_id, share=0.0)
            moment = ticket.started_at or ticket.called_at or self.facts.instant.at
            return OpenDesk(plan, service, self._minute_of(moment), begun=ticket.started_at is not None)
        if session.paused_at is None:
            return OpenDesk(plan)
        since, pause = self._minute_of(session.paused_at), self.any_times.habits.pause
        back = max(self.now + pause / 2, since + pause)
        away = CounterPlan(plan.code, plan.weights, 0.0, plan.closes, plan.breaks, ((since, back),))
        return OpenDesk(away, since=since, away=True)

    def _plan(self, desks: Iterable[OpenDesk]) -> MallPlan:
        times, habits = self.any_times, self.any_times.habits
        return MallPlan(
            lines=tuple(self._line(row) for row in self.rows),
            services=tuple(self.services.values()),
            counters=tuple(desk.plan for desk in desks),
            opens=self._minute(self.day.opens),
            closes=self._minute(self.day.closes),
            hour_pace=times.hour_pace,
            day_spread=math.sqrt(times.day_doubt + times.any_service.doubt),
            habits=Habits(
                no_show=habits.no_show,
                calling=habits.calling,
                walk=WALKING * habits.handover,
                gap=(1 - WALKING) * habits.handover,
                cancels_an_hour=habits.quits_an_hour,
                slot_kept=habits.keeps,
                leaves_an_hour=habits.leaves_an_hour,
                leaves_from=self.now,
            ),
        )

    def _line(self, row: QueueDay) -> LinePlan:
        arrivals = self.times[row.queue_id].arrivals or self._arrivals_of_today(row)
        lanes: dict[str, dict[int, float]] = {Lane.REGULAR: {}, Lane.EXPRESS: {}}
        if any(service.share for service in self.services.values() if service.line == row.queue_id):
            for (lane, hour), people in arrivals.items():
                lanes[lane][hour] = people
        return LinePlan(
            row.queue_id, lanes[Lane.REGULAR], lanes[Lane.EXPRESS], rule=rules.order_of(row.queue)
        )

    def _arrivals_of_today(self, row: QueueDay) -> Mapping[tuple[str, int], float]:
        """Return what a first day brings if it goes on as it began, in the usual shape of a day."""
        opened = self._minute(self.day.opens)
        so_far = sum(
            weight * max(0.0, min(1.0, self.now / 60 - hour))
            for hour, weight in SHAPE.items()
            if hour * 60 >= opened - 60
        )
        rate = row.last_number / max(so_far, SHAPE[8])
        return {(Lane.REGULAR, hour): rate * weight for hour, weight in SHAPE.items()}

    def _left(self) -> dict[int, int]:
        standing = self.facts.standing
        lines = {row.queue_id: standing.get(row.queue_id) for row in self.rows}
        return {key: line.remaining for key, line in lines.items() if line and line.remaining is not None}

    def _bookings(self) -> Iterable[Slot]:
        for row in self.rows:
            for starts_at in self.facts.slots[row.queue_id]:
                yield Slot(self._minute_of(starts_at), row.queue_id)

    def _minute_of(self, moment: datetime) -> float:
        return self._minute(clock.local(moment).replace(tzinfo=None))

    def _minute(self, moment: datetime | None) -> float:
        """Return a naive local moment as minutes after the midnight of today; later days go on counting."""
        day: date = self.facts.instant.day
        return (moment - datetime.combine(day, datetime.min.time())).total_seconds() / 60 if moment else 0.0

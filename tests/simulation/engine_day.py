"""Plays a simulated day against the real actions: the officers and visitors of the simulator, our rules.

The simulator's player moves the time and the people; who is called is what `call_next` answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from mpp.core import clock
from queueing import actions
from queueing.enums import Channel, Priority
from queueing.models import CounterLine, CounterSession, Queue, Ticket
from queueing.simulation.days import EXPRESS, Day, Person
from queueing.simulation.plans import CounterPlan, MallPlan
from queueing.simulation.player import Player
from services.models import Service
from tenants.models import Agency, Counter, User
from tests import factories as make

DATE = date(2026, 11, 23)


class EngineHall:
    """One agency with the lines, services, counters and officers of a plan, driven through the actions.

    `now` is the moment of the last act: what is asked afterwards is asked then.
    """

    def __init__(self, plan: MallPlan, agency: Agency) -> None:
        self.agency = agency
        self.now = moment(0.0)
        self.tickets: dict[int, Ticket] = {}
        self.people: dict[int, Person] = {}
        self.sessions: dict[int, CounterSession] = {}
        self.services: dict[int, Service] = {}
        self.lines: dict[int, Queue] = {}
        for line in plan.lines:
            self._line(plan, line.code)
        self.counters = {counter.code: self._counter(counter) for counter in plan.counters}
        self.officers: dict[int, User] = {
            counter.code: make.make_user(agency=agency) for counter in plan.counters
        }

    def _line(self, plan: MallPlan, code: int) -> None:
        [line] = [line for line in plan.lines if line.code == code]
        for service in plan.services_of(code):
            made = make.make_service(self.agency, minutes=max(1, round(service.standard)))
            self.services[service.code] = made
            if code in self.lines:
                self.lines[code].services.add(made)
                continue
            self.lines[code] = make.make_queue(
                made,
                express_in_a_row=line.rule.express_in_a_row,
                priority_ratio=line.rule.regular_between,
                ageing_minutes=int(line.rule.ageing_minutes),
                stops_in_time=False,
            )

    def _counter(self, plan: CounterPlan) -> Counter:
        counter = make.make_counter(self.agency)
        for line, weight in plan.weights.items():
            CounterLine.objects.create(counter=counter, queue=self.lines[line], weight=int(weight))
        return counter

    @contextmanager
    def _at(self, minute: float) -> Iterator[None]:
        self.now = moment(minute)
        with clock.frozen(self.now):
            yield

    def join(self, person: Person, at: float) -> None:
        """Take a number at the kiosk."""
        with self._at(at):
            ticket = actions.issue_ticket(
                service=self.services[person.service.code],
                channel=Channel.KIOSK,
                priority=Priority.ELDERLY if person.lane == EXPRESS else Priority.NONE,
            )
        self.tickets[person.key] = ticket
        self.people[ticket.pk] = person

    def quit(self, person: Person, at: float) -> None:
        """Give the number back."""
        with self._at(at):
            actions.cancel(ticket=self.tickets[person.key])

    def next_for(self, counter: CounterPlan, at: float) -> Person | None:
        """Press "call next" at the counter."""
        with self._at(at):
            ticket = actions.call_next(session=self.sessions[counter.code], by=self.officers[counter.code])
        if ticket is None:
            return None
        person = self.people[ticket.pk]
        self.tickets[person.key] = ticket
        return person

    def waits_for(self, counter: CounterPlan) -> bool:
        """Ask the database."""
        queues = [self.lines[line].pk for line in counter.weights]
        return Ticket.objects.waiting().filter(line__queue__in=queues).exists()

    def step(self, name: str, counter: CounterPlan, person: Person | None, at: float) -> None:
        """Do what an officer does."""
        by, code = self.officers[counter.code], counter.code
        with self._at(at):
            if person is not None:
                self.tickets[person.key] = self._serve(name, self.tickets[person.key], by)
            elif name == "open":
                self.sessions[code] = actions.open_counter(counter=self.counters[code], by=by)
            elif name == "break":
                self.sessions[code] = actions.pause(session=self.sessions[code], by=by, reason="istirahat")
            elif name == "back":
                self.sessions[code] = actions.go_on(session=self.sessions[code], by=by)
            elif name == "close":
                actions.close_counter(session=self.sessions[code], by=by)

    def _serve(self, name: str, ticket: Ticket, by: User) -> Ticket:
        match name:
            case "start":
                return actions.start(ticket=ticket, by=by)
            case "recall":
                return actions.recall(ticket=ticket, by=by)
            case "finish":
                return actions.finish(ticket=ticket, by=by)
            case _:
                return actions.mark_no_show(ticket=ticket, by=by)


def moment(minute: float) -> datetime:
    """Return a minute after midnight of the played date as an aware moment."""
    return clock.aware(datetime.combine(DATE, time(0)) + timedelta(minutes=minute))


def play(day: Day, agency: Agency) -> tuple[Player, EngineHall]:
    """Play `day` to its end against the actions; the player has the order of calls as it was."""
    hall = EngineHall(day.plan, agency)
    player = Player.of(day, hall, steps=True)
    player.run()
    return player, hall

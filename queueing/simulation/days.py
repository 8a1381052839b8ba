"""One day's chance, drawn from a plan: who comes when, how long they take, who does not come."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from queueing.enums import Lane
from queueing.simulation.plans import CounterPlan, Habits, MallPlan, ServicePlan

REGULAR = Lane.REGULAR.value
EXPRESS = Lane.EXPRESS.value

EARLIEST_CHECK_IN = 30.0
LATEST_CHECK_IN = 15.0
NEVER = math.inf


class Person:
    """One number with all its chance drawn beforehand; the player fills in what becomes of it.

    `place` is the time that gives the place in the lane: the arrival, or a booked number's slot.
    """

    __slots__ = (
        "arrives",
        "booked",
        "calling",
        "called",
        "counter",
        "ended",
        "gap",
        "key",
        "lane",
        "line",
        "minutes",
        "place",
        "quits",
        "quitted",
        "service",
        "shows",
        "started",
        "walk",
    )

    def __init__(self, key: int, arrives: float, service: ServicePlan, lane: str, place: float) -> None:
        self.key = key
        self.arrives = arrives
        self.place = place
        self.service = service
        self.line = service.line
        self.lane = lane
        self.booked = False
        self.minutes = self.walk = self.gap = self.calling = 0.0
        self.shows = True
        self.quits = NEVER
        self.quitted = False
        self.called = self.started = self.ended = NEVER
        self.counter = -1

    @property
    def waited(self) -> float:
        """Return the minutes from taking the number to its call."""
        return self.called - self.arrives


@dataclass
class Shift:
    """What a counter really does on one day: opening, breaks as taken, and when the officer leaves."""

    plan: CounterPlan
    opens: float
    breaks: list[tuple[float, float]]
    leaves: float


@dataclass
class Booking:
    """A reserved time; `person` is None when nobody will come."""

    slot: float
    line: int
    person: Person | None = None


@dataclass
class Day:
    """A day's people in order of arrival, its bookings and counters, and the day's own pace."""

    plan: MallPlan
    people: list[Person]
    bookings: list[Booking]
    shifts: list[Shift]
    pace: float = 1.0


@dataclass(frozen=True, order=True)
class Intent:
    """Something that somebody means to do at a minute: the script for a driver of the real actions.

    `kind` is one of arrive, cancel, open, break, back, close; `key` the person's or the counter's.
    How long a person is served, and whether they come, is in `detail`.
    """

    at: float
    kind: str
    key: int
    detail: Mapping[str, object] = field(default_factory=dict, compare=False)


def draw_day(plan: MallPlan, seed: int) -> Day:
    """Return the day of `plan` that belongs to `seed`: the same seed gives the same day."""
    rng = Random(f"day {seed}")  # noqa: S311 - a repeatable day, not a secret
    pace = math.exp(rng.gauss(0.0, plan.day_spread))
    bookings = list(_bookings(plan, rng))
    kept = [booking.person for booking in bookings if booking.person]
    people = sorted([*_walk_ins(plan, rng), *kept], key=lambda person: person.arrives)
    for key, person in enumerate(people):
        person.key = key
        draw_person(person, plan.habits, pace, rng)
    shifts = [draw_shift(counter, plan.habits, rng) for counter in plan.counters]
    return Day(plan, people, bookings, shifts, pace)


def _walk_ins(plan: MallPlan, rng: Random) -> Iterator[Person]:
    for line in plan.lines:
        for lane, rates in ((REGULAR, line.regular), (EXPRESS, line.priority)):
            for at in arrivals(rates, 0.0, NEVER, rng):
                yield Person(0, at, draw_service(plan, line.code, rng), lane, at)


def _bookings(plan: MallPlan, rng: Random) -> Iterator[Booking]:
    for line in plan.lines:
        for slot, places in line.slots:
            for _place in range(places):
                if rng.random() < plan.habits.slot_filled:
                    booking = Booking(slot, line.code)
                    if rng.random() < plan.habits.slot_kept:
                        at = slot + check_in(rng)
                        booking.person = booked(booking, at, draw_service(plan, line.code, rng))
                    yield booking


def draw_service(plan: MallPlan, line: int, rng: Random) -> ServicePlan:
    """Draw what a person in `line` comes for."""
    services = plan.services_of(line)
    return rng.choices(services, [service.share for service in services])[0]


def check_in(rng: Random) -> float:
    """Draw the minutes from a slot to the check-in: mostly a little early."""
    return min(20.0, max(-EARLIEST_CHECK_IN, rng.gauss(-8.0, 7.0)))


def arrivals(rates: Mapping[int, float], since: float, until: float, rng: Random) -> Iterator[float]:
    """Yield the minutes of a Poisson process with `rates` an hour by hour, between two minutes."""
    for hour in sorted(rates):
        at, end = max(hour * 60.0, since), min(hour * 60.0 + 60.0, until)
        if rates[hour] <= 0:
            continue
        while (at := at + rng.expovariate(rates[hour] / 60.0)) < end:
            yield at


def booked(booking: Booking, at: float, service: ServicePlan) -> Person:
    """Return a person who checks in at minute `at`; late beyond the rule is an ordinary number."""
    late = at > booking.slot + LATEST_CHECK_IN
    person = Person(0, at, service, REGULAR if late else EXPRESS, at if late else booking.slot)
    person.booked = True
    return person


def draw_person(person: Person, habits: Habits, pace: float, rng: Random) -> None:
    """Draw what this person will do when called, and whether they give up before."""
    service = person.service
    person.minutes = math.exp(rng.gauss(service.mu, service.sigma)) * pace
    person.walk = rng.expovariate(1.0) * habits.walk * 0.5 + habits.walk * 0.5
    person.gap = rng.expovariate(1.0) * habits.gap
    person.shows = rng.random() >= habits.no_show
    if not person.shows:
        person.calling = habits.calling * (0.7 + 0.6 * rng.random())
    if habits.cancels_an_hour > 0:
        person.quits = person.arrives + rng.expovariate(habits.cancels_an_hour / 60.0)


def draw_shift(counter: CounterPlan, habits: Habits, rng: Random) -> Shift:
    """Draw how the officer of `counter` keeps the plan."""
    late = rng.expovariate(1.0) * habits.late_opening
    breaks = [
        (start, end + rng.expovariate(1.0) * habits.late_return)
        for start, end in sorted([*counter.breaks, *counter.pauses])
    ]
    leaves = counter.closes
    if habits.leaves_an_hour > 0:
        leaves = min(leaves, habits.leaves_from + rng.expovariate(habits.leaves_an_hour / 60.0))
    return Shift(counter, counter.opens + late, breaks, leaves)


def intents(day: Day) -> list[Intent]:
    """Return the day as a list of what everybody means to do, in order of time."""
    script: list[Intent] = []
    for person in day.people:
        detail = {
            "line": person.line,
            "service": person.service.code,
            "lane": person.lane,
            "place": person.place,
            "minutes": person.minutes,
            "walk": person.walk,
            "gap": person.gap,
            "shows": person.shows,
            "calling": person.calling,
        }
        script.append(Intent(person.arrives, "arrive", person.key, detail))
        if person.quits < day.plan.closes:
            script.append(Intent(person.quits, "cancel", person.key))
    for shift in day.shifts:
        code = shift.plan.code
        script.append(Intent(shift.opens, "open", code))
        for start, end in shift.breaks:
            script += [Intent(start, "break", code), Intent(end, "back", code)]
        script.append(Intent(shift.leaves, "close", code))
    return sorted(script)

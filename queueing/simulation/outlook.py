"""What the rest of today may bring to some counters as they stand, and what one change would make of it.

The present is put into the simulator, and the oracle plays it to the end again and again. The same seed
brings the same people to both halls, so that the difference is the change and not chance.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from queueing.policy import Runs
from queueing.simulation.days import EXPRESS, NEVER, Booking, Day, Person, Shift
from queueing.simulation.hall import MemoryHall
from queueing.simulation.oracle import Oracle, quantile
from queueing.simulation.plans import CounterPlan, MallPlan, ServicePlan
from queueing.simulation.player import Desk, DeskState, Player

# The range of what is said: the same share of cases as an estimate's (estimating.NOMINAL).
LOW, MIDDLE, HIGH = 0.07, 0.5, 0.93


@dataclass(frozen=True)
class Standing:
    """One waiting number; `place` decides its turn, `came` is when it was taken."""

    service: ServicePlan
    lane: str
    place: float
    came: float


@dataclass(frozen=True)
class OpenDesk:
    """A counter as it is: busy with a service `since` (begun or only called), away, or free."""

    plan: CounterPlan
    serving: ServicePlan | None = None
    since: float = 0.0
    begun: bool = True
    away: bool = False


@dataclass(frozen=True)
class Scene:
    """The counters of one agency at minute `now`, with everything that may still come.

    `until` ends the issuing of numbers; `left` is how many each line may still issue (missing: no limit).
    A desk that is away has its break among its plan's pauses; a break that has begun starts at `now`.
    """

    plan: MallPlan
    now: float
    until: float
    standing: tuple[Standing, ...]
    desks: tuple[OpenDesk, ...]
    runs: Mapping[int, Runs] = field(default_factory=dict)
    left: Mapping[int, int] = field(default_factory=dict)
    bookings: tuple[Booking, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One future: the longest wait of anybody, all waiting together, and when the last number was finished.

    All are infinite when no counter calls from a line in which somebody waits.
    """

    longest: float
    together: float
    ends: float


@dataclass(frozen=True)
class Outlook:
    """Many futures in three figures each: low, middle, high; `together` is the mean of all waiting."""

    longest: tuple[float, float, float]
    ends: tuple[float, float, float]
    together: float


def look_ahead(scene: Scene, futures: int, seed: int = 0) -> Outlook:
    """Return what the rest of the day brings in so many futures; the same seed gives the same answer."""
    outcomes = [_play(scene, f"outlook {seed} {number}") for number in range(futures)]
    return Outlook(
        _spread([one.longest for one in outcomes]),
        _spread([one.ends for one in outcomes]),
        sum(one.together for one in outcomes) / max(1, futures),
    )


def with_counter(scene: Scene, counter: CounterPlan) -> Scene:
    """Return the scene with one counter more, which opens by its plan."""
    return replace(scene, desks=(*scene.desks, OpenDesk(counter)))


def with_lines(scene: Scene, code: int, weights: Mapping[int, float]) -> Scene:
    """Return the scene with the counter `code` calling from these lines instead."""
    desks = tuple(
        replace(desk, plan=replace(desk.plan, weights=weights)) if desk.plan.code == code else desk
        for desk in scene.desks
    )
    return replace(scene, desks=desks)


def back_at(scene: Scene, code: int, minute: float) -> Scene:
    """Return the scene with the counter `code` back from its break at `minute`."""
    desks = tuple(
        replace(desk, plan=replace(desk.plan, pauses=((desk.since, minute),)))
        if desk.plan.code == code
        else desk
        for desk in scene.desks
    )
    return replace(scene, desks=desks)


class _Door(MemoryHall):
    """A hall that stops issuing like the real one: at the quota, and when the day has no time left."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.plan.lines)
        self._left = dict(scene.left)
        self._scene = scene
        self._minutes = dict.fromkeys(self.lines, 0.0)
        for one in scene.standing:
            self._minutes[one.service.line] += one.service.mean
        plans = [desk.plan for desk in scene.desks if desk.plan.opens < scene.plan.closes]
        self._shares = {line: _shares(line, plans) for line in self.lines}
        self._breaks = plans[0].breaks if plans else ()

    def join(self, person: Person, at: float) -> None:
        """Take a number, or turn the person away."""
        line = person.line
        before = sum(share * self._minutes[other] for other, share in self._shares[line].items())
        if self._left.get(line, 1) < 1 or before + person.service.mean > self._open_minutes_left(at):
            person.quitted, person.quits = True, NEVER
            return
        if line in self._left:
            self._left[line] -= 1
        self._minutes[line] += person.service.mean
        super().join(person, at)

    def _open_minutes_left(self, at: float) -> float:
        resting = sum(max(0.0, end - max(start, at)) for start, end in self._breaks)
        return self._scene.plan.closes - at - resting

    def quit(self, person: Person, at: float) -> None:
        self._minutes[person.line] -= person.service.mean

    def next_for(self, counter: CounterPlan, at: float) -> Person | None:
        person = super().next_for(counter, at)
        if person is not None:
            self._minutes[person.line] -= person.service.mean
        return person


def _shares(line: int, plans: Sequence[CounterPlan]) -> dict[int, float]:
    """Return how much of the work of each line stands before a number of `line`: counters divide it evenly
    among the lines that they serve (as queueing.ending does)."""
    serving = {code: sum(code in plan.weights for plan in plans) for plan in plans for code in plan.weights}
    shares: dict[int, float] = {}
    for plan in plans:
        if line in plan.weights:
            for other in plan.weights:
                shares[other] = shares.get(other, 0.0) + 1 / serving[other] / serving[line]
    return shares


def _play(scene: Scene, chance: str) -> Outcome:
    served = {line for desk in scene.desks for line in desk.plan.weights}
    if any(one.service.line not in served for one in scene.standing):
        return Outcome(NEVER, NEVER, NEVER)
    rng = Random(chance)  # noqa: S311 - a repeatable day, not a secret
    day = Day(scene.plan, [], list(scene.bookings), [])
    hall = _Door(scene)
    player = Oracle(day, _present(scene), rng).rest_of_day(hall, scene.until)
    waits = [person.waited for person in player.calls]
    longest = max(waits, default=0.0)
    return Outcome(longest, sum(waits), max((person.ended for person in player.served), default=scene.now))


def _present(scene: Scene) -> Player:
    """Return the simulator at the moment of the scene, for the oracle to look at."""
    hall = MemoryHall(scene.plan.lines)
    player = Player(scene.plan, hall)
    player.now = scene.now
    for key, one in enumerate(sorted(scene.standing, key=lambda one: one.place)):
        person = Person(key, one.came, one.service, one.lane, one.place)
        line = hall.lines[one.service.line]
        if one.lane == EXPRESS:
            insort(line.express, (person.place, person.key, person))
        else:
            line.regular.append(person)
    for code, runs in scene.runs.items():
        hall.lines[code].runs = runs
    player.desks = [_desk(desk, scene) for desk in scene.desks]
    return player


def _desk(now: OpenDesk, scene: Scene) -> Desk:
    begun = [start for start, end in now.plan.breaks if start <= scene.now < end]
    is_resting = bool(begun) and now.serving is None and not now.away
    breaks = [
        span for span in now.plan.breaks if span[1] > scene.now and not (is_resting and span[0] <= scene.now)
    ]
    desk = Desk(Shift(now.plan, now.plan.opens, breaks, now.plan.closes))
    if now.plan.opens > scene.now:
        return desk
    desk.state = DeskState.IDLE
    if now.away or is_resting:
        desk.state, desk.away_since = DeskState.BREAK, begun[0] if is_resting else now.since
    elif now.serving is not None:
        person = Person(-1, now.since, now.serving, "", now.since)
        person.called = now.since
        person.started = now.since if now.begun else NEVER
        desk.state, desk.person = DeskState.BUSY, person
    return desk


def _spread(values: list[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    if ordered[-1] == NEVER:
        return NEVER, NEVER, NEVER
    return quantile(ordered, LOW), quantile(ordered, MIDDLE), quantile(ordered, HIGH)

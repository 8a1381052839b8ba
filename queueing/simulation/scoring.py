"""One simulated day, looked at several times: what was shown, what an oracle would say, what came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from queueing.estimating import (
    NOMINAL,
    Ahead,
    Facts,
    Forecast,
    Observed,
    Present,
    Shown,
    Times,
    learn,
    show,
    visible,
)
from queueing.policy import others_before
from queueing.simulation.days import EXPRESS, Day, Person, draw_day
from queueing.simulation.formulas import Bounds, low_and_high, mean_wait
from queueing.simulation.malls import draw_mall
from queueing.simulation.oracle import Oracle, quantile
from queueing.simulation.plans import MallPlan
from queueing.simulation.player import Player
from queueing.simulation.view import aheads_in, arrivals_an_hour, habits_of, observed, present_of

# From a mall that opened yesterday to one with a month of working days.
PAST_DAYS = (1, 3, 6, 12, 20)
# Before that, counters are still opening.
FIRST_LOOK = 485.0
# Of a crowd so many are asked, so that no single day decides.
MOST_AT_ONCE = 12


@dataclass(frozen=True)
class Look:
    """One waiting number at one moment: what it was told, and how long it then really waited.

    `mean` and `low_high` are what the two other formulas would tell, not yet widened.
    """

    day: int
    at: float
    lane: str
    ahead: int
    is_new: bool
    lines: int
    counters: int
    past_days: int
    shown: Bounds
    oracle: Bounds
    mean: Bounds
    low_high: Bounds
    cause: str = ""
    minutes: float = 0.0


class Past:
    """What a mall's earlier days have taught, by line."""

    def __init__(self, plan: MallPlan, seed: int) -> None:
        self.days = Random(f"past {seed}").choice(PAST_DAYS)  # noqa: S311
        players = [Player.of(draw_day(plan, seed * 100 + day + 1)) for day in range(self.days)]
        for player in players:
            player.run()
        self.observed = observed(players)
        self.habits = habits_of(players)
        self.arrivals = {line.code: arrivals_an_hour(players, line.code) for line in plan.lines}
        self.standards = {service.code: service.standard for service in plan.services}

    def times(self, line: int, today: Sequence[Observed]) -> Times:
        """Return the table for a line as it stands, with what was seen of today."""
        return learn([*self.observed, *today], self.standards, self.habits, self.arrivals[line])

    def express_elsewhere(self, line: int, hour: int) -> float:
        """Return how many come in an hour to the express lanes of the other lines."""
        others = (rates for code, rates in self.arrivals.items() if code != line)
        return sum(rates.get((EXPRESS, hour), 0.0) for rates in others)

    def slot(self, times: Times) -> float:
        """Return the mean minutes a number takes a counter, from call to call."""
        own = [one for one in self.observed if one.service in times.services]
        mean = sum(one.minutes for one in own) / max(1, sum(one.count for one in own))
        habits = times.habits
        return (1 - habits.no_show) * (mean + habits.handover) + habits.no_show * habits.calling


def looks_at(seed: int, looks: int, draws: int) -> list[Look]:
    """Return the looks at the mall and the day that belong to `seed`, each at some who wait then."""
    plan = draw_mall(seed)
    day = draw_day(plan, seed * 100)
    watch = _Watch(day, Past(plan, seed), seed)
    rng = Random(f"looks {seed}")  # noqa: S311
    moments = [person.arrives for person in day.people if person.arrives > FIRST_LOOK]
    seen: list[tuple[Person, Look]] = []
    for at in sorted(rng.sample(moments, min(looks, len(moments)))):
        watch.player.run(at)
        found = list(watch.look(Oracle(day, watch.player, rng).waits(draws)))
        seen += rng.sample(found, min(MOST_AT_ONCE, len(found)))
    watch.player.run()
    return [replace(look, minutes=person.called - look.at) for person, look in seen if not person.quitted]


class _Watch:
    """A day being played, and what its people have been shown so far."""

    def __init__(self, day: Day, past: Past, seed: int) -> None:
        self.plan = day.plan
        self.player = Player.of(day)
        self.past = past
        self.seed = seed
        self.told: dict[int, Shown] = {}

    def look(self, futures: dict[int, list[float]]) -> Iterator[tuple[Person, Look]]:
        """Yield everybody who waits and can be given an estimate."""
        now = self.player.now
        today = observed([self.player], today=True)
        for line in self.plan.lines:
            times = self.past.times(line.code, today)
            elsewhere = self.past.express_elsewhere(line.code, int(now // 60))
            present = present_of(self.player, line.code, times, elsewhere)
            forecast = Forecast(present)
            for person, ahead in aheads_in(self.player, line.code):
                if look := self._look_at(person, ahead, present, forecast, futures):
                    yield person, look

    def _look_at(
        self,
        person: Person,
        ahead: Ahead,
        present: Present,
        forecast: Forecast,
        futures: dict[int, list[float]],
    ) -> Look | None:
        now = self.player.now
        people, facts = self._standing(ahead, present)
        shown, cause = show(self.told.get(person.key), forecast.range_of(ahead), facts, now)
        self.told[person.key] = shown
        told = visible(shown, now)
        if told is None or person.key not in futures:
            return None
        slot = self.past.slot(present.times)
        future = futures[person.key]
        return Look(
            day=self.seed,
            at=now,
            lane=person.lane,
            ahead=people,
            is_new=person.arrives == now,
            lines=len(self.plan.lines),
            counters=facts.serving,
            past_days=self.past.days,
            shown=(told.low, told.high),
            oracle=(quantile(future, (1 - NOMINAL) / 2), quantile(future, (1 + NOMINAL) / 2)),
            mean=mean_wait(people, slot, facts.serving),
            low_high=low_and_high(people, slot, facts.serving),
            cause=cause or "",
        )

    def _standing(self, ahead: Ahead, present: Present) -> tuple[int, Facts]:
        own, others = int(sum(ahead.own.values())), int(sum(ahead.others.values()))
        passing = others_before(ahead.lane, own, runs=present.runs, rule=present.rule, others=others)
        people = own + passing + round(sum(ahead.elsewhere.values()))
        express = own if ahead.lane == EXPRESS else passing
        away = sum(desk.away for desk in present.desks)
        facts = Facts(
            serving=len(present.desks) - away,
            away=away,
            ahead=people,
            express_ahead=express,
            calls=len(self.player.calls),
        )
        return people, facts

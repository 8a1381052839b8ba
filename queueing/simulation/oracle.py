"""The best that can be said about a wait: the rest of the day drawn again and again from its own plan.

The oracle knows every true parameter of the plan (arrivals, service times, habits, how slow each
officer is) and the same present as the estimate: who waits, who is served since when, what today's
services took. It does not know what chance has in store. Its range is the best possible for the
interval score: the quantiles of what may happen.
"""

from __future__ import annotations

import itertools
import math
from bisect import insort
from collections.abc import Iterable
from random import Random
from statistics import NormalDist

from queueing.simulation.days import (
    EXPRESS,
    NEVER,
    REGULAR,
    Booking,
    Day,
    Person,
    Shift,
    arrivals,
    booked,
    check_in,
    draw_person,
    draw_service,
)
from queueing.simulation.hall import Line, MemoryHall
from queueing.simulation.player import Desk, DeskState, Player

_NORMAL = NormalDist()


class Oracle:
    """What may happen to those who wait at one moment of a day."""

    def __init__(self, day: Day, player: Player, rng: Random) -> None:
        self.day = day
        self.plan = day.plan
        self.player = player
        self.now = player.now
        self.rng = rng
        # Future people need keys of their own, behind everybody who is here.
        self._keys = itertools.count(10**6)
        self._pace_mean, self._pace_sd = self._pace_of_today()
        self._pending = [booking for booking in day.bookings if self._still_awaited(booking)]

    def waits(self, draws: int) -> dict[int, list[float]]:
        """Return for each waiting number, by key, the sorted minutes until its call in `draws` futures.

        A future in which the number is given back before its call is left out.
        """
        found: dict[int, list[float]] = {}
        for _draw in range(draws):
            for key, minutes in self._one_future():
                insort(found.setdefault(key, []), minutes)
        return found

    def _pace_of_today(self) -> tuple[float, float]:
        """Return mean and deviation of the logarithm of today's pace, given today's services."""
        spread = self.plan.day_spread
        weight, total = (1.0 / spread**2 if spread else math.inf), 0.0
        if spread == 0:
            return 0.0, 0.0
        paces = {counter.code: counter.pace for counter in self.plan.counters}
        for person in self.player.served:
            if person.shows and person.ended <= self.now:
                service = person.service
                usual = math.log(self.plan.pace_at(person.started) * paces[person.counter]) + service.mu
                share = 1.0 / service.sigma**2
                total += share * (math.log(person.ended - person.started) - usual)
                weight += share
        return total / weight, math.sqrt(1.0 / weight)

    def _still_awaited(self, booking: Booking) -> bool:
        here = booking.person is not None and booking.person.arrives <= self.now
        return not here and booking.slot + 20.0 > self.now

    def _one_future(self) -> Iterable[tuple[int, float]]:
        rng = self.rng
        pace = math.exp(rng.gauss(self._pace_mean, self._pace_sd))
        hall = MemoryHall(self.plan.lines)
        player = Player(self.plan, hall)
        player.now = self.now
        tracked = self._refill(hall, player, pace)
        for desk in self.player.desks:
            if desk.state is not DeskState.GONE:
                player.add_desk(self._redrawn(desk, pace))
        for booking in self._pending:
            self._expect_booked(player, booking, pace)
        at = self.now
        while any(person.called == NEVER and not person.quitted for person in tracked):
            for person in self._coming(hall, at, at + 60.0):
                draw_person(person, self.plan.habits, pace, rng)
                player.expect(person)
            at += 60.0
            player.run(at)
        return [(person.key, person.called - self.now) for person in tracked if not person.quitted]

    def rest_of_day(self, hall: MemoryHall, until: float) -> Player:
        """Return one future, played in the empty `hall` until nobody waits; numbers come up to `until`.

        People are drawn before counters: the same chance brings the same people to another hall.
        """
        pace = math.exp(self.rng.gauss(self._pace_mean, self._pace_sd))
        player = Player(self.plan, hall)
        player.now = self.now
        self._refill(hall, player, pace)
        for plan in self.plan.lines:
            for lane, rates in ((REGULAR, plan.regular), (EXPRESS, plan.priority)):
                for at in arrivals(rates, self.now, until, self.rng):
                    service = draw_service(self.plan, plan.code, self.rng)
                    person = Person(next(self._keys), at, service, lane, at)
                    draw_person(person, self.plan.habits, pace, self.rng)
                    player.expect(person)
        for booking in self._pending:
            self._expect_booked(player, booking, pace)
        for desk in self.player.desks:
            again = self._redrawn(desk, pace)
            player.add_desk(again)
            player.wake(again)
        player.run()
        return player

    def _refill(self, hall: MemoryHall, player: Player, pace: float) -> list[Person]:
        """Put those who wait into a new hall with their future drawn anew."""
        tracked = []
        for code, line in self.player.hall_in_memory.lines.items():
            copy = hall.lines[code]
            copy.runs = line.runs
            for lane in line.standing():
                for person in lane:
                    again = Person(person.key, person.arrives, person.service, person.lane, person.place)
                    draw_person(again, self.plan.habits, pace, self.rng)
                    if again.quits < NEVER:
                        again.quits += self.now - person.arrives
                        player.expect_quit(again)
                    copy.join(again)
                    tracked.append(again)
        return tracked

    def _coming(self, hall: MemoryHall, since: float, until: float) -> Iterable[Person]:
        for plan in self.plan.lines:
            line = hall.lines[plan.code]
            lanes = [(EXPRESS, plan.priority)]
            if len(hall.lines) > 1 or _regulars_matter(line):
                lanes.append((REGULAR, plan.regular))
            for lane, rates in lanes:
                for at in arrivals(rates, since, until, self.rng):
                    yield Person(next(self._keys), at, draw_service(self.plan, plan.code, self.rng), lane, at)

    def _expect_booked(self, player: Player, booking: Booking, pace: float) -> None:
        """Draw whether and when a booked person comes, given that they have not come yet."""
        rng = self.rng
        while rng.random() < self.plan.habits.slot_kept:
            at = booking.slot + check_in(rng)
            # Drawn again when it says that they would be here by now, which they are not.
            if at > self.now:
                person = booked(booking, at, draw_service(self.plan, booking.line, rng))
                draw_person(person, self.plan.habits, pace, rng)
                person.key = next(self._keys)
                player.expect(person)
                return

    def _redrawn(self, desk: Desk, pace: float) -> Desk:
        rng, habits, now = self.rng, self.plan.habits, self.now
        leaves = desk.plan.closes
        if habits.leaves_an_hour > 0:
            since = max(now, habits.leaves_from)
            leaves = min(leaves, since + rng.expovariate(habits.leaves_an_hour / 60.0))
        breaks = [
            (start, end + rng.expovariate(1.0) * habits.late_return)
            for start, end in sorted([*desk.plan.breaks, *desk.plan.pauses])
            if any(left[0] == start for left in desk.breaks)
        ]
        opens = max(now, desk.plan.opens) + rng.expovariate(1.0) * habits.late_opening
        again = Desk(Shift(desk.plan, opens, breaks, leaves))
        again.state = desk.state
        if desk.state is DeskState.BREAK:
            spans = dict([*desk.plan.breaks, *desk.plan.pauses])
            end = spans[desk.away_since]
            again.until = max(now, end) + rng.expovariate(1.0) * habits.late_return
        elif desk.state is DeskState.BUSY and desk.person is not None:
            again.until = now + self._residual(desk, desk.person, pace)
        return again

    def _residual(self, desk: Desk, person: Person, pace: float) -> float:
        """Draw the minutes until a busy counter is free, given what can be seen of it."""
        rng, habits, now = self.rng, self.plan.habits, self.now
        if person.shows and person.ended <= now:
            return rng.expovariate(1.0) * habits.gap
        again = Person(-1, now, person.service, person.lane, person.place)
        if person.shows and person.started <= now:
            factor = pace * self.plan.pace_at(person.started) * desk.plan.pace
            elapsed = now - person.started
            service = person.service
            reached = _NORMAL.cdf((math.log(max(elapsed / factor, 1e-9)) - service.mu) / service.sigma)
            at = min(reached + rng.random() * (1.0 - reached), 1.0 - 1e-12)
            whole = math.exp(service.mu + service.sigma * _NORMAL.inv_cdf(at)) * factor
            return max(0.0, whole - elapsed) + rng.expovariate(1.0) * habits.gap
        # Called and not yet there: draw people until one fits the seconds already gone.
        elapsed = now - person.called
        for _attempt in range(50):
            draw_person(again, habits, pace, rng)
            if (again.walk if again.shows else again.calling) > elapsed:
                break
        if not again.shows:
            return max(0.0, again.calling - elapsed)
        minutes = again.minutes * self.plan.pace_at(now) * desk.plan.pace
        return max(0.0, again.walk - elapsed) + minutes + again.gap


def _regulars_matter(line: Line) -> bool:
    """Later regular numbers overtake nobody; they only take turns with express ones, when few wait."""
    express = len(line.express)
    return express > 0 and len(line.regular) < 1 + line.rule.regular_between * (express + 2)


def quantile(ordered: list[float], share: float) -> float:
    """Return the value below which `share` of `ordered` lies, between two neighbours in proportion."""
    place = share * (len(ordered) + 1) - 1
    if place <= 0:
        return ordered[0]
    if place >= len(ordered) - 1:
        return ordered[-1]
    below = int(place)
    return ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])

"""What an estimate may know of a played moment: what the database of a real mall would tell."""

from __future__ import annotations

import math
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence

from queueing.estimating import Ahead, Desk, Habits, Observed, OtherLine, Present, Times, called_first
from queueing.policy import others_before
from queueing.simulation.days import Person
from queueing.simulation.hall import Line
from queueing.simulation.player import Desk as PlayedDesk
from queueing.simulation.player import DeskState, Player

# Longer between two services is a break, not a handover.
LONGEST_HANDOVER = 10.0


def observed(players: Iterable[Player], *, today: bool = False) -> list[Observed]:
    """Return what was observed of services up to now, by service and hour."""
    cells: dict[tuple[int, int], list[float]] = {}
    for player in players:
        for person in player.served:
            if person.shows:
                minutes = person.ended - person.started
                cells.setdefault((person.service.code, int(person.started // 60)), []).append(minutes)
    return [
        Observed(
            service=service,
            hour=hour,
            count=len(found),
            minutes=sum(found),
            logs=sum(map(math.log, found)),
            squared_logs=sum(math.log(minutes) ** 2 for minutes in found),
            today=today,
        )
        for (service, hour), found in cells.items()
    ]


def habits_of(players: Sequence[Player]) -> Habits:
    """Return the habits measured on earlier days; the usual ones where nothing was seen."""
    usual = Habits()
    served = [person for player in players for person in player.served]
    absent = [person.ended - person.called for person in served if not person.shows]
    handovers = list(_handovers(players))
    waited = sum(_minutes_waited(player) for player in players)
    quitted = sum(person.quitted for player in players for person in player.people)
    open_hours, left = _leavings(players)
    bookings = [booking for player in players for booking in player.bookings]
    booked, kept = len(bookings), sum(booking.person is not None for booking in bookings)
    return Habits(
        handover=(sum(handovers) + 10 * usual.handover) / (len(handovers) + 10),
        no_show=(len(absent) + 20 * usual.no_show) / (len(served) + 20),
        calling=(sum(absent) + 5 * usual.calling) / (len(absent) + 5),
        quits_an_hour=(quitted + 0.2) / (waited / 60.0 + 10),
        leaves_an_hour=left / (open_hours + 40),
        keeps=(kept + 8.5) / (booked + 10),
    )


def _handovers(players: Iterable[Player]) -> Iterator[float]:
    for player in players:
        before: dict[int, Person] = {}
        for person in player.served:
            last = before.get(person.counter)
            if last and person.shows and person.arrives <= last.ended:
                minutes = person.started - last.ended
                if minutes <= LONGEST_HANDOVER:
                    yield minutes
            before[person.counter] = person


def _minutes_waited(player: Player) -> float:
    ends = (
        (person, person.quits if person.quitted else min(person.called, player.now))
        for person in player.people
    )
    return sum(max(0.0, end - person.arrives) for person, end in ends)


def _leavings(players: Iterable[Player]) -> tuple[float, int]:
    hours, left = 0.0, 0
    for player in players:
        for desk in player.desks:
            closed = min(desk.leaves, desk.plan.closes)
            hours += (closed - desk.plan.opens) / 60.0
            left += closed < desk.plan.closes - 30.0
    return hours, left


def arrivals_an_hour(players: Sequence[Player], line: int) -> dict[tuple[str, int], float]:
    """Return how many took a number of `line` in an hour, by lane and hour of the day, on earlier days.

    Booked people are left out: who has booked for today is known.
    """
    counts = Tally(
        (person.lane, int(person.arrives // 60))
        for player in players
        for person in player.people
        if person.line == line and not person.booked
    )
    return {key: count / len(players) for key, count in counts.items()}


def present_of(player: Player, line: int, times: Times, express_elsewhere: float = 0.0) -> Present:
    """Return what is known of `line` now; counters that are not open yet are not known."""
    now = player.now
    standing = player.hall_in_memory.lines[line]
    coming = [
        (booking.slot, times.habits.keeps)
        for booking in player.bookings
        if booking.line == line and _is_awaited(booking.slot, booking.person, now)
    ]
    coming += [(person.place, 1.0) for person in standing.standing()[1] if person.place > now]
    desks = tuple(_desk_of(desk, player) for desk in player.desks if desk.works and line in desk.plan.weights)
    return Present(now, desks, times, standing.rule, standing.runs, tuple(coming), express_elsewhere)


def _is_awaited(slot: float, person: Person | None, now: float) -> bool:
    return slot + 10.0 > now and (person is None or person.arrives > now)


def _desk_of(desk: PlayedDesk, player: Player) -> Desk:
    now, plan = player.now, desk.plan
    known = tuple(span for span in plan.breaks if span[1] > now)
    closes = plan.closes if plan.closes < player.plan.closes else None
    if desk.state is DeskState.BREAK:
        planned = [end for start, end in plan.breaks if start <= now]
        is_planned = any(start == desk.away_since for start, _end in plan.breaks)
        back = max(planned) if is_planned else None
        coming = tuple(span for span in known if span[0] > now)
        return Desk(since=desk.away_since, away=True, back_at=back, breaks=coming, closes=closes)
    taken = {start for start, _end in plan.breaks} - {start for start, _end in desk.breaks}
    breaks = tuple(span for span in known if span[0] not in taken)
    person = desk.person
    if person is None or person.ended <= now:
        return Desk(breaks=breaks, closes=closes)
    begun = person.shows and person.started <= now
    since = person.started if begun else person.called
    return Desk(person.service.code, since, begun, breaks=breaks, closes=closes)


def aheads_in(player: Player, line: int) -> Iterator[tuple[Person, Ahead]]:
    """Yield everyone who waits in `line` with what stands before them."""
    now = player.now
    standing = player.hall_in_memory.lines[line]
    regular, express = standing.standing()
    callable_now = [person for person in express if person.place <= now]
    elsewhere = [one for code, one in player.hall_in_memory.lines.items() if code != line]
    for lane, others in ((regular, callable_now), (express, regular)):
        own: Tally[int] = Tally()
        rivals = _tally(others)
        for person in lane:
            first = 0.0
            before: dict[int, float] = {}
            later: dict[int, float] = {}
            if elsewhere:
                first = _latest_place(person, own.total(), standing, others)
                before = _elsewhere(elsewhere, first)
                later = {
                    service: people - before.get(service, 0.0)
                    for service, people in _tally(_everyone(elsewhere)).items()
                }
            yield (
                person,
                Ahead(
                    person.lane,
                    dict(own),
                    rivals,
                    before,
                    later,
                    person.place,
                    lane[0].place,
                    others[0].place if others else math.inf,
                ),
            )
            own[person.service.code] += 1


def _latest_place(person: Person, people: int, line: Line, others: Sequence[Person]) -> float:
    """Return the latest place among a number and those of the other lane that are called before it."""
    passing = others_before(person.lane, people, runs=line.runs, rule=line.rule, others=len(others))
    return max([person.place, *(other.place for other in others[:passing])])


def _everyone(lines: Iterable[Line]) -> Iterator[Person]:
    for line in lines:
        for lane in line.standing():
            yield from lane


def _elsewhere(lines: Iterable[Line], place: float) -> dict[int, float]:
    found: dict[int, float] = {}
    for line in lines:
        regular, express = line.standing()
        other = OtherLine(
            _tally(person for person in regular if person.place < place),
            _tally(person for person in express if person.place < place),
            sum(person.place >= place for person in regular),
            sum(person.place >= place for person in express),
            line.rule,
            line.runs,
        )
        for service, people in called_first(other).items():
            found[service] = found.get(service, 0.0) + people
    return found


def _tally(people: Iterable[Person]) -> dict[int, int]:
    return dict(Tally(person.service.code for person in people))

"""Who came to the counters, who was late, left early or was missing: pure rules, no database, no clock.

An agency owes a number of officers through its hours. Whoever comes takes the next of these seats; once all
are taken, more people are welcome and never late. At the end it is the other way round: the last to leave
hold the seats. So a change of shift at noon is neither late nor early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.policy import Span, covered

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Owed:
    """What an agency owes on one day: `officers` at every moment of `spans` (naive local, in order)."""

    day: date
    officers: int
    spans: tuple[Span, ...]

    @property
    def opens(self) -> datetime:
        """Return the first moment of the day."""
        return self.spans[0][0]

    @property
    def closes(self) -> datetime:
        """Return the end of the day."""
        return self.spans[-1][1]

    @property
    def length(self) -> timedelta:
        """Return how long the counters are open, breaks left out."""
        return sum((end - start for start, end in self.spans), timedelta())

    @property
    def promised(self) -> timedelta:
        """Return the time of all promised officers together."""
        return self.officers * self.length


@dataclass(frozen=True)
class Tolerance:
    """So many minutes count neither as late nor as early."""

    late: int = 15
    early: int = 15


@dataclass(frozen=True)
class PersonDay:
    """One person's day at the counters; 0 minutes is in time, `is_extra`: all seats were taken already."""

    user_id: int
    first: datetime
    last: datetime
    served: timedelta
    late_minutes: int = 0
    early_minutes: int = 0
    is_extra: bool = False


@dataclass(frozen=True)
class DaySheet:
    """One agency on one day; `people` in the order in which they came.

    `excused` are those on leave who did not come, each with the kind of leave. `left_empty` is the time
    of the hours in which every counter that was open had a rest.
    """

    owed: Owed
    people: tuple[PersonDay, ...] = ()
    late_opening: int = 0
    excused: tuple[tuple[int, str], ...] = ()
    left_empty: timedelta = timedelta()

    @property
    def came(self) -> int:
        """Return how many people came within the hours."""
        return len(self.people)

    @property
    def missing(self) -> int:
        """Return how many of the promised officers did not come."""
        return max(0, self.owed.officers - self.came)

    @property
    def uncovered(self) -> int:
        """Return how many of those on leave nobody stood in for: the promise is not met, with a reason."""
        return min(self.missing, len(self.excused))

    @property
    def unexcused(self) -> int:
        """Return how many of the promised officers did not come, without a leave that explains it."""
        return self.missing - self.uncovered

    @property
    def kept(self) -> timedelta:
        """Return the time kept of the promised: more people on one day do not make up for another."""
        return min(sum((person.served for person in self.people), timedelta()), self.owed.promised)

    @property
    def first(self) -> datetime | None:
        """Return when the first counter was opened within the hours."""
        return self.people[0].first if self.people else None

    @property
    def late(self) -> tuple[PersonDay, ...]:
        """Return who came late."""
        return tuple(person for person in self.people if person.late_minutes)

    @property
    def early(self) -> tuple[PersonDay, ...]:
        """Return who left early."""
        return tuple(person for person in self.people if person.early_minutes)


@dataclass(frozen=True)
class Seen:
    """What was seen of an agency's people on one day, by person; naive local moments.

    `stays` are their stretches at a counter, `rests` the pauses within them, `leaves` the kind of leave
    of those who are excused.
    """

    stays: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    rests: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    leaves: Mapping[int, str] = field(default_factory=dict)


def judge(owed: Owed, seen: Seen, *, until: datetime, tolerance: Tolerance) -> DaySheet:
    """Return the sheet of a day from what was seen, as far as `until`.

    A stretch that has not ended reaches to `until`. Who was there outside the hours only has not come.
    Leaving early is judged once the day is over.
    """
    stays = seen.stays
    here = [person for user, spans in stays.items() if (person := _within(owed, user, spans))]
    arrivals = sorted(here, key=lambda person: (person.first, person.user_id))
    staying = sorted(here, key=lambda person: (person.last, person.user_id), reverse=True)
    held = {person.user_id for person in staying[: owed.officers]} if until >= owed.closes else set()
    people = tuple(
        PersonDay(
            person.user_id,
            person.first,
            person.last,
            person.served,
            late_minutes=_beyond(person.first - owed.opens, tolerance.late) if place < owed.officers else 0,
            early_minutes=_beyond(owed.closes - person.last, tolerance.early)
            if person.user_id in held
            else 0,
            is_extra=place >= owed.officers,
        )
        for place, person in enumerate(arrivals)
    )
    opened_after = people[0].first - owed.opens if people else timedelta()
    came = {person.user_id for person in people}
    return DaySheet(
        owed,
        people,
        late_opening=_beyond(opened_after, tolerance.late),
        excused=tuple(sorted((user, kind) for user, kind in seen.leaves.items() if user not in came)),
        left_empty=_left_empty(owed, seen),
    )


def _left_empty(owed: Owed, seen: Seen) -> timedelta:
    """Return the time in the hours with a counter open, but a rest at each of them."""
    sat = [span for spans in seen.stays.values() for span in spans]
    served = [
        part for user, spans in seen.stays.items() for part in _without(spans, seen.rests.get(user, ()))
    ]
    lengths = (covered(sat, *span) - covered(served, *span) for span in owed.spans)
    return sum(lengths, timedelta())


def _without(spans: Iterable[Span], rests: Iterable[Span]) -> list[Span]:
    """Return the stretches less the rests within them."""
    left = list(spans)
    for since, until in rests:
        parts = [((start, min(end, since)), (max(start, until), end)) for start, end in left]
        left = [part for pair in parts for part in pair if part[0] < part[1]]
    return left


def _within(owed: Owed, user: int, spans: Iterable[Span]) -> PersonDay | None:
    """Return the person's day as far as it touches the hours; None when it does not."""
    inside = [(start, end) for start, end in spans if start < owed.closes and end > owed.opens]
    if not inside:
        return None
    served = sum((covered(inside, start, end) for start, end in owed.spans), timedelta())
    return PersonDay(user, min(start for start, _end in inside), max(end for _start, end in inside), served)


def _beyond(lateness: timedelta, tolerance: int) -> int:
    """Return the whole minutes of a lateness that the tolerance does not forgive, else 0."""
    minutes = lateness // MINUTE
    return minutes if minutes > tolerance else 0

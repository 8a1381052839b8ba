"""Who came to the counters, who was late, left early or was missing: pure rules, no database, no clock.

An agency owes a number of officers through its hours. Whoever comes takes the next of these seats; once all
are taken, more people are welcome and never late. At the end it is the other way round: the last to leave
hold the seats. So a change of shift at noon is neither late nor early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    """One agency on one day; `people` in the order in which they came."""

    owed: Owed
    people: tuple[PersonDay, ...] = ()
    late_opening: int = 0

    @property
    def came(self) -> int:
        """Return how many people came within the hours."""
        return len(self.people)

    @property
    def missing(self) -> int:
        """Return how many of the promised officers did not come."""
        return max(0, self.owed.officers - self.came)

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


def judge(
    owed: Owed, stays: Mapping[int, Sequence[Span]], *, until: datetime, tolerance: Tolerance
) -> DaySheet:
    """Return the sheet of a day from each person's stretches at a counter, as far as `until`.

    A stretch that has not ended reaches to `until`. All moments are naive local. Who was there outside
    the hours only has not come. Leaving early is judged once the day is over.
    """
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
    return DaySheet(owed, people, late_opening=_beyond(opened_after, tolerance.late))


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

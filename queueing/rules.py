"""The rules of the hall as the acts read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mpp.core import clock, revision
from queueing.enums import Priority
from queueing.models import CounterLine, HallRules, PriorityClass, Queue, QueueDay
from queueing.policy import OrderRule, Runs
from queueing.policy import pool as pool_policy
from queueing.roster import roster_at


@dataclass(frozen=True)
class RuleBook:
    """The rules as configured. Shared by all threads: nobody may change a row of it.

    `weights` are those of each counter that does not serve all lines alike, by the key of the queue.
    """

    hall: HallRules
    weights: Mapping[int, Mapping[int, int]]

    @classmethod
    def read(cls, _key: str) -> RuleBook:
        """Read it: two queries."""
        weights: dict[int, dict[int, int]] = defaultdict(dict)
        for counter, queue, weight in CounterLine.objects.order_by().values_list(
            "counter", "queue", "weight"
        ):
            weights[counter][queue] = weight
        return cls(HallRules.objects.filter(pk=1).first() or HallRules(pk=1), weights)


_books: revision.Memory[str, RuleBook] = revision.Memory(RuleBook.read)


def book_at(instant: revision.Instant) -> RuleBook:
    """Return the rules in force at `instant`: no query once they are known."""
    return _books.get(instant.revision, "")


def hall() -> HallRules:
    """Return the limits that hold in the whole mall: one quick query."""
    return book_at(revision.read()).hall


def classes_by_law() -> list[PriorityClass]:
    """Return who goes first on their own word: one query. GENERAL is what is ticked without a class."""
    own_word = PriorityClass.objects.filter(is_active=True, staff_only=False)
    return list(own_word.exclude(code__in=[Priority.NONE, Priority.GENERAL]))


def moment_of(queue: Queue, at: datetime) -> pool_policy.Moment:
    """Return what the time `at` (aware) does to the shares of `queue`."""
    local = clock.local(at).time()
    released = queue.shares_release_at is not None and local >= queue.shares_release_at
    waves = roster_at(revision.at_entry()).waves.get(queue.pk, ())
    return pool_policy.Moment(released, pool_policy.online_percent_at(waves, local))


def order_of(queue: Queue) -> OrderRule:
    """Return the figures by which `queue` is called."""
    return OrderRule(queue.express_in_a_row, queue.priority_ratio, queue.ageing_minutes)


def runs_of(day: QueueDay) -> Runs:
    """Return how the last calls of this line went."""
    return Runs(day.express_run, day.since_priority)

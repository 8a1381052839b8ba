"""The rules of the hall as the acts read them."""

from __future__ import annotations

from datetime import datetime

from mpp.core import clock
from queueing.models import HallRules, Queue, QueueDay
from queueing.policy import OrderRule, Runs
from queueing.policy import pool as pool_policy


def hall() -> HallRules:
    """Return the limits that hold in the whole mall."""
    return HallRules.objects.filter(pk=1).first() or HallRules(pk=1)


def moment_of(queue: Queue, at: datetime) -> pool_policy.Moment:
    """Return what the time `at` (aware) does to the shares of `queue`."""
    local = clock.local(at).time()
    released = queue.shares_release_at is not None and local >= queue.shares_release_at
    waves = queue.waves.values_list("at", "percent")
    return pool_policy.Moment(released, pool_policy.online_percent_at(waves, local))


def order_of(queue: Queue) -> OrderRule:
    """Return the figures by which `queue` is called."""
    return OrderRule(queue.express_in_a_row, queue.priority_ratio, queue.ageing_minutes)


def runs_of(day: QueueDay) -> Runs:
    """Return how the last calls of this line went."""
    return Runs(day.express_run, day.since_priority)

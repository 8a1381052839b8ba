"""Which lines no counter would call from: a trap of naming lines counter by counter."""

from __future__ import annotations

from collections import defaultdict

from mpp.core import clock
from queueing.models import CounterLine, Queue
from tenants.models import CounterDuty


def unserved_lines(agency_id: int) -> list[Queue]:
    """Return the agency's lines in use that none of its counters of today serves.

    A counter without a row for any of these lines serves them all (queueing.choosing); an agency
    without a counter today has nothing to warn about.
    """
    queues = list(Queue.objects.active().filter(agency=agency_id))
    counters = set(
        CounterDuty.objects.on(clock.today()).filter(agency=agency_id).values_list("counter", flat=True)
    )
    named: dict[int, set[int]] = defaultdict(set)
    rows = CounterLine.objects.filter(counter__in=counters, queue__in=queues)
    for counter_id, queue_id in rows.values_list("counter", "queue"):
        named[counter_id].add(queue_id)
    if not counters or counters - named.keys():
        return []
    served = set().union(*named.values())
    return [queue for queue in queues if queue.pk not in served]

"""The day played again from its events: did every call go to the first of its lane?"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from queueing.enums import Step, TicketState
from queueing.models import TicketEvent

# Moved on purpose: the trail says by whom and why, and they are not part of the question.
MOVED = (Step.PRIORITISE, Step.WAIVE, Step.TRANSFER, Step.REENTER, Step.STEP_BACK)

Place = tuple[datetime, int]


def calls_out_of_turn() -> Iterator[str]:
    """Yield each call, without a reason, of a number before which another of its lane was waiting.

    Events of one line are written under its lock, so their keys are the order in which they happened.
    A number stepped over because its person was at another counter is named in the call (`passed`).
    """
    moved = set(TicketEvent.objects.filter(step__in=MOVED).values_list("ticket", flat=True))
    waiting: dict[tuple[int, str], list[Place]] = defaultdict(list)
    is_waiting: dict[int, bool] = defaultdict(bool)
    columns = ("ticket", "step", "target", "reason", "passed", "line", "ticket__lane", "ticket__arrived_at")
    for ticket, step, target, reason, passed, line, lane, place in (
        TicketEvent.objects.order_by("pk").values_list(*columns).iterator()
    ):
        if ticket in moved:
            continue
        queue = waiting[line, lane]
        if step == Step.CALL and not reason:
            first = _first(queue, is_waiting, skip={*passed})
            if first is not None and first < (place, ticket):
                yield f"{ticket}, {first[1]}"
        is_waiting[ticket] = target == TicketState.WAITING
        if is_waiting[ticket]:
            heapq.heappush(queue, (place, ticket))


def _first(queue: list[Place], is_waiting: dict[int, bool], skip: set[int]) -> Place | None:
    """Return the first of a lane that waits and is not in `skip`; those that left are dropped."""
    set_aside: list[Place] = []
    found = None
    while queue and found is None:
        if not is_waiting[queue[0][1]]:
            heapq.heappop(queue)
        elif queue[0][1] in skip:
            set_aside.append(heapq.heappop(queue))
        else:
            found = queue[0]
    for place in set_aside:
        heapq.heappush(queue, place)
    return found

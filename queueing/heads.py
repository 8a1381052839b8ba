"""The first waiting numbers of each lane of some lines: what the next call is chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mpp.core import planned

# One step down the partial index per line and lane, however many wait.
HEADS = """
SELECT head.id, line.id, head.lane, head.arrived_at, head.visit_id
FROM unnest(%(lines)s::bigint[]) AS line(id)
CROSS JOIN (VALUES ('R'), ('X')) AS lanes(lane)
CROSS JOIN LATERAL (
    SELECT id, lane, arrived_at, visit_id FROM queueing_ticket
    WHERE line_id = line.id AND lane = lanes.lane AND state = 'WAITING'
    ORDER BY arrived_at, id LIMIT %(depth)s
) AS head
UNION ALL
SELECT id, line_id, lane, arrived_at, visit_id FROM (
    SELECT id, line_id, lane, arrived_at, visit_id FROM queueing_ticket
    WHERE line_id = ANY(%(all)s::bigint[]) AND lane = 'C' AND state = 'WAITING'
      AND for_counter_id = %(counter)s
    ORDER BY arrived_at, id LIMIT %(depth)s
) AS named
"""


@dataclass(frozen=True)
class Head:
    """A waiting number near the front of its lane."""

    ticket_id: int
    line_id: int
    lane: str
    arrived_at: datetime
    visit_id: int | None


def heads_of(
    served: Sequence[int], *, all_lines: Sequence[int], counter_id: int | None, depth: int
) -> list[Head]:
    """Return the first `depth` waiting numbers of both lanes of the lines `served`, by key, and of those
    sent to this counter that stand in any of `all_lines`; each lane in its order."""
    parameters = {"lines": list(served), "all": list(all_lines), "counter": counter_id, "depth": depth}
    heads = [Head(*row) for row in planned.ask(HEADS, parameters)]
    return sorted(heads, key=lambda head: (head.arrived_at, head.ticket_id))

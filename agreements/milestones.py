"""The mall's way, read for its picture."""

from __future__ import annotations

from collections.abc import Iterable

from agreements.models import Milestone
from agreements.timeline import Event


def events(rows: Iterable[Milestone]) -> list[Event]:
    """Return what the picture shows of these milestones; their moves should be prefetched."""
    return [
        Event(
            row.title,
            row.planned_on,
            row.actual_on,
            tuple(move.before for move in row.moves.all() if move.before),
        )
        for row in rows
    ]

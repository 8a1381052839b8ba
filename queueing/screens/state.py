"""The state behind a display: everything it shows now, never a delta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum

from mpp.core import clock, mall, revision
from queueing import announcements
from queueing.enums import Lane
from queueing.hall_voice import voice_of
from queueing.heads import Head, heads_of
from queueing.models import QueueDay, Ticket
from queueing.policy import next_lane
from queueing.rules import order_of, runs_of
from queueing.screens.calls import last_calls, recent_calls
from queueing.screens.scenes import Scene
from services import troubles
from tenants.models import Agency


def display_state(scene: Scene) -> dict[str, Any]:
    """Return what the display shows now; `look` tells the page whether it must build itself anew."""
    instant = revision.read()
    at = instant.at
    agencies = scene.whole.serving_on(instant.day)
    days = _days(agencies, instant)
    has_counters = scene.has_counters()
    calls = [
        call | {"part": place} for place, part in enumerate(scene.parts) for call in last_calls(part, at)
    ]
    return {
        "version": sum(day.version for day in days),
        "look": f"{scene.look}-{int(has_counters)}",
        "time": f"{clock.local(at):%H.%M.%S}",
        "date": instant.day.isoformat(),
        "calls": calls,
        "announcements": recent_calls(scene, at, instant),
        "waiting": _waiting(scene, agencies, days, at),
        "note": _note(scene, agencies, instant),
        "volume": _volume(scene, instant),
        "has_counters": has_counters,
    }


def _days(agencies: Sequence[Agency], instant: revision.Instant) -> list[QueueDay]:
    rows = QueueDay.objects.filter(date=instant.day, queue__agency__in=agencies, block="")
    return list(rows.select_related("queue").annotate(people=Sum("blocks__waiting", default=0)))


def _waiting(
    scene: Scene, agencies: Sequence[Agency], days: Sequence[QueueDay], at: datetime
) -> list[dict[str, Any]]:
    """Return how many wait for each agency, and which number of theirs comes next."""
    if not scene.shows_waiting:
        return []
    people: dict[int, int] = {}
    for day in days:
        people[day.queue.agency_id] = people.get(day.queue.agency_id, 0) + day.people  # type: ignore[attr-defined]
    coming = _next_labels(days, at) if scene.shows_next else {}
    return [
        {
            "name": agency.short_name,
            "count": people.get(agency.pk, 0),
            "next": coming.get(agency.pk, ""),
        }
        for agency in agencies
    ]


def _next_labels(days: Sequence[QueueDay], at: datetime) -> dict[int, str]:
    """Return the number that each agency calls next, by the agency's key: two queries.

    Between several lines of an agency, that of whoever has waited longest.
    """
    by_line: dict[int, dict[str, Head]] = {}
    for head in heads_of([day.pk for day in days], all_lines=(), counter_id=None, depth=1):
        by_line.setdefault(head.line_id, {})[head.lane] = head
    first: dict[int, Head] = {}
    for day in days:
        coming = _first_of(day, by_line.get(day.pk, {}), at)
        known = first.get(day.queue.agency_id)
        if coming and (known is None or coming.arrived_at < known.arrived_at):
            first[day.queue.agency_id] = coming
    tickets = Ticket.objects.select_related("queue_day").in_bulk([head.ticket_id for head in first.values()])
    return {
        agency: tickets[head.ticket_id].label for agency, head in first.items() if head.ticket_id in tickets
    }


def _first_of(day: QueueDay, heads: Mapping[str, Head], at: datetime) -> Head | None:
    def minutes(lane: str) -> float | None:
        return (at - heads[lane].arrived_at).total_seconds() / 60 if lane in heads else None

    lane = next_lane(
        regular_minutes=minutes(Lane.REGULAR),
        express_minutes=minutes(Lane.EXPRESS),
        runs=runs_of(day),
        rule=order_of(day.queue),
    )
    return heads[lane] if lane else None


def _note(scene: Scene, agencies: Sequence[Agency], instant: revision.Instant) -> str:
    """Return the running text. Trouble comes first: it is why nobody is called."""
    told = troubles.notes([agency.pk for agency in agencies])
    for zone in scene.whole.zones or (None,):
        told += announcements.texts(instant, zone)
    return " ".join(filter(None, dict.fromkeys([*told, scene.note, mall.current().today_note])))


def _volume(scene: Scene, instant: revision.Instant) -> int:
    return next((voice_of(zone, instant).volume for zone in scene.voices()), 0)

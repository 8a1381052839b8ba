"""Calls as displays show them: the last ones of each number, and the numbered stream of announcements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from mpp.core import clock, revision
from queueing.enums import Priority, Step
from queueing.hall_voice import voice_of
from queueing.models import CounterSession, TicketEvent
from queueing.screens.scenes import Part, Scene
from queueing.voice import Call

# One on the plate, six in the list; more while they are younger than the time each stays visible.
CALLS_SHOWN = 7
STAYS = timedelta(seconds=75)
MOST_CALLS = 24
# A display announces nothing older than 30 s; the rest is for the way to it.
ANNOUNCED_FOR = timedelta(seconds=45)
MOST_ANNOUNCEMENTS = 200
# Enough events to find so many numbers: each is called three times at most before it is missed.
EVENTS_READ = 72


class Shown(NamedTuple):
    """A call with the counter session it came from, which every call has."""

    event: TicketEvent
    session: CounterSession


def last_calls(part: Part, at: datetime) -> list[dict[str, Any]]:
    """Return the last calls of `part` today, newest first, each number once; one query."""
    calls: dict[int, Shown] = {}
    for call in _with_sessions(calls_of(part, at).order_by("-pk")[:EVENTS_READ]):
        is_young = at - call.event.at < STAYS and len(calls) < MOST_CALLS
        if len(calls) >= CALLS_SHOWN and not is_young:
            break
        calls.setdefault(call.event.ticket_id, call)
    return [_entry(call, at) for call in calls.values()]


def recent_calls(scene: Scene, at: datetime, instant: revision.Instant) -> list[dict[str, Any]]:
    """Return every call and recall of the last 45 seconds, in order: one query.

    The page knows which ids it has announced. An id that commits late is in the next state, so nothing
    is lost; each is announced once, so nothing comes twice.
    """
    events = calls_of(scene.whole, at).filter(at__gte=at - ANNOUNCED_FOR).order_by("-pk")
    recent = list(_with_sessions(events[:MOST_ANNOUNCEMENTS]))
    return [
        _entry(call, at) | {"part": _part_of(call.session, scene)} | _spoken(call, at, instant)
        for call in reversed(recent)
    ]


def calls_of(part: Part, at: datetime) -> QuerySet[TicketEvent]:
    """Return today's calls at the counters of `part` with what is shown of them, without those taken back."""
    taken_back = TicketEvent.objects.filter(
        ticket=OuterRef("ticket"), pk__gt=OuterRef("pk"), step=Step.UNDO_CALL
    )
    calls = TicketEvent.objects.filter(
        part.sessions(), step__in=[Step.CALL, Step.RECALL], session__date=clock.local(at).date()
    )
    shown = calls.exclude(Exists(taken_back))
    return shown.select_related("ticket__queue_day", "session__counter__zone", "session__agency")


def _with_sessions(events: Iterable[TicketEvent]) -> Iterator[Shown]:
    return (Shown(event, event.session) for event in events if event.session is not None)


def _entry(call: Shown, at: datetime) -> dict[str, Any]:
    event, session = call.event, call.session
    return {
        "id": event.pk,
        "label": event.ticket.label,
        "counter": session.counter.number,
        "agency": session.agency.short_name,
        "called_at": f"{clock.local(event.at):%H.%M.%S}",
        "age_seconds": int((at - event.at).total_seconds()),
        "is_recall": event.step == Step.RECALL,
    }


def _part_of(session: CounterSession, scene: Scene) -> int:
    places = (
        place
        for place, part in enumerate(scene.parts)
        if session.counter.zone_id in part.zones or session.agency_id in part.agencies
    )
    return next(places, 0)


def _spoken(shown: Shown, at: datetime, instant: revision.Instant) -> dict[str, Any]:
    """Return the clips of the announcement, by the voice of the zone of its counter."""
    ticket, counter = shown.event.ticket, shown.session.counter
    call = Call(
        label=ticket.label,
        counter=counter.number,
        counter_code=counter.code,
        agency=shown.session.agency.code,
        is_recall=shown.event.step == Step.RECALL,
        is_priority=ticket.priority != Priority.NONE,
    )
    return voice_of(counter.zone, instant).spoken(call, clock.local(at))

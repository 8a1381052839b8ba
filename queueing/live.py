"""What live pages show of the day: the state behind every stream and behind the first page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from mpp.core import clock, mall, revision, tokens
from mpp.core.models import Mall
from mpp.live.channels import sign_console
from mpp.live.hub import Subscription
from queueing import announcements
from queueing.enums import AT_COUNTER, Step, TicketState
from queueing.floor import pulse
from queueing.models import CounterSession, QueueDay, Ticket, TicketEvent
from queueing.places import Place, place_of, places_in
from queueing.steady import steadied
from queueing.waits import hall_of
from services import troubles
from tenants.models import Agency, Zone

CALLS_SHOWN = 7
# No line has this key.
CONFIGURATION = 0
# So many places are asked for one by one; more in one sweep over the line.
FEW = 3


def ticket_state(ticket: Ticket) -> dict[str, Any]:
    """Return what the holder of `ticket` sees now."""
    return line_states(ticket.line_id, {ticket.pk})[ticket.pk]


def line_states(line_id: int, ticket_ids: Set[int]) -> dict[int, dict[str, Any]]:
    """Return the states of these numbers of one line; six queries, however many numbers.

    A number that has been transferred away is not among them.
    """
    day = QueueDay.objects.select_related("queue").filter(pk=line_id).first()
    if day is None:
        return {}
    rows = list(Ticket.objects.with_labels().filter(pk__in=ticket_ids, line=day))
    places = _places(day, rows)
    at = clock.now()
    common = {
        "version": day.version,
        "now_serving": _now_serving(day),
        "time": f"{clock.local(at):%H.%M.%S}",
    }
    waits = _waits(day, rows, places, at)
    return {row.pk: common | _ticket_part(row) | waits[row.pk] for row in rows}


def _places(day: QueueDay, rows: Iterable[Ticket]) -> dict[int, Place]:
    """Return the places of the waiting ones: one by one for a page, in one sweep for a hall of phones."""
    waiting = [row for row in rows if row.state == TicketState.WAITING]
    if len(waiting) <= FEW:
        return {row.pk: place for row in waiting if (place := place_of(row, day))}
    everyone = Ticket.objects.waiting().filter(line=day).in_arrival_order()
    return places_in(day, everyone.values_list("pk", "lane", "service"), {row.pk for row in waiting})


def _now_serving(day: QueueDay) -> str:
    at_counter = Ticket.objects.at_counter().select_related("queue_day").filter(line=day)
    latest = at_counter.order_by("-called_at").first()
    return latest.label if latest else ""


def _ticket_part(row: Ticket) -> dict[str, Any]:
    counter = row.session.counter if row.session and row.state in AT_COUNTER | {TicketState.HELD} else None
    return {
        "label": row.label,
        "state": row.state,
        "calls": row.calls,
        "counter": counter.number if counter else "",
        "zone": f"{counter.zone.floor}, {counter.zone.name}" if counter else "",
        "directions": counter.zone.directions if counter else "",
        "called_at": _hour(row.called_at) if counter else "",
    }


def _waits(
    day: QueueDay, rows: Iterable[Ticket], places: Mapping[int, Place], at: datetime
) -> dict[int, dict[str, Any]]:
    """Return how long each of these numbers still waits; a range stays until there is a reason."""
    unknown: dict[str, Any] = {"ahead": 0, "low_minutes": None, "high_minutes": None, "cause": ""}
    waits = {row.pk: unknown for row in rows}
    if not places:
        return waits
    hall = hall_of(day, at)
    is_trouble = bool(troubles.notes([day.queue.agency_id]))
    fresh = {
        row.pk: (
            hall.range_of(row, places[row.pk]),
            hall.facts_of(row, places[row.pk], is_trouble=is_trouble),
        )
        for row in rows
        if row.pk in places
    }
    for key, (guess, cause) in steadied(fresh, hall.at).items():
        waits[key] = {
            "ahead": places[key].ahead,
            "low_minutes": guess.low_minutes if guess else None,
            "high_minutes": guess.high_minutes if guess else None,
            "cause": cause,
        }
    return waits


def _hour(moment: datetime | None) -> str:
    return f"{clock.local(moment):%H.%M.%S}" if moment else ""


def display_state(zone: Zone) -> dict[str, Any]:
    """Return what the display of `zone` shows now: last calls, waiting counts, note."""
    at = clock.now()
    today = clock.local(at).date()
    agencies = list(
        Agency.objects.serving_on(today)
        .filter(duties__counter__zone=zone)
        .distinct()
        .order_by("position", "code")
    )
    lines = (
        QueueDay.objects.filter(date=today, queue__agency__in=agencies)
        .annotate(waiting=Count("standing", filter=Q(standing__state=TicketState.WAITING)))
        .values_list("queue__agency", "version", "waiting")
    )
    waiting: dict[int, int] = {}
    version = 0
    for agency_id, line_version, people in lines:
        waiting[agency_id] = waiting.get(agency_id, 0) + people
        version += line_version
    return {
        "version": version,
        "time": f"{clock.local(at):%H.%M.%S}",
        "date": today.isoformat(),
        "calls": last_calls(zone, at),
        "waiting": [{"name": agency.short_name, "count": waiting.get(agency.pk, 0)} for agency in agencies],
        # Trouble first: it is why nobody is called.
        "note": " ".join(
            [
                *troubles.notes([agency.pk for agency in agencies]),
                *announcements.texts(revision.read(), zone.pk),
                mall.current().today_note,
            ]
        ).strip(),
    }


def last_calls(zone: Zone, at: datetime) -> list[dict[str, Any]]:
    """Return the last calls at the counters of `zone` today, newest first, each number once."""
    events = (
        TicketEvent.objects.filter(
            step__in=[Step.CALL, Step.RECALL],
            session__counter__zone=zone,
            session__date=clock.local(at).date(),
        )
        .select_related("ticket__queue_day", "session__counter", "session__agency")
        .order_by("-pk")[: CALLS_SHOWN * 4]
    )
    calls: dict[int, dict[str, Any]] = {}
    for event in events:
        if event.ticket_id not in calls and event.session is not None:
            calls[event.ticket_id] = {
                "id": event.pk,
                "label": event.ticket.label,
                "counter": event.session.counter.number,
                "agency": event.session.agency.short_name,
                "called_at": _hour(event.at),
                "age_seconds": int((at - event.at).total_seconds()),
                "is_recall": event.step == Step.RECALL,
            }
    return list(calls.values())[:CALLS_SHOWN]


def console_state(session: CounterSession) -> dict[str, Any]:
    """Return what tells a console to fetch itself again: a version that grows with every change."""
    days = QueueDay.objects.filter(queue__agency=session.agency_id, date=session.date)
    return {"version": sum(days.values_list("version", flat=True)), "open": session.closed_at is None}


def floor_state() -> dict[str, Any]:
    """Return what tells a floor page to fetch itself again: a mark that is another after every change."""
    return {"mark": pulse.mark(revision.read())}


def console_url(session: CounterSession) -> str:
    """Return the address of the console's stream, signed for this session."""
    return f"/live/console/{session.pk}/?k={sign_console(session.pk)}"


class QueueFeed:
    """The hub's window to the day (mpp.live.hub.Feed).

    Channels: line:<key>, zone:<code>, console:<key>, floor:hall.
    """

    def versions(self) -> Mapping[int, int]:
        """Return the version of every line of today; under CONFIGURATION that of everything set up, under
        pulse.FLOOR that of what happens beside the lines."""
        self._activate()
        instant = revision.read()
        versions = dict(QueueDay.objects.filter(date=instant.day, block="").values_list("pk", "version"))
        floor = {pulse.FLOOR: pulse.read(instant)}
        return versions | floor | {CONFIGURATION: instant.revision.int if instant.revision else 0}

    def subscribe(self, kind: str, name: str) -> Subscription | None:
        """Resolve a secret link, a zone's code or a session's key."""
        self._activate()
        match kind:
            case "ticket":
                row = (
                    Ticket.objects.filter(token_digest=tokens.digest(name)).values_list("line", "pk").first()
                )
                return Subscription(f"line:{row[0]}", row[1]) if row else None
            case "display":
                return Subscription(f"zone:{name}", 0) if Zone.objects.filter(code=name).exists() else None
            case "console":
                exists = CounterSession.objects.filter(pk=int(name)).exists()
                return Subscription(f"console:{name}", 0) if exists else None
            case "floor":
                return Subscription("floor:hall", 0)
        return None

    def depends_on(self, channel: str, line: int) -> bool:
        """Tell whether to look again: displays and consoles are few and look at any change.

        Everybody looks when the configuration changes: trouble is told at once. Announcements begin and
        end on displays beside the lines.
        """
        if line == pulse.FLOOR:
            return channel.startswith(("floor:", "zone:"))
        return line == CONFIGURATION or not channel.startswith("line:") or channel == f"line:{line}"

    def states(self, channel: str, keys: Set[int]) -> Mapping[int, dict[str, Any]]:
        """Return the state for each watcher of `channel`."""
        self._activate()
        kind, _colon, name = channel.partition(":")
        match kind:
            case "line":
                return line_states(int(name), keys)
            case "zone":
                zone = Zone.objects.filter(code=name).first()
                return {0: display_state(zone)} if zone else {}
            case "floor":
                return {0: floor_state()}
            case _:
                session = CounterSession.objects.filter(pk=int(name)).first()
                return {0: console_state(session)} if session else {}

    def _activate(self) -> None:
        # The hub's thread has no middleware that would set the mall's zone of time.
        if row := Mall.objects.filter(pk=1).first():
            timezone.activate(row.timezone)

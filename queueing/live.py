"""What live pages show of the day: the state behind every stream and behind the first page."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.utils import timezone, translation

from mpp.core import clock, revision, tokens
from mpp.core.formats import hour
from mpp.core.models import Mall
from mpp.live.channels import sign_console
from mpp.live.hub import COALESCE_SECONDS, States, Subscription
from queueing import screens, waits
from queueing.enums import AT_COUNTER, TicketState
from queueing.floor import pulse
from queueing.models import CounterSession, QueueDay, Ticket, Visit
from queueing.places import Place, place_of, places_in
from queueing.policy import Estimate
from queueing.querysets import TicketQuerySet
from queueing.steady import steadied
from queueing.together import Joined, minutes_left
from queueing.waits import Hall
from services import troubles

# No line has this key.
CONFIGURATION = 0
# Below it the live process knows how many numbers a visit has, by the visit's key.
VISITS = pulse.FLOOR
# The public copy reads every agency; phones follow it at leisure.
NOW_SECONDS = 2.0
NO_WAIT: dict[str, Any] = {
    "ahead": 0,
    "low_minutes": None,
    "high_minutes": None,
    "cause": "",
    "counters": 0,
}
# What is shown of a number that waits, and where it stands.
SHOWN_WAITING = (
    "number",
    "queue_day",
    "line",
    "lane",
    "service",
    "state",
    "calls",
    "session",
    "arrived_at",
    "visit",
)
# So many places are asked for one by one; more in one sweep over the line.
FEW = 3
# So many phones are told at once: between two such parts a display is read.
AT_ONCE = 250


def ticket_state(ticket: Ticket) -> dict[str, Any]:
    """Return what the holder of `ticket` sees, which was read just now with its line and counter."""
    at = clock.now()
    common, wait = _common(ticket.line, at), NO_WAIT
    if ticket.state == TicketState.WAITING:
        is_trouble = bool(common["trouble"])
        found = _waits(ticket.line, [ticket], at, waits.hall_lately, is_trouble=is_trouble)
        [(_ticket, wait)] = [pair for some in found for pair in some]
    return common | _ticket_part(ticket) | wait


def glance(ticket: Ticket) -> dict[str, Any]:
    """Return what a list says of a number (with its line and counter joined): one query while it waits.

    How many minutes are left is on its own page: reckoning them costs a dozen.
    """
    place = place_of(ticket, ticket.line)
    return _ticket_part(ticket) | NO_WAIT | {"ahead": place.ahead if place else 0}


def line_states(line_id: int, ticket_ids: Set[int]) -> dict[int, dict[str, Any]]:
    """Return the states of these numbers of one line, by key; one that has left the line has none."""
    states: dict[int, dict[str, Any]] = {}
    for part in line_parts(line_id, ticket_ids):
        states |= part
    return states


def line_parts(line_id: int, keys: Set[int]) -> Iterator[States]:
    """Yield the same in parts: first who is at a counter or done, then who waits.

    A few queries, however many numbers. Whoever is called need not wait until all others are reckoned.
    Under its key stands a number that is alone, under its negative key any, for a stream of its visit: so
    whoever follows a number that joins a visit is sent to that stream.
    """
    day = QueueDay.objects.select_related("queue").filter(pk=line_id).first()
    if day is None:
        return
    at = clock.now()
    numbers = {abs(key) for key in keys}
    watched = Ticket.objects.filter(pk__any_of=numbers, line=day)
    common = _common(day, at)
    called = _called(watched.exclude(state=TicketState.WAITING))
    yield _by_key(keys, common, at, ((row, NO_WAIT) for row in called))
    waiting = _waiting(day, watched)
    for some in _waits(day, waiting, at, waits.hall_of, is_trouble=bool(common["trouble"])):
        yield _by_key(keys, common, at, some)
    # Called between the two readings: in neither.
    if missed := numbers - {row.pk for row in (*called, *waiting)}:
        rows = _called(watched.filter(pk__in=missed))
        yield _by_key(keys, common, at, ((row, NO_WAIT) for row in rows))


def _by_key(
    keys: Set[int], common: dict[str, Any], at: datetime, found: Iterable[tuple[Ticket, dict[str, Any]]]
) -> States:
    states = {}
    for row, wait in found:
        state = common | _ticket_part(row) | wait
        if row.pk in keys and row.visit_id is None:
            states[row.pk] = state
        if -row.pk in keys:
            states[-row.pk] = state | {"left": minutes_left(row, at)}
    return states


def _common(day: QueueDay, at: datetime) -> dict[str, Any]:
    """Return what everybody in a line sees."""
    serving = _now_serving(day.pk, day.version)
    return {
        "version": day.version,
        "now_serving": serving,
        "time": hour(at, seconds=True),
        "trouble": troubles.mark(day.queue.agency_id),
    }


def _called(tickets: TicketQuerySet) -> list[Ticket]:
    """Return numbers that do not wait, with all that is shown of them."""
    return list(tickets.with_labels().select_related("session__counter__zone"))


def _waiting(day: QueueDay, watched: TicketQuerySet) -> list[Ticket]:
    """Return who waits, in arrival order, with no more of each than is shown: there may be thousands."""
    rows = list(watched.waiting().only(*SHOWN_WAITING).in_arrival_order())
    origins = QueueDay.objects.in_bulk({row.queue_day_id for row in rows} - {day.pk})
    for row in rows:
        row.queue_day = origins.get(row.queue_day_id, day)
    return rows


def _places(day: QueueDay, waiting: Sequence[Ticket]) -> dict[int, Place]:
    """Return their places: one by one for a page, in one sweep for a hall of phones."""
    if len(waiting) <= FEW:
        return {row.pk: place for row in waiting if (place := place_of(row, day))}
    everyone = Ticket.objects.waiting().filter(line=day).in_arrival_order()
    return places_in(day, everyone.values_list("pk", "lane", "service"), {row.pk for row in waiting})


@functools.lru_cache(maxsize=256)
def _now_serving(line_id: int, _version: int) -> str:
    # Remembered until the line has another version: what it tells is never older than that.
    at_counter = Ticket.objects.at_counter().select_related("queue_day").filter(line=line_id)
    latest = at_counter.order_by("-called_at").first()
    return latest.label if latest else ""


def forget() -> None:
    """Forget who is at the counters; for a database that begins anew."""
    _now_serving.cache_clear()


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
    day: QueueDay,
    rows: Sequence[Ticket],
    at: datetime,
    hall_of: Callable[[QueueDay, datetime], Hall],
    *,
    is_trouble: bool,
) -> Iterator[list[tuple[Ticket, dict[str, Any]]]]:
    """Yield how long these numbers still wait, some at a time; a range stays until there is a reason."""
    places = _places(day, rows)
    waiting = [row for row in rows if row.pk in places]
    yield [(row, NO_WAIT) for row in rows if row.pk not in places]
    if not waiting:
        return
    hall = hall_of(day, at)
    ranges = hall.ranges_of(day.pk, waiting, places)
    for first in range(0, len(waiting), AT_ONCE):
        some = waiting[first : first + AT_ONCE]
        facts = {row.pk: hall.facts_of(row, places[row.pk], is_trouble=is_trouble) for row in some}
        told = steadied({key: (ranges[key], fact) for key, fact in facts.items()}, hall.at)
        yield [
            (row, _wait(places[row.pk].ahead, *told[row.pk], counters=facts[row.pk].serving)) for row in some
        ]


def _wait(ahead: int, guess: Estimate | None, cause: str, *, counters: int) -> dict[str, Any]:
    return {
        "ahead": ahead,
        "low_minutes": guess.low_minutes if guess else None,
        "high_minutes": guess.high_minutes if guess else None,
        "cause": cause,
        "counters": counters,
    }


def _hour(moment: datetime | None) -> str:
    return hour(moment, seconds=True) if moment else ""


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

    Channels: line:<key>, screen:<code>, now:<language>, console:<key>, floor:hall, and visit:<key>, which
    tells nothing but whether the visit still has as many numbers: its streams watch their lines.
    """

    def __init__(self) -> None:
        # Which agency each line belongs to, and which agencies each display shows: only those
        # displays look again on which something changed.
        self._agency_of: dict[int, int] = {}
        self._shown: dict[str, frozenset[int]] = {}
        # Visits that have been followed here today.
        self._visits: set[int] = set()

    def versions(self) -> Mapping[int, int]:
        """Return the version of every line of today; under CONFIGURATION that of everything set up, under
        pulse.FLOOR that of what happens beside the lines, below VISITS how many numbers a visit has."""
        self._activate()
        instant = revision.read()
        days = QueueDay.objects.filter(date=instant.day, block="")
        rows = list(days.values_list("pk", "version", "queue__agency"))
        self._agency_of = {key: agency for key, _version, agency in rows}
        versions = {key: version for key, version, _agency in rows}
        floor = {pulse.FLOOR: pulse.read(instant)}
        configuration = {CONFIGURATION: UUID(instant.revision).int if instant.revision else 0}
        return versions | floor | configuration | self._sizes(instant.day)

    def _sizes(self, day: date) -> dict[int, int]:
        """Return how many numbers each visit has that is followed here; visits of past days are forgotten."""
        if not self._visits:
            return {}
        numbers = Ticket.objects.filter(visit__in=self._visits, visit__date=day).order_by()
        sizes = dict(numbers.values_list("visit").annotate(Count("pk")))
        self._visits &= sizes.keys()
        return {VISITS - visit: size for visit, size in sizes.items()}

    def subscribe(self, kind: str, name: str) -> Subscription | None:
        """Resolve secret links, a display's code, the public copy's language, or a session's key."""
        self._activate()
        match kind:
            case "ticket":
                return self._number(name)
            case "visit":
                visit = Visit.objects.filter(token_digest=tokens.digest(name)).first()
                return self._visit(visit.pk) if visit else None
            case "display":
                return Subscription(f"screen:{name}", 0) if screens.scene_of(name) else None
            case "now":
                return Subscription(f"now:{name}", 0) if name in dict(settings.LANGUAGES) else None
            case "console":
                exists = CounterSession.objects.filter(pk=int(name)).exists()
                return Subscription(f"console:{name}", 0) if exists else None
            case "floor":
                return Subscription("floor:hall", 0)
        return None

    def _number(self, token: str) -> Subscription | None:
        tickets = Ticket.objects.filter(token_digest=tokens.digest(token))
        row = tickets.values_list("line", "pk", "visit").first()
        if row is None:
            return None
        line, key, visit = row
        return self._visit(visit, own=key) if visit else Subscription(f"line:{line}", key)

    def _visit(self, visit: int, own: int | None = None) -> Subscription:
        """Return what the page of a visit watches, or of its number `own`: each number, in its line."""
        self._visits.add(visit)
        rows = list(Ticket.objects.filter(visit=visit).values_list("pk", "line", "service__minutes"))
        places = tuple((f"line:{line}", -key) for key, line, _minutes in rows)
        join = Joined({key: minutes for key, _line, minutes in rows}, own)
        # A visit with another number, or one that has moved, is another one: the page comes again.
        return Subscription(f"visit:{visit}", len(rows), places, join)

    def depends_on(self, channel: str, line: int) -> bool:
        """Tell whether to look again: a display when a line of its agencies changes, a console at any.

        Everybody looks when the configuration changes: trouble is told at once. Announcements begin and
        end on displays beside the lines.
        """
        if line < VISITS or channel.startswith("visit:"):
            return channel == f"visit:{VISITS - line}"
        if line == CONFIGURATION:
            return True
        if line == pulse.FLOOR:
            return channel.startswith(("floor:", "screen:"))
        if channel.startswith("line:"):
            return channel == f"line:{line}"
        agency = self._agency_of.get(line)
        return agency is None or channel not in self._shown or agency in self._shown[channel]

    def pause(self, channel: str) -> float:
        """Return the seconds between two readings: the public copy is the only large one."""
        return NOW_SECONDS if channel.startswith("now:") else COALESCE_SECONDS

    def states(self, channel: str, keys: Set[int]) -> Iterator[States]:
        """Yield the state for each watcher of `channel`."""
        self._activate()
        kind, _colon, name = channel.partition(":")
        match kind:
            case "line":
                yield from line_parts(int(name), keys)
            case "screen":
                yield self._screen(channel, name)
            case "now":
                with translation.override(name):
                    words = screens.hall_now()
                yield {0: words}
            case "floor":
                yield {0: floor_state()}
            case "visit":
                yield {Ticket.objects.filter(visit=int(name)).count(): {}}
            case _:
                session = CounterSession.objects.filter(pk=int(name)).first()
                yield {0: console_state(session)} if session else {}

    def _screen(self, channel: str, code: str) -> States:
        scene = screens.scene_of(code)
        if scene is None:
            self._shown.pop(channel, None)
            return {}
        self._shown[channel] = scene.agencies()
        return {0: screens.display_state(scene)}

    def _activate(self) -> None:
        # The hub's thread has no middleware that would set the mall's zone of time.
        if row := Mall.objects.filter(pk=1).first():
            timezone.activate(row.timezone)

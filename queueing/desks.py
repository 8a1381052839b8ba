"""Which counters an agency uses today, where they are, and which of them are staffed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mpp.core import revision
from queueing.models import CounterSession
from tenants.models import Agency, Counter, CounterDuty, Zone


@dataclass(frozen=True)
class Desk:
    """One counter of today."""

    number: str
    zone: Zone
    is_staffed: bool
    is_resting: bool = False


@dataclass(frozen=True)
class Staffing:
    """How many counters an agency uses today, and at how many of them an officer serves or rests."""

    counters: int
    serving: int
    resting: int


@dataclass(frozen=True)
class Place:
    """The counters of one zone: their numbers in words, and how to find them."""

    numbers: str
    any_of: str
    zone: Zone


def desks_of(agency: Agency, day: date) -> list[Desk]:
    """Return the counters that the agency uses on `day`, in the order of the hall."""
    open_sessions = CounterSession.objects.open().filter(agency=agency)
    paused = dict(open_sessions.values_list("counter", "paused_at"))
    return [
        Desk(counter.number, counter.zone, counter.pk in paused, bool(paused.get(counter.pk)))
        for counter in _duties.get(revision.read().revision, day).get(agency.pk, ())
    ]


def places_on(agency: Agency, day: date) -> tuple[Place, ...]:
    """Return where the agency's counters are on `day`: no query."""
    return _places.get(revision.read().revision, (agency.pk, day, get_language()))


def staffing_of(desks: Sequence[Desk]) -> Staffing:
    """Return how many of the counters are staffed; each by one officer."""
    resting = sum(desk.is_resting for desk in desks)
    return Staffing(len(desks), sum(desk.is_staffed for desk in desks) - resting, resting)


def _counters_on(day: date) -> Mapping[int, Sequence[Counter]]:
    duties = CounterDuty.objects.on(day).filter(counter__is_active=True).select_related("counter__zone")
    found: dict[int, list[Counter]] = {}
    for duty in duties.order_by("counter__zone__position", "counter__position", "counter__number"):
        found.setdefault(duty.agency_id, []).append(duty.counter)
    return found


_duties: revision.Memory[date, Mapping[int, Sequence[Counter]]] = revision.Memory(_counters_on)


def _places_on(key: tuple[int, date, str | None]) -> tuple[Place, ...]:
    agency, day, _language = key
    return places_of(_duties.get(revision.read().revision, day).get(agency, ()))


# Those of each agency of a large mall, today and tomorrow, in each language.
_places: revision.Memory[tuple[int, date, str | None], tuple[Place, ...]] = revision.Memory(
    _places_on, most=500
)


def places_of(desks: Iterable[Desk | Counter]) -> tuple[Place, ...]:
    """Return the counters joined by zone."""
    places = []
    for _key, group in groupby(desks, key=lambda desk: desk.zone.pk):
        members = list(group)
        numbers = [desk.number for desk in members]
        places.append(Place(ranged(numbers), any_of(numbers), members[0].zone))
    return tuple(places)


def ranged(numbers: list[str]) -> str:
    """Return "1–3, 7" for 1, 2, 3, 7; two neighbours stay apart."""
    return ", ".join(_runs(numbers))


def any_of(numbers: list[str]) -> str:
    """Return "1, 2, atau 3": one of these will be the one; longer lists are joined to ranges."""
    parts = numbers if len(numbers) <= 3 else list(_runs(numbers))
    if len(parts) < 2:
        return "".join(parts)
    *first, last = parts
    comma = "," if len(parts) > 2 else ""
    return _("%(first)s%(comma)s atau %(last)s") % {"first": ", ".join(first), "comma": comma, "last": last}


def _runs(numbers: list[str]) -> Iterator[str]:
    run: list[str] = []
    for number in [*numbers, ""]:
        follows = run and number.isdecimal() and run[-1].isdecimal() and int(number) == int(run[-1]) + 1
        if run and not follows:
            yield from [f"{run[0]}–{run[-1]}"] if len(run) > 2 else run
            run = []
        run.append(number)

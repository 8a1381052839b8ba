"""What the kiosk's tiles say: which agencies and services there are, and how long one waits at each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from queueing import availability
from queueing.availability import Availability
from queueing.directory import standard_of
from services.enums import Openness
from services.models import Service, ServiceStandard
from services.querysets import ServiceQuerySet
from tenants.models import Agency

NOT_HERE_TODAY = frozenset({"closed_today", "holiday", "no_queue"})
# From best to worst; what is not named comes last and reads "Tutup".
MARKS = {Openness.OPEN: "open", Openness.BREAK: "break", Openness.FULL: "full"}

Item = TypeVar("Item")


@dataclass(frozen=True)
class Screen(Generic[Item]):
    """One screenful of a longer list: what it shows, which screen it is, how many items come after."""

    items: Sequence[Item]
    number: int
    rest: int


@dataclass(frozen=True)
class Offer:
    """What a tile says of the wait: minutes, or people while no officer is there, or a state with a time."""

    mark: str
    can_take: bool
    words: str = ""
    minutes: tuple[int, int] | None = None
    waiting: int | None = None


@dataclass(frozen=True)
class AgencyTile:
    """An agency to touch. `opens` is when a closed one gives numbers again."""

    agency: Agency
    prefix: str
    offer: Offer
    special: str
    is_here_today: bool
    opens: datetime | None


@dataclass(frozen=True)
class ServiceRow:
    """A service to touch; the key makes two touches one number."""

    service: Service
    standard: ServiceStandard | None
    offer: Offer
    key: str


def offered(today: date) -> ServiceQuerySet:
    """Return the services that the kiosk knows: public, of agencies that may issue numbers today."""
    serving = Agency.objects.serving_on(today)
    return Service.objects.public(today).filter(agency__in=serving).select_related("agency").defer("search")


def agency_tiles(at: datetime) -> list[AgencyTile]:
    """Return every agency that serves in this mall: those of today first, each group in its own order."""
    services = list(offered(clock.local(at).date()))
    answers = availability.of_services(services, at)
    by_agency: dict[Agency, list[Availability]] = {}
    for service in services:
        by_agency.setdefault(service.agency, []).append(answers[service.pk])
    tiles = [_tile(agency, of_agency, at) for agency, of_agency in by_agency.items()]
    return sorted(tiles, key=lambda tile: not tile.is_here_today)


def _tile(agency: Agency, answers: Sequence[Availability], at: datetime) -> AgencyTile:
    offer = offer_of(answers, at)
    untils = [answer.until for answer in answers if answer.until]
    return AgencyTile(
        agency=agency,
        prefix=next((answer.line.prefix for answer in answers if answer.line), ""),
        offer=offer,
        special=next((answer.special for answer in answers if answer.special), ""),
        is_here_today=any(answer.code not in NOT_HERE_TODAY for answer in answers),
        opens=None if offer.can_take else min(untils, default=None),
    )


def row_of(service: Service, answer: Availability, at: datetime) -> ServiceRow:
    """Return the row of `service` (read `with_standard`), with a fresh key."""
    return ServiceRow(service, standard_of(service), offer_of([answer], at), str(uuid.uuid4()))


def offer_of(answers: Sequence[Availability], at: datetime) -> Offer:
    """Return what these services offer together: the best state, from the shortest wait to the longest."""
    best = min(answers, key=_rank)
    if best.state != Openness.OPEN:
        return Offer(MARKS.get(best.state, "closed"), best.can_take, _state_words(best, at))
    estimates = [
        answer.line.estimate
        for answer in answers
        if answer.state == Openness.OPEN and answer.line and answer.line.estimate
    ]
    if not estimates:
        # No mark and no promise: at eight in the morning nothing is broken yet.
        return Offer("unmanned", best.can_take, waiting=_waiting(answers))
    low = min(estimate.low_minutes for estimate in estimates)
    high = max(estimate.high_minutes for estimate in estimates)
    return Offer("open", best.can_take, minutes=(low, high))


def _waiting(answers: Sequence[Availability]) -> int:
    return sum({answer.line.queue_id: answer.line.waiting for answer in answers if answer.line}.values())


def _rank(answer: Availability) -> tuple[bool, int, float]:
    marks = list(MARKS)
    place = marks.index(answer.state) if answer.state in MARKS else len(marks)
    return not answer.can_take, place, answer.until.timestamp() if answer.until else float("inf")


def _state_words(answer: Availability, at: datetime) -> str:
    if answer.state == Openness.FULL:
        return _("nomor habis")
    if answer.until is None:
        return _("tanya petugas")
    when = short_when(answer.until, at)
    if answer.state == Openness.BREAK:
        return _("lanjut %(when)s") % {"when": when}
    # "besok 08.00" says enough beside "Tutup".
    return when if short_day(answer.until, at) else _("buka %(when)s") % {"when": when}


def short_when(moment: datetime, at: datetime) -> str:
    """Return `moment` as a tile has room for: "13.00" today, "besok 08.00", "Senin 08.00", "4 Jan 08.00"."""
    return f"{short_day(moment, at)} {clock.local(moment):%H.%M}".strip()


def short_day(moment: datetime, at: datetime) -> str:
    """Return the day of `moment`, seen from `at`: "" for today, "besok", a weekday, a date."""
    day, today = clock.local(moment).date(), clock.local(at).date()
    ahead = (day - today).days
    if ahead < 2:
        return _("besok") if ahead == 1 else ""
    return date_format(day, "l" if ahead < 7 else "j M")


def screen_of(items: Sequence[Item], *, size: int, number: int) -> Screen[Item]:
    """Return screen `number` (from 1; beyond the last, the last) of `size` choices.

    Where more follow, the last place is the way on to them.
    """
    step = size - 1
    screens = max(1, -(-(len(items) - 1) // step))
    number = min(max(1, number), screens)
    first = (number - 1) * step
    shown = items[first:] if number == screens else items[first : first + step]
    return Screen(shown, number, len(items) - first - len(shown))


def is_long(label: str) -> bool:
    """Tell whether a number needs the narrower type: a longer prefix, or one of the two wide letters."""
    return len(label) > 5 or label[0] in "MW"

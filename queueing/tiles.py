"""What the kiosk's tiles say: which agencies and services there are, and how long one waits at each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, TypeVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.formats import hour
from mpp.core.templatetags.mpp import rupiah
from queueing import availability
from queueing.availability import Availability
from queueing.directory import standard_of
from queueing.enums import Channel
from queueing.fitting import ROW_STEPS, STATE_ROW_STEPS, TILE_STEPS, Step, fits, fitting, shorter, step_of
from services.enums import FeeKind, Openness
from services.models import Service, ServiceStandard
from services.querysets import ServiceQuerySet
from tenants.models import Agency

NOT_HERE_TODAY = frozenset({"closed_today", "holiday", "joint_leave", "closure", "no_queue"})
# From best to worst; what is not named comes last and reads "Tutup".
MARKS = {
    Openness.OPEN: "open",
    Openness.UNSTAFFED: "unmanned",
    Openness.DISRUPTED: "trouble",
    Openness.BREAK: "break",
    Openness.FULL: "full",
}

# From so many numbers on, a tile says how many are left; the next screen always does.
FEW_LEFT = 20

Item = TypeVar("Item")


@dataclass(frozen=True)
class Screen(Generic[Item]):
    """One screenful of a longer list: what it shows, which screen it is, how many items come after."""

    items: Sequence[Item]
    number: int
    rest: int


@dataclass(frozen=True)
class Offer:
    """What a tile says of the wait: minutes, or people while no officer is there, or a state with a time.

    `left` is how many numbers the kiosk can still give; None without a quota.
    """

    mark: str
    can_take: bool
    words: str = ""
    minutes: tuple[int, int] | None = None
    waiting: int | None = None
    left: int | None = None

    @property
    def is_nearly_out(self) -> bool:
        """Tell whether a tile gives a line of its little room to what is left."""
        return self.left is not None and self.left <= FEW_LEFT


@dataclass(frozen=True)
class AgencyTile:
    """An agency to touch. `opens` is when a closed one gives numbers again."""

    agency: Agency
    prefix: str
    offer: Offer
    special: str
    is_here_today: bool
    opens: datetime | None

    @property
    def step(self) -> str:
        """Return the step of type at which the name stands whole on the tile."""
        return TILE_STEPS[step_of(self.agency.short_name, TILE_STEPS)].name

    @property
    def work(self) -> str:
        """Return what the agency does, as much of it as the name and the wait leave room for."""
        lines = 2 - step_of(self.agency.short_name, TILE_STEPS) - self.offer.is_nearly_out
        return fitting(self.agency.summary, Step("", 16, lines))


@dataclass(frozen=True)
class ServiceRow:
    """A service to touch; the key makes two touches one number. `queue_id` is its line's, 0 for none."""

    service: Service
    standard: ServiceStandard | None
    offer: Offer
    key: str
    queue_id: int = 0
    left: int | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps of type that its right end leaves room for."""
        return (
            STATE_ROW_STEPS if self.offer.words or self.offer.mark not in {"open", "unmanned"} else ROW_STEPS
        )

    @property
    def step(self) -> str:
        """Return the step of type at which the name stands whole in the row."""
        return self.steps[step_of(self.service.name, self.steps)].name

    @property
    def terms(self) -> str:
        """Return fee, promised time and what is left, as much of it as the name leaves room for."""
        place = step_of(self.service.name, self.steps)
        if self.standard is None or place > 1:
            return ""
        left = "" if self.left is None else _("sisa %(left)d nomor") % {"left": self.left}
        step = Step("", self.steps[0].width + 3, 2 - place)
        choices = [
            _joined(_fee_words(self.standard), time, left) for time in shorter(self.standard.time_text)
        ]
        return next((words for words in choices if fits(words, step)), choices[-1])


def _fee_words(standard: ServiceStandard) -> str:
    match standard.fee_kind:
        case FeeKind.FREE:
            return _("Gratis")
        case FeeKind.AMOUNT:
            return rupiah(standard.fee_amount)
        case _:
            return _("Berbayar")


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def offered(today: date) -> ServiceQuerySet:
    """Return the services that the kiosk knows: public, of agencies that may issue numbers today."""
    serving = Agency.objects.serving_on(today)
    return Service.objects.public(today).filter(agency__in=serving).select_related("agency").defer("search")


def agency_tiles(at: datetime) -> list[AgencyTile]:
    """Return every agency that serves in this mall: those of today first, each group in its own order."""
    services = list(offered(clock.local(at).date()))
    answers = availability.of_services(services, at, Channel.KIOSK)
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
    offer = offer_of([answer], at)
    queue_id = answer.line.queue_id if answer.line else 0
    return ServiceRow(service, standard_of(service), offer, str(uuid.uuid4()), queue_id)


def left_in_common(rows: Sequence[ServiceRow]) -> tuple[Sequence[ServiceRow], int | None]:
    """Return what is left once for all rows when they are of one line, else with each row itself."""
    if len({row.queue_id for row in rows}) == 1:
        return rows, next((row.offer.left for row in rows if row.offer.left is not None), None)
    return [replace(row, left=row.offer.left) for row in rows], None


def offer_of(answers: Sequence[Availability], at: datetime) -> Offer:
    """Return what these services offer together: the best state, from the shortest wait to the longest."""
    best = min(answers, key=_rank)
    left = _left(answers) if best.can_take else None
    if not best.is_open:
        return Offer(MARKS.get(best.state, "closed"), best.can_take, _state_words(best, at), left=left)
    estimates = [
        answer.line.estimate for answer in answers if answer.is_open and answer.line and answer.line.estimate
    ]
    if not estimates:
        # No mark and no promise: at eight in the morning nothing is broken yet.
        return Offer("unmanned", best.can_take, waiting=_waiting(answers), left=left)
    low = min(estimate.low_minutes for estimate in estimates)
    high = max(estimate.high_minutes for estimate in estimates)
    return Offer("open", best.can_take, minutes=(low, high), left=left)


def _left(answers: Sequence[Availability]) -> int | None:
    """Return how many numbers these lines still give at the kiosk; None when one of them has no quota."""
    by_line = {answer.line.queue_id: answer.line.left(Channel.KIOSK) for answer in answers if answer.line}
    counts = [count for count in by_line.values() if count is not None]
    return sum(counts) if counts and len(counts) == len(by_line) else None


def _waiting(answers: Sequence[Availability]) -> int:
    return sum({answer.line.queue_id: answer.line.waiting for answer in answers if answer.line}.values())


def _rank(answer: Availability) -> tuple[bool, int, float]:
    marks = list(MARKS)
    place = marks.index(answer.state) if answer.state in MARKS else len(marks)
    return not answer.can_take, place, answer.until.timestamp() if answer.until else float("inf")


def _state_words(answer: Availability, at: datetime) -> str:
    if answer.state == Openness.FULL:
        return _("nomor habis")
    if answer.state == Openness.DISRUPTED:
        return _("pulih %(when)s") % {"when": short_when(answer.until, at)} if answer.until else ""
    if answer.until is None:
        return _("tanya petugas")
    when = short_when(answer.until, at)
    if answer.state == Openness.BREAK:
        return _("lanjut %(when)s") % {"when": when}
    # "besok 08.00" says enough beside "Tutup".
    return when if short_day(answer.until, at) else _("buka %(when)s") % {"when": when}


def short_when(moment: datetime, at: datetime) -> str:
    """Return `moment` as a tile has room for: "13.00" today, "besok 08.00", "Senin 08.00", "4 Jan 08.00"."""
    return f"{short_day(moment, at)} {hour(moment)}".strip()


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

"""What the floor view shows: one read model for the page and for its live part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from mpp.core import clock, revision
from mpp.live.channels import sign_floor
from queueing import announcements
from queueing.advice import Option
from queueing.enums import AdviceKind
from queueing.floor import pulse
from queueing.floor.alerts import Item, items_of
from queueing.floor.counters import EMPTY, PAUSED, SHUT, Presence, Tile, presences_of, tiles_of
from queueing.floor.devices import DeviceRow, devices_at, measured
from queueing.floor.facts import Facts
from queueing.floor.lines import Row, rows_of, told
from queueing.models import Advice, Announcement, HelpCall
from services import troubles
from services.access import may_handle_trouble
from services.policy import Trouble
from tenants.models import User, Zone

# Older advice is about another hall.
OLD_ADVICE = timedelta(minutes=10)


@dataclass(frozen=True)
class Figures:
    """The sentence on top."""

    waiting: int
    longest: int
    longest_name: str
    is_hot: bool
    open_counters: int
    counters: int
    served: int


@dataclass(frozen=True)
class Card:
    """One computed advice with the rows it speaks of."""

    option: Option
    tile: Tile
    row: Row

    @property
    def title(self) -> str:
        """Return what to do, in one sentence."""
        words = {
            AdviceKind.OPEN: _("Isi loket %(counter)s di %(agency)s."),
            AdviceKind.RESUME: _("Akhiri jeda loket %(counter)s di %(agency)s."),
            AdviceKind.MOVE: _("Pindahkan loket %(counter)s ke antrean %(queue)s."),
        }[AdviceKind(self.option.kind)]
        return words % {
            "counter": self.tile.counter.number,
            "agency": self.tile.agency.short_name,
            "queue": self.row.queue.name,
        }

    @property
    def reason(self) -> str:
        """Return the reason that is written down when the advice is followed."""
        figures = {"before": self.option.before, "after": self.option.after}
        if self.option.before is None:
            return _("Saran: tunggu terlama menjadi %(after)d menit") % figures
        return _("Saran: tunggu terlama dari %(before)d menjadi %(after)d menit") % figures

    @property
    def done_words(self) -> str:
        """Return when the last number is finished, without and with the change."""
        with_it = _hour_of(self.option.ends_at)
        if self.option.ended_at is None:
            return _("Antrean selesai sekitar %(time)s.") % {"time": with_it}
        return _("Antrean selesai sekitar %(time)s, semula %(before)s.") % {
            "time": with_it,
            "before": _hour_of(self.option.ended_at),
        }


@dataclass(frozen=True)
class AdviceView:
    """The advice that still holds, and how fresh it is."""

    row: Advice | None
    cards: Sequence[Card]
    is_old: bool

    @property
    def is_being_computed(self) -> bool:
        """Tell whether a newer answer is on its way."""
        return self.row is not None and self.row.is_being_computed


@dataclass(frozen=True)
class FloorPage:
    """The whole floor at one moment."""

    at: datetime
    figures: Figures
    rows: Sequence[Row]
    quiet: Sequence[Row]
    tiles: Sequence[Tile]
    presences: Sequence[Presence]
    devices: Sequence[DeviceRow]
    hot: int | None
    items: Sequence[Item]
    help_calls: Sequence[HelpCall]
    advice: AdviceView
    troubles: Sequence[tuple[Trouble, str]]
    announcements: Sequence[Announcement]
    zones: Sequence[Zone]
    most_waiting: int
    may_act: bool
    mark: str
    live_url: str


def floor_for(user: User) -> FloorPage:
    """Return the floor as `user` sees it now."""
    with revision.steady() as instant:
        facts = Facts(instant)
        presences = presences_of(facts)
        rows = rows_of(facts, {one.agency.pk: one for one in presences})
        tiles = tiles_of(facts)
        devices = devices_at(instant.at)
        items, hot = items_of(facts, rows, tiles, measured(devices))
        kinds = {item.row.queue.pk: item.kind for item in reversed(items) if item.row}
        rows = [told(row, kinds.get(row.queue.pk, "")) for row in rows]
        busy = [row for row in rows if not row.is_quiet or row.queue.pk == hot]
        here = clock.local(instant.at).replace(tzinfo=None)
        return FloorPage(
            at=instant.at,
            figures=_figures(facts, rows, tiles, hot),
            rows=busy,
            quiet=[row for row in rows if row not in busy],
            tiles=tiles,
            presences=presences,
            devices=devices,
            # A call for help is the one red thing then.
            hot=None if facts.help_calls else hot,
            items=items,
            help_calls=facts.help_calls,
            advice=_advice(facts, rows, tiles),
            troubles=[(one, troubles.recovery_words(one, here)) for one in facts.book.schedule.troubles()],
            announcements=announcements.shown_at(instant),
            zones=list(Zone.objects.all()),
            most_waiting=max((row.waiting for row in rows), default=0),
            may_act=may_handle_trouble(user),
            mark=pulse.mark(instant),
            live_url=f"/live/floor/{user.pk}/?k={sign_floor(user.pk)}",
        )


def _figures(facts: Facts, rows: Sequence[Row], tiles: Sequence[Tile], hot: int | None) -> Figures:
    longest = max(rows, key=lambda row: row.longest, default=None)
    minutes = longest.longest if longest else 0
    return Figures(
        waiting=sum(row.waiting for row in rows),
        longest=minutes,
        longest_name=longest.queue.name if longest and minutes else "",
        is_hot=bool(longest and minutes and longest.queue.pk == hot),
        open_counters=sum(tile.state not in {EMPTY, SHUT} for tile in tiles),
        counters=len(tiles),
        served=facts.served,
    )


def _advice(facts: Facts, rows: Sequence[Row], tiles: Sequence[Tile]) -> AdviceView:
    kept = facts.advice
    if kept is None or kept.computed_at is None:
        return AdviceView(kept, [], is_old=False)
    by_counter = {tile.counter.pk: tile for tile in tiles}
    by_queue = {row.queue.pk: row for row in rows}
    cards = []
    for option in map(Option.of, kept.options):
        tile, row = by_counter.get(option.counter), by_queue.get(option.queue)
        if tile and row and _still_holds(option, tile, row):
            cards.append(Card(option, tile, row))
    return AdviceView(kept, cards, is_old=facts.at - kept.computed_at > OLD_ADVICE)


def _still_holds(option: Option, tile: Tile, row: Row) -> bool:
    """Tell whether the hall is still such that this can be done: advice is minutes old."""
    if not row.waiting:
        return False
    match option.kind:
        case AdviceKind.OPEN:
            return tile.session is None
        case AdviceKind.RESUME:
            return tile.state == PAUSED
        case _:
            return tile.session is not None and row.queue in tile.goals


def _hour_of(minute: int) -> str:
    return f"{minute // 60 % 24:02d}.{minute % 60:02d}"

"""What needs somebody, in words and with the button that helps, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from mpp.core import clock
from queueing.desks import ranged
from queueing.enums import AlertKind
from queueing.floor.counters import EMPTY, PAUSED, Tile
from queueing.floor.facts import Facts
from queueing.floor.lines import Row
from queueing.policy.floor import Measured, alerts, hot_line

ICONS: Mapping[str, str] = {
    AlertKind.UNMANNED: "alert-triangle",
    AlertKind.CLOSING: "clock",
    AlertKind.WAIT: "hourglass",
    AlertKind.PEOPLE: "users",
    AlertKind.PAUSED: "player-pause",
    AlertKind.DEVICE: "device-tv",
    AlertKind.LEFT: "ticket",
}


@dataclass(frozen=True)
class Item:
    """One line of "Perlu tindakan"; `tile` and `row` are what its button acts on."""

    kind: str
    title: str
    note: str
    is_hot: bool = False
    tile: Tile | None = None
    row: Row | None = None

    @property
    def icon(self) -> str:
        """Return the name of its icon."""
        return ICONS[self.kind]


def items_of(
    facts: Facts, rows: Sequence[Row], tiles: Sequence[Tile], more: Iterable[Measured] = ()
) -> tuple[list[Item], int | None]:
    """Return what is past its limit, and the key of the one queue whose row is red.

    `more` brings measured figures of other things of the floor, with their words.
    """
    measured = [*_of_lines(rows, tiles), *_of_counters(rows, tiles), *more]
    found = alerts(measured, facts.limits)
    hot = hot_line(found)
    by_queue = {row.queue.pk: row for row in rows}
    by_counter = {tile.counter.pk: tile for tile in tiles}
    items: list[Item] = []
    for one in found:
        title, note = one.words
        items.append(
            Item(
                one.kind,
                title,
                note,
                # The first alert about the red row; nothing else is red.
                is_hot=one.line == hot and not any(item.is_hot for item in items) and hot is not None,
                tile=by_counter.get(one.counter or 0),
                row=by_queue.get(one.line or 0),
            )
        )
    return items, hot


def _of_lines(rows: Sequence[Row], tiles: Sequence[Tile]) -> Iterator[Measured]:
    # Where nobody has come, the empty counter is told; on a day without hours no counter counts as empty.
    told = {tile.agency.pk for tile in tiles if tile.state == EMPTY}
    for row in rows:
        name = row.queue.name
        if row.waiting and (row.presence.present or row.agency.pk not in told):
            yield _measured(
                AlertKind.WAIT,
                row.longest,
                row,
                _("%(name)s: terlama %(minutes)d menit") % {"name": name, "minutes": row.longest},
                _waiting_words(row),
            )
        if row.waiting:
            yield _measured(
                AlertKind.PEOPLE,
                row.waiting,
                row,
                _("%(name)s: %(people)d orang menunggu") % {"name": name, "people": row.waiting},
                _presence_words(row),
            )
        if row.late and row.done_to and row.closes:
            yield _measured(
                AlertKind.CLOSING,
                row.late,
                row,
                _("%(name)s selesai %(done)s, tutup %(closes)s")
                % {"name": name, "done": _hour(row.done_to), "closes": _hour(row.closes)},
                _waiting_words(row),
            )
        if row.left is not None and row.is_open:
            words = _("Nomor %(name)s habis") if row.left == 0 else _("Nomor %(name)s tinggal %(left)d")
            yield _measured(
                AlertKind.LEFT, row.left, row, words % {"name": name, "left": row.left}, _waiting_words(row)
            )


def _of_counters(rows: Sequence[Row], tiles: Sequence[Tile]) -> Iterator[Measured]:
    lines = {row.agency.pk: row for row in reversed(rows)}
    empty: dict[int, list[Tile]] = {}
    for tile in tiles:
        if tile.state == EMPTY:
            empty.setdefault(tile.agency.pk, []).append(tile)
        if tile.state == PAUSED and tile.session is not None:
            yield Measured(
                AlertKind.PAUSED,
                tile.minutes,
                counter=tile.counter.pk,
                words=(
                    _("%(counter)s jeda %(minutes)d menit")
                    % {"counter": tile.counter, "minutes": tile.minutes},
                    f"{tile.agency.short_name}. {tile.session.pause_reason}",
                ),
            )
    for agency_id, group in empty.items():
        row = lines.get(agency_id)
        longest = max(group, key=lambda tile: tile.minutes)
        presence = _presence_words(row) if row else ""
        note = _("%(agency)s, %(minutes)d menit.") % {
            "agency": longest.agency.short_name,
            "minutes": longest.minutes,
        }
        yield Measured(
            AlertKind.UNMANNED,
            longest.minutes,
            line=row.queue.pk if row else None,
            counter=longest.counter.pk,
            words=(
                _("Loket %(numbers)s belum ada petugas")
                % {"numbers": ranged([tile.counter.number for tile in group])},
                f"{note} {presence}".strip(),
            ),
        )


def _measured(kind: str, value: float, row: Row, title: str, note: str) -> Measured:
    return Measured(kind, value, line=row.queue.pk, words=(title, note))


def _waiting_words(row: Row) -> str:
    if not row.waiting:
        return _("Tidak ada yang menunggu.")
    words = _("%(people)d menunggu.") % {"people": row.waiting}
    if row.done_to:
        words = _("%(people)d menunggu, selesai sekitar %(done)s.") % {
            "people": row.waiting,
            "done": _hour(row.done_to),
        }
    return words


def _presence_words(row: Row) -> str:
    figures = {"present": row.presence.present, "promised": row.presence.promised}
    return _("Hadir %(present)d dari %(promised)d.") % figures


def _hour(moment: datetime) -> str:
    return f"{clock.local(moment):%H.%M}"

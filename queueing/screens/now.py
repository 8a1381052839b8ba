"""The public copy: what is being called now at each agency, and how long a newcomer waits there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.translation import ngettext

from mpp.core import revision
from mpp.core.formats import hour
from queueing import directory
from queueing.enums import TicketState
from queueing.models import QueueDay, Ticket, WaitingBlock
from queueing.panels import RowState
from services.opening import OpeningBook
from tenants.models import Agency

# More would push the next agency off a phone.
OTHERS_SHOWN = 3


@dataclass(frozen=True)
class AtCounter:
    """A number that is called or being served; `is_called` until the officer begins."""

    label: str
    counter: str
    is_called: bool


@dataclass(frozen=True)
class NowRow:
    """One agency: the number called last, the others at its counters, and how its line stands."""

    agency: Agency
    prefix: str
    latest: AtCounter | None
    others: tuple[AtCounter, ...]
    state: RowState

    def as_dict(self) -> dict[str, Any]:
        """Return what the stream tells of this row."""
        return {
            "agency": self.agency.slug,
            "latest": asdict(self.latest) if self.latest else None,
            "others": [asdict(one) for one in self.others],
            "state": {name: getattr(self.state, name) for name in ("figure", "badge", "word", "note")},
        }


def now_rows() -> list[NowRow]:
    """Return a row for every agency that has anything to do with today, in the order of the home page."""
    instant = revision.read()
    book = OpeningBook(instant.at)
    standing, waiting = _at_counter(instant.day), _waiting(instant.day)
    return [
        _row(row, standing.get(row.agency.pk, []), waiting.get(row.agency.pk, 0))
        for row in directory.agency_rows(book, instant.day)
        if row.prefix
    ]


def _row(row: directory.AgencyRow, numbers: list[AtCounter], waiting: int) -> NowRow:
    state = row.state
    if numbers and state.badge == "open" and not state.figure:
        # Nothing is measured yet, but somebody is called: people say more than no range.
        words = ngettext("%(count)d orang menunggu", "%(count)d orang menunggu", waiting)
        state = replace(state, note=words % {"count": waiting})
    return NowRow(
        row.agency,
        row.prefix,
        numbers[0] if numbers else None,
        tuple(numbers[1 : 1 + OTHERS_SHOWN]),
        state,
    )


def _at_counter(day: date) -> dict[int, list[AtCounter]]:
    """Return the numbers at counters by agency, the latest call first."""
    tickets = (
        Ticket.objects.at_counter()
        .filter(line__date=day, session__isnull=False)
        .select_related("queue_day", "session__counter")
        .order_by("-called_at")
    )
    found: dict[int, list[AtCounter]] = defaultdict(list)
    for ticket in tickets:
        if ticket.session is not None:
            is_called = ticket.state == TicketState.CALLED
            at_counter = AtCounter(ticket.label, ticket.session.counter.number, is_called)
            found[ticket.session.agency_id].append(at_counter)
    return found


def _waiting(day: date) -> dict[int, int]:
    blocks = WaitingBlock.objects.filter(line__date=day).order_by().values_list("line__queue__agency")
    return dict(blocks.annotate(people=Sum("waiting")))


def hall_now() -> dict[str, Any]:
    """Return the state of the stream behind the public copy."""
    instant = revision.read()
    days = QueueDay.objects.filter(date=instant.day, block="")
    return {
        "version": sum(days.values_list("version", flat=True)),
        "time": hour(instant.at, seconds=True),
        "rows": [row.as_dict() for row in now_rows()],
    }

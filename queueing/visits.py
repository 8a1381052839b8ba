"""One person's numbers of a day side by side: how each stands, and where to go first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from queueing import live
from queueing.enums import TicketState
from queueing.models import Ticket, Visit
from queueing.together import Arranged, Number, arranged, minutes_left
from services import troubles


@dataclass(frozen=True)
class Row:
    """One number of a visit with its live state, and its wait as "10–15", or "" when nobody knows."""

    ticket: Ticket
    now: dict[str, Any]
    minutes: str


@dataclass(frozen=True)
class Together:
    """The numbers of a visit: those at a counter, those put aside, the waiting ones in the proposed order,
    then those that have ended. `advice` is that order in words, `page` what the streams tell of it too."""

    visit: Visit
    page: Arranged
    rows: list[Row]
    waiting: list[Row]
    advice: str

    @property
    def is_running(self) -> bool:
        """Tell whether anything is still to happen."""
        return any(row.ticket.is_active for row in self.rows)

    @property
    def at_counter(self) -> Row | None:
        """Return the number that is called or being served: never two of one person."""
        return self.rows[0] if self.page.busy else None

    @property
    def title(self) -> str:
        """Return what the tab of the browser says."""
        if self.page.called:
            return _("Giliran Anda, loket %(counter)s") % {"counter": self.rows[0].now["counter"]}
        return _("Kunjungan Anda")

    def troubles(self) -> list[str]:
        """Return the trouble that meets a number to which something is still to happen, in sentences."""
        running = [row.ticket.line.queue.agency_id for row in self.rows if row.ticket.is_active]
        return troubles.notes(running) if running else []


def together(visit: Visit, at: datetime) -> Together:
    """Return how the numbers of `visit` stand at `at`: one query, and one for each number that waits."""
    tickets = Ticket.objects.with_labels().select_related(*JOINED).filter(visit=visit)
    by_key = {ticket.pk: ticket for ticket in tickets}
    page = arranged(
        Number(key, live.ticket_state(ticket), ticket.service.minutes, minutes_left(ticket, at))
        for key, ticket in by_key.items()
    )
    rows = [Row(by_key[one.key], dict(one.now), one.wait) for one in page.shown]
    waiting = [row for row in rows if row.ticket.state == TicketState.WAITING]
    return Together(visit, page, rows, waiting, _advice(waiting) if len(waiting) > 1 else "")


JOINED = ("line__queue__agency", "session__counter__zone")
# In a sentence a number stands on one line.
UNBROKEN = {ord("-"): "\N{NON-BREAKING HYPHEN}"}


def _advice(waiting: Iterable[Row]) -> str:
    """Return the proposed order in one sentence: agencies, and numbers where an agency comes twice."""
    agencies = [row.ticket.line.queue.agency.short_name for row in waiting]
    names = [
        f"{name} ({row.ticket.label.translate(UNBROKEN)})" if agencies.count(name) > 1 else name
        for name, row in zip(agencies, waiting, strict=True)
    ]
    first, *others = names
    return _("Ke %(first)s dulu") % {"first": first} + "".join(
        _(", lalu %(next)s") % {"next": name} for name in others
    )


def companions(ticket: Ticket, at: datetime) -> Together | None:
    """Return the visit of a number; None when it stands alone."""
    if ticket.visit is None:
        return None
    found = together(ticket.visit, at)
    return found if len(found.rows) > 1 else None

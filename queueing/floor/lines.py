"""Every queue as a row: waiting, the longest wait, when it is done, what is left, and in which state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from mpp.core import clock
from queueing import availability
from queueing.enums import AlertKind
from queueing.floor.counters import Presence
from queueing.floor.facts import Facts
from queueing.models import Queue
from queueing.panels import BADGES
from services.enums import Openness
from tenants.models import Agency

# Alerts that say of a line that it is long.
LONG = frozenset({AlertKind.WAIT, AlertKind.PEOPLE})


@dataclass(frozen=True)
class Row:
    """One queue. `done_from` and `done_to` are when its last number is likely to be finished.

    `late` is how many minutes after closing that may be; `left` what may still be taken (None: no limit).
    """

    queue: Queue
    agency: Agency
    presence: Presence
    waiting: int
    longest: int
    left: int | None
    done_from: datetime | None
    done_to: datetime | None
    closes: datetime | None
    late: int
    is_open: bool
    badge: str
    word: str

    @property
    def is_quiet(self) -> bool:
        """Tell whether nobody waits."""
        return not self.waiting


def rows_of(facts: Facts, presences: Mapping[int, Presence]) -> list[Row]:
    """Return the queues in use of the agencies that serve today, in the agencies' order."""
    queues = sorted(facts.roster.queues.values(), key=lambda queue: queue.prefix)
    return [
        _row(facts, agency, queue, presences[agency.pk])
        for agency in facts.agencies.values()
        for queue in queues
        if queue.agency_id == agency.pk and agency.pk in presences
    ]


def _row(facts: Facts, agency: Agency, queue: Queue, presence: Presence) -> Row:
    line = facts.lines[queue.pk]
    answer = availability.of_agency(agency, facts.book, line)
    plan = facts.book.plan(facts.instant.day, agency.pk, None)
    closes = clock.aware(plan.closes) if plan.closes and not plan.is_whole_day else None
    done_from, done_to = _done(facts, queue, line)
    late = int((done_to - closes).total_seconds() // 60) if done_to and closes and done_to > closes else 0
    is_open = facts.book.hours(agency.pk).state == Openness.OPEN
    badge, word = _state(answer, line, closes if late else None, is_open=is_open)
    return Row(
        queue=queue,
        agency=agency,
        presence=presence,
        waiting=line.waiting,
        longest=facts.longest_minutes(queue.pk),
        left=line.remaining,
        done_from=done_from,
        done_to=done_to,
        closes=closes,
        late=late,
        is_open=is_open,
        badge=badge,
        word=word,
    )


def told(row: Row, kind: str) -> Row:
    """Return the row with the state that its most urgent alert gives it, unless it is not open anyway."""
    if not row.is_open or row.badge != "open":
        return row
    if kind == AlertKind.UNMANNED:
        return replace(row, badge="unmanned", word=_("Kurang petugas"))
    return replace(row, badge="full", word=_("Panjang")) if kind in LONG else row


def _done(
    facts: Facts, queue: Queue, line: availability.Line
) -> tuple[datetime, datetime] | tuple[None, None]:
    """Return between when the last who waits now is likely to be finished; None when nobody can say.

    Whoever took a number now would be called when the others have been; one service more ends it.
    """
    if not line.waiting or line.estimate is None:
        return None, None
    quickest = facts.roster.quickest.get(queue.pk)
    own = timedelta(minutes=quickest.minutes if quickest else 0)
    low, high = (timedelta(minutes=minutes) for minutes in _bounds(line))
    return facts.at + low + own, facts.at + high + own


def _bounds(line: availability.Line) -> tuple[int, int]:
    estimate = line.estimate
    return (estimate.low_minutes, estimate.high_minutes) if estimate else (0, 0)


def _state(
    answer: availability.Availability, line: availability.Line, late_for: datetime | None, *, is_open: bool
) -> tuple[str, str]:
    """Return the mark and the word of a queue: what keeps people waiting comes first."""
    if answer.state in {Openness.DISRUPTED, Openness.BREAK, Openness.CLOSED}:
        return BADGES[answer.state], str(answer.state.label)
    if is_open and line.waiting and not line.counters:
        return "unmanned", _("Tanpa petugas")
    if late_for is not None:
        return "trouble", _("Lewat %(time)s") % {"time": f"{clock.local(late_for):%H.%M}"}
    if line.remaining == 0:
        return "full", _("Penuh")
    if is_open and not line.counters:
        return "closed", _("Belum buka")
    return "open", _("Cukup")

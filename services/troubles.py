"""Trouble as the rest of the portal sees it: in words, and as time that does not count."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock, revision
from mpp.core.formats import hour
from services.models import Disruption
from services.opening import schedule_at
from services.policy import Span, Trouble, covered


def open_troubles() -> list[Trouble]:
    """Return the trouble that goes on now, the mall's first: one query."""
    return schedule_at(revision.read()).troubles()


def notes(agency_ids: Collection[int]) -> list[str]:
    """Return a sentence for each trouble of the mall and of these agencies, for a display: one query."""
    instant = revision.read()
    here = clock.local(instant.at).replace(tzinfo=None)
    return [words(trouble, here, trouble.place) for trouble in _at(agency_ids, instant)]


def mark(agency_id: int) -> str:
    """Return what is another text once other trouble is to be told at an agency, "" for none: one query."""
    found = _at([agency_id], revision.read())
    return f"{zlib.crc32(repr(found).encode()):x}" if found else ""


def _at(agency_ids: Collection[int], instant: revision.Instant) -> list[Trouble]:
    return [
        trouble
        for trouble in schedule_at(instant).troubles()
        if trouble.agency_id is None or trouble.agency_id in agency_ids
    ]


def words(trouble: Trouble, at: datetime, place: str = "") -> str:
    """Return what happened and until when, at the naive local moment `at`; for pages and messages.

    `place` is named where it does not go without saying.
    """
    said = _("Gangguan di %(place)s: %(what)s.") if place else _("Gangguan: %(what)s.")
    told = {"place": place, "what": trouble.message.rstrip(" .")}
    return said % told + " " + recovery_words(trouble, at)


def recovery_words(trouble: Trouble, at: datetime) -> str:
    """Return when the trouble is expected to be over, in one sentence."""
    if trouble.expected is None:
        return _("Belum diketahui kapan pulih.")
    if trouble.expected <= at:
        return _("Perkiraan pulih sudah lewat; masih ditangani.")
    return _("Diperkirakan pulih %(when)s.") % {"when": when_words(trouble.expected, at.date())}


def when_words(moment: datetime | None, today: date) -> str:
    """Return a naive local moment in words: "pukul 08.00" today, else "Senin, 23 November pukul 08.00"."""
    if moment is None:
        return ""
    words = _("pukul %(time)s") % {"time": hour(moment)}
    if moment.date() == today:
        return words
    return f"{date_format(moment, 'l, j F')} {words}"


class Pauses:
    """Trouble between two moments (aware): the clock of whoever waits stands still meanwhile.

    One query for any number of agencies and stretches; for reports over many numbers.
    """

    def __init__(self, start: datetime, end: datetime) -> None:
        """Read the trouble that lasted at some time in [start, end)."""
        self._spans: dict[int | None, list[Span]] = defaultdict(list)
        for row in Disruption.objects.during(start, end):
            self._spans[row.agency_id].append((row.started_at, row.ended_at or end))

    def between(self, agency_id: int, start: datetime, end: datetime) -> timedelta:
        """Return how long trouble of the agency or of the whole mall lasted in [start, end)."""
        spans = [*self._spans.get(agency_id, ()), *self._spans.get(None, ())]
        return covered(spans, start, end)


def paused_between(agency_id: int, start: datetime, end: datetime) -> timedelta:
    """Return how much of [start, end) (aware) the agency could not work: to be taken off what is measured.

    Its own trouble and the mall's count, each minute once; what still goes on counts up to `end`.
    """
    return Pauses(start, end).between(agency_id, start, end)

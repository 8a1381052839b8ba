"""Announcements as displays and pages show them: from memory, and only while they last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from mpp.core import clock, revision
from queueing.models import Announcement


def _of_day(day: date) -> Sequence[Announcement]:
    midnight = clock.aware(datetime.combine(day, time(0)))
    return list(Announcement.objects.filter(ends_at__gte=midnight).select_related("zone").order_by("pk"))


_rows: revision.Memory[date, Sequence[Announcement]] = revision.Memory(_of_day)


def shown_at(instant: revision.Instant) -> list[Announcement]:
    """Return what is announced at this moment, the oldest first: no query once it is known."""
    rows = _rows.get(instant.revision, instant.day)
    return [row for row in rows if row.starts_at <= instant.at < row.ends_at]


def texts(instant: revision.Instant, zone_id: int | None = None) -> list[str]:
    """Return the sentences for everybody, and with a zone also those for its displays."""
    return [row.text for row in shown_at(instant) if row.zone_id in {None, zone_id}]

"""Whether anything on the floor has changed: one figure for the page, and one for the live process.

What happens in the lines has versions of its own (QueueDay). This covers the rest: counters that open
before the first number of a day, calls for help, announcements that begin and end by the clock, advice.
"""

from __future__ import annotations

import zlib

from mpp.core import planned, revision
from mpp.live import hints

# The key under which the live process knows it; no line has it.
FLOOR = -1

READ = """
SELECT (SELECT coalesce(sum(version), 0) FROM queueing_queueday WHERE date = %(day)s),
       (SELECT max(id) FROM queueing_countersession),
       (SELECT count(*) || ' ' || count(paused_at) || ' ' || coalesce(max(paused_at)::text, '')
        FROM queueing_countersession WHERE closed_at IS NULL),
       (SELECT max(id) FROM queueing_helpcall),
       (SELECT count(*) FROM queueing_helpcall WHERE answer = ''),
       (SELECT array_agg(id ORDER BY id) FROM queueing_announcement
        WHERE starts_at <= %(at)s AND ends_at > %(at)s),
       (SELECT max(id) FROM queueing_officerrequest),
       (SELECT concat_ws(' ', asked_at, started_at, computed_at) FROM queueing_advice WHERE date = %(day)s)
"""


def _row(instant: revision.Instant) -> tuple[object, ...]:
    [row] = planned.ask(READ, {"day": instant.day, "at": instant.at})
    return row


def read(instant: revision.Instant) -> int:
    """Return a figure that is another one after each change outside the lines: one query."""
    return zlib.crc32(repr(_row(instant)[1:]).encode())


def mark(instant: revision.Instant) -> str:
    """Return what is another text whenever the floor page would be another: one query."""
    lines, *rest = _row(instant)
    return f"{lines}-{zlib.crc32(repr((rest, instant.revision)).encode())}"


def hint() -> None:
    """Tell the live processes after the commit that the floor has changed."""
    hints.after_commit({FLOOR: 0})

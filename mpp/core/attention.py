"""What waits for a person: one line of the admin's first page, from any app.

An app's `attention.py` has functions that take the day and the agencies in reach (None: all of them) and
yield lines; mpp.dashboard.home names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from django.utils.translation import gettext_lazy as _

Reach = frozenset[int] | None


class Urgency(IntEnum):
    """The most pressing first."""

    NOW = 1
    TODAY = 2
    SOON = 3

    @property
    def label(self) -> str:
        """Return the word for people."""
        return str({1: _("Sekarang"), 2: _("Hari ini"), 3: _("Segera")}[self.value])


@dataclass(frozen=True)
class Attention:
    """What is the matter, and the verb and address of the page where it is mended.

    `rank` orders within one urgency: days left, or fewer for what is worse.
    """

    urgency: Urgency
    text: str
    verb: str
    link: str
    rank: int = 0


Source = Callable[[date, Reach], Iterable[Attention]]


def gathered(sources: Iterable[Source], day: date, reach: Reach) -> list[Attention]:
    """Return the lines of all sources, the most pressing first."""
    found = [line for source in sources for line in source(day, reach)]
    return sorted(found, key=lambda line: (line.urgency, line.rank))

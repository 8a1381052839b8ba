"""How a plan stands against what happened: pure rules and their words, no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Standing(StrEnum):
    """How one day of a plan stands."""

    UNPLANNED = "unplanned"
    AHEAD = "ahead"
    OVERDUE = "overdue"
    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


@dataclass(frozen=True)
class Against:
    """A plan against what happened, and by how many days."""

    standing: Standing
    days: int = 0

    @property
    def is_bad(self) -> bool:
        """Tell whether the day came, or passed, later than planned."""
        return self.standing in {Standing.LATE, Standing.OVERDUE}


def against(planned: date | None, actual: date | None, today: date) -> Against:
    """Return how `actual`, or `today` while nothing has happened, stands against `planned`."""
    if planned is None:
        return Against(Standing.UNPLANNED)
    days = ((actual or today) - planned).days
    if actual is None:
        return Against(Standing.OVERDUE, days) if days > 0 else Against(Standing.AHEAD, -days)
    if days == 0:
        return Against(Standing.ON_TIME)
    return Against(Standing.LATE, days) if days > 0 else Against(Standing.EARLY, -days)


def words(found: Against, *, has_happened: bool = False) -> str:
    """Return the standing in words: "terlambat 148 hari", "34 hari lagi"."""
    count = {"days": found.days}
    match found.standing:
        case Standing.LATE:
            return ngettext("terlambat %(days)d hari", "terlambat %(days)d hari", found.days) % count
        case Standing.OVERDUE:
            return ngettext("sudah lewat %(days)d hari", "sudah lewat %(days)d hari", found.days) % count
        case Standing.EARLY:
            return ngettext("lebih cepat %(days)d hari", "lebih cepat %(days)d hari", found.days) % count
        case Standing.ON_TIME:
            return _("tepat waktu")
        case Standing.AHEAD if found.days == 0:
            return _("hari ini")
        case Standing.AHEAD:
            return ngettext("%(days)d hari lagi", "%(days)d hari lagi", found.days) % count
        case _:
            return _("terlaksana") if has_happened else _("belum dijadwalkan")

"""Who is placed where until when: the people of each agency, for those who renew their letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from tenants.models import Agency, Placement

# A letter takes about a month to come.
SOON = timedelta(days=30)
# What has just ended is still looked for.
STILL_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class Placed:
    """One placement as it stands on a day."""

    placement: Placement
    days_left: int | None

    @property
    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self.days_left is not None and self.days_left < 0

    @property
    def ends_soon(self) -> bool:
        """Tell whether it ends within a month."""
        return self.days_left is not None and 0 <= self.days_left <= SOON.days

    @property
    def lacks_letter(self) -> bool:
        """Tell whether no letter is on record."""
        return not self.placement.letter_number


@dataclass(frozen=True)
class Staff:
    """The people of one agency."""

    agency: Agency
    people: tuple[Placed, ...]


def staff_of(agencies: Collection[Agency], today: date) -> list[Staff]:
    """Return who is placed at each of these agencies, was until a month ago, or will be.

    Two queries. Within an agency the letter that ends first stands first.
    """
    rows = Placement.objects.during(today - STILL_SHOWN, None).filter(agency__in=agencies)
    found: dict[int, list[Placed]] = defaultdict(list)
    for row in rows.select_related("user", "counter").prefetch_related("user__trainings"):
        found[row.agency_id].append(Placed(row, (row.ends_on - today).days if row.ends_on else None))
    for people in found.values():
        people.sort(key=lambda placed: (placed.placement.ends_on or date.max, str(placed.placement.user)))
    return [Staff(agency, tuple(found[agency.pk])) for agency in agencies if agency.pk in found]

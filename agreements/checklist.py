"""Readiness as people read it: each criterion of an agency with what stands of it, heading by heading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from agreements.enums import CheckState, Heading
from agreements.models import ReadinessCheck, ReadinessCriterion
from tenants.models import Agency


@dataclass(frozen=True)
class Item:
    """A criterion asked of an agency, and the check of it if the agency has claimed it."""

    criterion: ReadinessCriterion
    check: ReadinessCheck | None

    @property
    def is_verified(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.check is not None and self.check.state == CheckState.VERIFIED

    @property
    def is_waiting(self) -> bool:
        """Tell whether it waits for whoever verifies."""
        return self.check is not None and self.check.state == CheckState.CLAIMED

    @property
    def mark(self) -> str:
        """Return the word by which a page marks it."""
        return self.check.state.lower() if self.check else "open"


@dataclass(frozen=True)
class Section:
    """One of the four headings."""

    heading: Heading
    items: tuple[Item, ...]

    @property
    def verified(self) -> int:
        """Return how many are verified."""
        return sum(item.is_verified for item in self.items)

    @property
    def waiting(self) -> int:
        """Return how many wait to be verified."""
        return sum(item.is_waiting for item in self.items)

    @property
    def lacking(self) -> tuple[Item, ...]:
        """Return the required ones that are not verified."""
        return tuple(item for item in self.items if item.criterion.is_required and not item.is_verified)

    @property
    def is_complete(self) -> bool:
        """Tell whether every required one is verified."""
        return not self.lacking

    @property
    def percent(self) -> int:
        """Return how much is verified, for a bar."""
        return round(100 * self.verified / len(self.items)) if self.items else 100


Sections = tuple[Section, ...]


def sections_of(agency: Agency) -> Sections:
    """Return the checklist of `agency`: two queries. Headings without a criterion are left out."""
    checks = agency.readiness_checks.select_related("claimed_by", "judged_by")
    by_criterion = {check.criterion_id: check for check in checks}
    return _sections(ReadinessCriterion.objects.asked_of(agency.kind), by_criterion)


def sections_of_all(agencies: Collection[Agency]) -> dict[int, Sections]:
    """Return the checklists of many agencies by key: two queries however many."""
    criteria = list(ReadinessCriterion.objects.filter(is_active=True))
    checks: dict[int, dict[int, ReadinessCheck]] = defaultdict(dict)
    for check in ReadinessCheck.objects.filter(agency__in=[agency.pk for agency in agencies]):
        checks[check.agency_id][check.criterion_id] = check
    return {
        agency.pk: _sections(
            [one for one in criteria if not one.kinds or agency.kind in one.kinds], checks[agency.pk]
        )
        for agency in agencies
    }


def _sections(criteria: Iterable[ReadinessCriterion], checks: Mapping[int, ReadinessCheck]) -> Sections:
    items: dict[str, list[Item]] = defaultdict(list)
    for criterion in criteria:
        items[criterion.heading].append(Item(criterion, checks.get(criterion.pk)))
    return tuple(Section(heading, tuple(items[heading])) for heading in Heading if heading in items)

"""Reads with names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Min, Q

from agreements.enums import InstrumentState

if TYPE_CHECKING:
    from agreements.models import Promise, ReadinessCriterion, Trial, WorkItem  # noqa: F401


class PromiseQuerySet(models.QuerySet["Promise"]):
    def in_force_on(self, day: date) -> PromiseQuerySet:
        """Promises that hold on `day`: at most one for each agency."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), enacted_at__isnull=False, valid_from__lte=day
        )

    def waiting(self) -> PromiseQuerySet:
        """Promises written after their instrument came into force: somebody must put them in force."""
        return self.filter(enacted_at__isnull=True, instrument__state=InstrumentState.IN_FORCE)

    def with_parts(self) -> PromiseQuerySet:
        """Promises with their days, counters and services at hand."""
        return self.select_related("agency", "instrument").prefetch_related(
            "days", "counters__counter", "services__service"
        )


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def open(self) -> WorkItemQuerySet:
        """Items that are not done yet."""
        return self.filter(done_on__isnull=True)

    def late(self, today: date) -> WorkItemQuerySet:
        """Items whose due date has passed without their being done."""
        return self.open().filter(due_on__lt=today)

    def tally(self, today: date) -> dict[str, int]:
        """Return how many there are: all, done, late."""
        return self.aggregate(
            all=Count("pk"),
            done=Count("pk", filter=Q(done_on__isnull=False)),
            late=Count("pk", filter=Q(done_on__isnull=True, due_on__lt=today)),
        )

    def late_by_agency(self, today: date) -> list[tuple[int, str, int, date]]:
        """Return (agency, its name, late items, oldest due date), the longest list first."""
        rows = self.late(today).order_by().values_list("agency", "agency__short_name")
        counted = rows.annotate(count=Count("pk"), oldest=Min("due_on")).order_by("-count", "oldest")
        return list(counted)


class CriterionQuerySet(models.QuerySet["ReadinessCriterion"]):
    def asked_of(self, agency_kind: str) -> CriterionQuerySet:
        """Criteria in use that are asked of an agency of this kind."""
        return self.filter(Q(kinds=[]) | Q(kinds__contains=[agency_kind]), is_active=True)


class TrialQuerySet(models.QuerySet["Trial"]):
    def open(self) -> TrialQuerySet:
        """Trials that run, since nobody has decided them yet."""
        return self.filter(ended_at__isnull=True, started_at__isnull=False)

    def planned(self) -> TrialQuerySet:
        """Trials that are to begin on a coming day."""
        return self.filter(ended_at__isnull=True, started_at__isnull=True)

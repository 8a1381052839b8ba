"""Reads with names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from agreements.models import Promise, ReadinessCriterion, Trial  # noqa: F401


class PromiseQuerySet(models.QuerySet["Promise"]):
    def in_force_on(self, day: date) -> PromiseQuerySet:
        """Promises that hold on `day`: at most one for each agency."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), enacted_at__isnull=False, valid_from__lte=day
        )

    def with_parts(self) -> PromiseQuerySet:
        """Promises with their days, counters and services at hand."""
        return self.select_related("agency", "instrument").prefetch_related(
            "days", "counters__counter", "services__service"
        )


class CriterionQuerySet(models.QuerySet["ReadinessCriterion"]):
    def asked_of(self, agency_kind: str) -> CriterionQuerySet:
        """Criteria in use that are asked of an agency of this kind."""
        return self.filter(Q(kinds=[]) | Q(kinds__contains=[agency_kind]), is_active=True)


class TrialQuerySet(models.QuerySet["Trial"]):
    def open(self) -> TrialQuerySet:
        """Trials that nobody has decided yet."""
        return self.filter(ended_at__isnull=True)

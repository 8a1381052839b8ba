"""Reads with names."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Prefetch, Q

from services.enums import StandardStatus

if TYPE_CHECKING:
    from services.models import Disruption, OpeningHours, Service, ServiceStandard  # noqa: F401


class ServiceStandardQuerySet(models.QuerySet["ServiceStandard"]):
    def in_force(self, day: date) -> ServiceStandardQuerySet:
        """Published standards that hold on `day`: at most one per service (exclusion constraint)."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
            status=StandardStatus.PUBLISHED,
            valid_from__lte=day,
        )


class ServiceQuerySet(models.QuerySet["Service"]):
    def public(self, day: date) -> ServiceQuerySet:
        """Services that citizens may see on `day`: shown, with a complete standard in force."""
        from services.models import ServiceStandard

        standards = ServiceStandard.objects.in_force(day)
        return self.filter(is_published=True, pk__in=standards.values("service"))

    def with_standard(self, day: date) -> ServiceQuerySet:
        """Attach the standard in force on `day` as the list `standard_in_force`."""
        from services.models import ServiceStandard

        standards = ServiceStandard.objects.in_force(day)
        return self.prefetch_related(Prefetch("standards", queryset=standards, to_attr="standard_in_force"))


class ShownQuerySet(models.QuerySet[Any]):
    def shown(self) -> ShownQuerySet:
        """Rows that whoever keeps them lets people see."""
        return self.filter(is_published=True)


class OpeningHoursQuerySet(models.QuerySet["OpeningHours"]):
    def during(self, start: date, end: date) -> OpeningHoursQuerySet:
        """Rows that hold on some day from `start` to `end`."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=start), valid_from__lte=end)


class DisruptionQuerySet(models.QuerySet["Disruption"]):
    def open(self) -> DisruptionQuerySet:
        """Trouble that nobody has ended yet."""
        return self.filter(ended_at__isnull=True)

    def during(self, start: datetime, end: datetime) -> DisruptionQuerySet:
        """Trouble that lasted at some moment between these two (aware)."""
        return self.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=start), started_at__lt=end)

"""Reads with names."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, When

from services.enums import SUBMISSION_ENDED, WITH_AGENCY, StandardStatus, SubmissionState

if TYPE_CHECKING:
    from services.models import (  # noqa: F401
        Disruption,
        OpeningHours,
        Service,
        ServiceStandard,
        Submission,
    )
    from tenants.models import Agency


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


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def running(self) -> SubmissionQuerySet:
        """Files to which something is still to happen."""
        return self.exclude(state__in=sorted(SUBMISSION_ENDED))

    def late(self, day: date) -> SubmissionQuerySet:
        """Files whose promised day has passed on `day` while the agency has them."""
        return self.filter(state__in=sorted(WITH_AGENCY), promised_on__lt=day)

    def by_agency(self) -> list[tuple[str, int]]:
        """Return the agencies of these files, by short name, and how many each has."""
        rows = self.order_by("service__agency__position").values("service__agency__short_name")
        return list(rows.values_list("service__agency__short_name", Count("pk")))

    def known(self) -> SubmissionQuerySet:
        """Files that their code leads to: not those taken back, nor those forgotten."""
        return self.filter(code__isnull=False).exclude(state=SubmissionState.WITHDRAWN)

    def of(self, agencies: QuerySet[Agency]) -> SubmissionQuerySet:
        """Files of these agencies, with what a list shows of them."""
        found = self.known().filter(service__agency__in=agencies)
        return found.select_related("service__agency").defer("service__search")

    def most_pressing_first(self) -> SubmissionQuerySet:
        """What the agency has to do by its promised day, the longest overdue first; then what waits for
        the citizen."""
        is_with_agency = Case(When(state__in=sorted(WITH_AGENCY), then=0), default=1)
        return self.order_by(is_with_agency, F("promised_on").asc(nulls_last=True), "received_at", "pk")

"""CSV files of the catalogue, its standards, the hours and the calendar."""

from __future__ import annotations

from typing import Any

from django.db import models

from mpp.core.resources import TableResource
from services.models import CalendarDay, OpeningHours, Service, ServiceStandard


class ServiceResource(TableResource):
    columns = (
        "code",
        "agency",
        "slug",
        "name",
        "summary",
        "aliases",
        "kind",
        "audience",
        "depth",
        "limits",
        "online_url",
        "other_ways",
        "minutes",
        "life_events",
        "position",
        "is_published",
        "is_sample",
        "source",
    )

    class Meta:
        model = Service

    def get_queryset(self) -> models.QuerySet[Any]:
        return Service.objects.defer("search")


class ServiceStandardResource(TableResource):
    key = ("service", "version")
    columns = (
        "service",
        "version",
        "status",
        "valid_from",
        "valid_to",
        "decree",
        "requirements",
        "procedure",
        "time_text",
        "time_minutes",
        "fee_kind",
        "fee_amount",
        "fee_text",
        "fee_basis",
        "product",
        "complaints",
        "legal_basis",
        "facilities",
        "competence",
        "supervision",
        "staffing",
        "guarantee",
        "safety",
        "evaluation",
    )

    class Meta:
        model = ServiceStandard


class OpeningHoursResource(TableResource):
    key = ("agency", "service", "weekday", "season", "valid_from")
    columns = (
        "agency",
        "service",
        "weekday",
        "opens_at",
        "closes_at",
        "break_from",
        "break_to",
        "last_number_at",
        "season",
        "valid_from",
        "valid_to",
    )

    class Meta:
        model = OpeningHours


class CalendarDayResource(TableResource):
    key = ("date", "agency", "service", "kind")
    columns = (
        "date",
        "kind",
        "name",
        "agency",
        "service",
        "is_open",
        "opens_at",
        "closes_at",
        "break_from",
        "break_to",
        "last_number_at",
        "source",
    )

    class Meta:
        model = CalendarDay

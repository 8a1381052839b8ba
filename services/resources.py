"""Tables of the catalogue, its standards, the hours and the calendar."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from mpp.core.tables.resources import TableResource
from services.models import (
    CalendarDay,
    Facility,
    GuidePage,
    News,
    OpeningHours,
    Question,
    Service,
    ServiceStandard,
    Synonym,
)


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
    sheet = gettext_lazy("Standar")
    key = ("service", "version")
    optional = ("pay_to", "time_days")
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
        "time_days",
        "fee_kind",
        "fee_amount",
        "fee_text",
        "fee_basis",
        "pay_to",
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
    sheet = gettext_lazy("Kalender")
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


class GuidePageResource(TableResource):
    key = ("slug",)
    columns = ("slug", "title", "summary", "body", "position", "is_published", "is_sample")

    class Meta:
        model = GuidePage


class FacilityResource(TableResource):
    columns = ("code", "name", "place", "note", "is_accessible", "position", "is_published", "is_sample")

    class Meta:
        model = Facility


class QuestionResource(TableResource):
    columns = ("code", "question", "answer", "aliases", "position", "is_published", "is_sample")

    class Meta:
        model = Question


class NewsResource(TableResource):
    columns = ("code", "title", "text", "shown_from", "shown_to", "is_published", "is_sample")

    class Meta:
        model = News


class SynonymResource(TableResource):
    key = ("word",)
    columns = ("word", "means")

    class Meta:
        model = Synonym

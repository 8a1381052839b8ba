"""The catalogue, its standards, hours and calendar in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from mpp.core.admin import HistoryAdmin, SampleMark, TableAdmin
from services.enums import LifeEvent
from services.models import CalendarDay, OpeningHours, Service, ServiceStandard
from services.resources import (
    CalendarDayResource,
    OpeningHoursResource,
    ServiceResource,
    ServiceStandardResource,
)


class ServiceForm(forms.ModelForm):
    """With the life events as boxes to tick."""

    life_events = forms.MultipleChoiceField(
        label=_("Peristiwa hidup"),
        choices=LifeEvent,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


@admin.register(Service)
class ServiceAdmin(SampleMark, HistoryAdmin, TableAdmin):
    form = ServiceForm
    resource_classes = [ServiceResource]
    list_display = ["name", "code", "agency", "depth", "minutes", "is_published", "sample"]
    list_filter = ["agency", "kind", "audience", "depth", "is_published"]
    list_select_related = ["agency"]
    search_fields = ["code", "name", "aliases", "agency__short_name"]
    autocomplete_fields = ["agency"]
    prepopulated_fields = {"slug": ["name"]}
    exclude: list[str] = []
    fieldsets = [
        (None, {"fields": ["code", "agency", "slug", "name", "summary", "aliases"]}),
        (_("Apa dan untuk siapa"), {"fields": ["kind", "audience", "depth", "limits", "life_events"]}),
        (_("Cara dan waktu"), {"fields": ["minutes", "online_url", "other_ways"]}),
        (_("Tampilan dan sumber"), {"fields": ["position", "is_published", "is_sample", "source"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("search")

    def view_on_site(self, service: Service) -> str:
        return f"/layanan/{service.slug}/"


@admin.register(ServiceStandard)
class ServiceStandardAdmin(HistoryAdmin, TableAdmin):
    resource_classes = [ServiceStandardResource]
    list_display = ["service", "version", "status", "valid_from", "valid_to", "fee"]
    list_filter = ["status", "fee_kind", "service__agency"]
    list_select_related = ["service"]
    search_fields = ["service__name", "service__code", "decree"]
    autocomplete_fields = ["service"]
    fieldsets = [
        (None, {"fields": ["service", "version", "status", "valid_from", "valid_to", "decree"]}),
        (
            _("Enam komponen yang diumumkan"),
            {
                "fields": [
                    "requirements",
                    "procedure",
                    ("time_text", "time_minutes"),
                    ("fee_kind", "fee_amount"),
                    "fee_text",
                    "fee_basis",
                    "product",
                    "complaints",
                ]
            },
        ),
        (
            _("Delapan komponen di dalam"),
            {
                "classes": ["collapse"],
                "fields": [
                    "legal_basis",
                    "facilities",
                    "competence",
                    "supervision",
                    "staffing",
                    "guarantee",
                    "safety",
                    "evaluation",
                ],
            },
        ),
    ]

    @display(description=_("biaya"), ordering="fee_amount")
    def fee(self, standard: ServiceStandard) -> str:
        if standard.fee_amount is None:
            return standard.get_fee_kind_display()
        return f"Rp{standard.fee_amount:,}".replace(",", ".")


@admin.register(OpeningHours)
class OpeningHoursAdmin(HistoryAdmin, TableAdmin):
    resource_classes = [OpeningHoursResource]
    list_display = [
        "whose",
        "weekday",
        "opens_at",
        "closes_at",
        "break_from",
        "break_to",
        "last_number_at",
        "season",
    ]
    list_display_links = ["whose", "weekday"]
    list_filter = ["weekday", "season", "agency"]
    list_select_related = ["agency", "service"]
    search_fields = ["agency__short_name", "service__name", "season"]
    autocomplete_fields = ["agency", "service"]

    @display(description=_("berlaku untuk"))
    def whose(self, hours: OpeningHours) -> str:
        return str(hours.service or hours.agency or _("seluruh mal"))


@admin.register(CalendarDay)
class CalendarDayAdmin(TableAdmin):
    resource_classes = [CalendarDayResource]
    list_display = ["date", "name", "kind", "whose", "is_open", "opens_at", "closes_at"]
    list_filter = ["kind", "is_open", "date", "agency"]
    list_select_related = ["agency"]
    search_fields = ["name", "agency__short_name", "source"]
    autocomplete_fields = ["agency"]

    @display(description=_("berlaku untuk"))
    def whose(self, day: CalendarDay) -> str:
        return str(day.agency or _("seluruh mal"))

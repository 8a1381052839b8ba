"""Files in process in the admin: only looked at, with their trail. Their agencies move them on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mpp.core import clock
from mpp.core.admin import Inline, PortalAdmin, ReadOnly
from services.models import Submission, SubmissionEvent


class LateFilter(admin.SimpleListFilter):
    """Files whose promised day has passed."""

    title = _("janji")
    parameter_name = "terlambat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("lewat janji"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.late(clock.today()) if self.value() == "1" else queryset


class SubmissionEventInline(ReadOnly, Inline):
    agency_lookup = "submission__service__agency"
    model = SubmissionEvent
    fields = ["at", "step", "source", "target", "actor", "note"]
    readonly_fields = fields
    ordering = ["pk"]


@admin.register(Submission)
class SubmissionAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "service__agency"
    list_display = ["spoken", "service", "number", "state", "received_at", "promised_on", "since"]
    list_filter = [LateFilter, "state", "received_at", "service__agency"]
    list_select_related = ["service"]
    search_fields = ["=code", "=number", "service__name"]
    ordering = ["-received_at", "-pk"]
    inlines = [SubmissionEventInline]
    fields = [
        "spoken",
        "service",
        "number",
        "state",
        "since",
        "note",
        "received_at",
        "promised_days",
        "promised_on",
        "late_told_at",
    ]
    readonly_fields = fields

    @display(description=_("kode"), ordering="code")
    def spoken(self, submission: Submission) -> str:
        return submission.spoken_code or "–"

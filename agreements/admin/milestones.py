"""The mall's way in the admin: the picture on top, the table beneath it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSingleDateWidget

from agreements.actions.milestones import move_plan, note_actual
from agreements.admin.acts import evidence_field, file_field, sent_to, with_today, words_field
from agreements.deadlines import against, words
from agreements.milestones import events
from agreements.models import Milestone, PlanMove
from agreements.resources import MilestoneResource
from agreements.timeline import Picture, draw
from mpp.core import clock
from mpp.core.admin import (
    HistoryAdmin,
    Inline,
    ReadOnly,
    SampleMark,
    TableAdmin,
    WholeRowForm,
    action_page,
    get_or_404,
)
from mpp.core.document_admin import WithDocument
from tenants.admin import acting


class MilestoneForm(WholeRowForm):
    """Refuses what has not happened yet."""

    def clean_actual_on(self) -> date | None:
        actual_on: date | None = self.cleaned_data["actual_on"]
        if actual_on and actual_on > clock.today():
            raise ValidationError(_("Tanggal itu belum tiba. Isi hari ini atau sebelumnya."))
        return actual_on


class MoveForm(forms.Form):
    """To which day, and why."""

    planned_on = forms.DateField(label=_("Rencana baru"), widget=UnfoldAdminSingleDateWidget)
    reason = words_field(_("Alasan"))


class ActualForm(forms.Form):
    """When it came true, and what shows it."""

    actual_on = forms.DateField(label=_("Terlaksana pada"), widget=UnfoldAdminSingleDateWidget)
    evidence = evidence_field()
    source = words_field(_("Sumber"), most=240, required=False)
    file = file_field()


def picture(today: date) -> Picture | None:
    """Return the picture of the mall's whole way."""
    return draw(events(Milestone.objects.prefetch_related("moves")), today)


class MoveInline(ReadOnly, Inline):
    model = PlanMove
    fields = ["at", "by_name", "before", "after", "reason"]


@admin.register(Milestone)
class MilestoneAdmin(WithDocument, SampleMark, HistoryAdmin, TableAdmin):
    form = MilestoneForm
    resource_classes = [MilestoneResource]
    list_before_template = "admin/agreements/timeline.html"
    list_display = ["title", "stage", "planned_on", "actual_on", "standing", "document", "sample"]
    list_filter = ["stage"]
    search_fields = ["code", "title", "evidence", "source"]
    inlines = [MoveInline]
    actions_detail = ["move", "happened"]
    fieldsets = [
        (None, {"fields": ["code", "position", "stage", "title"]}),
        (_("Rencana dan kenyataan"), {"fields": [("planned_on", "actual_on")]}),
        (_("Yang menunjukkannya"), {"fields": ["evidence", "source", "file", "is_sample"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_today(super().get_queryset(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Both dates are written by their own acts once the row is there."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "planned_on", "actual_on"] if obj else fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was moved or came true stays in the records."""
        untouched = obj is None or not (obj.actual_on or obj.moves.exists())
        return untouched and super().has_delete_permission(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"picture": picture(clock.today())}
        return super().changelist_view(request, context | (extra_context or {}))

    @display(description=_("terhadap rencana"), label={"bad": "danger", "good": "success", "open": "info"})
    def standing(self, milestone: Any) -> tuple[str, str]:
        found = against(milestone.planned_on, milestone.actual_on, milestone.today)
        kind = "bad" if found.is_bad else "good" if milestone.actual_on else "open"
        return kind, words(found, has_happened=milestone.actual_on is not None)

    @action(description=_("Geser rencana"), url_path="geser", permissions=["change"], icon="event_repeat")
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        milestone = get_or_404(self.get_queryset(request), object_id)
        return action_page(
            self,
            request,
            instance=milestone,
            form=MoveForm(**sent_to(request), initial={"planned_on": milestone.planned_on}),
            title=_("Geser rencana: %(title)s") % {"title": milestone.title},
            button=_("Geser rencana"),
            act=lambda sent: move_plan(milestone=milestone, by=acting(request), **sent),
        )

    @action(description=_("Catat terlaksana"), url_path="terlaksana", permissions=["change"], icon="flag")
    def happened(self, request: HttpRequest, object_id: str) -> HttpResponse:
        milestone = get_or_404(self.get_queryset(request), object_id)
        known = {"actual_on": milestone.actual_on, "evidence": milestone.evidence, "source": milestone.source}
        return action_page(
            self,
            request,
            instance=milestone,
            form=ActualForm(**sent_to(request), initial=known),
            title=_("Terlaksana: %(title)s") % {"title": milestone.title},
            button=_("Catat terlaksana"),
            act=lambda sent: note_actual(milestone=milestone, by=acting(request), **sent),
        )

"""Meetings in the admin: who came, what was decided, and what became of it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
)

from agreements.actions.meetings import make_work_item
from agreements.admin.acts import sent_to, words_field
from agreements.models import Attendee, Decision, Meeting
from agreements.resources import MeetingResource
from mpp.core.admin import (
    HistoryAdmin,
    Inline,
    PortalAdmin,
    SampleMark,
    TableAdmin,
    action_page,
    get_or_404,
)
from mpp.core.document_admin import WithDocument
from tenants.admin import acting
from tenants.models import Agency


class WorkForm(forms.Form):
    """What a decision lacks to be a piece of work."""

    agency = forms.ModelChoiceField(
        label=_("Instansi"), queryset=Agency.objects.none(), widget=UnfoldAdminSelectWidget
    )
    target = forms.DecimalField(
        label=_("Target"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    unit = words_field(_("Satuan"), most=40, help_text=_("Misalnya: petugas, dokumen, %."))
    owner = words_field(_("Penanggung jawab"), most=160)
    due_on = forms.DateField(label=_("Tenggat"), widget=UnfoldAdminSingleDateWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["agency"]).queryset = Agency.objects.all()


class AttendeeInline(Inline):
    agency_lookup = ("meeting__agencies", "meeting__instruments__agency")
    model = Attendee
    fields = ["name", "office", "agency"]
    autocomplete_fields = ["agency"]
    extra = 1


class DecisionInline(Inline):
    agency_lookup = ("meeting__agencies", "meeting__instruments__agency")
    model = Decision
    fields = ["text", "owner", "agency", "due_on", "became"]
    readonly_fields = ["became"]
    autocomplete_fields = ["agency"]
    extra = 1

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the way onward for who may not go it."""
        fields = super().get_fields(request, obj)
        return fields if self.has_change_permission(request, obj) else [*fields[:-1]]

    @display(description=_("tindak lanjut"))
    def became(self, decision: Decision) -> str:
        if decision.work_item_id:
            address = reverse("admin:agreements_workitem_change", args=[decision.work_item_id])
            return format_html('<a href="{}">{}</a>', address, _("Lihat butirnya"))
        if decision.pk is None:
            return "–"
        address = reverse("admin:agreements_decision_to_work", args=[decision.pk])
        return format_html('<a href="{}">{}</a>', address, _("Jadikan butir kerja"))


@admin.register(Meeting)
class MeetingAdmin(WithDocument, SampleMark, HistoryAdmin, TableAdmin):
    resource_classes = [MeetingResource]
    agency_lookup = ("agencies", "instruments__agency")
    list_display = ["title", "kind", "date", "place", "document", "sample"]
    list_filter = ["kind", "date", "agencies"]
    search_fields = ["title", "place", "minutes", "attendees__name", "decisions__text"]
    autocomplete_fields = ["agencies", "instruments"]
    date_hierarchy = "date"
    inlines = [AttendeeInline, DecisionInline]
    fieldsets = [
        (None, {"fields": ["kind", "title", ("date", "place"), "minutes", "file"]}),
        (_("Berkaitan dengan"), {"fields": ["agencies", "instruments", "is_sample"]}),
    ]


@admin.register(Decision)
class DecisionAdmin(PortalAdmin):
    agency_lookup = ("meeting__agencies", "meeting__instruments__agency")
    list_display = ["text", "meeting", "owner", "agency", "due_on", "work_item"]
    list_filter = ["agency", "due_on"]
    list_select_related = ["meeting", "agency", "work_item"]
    search_fields = ["text", "owner", "meeting__title"]
    autocomplete_fields = ["meeting", "agency"]
    readonly_fields = ["work_item"]
    actions_detail = ["to_work"]

    @action(description=_("Jadikan butir kerja"), url_path="butir", permissions=["change"], icon="add_task")
    def to_work(self, request: HttpRequest, object_id: str) -> HttpResponse:
        decision = get_or_404(self.get_queryset(request), object_id)
        known = {"agency": decision.agency_id, "owner": decision.owner, "due_on": decision.due_on}
        return action_page(
            self,
            request,
            instance=decision,
            form=WorkForm(**sent_to(request), initial=known),
            title=_("Jadikan butir kerja: %(text)s") % {"text": decision.text},
            button=_("Jadikan butir kerja"),
            act=lambda sent: make_work_item(decision=decision, by=acting(request), **sent),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A decision that became work stays."""
        return (obj is None or obj.work_item_id is None) and super().has_delete_permission(request, obj)

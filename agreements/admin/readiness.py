"""The criteria of readiness in the admin; what is claimed of them is only looked at here."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from agreements.enums import CheckState
from agreements.models import ReadinessCheck, ReadinessCriterion
from agreements.resources import ReadinessCriterionResource
from mpp.core.admin import HistoryAdmin, PortalAdmin, ReadOnly, SampleMark, TableAdmin
from tenants.enums import AgencyKind

CHECK_COLOURS = {
    CheckState.CLAIMED.label: "info",
    CheckState.VERIFIED.label: "success",
    CheckState.RETURNED.label: "warning",
}


class CriterionForm(forms.ModelForm):
    """With the kinds of agencies as boxes to tick."""

    kinds = forms.MultipleChoiceField(
        label=_("Jenis instansi"),
        choices=AgencyKind,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Kosong: semua jenis."),
    )


@admin.register(ReadinessCriterion)
class ReadinessCriterionAdmin(SampleMark, HistoryAdmin, TableAdmin):
    form = CriterionForm
    resource_classes = [ReadinessCriterionResource]
    list_display = ["text", "code", "heading", "is_required", "is_active", "position", "sample"]
    list_filter = ["heading", "is_required", "is_active"]
    search_fields = ["code", "text", "proof"]
    fieldsets = [
        (None, {"fields": ["code", "heading", "text", "proof"]}),
        (_("Untuk siapa"), {"fields": ["is_required", "kinds", "is_active", "position"]}),
        (_("Sumber"), {"fields": ["is_sample", "source"]}),
    ]


@admin.register(ReadinessCheck)
class ReadinessCheckAdmin(ReadOnly, HistoryAdmin, PortalAdmin):
    agency_lookup = "agency"
    list_display = [
        "criterion",
        "agency",
        "state_label",
        "claimed_by",
        "claimed_at",
        "judged_by",
        "judged_at",
    ]
    list_filter = ["state", "criterion__heading", "agency"]
    list_select_related = ["criterion", "agency", "claimed_by", "judged_by"]
    search_fields = ["criterion__text", "criterion__code", "agency__short_name", "evidence"]

    @display(description=_("keadaan"), ordering="state", label=CHECK_COLOURS)
    def state_label(self, check: ReadinessCheck) -> str:
        return check.get_state_display()

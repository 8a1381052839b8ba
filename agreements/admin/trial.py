"""Trials in the admin: begun and decided on the agency's own way in, looked at here."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agreements.models import Trial, TrialDecision
from mpp.core.admin import HistoryAdmin, Inline, PortalAdmin, ReadOnly


class DecisionInline(ReadOnly, Inline):
    agency_lookup = "trial__agency"
    model = TrialDecision
    fields = ["verdict", "reason", "until", "by", "at"]


@admin.register(Trial)
class TrialAdmin(ReadOnly, HistoryAdmin, PortalAdmin):
    agency_lookup = "agency"
    list_display = ["agency", "standing", "starts_on", "ends_on", "started_by", "ended_at"]
    list_filter = ["ended_at", "agency"]
    list_select_related = ["agency", "started_by"]
    search_fields = ["agency__short_name", "agency__name", "note"]
    inlines = [DecisionInline]

    @display(
        description=_("keadaan"),
        label={"planned": "info", "running": "success", "ended": None},
        ordering="ended_at",
    )
    def standing(self, trial: Trial) -> tuple[str, str]:
        if trial.ended_at:
            return "ended", str(_("selesai") if trial.started_at else _("batal"))
        return ("running", str(_("berjalan"))) if trial.started_at else ("planned", str(_("direncanakan")))

"""Placements in the admin: who is at which agency until when, by which letter, with which training."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from mpp.core import clock
from mpp.core.admin import HistoryAdmin, Inline, TableAdmin
from tenants.models import Agency, Placement, Training, User
from tenants.people import staff_of
from tenants.resources import PlacementResource


class PlacementForm(forms.ModelForm):
    """Names the placement that stands in the way of a new one: that one is to be ended first."""

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        user, start = sent.get("user") or getattr(self.instance, "user", None), sent.get("starts_on")
        if user is None or user.pk is None or start is None:
            return sent
        others = Placement.objects.during(start, sent.get("ends_on")).filter(user=user)
        if other := others.exclude(pk=self.instance.pk).select_related("agency").first():
            words = _("%(person)s masih ditempatkan di %(agency)s, %(span)s. Akhiri dulu penempatan itu.")
            span = _span(other)
            raise ValidationError(
                {"starts_on": words % {"person": user, "agency": other.agency, "span": span}}
            )
        return sent


def _span(placement: Placement) -> str:
    since = date_format(placement.starts_on, "j F Y")
    if placement.ends_on is None:
        return gettext("sejak %(since)s") % {"since": since}
    until = date_format(placement.ends_on, "j F Y")
    return gettext("%(since)s sampai %(until)s") % {"since": since, "until": until}


class PlacementInline(Inline):
    agency_lookup = "agency"
    model = Placement
    form = PlacementForm
    fields = ["agency", "counter", "starts_on", "ends_on", "letter_number", "competence"]
    autocomplete_fields = ["agency", "counter"]


class TrainingInline(Inline):
    agency_lookup = "user__placements__agency"
    model = Training
    fields = ["name", "held_on", "certificate"]


@admin.register(Placement)
class PlacementAdmin(HistoryAdmin, TableAdmin):
    resource_classes = [PlacementResource]
    agency_lookup = "agency"
    # Who comes and for how long is agreed with the mall.
    agency_fields = ("counter", "letter_number", "competence")
    agency_actions = ("people",)
    form = PlacementForm
    list_display = ["user", "agency", "counter", "starts_on", "ends_on", "letter_number"]
    list_filter = ["agency", "starts_on", "ends_on"]
    list_select_related = ["user", "agency", "counter"]
    search_fields = [
        "user__username",
        "user__first_name",
        "user__last_name",
        "agency__short_name",
        "letter_number",
    ]
    autocomplete_fields = ["user", "agency", "counter"]
    readonly_fields = ["trainings"]
    actions_list = ["people"]
    fieldsets = [
        (None, {"fields": ["user", ("agency", "counter"), ("starts_on", "ends_on"), "letter_number"]}),
        (
            _("Kompetensi"),
            {
                "description": _("Pelatihan dicatat di halaman orangnya: tetap ada bila ia pindah instansi."),
                "fields": ["competence", "trainings"],
            },
        ),
    ]

    @display(description=_("pelatihan"))
    def trainings(self, placement: Placement) -> str:
        rows = placement.user.trainings.all() if placement.pk else []
        return "; ".join(f"{row.name} ({row.held_on:%Y})" for row in rows) or "–"

    @action(description=_("Orang per instansi"), url_path="per-instansi", permissions=["view"], icon="groups")
    def people(self, request: HttpRequest) -> HttpResponse:
        """The people of each agency, the letters that end first on top."""
        today = clock.today()
        agencies = Agency.objects.visible_to(cast(User, request.user), today)
        staff = staff_of(list(agencies), today)
        placed = [each for one in staff for each in one.people if not each.is_over]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Orang per instansi"),
            "opts": self.opts,
            "staff": staff,
            "placed": len(placed),
            "soon": sum(each.ends_soon for each in placed),
            "without_letter": sum(each.lacks_letter for each in placed),
        }
        return TemplateResponse(request, "admin/people.html", context)

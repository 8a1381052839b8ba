"""Reports in the admin: ask, see how far it is, fetch."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agreements.actions.reports import ask_report
from agreements.enums import ReportKind, ReportState
from agreements.models import Report
from agreements.reports.making import BUILDERS
from mpp.core import clock
from mpp.core.admin import PortalAdmin, get_or_404
from mpp.core.errors import NotFound
from tenants.admin import acting

FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STATE_COLOURS = {
    ReportState.QUEUED.label: "info",
    ReportState.RUNNING.label: "info",
    ReportState.DONE.label: "success",
    ReportState.FAILED.label: "danger",
}
# While something is being made the page looks again by itself.
LOOK_AGAIN_SECONDS = "4"


class ReportForm(forms.ModelForm):
    """What is wanted; without an agency it is about the whole mall."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            kind = cast(forms.ChoiceField, self.fields["kind"])
            kind.choices = [(value, ReportKind(value).label) for value in BUILDERS]
        if "agency" in self.fields:
            self.fields["agency"].help_text = _("Kosong: seluruh mal.")

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        starts_on, ends_on = sent.get("starts_on"), sent.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            raise ValidationError({"ends_on": _("“Sampai” lebih awal dari “dari”.")})
        return sent


@admin.register(Report)
class ReportAdmin(PortalAdmin):
    agency_lookup = "agency"
    agency_fields = ("kind", "agency", "starts_on", "ends_on")
    agency_adds = True
    form = ReportForm
    list_display = ["kind", "about", "starts_on", "ends_on", "asked_by", "asked_at", "state_label", "files"]
    list_filter = ["kind", "state", "asked_at"]
    list_select_related = ["agency", "asked_by"]
    search_fields = ["agency__short_name", "asked_by__username"]
    autocomplete_fields = ["agency"]
    ordering = ["-pk"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ["kind", "agency", ("starts_on", "ends_on")]
        return [*asked, "asked_by", "asked_at", "state_label", "files", "error"] if obj else asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["state_label", "files"] if obj else super().get_readonly_fields(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = clock.today()
        return {"starts_on": today.replace(month=1, day=1), "ends_on": today}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A report is asked for anew, never changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        sent = {name: getattr(obj, name) for name in ("kind", "agency", "starts_on", "ends_on")}
        obj.pk = ask_report(by=acting(request), **sent).pk
        obj.refresh_from_db()

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.send_file)
        return [
            path("<path:object_id>/unduh/<slug:form>/", view, name="agreements_report_file"),
            *super().get_urls(),
        ]

    def send_file(self, request: HttpRequest, object_id: str, form: str) -> FileResponse:
        """Answer one of the two files, to who may see the row."""
        report = get_or_404(self.get_queryset(request), object_id)
        if not self.has_view_permission(request, report):
            raise PermissionDenied
        file = getattr(report, form) if form in FORMATS else None
        if not file:
            raise NotFound
        about = report.agency.short_name if report.agency else "mal"
        name = f"{slugify(f'{report} {about} {report.ends_on}')}.{form}"
        response = FileResponse(
            file.open("rb"), as_attachment=True, filename=name, content_type=FORMATS[form]
        )
        response["Content-Encoding"] = "identity"
        return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if self.get_queryset(request).filter(state__in=[ReportState.QUEUED, ReportState.RUNNING]).exists():
            response["Refresh"] = LOOK_AGAIN_SECONDS
        return response

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().render_change_form(request, *args, **kwargs)
        report = kwargs.get("obj")
        if report is not None and report.is_open:
            response["Refresh"] = LOOK_AGAIN_SECONDS
        return response

    @display(description=_("tentang"), ordering="agency")
    def about(self, report: Report) -> str:
        return report.agency.short_name if report.agency else str(_("seluruh mal"))

    @display(description=_("keadaan"), ordering="state", label=STATE_COLOURS)
    def state_label(self, report: Report) -> str:
        return report.get_state_display()

    @display(description=_("unduh"))
    def files(self, report: Report) -> str:
        there = [form for form in FORMATS if getattr(report, form)]
        links = (
            (reverse("admin:agreements_report_file", args=[report.pk, form]), form.upper()) for form in there
        )
        return format_html_join(" · ", '<a href="{}">{}</a>', links) or "–"

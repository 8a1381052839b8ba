"""Findings in the admin: written down, answered by the agency, settled by the mall; the late ones first."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.db.models import Count, Q, QuerySet, Value
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agreements.actions import answer_finding, close_finding, record_finding, reopen_finding
from agreements.enums import FindingSource, FindingState
from agreements.models import Finding
from agreements.proofs import CONTENT_TYPES
from mpp.core import clock, revision
from mpp.core.admin import HistoryAdmin, action_page, get_or_404
from mpp.core.errors import NotFound
from mpp.core.one_editor import OneEditor
from mpp.core.templatetags.mpp import clock_zone, short_date
from tenants.admin import acting
from tenants.enums import Role

# What a new finding suggests; the clerk changes it.
USUAL_TIME = timedelta(days=14)
STATE_COLOURS = {
    FindingState.OPEN.label: "info",
    FindingState.ANSWERED.label: "warning",
    FindingState.CLOSED.label: "success",
}


class AnswerForm(forms.Form):
    """What was done, and what shows it."""

    done = forms.CharField(
        label=_("Yang sudah dilakukan"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}), max_length=4000
    )
    proof = forms.CharField(
        label=_("Bukti dengan kata-kata"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Misalnya: jadwal piket baru sejak 2 Maret, nomor surat 800/12."),
    )
    proof_file = forms.FileField(
        label=_("Berkas bukti"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("Foto (JPEG, PNG) atau PDF, paling besar 10 MB."),
    )


class ReopenForm(forms.Form):
    """Why it was not settled, and until when it is to be."""

    reason = forms.CharField(label=_("Alasan"), max_length=200, widget=UnfoldAdminTextInputWidget)
    due_on = forms.DateField(label=_("Batas waktu baru"), widget=UnfoldAdminSingleDateWidget)


class LateFilter(admin.SimpleListFilter):
    """What is overdue, and what falls due soon."""

    title = _("batas waktu")
    parameter_name = "tenggat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("lewat", _("sudah lewat"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        return queryset.late(revision.at_entry().day) if self.value() == "lewat" else queryset  # type: ignore[attr-defined]


# What only actions write, shown below what a person fills in.
OUTCOME = (
    _("Jawaban dan penyelesaian"),
    {"fields": ["state_label", "done", "proof", "answered", "closed", "reopened"]},
)


@admin.register(Finding)
class FindingAdmin(OneEditor, HistoryAdmin):
    agency_lookup = "agency"
    agency_actions = ("answer", "download_proof")
    list_display = ["summary", "agency", "kind", "state_label", "due", "answerable"]
    list_filter = [LateFilter, "state", "is_serious", "kind", "source", "agency"]
    list_select_related = ["agency", "owner"]
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}
    list_before_template = "admin/findings_summary.html"
    search_fields = ["what", "cause", "step", "agency__short_name", "owner_words", "found_by"]
    autocomplete_fields = ["agency", "owner"]
    actions_detail = ["answer", "close", "reopen", "download_proof"]
    readonly_fields = OUTCOME[1]["fields"]
    fieldsets = [
        (None, {"fields": ["agency", ("kind", "source"), ("found_on", "found_by"), "what", "is_serious"]}),
        (_("Perbaikan"), {"fields": ["cause", "step", ("owner", "owner_words"), "due_on"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        """With the day on which it is asked: each of the rows may be late."""
        return super().get_queryset(request).annotate(asked_on=Value(revision.at_entry().day))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        is_untouched = obj is None or obj.state == FindingState.OPEN and obj.reopened_at is None
        return fieldsets if is_untouched else [*fieldsets, OUTCOME]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What was answered is judged as it stood: open it again to change it."""
        if obj is None or obj.state == FindingState.OPEN:
            return self.readonly_fields
        asked = flatten_fieldsets(self.fieldsets)
        return [*asked, *self.readonly_fields]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Leave out the buttons that make no sense now; their pages still answer in words."""
        finding = Finding.objects.filter(pk=object_id).only("state", "proof_file").first()
        if finding is None:
            return []
        hidden = {"reopen"} if finding.state == FindingState.OPEN else set()
        hidden |= {"answer", "close"} if finding.state == FindingState.CLOSED else set()
        hidden |= set() if finding.proof_file else {"download_proof"}
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(tuple(hidden))]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = clock.today()
        usual = {"found_on": today, "due_on": today + USUAL_TIME, "source": FindingSource.EVALUATION}
        return {**usual, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was answered stays in the records."""
        untouched = obj is None or obj.state == FindingState.OPEN and obj.reopened_at is None
        return bool(untouched and super().has_delete_permission(request, obj))

    def has_answer_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The agency's manager may answer; the action asks whether it is their own."""
        may = self.has_view_permission(request) and acting(request).role == Role.AGENCY_MANAGER
        return may or self.has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            record_finding(finding=obj, by=acting(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "standing": self._standing(request)}
        )

    def _standing(self, request: HttpRequest) -> dict[str, int]:
        rows = self.get_queryset(request)
        return rows.aggregate(
            open=Count("pk", filter=Q(state=FindingState.OPEN)),
            late=Count("pk", filter=Q(state=FindingState.OPEN, due_on__lt=revision.at_entry().day)),
            answered=Count("pk", filter=Q(state=FindingState.ANSWERED)),
        )

    @display(description=_("yang ditemukan"), ordering="what")
    def summary(self, finding: Finding) -> str:
        return Truncator(finding.what).chars(80)

    @display(description=_("keadaan"), label=STATE_COLOURS)
    def state_label(self, finding: Finding) -> str:
        return finding.get_state_display()

    @display(description=_("batas waktu"), ordering="due_on")
    def due(self, finding: Any) -> str:
        if not (days := finding.days_late(finding.asked_on)):
            return date_format(finding.due_on, "j M Y")
        words = ngettext("lewat %(days)d hari", "lewat %(days)d hari", days) % {"days": days}
        return format_html('<strong class="font-semibold text-red-700 dark:text-red-400">{}</strong>', words)

    @display(description=_("penanggung jawab"))
    def answerable(self, finding: Finding) -> str:
        return finding.answerable_to

    @display(description=_("dijawab"))
    def answered(self, finding: Finding) -> str:
        return _by_and_at(finding.answered_by, finding.answered_at)

    @display(description=_("ditutup"))
    def closed(self, finding: Finding) -> str:
        return _by_and_at(finding.closed_by, finding.closed_at)

    @display(description=_("dibuka lagi"))
    def reopened(self, finding: Finding) -> str:
        when = _by_and_at(None, finding.reopened_at)
        return f"{when}: {finding.reopen_reason}" if finding.reopen_reason else when

    @action(description=_("Jawab"), url_path="jawab", permissions=["answer"], icon="reply")
    def answer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        finding = self._found(request, object_id)
        return action_page(
            self,
            request,
            instance=finding,
            form=_answer_form(request, finding),
            title=_("Jawab: %(finding)s") % {"finding": finding},
            button=_("Kirim jawaban"),
            act=lambda sent: answer_finding(finding=finding, by=acting(request), **sent),
            notes=[gettext("Langkah yang diminta: %(step)s") % {"step": finding.step}],
            permission="answer",
        )

    @action(description=_("Tutup"), url_path="tutup", permissions=["change"], icon="task_alt")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        finding = self._found(request, object_id)
        notes = [gettext("Langkah yang diminta: %(step)s") % {"step": finding.step}]
        if finding.answered_at:
            notes.append(gettext("Dijawab %(answer)s.") % {"answer": self.answered(finding)})
        if finding.is_serious:
            notes.append(gettext("Temuan berat: yang menutup bukan yang menjawab."))
        return action_page(
            self,
            request,
            instance=finding,
            form=_answer_form(request, finding),
            title=_("Tutup: %(finding)s") % {"finding": finding},
            button=_("Tutup temuan"),
            act=lambda sent: close_finding(finding=finding, by=acting(request), **sent),
            notes=notes,
        )

    @action(description=_("Buka lagi"), url_path="buka-lagi", permissions=["change"], icon="restart_alt")
    def reopen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        finding = self._found(request, object_id)
        return action_page(
            self,
            request,
            instance=finding,
            form=ReopenForm(request.POST if request.method == "POST" else None),
            title=_("Buka lagi: %(finding)s") % {"finding": finding},
            button=_("Buka lagi"),
            act=lambda sent: reopen_finding(finding=finding, by=acting(request), **sent),
        )

    @action(description=_("Unduh bukti"), url_path="bukti", permissions=["view"], icon="attach_file")
    def download_proof(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Hand out the file as an attachment: nothing in it is shown on our own pages."""
        finding = self._found(request, object_id)
        suffix = PurePath(str(finding.proof_file.name)).suffix
        try:
            file = finding.proof_file.open("rb") if finding.proof_file else None
        except FileNotFoundError:
            file = None
        if file is None:
            raise NotFound(_("Temuan ini belum punya berkas bukti."))
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"bukti-temuan-{finding.pk}{suffix}",
            content_type=CONTENT_TYPES.get(suffix, "application/octet-stream"),
        )

    def _found(self, request: HttpRequest, object_id: str) -> Finding:
        rows = self.get_queryset(request).select_related("agency", "answered_by", "closed_by")
        finding: Finding = get_or_404(rows, object_id)
        return finding


def _answer_form(request: HttpRequest, finding: Finding) -> AnswerForm:
    initial = {"done": finding.done, "proof": finding.proof}
    if request.method == "POST":
        return AnswerForm(request.POST, request.FILES, initial=initial)
    return AnswerForm(initial=initial)


def _by_and_at(person: Any, at: datetime | None) -> str:
    if at is None:
        return "–"
    when = f"{short_date(at)}, {clock_zone(at)}"
    return f"{person}, {when}" if person else when

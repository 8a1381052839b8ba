"""Work plans in the admin: late ones first, progress with its reasons, due dates moved with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSingleDateWidget

from agreements.actions.workplan import MOST_AT_ONCE, move_due, report_progress
from agreements.admin.acts import evidence_field, file_field, sent_to, with_today, words_field
from agreements.deadlines import against, words
from agreements.models import WorkItem, WorkStep
from agreements.resources import WorkItemResource
from mpp.core import clock
from mpp.core.admin import (
    HistoryAdmin,
    Inline,
    ReadOnly,
    TableAdmin,
    WholeRowForm,
    action_page,
    get_or_404,
)
from mpp.core.document_admin import WithDocument
from tenants.admin import acting

LONGEST_MOVE = 730


class WorkItemForm(WholeRowForm):
    """Refuses an instrument of another agency."""

    judged = ("progress", "done_on")

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        instrument, agency = sent.get("instrument"), sent.get("agency")
        if instrument and agency and instrument.agency_id != agency.pk:
            raise ValidationError({"instrument": _("Naskah itu milik instansi lain.")})
        return sent


class ProgressForm(forms.Form):
    """How far it is, and why."""

    progress = forms.IntegerField(
        label=_("Kemajuan (%)"), min_value=0, max_value=100, widget=UnfoldAdminIntegerFieldWidget
    )
    note = words_field(_("Keterangan"), help_text=_("Apa yang sudah atau belum terjadi."))
    done_on = forms.DateField(
        label=_("Selesai pada"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Hanya bila 100 %. Kosong: hari ini."),
    )
    evidence = evidence_field()
    file = file_field()


class MoveForm(forms.Form):
    """By how many days, and why."""

    days = forms.IntegerField(
        label=_("Geser berapa hari"),
        validators=[MinValueValidator(-LONGEST_MOVE), MaxValueValidator(LONGEST_MOVE)],
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Angka minus memajukan tenggat."),
    )
    reason = words_field(_("Alasan"), most=100)

    def clean_days(self) -> int:
        days: int = self.cleaned_data["days"]
        if days == 0:
            raise ValidationError(_("Isi jumlah hari selain nol."))
        return days


class LateFilter(admin.SimpleListFilter):
    """Open, late or done."""

    title = _("tenggat")
    parameter_name = "tenggat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("lewat", _("lewat tenggat")), ("berjalan", _("masih berjalan")), ("selesai", _("selesai"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        match self.value():
            case "lewat":
                return queryset.late(clock.today())
            case "berjalan":
                return queryset.open()
            case "selesai":
                return queryset.filter(done_on__isnull=False)
            case _:
                return queryset


class StepInline(ReadOnly, Inline):
    agency_lookup = "item__agency"
    model = WorkStep
    fields = ["at", "by_name", "before", "after", "note"]


@admin.register(WorkItem)
class WorkItemAdmin(WithDocument, HistoryAdmin, TableAdmin):
    agency_lookup = "agency"
    resource_classes = [WorkItemResource]
    agency_actions = ("report",)
    form = WorkItemForm
    list_display = ["title", "agency", "owner", "target_words", "due_on", "bar", "standing"]
    list_filter = [LateFilter, "agency", "due_on"]
    list_select_related = ["agency"]
    search_fields = ["title", "owner", "agency__short_name", "instrument__title", "evidence"]
    autocomplete_fields = ["agency", "instrument", "owner_person"]
    readonly_fields = ["bar", "said", "done_on"]
    inlines = [StepInline]
    actions = ["move_due"]
    actions_detail = ["report"]
    fieldsets = [
        (None, {"fields": ["agency", "instrument", "title", ("target", "unit")]}),
        (_("Siapa dan kapan"), {"fields": [("owner", "owner_person"), "due_on"]}),
        (_("Kemajuan"), {"fields": ["bar", ("said", "done_on"), "evidence", "file", "is_sample"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_today(super().get_queryset(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A due date is moved by its own act, with a reason."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "due_on"] if obj else fields

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.move_page)
        return [path("geser-tenggat/", view, name="agreements_workitem_move_due"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was begun stays in the records."""
        untouched = obj is None or not (obj.progress or obj.steps.exists())
        return untouched and super().has_delete_permission(request, obj)

    @display(description=_("target"))
    def target_words(self, item: WorkItem) -> str:
        return f"{_amount(item)} {item.unit}"

    @display(description=_("kemajuan"), ordering="progress")
    def bar(self, item: WorkItem) -> SafeString:
        return progress_bar(item.progress or 0)

    @display(
        description=_("keadaan"),
        label={"late": "danger", "done": "success", "open": "info"},
        ordering="due_on",
    )
    def standing(self, item: Any) -> tuple[str, str]:
        found = against(item.due_on, item.done_on, item.today)
        kind = "late" if found.is_bad else "done" if item.done_on else "open"
        return kind, words(found)

    @display(description=_("keadaan"))
    def said(self, item: WorkItem) -> str:
        return self.standing(item)[1] if item.pk else "–"

    @action(
        description=_("Laporkan kemajuan"), url_path="kemajuan", permissions=["change"], icon="trending_up"
    )
    def report(self, request: HttpRequest, object_id: str) -> HttpResponse:
        item = get_or_404(self.get_queryset(request).select_related("agency"), object_id)
        notes = [_("Target: %(target)s %(unit)s, tenggat %(due)s.") % _facts(item)]
        form = ProgressForm(**sent_to(request), initial={"progress": item.progress})
        return action_page(
            self,
            request,
            instance=item,
            form=form,
            title=_("Kemajuan: %(title)s") % {"title": item.title},
            button=_("Catat kemajuan"),
            notes=notes,
            act=lambda sent: report_progress(item=item, by=acting(request), **sent),
        )

    @admin.action(description=_("Geser tenggat"), permissions=["change"])
    def move_due(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        keys = queryset.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1]
        return redirect(
            reverse("admin:agreements_workitem_move_due", query={"butir": ",".join(map(str, keys))})
        )

    def move_page(self, request: HttpRequest) -> HttpResponse:
        """Ask by how much and why, then move all that were ticked."""
        keys = [int(key) for key in request.GET.get("butir", "").split(",") if key.isdecimal()]
        found = self.get_queryset(request).open().filter(pk__in=keys).count()
        count = ngettext(
            "%(count)d butir yang masih berjalan akan digeser.",
            "%(count)d butir yang masih berjalan akan digeser.",
            found,
        )
        return action_page(
            self,
            request,
            instance=None,
            form=MoveForm(**sent_to(request)),
            title=_("Geser tenggat"),
            button=_("Geser tenggat"),
            notes=[count % {"count": found}],
            act=lambda sent: _moved(keys, request, **sent),
        )


def _moved(keys: list[int], request: HttpRequest, *, days: int, reason: str) -> str:
    moved = move_due(items=keys, days=days, reason=reason, by=acting(request))
    said = _("%(count)d butir digeser %(days)d hari. Untuk membatalkan, geser %(back)d hari.")
    return str(said % {"count": moved, "days": days, "back": -days})


def _facts(item: WorkItem) -> dict[str, Any]:
    return {"target": _amount(item), "unit": item.unit, "due": _day(item.due_on)}


def _amount(item: WorkItem) -> str:
    return number_format(item.target.normalize())


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def progress_bar(percent: int) -> SafeString:
    """Return a small bar with its figure beside it."""
    return format_html(
        '<span class="flex gap-2 items-center whitespace-nowrap">'
        '<svg viewBox="0 0 100 8" width="80" height="8" aria-hidden="true" preserveAspectRatio="none">'
        '<rect width="100" height="8" rx="2" fill="currentColor" fill-opacity="0.15"></rect>'
        '<rect width="{}" height="8" rx="2" fill="currentColor"></rect></svg>{} %</span>',
        percent,
        percent,
    )

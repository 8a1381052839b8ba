"""Attendance in the admin: the sheet of a day, of a month, the rules, and what agencies were told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from agreements import attendance
from agreements.actions.attendance import record_leave
from agreements.models import AbsenceReport, AttendanceRules, Leave
from agreements.owed import DAY, days
from agreements.presence import DaySheet
from mpp.core import clock
from mpp.core.admin import HistoryAdmin, PortalAdmin, ReadOnly, list_url
from mpp.core.one_editor import OneEditor
from tenants.admin import acting
from tenants.models import Agency, Placement, User

MONTHS_BACK = 24


class DayForm(forms.Form):
    """Which day to show."""

    hari = forms.DateField(label=_("Hari"), widget=UnfoldAdminSingleDateWidget)


class MonthForm(forms.Form):
    """Which agency's month to show."""

    instansi = forms.ModelChoiceField(
        Agency.objects.none(), label=_("Instansi"), to_field_name="code", widget=UnfoldAdminSelectWidget
    )
    bulan = forms.ChoiceField(label=_("Bulan"), widget=UnfoldAdminSelectWidget)

    def __init__(self, agencies: Any, today: date, *args: Any) -> None:
        super().__init__(*args)
        cast(forms.ModelChoiceField, self.fields["instansi"]).queryset = agencies
        month = cast(forms.ChoiceField, self.fields["bulan"])
        month.choices = [(f"{first:%Y-%m}", date_format(first, "F Y")) for first in _months_before(today)]


def _months_before(today: date) -> list[date]:
    """Return the first days of this month and of those before it, the newest first."""
    first, found = today.replace(day=1), []
    for _number in range(MONTHS_BACK):
        found.append(first)
        first = (first - DAY).replace(day=1)
    return found


def last_of_month(first: date) -> date:
    """Return the last day of the month that begins on `first`."""
    return (first + timedelta(days=31)).replace(day=1) - DAY


@admin.register(AbsenceReport)
class AbsenceReportAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "agency"
    agency_actions = ("day", "month")
    list_display = ["date", "agency", "promised", "came", "messages", "at"]
    list_filter = ["date", "agency"]
    list_select_related = ["agency"]
    search_fields = ["agency__short_name"]
    actions_list = ["day", "month"]

    @action(description=_("Kehadiran sehari"), url_path="hari", permissions=["view"], icon="today")
    def day(self, request: HttpRequest) -> HttpResponse:
        """Every agency of one day, with its people."""
        today = clock.today()
        form = DayForm(request.GET)
        shown = min(form.cleaned_data["hari"], today) if form.is_valid() else today
        found = attendance.rolls(list(agencies_of(acting(request), today)), shown, at=clock.now())
        context = {
            "title": gettext("Kehadiran %(day)s") % {"day": date_format(shown, "l, j F Y")},
            "form": DayForm(initial={"hari": shown}),
            "rolls": found,
            "day": shown,
            "is_today": shown == today,
            "before": shown - DAY,
            "after": shown + DAY if shown < today else None,
            "promised": sum(roll.sheet.owed.officers for roll in found),
            "came": sum(min(roll.sheet.came, roll.sheet.owed.officers) for roll in found),
            "excused": sum(roll.sheet.uncovered for roll in found),
            "unexcused": sum(roll.sheet.unexcused for roll in found),
        }
        return self._page(request, "admin/attendance_day.html", context)

    @action(description=_("Kehadiran sebulan"), url_path="bulan", permissions=["view"], icon="date_range")
    def month(self, request: HttpRequest) -> HttpResponse:
        """One agency's month, day by day, and what it comes to for each person."""
        today = clock.today()
        agencies = agencies_of(acting(request), today)
        chosen = request.GET.get("instansi") or getattr(agencies.first(), "code", "")
        form = MonthForm(
            agencies, today, {"instansi": chosen, "bulan": request.GET.get("bulan") or f"{today:%Y-%m}"}
        )
        context: dict[str, Any] = {"title": gettext("Kehadiran sebulan"), "form": form}
        if form.is_valid():
            agency, first = (
                form.cleaned_data["instansi"],
                date.fromisoformat(f"{form.cleaned_data['bulan']}-01"),
            )
            context |= _month_of(agency, first, min(last_of_month(first), today))
        return self._page(request, "admin/attendance_month.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        links = {
            "day_url": reverse("admin:agreements_absencereport_day"),
            "month_url": reverse("admin:agreements_absencereport_month"),
            "leave_url": reverse("admin:agreements_leave_changelist"),
            "told_url": list_url(self),
        }
        each = self.admin_site.each_context(request)
        return TemplateResponse(request, template, {**each, "opts": self.opts, **links, **context})


def agencies_of(user: User, today: date) -> Any:
    """Return the agencies whose attendance `user` may look at."""
    return Agency.objects.visible_to(user, today)


def _month_of(agency: Agency, first: date, last: date) -> dict[str, Any]:
    at = clock.now()
    found = attendance.sheets([agency], first, last, at=at)
    told = {
        report.date: report
        for report in AbsenceReport.objects.filter(agency=agency, date__range=(first, last))
    }
    sheets = list(found.values())
    # A day that goes on is shown, but not held against anybody yet.
    over = [sheet for sheet in sheets if clock.aware(sheet.owed.closes) <= at]
    return {
        "agency": agency,
        "first": first,
        "last": last_of_month(first),
        "days": _lines([(day, found.get((agency.pk, day)), told.get(day)) for day in days(first, last)]),
        "people": attendance.months_people(sheets),
        "total": _total(over),
    }


@dataclass(frozen=True)
class DayLine:
    """One line of a month: a day with its sheet, or a run of days on which nothing was promised."""

    first: date
    last: date
    sheet: DaySheet | None = None
    report: AbsenceReport | None = None


def _lines(found: Iterable[tuple[date, DaySheet | None, AbsenceReport | None]]) -> list[DayLine]:
    lines: list[DayLine] = []
    for day, sheet, report in found:
        if sheet is None and lines and lines[-1].sheet is None:
            lines[-1] = replace(lines[-1], last=day)
        else:
            lines.append(DayLine(day, day, sheet, report))
    return lines


def _total(sheets: Collection[DaySheet]) -> dict[str, Any]:
    promised = sum((sheet.owed.promised for sheet in sheets), timedelta())
    kept = sum((sheet.kept for sheet in sheets), timedelta())
    return {
        "days": len(sheets),
        "opened": sum(sheet.came > 0 for sheet in sheets),
        "late": sum(sheet.late_opening > 0 for sheet in sheets),
        "missing": sum(sheet.missing for sheet in sheets),
        "unexcused": sum(sheet.unexcused for sheet in sheets),
        "promised": promised,
        "kept": kept,
        "share": round(100 * (kept / promised)) if promised else None,
    }


class LeaveForm(forms.ModelForm):
    """Refuses days on which the officer is not placed at that agency."""

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        agency, user = sent.get("agency"), sent.get("user")
        first, last = sent.get("starts_on"), sent.get("ends_on")
        if not (agency and user and first and last) or last < first:
            return sent
        letters = Placement.objects.during(first, last).filter(agency=agency, user=user)
        if not letters.exists():
            words = _("%(person)s tidak ditempatkan di %(agency)s pada tanggal itu. Periksa penempatannya.")
            raise ValidationError({"user": words % {"person": user, "agency": agency.short_name}})
        return sent


@admin.register(Leave)
class LeaveAdmin(HistoryAdmin):
    """Who is excused, and until when; the manager of an agency writes down the own people's."""

    agency_lookup = "agency"
    agency_fields = ("agency", "user", "kind", "starts_on", "ends_on", "letter_number", "note")
    agency_adds = True
    form = LeaveForm
    list_display = ["user", "agency", "kind", "starts_on", "ends_on", "letter_number", "recorded_at"]
    list_filter = ["kind", "starts_on", "agency"]
    list_select_related = ["user", "agency"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "letter_number"]
    autocomplete_fields = ["agency", "user"]
    readonly_fields = ["recorded_at", "recorded_by"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "Izin menjelaskan ketidakhadiran. Janji kepada warga tetap: kirim penggantinya."
                ),
                "fields": [("agency", "user"), "kind", ("starts_on", "ends_on"), "letter_number", "note"],
            },
        ),
        (_("Catatan"), {"fields": [("recorded_at", "recorded_by")]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:1]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        record_leave(leave=obj, by=acting(request))


@admin.register(AttendanceRules)
class AttendanceRulesAdmin(OneEditor, HistoryAdmin):
    list_display = ["__str__", "late_minutes", "early_minutes", "tells_agency", "tell_after_minutes"]
    fieldsets = [
        (_("Yang dicatat"), {"fields": [("late_minutes", "early_minutes")]}),
        (
            _("Laporan ke instansi"),
            {
                "description": _("Kata-katanya di menu Kata-kata pesan, kejadian “Petugas tidak datang”."),
                "fields": ["tells_agency", "tell_after_minutes"],
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not AttendanceRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)

"""Evaluation in the admin: periods, the sheet of each agency, and its year."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from agreements import yearbook
from agreements.actions import evaluation as acts
from agreements.enums import Indicator, PeriodStanding
from agreements.indicators import MEASURES, in_percent, percent, sentence, shown
from agreements.models import EvaluationFigure, EvaluationPeriod, EvaluationSheet, Finding
from mpp.core import clock, revision
from mpp.core.admin import HistoryAdmin, ReadOnly, action_page, get_or_404
from mpp.core.one_editor import OneEditor
from tenants.admin import acting
from tenants.enums import Role
from tenants.models import Agency

YEARS_BACK = 5
STANDING_COLOURS = {
    PeriodStanding.COUNTING.label: "warning",
    PeriodStanding.WAITING.label: "warning",
    PeriodStanding.COUNTED.label: "info",
    PeriodStanding.CLOSED.label: "success",
}


@admin.register(EvaluationPeriod)
class EvaluationPeriodAdmin(OneEditor, HistoryAdmin):
    list_display = ["name", "kind", "starts_on", "ends_on", "standing", "computed_at"]
    list_filter = ["kind", "starts_on"]
    search_fields = ["name"]
    readonly_fields = ["standing", "computed_at", "sheets", "closed"]
    actions_detail = ["compute", "close"]
    fieldsets = [(None, {"fields": ["kind", "name", ("starts_on", "ends_on")]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvaluationPeriod]:
        """With the day on which it is asked: each of the rows may be running."""
        return super().get_queryset(request).annotate(asked_on=Value(revision.at_entry().day))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, (_("Kedudukan"), {"fields": self.readonly_fields})] if obj else fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A closed period is looked at."""
        is_open = not isinstance(obj, EvaluationPeriod) or obj.closed_at is None
        return bool(is_open and super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was counted stays."""
        is_fresh = obj is None or obj.computed_at is None
        return bool(is_fresh and super().has_delete_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Have a new period counted at once, and one whose days have changed again."""
        super().save_model(request, obj, form, change)
        if not change or {"starts_on", "ends_on"} & set(form.changed_data):
            acts.ask_for(period=obj, by=acting(request))
            messages.info(request, gettext("Angkanya sedang dihitung. Muat ulang halaman ini sebentar lagi."))

    @display(description=_("keadaan"), label=STANDING_COLOURS)
    def standing(self, period: Any) -> str:
        return str(standing_of(period, period.asked_on).label)

    @display(description=_("lembar"))
    def sheets(self, period: EvaluationPeriod) -> str:
        signed = Count("pk", filter=Q(approved_at__isnull=False))
        tally = EvaluationSheet.objects.filter(period=period).aggregate(all=Count("pk"), signed=signed)
        words = gettext("%(all)d instansi, %(signed)d disahkan") % tally
        query = {"period__id__exact": period.pk}
        address = reverse("admin:agreements_evaluationsheet_changelist", query=query)
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, words)

    @display(description=_("ditutup"))
    def closed(self, period: EvaluationPeriod) -> str:
        if period.closed_at is None:
            return "–"
        return f"{period.closed_by}, {date_format(clock.local(period.closed_at), 'j F Y')}"

    @action(description=_("Hitung"), url_path="hitung", permissions=["change"], icon="calculate")
    def compute(self, request: HttpRequest, object_id: str) -> HttpResponse:
        period = get_or_404(self.get_queryset(request), object_id)

        def ask(_sent: dict[str, Any]) -> str:
            acts.ask_for(period=period, by=acting(request))
            return gettext("Angkanya sedang dihitung. Muat ulang halaman ini sebentar lagi.")

        return action_page(
            self,
            request,
            instance=period,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Hitung %(period)s") % {"period": period},
            button=_("Hitung"),
            act=ask,
            notes=[
                gettext("Semua angka dihitung ulang dari data portal, sampai kemarin."),
                gettext("Lembar yang sudah disahkan tidak berubah."),
            ],
        )

    @action(description=_("Tutup masa"), url_path="tutup", permissions=["change"], icon="lock")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        period = get_or_404(self.get_queryset(request), object_id)
        notes = [gettext("Sesudah ditutup, angka dan catatannya tidak berubah lagi.")]
        if unsigned := acts.unsigned_in(period):
            notes.append(gettext("Belum disahkan: %(agencies)s.") % {"agencies": ", ".join(unsigned)})
        return action_page(
            self,
            request,
            instance=period,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Tutup %(period)s") % {"period": period},
            button=_("Tutup masa ini"),
            act=lambda _sent: acts.close_period(period=period, by=acting(request)),
            notes=notes,
        )


def standing_of(period: EvaluationPeriod, today: date) -> PeriodStanding:
    """Return how a period stands."""
    if period.closed_at is not None:
        return PeriodStanding.CLOSED
    if period.asked_at and (period.computed_at is None or period.computed_at < period.asked_at):
        return PeriodStanding.COUNTING
    if today <= period.ends_on:
        return PeriodStanding.RUNNING
    return PeriodStanding.COUNTED if period.computed_at else PeriodStanding.WAITING


class RemarksForm(forms.Form):
    """What people say to the figures."""

    remarks = forms.CharField(
        label=_("Catatan"),
        required=False,
        max_length=acts.LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_("Sebab angka yang menonjol, dan yang disepakati."),
    )


class SignForm(forms.Form):
    """Who has evaluated, as it stands below the sheet."""

    evaluator = forms.CharField(label=_("Nama penilai"), max_length=120, widget=UnfoldAdminTextInputWidget)
    office = forms.CharField(label=_("Jabatan"), max_length=160, widget=UnfoldAdminTextInputWidget)


class WithdrawForm(forms.Form):
    """Why a signature is taken back."""

    reason = forms.CharField(label=_("Alasan"), max_length=200, widget=UnfoldAdminTextInputWidget)


class YearForm(forms.Form):
    """Whose year to show."""

    instansi = forms.ModelChoiceField(
        Agency.objects.none(), label=_("Instansi"), to_field_name="code", widget=UnfoldAdminSelectWidget
    )
    tahun = forms.TypedChoiceField(label=_("Tahun"), coerce=int, widget=UnfoldAdminSelectWidget)

    def __init__(self, agencies: Any, this_year: int, *args: Any) -> None:
        super().__init__(*args)
        cast(forms.ModelChoiceField, self.fields["instansi"]).queryset = agencies
        year = cast(forms.TypedChoiceField, self.fields["tahun"])
        year.choices = [(each, str(each)) for each in range(this_year, this_year - YEARS_BACK, -1)]


@admin.register(EvaluationSheet)
class EvaluationSheetAdmin(ReadOnly, HistoryAdmin):
    agency_lookup = "agency"
    agency_actions = ("year",)
    list_display = ["agency", "period", "officer_hours", "served", "wait", "signed"]
    list_filter = ["period__kind", "period", "agency"]
    list_select_related = ["agency", "period"]
    search_fields = ["agency__short_name", "period__name"]
    actions_list = ["year"]
    actions_detail = ["remark", "sign", "withdraw"]
    change_form_outer_before_template = "admin/evaluation_sheet.html"
    fields = ["agency", "period"]

    def has_evaluate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The figures are the portal's; what people add is the DPMPTSP admin's."""
        return self.has_view_permission(request) and acting(request).role == Role.ADMIN

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvaluationSheet]:
        return super().get_queryset(request).prefetch_related("figures")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Leave out the buttons that make no sense now; their pages still answer in words."""
        is_signed = EvaluationSheet.objects.filter(pk=object_id, approved_at__isnull=False).exists()
        hidden = ("remark", "sign") if is_signed else ("withdraw",)
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(hidden)]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        sheet = get_or_404(self.get_queryset(request).select_related("agency", "period"), object_id)
        kwargs["extra_context"] = {
            **(kwargs.get("extra_context") or {}),
            "lines": [_line(figure) for figure in sheet.figures.all()],
            "findings": _findings(sheet),
            "sheet": sheet,
            "may_evaluate": self.has_evaluate_permission(request),
            "year_url": _year_url(sheet.agency, sheet.period.starts_on.year),
        }
        return super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("jam petugas"))
    def officer_hours(self, sheet: EvaluationSheet) -> str:
        return _headline(sheet, Indicator.OFFICER_HOURS)

    @display(description=_("dilayani"))
    def served(self, sheet: EvaluationSheet) -> str:
        return _headline(sheet, Indicator.SERVED)

    @display(description=_("tunggu, 9 dari 10"))
    def wait(self, sheet: EvaluationSheet) -> str:
        return _headline(sheet, Indicator.WAIT_P90)

    @display(description=_("pengesahan"), label={"signed": "success", "open": "info"})
    def signed(self, sheet: EvaluationSheet) -> tuple[str, str]:
        return ("signed", gettext("disahkan")) if sheet.approved_at else ("open", gettext("belum disahkan"))

    @action(description=_("Catatan"), url_path="catatan", permissions=["evaluate"], icon="edit_note")
    def remark(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self._found(request, object_id)
        sent = request.POST if request.method == "POST" else None
        return action_page(
            self,
            request,
            instance=sheet,
            form=RemarksForm(sent, initial={"remarks": sheet.remarks}),
            title=_("Catatan: %(sheet)s") % {"sheet": sheet},
            button=_("Simpan catatan"),
            act=lambda given: acts.remark(sheet=sheet, by=acting(request), **given),
            permission="evaluate",
        )

    @action(description=_("Sahkan"), url_path="sahkan", permissions=["evaluate"], icon="verified")
    def sign(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self._found(request, object_id)
        sent = request.POST if request.method == "POST" else None
        initial = {"evaluator": sheet.evaluator or str(acting(request)), "office": sheet.office}
        return action_page(
            self,
            request,
            instance=sheet,
            form=SignForm(sent, initial=initial),
            title=_("Sahkan: %(sheet)s") % {"sheet": sheet},
            button=_("Sahkan lembar ini"),
            act=lambda given: acts.sign_sheet(sheet=sheet, by=acting(request), **given),
            notes=[gettext("Sesudah disahkan, angka lembar ini tidak dihitung ulang.")],
            permission="evaluate",
        )

    @action(description=_("Tarik pengesahan"), url_path="tarik", permissions=["evaluate"], icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self._found(request, object_id)
        return action_page(
            self,
            request,
            instance=sheet,
            form=WithdrawForm(request.POST if request.method == "POST" else None),
            title=_("Tarik pengesahan: %(sheet)s") % {"sheet": sheet},
            button=_("Tarik pengesahan"),
            act=lambda given: acts.withdraw_signature(sheet=sheet, by=acting(request), **given),
            permission="evaluate",
        )

    @action(description=_("Setahun per instansi"), url_path="setahun", permissions=["view"], icon="bar_chart")
    def year(self, request: HttpRequest) -> HttpResponse:
        """Twelve months of one agency; pressing the button has the missing months counted."""
        today = clock.today()
        agencies = Agency.objects.visible_to(acting(request), today)
        asked = request.POST if request.method == "POST" else request.GET
        chosen = {
            "instansi": asked.get("instansi") or getattr(agencies.first(), "code", ""),
            "tahun": asked.get("tahun") or today.year,
        }
        form = YearForm(agencies, today.year, chosen)
        context: dict[str, Any] = {"form": form, "may_evaluate": self.has_evaluate_permission(request)}
        if form.is_valid():
            agency, year = form.cleaned_data["instansi"], form.cleaned_data["tahun"]
            if request.method == "POST" and context["may_evaluate"]:
                months = acts.prepare_year(year=year, by=acting(request))
                messages.success(request, gettext("%(months)d bulan sedang dihitung.") % {"months": months})
                return redirect(_year_url(agency, year))
            context |= {"agency": agency, "year": str(year), "rows": yearbook.rows_of(agency, year)}
        each = self.admin_site.each_context(request)
        title = gettext("Setahun per instansi")
        return TemplateResponse(
            request, "admin/evaluation_year.html", {**each, "opts": self.opts, "title": title, **context}
        )

    def _found(self, request: HttpRequest, object_id: str) -> EvaluationSheet:
        sheet: EvaluationSheet = get_or_404(
            self.get_queryset(request).select_related("period", "agency"), object_id
        )
        return sheet


def _year_url(agency: Agency, year: int) -> str:
    query = {"instansi": agency.code, "tahun": year}
    return reverse("admin:agreements_evaluationsheet_year", query=query)


def _headline(sheet: EvaluationSheet, code: Indicator) -> str:
    """Return a figure in the least words, from what was read along with the list."""
    found = next((figure for figure in sheet.figures.all() if figure.code == code), None)
    if found is None or found.value is None:
        return "–"
    share = percent(code, found.value, found.compared)
    number = f"{shown(found.value)} {MEASURES[code].unit}"
    return number if share is None else f"{number} ({in_percent(share)})"


def _line(figure: EvaluationFigure) -> dict[str, Any]:
    """Return a figure as a line of the sheet."""
    share = percent(figure.code, figure.value, figure.compared)
    return {
        "title": figure.get_code_display(),
        "number": shown(figure.value),
        "unit": MEASURES[figure.code].unit,
        "against": sentence(figure.code, figure.value, figure.compared),
        "share": None if share is None else in_percent(share),
        "width": min(int(share or 0), 100),
        "source": MEASURES[figure.code].source,
        "cases": figure.cases,
    }


def _findings(sheet: EvaluationSheet) -> QuerySet[Finding]:
    """Return what was found at the agency in the period."""
    span = (sheet.period.starts_on, sheet.period.ends_on)
    return Finding.objects.filter(agency=sheet.agency, found_on__range=span)

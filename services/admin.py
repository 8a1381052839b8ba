"""The catalogue, its standards, hours, calendar and trouble in the admin."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from mpp.core import clock
from mpp.core.admin import (
    HistoryAdmin,
    PortalAdmin,
    SampleMark,
    TableAdmin,
    action_page,
    get_or_404,
    list_url,
)
from mpp.core.bulk_admin import Shown
from mpp.core.formats import rupiah
from mpp.core.one_editor import OneEditor
from services import guide_admin as guide_admin
from services import submission_admin as submission_admin
from services.actions import Filled, end_disruption, extend_disruption, fill_calendar, start_disruption
from services.enums import LifeEvent, StandardStatus
from services.forms import PreviewForm, TroubleForm, YearForm
from services.models import CalendarDay, Disruption, OpeningHours, Service, ServiceStandard
from services.previews import coming_days
from services.resources import (
    CalendarDayResource,
    OpeningHoursResource,
    ServiceResource,
    ServiceStandardResource,
)
from tenants.admin import acting

Dressed = TypeVar("Dressed", bound=forms.Form)


class StandardFilter(admin.SimpleListFilter):
    """Services with, or without, a complete standard in force today."""

    title = _("standar")
    parameter_name = "standar"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("terbit", _("sudah terbit")), ("belum", _("belum terbit"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        in_force = ServiceStandard.objects.in_force(clock.today()).values("service")
        match self.value():
            case "terbit":
                return queryset.filter(pk__in=in_force)
            case "belum":
                return queryset.exclude(pk__in=in_force)
        return queryset


class ServiceForm(forms.ModelForm):
    """With the life events as boxes to tick."""

    life_events = forms.MultipleChoiceField(
        label=_("Peristiwa hidup"),
        choices=LifeEvent,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


@admin.register(Service)
class ServiceAdmin(Shown, SampleMark, HistoryAdmin, TableAdmin):
    agency_lookup = "agency"
    agency_fields = ("summary", "aliases", "limits", "online_url", "other_ways")
    form = ServiceForm
    resource_classes = [ServiceResource]
    list_display = ["name", "code", "agency", "depth", "minutes", "is_published", "sample"]
    list_filter = ["agency", "is_published", StandardFilter, "kind", "audience", "depth"]
    list_select_related = ["agency"]
    search_fields = ["code", "name", "aliases", "agency__short_name"]
    autocomplete_fields = ["agency"]
    prepopulated_fields = {"slug": ["name"]}
    exclude = ()
    fieldsets = [
        (None, {"fields": ["code", "agency", "slug", "name", "summary", "aliases"]}),
        (_("Apa dan untuk siapa"), {"fields": ["kind", "audience", "depth", "limits", "life_events"]}),
        (_("Cara dan waktu"), {"fields": ["minutes", "online_url", "other_ways"]}),
        (_("Tampilan dan sumber"), {"fields": ["position", "is_published", "is_sample", "source"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("search")

    def view_on_site(self, service: Service) -> str:
        return f"/layanan/{service.slug}/"


@admin.register(ServiceStandard)
class ServiceStandardAdmin(HistoryAdmin, TableAdmin):
    resource_classes = [ServiceStandardResource]
    list_display = ["service", "version", "status", "valid_from", "valid_to", "fee"]
    list_filter = ["status", "fee_kind", "service__agency"]
    list_select_related = ["service"]
    search_fields = ["service__name", "service__code", "decree"]
    autocomplete_fields = ["service"]
    fieldsets = [
        (None, {"fields": ["service", "version", "status", "valid_from", "valid_to", "decree"]}),
        (
            _("Enam komponen yang diumumkan"),
            {
                "fields": [
                    "requirements",
                    "procedure",
                    "time_text",
                    ("time_minutes", "time_days"),
                    ("fee_kind", "fee_amount"),
                    "fee_text",
                    ("fee_basis", "pay_to"),
                    "product",
                    "complaints",
                ]
            },
        ),
        (
            _("Delapan komponen di dalam"),
            {
                "classes": ["collapse"],
                "fields": [
                    "legal_basis",
                    "facilities",
                    "competence",
                    "supervision",
                    "staffing",
                    "guarantee",
                    "safety",
                    "evaluation",
                ],
            },
        ),
    ]

    # A manager writes drafts; publishing, and until when a version holds, is the mall's.
    agency_lookup = "service__agency"
    agency_fields = tuple(
        name for name in flatten_fieldsets(cast(Any, fieldsets)) if name not in {"status", "valid_to"}
    )
    agency_adds = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_fixed = isinstance(obj, ServiceStandard) and obj.status != StandardStatus.DRAFT
        return not (is_fixed and self.is_cut(request)) and super().has_change_permission(request, obj)

    @display(description=_("biaya"), ordering="fee_amount")
    def fee(self, standard: ServiceStandard) -> str:
        if standard.fee_amount is None:
            return standard.get_fee_kind_display()
        return rupiah(standard.fee_amount)


@admin.register(OpeningHours)
class OpeningHoursAdmin(OneEditor, HistoryAdmin, TableAdmin):
    agency_lookup = ("agency", "service__agency")
    resource_classes = [OpeningHoursResource]
    list_display = [
        "whose",
        "weekday",
        "opens_at",
        "closes_at",
        "break_from",
        "break_to",
        "last_number_at",
        "season",
        "valid_from",
        "valid_to",
        "origin",
    ]
    list_display_links = ["whose", "weekday"]
    list_filter = ["weekday", "season", "agency"]
    list_select_related = ["agency", "service"]
    search_fields = ["agency__short_name", "service__name", "season"]
    autocomplete_fields = ["agency", "service"]
    actions_list = ["preview"]
    fieldsets = [
        (_("Untuk siapa"), {"fields": ["agency", "service"]}),
        (_("Hari dan jam"), {"fields": ["weekday", ("opens_at", "closes_at"), ("break_from", "break_to")]}),
        (_("Nomor terakhir"), {"fields": ["last_number_at"]}),
        (_("Masa berlaku"), {"fields": ["season", ("valid_from", "valid_to")]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hours that follow a promise change with an addendum, never by hand: the two would contradict."""
        by_hand = obj is None or not obj.origin
        return by_hand and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        by_hand = obj is None or not obj.origin
        return by_hand and super().has_delete_permission(request, obj)

    @display(description=_("berlaku untuk"))
    def whose(self, hours: OpeningHours) -> str:
        return str(hours.service or hours.agency or _("seluruh mal"))

    @action(
        description=_("Hari ini dan 14 hari ke depan"),
        url_path="pratinjau",
        permissions=["view"],
        icon="calendar_view_week",
    )
    def preview(self, request: HttpRequest) -> HttpResponse:
        """Show what the rules make of hours, seasons and calendar; nothing is changed here."""
        form = dressed(PreviewForm(request.GET))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hari ini dan 14 hari ke depan"),
            "form": form,
            "days": coming_days(*form.scope()),
            "opts": self.opts,
            "back": list_url(self),
        }
        return TemplateResponse(request, "admin/hours_preview.html", context)


@admin.register(CalendarDay)
class CalendarDayAdmin(OneEditor, TableAdmin):
    agency_lookup = ("agency", "service__agency")
    resource_classes = [CalendarDayResource]
    list_display = ["date", "name", "kind", "whose", "is_open", "opens_at", "closes_at", "source"]
    list_filter = ["kind", "is_open", "date", "agency"]
    list_select_related = ["agency", "service"]
    search_fields = ["name", "agency__short_name", "service__name", "source"]
    autocomplete_fields = ["agency", "service"]
    actions_list = ["fill"]
    fieldsets = [
        (None, {"fields": ["date", "kind", "name", "source"]}),
        (_("Untuk siapa"), {"fields": ["agency", "service"]}),
        (
            _("Bila tetap buka"),
            {
                "fields": [
                    "is_open",
                    ("opens_at", "closes_at"),
                    ("break_from", "break_to"),
                    "last_number_at",
                ]
            },
        ),
    ]

    @display(description=_("berlaku untuk"))
    def whose(self, day: CalendarDay) -> str:
        return str(day.service or day.agency or _("seluruh mal"))

    @action(
        description=_("Isi libur nasional dan cuti bersama"),
        url_path="isi",
        permissions=["add"],
        icon="event_available",
    )
    def fill(self, request: HttpRequest) -> HttpResponse:
        return action_page(
            self,
            request,
            instance=None,
            form=dressed(YearForm(request.POST if request.method == "POST" else None)),
            title=_("Isi libur nasional dan cuti bersama"),
            button=_("Isi kalender"),
            act=lambda sent: filled_words(fill_calendar(year=int(sent["year"]), by=acting(request))),
            notes=[
                gettext("Hanya hari yang belum pernah diisikan yang ditambahkan."),
                gettext("Yang sudah Anda ubah, pindah, atau hapus tetap seperti itu."),
                gettext("Tanggal “(perkiraan)” dapat bergeser: cocokkan dengan SKB 3 Menteri."),
            ],
        )


@admin.register(Disruption)
class DisruptionAdmin(OneEditor, PortalAdmin):
    """Trouble is declared, changed and ended by its actions; what is over stays as it was."""

    agency_lookup = "agency"
    list_display = ["whose", "message", "started_at", "expected_until", "ended_at", "stops_numbers"]
    list_display_links = ["whose", "message"]
    list_filter = ["agency", "started_at"]
    list_select_related = ["agency"]
    search_fields = ["message", "agency__short_name"]
    readonly_fields = ["whose", "started_at", "started_by", "ended_at", "ended_by"]
    actions_detail = ["end"]
    fieldsets = [
        (None, {"fields": ["whose", "message", "expected_until", "stops_numbers"]}),
        (_("Kapan dan oleh siapa"), {"fields": ["started_at", "started_by", "ended_at", "ended_by"]}),
    ]

    @display(description=_("di mana"))
    def whose(self, disruption: Disruption) -> str:
        return str(disruption.agency or _("seluruh mal"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Unfold asks with the key from the address, Django with the row.
        row = self.get_object(request, obj) if isinstance(obj, str) else obj
        is_over = row is not None and row.ended_at is not None
        return not is_over and super().has_change_permission(request, row)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened stays: measured times are judged by it."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return action_page(
            self,
            request,
            instance=None,
            form=dressed(TroubleForm(request.POST if request.method == "POST" else None)),
            title=_("Nyatakan gangguan"),
            button=_("Nyatakan gangguan"),
            act=lambda sent: start_disruption(by=acting(request), **sent),
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        sent = {name: form.cleaned_data[name] for name in ("message", "expected_until", "stops_numbers")}
        extend_disruption(disruption=obj, by=acting(request), **sent)

    @action(description=_("Akhiri gangguan"), url_path="akhiri", permissions=["change"], icon="task_alt")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        disruption = get_or_404(Disruption.objects.select_related("agency"), object_id)
        return action_page(
            self,
            request,
            instance=disruption,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Akhiri gangguan: %(message)s") % {"message": disruption.message},
            button=_("Akhiri sekarang"),
            act=lambda _sent: end_disruption(disruption=disruption, by=acting(request)),
        )


def filled_words(filled: Filled) -> str:
    """Return what filling a year did, in one sentence or two."""
    figures = {"added": filled.added, "known": filled.known, "estimated": filled.estimated}
    words = gettext("%(added)d hari ditambahkan, %(known)d sudah ada.") % figures
    if filled.estimated:
        words += " " + gettext("Periksa %(estimated)d tanggal perkiraan.") % figures
    return words


def dressed(form: Dressed) -> Dressed:
    """Return `form` with the look of the admin's own fields."""
    for field in form.fields.values():
        match field:
            case forms.ChoiceField():
                field.widget = UnfoldAdminSelectWidget(choices=field.choices)
            case forms.BooleanField():
                field.widget = UnfoldBooleanSwitchWidget()
            case forms.TimeField():
                field.widget = UnfoldAdminTextInputWidget(attrs={"type": "time"})
            case _:
                field.widget = UnfoldAdminTextInputWidget()
    return form

"""Agencies, places and people in the admin."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from mpp.core import clock
from mpp.core.admin import (
    HistoryAdmin,
    Inline,
    PortalAdmin,
    ReadOnly,
    SampleMark,
    TableAdmin,
    WholeRowForm,
    action_page,
    get_or_404,
)
from mpp.core.bulk_admin import InUse
from mpp.core.templatetags.mpp import clock_zone, short_date
from tenants import actions, devices
from tenants.actions.agencies import NEXT, set_status
from tenants.actions.people import save_person
from tenants.enums import SERVING, AgencyStatus, DeviceLife, PrinterLink, PrinterState
from tenants.models import (
    Agency,
    AgencyName,
    Counter,
    CounterDuty,
    Device,
    SignInAttempt,
    User,
    Zone,
)
from tenants.placement_admin import PlacementInline, TrainingInline
from tenants.resources import (
    AgencyNameResource,
    AgencyResource,
    CounterDutyResource,
    CounterResource,
    UserResource,
    ZoneResource,
)

# Roles are code (tenants.permissions): there are no groups to fill.
admin.site.unregister(Group)

LIFE_COLOURS = {
    DeviceLife.NEW.label: "info",
    DeviceLife.ALIVE.label: "success",
    DeviceLife.SILENT.label: "danger",
    DeviceLife.REVOKED.label: "warning",
}
STATUS_COLOURS = {
    AgencyStatus.TRIAL.label: "info",
    AgencyStatus.OPERATING.label: "success",
    AgencyStatus.PAUSED.label: "warning",
    AgencyStatus.ENDED.label: "danger",
}


@admin.register(Zone)
class ZoneAdmin(TableAdmin):
    resource_classes = [ZoneResource]
    list_display = ["name", "code", "floor", "directions", "position"]
    search_fields = ["name", "code", "floor"]


def acting(request: HttpRequest) -> User:
    """Return who is signed in; the admin's own door has let nobody else in."""
    return cast(User, request.user)


class NameInline(Inline):
    agency_lookup = "agency"
    model = AgencyName
    fields = ["name", "short_name", "valid_from", "valid_to", "decree"]


# These come to serve through their trial, which has a page of its own. A candidate may still be entered
# as it stands: a mall that already runs.
ON_THE_WAY = frozenset({AgencyStatus.COMMITTED, AgencyStatus.PREPARING})


class StatusForm(forms.Form):
    """Which status comes next, and why."""

    status = forms.ChoiceField(label=_("Keadaan berikutnya"), widget=UnfoldAdminRadioSelectWidget)
    reason = forms.CharField(
        label=_("Alasan atau dasar"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, agency: Agency, *args: Any) -> None:
        super().__init__(*args)
        later = SERVING if agency.status in ON_THE_WAY else ()
        status = cast(forms.ChoiceField, self.fields["status"])
        status.choices = [(each.value, each.label) for each in NEXT[agency.status] if each not in later]


class AgencyForm(WholeRowForm):
    """Judged with the status and the agreement, which only actions write (R000-15)."""

    judged = ("status", "agreement_from", "agreement_to", "numbers_until")


@admin.register(Agency)
class AgencyAdmin(SampleMark, HistoryAdmin, TableAdmin):
    agency_lookup = "pk"
    agency_fields = ("summary", "phone", "website")
    form = AgencyForm
    resource_classes = [AgencyResource]
    list_display = ["short_name", "code", "kind", "status_label", "zone", "agreement_to", "sample"]
    list_filter = ["status", "kind", "owner_level", "is_bank", "zone"]
    list_select_related = ["zone"]
    search_fields = ["code", "name", "short_name", "names__name"]
    autocomplete_fields = ["zone"]
    prepopulated_fields = {"slug": ["short_name"]}
    readonly_fields = ["status_label", "agreement_from", "agreement_to", "numbers_last"]
    inlines = [NameInline]
    actions_detail = ["change_status"]
    fieldsets = [
        (None, {"fields": ["code", "slug", "name", "short_name", "summary"]}),
        (_("Kedudukan"), {"fields": ["status_label", "agreement_from", "agreement_to", "numbers_last"]}),
        (_("Jenis dan tempat"), {"fields": ["kind", "owner_level", "is_bank", "zone", "position"]}),
        (_("Kontak dan sumber"), {"fields": ["phone", "website", "is_sample", "source"]}),
    ]

    @display(description=_("keadaan"), ordering="status", label=STATUS_COLOURS)
    def status_label(self, agency: Agency) -> str:
        return agency.get_status_display()

    @display(description=_("nomor keluar sampai"))
    def numbers_last(self, agency: Agency) -> str:
        """Return the last day with numbers in words; the mall's rule may let them go on."""
        if agency.numbers_until == date.max:
            return gettext("tidak berhenti, menurut aturan kerja sama")
        return date_format(agency.numbers_until, "j F Y") if agency.numbers_until else "–"

    @action(description=_("Ubah keadaan"), url_path="keadaan", permissions=["change"], icon="sync_alt")
    def change_status(self, request: HttpRequest, object_id: str) -> HttpResponse:
        agency = get_or_404(Agency.objects.all(), object_id)
        return action_page(
            self,
            request,
            instance=agency,
            form=StatusForm(agency, request.POST if request.method == "POST" else None),
            title=_("Keadaan %(agency)s: %(status)s")
            % {"agency": agency.short_name, "status": agency.get_status_display()},
            button=_("Catat keadaan"),
            act=lambda sent: set_status(agency=agency, by=acting(request), **sent),
        )


@admin.register(AgencyName)
class AgencyNameAdmin(TableAdmin):
    agency_lookup = "agency"
    resource_classes = [AgencyNameResource]
    list_display = ["name", "agency", "valid_from", "valid_to", "decree"]
    list_filter = ["agency"]
    list_select_related = ["agency"]
    search_fields = ["name", "short_name", "agency__name"]
    autocomplete_fields = ["agency"]


class DutyInline(Inline):
    agency_lookup = "agency"
    model = CounterDuty
    fields = ["agency", "weekday", "valid_from", "valid_to"]
    autocomplete_fields = ["agency"]


@admin.register(Counter)
class CounterAdmin(InUse, HistoryAdmin, TableAdmin):
    agency_lookup = "duties__agency"
    resource_classes = [CounterResource]
    list_display = ["number", "code", "zone", "is_active", "position"]
    list_filter = ["zone", "is_active"]
    list_select_related = ["zone"]
    search_fields = ["number", "code", "zone__name"]
    autocomplete_fields = ["zone"]
    inlines = [DutyInline]


@admin.register(CounterDuty)
class CounterDutyAdmin(TableAdmin):
    agency_lookup = "agency"
    resource_classes = [CounterDutyResource]
    list_display = ["counter", "agency", "weekday", "valid_from", "valid_to", "origin"]
    list_filter = ["weekday", "agency"]
    list_select_related = ["counter", "agency"]
    search_fields = ["counter__number", "counter__code", "agency__name", "agency__short_name"]
    autocomplete_fields = ["counter", "agency"]


@admin.register(User)
class UserAdmin(BaseUserAdmin, TableAdmin):
    resource_classes = [UserResource]
    agency_lookup = "placements__agency"
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    inlines = [PlacementInline, TrainingInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Orangnya"), {"fields": ["first_name", "last_name", "email", "phone"]}),
        (_("Tugasnya"), {"fields": ["role", "is_active"]}),
        (_("Waktu"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "role", "password1", "password2"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the password out for who only looks."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": [field for field in options["fields"] if field != "password"]})
            for name, options in fieldsets
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Trainings are written down once the person is there."""
        return self.inlines if obj else [PlacementInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's row is changed by a superuser only."""
        own = obj is None or not obj.is_superuser or request.user.is_superuser
        return own and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People stay: what they did refers to them. They are set inactive."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_person(person=obj, by=acting(request))


@admin.register(SignInAttempt)
class SignInAttemptAdmin(ReadOnly, PortalAdmin):
    list_display = ["at", "username", "address", "succeeded"]
    list_filter = ["succeeded", "at"]
    search_fields = ["username", "address"]
    ordering = ["-pk"]


class RevokeForm(forms.Form):
    """Why a device loses its right."""

    reason = forms.CharField(
        label=_("Alasan"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


@admin.register(Device)
class DeviceAdmin(HistoryAdmin):
    list_display = ["name", "kind", "zone", "life", "since", "printer", "version"]
    list_filter = ["kind", "zone"]
    search_fields = ["name", "place"]
    autocomplete_fields = ["zone"]
    readonly_fields = ["life", "since", "printer", "version"]
    actions_detail = ["make_code", "revoke"]
    fieldsets = [
        (None, {"fields": ["name", "kind", ("zone", "place"), "panel_cm"]}),
        (_("Keadaan"), {"fields": [("life", "since"), ("printer", "version")]}),
        (
            _("Karcis"),
            {
                "description": _(
                    "Biasanya anjungan mencetak lewat perambannya. Isi lebar kertas dan karcis satu "
                    "gulungan. Yang lain hanya untuk printer di jaringan gedung, "
                    "yang dikirimi portal sendiri."
                ),
                "fields": [
                    ("printer_link", "paper_mm"),
                    ("printer_address", "printer_port"),
                    ("usb_vendor", "usb_product"),
                    "printer_answers",
                    "roll_slips",
                ],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_state().annotate(asked_at=Value(clock.now()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A token is for one purpose: a display never becomes a kiosk."""
        return [*self.readonly_fields, "kind"] if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was paired stays in the records: it is revoked."""
        return bool(obj and obj.paired_at is None and super().has_delete_permission(request, obj))

    @display(description=_("keadaan"), label=LIFE_COLOURS)
    def life(self, device: Device) -> str:
        return str(_standing(device).life.label)

    @display(description=_("sejak"))
    def since(self, device: Device) -> str:
        return _when(_standing(device).since, device)

    @display(description=_("printer"))
    def printer(self, device: Device) -> str:
        state = getattr(device, "state", None)
        if device.printer_link == PrinterLink.BROWSER:
            return _slips_left(device, state.roll_printed if state else 0)
        word = PrinterState(state.printer if state else PrinterState.UNKNOWN).label
        return f"{word}, {_when(state.printer_since, device)}" if state and state.printer_since else str(word)

    @display(description=_("versi"))
    def version(self, device: Device) -> str:
        state = getattr(device, "state", None)
        return state.version if state and state.version else "–"

    @action(description=_("Buat kode"), url_path="kode", permissions=["change"], icon="pin")
    def make_code(self, request: HttpRequest, object_id: str) -> HttpResponse:
        device = get_or_404(Device.objects.all(), object_id)
        notes = [str(_("Buka alamat /perangkat/ di layar itu, lalu ketik kodenya di sana."))]
        if device.paired_at and not device.revoked_at:
            notes.append(str(_("Sudah dipasangkan. Layar yang lama dilepas saat kode ini dipakai.")))
        return action_page(
            self,
            request,
            instance=device,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Kode untuk %(device)s") % {"device": device.name},
            button=_("Buat kode"),
            act=lambda sent: _told(actions.make_code(device=device, by=acting(request))),
            notes=notes,
        )

    @action(description=_("Cabut"), url_path="cabut", permissions=["change"], icon="link_off")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        device = get_or_404(Device.objects.all(), object_id)
        return action_page(
            self,
            request,
            instance=device,
            form=RevokeForm(request.POST if request.method == "POST" else None),
            title=_("Cabut %(device)s") % {"device": device.name},
            button=_("Cabut perangkat ini"),
            act=lambda sent: actions.revoke(device=device, by=acting(request), **sent),
            notes=[str(_("Anjungan langsung berhenti memberi nomor. Layarnya tahu dalam satu menit."))],
        )


def _standing(device: Any) -> devices.Standing:
    """Return how a row of the list stands; the clock was asked once for all of them."""
    return devices.standing_of(device, device.asked_at)


def _slips_left(device: Device, printed: int) -> str:
    """Return about how many slips the roll still gives, where they are counted."""
    if device.roll_slips is None:
        return "–"
    return str(_("kira-kira %(count)d karcis lagi") % {"count": max(0, device.roll_slips - printed)})


def _told(code: str) -> str:
    spoken = {"code": f"{code[:4]}-{code[4:]}"}
    words = _("Kode: %(code)s. Berlaku sepuluh menit, untuk satu layar. Tidak ditampilkan lagi.")
    return str(words % spoken)


def _when(moment: datetime | None, device: Any) -> str:
    """Return the time of a moment of today, with its date when it was another day."""
    if moment is None:
        return "–"
    is_today = clock.local(moment).date() == clock.local(device.asked_at).date()
    return clock_zone(moment) if is_today else f"{short_date(moment)}, {clock_zone(moment)}"

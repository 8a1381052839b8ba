"""Promises in the admin: the version, its days, counters and services on one page."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import INPUT_CLASSES

from agreements.actions.drafts import put_in_force
from agreements.admin.acts import with_today
from agreements.conflicts import Day, misplaced, outside_hours, strange_services, taken_counters
from agreements.enums import InstrumentState
from agreements.models import Promise, PromisedCounter, PromisedDay, PromisedService
from agreements.resources import PromiseResource
from mpp.core import clock
from mpp.core.admin import HistoryAdmin, Inline, TableAdmin, action_page, get_or_404
from services.models import OpeningHours
from tenants.admin import acting


class PromiseForm(forms.ModelForm):
    """Refuses an instrument of another agency, and a version that starts outside its term."""

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        agency, instrument, since = sent.get("agency"), sent.get("instrument"), sent.get("valid_from")
        if not (agency and instrument):
            return sent
        if wrong := misplaced(instrument, agency.pk, since):
            raise ValidationError(wrong)
        return sent


class DayFormSet(BaseInlineFormSet):
    """Refuses hours outside the mall's, and a promise without any day."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = kept(self)
        if not rows:
            raise ValidationError(_("Isi sedikitnya satu hari."))
        since = self.instance.valid_from
        days = [Day(row["weekday"], row["opens_at"], row["closes_at"]) for row in rows]
        if since and (trouble := outside_hours(days, since)):
            raise ValidationError(trouble)


class CounterFormSet(BaseInlineFormSet):
    """Refuses a counter that another agency uses or was promised on one of the same days."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self.instance.valid_from or self.instance.agency_id is None:
            return
        counters = [row["counter"] for row in kept(self)]
        trouble = taken_counters(
            self.instance.agency, counters, sent_weekdays(self.data), self.instance.valid_from
        )
        if trouble:
            raise ValidationError(trouble)


class ServiceFormSet(BaseInlineFormSet):
    """Refuses a service of another agency."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        if self.instance.agency_id is None:
            return
        services = [row["service"] for row in kept(self)]
        if strange := strange_services(self.instance.agency_id, services):
            raise ValidationError(strange)


def kept(formset: BaseInlineFormSet) -> list[dict[str, Any]]:
    """Return what was filled in and is not to be deleted."""
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data]
    return [row for row in rows if not row.get("DELETE")]


def sent_weekdays(data: Any) -> list[int]:
    """Return the weekdays that the same page promises: a formset sees only its own rows."""
    found = []
    for name, value in data.items():
        is_weekday = name.startswith("days-") and name.endswith("-weekday") and value.isdecimal()
        if is_weekday and not data.get(name.replace("-weekday", "-DELETE")):
            found.append(int(value))
    return found


class DayForm(forms.ModelForm):
    """Times as short fields: six columns stand side by side."""

    class Meta:
        widgets: ClassVar = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": " ".join(INPUT_CLASSES)})
            for name in ("opens_at", "closes_at", "break_from", "break_to")
        }


class DayInline(Inline):
    agency_lookup = "promise__agency"
    model = PromisedDay
    form = DayForm
    formset = DayFormSet
    fields = ["weekday", "opens_at", "closes_at", "break_from", "break_to", "officers"]

    def proposed(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Propose the mall's ordinary week of today: most agencies promise the same."""
        today = clock.today()
        rows = OpeningHours.objects.during(today, today).filter(agency=None, service=None, season="")
        names = ("weekday", "opens_at", "closes_at", "break_from", "break_to")
        return [{**row, "officers": 1} for row in rows.order_by("weekday").values(*names)]


class CounterInline(Inline):
    agency_lookup = "promise__agency"
    model = PromisedCounter
    formset = CounterFormSet
    fields = ["counter"]
    autocomplete_fields = ["counter"]


class ServiceInline(Inline):
    agency_lookup = "promise__agency"
    model = PromisedService
    formset = ServiceFormSet
    fields = ["service", "daily_numbers"]
    autocomplete_fields = ["service"]


@admin.register(Promise)
class PromiseAdmin(HistoryAdmin, TableAdmin):
    """A promise in force is not touched any more: an addendum brings the next version."""

    agency_lookup = "agency"
    form = PromiseForm
    resource_classes = [PromiseResource]
    actions_detail = ["put_in_force"]
    list_display = ["agency", "version", "standing", "valid_from", "valid_to", "instrument"]
    list_filter = ["agency", "valid_from"]
    list_select_related = ["agency", "instrument"]
    search_fields = ["agency__short_name", "agency__name", "instrument__title", "instrument__code"]
    autocomplete_fields = ["agency", "instrument"]
    readonly_fields = ["standing", "valid_to"]
    inlines = [DayInline, CounterInline, ServiceInline]
    fieldsets = [
        (None, {"fields": ["agency", "instrument", "version", "valid_from", "note"]}),
        (
            _("Kedudukan"),
            {
                "fields": ["standing", "valid_to"],
                "description": _(
                    "Janji berlaku begitu naskahnya berlaku. Sejak itu jam buka, loket, kuota, dan petugas"
                    " yang diharapkan mengikutinya. Perubahan sesudah itu ditulis sebagai versi baru"
                    " dengan addendum. Janji yang ditulis sesudah naskahnya berlaku menunggu tombol"
                    " “Berlakukan”."
                ),
            },
        ),
    ]

    @display(
        description=_("keadaan"),
        label={_("berlaku"): "success", _("rancangan"): "info", _("mulai kemudian"): "info"},
    )
    def standing(self, promise: Any) -> str:
        if promise.pk is None or promise.enacted_at is None:
            return str(_("rancangan"))
        if promise.valid_from > promise.today:
            return str(_("mulai kemudian"))
        is_over = promise.valid_to is not None and promise.valid_to < promise.today
        return str(_("sudah lewat")) if is_over else str(_("berlaku"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promise]:
        """With the day on which it is asked: it says how each version stands."""
        return with_today(super().get_queryset(request))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to put in force only what waits for nothing else."""
        waits = Promise.objects.waiting().filter(pk=object_id).exists()
        return super().get_actions_detail(request, object_id) if waits else []

    @action(description=_("Berlakukan"), url_path="berlakukan", permissions=["enact"], icon="event_available")
    def put_in_force(self, request: HttpRequest, object_id: str) -> HttpResponse:
        promise = get_or_404(self.get_queryset(request).select_related("agency", "instrument"), object_id)
        return action_page(
            self,
            request,
            instance=promise,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Berlakukan janji %(promise)s") % {"promise": promise},
            button=_("Berlakukan janji ini"),
            act=lambda _sent: put_in_force(promise=promise, by=acting(request)),
            notes=[
                str(_("Jam buka, loket, kuota, dan petugas yang diharapkan mengikuti janji ini.")),
                str(_("Sesudah berlaku, perubahan ditulis sebagai versi baru dengan addendum.")),
            ],
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the next version of the agency that the address names."""
        initial: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        agency = str(initial.get("agency", ""))
        if agency.isdecimal():
            last = Promise.objects.filter(agency=int(agency)).order_by("-version").first()
            initial.setdefault("version", last.version + 1 if last else 1)
        return initial

    def has_enact_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Tell whether who is signed in writes promises; asked with a key, not with a row."""
        return super().has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = obj is None or obj.enacted_at is None
        return is_draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = obj is None or (obj.enacted_at is None and obj.instrument.state == InstrumentState.DRAFT)
        return is_draft and super().has_delete_permission(request, obj)

"""The mall's rules for agreements in the admin, and the occasions at which agencies sign."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSingleDateWidget

from agreements.actions import missing_for, push_down, sign_together
from agreements.enums import InstrumentState
from agreements.models import AgreementRules, Instrument, KindRule, SigningEvent
from agreements.resources import SigningEventResource
from mpp.core.admin import HistoryAdmin, Inline, SampleMark, TableAdmin, action_page, change_url, get_or_404
from tenants.admin import acting
from tenants.models import Agency


class AgreementRulesForm(forms.ModelForm):
    """Refuses a line that is no address."""

    def clean_escalate_to(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["escalate_to"].splitlines() if line.strip()]
        for line in lines:
            try:
                validate_email(line)
            except ValidationError as error:
                words = _("“%(line)s” bukan alamat surel. Tulis satu alamat di setiap baris.")
                raise ValidationError(words % {"line": line}) from error
        return "\n".join(lines)


@admin.register(AgreementRules)
class AgreementRulesAdmin(HistoryAdmin):
    form = AgreementRulesForm
    list_display = ["__str__", "grace_days", "escalate_days"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not AgreementRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Another grace holds at once for every agency."""
        obj.pk = 1
        super().save_model(request, obj, form, change)
        for agency in Agency.objects.all():
            push_down(agency, by=acting(request))


@admin.register(KindRule)
class KindRuleAdmin(HistoryAdmin):
    list_display = ["agency_kind", "kind", "role", "is_needed", "source"]
    list_filter = ["agency_kind", "role", "is_needed"]
    search_fields = ["source"]


class SigningForm(forms.Form):
    """Which instruments were signed at the event, and for which term."""

    instruments = forms.ModelMultipleChoiceField(
        label=_("Naskah yang ditandatangani"),
        queryset=Instrument.objects.none(),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": _("Pilih sedikitnya satu naskah.")},
    )
    effective_from = forms.DateField(label=_("Berlaku sejak"), widget=UnfoldAdminSingleDateWidget)
    effective_to = forms.DateField(label=_("Berlaku sampai"), widget=UnfoldAdminSingleDateWidget)

    def __init__(self, event: SigningEvent, *args: Any) -> None:
        super().__init__(*args)
        field: Any = self.fields["instruments"]
        field.queryset = ready().select_related("agency")
        field.label_from_instance = lambda each: f"{each.agency.short_name}: {each.title}"
        self.fields["effective_from"].initial = event.held_on

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        start, end = sent.get("effective_from"), sent.get("effective_to")
        if start and end and end < start:
            raise ValidationError({"effective_to": _("“Berlaku sampai” lebih awal dari “berlaku sejak”.")})
        return sent


class SignedInline(Inline):
    model = Instrument
    fk_name = "event"
    fields = ["agency", "title", "state"]
    readonly_fields = ["agency", "title", "state"]
    verbose_name_plural = _("naskah yang ditandatangani di acara ini")
    can_delete = False
    max_num = 0


@admin.register(SigningEvent)
class SigningEventAdmin(SampleMark, HistoryAdmin, TableAdmin):
    resource_classes = [SigningEventResource]
    list_display = ["name", "held_on", "place", "signed", "sample"]
    search_fields = ["code", "name", "place"]
    inlines = [SignedInline]
    actions_detail = ["sign"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(signed=Count("instruments"))

    @display(description=_("naskah"), ordering="signed")
    def signed(self, event: Any) -> int:
        return int(event.signed)

    @action(description=_("Catat tanda tangan"), url_path="tanda-tangan", permissions=["change"], icon="draw")
    def sign(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event = get_or_404(SigningEvent.objects.all(), object_id)
        if not ready().exists():
            messages.info(request, _("Belum ada naskah yang siap ditandatangani."))
            return redirect(change_url(event))
        return action_page(
            self,
            request,
            instance=event,
            form=SigningForm(event, request.POST if request.method == "POST" else None),
            title=_("%(event)s: catat tanda tangan") % {"event": event.name},
            button=_("Catat tanda tangan"),
            act=lambda sent: _sign(event, sent, request),
            gaps=[*_gaps()],
        )


def ready() -> Any:
    """Return the instruments that wait for a signature."""
    return Instrument.objects.filter(state=InstrumentState.READY)


def _gaps() -> list[str]:
    """Return what each waiting instrument lacks beyond what the event itself brings."""
    brought = {str(word) for word in (_("tanggal tanda tangan"), _("masa berlaku"))}
    found = []
    for instrument in ready().select_related("agency", "parent").prefetch_related("parties"):
        lacks = [gap for gap in missing_for(instrument, InstrumentState.SIGNED) if gap not in brought]
        if lacks:
            found.append(f"{instrument.agency.short_name}, {instrument.title}: {', '.join(lacks)}")
    return found


def _sign(event: SigningEvent, sent: dict[str, Any], request: HttpRequest) -> str:
    signed = sign_together(
        event=event,
        instruments=list(sent["instruments"]),
        effective_from=sent["effective_from"],
        effective_to=sent["effective_to"],
        by=acting(request),
    )
    words = ngettext("%(count)d naskah dicatat.", "%(count)d naskah dicatat.", len(signed))
    return words % {"count": len(signed)}

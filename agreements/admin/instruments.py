"""Instruments and their parties in the admin."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agreements import workflow
from agreements.actions import SIGNING_FIELDS, keep_file, missing_for, push_down, set_state
from agreements.enums import InstrumentState
from agreements.models import (
    Instrument,
    InstrumentFile,
    InstrumentParty,
    InstrumentReminder,
    InstrumentStep,
    SigningEvent,
)
from agreements.policy import fits_under
from agreements.resources import InstrumentPartyResource, InstrumentResource
from mpp.core.admin import (
    HistoryAdmin,
    Inline,
    PortalAdmin,
    ReadOnly,
    SampleMark,
    TableAdmin,
    WholeRowForm,
    action_page,
    change_url,
    get_or_404,
)
from mpp.core.document_admin import WithDocument
from mpp.core.documents import DocumentFormField, DocumentWidget
from mpp.core.mall import remembered
from mpp.core.text import validate_plain
from tenants.admin import acting
from tenants.enums import AgencyKind
from tenants.models import Agency

STATE_COLOURS = {
    InstrumentState.READY.label: "info",
    InstrumentState.SIGNED.label: "info",
    InstrumentState.IN_FORCE.label: "success",
    InstrumentState.EXPIRED.label: "warning",
    InstrumentState.TERMINATED.label: "danger",
}


class InstrumentForm(WholeRowForm):
    """Refuses a parent of another agency or of a kind that cannot stand above."""

    judged = ("state", "signed_on", "ended_on", "end_reason")

    class Meta:
        widgets: ClassVar = {
            name: UnfoldAdminTextareaWidget(attrs={"rows": 4}) for name in ("scope", "rights", "duties")
        }

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        parent, kind = sent.get("parent"), sent.get("kind")
        if parent is not None and parent.agency_id != getattr(sent.get("agency"), "pk", None):
            raise ValidationError({"parent": _("Naskah induk itu milik instansi lain.")})
        is_own_office = getattr(sent.get("agency"), "kind", None) == AgencyKind.OPD
        if kind and not fits_under(kind, parent.kind if parent else None, is_own_office=is_own_office):
            raise ValidationError({"parent": _("Jenis naskah ini memerlukan naskah induk yang cocok.")})
        renews = sent.get("renews")
        if renews is not None and renews.agency_id != getattr(sent.get("agency"), "pk", None):
            raise ValidationError({"renews": _("Naskah yang diperpanjang itu milik instansi lain.")})
        return sent


class StateForm(forms.Form):
    """Which state comes next; the signature's dates for the step that signs."""

    state = forms.ChoiceField(label=_("Keadaan berikutnya"), widget=UnfoldAdminRadioSelectWidget)
    reason = forms.CharField(
        label=_("Alasan atau dasar"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    signed_on = forms.DateField(
        label=_("Tanggal tanda tangan"), required=False, widget=UnfoldAdminSingleDateWidget
    )
    place = forms.CharField(
        label=_("Tempat"), max_length=160, required=False, widget=UnfoldAdminTextInputWidget
    )
    effective_from = forms.DateField(
        label=_("Berlaku sejak"), required=False, widget=UnfoldAdminSingleDateWidget
    )
    effective_to = forms.DateField(
        label=_("Berlaku sampai"), required=False, widget=UnfoldAdminSingleDateWidget
    )
    event = forms.ModelChoiceField(
        label=_("Acara penandatanganan"),
        queryset=SigningEvent.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, instrument: Instrument, *args: Any) -> None:
        super().__init__(*args)
        labels = dict(InstrumentState.choices)
        targets = workflow.targets(instrument.state)
        state = cast(forms.ChoiceField, self.fields["state"])
        state.choices = [(target, labels[target]) for target in targets]
        if InstrumentState.SIGNED not in targets:
            for name in SIGNING_FIELDS:
                del self.fields[name]


class PartyInline(Inline):
    agency_lookup = "instrument__agency"
    model = InstrumentParty
    fields = ["position", "party", "number", "signatory", "office", "acting"]

    def proposed(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Propose the two parties of a paper whose agency the address names: the mall's region first."""
        key = request.GET.get("agency", "")
        agency = Agency.objects.filter(pk=key).first() if key.isdecimal() else None
        mall = remembered()
        names = [_("Pemerintah %(region)s") % {"region": mall.region}, agency.name] if mall and agency else []
        return [{"position": position, "party": name} for position, name in enumerate(names, start=1)]


class StepInline(ReadOnly, Inline):
    agency_lookup = "instrument__agency"
    model = InstrumentStep
    fields = ["at", "before", "after", "by", "reason"]
    readonly_fields = fields
    verbose_name_plural = _("riwayat keadaan")


class ReminderInline(ReadOnly, Inline):
    agency_lookup = "instrument__agency"
    model = InstrumentReminder
    fields = ["days", "effective_to", "at", "recipients"]
    readonly_fields = fields
    ordering = ["at"]
    verbose_name_plural = _("pengingat sebelum berakhir")


class FileInline(ReadOnly, Inline):
    agency_lookup = "instrument__agency"
    model = InstrumentFile
    fields = ["version", "note", "paper", "file_sha256", "kept_at", "kept_by"]
    readonly_fields = fields
    verbose_name_plural = _("berkas (tambah lewat “Simpan berkas”)")

    @display(description=_("berkas"))
    def paper(self, kept: InstrumentFile) -> str:
        return format_html('<a href="{}">{}</a>', kept.file.url, kept.file_name)


class FileForm(forms.Form):
    """A PDF and what it is."""

    file = DocumentFormField(
        label=_("Berkas"), widget=DocumentWidget(attrs={"accept": ".pdf,application/pdf"})
    )
    note = forms.CharField(
        label=_("Isi berkas"),
        max_length=120,
        initial=_("naskah bertanda tangan"),
        validators=[validate_plain],
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(Instrument)
class InstrumentAdmin(SampleMark, HistoryAdmin, TableAdmin):
    agency_lookup = "agency"
    form = InstrumentForm
    resource_classes = [InstrumentResource]
    list_display = ["title", "agency", "kind", "state_label", "effective_from", "effective_to", "sample"]
    list_filter = ["state", "kind", "level", "effective_to", "agency"]
    list_select_related = ["agency"]
    search_fields = ["code", "title", "agency__short_name", "parties__number"]
    autocomplete_fields = ["agency", "parent", "renews", "owner", "services"]
    readonly_fields = [
        "state_label",
        "state_since",
        "signed_on",
        "event",
        "ended_on",
        "end_reason",
        "promised",
    ]
    inlines = [PartyInline, FileInline, ReminderInline, StepInline]
    actions_detail = ["change_state", "keep"]
    fieldsets = [
        (None, {"fields": ["code", "agency", "kind", "level", "title", "parent", "renews", "owner"]}),
        (_("Isi"), {"fields": ["scope", "services", "rights", "duties", "is_sample"]}),
        (
            _("Kedudukan"),
            {
                "fields": [
                    "state_label",
                    "state_since",
                    "signed_on",
                    "place",
                    "event",
                    "effective_from",
                    "effective_to",
                    "ended_on",
                    "end_reason",
                    "promised",
                ]
            },
        ),
    ]

    @display(description=_("keadaan"), ordering="state", label=STATE_COLOURS)
    def state_label(self, instrument: Instrument) -> str:
        return instrument.get_state_display()

    @display(description=_("janji kehadiran"))
    def promised(self, instrument: Instrument) -> str:
        promise = getattr(instrument, "promise", None)
        if promise is None:
            return "–"
        return format_html(
            '<a class="text-primary-600 underline" href="{}">{}</a>', change_url(promise), promise
        )

    @action(description=_("Ubah keadaan"), url_path="keadaan", permissions=["change"], icon="sync_alt")
    def change_state(self, request: HttpRequest, object_id: str) -> HttpResponse:
        instrument = get_or_404(Instrument.objects.select_related("agency", "parent"), object_id)
        return action_page(
            self,
            request,
            instance=instrument,
            form=StateForm(instrument, request.POST if request.method == "POST" else None),
            title=_("%(title)s: %(state)s")
            % {"title": instrument.title, "state": instrument.get_state_display()},
            button=_("Catat keadaan"),
            act=lambda sent: set_state(instrument=instrument, by=acting(request), **sent),
            gaps=missing_for(instrument, next(iter(workflow.targets(instrument.state)), instrument.state)),
        )

    @action(description=_("Simpan berkas"), url_path="berkas", permissions=["change"], icon="upload_file")
    def keep(self, request: HttpRequest, object_id: str) -> HttpResponse:
        instrument = get_or_404(Instrument.objects.select_related("agency"), object_id)
        is_sent = request.method == "POST"
        return action_page(
            self,
            request,
            instance=instrument,
            form=FileForm(request.POST, request.FILES) if is_sent else FileForm(),
            title=_("%(title)s: simpan berkas") % {"title": instrument.title},
            button=_("Simpan berkas"),
            act=lambda sent: keep_file(instrument=instrument, by=acting(request), **sent),
            notes=[str(_("PDF, paling besar 10 MB. Berkas yang terdahulu tetap ada sebagai versi lama."))],
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A draft may be thrown away; what was signed is expired or terminated, and stays."""
        is_draft = obj is None or obj.state == InstrumentState.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        push_down(form.instance.agency, by=acting(request))


@admin.register(InstrumentFile)
class InstrumentFileAdmin(WithDocument, ReadOnly, PortalAdmin):
    """Every version that was kept; the address of each is here."""

    agency_lookup = "instrument__agency"
    list_display = ["note", "version", "instrument", "document", "kept_at", "kept_by"]
    list_select_related = ["instrument", "kept_by"]
    search_fields = ["note", "file_name", "instrument__code", "instrument__title"]
    fields = ["instrument", "version", "note", "document", "file_sha256", "file_size", "kept_at", "kept_by"]
    readonly_fields = fields


@admin.register(InstrumentParty)
class InstrumentPartyAdmin(TableAdmin):
    agency_lookup = "instrument__agency"
    resource_classes = [InstrumentPartyResource]
    list_display = ["party", "number", "instrument", "position", "signatory"]
    list_select_related = ["instrument"]
    search_fields = ["party", "number", "signatory", "instrument__code", "instrument__title"]
    autocomplete_fields = ["instrument"]

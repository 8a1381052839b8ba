"""What is asked when a trial begins, and when it is decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from agreements.enums import Verdict
from mpp.core import clock
from tenants.enums import Weekday

# A month is what malls take (domain: Paser one month, Malang three).
USUAL_DAYS = 30


def _time_widget() -> forms.Widget:
    return UnfoldAdminTextInputWidget(attrs={"type": "time"})


class StartForm(forms.Form):
    """From when until when, at what hours, and what to watch."""

    starts_on = forms.DateField(
        label=_("Mulai"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Kosong: hari ini. Boleh hari yang akan datang."),
    )
    ends_on = forms.DateField(label=_("Uji coba sampai"), widget=UnfoldAdminSingleDateWidget)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Hari uji coba"),
        choices=Weekday,
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    opens_at = forms.TimeField(label=_("Buka pukul"), required=False, widget=_time_widget())
    closes_at = forms.TimeField(label=_("Tutup pukul"), required=False, widget=_time_widget())
    note = forms.CharField(
        label=_("Yang diamati"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.fields["starts_on"].initial = clock.today()
        self.fields["ends_on"].initial = clock.today() + timedelta(days=USUAL_DAYS - 1)

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        ends_on, given = sent.get("ends_on"), [sent.get(name) for name in ("opens_at", "closes_at")]
        if ends_on and ends_on < clock.today():
            self.add_error("ends_on", _("Tanggal itu sudah lewat."))
        starts_on = sent.get("starts_on")
        if starts_on and starts_on < clock.today():
            self.add_error("starts_on", _("Tanggal itu sudah lewat. Isi hari ini atau sesudahnya."))
        if any((*given, sent.get("weekdays"))) and not all((*given, sent.get("weekdays"))):
            raise ValidationError(_("Jam uji coba memerlukan hari, jam buka, dan jam tutup. Atau kosongkan."))
        return sent


class CancelForm(forms.Form):
    """Why a planned trial is given up."""

    reason = forms.CharField(label=_("Alasan"), max_length=300, widget=UnfoldAdminTextInputWidget)


class DecisionForm(forms.Form):
    """Operate, go on trying, or stop; why; and until when."""

    verdict = forms.ChoiceField(
        label=_("Putusan"),
        choices=[(one.value, one.label) for one in (Verdict.OPERATE, Verdict.EXTEND, Verdict.STOP)],
        widget=UnfoldAdminRadioSelectWidget,
    )
    reason = forms.CharField(label=_("Alasan"), max_length=300, widget=UnfoldAdminTextInputWidget)
    ends_on = forms.DateField(
        label=_("Bila diperpanjang, sampai"), required=False, widget=UnfoldAdminSingleDateWidget
    )

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        if sent.get("verdict") == Verdict.EXTEND and not sent.get("ends_on"):
            self.add_error("ends_on", _("Isi tanggal akhir yang baru."))
        return sent

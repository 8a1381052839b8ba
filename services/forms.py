"""What people fill in when there is trouble, and to look at the coming days."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock
from mpp.core.text import validate_plain
from services.actions.days import YEARS_AHEAD
from services.models import Service
from tenants.models import Agency


class Hour(forms.TimeField):
    """A time of today."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        # What people write, and what browsers send.
        super().__init__(input_formats=["%H:%M", "%H.%M", "%H:%M:%S"], required=False, **kwargs)


def today_at(at: time | None) -> datetime | None:
    """Return the aware moment at this local time of today, or None."""
    return clock.aware(datetime.combine(clock.today(), at)) if at else None


class ExpectationForm(forms.Form):
    """Until when, in words of a clock."""

    expected_until = Hour(label=_("Perkiraan pulih pukul"), help_text=_("Kosong: belum diketahui."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "input"

    def clean_expected_until(self) -> datetime | None:
        until = today_at(self.cleaned_data["expected_until"])
        if until is not None and until <= clock.now():
            raise ValidationError(_("Perkiraan pulih harus sesudah sekarang."))
        return until


class TroubleForm(ExpectationForm):
    """Declares trouble: the arguments of `actions.start_disruption`; empty times mean now and unknown."""

    agency = forms.ModelChoiceField(
        Agency.objects.all(), label=_("Di mana"), required=False, empty_label=_("Seluruh mal")
    )
    message = forms.CharField(
        label=_("Apa yang terjadi"),
        max_length=160,
        validators=[validate_plain],
        help_text=_("Satu kalimat untuk warga, misalnya: Server pusat tidak dapat diakses."),
    )
    since = Hour(label=_("Sejak pukul"), help_text=_("Kosong: sekarang."))
    stops_numbers = forms.BooleanField(
        label=_("Nomor berhenti keluar"),
        required=False,
        initial=True,
        help_text=_("Hapus centang bila warga tetap boleh mengambil nomor."),
    )
    field_order = ["agency", "message", "since", "expected_until", "stops_numbers"]

    def clean_since(self) -> datetime | None:
        since = today_at(self.cleaned_data["since"])
        if since is not None and since > clock.now():
            raise ValidationError(_("Jam ini belum lewat. Gangguan dinyatakan sesudah terjadi."))
        return since


class PreviewForm(forms.Form):
    """Whose coming days to show: the mall's, an agency's, a service's."""

    agency = forms.ModelChoiceField(
        Agency.objects.all(), label=_("Instansi"), required=False, empty_label=_("Seluruh mal")
    )
    service = forms.ModelChoiceField(
        Service.objects.select_related("agency").defer("search"),
        label=_("Layanan"),
        required=False,
        empty_label=_("Semua layanan"),
    )

    def scope(self) -> tuple[int | None, int | None]:
        """Return the keys of agency and service; a service brings its own agency."""
        sent = self.cleaned_data if self.is_valid() else {}
        service, agency = sent.get("service"), sent.get("agency")
        if service is not None:
            return service.agency_id, service.pk
        return (agency.pk if agency else None), None


class YearForm(forms.Form):
    """Which year of the calendar to fill: this one or a coming one."""

    year = forms.ChoiceField(label=_("Tahun"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today().year
        year = cast(forms.ChoiceField, self.fields["year"])
        year.choices = [(str(each), str(each)) for each in range(today, today + YEARS_AHEAD + 1)]

"""What is typed to book a time, to change it, and to come."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mpp.core.text import has_control, validate_plain
from queueing.enums import Priority
from queueing.forms import KEY_PREFIX, PhoneField
from queueing.told_ways import WayField

# A time in the address of a choice: local, to the minute.
TIME_FORMAT = "%Y-%m-%dT%H:%M"
INCOMPLETE = _("Halaman ini tidak lengkap. Muat ulang, lalu coba lagi.")
# A scanner types the whole link of the booking.
LONGEST_SCAN = 300


def phone_field() -> PhoneField:
    """Return the field for a mobile number that may stay empty."""
    too_long = _("Nomor ponsel terlalu panjang. Paling banyak 30 angka.")
    return PhoneField(
        label=_("Nomor ponsel"), required=False, max_length=30, error_messages={"max_length": too_long}
    )


class DayForm(forms.Form):
    """Which day's times to show; anything else shows the first day that has one."""

    tanggal = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    @classmethod
    def day_in(cls, values: Any) -> date | None:
        """Return the day that an address asks for, or None."""
        form = cls(values)
        return form.cleaned_data["tanggal"] if form.is_valid() else None


class LocalTimeField(forms.DateTimeField):
    """A local time; hidden characters, which Python's own reader passes over, are refused."""

    def to_python(self, value: Any) -> Any:
        if has_control(str(value or "")):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class TimeForm(forms.Form):
    """The choice of a time."""

    mulai = LocalTimeField(
        input_formats=[TIME_FORMAT],
        error_messages={
            "required": _("Pilih satu jam dulu."),
            "invalid": _("Waktu itu tidak ada. Pilih waktu dari daftar."),
        },
    )


class BookForm(TimeForm):
    """A booking: a time; nothing else must be filled in."""

    kunci = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE}
    )
    ponsel = phone_field()
    lewat = WayField()
    didahulukan = forms.BooleanField(required=False)
    bantu = forms.BooleanField(required=False)
    lebih_awal = forms.BooleanField(required=False)

    @classmethod
    def fresh(cls, *, helps: bool = False) -> BookForm:
        """Return an empty form with a key of its own: one page view makes at most one booking.

        `helps` says that it is for somebody who is helped.
        """
        return cls(initial={"kunci": uuid.uuid4(), "bantu": helps})

    @property
    def request_key(self) -> str:
        """Return the key under which this page's booking is made."""
        return f"{KEY_PREFIX}{self.cleaned_data['kunci'].hex}"

    @property
    def priority(self) -> str:
        """Return the class of who goes first by law, or none."""
        return Priority.GENERAL if self.cleaned_data["didahulukan"] else Priority.NONE


class WishForm(forms.Form):
    """Where to tell the holder of an earlier time."""

    ponsel = phone_field()


class TypedCode(forms.Form):
    """A form of one code, with what is wrong with it in one text."""

    @property
    def problem(self) -> str:
        """Return what is wrong with the code, or ""."""
        return " ".join(str(error) for error in self.errors.get("kode", []))


class PresenceForm(TypedCode):
    """The code that is shown on site."""

    kode = forms.CharField(
        max_length=20,
        validators=[validate_plain],
        error_messages={
            "required": _("Ketik kode yang tampil di layar mal."),
            "max_length": _("Kode layar hanya enam angka."),
        },
    )


class CodeForm(TypedCode):
    """The code of a booking, typed or read by a scanner."""

    kode = forms.CharField(
        max_length=LONGEST_SCAN,
        validators=[validate_plain],
        error_messages={
            "required": _("Ketik kode pesanan dulu."),
            "max_length": _("Kode itu tidak dikenal. Periksa lagi hurufnya."),
        },
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )

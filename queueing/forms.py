"""What citizens type: a search, and the two fields for a number."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mpp.core.text import has_control, validate_plain
from queueing.enums import Priority
from queueing.told_ways import WayField
from services.enums import Audience, LifeEvent
from tenants.models import Agency

REGION = "ID"
COUNTRY_DIGITS, ABROAD = "62", "00"
# Marks of direction that a contact's number is framed in when it is copied; nobody sees them.
FRAME = "\u200e\u200f\u202a\u202c\u2066\u2068\u2069\ufeff"
# Telephones put longer dashes and hard blanks where people type plain ones.
PHONE_CHARACTERS = re.compile(r"[0-9\s().+/\-\u2010-\u2015]+")
# "A-047", however it is written down.
LABEL = re.compile(r"^(?P<prefix>[A-Za-z]{1,3})[\s\-.]*(?P<number>[0-9]{1,5})$", re.ASCII)
# Marks a key as made by this page: a key of the API can never be taken for one.
KEY_PREFIX = "web:"


class BrowseForm(forms.Form):
    """Search and filters of the list of services; every field may be empty."""

    cari = forms.CharField(
        required=False,
        max_length=100,
        validators=[validate_plain],
        error_messages={"max_length": _("Tulis pencarian paling banyak 100 huruf.")},
    )
    peristiwa = forms.ChoiceField(required=False, choices=[("", _("Semua peristiwa")), *LifeEvent.choices])
    untuk = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("Semua orang")),
            (Audience.CITIZEN, _("Warga")),
            (Audience.BUSINESS, _("Pelaku usaha")),
        ],
    )
    instansi = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, agencies: Iterable[Agency] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Semua instansi")), *((agency.slug, agency.short_name) for agency in agencies)]
        self.fields["instansi"].choices = choices  # type: ignore[attr-defined]
        for name in ("peristiwa", "untuk", "instansi"):
            self.fields[name].error_messages["invalid_choice"] = _(
                "Pilihan ini tidak ada. Pilih dari daftar."
            )
            self.fields[name].widget.attrs["class"] = "input"

    @property
    def problems(self) -> list[str]:
        """Return what is wrong, each sentence once: three bad filters say the same."""
        return list(dict.fromkeys(str(error) for errors in self.errors.values() for error in errors))


class LostForm(forms.Form):
    """What the holder of a lost link still knows: the number, and how their telephone ends."""

    nomor = forms.RegexField(
        label=_("Nomor antrean"),
        regex=LABEL,
        max_length=10,
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "off", "autocapitalize": "characters", "size": 8}
        ),
        error_messages={
            "required": _("Tulis nomor antrean Anda, misalnya A-047."),
            "invalid": _("Tulis nomor antrean seperti pada layar, misalnya A-047."),
        },
    )
    akhir = forms.RegexField(
        label=_("Empat angka terakhir ponsel"),
        regex=r"^[0-9]{4}$",
        widget=forms.TextInput(
            attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off", "maxlength": 4, "size": 8}
        ),
        error_messages={
            "required": _("Tulis empat angka terakhir nomor ponsel."),
            "invalid": _("Tulis tepat empat angka."),
        },
    )

    def clean_nomor(self) -> tuple[str, int]:
        """Return the prefix and the number of a label."""
        found = LABEL.match(self.cleaned_data["nomor"].upper())
        return (found["prefix"], int(found["number"])) if found else ("", 0)


class PhoneField(forms.CharField):
    """An Indonesian mobile number, however it is written; the clean value is E.164 or empty."""

    widget = forms.TextInput(
        attrs={"class": "input", "type": "tel", "inputmode": "tel", "autocomplete": "tel", "maxlength": 30}
    )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return mobile_number(text) if text else ""


def mobile_number(text: str) -> str:
    """Return `text` ("0812…", "+62 812-…", "62812…") as E.164; raise `ValidationError` with the reason."""
    text = text.strip(FRAME)
    if has_control(text):
        raise ValidationError(_("Hapus karakter tersembunyi dari nomor ini."), code="bad_text")
    wrong = ValidationError(_("Tulis nomor ponsel Indonesia, misalnya 0812 3456 7890."), code="phone")
    if not PHONE_CHARACTERS.fullmatch(text):
        raise wrong
    try:
        number = phonenumbers.parse(_dialled(text), REGION)
    except phonenumbers.NumberParseException:
        raise wrong from None
    if not phonenumbers.is_valid_number(number):
        raise wrong
    if phonenumbers.region_code_for_number(number) != REGION:
        raise ValidationError(_("Ini nomor luar Indonesia. Kami hanya dapat mengabari nomor Indonesia."))
    match phonenumbers.number_type(number):
        case phonenumbers.PhoneNumberType.MOBILE:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        case phonenumbers.PhoneNumberType.FIXED_LINE:
            raise ValidationError(_("Ini telepon rumah atau kantor. Kabar hanya sampai ke ponsel."))
        case _other:
            raise wrong


def _dialled(text: str) -> str:
    """Return `text` with its plus: 62812… would be read as a number inside Indonesia, 0062812… as none."""
    digits = text.lstrip("( ")
    if digits.startswith(ABROAD):
        return f"+{digits.removeprefix(ABROAD)}"
    return f"+{digits}" if digits.startswith(COUNTRY_DIGITS) else text


class TakeForm(forms.Form):
    """The confirmation before a number: nothing in it must be filled in."""

    kunci = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Halaman ini tidak lengkap. Muat ulang, lalu coba lagi."),
            "invalid": _("Halaman ini tidak lengkap. Muat ulang, lalu coba lagi."),
        },
    )
    ponsel = PhoneField(
        label=_("Nomor ponsel"),
        required=False,
        max_length=30,
        error_messages={"max_length": _("Nomor ponsel terlalu panjang. Paling banyak 30 angka.")},
    )
    lewat = WayField()
    didahulukan = forms.BooleanField(required=False)
    bantu = forms.BooleanField(required=False)
    gabung = forms.BooleanField(required=False)

    @classmethod
    def fresh(cls, *, helps: bool = False) -> TakeForm:
        """Return an empty form with a key of its own: one page view makes at most one number.

        It belongs to the visit of those already held, unless it is for somebody who is helped (`helps`).
        """
        return cls(initial={"kunci": uuid.uuid4(), "gabung": not helps, "bantu": helps})

    @property
    def request_key(self) -> str:
        """Return the key under which this page's number is issued."""
        return f"{KEY_PREFIX}{self.cleaned_data['kunci'].hex}"

    @property
    def joins(self) -> bool:
        """Return whether the number belongs to the visit of those already held."""
        return bool(self.cleaned_data["gabung"] and not self.cleaned_data["bantu"])

    @property
    def priority(self) -> str:
        """Return the class of who goes first by law, or none."""
        return Priority.GENERAL if self.cleaned_data["didahulukan"] else Priority.NONE

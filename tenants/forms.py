"""What people type about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mpp.core.text import validate_plain
from tenants.actions.desk import PIN_DIGITS
from tenants.actions.signing_in import PASSWORD_LENGTH, USERNAME_LENGTH


class SignInForm(forms.Form):
    """Name and password; pasting and password managers are welcome (trust.md S-054)."""

    username = forms.CharField(
        label=_("Nama pengguna"),
        max_length=USERNAME_LENGTH,
        validators=[validate_plain],
        error_messages={
            "required": _("Isi nama pengguna."),
            "max_length": _("Nama pengguna terlalu panjang. Paling banyak %(limit_value)d karakter."),
        },
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    password = forms.CharField(
        label=_("Kata sandi"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        validators=[validate_plain],
        error_messages={
            "required": _("Isi kata sandi."),
            "max_length": _("Kata sandi terlalu panjang. Paling banyak %(limit_value)d karakter."),
        },
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )

    def ask_password_again(self) -> None:
        """Put the cursor on the password: the name is still there."""
        del self.fields["username"].widget.attrs["autofocus"]
        self.fields["password"].widget.attrs["autofocus"] = True


class PinField(forms.CharField):
    """Six digits that nobody reads over one's shoulder; a telephone shows its number pad."""

    def __init__(self, **options: Any) -> None:
        look = {
            "class": "input pin num",
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": PIN_DIGITS,
        }
        super().__init__(widget=forms.PasswordInput(attrs=look), max_length=PIN_DIGITS, **options)


class PinForm(forms.Form):
    """A new PIN of the screen, typed twice; the password says that it is really them."""

    password = forms.CharField(
        label=_("Kata sandi Anda"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        validators=[validate_plain],
        error_messages={"required": _("Isi kata sandi.")},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
    pin = PinField(label=_("PIN baru, enam angka"), error_messages={"required": _("Isi PIN baru.")})
    again = PinField(label=_("PIN baru sekali lagi"), error_messages={"required": _("Isi sekali lagi.")})

    def clean_again(self) -> str:
        """Refuse what was mistyped once: the officer would be locked out."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("pin", again):
            raise forms.ValidationError(_("Kedua PIN tidak sama. Ketik lagi."))
        return again

"""What people type about themselves."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from mpp.core.text import validate_plain
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

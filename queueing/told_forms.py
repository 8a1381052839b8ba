"""What is typed to be told: a way that the mall offers, and where."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from mpp.notifications import channels
from mpp.notifications.channels import web_push
from mpp.notifications.channels.sealing import from_base64url
from mpp.notifications.enums import Kind
from mpp.notifications.models import Way
from queueing.forms import mobile_number
from queueing.told_ways import typed_ways

LONGEST_EMAIL = 160
LONGEST_ENDPOINT = 600
# Lengths of an uncompressed point on P-256 and of its secret (RFC 8291).
POINT_BYTES, SECRET_BYTES = 65, 16


NO_SUCH_WAY = _("Cara itu tidak ada di sini.")


def browser_key() -> str:
    """Return the key by which browsers know this portal; "" where it does not tell them."""
    return web_push.public_key() if Kind.PUSH in channels.offered() else ""


class TellForm(forms.Form):
    """Where to be told: a mobile number or an e-mail address, by the way that is ticked."""

    lewat = forms.ChoiceField(
        error_messages={"required": _("Pilih lewat apa."), "invalid_choice": NO_SUCH_WAY}
    )
    alamat = forms.CharField(
        max_length=LONGEST_EMAIL,
        error_messages={
            "required": _("Tulis nomor ponsel atau alamat e-mail Anda."),
            "max_length": _("Alamat ini terlalu panjang."),
        },
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "on", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = typed_ways()
        lewat = self.fields["lewat"]
        lewat.choices = ways  # type: ignore[attr-defined]
        lewat.initial = ways[0][0] if ways else ""

    @classmethod
    def like(cls, way: Way | None) -> TellForm:
        """Return an empty form with the present way ticked, where it is still offered."""
        known = way is not None and way.channel in dict(typed_ways())
        return cls(initial={"lewat": way.channel} if way and known else None)

    @property
    def way(self) -> dict[str, Any]:
        """Return what was chosen as a way to be told."""
        return {"channel": self.cleaned_data["lewat"], "recipient": self.cleaned_data["alamat"]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        way, address = cleaned.get("lewat"), cleaned.get("alamat")
        if not way or not address:
            return cleaned
        try:
            cleaned["alamat"] = email_address(address) if way == Kind.EMAIL else mobile_number(address)
        except ValidationError as error:
            self.add_error("alamat", error)
        return cleaned


def email_address(text: str) -> str:
    """Return `text` as an e-mail address; raise `ValidationError` otherwise."""
    EmailValidator(message=_("Tulis alamat e-mail lengkap, misalnya nama@contoh.id."))(text)
    return text


class PushForm(forms.Form):
    """The subscription of a browser: written by its script, so nothing here is explained to people."""

    endpoint = forms.CharField(max_length=LONGEST_ENDPOINT)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)

    @property
    def problem(self) -> str:
        """Return why this browser cannot be told, or ""."""
        if not browser_key():
            return str(NO_SUCH_WAY)
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

    @property
    def way(self) -> dict[str, Any]:
        """Return the browser as a way to be told."""
        keys = {name: self.cleaned_data[name] for name in ("p256dh", "auth")}
        return {"channel": Kind.PUSH, "recipient": self.cleaned_data["endpoint"], "keys": keys}

    def clean_endpoint(self) -> str:
        endpoint: str = self.cleaned_data["endpoint"]
        if not web_push.is_allowed(endpoint):
            raise ValidationError(_("Layanan pemberitahuan peramban ini tidak dikenal."), code="endpoint")
        return endpoint

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, length in (("p256dh", POINT_BYTES), ("auth", SECRET_BYTES)):
            try:
                is_good = len(from_base64url(cleaned.get(name, ""))) == length
            except ValueError:
                is_good = False
            if not is_good:
                self.add_error(name, _("Kunci peramban ini tidak dapat dibaca."))
        return cleaned

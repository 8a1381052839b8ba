"""Text that people send: what is accepted and what is not."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mpp.core.errors import Refusal

# Overrides and isolates that let a text read differently from what it is (trust.md S-007).
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
# Control characters, and halves of a pair: JSON can carry those ("\ud800"), PostgreSQL cannot.
HIDDEN = frozenset({"Cc", "Cs"})


def has_control(value: str) -> bool:
    """Tell whether `value` holds NUL, control or direction characters (line feed and tab are fine)."""
    return any(
        character in BIDI or (unicodedata.category(character) in HIDDEN and character not in "\n\r\t")
        for character in value
    )


def clean_text(value: str, *, limit: int, field: str = "") -> str:
    """Return `value` stripped; raise `Refusal` (400) when too long or with hidden characters."""
    if has_control(value):
        raise Refusal(
            "bad_text",
            _("Teks berisi karakter tersembunyi. Ketik ulang tanpa menyalin."),
            status=400,
            field=field,
        )
    value = value.strip()
    if len(value) > limit:
        raise Refusal(
            "too_long",
            _("Teks terlalu panjang. Paling banyak %(limit)d karakter.") % {"limit": limit},
            status=400,
            field=field,
        )
    return value


def validate_plain(value: str) -> None:
    """Model and form validator: refuse NUL, control and direction characters."""
    if has_control(value):
        raise ValidationError(_("Hapus karakter tersembunyi dari teks ini."), code="bad_text")

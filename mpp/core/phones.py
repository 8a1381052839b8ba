"""Mobile numbers: many ways to write one, one way to keep it."""

from __future__ import annotations

import re

import phonenumbers
from django.utils.translation import gettext_lazy as _

from mpp.core.errors import Refusal
from mpp.core.text import clean_text

# Long enough for any number with spaces; what is kept has at most 16 characters (E.164).
LIMIT = 30
# Without letters: the library would read "0812-FLOWERS" as digits.
WRITTEN = re.compile(r"\+?[0-9 ().-]+")


def normalise(text: str) -> str:
    """Return a mobile number as E.164: "0812 3456-7890" becomes "+6281234567890"; "" stays "".

    Raises `Refusal` (400) for anything that is not a mobile number.
    """
    written = clean_text(text, limit=LIMIT, field="phone")
    if not written:
        return ""
    if not WRITTEN.fullmatch(written):
        raise _wrong()
    # "62812…" without its plus would pass as a number inside Indonesia that begins with 62.
    if written.lstrip("( ").startswith("62"):
        written = f"+{written}"
    try:
        number = phonenumbers.parse(written, "ID")
    except phonenumbers.NumberParseException:
        raise _wrong() from None
    if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
        raise _wrong()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _wrong() -> Refusal:
    message = _("Nomor ponsel ini tidak dikenal. Tulis seperti 0812-3456-7890.")
    return Refusal("bad_phone", message, status=400, field="phone")

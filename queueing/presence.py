"""The code that is shown on site: who types it on a phone is here, and not at home.

Six digits that follow from the server's key and the time. A photo of the screen is worthless after ninety
seconds (trust.md T-01, T-10). All times are the database's, so no two clocks can disagree.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from mpp.core import mall, tokens
from mpp.core.errors import Refusal

# Shown for one step and accepted for one more: 45 to 90 seconds.
STEP_SECONDS = 45
STEPS_ACCEPTED = 2
DIGITS = 6


def code_at(moment: datetime) -> str:
    """Return the code that the screens on site show at the aware `moment`."""
    return _code_of(_step_of(moment))


def seconds_left(moment: datetime) -> int:
    """Return for how many seconds from `moment` on the screens show this code."""
    return STEP_SECONDS - int(moment.timestamp()) % STEP_SECONDS


def require(typed: str, moment: datetime) -> None:
    """Raise `Refusal` (409) unless `typed` is the code on site now, or just before."""
    digits = "".join(character for character in typed if character.isascii() and character.isdigit())
    step = _step_of(moment)
    accepted = [_code_of(step - age) for age in range(STEPS_ACCEPTED)]
    # All are compared, in constant time: the answer's delay tells nothing.
    if not sum(hmac.compare_digest(digits.encode(), code.encode()) for code in accepted):
        message = _("Kode layar salah atau sudah berganti. Ketik kode yang tampil sekarang.")
        raise Refusal("wrong_presence_code", message)


def _step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def _code_of(step: int) -> str:
    mac = base64.urlsafe_b64decode(tokens.derived("presence", f"{mall.current().name}:{step}"))
    return f"{int.from_bytes(mac) % 10**DIGITS:0{DIGITS}d}"

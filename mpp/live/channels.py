"""Names of what can be watched, and who may watch it.

A number is watched with its own secret link, a display by anyone; a console needs a signed key.
"""

from __future__ import annotations

from django.core import signing

CONSOLE_HOURS = 12

_console_signer = signing.TimestampSigner(salt="mpp.live.console")


def sign_console(session_id: int) -> str:
    """Return the key that opens the stream of one counter session for twelve hours."""
    return _console_signer.sign(str(session_id))


def may_watch_console(session_id: int, key: str) -> bool:
    """Tell whether `key` was signed for this session and has not run out."""
    try:
        return _console_signer.unsign(key, max_age=CONSOLE_HOURS * 3600) == str(session_id)
    except signing.BadSignature:
        return False

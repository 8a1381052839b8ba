"""Names of what can be watched, and who may watch it.

A number and a visit are watched with their own secret links, a display and the public copy by anyone; a
console and the floor need a signed key.
"""

from __future__ import annotations

from django.core import signing

CONSOLE_HOURS = 12

_floor_signer = signing.TimestampSigner(salt="mpp.live.floor")
_console_signer = signing.TimestampSigner(salt="mpp.live.console")


def sign_console(session_id: int) -> str:
    """Return the key that opens the stream of one counter session for twelve hours."""
    return _console_signer.sign(str(session_id))


def sign_floor(user_id: int) -> str:
    """Return the key that opens the stream of the floor to one person for twelve hours."""
    return _floor_signer.sign(str(user_id))


def may_watch(kind: str, name: str, key: str) -> bool:
    """Tell whether `key` opens this stream; a number, a visit and a display need none."""
    signer = {"console": _console_signer, "floor": _floor_signer}.get(kind)
    if signer is None:
        return True
    try:
        return name.isdecimal() and signer.unsign(key, max_age=CONSOLE_HOURS * 3600) == name
    except signing.BadSignature:
        return False

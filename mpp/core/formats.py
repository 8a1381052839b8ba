"""Hours and amounts as the reader's language writes them: 09.55, Rp30.000; in English 09:55, Rp30,000."""

from __future__ import annotations

from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import get_language

# Between hours and minutes, and between the thousands of an amount.
POINTS, ENGLISH = (".", "."), (":", ",")


def _marks() -> tuple[str, str]:
    return ENGLISH if (get_language() or "").startswith("en") else POINTS


def hour(value: datetime | time, *, seconds: bool = False) -> str:
    """Return the hour of a moment in the mall's zone, or of a time of day, as "09.55" or "09.55.07"."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    mark = _marks()[0]
    return value.strftime(f"%H{mark}%M{mark}%S" if seconds else f"%H{mark}%M")


def end_hour(value: datetime | time) -> str:
    """Return the hour at which something ends; midnight ends the day that is going on: "24.00"."""
    text = hour(value)
    return f"24{text[2:]}" if text[:2] + text[3:] == "0000" else text


def rupiah(amount: int) -> str:
    """Return whole Rupiah as "Rp250.000"."""
    return f"Rp{amount:,}".replace(",", _marks()[1])

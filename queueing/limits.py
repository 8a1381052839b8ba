"""How often one address may take a number, and how often anybody may guess at one."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mpp.core.errors import Refusal
from mpp.core.net import client_address

# A whole hall may share one address: generous for people, still a wall for a script (trust.md T-02).
NUMBERS_PER_MINUTE = 30


def count_issue(request: HttpRequest, *, scope: str = "take", limit: int = NUMBERS_PER_MINUTE) -> None:
    """Count one wish for a number; raise `Refusal` (429) over `limit` a minute. A load test goes without."""
    if settings.LOAD_TEST:
        return
    if times(f"{scope}:{client_address(request)}", seconds=60) > limit:
        raise Refusal(
            "throttled",
            _("Terlalu banyak nomor diminta dari jaringan ini. Coba lagi satu menit lagi."),
            status=429,
        )


def times(key: str, *, seconds: int) -> int:
    """Count one more of `key`; return how many there were within `seconds` of the first."""
    if cache.add(key, 1, timeout=seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:
        # The time ended between the two calls.
        return 1

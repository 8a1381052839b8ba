"""Asking a provider over HTTP: short, no redirects, a small answer, and a clear word when it fails."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from mpp.notifications.channels.base import DeliveryError

MOST_BYTES = 65_536
LONGEST_RETRY_AFTER = timedelta(hours=1)
# Nothing has left this machine.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True)
class Answer:
    """What a provider said."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def fields(self) -> dict[str, Any]:
        """Return the JSON object in the answer; an empty one when there is none."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@functools.cache
def _client() -> httpx.Client:
    # A connection that is kept may be closed at the other end just now, and then nobody knows
    # whether the message went out.
    return httpx.Client(
        timeout=httpx.Timeout(7, connect=3, pool=3),
        limits=httpx.Limits(max_keepalive_connections=0),
        follow_redirects=False,
    )


def post(url: str, *, method: str = "POST", headers: Mapping[str, str], **body: Any) -> Answer:
    """Send a request and return the answer, whatever it says; `body` is httpx's json, data or content.

    Raises `DeliveryError`: not sent, or uncertain once something has left.
    """
    try:
        with _client().stream(method, url, headers=dict(headers), **body) as response:
            text = b""
            for chunk in response.iter_bytes():
                text += chunk
                if len(text) > MOST_BYTES:
                    break
    except NOT_SENT as error:
        raise DeliveryError(f"tidak tersambung: {type(error).__name__}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryError(f"terputus: {type(error).__name__}", is_uncertain=True) from error
    return Answer(response.status_code, text[:MOST_BYTES].decode("utf-8", "replace"), response.headers)


def refuse(answer: Answer, reason: str = "") -> None:
    """Raise the `DeliveryError` that fits an answer which is not 2xx; nothing for one that is."""
    if 200 <= answer.status < 300:
        return
    words = f"{answer.status} {reason}".strip()
    if answer.status in (429, 503):
        raise DeliveryError(words, retry_after=retry_after(answer.headers))
    if answer.status == 504:
        raise DeliveryError(words, is_uncertain=True)
    # Keys that are refused are the mall's trouble, not the message's: it waits while they are mended.
    is_passing = answer.status in (401, 403, 408) or answer.status >= 500 or answer.status < 400
    raise DeliveryError(words, permanent=not is_passing)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long a Retry-After asks to wait, in seconds or as a date; None for anything else.

    A date is compared with the date of the answer: both are by the provider's clock.
    """
    value = headers.get("retry-after", "")
    if value.isdecimal():
        return min(timedelta(seconds=int(value[:9])), LONGEST_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)

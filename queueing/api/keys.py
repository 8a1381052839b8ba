"""Idempotency keys: one key, one intent (IETF draft httpapi-idempotency-key)."""

from __future__ import annotations

import hashlib
import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from mpp.core.errors import Refusal
from mpp.core.net import client_address

HEADER = "Idempotency-Key"
WRITTEN = re.compile(r"[!-~](?:[ -~]{0,98}[!-~])?")


def request_key(request: Request, act: str) -> str | None:
    """Return what is stored of the request's key, or None without one; raise `Refusal` (400) on a bad one.

    The key belongs to its sender and to the act, so that two officers who both count from 1 never
    meet; without a sign-in the sender is the address, so that nobody gets a stranger's number. What
    comes back has 64 characters and does not show the key.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not WRITTEN.fullmatch(key):
        message = _("Idempotency-Key harus 1 sampai 100 huruf, angka, atau tanda baca.")
        raise Refusal("bad_idempotency_key", message, status=400)
    sender = request.user.pk or client_address(request)
    return hashlib.sha256(f"{act}:{sender}:{key}".encode()).hexdigest()

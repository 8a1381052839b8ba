"""Secrets that people hold: links to a number, API keys. Only their digest is stored."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import secrets

from django.conf import settings


def new_nonce() -> str:
    """Return 128 random bits as 32 hexadecimal characters."""
    return secrets.token_hex(16)


def derived(purpose: str, nonce: str) -> str:
    """Return the 192-bit token for `nonce`, the same each time: a reprint needs the same link.

    The token follows from the nonce and the server's key, so a copy of the database alone opens
    no link (trust.md S-084).
    """
    return _derived(settings.TOKEN_KEY, purpose, nonce)


# A page asks for the token of its number ten times.
@functools.lru_cache(maxsize=1000)
def _derived(key: str, purpose: str, nonce: str) -> str:
    mac = hmac.digest(key.encode(), f"{purpose}:{nonce}".encode(), "sha256")
    return base64.urlsafe_b64encode(mac[:24]).decode()


def new_secret() -> str:
    """Return a fresh random secret of 192 bits for an API key or a device."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """Return what is stored of a token: enough at 192 bits, no salt needed (ASVS 6.5.2)."""
    return hashlib.sha256(token.encode()).hexdigest()

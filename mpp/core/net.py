"""Whose request it is, on the network."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address: the entry that our own nearest proxy wrote, never a claimed one."""
    remote = request.META.get("REMOTE_ADDR", "") or "::"
    if not settings.TRUSTED_PROXIES:
        return str(remote)
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return hops[-settings.TRUSTED_PROXIES] if len(hops) >= settings.TRUSTED_PROXIES else str(remote)

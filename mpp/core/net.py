"""Whose request it is, on the network."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

# Not `is_private`: that counts 169.254.169.254 in, where clouds keep the keys of their machines.
LOCAL = [
    ipaddress.ip_network(span) for span in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]

LONGEST_NEXT = 500


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address: the entry that our own nearest proxy wrote, never a claimed one."""
    remote = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return _address(remote)
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return _address(hops[-settings.TRUSTED_PROXIES] if len(hops) >= settings.TRUSTED_PROXIES else remote)


def public_address(request: HttpRequest, path: str = "") -> str:
    """Return the address at which people reach us, with `path`: as configured, else as this request came."""
    return (settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}") + path


def own_address(request: HttpRequest, wanted: str) -> str:
    """Return `wanted` when it is an address of this portal that one may be sent on to, else ""."""
    is_ours = len(wanted) <= LONGEST_NEXT and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


def _address(text: str) -> str:
    """Return `text` when it is an address; a socket has none, and a header may hold anything."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return "::"


def is_local(address: str) -> bool:
    """Tell whether `address` is this machine or one in a network of the house; a name never is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in span for span in LOCAL)


def validate_local(address: str) -> None:
    """Model and form validator: refuse what the portal must not be sent to (trust.md: SSRF)."""
    if not is_local(address):
        raise ValidationError(
            _("Hanya alamat di jaringan gedung: 10.…, 172.16–31.…, 192.168.…, atau 127.…"), code="not_local"
        )

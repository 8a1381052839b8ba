"""Which device a request comes from, where that device belongs, and whether it lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from mpp.core import tokens
from tenants.enums import DeviceKind, DeviceLife
from tenants.models import Device

COOKIE = "__Host-mpp_device" if settings.HTTPS else "mpp_device"
# The longest that browsers keep a cookie; each heartbeat begins it anew.
COOKIE_LIFE = timedelta(days=400)
# Three heartbeats, one of which may be late.
SEEN_WITHIN = timedelta(seconds=90)
# A wish for a test slip is dropped when nobody stands beside the printer any more.
TEST_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Standing:
    """How a device stands, and since when (aware); None when it was never paired."""

    life: DeviceLife
    since: datetime | None


def token_of(request: HttpRequest) -> str:
    """Return the token that this browser holds, or ""; it may have been revoked."""
    return request.COOKIES.get(COOKIE, "")


def device_of(request: HttpRequest) -> Device | None:
    """Return the paired device that this request comes from, or None: one query, none without a token."""
    token = token_of(request)
    if not token:
        return None
    if not hasattr(request, "mpp_device"):
        devices = Device.objects.in_use().select_related("zone", "state")
        device = devices.filter(token_digest=tokens.digest(token)).first()
        request.mpp_device = device  # type: ignore[attr-defined]
    found: Device | None = request.mpp_device  # type: ignore[attr-defined]
    return found


def is_small_panel(request: HttpRequest) -> bool:
    """Tell whether this request comes from a kiosk with a panel smaller than the usual one."""
    device = device_of(request)
    return device is not None and device.is_small


def keep_token(response: HttpResponse, token: str) -> None:
    """Let this browser keep `token`: out of reach of scripts, and not sent along from other sites."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_LIFE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def home_of(device: Device) -> str:
    """Return the address of the page that `device` shows."""
    if device.kind == DeviceKind.KIOSK or device.zone is None:
        return reverse("kiosk")
    return reverse("display", args=[device.zone.code])


def test_print_of(device: Device, at: datetime) -> str:
    """Return the page on which `device` is to print a test slip at the aware moment `at`, or "".

    Each wish has an address of its own, by which the browser knows what it has printed.
    """
    asked = device.state.test_print_at
    if asked is None or at - asked > TEST_WITHIN:
        return ""
    return reverse("kiosk-test", query={"kali": int(asked.timestamp())})


def standing_of(device: Device, at: datetime) -> Standing:
    """Return how `device` (with its state joined) stands at the aware moment `at`."""
    state = getattr(device, "state", None)
    if device.revoked_at:
        return Standing(DeviceLife.REVOKED, device.revoked_at)
    if device.paired_at is None or state is None or state.seen_at is None:
        return Standing(DeviceLife.NEW, None)
    if at - state.seen_at <= SEEN_WITHIN:
        return Standing(DeviceLife.ALIVE, state.alive_since)
    return Standing(DeviceLife.SILENT, state.seen_at)

"""The page on which a screen of the hall becomes a device, and the sign of life it gives from then on."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from mpp.core import clock
from mpp.core.codes import CODE_CHARACTERS, normal_code
from mpp.core.errors import Refusal
from mpp.core.net import client_address
from mpp.core.text import has_control
from tenants import actions, devices

VERSION_LENGTH = 40
# No kiosk prints more between two signs of life; it may have been away for an hour.
MOST_SLIPS = 500


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pairing(request: HttpRequest) -> HttpResponse:
    """Let a screen be paired by its code; one that is paired goes to its own page by itself."""
    if request.method == "POST":
        return _pair(request, request.POST.get("kode", ""))
    device = devices.device_of(request)
    if device is None:
        return _page(request, code=request.GET.get("kode", ""))
    response = redirect(devices.home_of(device))
    devices.keep_token(response, devices.token_of(request))
    return response


def _pair(request: HttpRequest, code: str) -> HttpResponse:
    try:
        _device, token = actions.pair(code=code, address=client_address(request))
    except Refusal as refusal:
        # A slip of the finger is mended where it is; a code that has ended leaves the places free.
        return _page(request, code=code if refusal.code == "bad_code" else "", refusal=refusal)
    response = HttpResponseRedirect(reverse("device"), status=303)
    devices.keep_token(response, token)
    return response


def _page(request: HttpRequest, *, code: str = "", refusal: Refusal | None = None) -> HttpResponse:
    known = [character for character in normal_code(code) if character in CODE_CHARACTERS]
    typed = "".join(known[: actions.CODE_LENGTH])
    context = {
        "now": clock.now(),
        "refusal": refusal,
        "was_revoked": bool(devices.token_of(request)),
        "code": typed,
        "places": list(typed.ljust(actions.CODE_LENGTH)),
        "length": actions.CODE_LENGTH,
        "keys": CODE_CHARACTERS,
        "shorter": typed[:-1],
        "is_whole": len(typed) == actions.CODE_LENGTH,
    }
    return render(request, "tenants/device.html", context, status=refusal.status if refusal else 200)


# Another site cannot forge it: the cookie stays at home (SameSite), and all it could tell is "alive".
@csrf_exempt
@login_not_required
@never_cache
@require_POST
def beat(request: HttpRequest) -> HttpResponse:
    """Take a sign of life; answer where the device belongs, or 403 once it is revoked."""
    device = devices.device_of(request)
    if device is None:
        return JsonResponse({"state": "revoked", "go": reverse("device")}, status=403)
    version = request.POST.get("versi", "")[:VERSION_LENGTH]
    at = actions.note_sign(
        device=device,
        version="" if has_control(version) else version,
        address=client_address(request),
        slips=_slips(request.POST.get("karcis", "")),
    )
    answer = {"state": "paired", "go": devices.home_of(device), "version": settings.VERSION}
    response = JsonResponse(answer | {"test": devices.test_print_of(device, at)})
    devices.keep_token(response, devices.token_of(request))
    return response


def _slips(told: str) -> int:
    """Return how many slips a browser says that it printed; nonsense is none."""
    return min(int(told), MOST_SLIPS) if told.isascii() and told.isdecimal() and len(told) < 6 else 0

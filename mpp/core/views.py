"""Pages that belong to no app: errors, health, theme."""

from __future__ import annotations

import sys
import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_safe

from mpp.core import health, palette, pictures, sign_pictures, signs
from mpp.core.errors import NotFound, Refusal
from mpp.core.net import own_address

ICONS = (("192.png", 192, "any"), ("512.png", 512, "any"), (pictures.ROUND_512, 512, "maskable"))
# Nobody stands before these to touch "Coba lagi".
SCREENS = ("/anjungan/", "/layar/", "/perangkat/")
SECONDS_TO_NEXT_TRY = 10
PLAIN_MESSAGES = {
    400: "Permintaan ini tidak dapat dibaca. Muat ulang halaman, lalu coba lagi.",
    403: "Halaman ini bukan untuk Anda.",
    404: "Tidak ditemukan. Periksa lagi alamatnya.",
    500: "Ada yang salah di sistem kami. Nomor Anda tetap tersimpan. Coba lagi sebentar lagi.",
    503: "Sistem sedang terganggu. Nomor Anda tetap berlaku. Coba lagi, atau tanya petugas di pintu masuk.",
}


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the asker is a program: the API answers JSON even when it fails."""
    return request.path.startswith("/api/")


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    if wants_json(request):
        code = {400: "bad_request", 403: "forbidden", 404: "not_found", 503: "unavailable"}.get(
            status, "error"
        )
        body = {"code": code, "message": PLAIN_MESSAGES[status], "extra": context}
        return JsonResponse(body, status=status)
    template = loader.get_template(f"{status}.html")
    # Pages for a broken server know nothing of the database; the others show the mall.
    with_request = None if status >= 500 else request
    return _tried_again(request, HttpResponse(template.render(context, with_request), status=status))


def _tried_again(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let a screen of the hall whose first page failed ask again by itself: that page has no script."""
    if response.status_code >= 500 and request.path.startswith(SCREENS):
        response["Refresh"] = str(SECONDS_TO_NEXT_TRY)
    return response


def refused(request: HttpRequest, refusal: Refusal, back: str = "") -> HttpResponse:
    """Answer a `Refusal`: its own status, its own words, and what to do next; `back` leads back."""
    if wants_json(request):
        return JsonResponse(refusal.as_dict(), status=refusal.status)
    template = loader.select_template([f"{refusal.status}.html", "409.html"])
    page = template.render({"refusal": refusal, "back": back}, request)
    return _tried_again(request, HttpResponse(page, status=refusal.status))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer any other failure; a database that is gone gets its own page, made without it."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        response = _page(request, 503)
        response["Retry-After"] = "10"
        return response
    return _page(request, 500, incident=uuid.uuid4().hex[:8])


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its token: the page was old, or the form is not ours; lead back to the page."""
    refusal = Refusal(
        "csrf",
        "Halaman ini sudah terlalu lama terbuka. Kembali, muat ulang, lalu kirim lagi.",
        status=403,
    )
    return refused(request, refusal, own_address(request, request.headers.get("Referer", "")))


@login_not_required
@require_GET
def theme(request: HttpRequest) -> HttpResponse:
    """Answer the mall's colours as a style sheet: everything follows from one colour."""
    mall = getattr(request, "mall", None)
    response = HttpResponse(
        palette.css_block(mall.accent if mall else palette.FALLBACK), content_type="text/css; charset=utf-8"
    )
    patch_cache_control(response, public=True, max_age=300)
    return response


@login_not_required
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """Answer what a phone needs to keep the portal on its first screen."""
    mall = getattr(request, "mall", None)
    name = mall.short_name if mall else "Mal Pelayanan Publik"
    content = {
        "name": name,
        "short_name": name,
        "lang": "id",
        "start_url": reverse("my-tickets"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#FFFFFF",
        "theme_color": mall.accent if mall else palette.FALLBACK,
        "icons": [
            {
                "src": signs.icon_of(mall, name),
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, side, purpose in ICONS
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@login_not_required
@require_safe
def picture(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """Answer one size of the emblem or photo that the mall shows now; another picture has another address."""
    mall = getattr(request, "mall", None)
    if mall is None or key not in {mall.emblem, mall.photo} or name not in pictures.NAMES:
        raise NotFound
    try:
        content = pictures.read(key, name)
    except FileNotFoundError as error:
        raise NotFound from error
    response = HttpResponse(content, content_type=pictures.type_of(name))
    # Compressed already.
    response["Content-Encoding"] = "identity"
    patch_cache_control(response, public=True, max_age=pictures.YEAR, immutable=True)
    return response


@login_not_required
@require_safe
def sign(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """Answer one file of the sign that stands in for an emblem; one of another version is kept by nobody."""
    if name not in signs.NAMES:
        raise NotFound
    now = signs.of(getattr(request, "mall", None))
    kind = "image/svg+xml" if name == signs.TAB else pictures.type_of(name)
    response = HttpResponse(sign_pictures.drawn(now, name), content_type=kind)
    if version == now.version:
        patch_cache_control(response, public=True, max_age=pictures.YEAR, immutable=True)
    else:
        patch_cache_control(response, no_store=True)
    return response


@login_not_required
@require_GET
def ready(request: HttpRequest) -> JsonResponse:
    """Answer the readiness probe: database, Redis, and how fresh worker and beat are."""
    report = health.report()
    response = JsonResponse(report.as_dict(), status=200 if report.can_serve else 503)
    # The waiting page of a kiosk is a file on its own disk (deploy/kiosk): another origin.
    response["Access-Control-Allow-Origin"] = "*"
    return response

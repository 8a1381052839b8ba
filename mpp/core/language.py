"""The language a visitor has chosen: Indonesian until they say otherwise.

The browser's own list is not asked: many cheap phones in Indonesia are set to English by the shop.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

COOKIE = "bahasa"
YEAR = 365 * 24 * 60 * 60
BACK = "kembali"


def chosen(request: HttpRequest) -> str:
    """Return the language of this visitor; an unknown one is none."""
    wanted = request.COOKIES.get(COOKIE, "")
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class LanguageMiddleware:
    """Speak the visitor's language from here on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(chosen(request)):
            return self.get_response(request)


@login_not_required
@require_safe
def switch(request: HttpRequest, language: str) -> HttpResponse:
    """Keep the chosen language in this browser, and lead back to the page it was chosen on."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    back = request.GET.get(BACK, "/")
    # A link that somebody sends must not lead away from here.
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = "/"
    response = HttpResponseRedirect(back)
    response.set_cookie(COOKIE, language, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    return response

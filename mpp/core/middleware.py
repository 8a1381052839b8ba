"""What every request passes through."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from mpp.core import mall, revision, views
from mpp.core.errors import Refusal

Handler = Callable[[HttpRequest], HttpResponseBase]


class EntranceMiddleware:
    """Answer the liveness probe before anything that could fail, and read every request as UTF-8."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A header may name any codec, even one that is no text encoding ("zlib"), and reading would fail.
        request.encoding = "utf-8"
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """Headers that Django has no setting for (trust.md 1.2), and the admin's wider policy."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        is_admin = request.path.startswith("/admin/")
        response.setdefault(
            "Content-Security-Policy",
            settings.ADMIN_CONTENT_SECURITY_POLICY if is_admin else settings.CONTENT_SECURITY_POLICY,
        )
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.setdefault("Cache-Control", "no-store")
        return response


class MallMiddleware:
    """Note when the request came in, and put the mall on it and its zone of time on the thread."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.mall = None  # type: ignore[attr-defined]
        # The readiness probe must be able to say that the database is gone.
        if request.path == "/readyz":
            return self.get_response(request)
        with revision.entered():
            here = mall.remembered()
            request.mall = here  # type: ignore[attr-defined]
            with timezone.override(here.timezone) if here else contextlib.nullcontext():
                return self.get_response(request)


class RefusalMiddleware:
    """Turn a `Refusal` that no view caught into its page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return views.refused(request, exception)
        return None

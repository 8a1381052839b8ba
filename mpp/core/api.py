"""What settings name for the API: bodies, pages, limits, errors.

Imports no view: REST framework imports this while it makes its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.utils import json as strict_json

from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.text import clean_text, has_control
from mpp.core.views import PLAIN_MESSAGES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The largest body of this API is a few hundred characters.
BODY_LIMIT = 64 * 1024


class Pages(PageNumberPagination):
    """Pages of 50, at most 100."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 100
    page_query_description: Any = _("Halaman, mulai dari 1.")
    page_size_query_description: Any = _("Baris per halaman, paling banyak 100.")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the page in the words of OpenAPI 3.1, which has no `nullable`."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "minimum": 0, "description": _("Baris di semua halaman.")},
                "next": link | {"description": _("Halaman berikutnya.")},
                "previous": link | {"description": _("Halaman sebelumnya.")},
                "results": schema,
            },
        }


class ScopedThrottle(ScopedRateThrottle):
    """Limits by scope; a load test of the demo goes without."""

    def allow_request(self, request: Request, view: Any) -> bool:
        return True if settings.LOAD_TEST else bool(super().allow_request(request, view))


class PlainJSONParser(JSONParser):
    """JSON as RFC 8259 has it: UTF-8, whatever the header says; small; without hidden characters."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(BODY_LIMIT + 1)
        if len(body) > BODY_LIMIT:
            raise Refusal("too_large", _("Isi permintaan terlalu besar."), status=413, limit=BODY_LIMIT)
        try:
            data = json.loads(body.decode(), parse_constant=strict_json.strict_constant)
            hidden = _hides_something(data)
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError from error
        if hidden:
            clean_text(hidden, limit=BODY_LIMIT)
        return data


def _hides_something(data: Any) -> str:
    """Return the first text in `data` with hidden characters, "" when there is none.

    Raises ValueError for half a surrogate pair, which no database can keep.
    """
    match data:
        case str():
            data.encode()
            return data if has_control(data) else ""
        case dict():
            return next(filter(None, map(_hides_something, [*data, *data.values()])), "")
        case list():
            return next(filter(None, map(_hides_something, data)), "")
    return ""


def _invalid(detail: Any) -> Refusal:
    names = ", ".join(detail) if isinstance(detail, Mapping) else ""
    message: StrOrPromise = _("Isi permintaan tidak dapat dibaca. Kirim satu objek JSON.")
    if names and "non_field_errors" not in detail:
        message = _("Ada isian yang salah: %(names)s. Periksa bagian “extra”.") % {"names": names}
    return Refusal("invalid", message, status=400, fields=detail)


def _denied(error: exceptions.PermissionDenied) -> Refusal:
    if str(error.detail).startswith("CSRF"):
        return Refusal("csrf", _("Kirim token CSRF, atau pakai kunci API."), status=403)
    return Forbidden()


def _as_refusal(error: Exception) -> Refusal | None:
    match error:
        case Refusal():
            return error
        case Http404() | exceptions.NotFound():
            return NotFound()
        case PermissionDenied():
            return Forbidden()
        case OperationalError() | InterfaceError():
            return Refusal("unavailable", PLAIN_MESSAGES[503], status=503)
        case exceptions.ValidationError():
            return _invalid(error.detail)
        case exceptions.ParseError():
            return Refusal("bad_json", _("Isi permintaan bukan JSON yang benar."), status=400)
        case exceptions.Throttled():
            message = _("Terlalu sering. Tunggu sebentar, lalu coba lagi.")
            return Refusal("throttled", message, status=429, wait_seconds=int(getattr(error, "wait", 0) or 1))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            message = _("Masuk dulu. Kunci API tidak ada atau sudah lewat waktu.")
            return Refusal("not_signed_in", message, status=401)
        case exceptions.PermissionDenied():
            return _denied(error)
        case exceptions.MethodNotAllowed():
            return Refusal("method_not_allowed", _("Cara ini tidak berlaku untuk alamat itu."), status=405)
        case exceptions.UnsupportedMediaType():
            return Refusal("unsupported_media_type", _("Kirim isi sebagai application/json."), status=415)
        case exceptions.NotAcceptable():
            return Refusal("not_acceptable", _("API ini menjawab dengan JSON."), status=406)
        case exceptions.APIException():
            return Refusal("bad_request", PLAIN_MESSAGES[400], status=error.status_code)
    return None


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every error as `{code, message, extra}` with its own status."""
    refusal = _as_refusal(error)
    if refusal is None:
        return None
    response = Response(refusal.as_dict(), status=refusal.status)
    if wait := refusal.extra.get("wait_seconds"):
        response["Retry-After"] = str(wait)
    elif refusal.status == 503:
        response["Retry-After"] = "5"
    elif refusal.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response

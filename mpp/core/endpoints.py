"""What every endpoint of the API is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from mpp.core.errors import NotFound

NAME_SHOWN = 40


class Endpoint(APIView):
    """An address of the API: JSON in and out, never kept by a cache."""

    metadata_class = None
    http_method_names = ["get", "head", "post", "delete"]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.setdefault("Cache-Control", "no-store")
        return response


class PublicEndpoint(Endpoint):
    """An address that reads what everybody may read; a key is not even looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_scope = "read"


class Text(serializers.CharField):
    """A text in a body; a number is not one, as the document says."""

    default_error_messages = {"invalid": gettext_lazy("Tulis sebagai teks.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer[Any]):
    """A body whose every key is known: a wrong word is refused, not silently dropped (trust.md S-112)."""

    default_error_messages = {"invalid": gettext_lazy("Isi permintaan harus satu objek JSON.")}

    def run_validation(self, data: Any = empty) -> Any:
        # `null` is no object either; REST framework would answer it in English.
        return super().run_validation([] if data is None else data)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name[:NAME_SHOWN]: [_("Isian ini tidak dikenal.")] for name in unknown}
                )
        return super().to_internal_value(data)


@csrf_exempt
@login_not_required
def unknown_address(request: HttpRequest, **kwargs: Any) -> JsonResponse:
    """Answer any other address below the API: no redirect, which would turn a POST into a GET."""
    message = _("Alamat API ini tidak ada. Setiap alamat berakhir dengan garis miring.")
    return JsonResponse(NotFound(message).as_dict(), status=404)

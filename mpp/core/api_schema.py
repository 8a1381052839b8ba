"""Parts of the OpenAPI document that every endpoint uses."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from mpp.core.endpoints import StrictSerializer

REASONS = {
    400: _("Isian salah, kunci tidak dikenal, atau bukan JSON."),
    401: _("Kunci API tidak ada, salah, atau lewat waktu."),
    403: _("Peran ini tidak boleh, atau milik orang lain."),
    404: _("Tidak ada, atau bukan untuk penanya."),
    409: _("Aturan menolak: tutup, penuh, atau langkah tidak berlaku. Tidak ada yang berubah."),
    413: _("Isi terlalu besar."),
    415: _("Isi bukan application/json."),
    422: _("Idempotency-Key yang sama dengan isi lain."),
    429: _("Terlalu sering. Lihat Retry-After."),
    503: _("Sistem sibuk atau terganggu. Ulangi dengan Idempotency-Key yang sama."),
}


class Operation(AutoSchema):
    """One operation, in words for people only: docstrings are for those who read the code."""

    def get_description(self) -> str:  # type: ignore[override]
        """Return nothing; `extend_schema(description=…)` comes before this."""
        return ""

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        schema.pop("description", None)
        if isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error of the API."""

    code = serializers.CharField(help_text=_("Kata tetap untuk program."))
    message = serializers.CharField(help_text=_("Kalimat untuk orang."))
    extra = serializers.DictField(help_text=_("Rincian, menurut `code`."))


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """Return the error responses with these statuses; 429 and 503 can always happen."""
    return {
        status: OpenApiResponse(ErrorSerializer, description=REASONS[status])
        for status in sorted({*statuses, 429, 503})
    }


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=_("Satu kunci untuk satu niat, misalnya UUID. Kunci yang sama memberi hasil yang sama."),
    pattern=r"^[!-~]([ -~]{0,98}[!-~])?$",
)

"""Where a file is, for whoever has its code."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mpp.core import clock
from mpp.core.api_schema import refusals
from mpp.core.endpoints import PublicEndpoint
from queueing.filed import look_up
from services.api.serializers import FileSerializer
from services.file_words import story_of

FILES: list[Any] = [_("Berkas")]


class FileDetail(PublicEndpoint):
    @extend_schema(
        operation_id="read_file",
        tags=FILES,
        summary=_("Keadaan satu berkas"),
        description=_("Untuk pemegang kodenya. Kode salah dan kode yang sudah dihapus dijawab sama."),
        responses={200: FileSerializer, **refusals(404, 429)},
    )
    def get(self, request: Request, code: str) -> Response:
        """Answer where the file is."""
        file = look_up(request, code)
        return Response(FileSerializer({"file": file, "story": story_of(file, clock.today())}).data)

"""An officer's key to the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from mpp.core import tokens
from mpp.core.api_schema import refusals
from mpp.core.endpoints import Endpoint
from tenants import actions
from tenants.api import schema  # noqa: F401 - being imported is what makes the scheme known
from tenants.api.serializers import TokenRequestSerializer, TokenSerializer
from tenants.models import ApiToken

PEOPLE: list[Any] = [_("Masuk")]


class TokenIssue(Endpoint):
    """Name and password against a key; an old key in the header does not matter here."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="issue_token",
        tags=PEOPLE,
        summary=_("Kunci API untuk petugas"),
        description=_("Setiap percobaan dicatat. Terlalu banyak percobaan salah ditolak 429."),
        request=TokenRequestSerializer,
        responses={200: TokenSerializer, **refusals(400, 401, 413, 415)},
    )
    def post(self, request: Request) -> Response:
        """Give out a key."""
        body = TokenRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = actions.sign_in(request._request, **body.validated_data)
        token = actions.issue_api_token(user)
        key = ApiToken.objects.get(digest=tokens.digest(token))
        return Response(TokenSerializer({"token": token, "expires_at": key.expires_at}).data)

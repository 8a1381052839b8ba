"""Whose request it is: an officer's key in the Authorization header."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tenants import actions
from tenants.models import User

SCHEMES = frozenset({"bearer", "token"})


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`; `Token <key>` is understood too.

    No header: nobody, the next class is asked. A header with a wrong or outworn key: 401, even on
    an address that is open to all, so that a client learns of it.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Return the key's user and the key, or None without such a header."""
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in SCHEMES:
            return None
        user = actions.user_of_api_token(key.strip())
        if user is None:
            raise AuthenticationFailed
        return user, key

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 names as the way in."""
        return "Bearer"

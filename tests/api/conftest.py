"""A client for each kind of asker; limits are off, but for the test of limits."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.core.cache.backends.locmem import LocMemCache
from rest_framework.test import APIClient

from mpp.core.api import ScopedThrottle
from tenants import actions
from tenants.models import User
from tests.api.client import CheckedClient
from tests.conftest import Place

SignedIn = Callable[[User], APIClient]
Limit = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks for more in a second than a person in an hour."""
    monkeypatch.setattr(ScopedThrottle, "THROTTLE_RATES", dict.fromkeys(ScopedThrottle.THROTTLE_RATES))


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Set the limit of a scope; the counts are this test's own, not those in Redis."""
    counts = LocMemCache(uuid.uuid4().hex, {})
    monkeypatch.setattr(ScopedThrottle, "cache", counts)

    def to(scope: str, rate: str) -> None:
        monkeypatch.setitem(ScopedThrottle.THROTTLE_RATES, scope, rate)

    return to


@pytest.fixture
def api() -> APIClient:
    return CheckedClient()


@pytest.fixture
def as_user() -> SignedIn:
    """A client with a fresh key of this person."""

    def sign_in(user: User) -> APIClient:
        client = CheckedClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {actions.issue_api_token(user)}")
        return client

    return sign_in


@pytest.fixture
def officer(place: Place, as_user: SignedIn) -> APIClient:
    """The client of the officer of `place`."""
    return as_user(place.officer)

"""A Redis that is away is asked once in half a minute by a process, not once by every request."""

from __future__ import annotations

from unittest import mock

import pytest
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import TimeoutError as RedisTimeout

from mpp.core.cache import ForgivingRedisCache


def test_one_request_that_waited_for_redis_spares_all_others_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ForgivingRedisCache, "_away_until", 0.0)
    # Each request of mpp.asgi gets a cache object of its own.
    first, second = (ForgivingRedisCache("unix:///nonexistent/redis.sock", {}) for _ in range(2))
    with mock.patch.object(RedisCache, "get", side_effect=RedisTimeout) as asked:
        assert first.get("a") is None
        assert second.get("a") is None
    assert asked.call_count == 1

"""The cache goes on without Redis, and finds it again."""

from __future__ import annotations

import time
from unittest import mock

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout

from mpp.core.cache import BREAK_SECONDS, ForgivingRedisCache


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> ForgivingRedisCache:
    monkeypatch.setattr(ForgivingRedisCache, "_away_until", 0.0)
    monkeypatch.setattr(ForgivingRedisCache, "_was_away", False)
    cache = caches.create_connection("default")
    assert isinstance(cache, ForgivingRedisCache)
    return cache


@pytest.mark.usefixtures("cache")
def test_one_request_that_waited_for_redis_spares_all_others_the_wait() -> None:
    # Each request of mpp.asgi gets a cache object of its own.
    first, second = (ForgivingRedisCache("unix:///nonexistent/redis.sock", {}) for _ in range(2))
    with mock.patch.object(RedisCache, "get", side_effect=RedisTimeout) as asked:
        assert first.get("a") is None
        assert second.get("a") is None
    assert asked.call_count == 1


def test_all_commands_go_through_one_client(cache: ForgivingRedisCache) -> None:
    assert cache._cache.get_client("a") is cache._cache.get_client("b", write=True)


@pytest.mark.parametrize("values", [{"satu": 1}, {"satu": 1, "dua": [2, "b"]}])
def test_values_that_are_set_together_are_there_for_their_time(
    cache: ForgivingRedisCache, values: dict[str, object]
) -> None:
    cache.set_many(values, timeout=60)
    assert cache.get_many(["satu", "dua"]) == values
    client = cache._cache.get_client()
    assert all(0 < client.ttl(cache.make_key(key)) <= 60 for key in values)
    cache.delete_many(values)


def test_one_value_is_set_by_one_command(cache: ForgivingRedisCache) -> None:
    with mock.patch.object(Redis, "execute_command", autospec=True, return_value=True) as sent:
        cache.set_many({"satu": 1}, timeout=60)
    assert [call.args[1] for call in sent.call_args_list] == ["SET"]


def test_without_redis_it_counts_in_memory_asks_once_and_returns(
    cache: ForgivingRedisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(*args: object, **kwargs: object) -> None:
        asked.append(args)
        raise RedisConnectionError

    real = cache._cache
    monkeypatch.setattr(type(real), "incr", refuse)
    monkeypatch.setattr(type(real), "add", refuse)
    assert cache.add("hitung", 1, 60)
    assert cache.incr("hitung") == 2
    assert cache.incr("hitung") == 3
    assert len(asked) == 1

    later = time.monotonic() + BREAK_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert cache.incr("hitung") == 4
    assert len(asked) == 2

    monkeypatch.undo()
    monkeypatch.setattr(ForgivingRedisCache, "_away_until", 0.0)
    cache.set("kembali", "ya", 60)
    assert caches.create_connection("default").get("kembali") == "ya"

"""The cache on Redis that never keeps a citizen waiting."""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

BREAK_SECONDS = 30


class JSONSerializer:
    """JSON and never pickle: who can write to Redis must not run code here (trust.md 0.8)."""

    def dumps(self, value: Any) -> Any:
        # Whole numbers stay bare, so that Redis can count with them.
        return value if type(value) is int else json.dumps(value)

    def loads(self, data: Any) -> Any:
        return json.loads(data)


class KeptClient(RedisCacheClient):
    """Django's own, with one client of redis-py: it makes a new one for each command, which costs more.

    One value is set by one command, where Django's sends four.
    """

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        return self._kept

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        if len(data) == 1:
            self.set(*next(iter(data.items())), timeout)
        else:
            super().set_many(data, timeout)

    @functools.cached_property
    def _kept(self) -> Redis:
        return super().get_client(write=True)


class ForgivingRedisCache(RedisCache):
    """Redis while it answers; else this process's own memory, for half a minute at a time.

    A hung Redis would otherwise cost every request its socket timeout. Rate limits go on counting,
    per process, so they stay closed.
    """

    # Of the whole process: under mpp.asgi every request gets a cache object of its own, and each
    # would wait for a hung Redis by itself.
    _away_until: ClassVar[float] = 0.0
    _was_away: ClassVar[bool] = False

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient
        self._memory = LocMemCache("redis-away", params)

    def _try(self, name: str, on_redis: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        process = ForgivingRedisCache
        if time.monotonic() >= process._away_until:
            if process._was_away:
                # One request asks whether Redis is back; the others do not wait for the answer.
                process._away_until = time.monotonic() + BREAK_SECONDS
            try:
                answer = on_redis(*args, **kwargs)
            except (RedisError, OSError):
                process._was_away, process._away_until = True, time.monotonic() + BREAK_SECONDS
                logger.warning("Redis does not answer; counting in memory for %d s", BREAK_SECONDS)
            else:
                process._was_away, process._away_until = False, 0.0
                return answer
        return getattr(self._memory, name)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("add", super().add, *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("get", super().get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("set", super().set, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("touch", super().touch, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("delete", super().delete, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("incr", super().incr, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("get_many", super().get_many, *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._try("set_many", super().set_many, *args, **kwargs)

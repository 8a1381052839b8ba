"""How the portal's parts are doing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection

from mpp.core import clock
from mpp.core.models import Pulse

# Beat ticks every 10 s, the worker's own heart every 10 s at most.
FRESH_SECONDS = 45


@dataclass(frozen=True)
class Report:
    """What answers, and the seconds since worker and beat last did anything (None: never)."""

    database: bool
    redis: bool
    worker_seconds: float | None
    beat_seconds: float | None

    @property
    def can_serve(self) -> bool:
        """Tell whether numbers can be issued and called: that needs the database alone."""
        return self.database

    def as_dict(self) -> dict[str, Any]:
        """Return the body of /readyz."""
        fresh = {
            name: seconds is not None and seconds < FRESH_SECONDS
            for name, seconds in (("worker", self.worker_seconds), ("beat", self.beat_seconds))
        }
        everything = self.database and self.redis and all(fresh.values())
        state = "ok" if everything else "degraded" if self.can_serve else "down"
        return {"status": state, **asdict(self), "fresh": fresh}


def report() -> Report:
    """Ask each part, each with a short time limit."""
    try:
        ages = _ages()
        database = True
    except Error:
        connection.close()
        ages, database = {}, False
    return Report(database, _redis_answers(), ages.get("worker"), ages.get("beat"))


def _ages() -> dict[str, float]:
    now = clock.now()
    return {pulse.name: (now - pulse.at).total_seconds() for pulse in Pulse.objects.all()}


def _redis_answers() -> bool:
    client = redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def beat_once(name: str) -> None:
    """Record that `name` ("worker" or "beat") is alive now."""
    Pulse.objects.update_or_create(name=name, defaults={"at": clock.now()})

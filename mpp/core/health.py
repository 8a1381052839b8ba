"""How the portal's parts are doing."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection

from mpp.core import clock
from mpp.core.models import Pulse

# Beat ticks every 10 s, the worker's own heart every 10 s at most.
FRESH_SECONDS = 45
# Times come from the database; a host that disagrees has lost its time server (trust.md R-10).
MOST_SKEW_SECONDS = 2.0


@dataclass(frozen=True)
class Report:
    """What answers, and the seconds since worker and beat last did anything (None: never).

    `skew_seconds`: how far this host's clock is ahead of the database's.
    """

    database: bool
    redis: bool
    worker_seconds: float | None
    beat_seconds: float | None
    skew_seconds: float | None

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
        on_time = self.skew_seconds is not None and abs(self.skew_seconds) <= MOST_SKEW_SECONDS
        everything = self.database and self.redis and on_time and all(fresh.values())
        state = "ok" if everything else "degraded" if self.can_serve else "down"
        return {"status": state, **asdict(self), "fresh": fresh}


def report() -> Report:
    """Ask each part, each with a short time limit."""
    redis_answers = _redis_answers()
    try:
        pulses = {pulse.name: pulse.at for pulse in Pulse.objects.all()}
        now = clock.now()
    except Error:
        connection.close()
        return Report(False, redis_answers, None, None, None)
    ages = {name: (now - at).total_seconds() for name, at in pulses.items()}
    skew = round(time.time() - now.timestamp(), 3)
    return Report(True, redis_answers, ages.get("worker"), ages.get("beat"), skew)


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

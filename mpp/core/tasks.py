"""Periodic jobs of the portal itself. Each may run twice or late without harm."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import heartbeat_sent
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections

from mpp.core import health


@shared_task(name="core.beat_tick")
def beat_tick() -> None:
    """Show that beat sends and the worker runs."""
    health.beat_once("beat")


@shared_task(name="core.clear_sessions")
def clear_sessions() -> None:
    """Delete sessions that ended by themselves."""
    SessionStore.clear_expired()


@heartbeat_sent.connect
def worker_pulse(**kwargs: Any) -> None:
    """Record the worker's own heartbeat, which does not depend on beat."""
    # No task and no request ends in this thread: nobody else lets go of a connection that has died.
    close_old_connections()
    health.beat_once("worker")

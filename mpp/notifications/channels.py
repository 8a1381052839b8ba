"""Adapters that carry a message. Each further one comes with the channel it is for."""

from __future__ import annotations

import sys
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from mpp.notifications.models import Message


class DeliveryError(Exception):
    """The message did not go out. `permanent`: trying again is useless (wrong number, refused)."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Channel(Protocol):
    """One way to reach people.

    `knows_duplicates`: the other side drops a second message with the same dedupe key, so a send
    that may or may not have happened can be repeated.
    """

    knows_duplicates: bool

    def send(self, message: Message) -> str:
        """Send, and return the provider's own number; raises `DeliveryError`."""


class Console:
    """Writes to the worker's log: the channel of a fresh machine. Numbers are masked."""

    knows_duplicates = False

    def send(self, message: Message) -> str:
        """Print one line."""
        masked = f"{message.recipient[:5]}…{message.recipient[-3:]}"
        sys.stdout.write(f"[pesan] {message.event} → {masked}\n")
        sys.stdout.flush()
        return ""


def get(name: str) -> Channel:
    """Return the adapter called `name` in settings.NOTIFICATION_CHANNELS."""
    try:
        channel: Channel = import_string(settings.NOTIFICATION_CHANNELS[name])()
    except KeyError as error:
        raise ImproperlyConfigured(f"Saluran pesan “{name}” tidak dikenal.") from error
    return channel

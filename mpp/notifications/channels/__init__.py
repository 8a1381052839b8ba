"""Adapters that carry a message. Which ones there are follows from the settings."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from mpp.core import revision
from mpp.notifications.channels.base import Channel, DeliveryError, Parcel
from mpp.notifications.enums import BY_PHONE, Kind
from mpp.notifications.models import ChannelRule

__all__ = ["Channel", "DeliveryError", "Parcel", "for_phone", "get", "knows_duplicates", "offered"]


def get(name: str) -> Channel:
    """Return the adapter called `name` in settings.NOTIFICATION_CHANNELS."""
    try:
        channel: Channel = import_string(settings.NOTIFICATION_CHANNELS[name])()
    except KeyError as error:
        raise ImproperlyConfigured(f"Saluran pesan “{name}” tidak dikenal.") from error
    return channel


def knows_duplicates(name: str) -> bool:
    """Tell whether a message of this channel may be sent again without anybody reading it twice."""
    path = settings.NOTIFICATION_CHANNELS.get(name)
    return bool(path and import_string(path).knows_duplicates)


def _switched_off(_key: str) -> frozenset[str]:
    return frozenset(ChannelRule.objects.filter(is_on=False).values_list("channel", flat=True))


_off: revision.Memory[str, frozenset[str]] = revision.Memory(_switched_off)


def offered() -> Sequence[Kind]:
    """Return the ways that a citizen may choose: set up, and in use. The server's log is none of them,
    unless there is nothing else."""
    off = _off.get(revision.at_entry().revision, "")
    ready = [kind for kind in Kind if kind in settings.NOTIFICATION_CHANNELS and kind not in off]
    real = [kind for kind in ready if kind != Kind.CONSOLE]
    return real if any(kind in BY_PHONE for kind in real) else ready


def for_phone() -> str:
    """Return the channel for a number that was left without a choice; "" when there is none."""
    off = _off.get(revision.at_entry().revision, "")
    wanted = (settings.NOTIFICATION_CHANNEL, *BY_PHONE)
    ready = (name for name in wanted if name in settings.NOTIFICATION_CHANNELS and name not in off)
    return next(ready, "")

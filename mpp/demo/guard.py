"""Passwords that anybody can read exist in the demo only."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError


def refuse_outside_demo() -> None:
    """Raise `CommandError` unless this is the demo."""
    if not settings.DEMO:
        raise CommandError("Perintah ini hanya untuk demo (MPP_DEMO=1).")

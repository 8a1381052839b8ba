"""Locking and unlocking an officer's screen (trust.md 5, conflict 9)."""

from __future__ import annotations

import contextlib
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mpp.core import audit, clock
from queueing.models import DeskScreen
from tenants.actions import prove_pin
from tenants.models import User


def note_hand(*, session_key: str, at: datetime) -> None:
    """Note that a hand was on this screen at `at`; a locked one stays as it is."""
    if not _open(session_key).update(active_at=at):
        _begin(session_key, at)


def _open(session_key: str) -> QuerySet[DeskScreen]:
    return DeskScreen.objects.filter(session=session_key, locked_at__isnull=True)


def _begin(session_key: str, at: datetime) -> None:
    # The session may have ended in another tab meanwhile: then there is no screen.
    with contextlib.suppress(IntegrityError), transaction.atomic():
        DeskScreen.objects.bulk_create(
            [DeskScreen(session_id=session_key, active_at=at)], ignore_conflicts=True
        )


def lock_screen(*, session_key: str, by: User, is_idle: bool = False) -> None:
    """Lock this screen: nothing is shown or done on it until it is unlocked. Twice is once."""
    at = clock.now()
    _begin(session_key, at)
    with transaction.atomic():
        if _open(session_key).update(locked_at=at):
            audit.record("screen.lock", by=by, target=by.get_username(), idle=is_idle)


def unlock_screen(*, session_key: str, pin: str, by: User) -> None:
    """Unlock this screen with the person's PIN; raises as `prove_pin`."""
    prove_pin(pin=pin, by=by)
    with transaction.atomic():
        DeskScreen.objects.filter(session=session_key).update(active_at=clock.now(), locked_at=None)
        audit.record("screen.unlock", by=by, target=by.get_username())

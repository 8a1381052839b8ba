"""Two clerks press the same button of a file at once: it is taken once; and not without the lock."""

from __future__ import annotations

import pytest
from django.db import transaction

from mpp.core import locks
from mpp.core.errors import Refusal
from services import actions
from services.models import SubmissionEvent
from tests.concurrency.race import at_once, without_lock
from tests.conftest import Place

pytestmark = pytest.mark.django_db(transaction=True)


def presses_at_once(place: Place) -> tuple[int, int]:
    """How often the step stands in the trails of four files, and how often it was refused."""
    files = []
    for number in range(4):
        with transaction.atomic():
            files.append(
                actions.receive(service=place.service, origin=f"uji:{number}", number="A-001", by=None)
            )
    results = at_once(
        16,
        lambda index: actions.take_step(submission=files[index // 4], step="process", by=place.officer),
        threads=8,
    )
    taken = SubmissionEvent.objects.filter(step="process").count()
    return taken, sum(isinstance(result, Refusal) for result in results)


def test_a_button_that_two_press_at_once_is_pressed_once(live_place: Place) -> None:
    assert presses_at_once(live_place) == (4, 12)


def test_without_the_lock_it_would_stand_twice_in_the_trail(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    assert presses_at_once(live_place)[0] > 4

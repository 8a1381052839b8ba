"""The fairness report of a simulated day, played through the real actions, as a citizen reads it."""

from __future__ import annotations

import pytest

from queueing.models import Queue
from queueing.simulation.days import draw_day
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.pictures.camera import keep
from tests.simulation.engine_day import DATE, play
from tests.simulation.test_day_against_engine import PLAN, SEED

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = {"A": "Rekam dan cetak KTP-el", "B": "Pencatatan sipil"}


def test_the_fairness_report_of_a_simulated_day(live_place: Place, people: People) -> None:
    Queue.objects.all().delete()
    play(draw_day(PLAN, SEED), live_place.agency)
    for queue, (prefix, name) in zip(Queue.objects.order_by("pk"), NAMES.items(), strict=True):
        Queue.objects.filter(pk=queue.pk).update(prefix=prefix, name=name)
    page = people.arrive(1024, 768)
    page.goto(f"/keadilan/{DATE.isoformat()}/")
    assert page.locator(".line-report").count() == len(NAMES)
    keep(page, "fairness-day", whole=True, docs=1)

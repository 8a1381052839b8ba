"""PostgreSQL dies, hangs, or is held up by one of its own sessions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest
from django.db import Error, connections

from queueing.models import QueueDay
from tests import factories as make
from tests.faults.conftest import Scene
from tests.faults.history import Op
from tests.faults.storm import TAKE, Officer, Person, together, wait_for

RUNS = 20
PEOPLE = 50
BACK_SECONDS = 15.0
HUNG_ANSWER_SECONDS = 5.0
LOCK_SECONDS = 3.0
IDLE_SECONDS = 10.0
# The answer itself, on a machine that does other things too.
SLACK_SECONDS = 2.0

Work = Callable[[], object]


def _takes(person: Person, service: str) -> Work:
    return lambda: person.take(service)


def _serves_two(officer: Officer) -> Work:
    return lambda: [officer.serve_one() for _ in range(2)]


def _once(person: Person, scene: Scene) -> Work:
    """Ask one time for a number."""
    return lambda: person.ask("issue", TAKE, **_wish(person, scene))


def _until_told(person: Person, scene: Scene) -> Op:
    """Ask for the same number again and again."""
    return person.insist("issue", TAKE, **_wish(person, scene))


def _wish(person: Person, scene: Scene) -> dict[str, Any]:
    service = scene.place.service.slug
    return {"about": service, "key": f"once-{person.name}", "body": {"service": service}}


def test_r01_a_killed_database_loses_and_doubles_nothing(scene: Scene) -> None:
    """kill -9 of the postmaster in the middle of a storm, twenty times."""
    scene.portal.start("web")
    people, officers = scene.people(PEOPLE), scene.officers(2)
    assert set(scene.machine.settings_of_safety().values()) == {"on"}
    for run in range(RUNS):
        taken = len(scene.history.promises("issue"))
        taking = [_takes(person, scene.place.service.slug) for person in people]
        storm = together([*taking, *map(_serves_two, officers)])
        time.sleep(people[run].random.uniform(0.05, 0.5))
        scene.machine.postgres.kill()
        scene.machine.postgres.start()
        well_again = time.monotonic()
        wait_for(storm)
        assert len(scene.history.promises("issue")) == taken + PEOPLE
        first = min(op.ended for op in scene.history.ops if op.is_acknowledged and op.ended > well_again)
        assert first - well_again < BACK_SECONDS


@contextmanager
def _line_kept(queue_day: QueueDay) -> Iterator[None]:
    """A session with the portal's own settings locks a line and then does nothing."""
    keeper = connections.create_connection("default")
    keeper.set_autocommit(False)
    with keeper.cursor() as cursor:
        cursor.execute("SELECT 1 FROM queueing_queueday WHERE id = %s FOR NO KEY UPDATE", [queue_day.pk])
        yield
        with pytest.raises(Error, match="idle-in-transaction"):
            cursor.execute("SELECT 1")
    keeper.close()


@pytest.mark.parametrize("alone", [False, True], ids=["every process of it", "the postmaster alone"])
def test_r02_a_hung_database_is_said_within_five_seconds(scene: Scene, alone: bool) -> None:
    """SIGSTOP: nothing is refused, nothing is answered. Waiting people must not pile up behind it."""
    scene.portal.start("web")
    people = scene.people(PEOPLE)
    wait_for(together(_takes(person, scene.place.service.slug) for person in people[:8]))
    with scene.machine.postgres.frozen(alone=alone):
        hung = time.monotonic()
        for _ in range(2):
            wait_for(together(_once(person, scene) for person in people))
        page = httpx.get(f"{scene.portal.url}/layanan/", timeout=20)
        longest = max(op.ended - op.began for op in scene.history.ops if op.began >= hung)
        said = [op for op in scene.history.ops if op.began >= hung and op.status != 201]
        assert longest < HUNG_ANSWER_SECONDS
        if not alone:
            assert {op.status for op in said} == {503}
            assert {op.body["code"] for op in said} == {"unavailable"}
            assert page.status_code == 503
            assert "tetap berlaku" in page.text
            assert page.headers["Retry-After"]
    healed = time.monotonic()
    assert scene.person("after it").take(scene.place.service.slug).status == 201
    assert time.monotonic() - healed < HUNG_ANSWER_SECONDS
    wait_for(together(partial(_until_told, person, scene) for person in people))


def test_r24_a_transaction_that_keeps_a_line_is_ended_and_delays_no_other_line(scene: Scene) -> None:
    """A session of the portal stops in the middle of an act, with the line's row locked."""
    other = make.make_service(scene.place.agency)
    make.make_queue(other, stops_in_time=False)
    scene.portal.start("web")
    stuck, free = scene.people(2)
    assert stuck.take(scene.place.service.slug).status == 201
    with _line_kept(QueueDay.objects.get()):
        began = time.monotonic()
        wait_for(together([_once(stuck, scene), _takes(free, other.slug)]))
        [served, refused] = sorted(scene.history.ops[-2:], key=lambda op: op.status)
        assert (served.user, served.status) == (free.name, 201)
        assert served.ended - served.began < LOCK_SECONDS
        assert (refused.status, refused.body["code"]) == (503, "busy")
        assert refused.ended - refused.began < LOCK_SECONDS + SLACK_SECONDS
        # Nobody does anything about it: the database ends the session that does nothing.
        assert _until_told(stuck, scene).status == 201
        assert time.monotonic() - began < IDLE_SECONDS + LOCK_SECONDS + SLACK_SECONDS

"""A machine whose servers may be killed, and for each test a fresh portal of production processes on it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench import compose
from mpp.runtime.places import secret_key
from tests.faults import machine as machines
from tests.faults.machine import DATABASE, TEMPLATE, Machine

if TYPE_CHECKING:
    from tests.conftest import Place
    from tests.faults.history import History
    from tests.faults.portal import Portal
    from tests.faults.storm import Desk, Officer, Person

_machine: Machine
_scratch: Path


def pytest_configure(config: pytest.Config) -> None:
    """Before any test module is imported: the models need settings, and these the addresses."""
    global _machine, _scratch
    stack = ExitStack()
    config.add_cleanup(stack.close)
    _scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mpp-faults-")))
    _machine = stack.enter_context(machines.running())
    for name in ("MPP_DEMO", "LOAD_TEST", "OPEN", "HTTPS"):
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(
        DATABASE_URL=_machine.address_of(TEMPLATE),
        REDIS_URL=_machine.redis_url,
        SECRET_KEY=secret_key(_machine.places),
        DJANGO_SETTINGS_MODULE="tests.faults.settings",
        TEST_STATIC_ROOT=str(_scratch / "static"),
        FAULT_NOTES=str(_scratch / "strikes"),
        MPP_DEMO="0",
        LOAD_TEST="0",
        HTTPS="0",
        PUBLIC_URL="https://mpp.test",
        TRUSTED_PROXIES="1",
        LOG_LEVEL="WARNING",
    )
    _machine.new_database(TEMPLATE)
    _manage("migrate", "--noinput", DB_STATEMENT_TIMEOUT_MS="0")
    os.environ["DATABASE_URL"] = _machine.database_url
    import django

    django.setup()
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["tests.support.hasher.QuickArgon2"]
    _manage("collectstatic", "--noinput")


def _manage(*words: str, **environment: str) -> None:
    command = [sys.executable, "manage.py", *words, "--verbosity=0"]
    subprocess.run(command, cwd=compose.ROOT, env={**os.environ, **environment}, check=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A fault that was not tried is not a fault that is borne: nothing here may be skipped."""
    report = yield
    if report.skipped:
        report.outcome, report.longrepr = "failed", "skipped: make faults tries every fault"
    return report


@dataclass
class Scene:
    """A portal with a mall in it, its people, and what they were told."""

    machine: Machine
    portal: Portal
    place: Place
    history: History
    seed: int
    _people: list[Person] = field(default_factory=list)

    def person(self, name: str = "person", url: str = "") -> Person:
        """A visitor with an address of their own."""
        from tests.faults.storm import Person

        self._people.append(Person(name, url or self.portal.url, self.history, self.seed))
        return self._people[-1]

    def people(self, count: int) -> list[Person]:
        return [self.person(f"person {number}") for number in range(count)]

    def officer(self, name: str = "officer", desk: Desk | None = None, url: str = "") -> Officer:
        """An officer at an open counter of the place's agency."""
        from tests.faults.storm import Officer

        officer = Officer(
            name, url or self.portal.url, self.history, self.seed, desk or open_desk(self.place)
        )
        self._people.append(officer)
        return officer

    def officers(self, count: int) -> list[Officer]:
        return [self.officer(f"officer {number}") for number in range(count)]

    def leave(self) -> None:
        for person in self._people:
            person.close()


def open_desk(place: Place) -> Desk:
    """Open another counter of the place's agency."""
    from tenants.actions.signing_in import issue_api_token
    from tests import factories as make
    from tests.faults.storm import Desk

    officer = make.make_user(agency=place.agency)
    session = make.open_session(place.agency, make.make_counter(place.agency, place.zone), officer)
    return Desk(session.pk, issue_api_token(officer))


def endless(place: Place) -> Place:
    """A storm brings more people than the day has time for; that is not what it is about."""
    place.queue.stops_in_time = False
    place.queue.save(update_fields=["stops_in_time"])
    return place


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """FAULT_SEED=… repeats a run; each test says which it had."""
    seed = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
    print(f"FAULT_SEED={seed}", end=" ", flush=True)
    return seed


@pytest.fixture
def scene(seed: int, tmp_path: Path) -> Iterator[Scene]:
    """A fresh database with one mall, and no process yet; at its end everything is checked."""
    from django.db import connection
    from django.utils import timezone

    from tests.conftest import make_place
    from tests.faults.history import History
    from tests.faults.portal import Portal

    connection.close()
    _machine.new_database(DATABASE, TEMPLATE)
    _machine.forget_redis()
    portal = Portal(_machine, tmp_path)
    with timezone.override("Asia/Makassar"):
        scene = Scene(_machine, portal, endless(make_place()), History(), seed)
        try:
            yield scene
            scene.leave()
            connection.close()
            _everything_holds(scene.history)
        finally:
            portal.stop()
            connection.close()


def _everything_holds(history: History) -> None:
    from django.core.management import call_command

    from tests.faults.history import breaches

    assert history.unanswered() == []
    assert breaches(history) == []
    call_command("check_invariants", stdout=StringIO())

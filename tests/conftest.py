"""Shared by all tests: real PostgreSQL and Redis, started when no URL is given."""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from tests.support.remembered import Remembered

if TYPE_CHECKING:
    from mpp.core.models import Mall
    from queueing.models import Queue
    from services.models import Service
    from tenants.models import Agency, Counter, User, Zone

os.environ.setdefault("MPP_DEMO", "0")
# The same examples in each run of CI; at the desk new ones every time.
settings.register_profile("ci", derandomize=True, deadline=None)
# A busy machine takes long over an example that holds.
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
# Rows of the admin that no counter writes.
CONFIGURED = {"queue", "queueservice", "queuewave", "counterline", "screensource", "playlistitem"}
# Servers of their own, which die: `make faults`. Pages to look at, and to audit: the targets of these names.
collect_ignore = ["faults", "pictures", "lighthouse"]


@dataclass
class Place:
    """A mall with one agency, one service in one line, one counter and one officer."""

    mall: Mall
    zone: Zone
    agency: Agency
    service: Service
    queue: Queue
    counter: Counter
    officer: User


@pytest.fixture(scope="session", autouse=True)
def no_needless_effort() -> Iterator[None]:
    """Leave out what is slow for a reason that no test needs."""
    from django.conf import settings
    from django.test import TransactionTestCase

    from tests.support import database

    settings.PASSWORD_HASHERS = ["tests.support.hasher.QuickArgon2"]
    # Else every client of a test begins by listing all static files.
    settings.WHITENOISE_AUTOREFRESH = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: database.empty())
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Copy the test database from one that is migrated, and drop it, without the portal's limits."""
    from django.conf import settings

    from tests.support import database

    with django_db_blocker.unblock():
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = database.template()
    with database.connected_with({}):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Keep the portal's limits from when the test database is made until it is dropped."""
    from tests.support import database

    with database.connected_with(database.LIMITS):
        yield


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let the database be migrated while the workers of `pytest -n` still gather the tests."""
    if session.config.getoption("numprocesses", None):
        from tests.support import database

        stack = ExitStack()
        session.config.add_cleanup(stack.close)
        stack.enter_context(database.begin_template())


# The faults run without xdist.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: a browser test waits for its browser half of the time."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that use no database, since it is still migrated; then the long ones.

    So no worker is left alone with a long one at the end.
    """
    place = {"runtime": 0, "e2e": 1, "deploy": 1, "concurrency": 1, "live": 1}
    items.sort(key=lambda item: place.get(item.path.parent.name, 2))


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over all that was imported and gathered: it stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def mall_time() -> Iterator[None]:
    with timezone.override("Asia/Makassar"):
        yield


@pytest.fixture
def forenoon() -> Iterator[datetime]:
    """Hold the clock at ten on a Monday: what a test lets pass then stays within one day."""
    from mpp.core import clock
    from tests.queueing.pages import MONDAY_10

    with clock.frozen(MONDAY_10):
        yield MONDAY_10


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Rate limits count in the cache, and pages are kept for a second; each test starts from zero."""
    from django.core.cache import cache

    from queueing import live, waits
    from queueing.views import shared

    cache.clear()
    live.forget()
    waits.forget()
    shared.forget()


@pytest.fixture(autouse=True)
def no_bare_save_in_queueing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole-row save of a hot row would write back what another process has changed meanwhile."""
    from django.apps import apps

    for model in apps.get_app_config("queueing").get_models():
        if model.__name__.startswith("Historical"):
            continue

        def save(self: Any, *args: Any, _save: Any = model.save, **kwargs: Any) -> None:
            is_new = self._state.adding or kwargs.get("force_insert")
            configured = self._meta.model_name in CONFIGURED
            assert is_new or configured or kwargs.get("update_fields"), "save() without update_fields"
            _save(self, *args, **kwargs)

        monkeypatch.setattr(model, "save", save)


def make_place() -> Place:
    """Build the small mall that most tests start from, open at every hour."""
    return furnish(make_hall())


def make_hall() -> Mall:
    """Make the mall itself and its rules: what may stand there already."""
    from tests import factories as make

    mall = make.make_mall()
    make.make_always_open()
    make.make_rules()
    return mall


def furnish(mall: Mall) -> Place:
    """Put an agency into the mall, with all that it needs to serve."""
    from tests import factories as make

    zone = make.make_zone(code="kependudukan", name="Kependudukan")
    agency = make.make_agency(short_name="Dukcapil", slug="dukcapil", zone=zone)
    service = make.make_service(
        agency, name="KTP elektronik hilang atau rusak", slug="ktp-hilang", aliases="bikin ktp"
    )
    queue = make.make_queue(service, prefix="A")
    counter = make.make_counter(agency, zone, number="2")
    officer = make.make_user(agency=agency, username="petugas", first_name="Siti")
    return Place(mall, zone, agency, service, queue, counter, officer)


furnished = Remembered(furnish)


def put_back_place() -> Place:
    """Return the mall of `make_place` at a third of the work, for a test that takes all back at its end."""
    mall = make_hall()
    place = furnished.put_back(mall)
    place.mall = mall
    return place


@pytest.fixture
def place(db: None) -> Place:
    return put_back_place()


@pytest.fixture
def live_place(transactional_db: None) -> Place:
    """The same mall, committed: for threads, streams and browsers."""
    return make_place()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every service has often taken as long as its standard says: enough for an estimate."""
    from queueing import measures, waits
    from queueing.estimating import Observed, Times, learn
    from services.models import Service

    def times_of(queues: Collection[Queue], at: datetime) -> dict[int, Times]:
        return {queue.pk: often_seen(queue.agency_id) for queue in queues}

    def often_seen(agency_id: int) -> Times:
        rows = dict(Service.objects.filter(agency=agency_id).values_list("pk", "minutes"))
        logs = {key: math.log(minutes) for key, minutes in rows.items()}
        seen = [
            Observed(key, 9, 50, 50.0 * rows[key], 50 * log, 50 * log**2 + 5) for key, log in logs.items()
        ]
        return learn(seen, rows)

    monkeypatch.setattr(measures, "times_of", times_of)
    waits.forget()

"""A checkout for the tests to start in: under /tmp directly, where every account can pass."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mpp.runtime.places import Places, locate, prepare_for_servers
from mpp.runtime.postgres import Postgres
from mpp.runtime.redis import Redis
from tests.runtime.scripts import eventually, left_running


@contextmanager
def new_checkout() -> Iterator[Path]:
    """An empty checkout; no server of it may be left when it goes."""
    root = Path(tempfile.mkdtemp(prefix="mpp-checkout-", dir="/tmp"))
    root.chmod(0o755)
    yield root
    sockets = [locate(instance, checkout=root).sockets for instance in ("", "test")]
    assert eventually(lambda: not any(left_running(str(path)) for path in sockets))
    shutil.rmtree(root)
    for path in sockets:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither addresses nor kind of running: the tests' own pair is not for these tests."""
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MPP_DEMO", "LOAD_TEST", "OPEN", "PORT"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


@pytest.fixture
def checkout() -> Iterator[Path]:
    with new_checkout() as root:
        yield root


@pytest.fixture
def places(checkout: Path) -> Places:
    """A checkout in which nothing has been started yet."""
    return locate(checkout=checkout)


@pytest.fixture(scope="session")
def used_before() -> Iterator[Places]:
    """A checkout with the data of an earlier start, shared to save the making."""
    with new_checkout() as root:
        places = locate(checkout=root)
        prepare_for_servers(places)
        Postgres(places).create()
        Redis(places).create()
        yield places

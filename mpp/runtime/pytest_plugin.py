"""For pytest, as `-p mpp.runtime.pytest_plugin`: the tests' own pair of servers, before settings are read."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mpp.runtime.embedded import ensure
from mpp.runtime.environment import given
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import CHECKOUT
from mpp.runtime.redis import further_database

BYTECODE = CHECKOUT / "var" / "bytecode"


# A wrapper, since pytest-django reads the settings in the same hook, before any conftest.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    _compile_once()
    pair = ExitStack()
    early_config.add_cleanup(pair.close)
    try:
        # A worker of `pytest -n` finds the addresses of the pair that its controller starts and stops.
        pair.enter_context(ensure("test", durable=False))
    except RuntimeTrouble as trouble:
        raise pytest.UsageError(str(trouble)) from trouble
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _take_a_redis_database(int(worker.removeprefix("gw")))
    return (yield)


def _compile_once() -> None:
    """Keep what is compiled in a folder of our own where none may be written beside the sources.

    Else each worker, and each server that a test starts, compiles Django and the portal again: seconds.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(BYTECODE)
        sys.dont_write_bytecode = False


def _take_a_redis_database(worker: int) -> None:
    """Give this worker a numbered database to itself: each test begins by emptying the cache."""
    file = os.environ.pop("REDIS_URL_FILE", "")
    url = Path(file).read_text(encoding="utf-8").strip() if file else given("REDIS_URL")
    os.environ["REDIS_URL"] = further_database(url, worker)

"""For pytest, as `-p mpp.runtime.pytest_plugin`: the tests' own pair of servers, before settings are read."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack

import pytest

from mpp.runtime.embedded import ensure
from mpp.runtime.errors import RuntimeTrouble


# A wrapper, since pytest-django reads the settings in the same hook, before any conftest.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    pair = ExitStack()
    early_config.add_cleanup(pair.close)
    try:
        pair.enter_context(ensure("test", durable=False))
    except RuntimeTrouble as trouble:
        raise pytest.UsageError(str(trouble)) from trouble
    return (yield)

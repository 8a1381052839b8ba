"""The browser of the tests for pages serves here too; the server lives on a Tuesday morning.

So a picture taken again shows the same hour, the same numbers and the same codes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from mpp.core import tokens
from tests.e2e.conftest import browser, people
from tests.pictures.scene import Scene, make_scene
from tests.support.fast_time import fast_time, travel
from tests.support.full_hall import TUESDAY
from tests.support.server import Server, running

__all__ = ["browser", "people"]

KEY = "the pictures show no secret"
ADDRESS = "https://mpp.example.go.id"


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    with (
        django_db_blocker.unblock(),
        fast_time(TUESDAY),
        running(TOKEN_KEY=KEY, PUBLIC_URL=ADDRESS) as server,
    ):
        yield server


@pytest.fixture
def tuesday(server: Server, transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """09.44, and links that are the same each time."""
    numbers = itertools.count(1)
    settings.TOKEN_KEY = KEY
    monkeypatch.setattr(tokens, "new_nonce", lambda: f"{next(numbers):032x}")
    travel(TUESDAY)


@pytest.fixture
def scene(tuesday: None) -> Scene:
    return make_scene()


@pytest.fixture
def morning(tuesday: None) -> Scene:
    """The scene without stand-ins for emblem and photo."""
    return make_scene(with_pictures=False)

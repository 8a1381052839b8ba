"""No page of the citizens asks the database more than ten times, in any of the states that are pictured."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pictures.pages import pages_of
from tests.pictures.scene import make_scene

pytestmark = pytest.mark.django_db(transaction=True)

MOST_QUERIES = 10


def test_every_pictured_page_asks_at_most_ten_times() -> None:
    """As the second visitor finds it: what the first made the portal remember is no question any more."""
    asked = {}
    for name, path in pages_of(make_scene()).items():
        Client().get(path)
        with CaptureQueriesContext(connection) as queries:
            Client().get(path)
        asked[name] = len(queries)
    assert len(asked) > 40
    assert {name: count for name, count in asked.items() if count > MOST_QUERIES} == {}

"""No page of the citizens asks the database more than ten times, in any of the states that are pictured."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pictures.pages import pages_of
from tests.pictures.scene import make_scene

pytestmark = [pytest.mark.usefixtures("forenoon"), pytest.mark.django_db(transaction=True)]

MOST_QUERIES = 10


def questions(path: str) -> int:
    """Return how many statements one request for a page sends."""
    with CaptureQueriesContext(connection) as queries:
        Client().get(path)
    return len(queries)


def test_every_pictured_page_asks_at_most_ten_times() -> None:
    """As later visitors find it: what the first made the portal remember is no question any more."""
    asked = {}
    for name, path in pages_of(make_scene()).items():
        Client().get(path)
        # The second may come just as the hall of a few seconds is reckoned anew, the third not as well.
        asked[name] = min(questions(path), questions(path))
    assert len(asked) > 40
    assert {name: count for name, count in asked.items() if count > MOST_QUERIES} == {}

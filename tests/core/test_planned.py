"""Statements that the database plans once for a connection."""

from __future__ import annotations

import pytest
from django.db import DataError, connection, transaction

from mpp.core import planned

pytestmark = pytest.mark.django_db(transaction=True)

TWICE = "SELECT %s::int * 2"


def kept() -> list[str]:
    """Return the statements that the server keeps for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_a_statement_is_planned_once_whatever_its_values() -> None:
    assert planned.ask(TWICE, [3]) == [(6,)]
    assert planned.ask(TWICE, [4]) == [(8,)]
    assert kept().count("SELECT $1::int * 2") == 1


def test_values_may_have_names() -> None:
    assert planned.ask("SELECT %(one)s::text || %(one)s::text", {"one": "a"}) == [("aa",)]


def test_what_django_asks_is_not_kept() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TWICE, [5])
    assert not [statement for statement in kept() if "* 2" in statement]


def test_after_a_rollback_it_is_asked_as_before() -> None:
    with pytest.raises(DataError), transaction.atomic():
        planned.ask("SELECT %s::int / 0", [planned.ask(TWICE, [6])[0][0]])
    assert planned.ask(TWICE, [7]) == [(14,)]

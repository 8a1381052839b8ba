"""A number in one statement: nothing forgotten, nothing asked twice."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.actions import issuing, numbering, trail
from queueing.models import QueueDay, Ticket, TicketEvent
from tests import factories as make
from tests.conftest import Place
from tests.queueing.pages import MONDAY_10

LOCK = "FOR NO KEY UPDATE"


def columns_in(sql: str, table: str) -> set[str]:
    """The columns that `sql` inserts into `table`."""
    found = re.search(rf"INSERT INTO {table} \(([^)]*)\)", sql)
    assert found
    return {name.strip() for name in found[1].split(",")}


def needed(model: type[models.Model]) -> set[str]:
    """The columns that the database wants to be told: it has no value of its own for them."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    return {str(field.column) for field in fields if not field.null and not field.has_db_default()}


def all_of(model: type[models.Model]) -> set[str]:
    return {str(field.column) for field in model._meta.concrete_fields if not field.primary_key}


def test_the_statement_of_a_number_writes_every_column_that_must_be_there() -> None:
    written = columns_in(numbering.WRITE, "queueing_ticket")
    assert needed(Ticket) <= written <= all_of(Ticket)
    assert needed(TicketEvent) <= columns_in(numbering.WRITE, "queueing_ticketevent") <= all_of(TicketEvent)


def test_the_statement_of_a_step_writes_every_column_of_an_event() -> None:
    assert columns_in(trail.STEP, "queueing_ticketevent") == all_of(TicketEvent)


def test_what_is_returned_is_what_is_stored(place: Place) -> None:
    ticket = make.issue(place.service, phone="+6281234567890")
    stored = Ticket.objects.get(pk=ticket.pk)
    for field in Ticket._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(ticket, field.attname), field.name
    assert ticket.line.version == stored.line.version


def test_when_nothing_is_left_nobody_waits_for_the_line(place: Place) -> None:
    make.limit(place.queue, 1)
    make.issue(place.service)
    with CaptureQueriesContext(connection) as asked, pytest.raises(Refusal, match="full"):
        make.issue(place.service)
    assert not [query["sql"] for query in asked if LOCK in query["sql"]]


def test_a_number_written_after_midnight_is_not_one_of_yesterday(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has waited for the line while the day turned."""
    before = MONDAY_10.replace(hour=23, minute=59, second=59)
    write = numbering.write_number

    def late(*args: Any, **kwargs: Any) -> Ticket:
        with clock.frozen(before + timedelta(seconds=2)):
            return write(*args, **kwargs)

    with clock.frozen(before):
        make.issue(place.service)
        monkeypatch.setattr(issuing, "write_number", late)
        with pytest.raises(Refusal) as refused:
            make.issue(place.service)
    assert (refused.value.code, refused.value.status) == ("day_turned", 503)
    assert QueueDay.objects.get().last_number == Ticket.objects.count() == 1

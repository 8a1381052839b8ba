"""Models read by a statement of our own are those that Django would read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Model

from queueing.access import access_ticket
from queueing.models import QueueDay, Ticket
from tests import factories as make
from tests.conftest import Place


def facts_of(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_number_found_by_its_link_is_the_number_with_its_line(place: Place) -> None:
    make.issue(place.service)
    ticket = make.issue(place.service, phone="+6281234567890")
    found = access_ticket(ticket.token)
    assert found == Ticket.objects.get(pk=ticket.pk)
    assert facts_of(found) == facts_of(Ticket.objects.get(pk=ticket.pk))
    assert facts_of(found.line) == facts_of(QueueDay.objects.get(pk=ticket.line_id))
    assert not found._state.adding


@pytest.mark.parametrize("model", [Ticket, QueueDay])
def test_such_models_have_no_field_that_django_converts(model: type[Model]) -> None:
    for field in model._meta.concrete_fields:
        assert not field.get_db_converters(connection)
        assert not connection.ops.get_db_converters(field.get_col("x"))

"""Trouble is told to those who wait: on every screen at once, and once by message."""

from __future__ import annotations

from django.db import connection

from mpp.notifications.models import Message
from mpp.notifications.wording import written
from queueing import actions
from queueing.live import CONFIGURATION, QueueFeed, line_states, ticket_state
from queueing.screens import display_state, scene_of_zone
from services.actions import end_disruption, extend_disruption, start_disruption
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place


def test_each_waiting_phone_is_told_once_of_each_trouble(place: Place) -> None:
    waiting = make.issue(place.service, phone="+6281234567890")
    make.issue(place.service)
    elsewhere = make.issue(make.make_queue(make.make_service()).services.get(), phone="+6281234567891")
    manager = make.make_user(Role.FLOOR_MANAGER)
    start_disruption(agency=place.agency, message="Server pusat tidak dapat diakses", by=manager)
    assert actions.tell_trouble() == 1
    actions.tell_trouble()
    told = Message.objects.filter(event="trouble")
    assert [message.recipient for message in told] == [waiting.phone]
    assert "Server pusat" in written(told[0])
    assert elsewhere.phone not in told.values_list("recipient", flat=True)


def test_displays_name_the_trouble_and_every_stream_looks_again(place: Place) -> None:
    make.issue(place.service)
    feed = QueueFeed()
    before = feed.versions()[CONFIGURATION]
    manager = make.make_user(Role.FLOOR_MANAGER)
    start_disruption(agency=None, message="Listrik padam", by=manager)
    assert connection.in_atomic_block
    assert feed.versions()[CONFIGURATION] != before
    assert feed.depends_on("line:1", CONFIGURATION)
    assert "Listrik padam" in display_state(scene_of_zone(place.zone))["note"]


def test_the_state_of_a_number_has_another_mark_with_each_news_of_trouble_at_its_agency(place: Place) -> None:
    ticket = make.issue(place.service)

    def mark() -> str:
        found: str = line_states(ticket.line_id, {ticket.pk})[ticket.pk]["trouble"]
        assert ticket_state(ticket)["trouble"] == found
        return found

    assert mark() == ""
    start_disruption(agency=make.make_agency(), message="Sistem Samsat mati")
    assert mark() == ""
    trouble = start_disruption(agency=place.agency, message="Server pusat tidak dapat diakses")
    first = mark()
    extend_disruption(disruption=trouble, expected_until=None, message="Server pusat mulai pulih")
    assert mark() not in {"", first}
    end_disruption(disruption=trouble)
    assert mark() == ""
    start_disruption(message="Listrik padam")
    assert mark()

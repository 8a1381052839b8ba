"""The stream of a visit: all its numbers in one, from the readings that their lines cost anyway."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queueing import actions
from queueing.live import CONFIGURATION, QueueFeed
from queueing.models import Ticket, Visit
from services.actions import start_disruption
from tests import factories as make
from tests.conftest import Place
from tests.queueing.test_visits import counter_of, service_of
from tests.support.feeds import followed, news_of, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(place: Place) -> Visit:
    """Somebody with a number at two agencies; at the second one somebody stands before them."""
    visit = actions.join(ticket=make.issue(place.service))
    make.issue(bank := service_of(place, "Bank Kalsel"))
    make.issue(bank, visit=visit)
    return visit


def numbers(visit: Visit) -> tuple[Ticket, Ticket]:
    first, second = visit.tickets.order_by("pk")
    return first, second


def call(place: Place) -> Ticket:
    called = actions.call_next(
        session=make.open_session(place.agency, place.counter, place.officer), by=place.officer
    )
    assert called
    return called


def test_the_state_of_a_visit_has_the_figures_of_all_that_wait(place: Place, visit: Visit) -> None:
    first, second = numbers(visit)
    state = news_of(followed(QueueFeed(), "visit", visit.token))
    assert state
    assert state["numbers"] == {first.label: [0, ""], second.label: [1, ""]}
    assert state["version"] == first.line.version + second.line.version
    assert set(state) == {"version", "time", "visit", "trouble", "until", "numbers"}


def test_the_page_of_a_number_sees_its_own_figures_and_a_mark_of_the_others(
    place: Place, visit: Visit
) -> None:
    _first, second = numbers(visit)
    feed = QueueFeed()
    own, both = followed(feed, "ticket", second.token), followed(feed, "visit", visit.token)
    before, before_both = news_of(own), news_of(both)
    assert before
    assert before_both
    assert (before["label"], before["ahead"], before["state"]) == (second.label, 1, "WAITING")
    assert "left" not in before
    assert before["visit"] == before_both["visit"]
    call(place)
    tell(feed, [own, both])
    after, after_both = news_of(own), news_of(both)
    assert after
    assert after_both
    assert after["visit"] == after_both["visit"] != before["visit"]
    assert (after["label"], after["ahead"]) == (second.label, 1)
    assert list(after_both["numbers"]) == [second.label]


def test_who_is_at_a_counter_hears_of_the_next_number(place: Place, visit: Visit) -> None:
    first, second = numbers(visit)
    feed = QueueFeed()
    own = followed(feed, "ticket", first.token)
    assert "numbers" not in (news_of(own) or {})
    call(place)
    tell(feed, [own])
    assert (news_of(own) or {})["numbers"] == {second.label: [1, ""]}


def test_a_change_that_moves_no_figure_of_this_person_is_no_message(place: Place, visit: Visit) -> None:
    first, _second = numbers(visit)
    feed = QueueFeed()
    watcher = followed(feed, "visit", visit.token)
    assert news_of(watcher)
    make.issue(first.service)
    tell(feed, [watcher])
    assert news_of(watcher) is None
    make.issue(first.service, priority="ELDERLY")
    tell(feed, [watcher])
    assert news_of(watcher)


def test_trouble_is_told_of_agencies_where_something_is_still_to_happen(place: Place, visit: Visit) -> None:
    first, second = numbers(visit)
    feed = QueueFeed()
    own, both = followed(feed, "ticket", first.token), followed(feed, "visit", visit.token)
    assert [(news_of(each) or {})["trouble"] for each in (own, both)] == ["", ""]
    start_disruption(agency=second.service.agency, message="Server bank mati")
    tell(feed, [own, both])
    assert news_of(own) is None
    assert (news_of(both) or {})["trouble"]
    actions.cancel(ticket=second)
    tell(feed, [both])
    assert (news_of(both) or {})["trouble"] == ""


def test_a_number_that_joins_a_visit_is_sent_to_its_stream(place: Place) -> None:
    ticket = make.issue(place.service)
    feed = QueueFeed()
    alone = followed(feed, "ticket", ticket.token)
    assert "visit" not in (news_of(alone) or {"visit": ""})
    before = feed.versions()
    visit = actions.join(ticket=ticket)
    # Without this the stream would hear of it with the next change of its line.
    assert feed.versions()[ticket.line_id] != before[ticket.line_id]
    tell(feed, [alone])
    assert alone.has_ended
    # The only number of a visit has nothing to tell of others.
    assert (news_of(followed(feed, "ticket", ticket.token)) or {})["visit"] == ""
    assert (news_of(followed(feed, "visit", visit.token)) or {})["visit"]


def test_one_number_more_ends_the_streams_of_the_visit_so_that_they_come_again(
    place: Place, visit: Visit
) -> None:
    feed = QueueFeed()
    watcher, other = (
        followed(feed, "visit", visit.token),
        followed(feed, "visit", actions.start_visit().token),
    )
    samsat = service_of(place, "Samsat")
    before = feed.versions()
    third = make.issue(samsat, visit=visit)
    after = feed.versions()
    [changed] = {key for key in after if after[key] != before.get(key)} - {third.line_id}
    channel = watcher.subscription.channel
    assert feed.depends_on(channel, changed)
    assert not feed.depends_on(other.subscription.channel, changed)
    assert not feed.depends_on("screen:a", changed)
    assert not feed.depends_on(channel, CONFIGURATION)
    tell(feed, [watcher, other])
    assert (watcher.has_ended, other.has_ended) == (True, False)
    assert third.label in (news_of(followed(feed, "visit", visit.token)) or {})["numbers"]


def test_a_number_that_is_sent_on_ends_the_streams_of_its_visit(place: Place, visit: Visit) -> None:
    first, second = numbers(visit)
    feed = QueueFeed()
    watchers = [followed(feed, "visit", visit.token), followed(feed, "ticket", second.token)]
    other = make.make_queue(make.make_service())
    actions.transfer(ticket=call(place), to=other, by=place.officer)
    tell(feed, watchers)
    assert all(watcher.has_ended for watcher in watchers)
    assert first.label in (news_of(followed(feed, "visit", visit.token)) or {})["numbers"]


def test_many_visits_cost_no_reading_more_than_one(place: Place) -> None:
    bank = service_of(place, "Bank Kalsel")
    counter_of(bank)
    feed = QueueFeed()

    def asked(count: int) -> int:
        """Queries for one change of both lines, with the streams of so many visits more."""
        places: set[tuple[str, int]] = set()
        for _each in range(count):
            visit = actions.join(ticket=make.issue(place.service))
            make.issue(bank, visit=visit)
            places.update(followed(feed, "visit", visit.token).subscription.beside)
        with CaptureQueriesContext(connection) as queries:
            for line in {line for line, _key in places}:
                keys = {key for each, key in places if each == line}
                assert {key for part in feed.states(line, keys) for key in part} == keys
        return len(queries)

    # More than three are placed in one sweep over the line.
    few = asked(5)
    assert asked(30) <= few

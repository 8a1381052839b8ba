"""Who is told what on the way: near, called, moved, cancelled, tomorrow; each once."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mpp.core import clock
from mpp.notifications import ways
from mpp.notifications.models import Message, Way
from mpp.notifications.wording import written
from queueing import actions, notifications, tasks
from queueing.actions import booking as booking_acts
from queueing.models import CounterSession, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import TUESDAY_9, book, takes_bookings
from tests.queueing.pages import MONDAY_10

PHONE = "+6281234567890"


def told(ticket: Ticket) -> list[str]:
    """The events told to this number's holder after the first word."""
    ours = Message.objects.filter(way__holder=notifications.holder_of(ticket)).order_by("pk")
    return [event for event in ours.values_list("event", flat=True) if event != "ticket_issued"]


def last_words() -> str:
    return written(Message.objects.latest("pk"))


def waiting(place: Place, ahead: int) -> Ticket:
    """A number whose holder left a phone, with so many strangers in front."""
    for _stranger in range(ahead):
        make.issue(place.service)
    return make.issue(place.service, phone=PHONE)


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


def serve_next(session: CounterSession, by: Place) -> Ticket:
    ticket = actions.call_next(session=session, by=by.officer)
    assert ticket is not None
    actions.start(ticket=ticket, by=by.officer)
    return ticket


def test_five_then_two_ahead_are_told_once_each_then_the_call(place: Place, session: CounterSession) -> None:
    ticket = waiting(place, 7)
    steps = []
    for _call in range(8):
        tasks.tell_nearing()
        tasks.tell_nearing()
        steps.append(list(told(ticket)))
        serve_next(session, place)
    near, next_up = ["five_ahead"], ["five_ahead", "two_ahead"]
    assert steps == [[], [], near, near, near, next_up, next_up, next_up]
    assert told(ticket) == ["five_ahead", "two_ahead", "ticket_called"]


def test_the_words_say_how_many_really_stand_ahead(place: Place) -> None:
    waiting(place, 4)
    tasks.tell_nearing()
    assert last_words() == "Nomor A-005: 4 orang lagi di depan Anda. Mendekatlah ke loket."


def test_whose_turn_is_next_reads_a_sentence(place: Place) -> None:
    waiting(place, 0)
    tasks.tell_nearing()
    assert last_words() == "Nomor A-001: tidak ada orang lagi di depan Anda. Bersiaplah di dekat loket."


def test_who_starts_near_is_told_only_the_nearer(place: Place) -> None:
    ticket = waiting(place, 1)
    tasks.tell_nearing()
    assert told(ticket) == ["two_ahead"]


def test_two_who_jump_ahead_change_nothing_that_was_told(place: Place) -> None:
    ticket = waiting(place, 5)
    tasks.tell_nearing()
    for _person in range(2):
        make.issue(place.service, priority="GENERAL")
    tasks.tell_nearing()
    assert told(ticket) == ["five_ahead"]


def test_a_line_that_stands_still_or_has_nobody_to_tell_costs_one_query(place: Place) -> None:
    waiting(place, 3)
    tasks.tell_nearing()
    with CaptureQueriesContext(
        connection,
    ) as still:
        actions.tell_nearing()
    stranger = make.make_queue(make.make_service(place.agency))
    make.issue(stranger.services.get())
    with CaptureQueriesContext(connection) as strangers:
        actions.tell_nearing()
    # The clock, and the question which lines to look at.
    assert (len(still), len(strangers)) == (2, 2)


def test_a_hall_full_of_strangers_costs_one_read_of_the_line(place: Place) -> None:
    waiting(place, 30)
    with CaptureQueriesContext(connection) as few:
        actions.tell_nearing()
    for _stranger in range(30):
        make.issue(place.service)
    with CaptureQueriesContext(connection) as many:
        actions.tell_nearing()
    assert len(many) <= len(few)


def test_a_call_of_a_stranger_writes_and_asks_nothing_about_messages(
    place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    with CaptureQueriesContext(connection) as queries:
        actions.call_next(session=session, by=place.officer)
    asked = [query["sql"] for query in queries]
    assert not [sql for sql in asked if "notifications_" in sql or 'FROM "tenants_counter"' in sql]


def test_a_call_of_a_holder_costs_one_statement_more(place: Place, session: CounterSession) -> None:
    make.issue(place.service, phone=PHONE)
    with CaptureQueriesContext(connection) as queries:
        actions.call_next(session=session, by=place.officer)
    assert len([query for query in queries if "notifications_" in query["sql"]]) == 1


def test_a_call_taken_back_before_it_left_is_never_told(place: Place, session: CounterSession) -> None:
    ticket = make.issue(place.service, phone=PHONE)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    actions.undo(ticket=called, by=place.officer)
    assert told(ticket) == []
    serve_next(session, place)
    assert told(ticket) == ["ticket_called"]


def test_a_call_that_was_told_is_taken_back_in_words(place: Place, session: CounterSession) -> None:
    ticket = make.issue(place.service, phone=PHONE)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    Message.objects.update(attempts=1)
    actions.requeue(ticket=called, by=place.officer, reason="Salah tekan")
    assert told(ticket) == ["ticket_called", "call_taken_back"]
    assert "Tempat Anda tetap" in last_words()


def test_a_number_that_is_sent_on_is_told_where_to(place: Place, session: CounterSession) -> None:
    ticket = make.issue(place.service, phone=PHONE)
    other = make.make_counter(place.agency, place.zone, number="9")
    make.open_session(place.agency, other)
    actions.transfer(ticket=serve_next(session, place), counter=other, by=place.officer)
    assert told(ticket)[-1] == "counter_changed"
    assert last_words() == "Nomor A-001 dialihkan ke loket 9. Nomor dan waktu antre Anda tetap."


def test_what_the_mall_cancels_is_told_and_what_the_holder_cancels_is_not(place: Place) -> None:
    ours, theirs = make.issue(place.service, phone=PHONE), make.issue(place.service, phone="+6281234567891")
    actions.cancel(ticket=ours)
    actions.cancel(ticket=theirs, by=place.officer)
    assert (told(ours), told(theirs)) == ([], ["ticket_cancelled"])


def test_trouble_reaches_everyone_who_chose_a_way(place: Place) -> None:
    from services.actions import start_disruption

    ticket = make.issue(place.service)
    actions.choose_way(ticket=ticket, channel="email", recipient="warga@contoh.id", words="Ya.")
    start_disruption(message="Listrik padam", agency=place.agency)
    tasks.tell_trouble()
    tasks.tell_trouble()
    assert told(ticket) == ["trouble"]


def test_a_way_chosen_near_the_front_is_used_at_once(place: Place) -> None:
    ticket = make.issue(place.service)
    tasks.tell_nearing()
    waiting(place, 3)
    tasks.tell_nearing()
    actions.choose_way(ticket=ticket, channel="email", recipient="warga@contoh.id", words="Ya.")
    tasks.tell_nearing()
    assert told(ticket) == ["two_ahead"]


def test_consent_is_recorded_with_its_words_and_ends_with_the_wish(place: Place) -> None:
    ticket = make.issue(place.service, phone=PHONE)
    way = Way.objects.get()
    assert (way.recipient, way.channel) == (PHONE, "console")
    assert "setuju" in way.words
    actions.choose_way(ticket=ticket, channel="email", recipient="warga@contoh.id", words="Ya.")
    assert [way.channel for way in ways.current(way.holder)] == ["email"]
    # Proof of the first stays.
    assert Way.objects.get(channel="console").ended_at is not None
    actions.give_up_ways(ticket=ticket)
    ticket.refresh_from_db()
    assert (ways.current(way.holder), ticket.is_told) == ([], False)


AFTERNOON = datetime(2026, 11, 23, 16, 0, tzinfo=ZoneInfo("Asia/Makassar"))


def test_a_booking_is_remembered_the_afternoon_before_once(place: Place) -> None:
    takes_bookings(place)
    book(place, TUESDAY_9, phone=PHONE)
    seen = []
    for moment in (AFTERNOON - timedelta(hours=2), AFTERNOON, AFTERNOON, AFTERNOON + timedelta(hours=5)):
        with clock.frozen(moment):
            tasks.remind_bookings()
        seen.append(Message.objects.filter(event="booking_tomorrow").count())
    assert seen == [0, 1, 1, 1]
    assert last_words().startswith("Besok 09.00 WITA: ")


def test_who_books_after_the_reminders_has_just_read_the_time(place: Place) -> None:
    takes_bookings(place)
    book(place, TUESDAY_9, AFTERNOON, phone=PHONE)
    with clock.frozen(AFTERNOON + timedelta(hours=1)):
        tasks.remind_bookings()
    assert not Message.objects.filter(event="booking_tomorrow").exists()


def test_a_booking_that_the_mall_cancels_is_told(place: Place) -> None:
    takes_bookings(place)
    ours = book(place, TUESDAY_9, phone=PHONE)
    with clock.frozen(MONDAY_10):
        booking_acts.cancel(booking=ours, by=place.officer)
    assert Message.objects.latest("pk").event == "booking_cancelled"

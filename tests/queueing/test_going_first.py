"""The holder of a waiting number, or of a booked time, asks to go first by law, or takes that back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions
from queueing.actions import booking as acts
from queueing.actions.checkin import check_in
from queueing.enums import Channel, Lane, Priority, ShareName, Step, TicketState
from queueing.models import CounterSession, PlaceReturn, Share, Ticket, TicketEvent
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import AT_11, MINUTE, at, book, fresh, get, post, takes_bookings, words
from tests.queueing.pages import MONDAY_10


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


def order_of_calls(session: CounterSession) -> list[int]:
    """Call everybody who waits; the numbers in the order of their calls."""
    called = []
    while ticket := actions.call_next(session=session, by=session.user):
        called.append(ticket.number)
        actions.start(ticket=ticket, by=session.user)
    return called


def last_event(ticket: Ticket) -> TicketEvent:
    event = TicketEvent.objects.filter(ticket=ticket).first()
    assert event is not None
    return event


def refused(ticket: Ticket) -> str:
    with pytest.raises(Refusal) as refusal:
        actions.go_first(ticket=Ticket.objects.get(pk=ticket.pk))
    assert refusal.value.status == 409
    return refusal.value.code


# A number


def test_who_forgot_to_tick_stands_as_if_they_had(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    forgot = make.issue(place.service)
    make.issue(place.service, priority=Priority.ELDERLY)
    after = actions.go_first(ticket=forgot)
    assert (after.priority, after.lane, after.arrived_at) == ("GENERAL", Lane.EXPRESS, forgot.arrived_at)
    event = last_event(forgot)
    assert (event.step, event.actor, event.reason) == (Step.PRIORITISE, None, "")
    # By turns with the others, and before those of the lane who came later.
    called = order_of_calls(session)
    assert called.index(2) < called.index(3)


@pytest.mark.usefixtures("forenoon")
def test_who_ticked_by_mistake_stands_among_all_others_from_the_time_of_arrival(
    place: Place, session: CounterSession
) -> None:
    with clock.frozen(clock.now() - timedelta(minutes=30)):
        mistaken = make.issue(place.service, priority=Priority.ELDERLY)
    for _person in range(2):
        make.issue(place.service)
    after = actions.go_in_turn(ticket=mistaken)
    assert (after.priority, after.lane) == (Priority.NONE, Lane.REGULAR)
    assert (after.arrived_at, after.label) == (mistaken.arrived_at, mistaken.label)
    assert (last_event(mistaken).step, last_event(mistaken).actor) == (Step.WAIVE, None)
    assert order_of_calls(session) == [1, 2, 3]


def test_twice_is_once(place: Place) -> None:
    ticket = make.issue(place.service)
    for act in (actions.go_first, actions.go_first, actions.go_in_turn, actions.go_in_turn):
        act(ticket=ticket)
    steps = TicketEvent.objects.filter(ticket=ticket).order_by("pk").values_list("step", flat=True)
    assert list(steps) == [Step.ISSUE, Step.PRIORITISE, Step.WAIVE]


def test_it_is_asked_for_once_not_to_try_which_lane_is_shorter(place: Place) -> None:
    ticket = make.issue(place.service, priority=Priority.GENERAL)
    actions.go_in_turn(ticket=ticket)
    # The tick at taking was another question.
    actions.go_first(ticket=ticket)
    actions.go_in_turn(ticket=ticket)
    assert refused(ticket) == "go_first_once"
    assert Ticket.objects.get().lane == Lane.REGULAR


def test_a_class_that_staff_gave_may_be_taken_back_too(place: Place) -> None:
    ticket = make.issue(place.service)
    actions.prioritise(ticket=ticket, priority=Priority.SUDDEN, by=place.officer, reason="pusing")
    assert actions.go_in_turn(ticket=ticket).priority == Priority.NONE


def test_a_number_for_a_named_counter_stays_there(place: Place, session: CounterSession) -> None:
    make.issue(place.service, priority=Priority.ELDERLY)
    called = actions.call_next(session=session, by=session.user)
    assert called is not None
    colleague = make.open_session(place.agency)
    sent = actions.transfer(ticket=called, counter=colleague.counter, by=session.user)
    after = actions.go_in_turn(ticket=sent)
    assert (after.priority, after.lane, after.for_counter) == (Priority.NONE, Lane.COUNTER, colleague.counter)
    assert refused(sent) == "no_lane"


def test_a_place_kept_for_priority_comes_back_where_another_is_left(place: Place) -> None:
    make.limit(place.queue, 10, online_percent=50, priority_percent=10)
    ticket = make.issue(place.service, priority=Priority.ELDERLY)
    assert ticket.share is not None
    assert ticket.share.name == ShareName.PRIORITY
    after = actions.go_in_turn(ticket=ticket)
    assert after.share is not None
    assert after.share.name == ShareName.ONLINE
    assert PlaceReturn.objects.get().share.name == ShareName.PRIORITY
    assert dict(Share.objects.values_list("name", "taken")) == {"ONLINE": 1, "PRIORITY": 1, "REST": 0}


def test_nobody_loses_their_number_for_taking_it_back(place: Place) -> None:
    make.limit(place.queue, 2, online_percent=50, priority_percent=50)
    ticket = make.issue(place.service, priority=Priority.ELDERLY)
    make.issue(place.service)
    after = actions.go_in_turn(ticket=ticket)
    assert (after.state, after.lane) == (TicketState.WAITING, Lane.REGULAR)
    assert after.share is not None
    assert after.share.name == ShareName.PRIORITY
    assert not PlaceReturn.objects.exists()


@pytest.mark.parametrize(("minutes_late", "lane"), [(0, Lane.EXPRESS), (40, Lane.REGULAR)])
def test_who_booked_and_came_in_time_keeps_the_turn_of_the_booking(
    place: Place, minutes_late: int, lane: Lane
) -> None:
    takes_bookings(place)
    booking = book(place, priority=Priority.ELDERLY)
    with at(AT_11 + minutes_late * MINUTE):
        ticket = check_in(booking=booking, channel=Channel.KIOSK)
        after = actions.go_in_turn(ticket=ticket)
    assert (after.priority, after.lane, after.arrived_at) == (Priority.NONE, lane, ticket.arrived_at)


# Its page


def test_the_page_says_that_one_goes_first_and_takes_it_back_in_two_taps(
    client: Client, place: Place
) -> None:
    ticket = make.issue(place.service, priority=Priority.ELDERLY)
    path = f"/t/{ticket.token}/didahulukan/"
    page = words(client.get(f"/t/{ticket.token}/"))
    assert "Anda didahulukan" in page
    assert f'href="{path}"' in page
    assert f'href="{path}"' in words(client.get(f"/t/{ticket.token}/data/"))
    asked = words(client.get(path))
    assert "Tidak perlu didahulukan?" in asked
    assert "Golongan Anda kami hapus saat ini juga" in asked
    assert "Waktu datang Anda tetap" in asked
    for _tap in range(2):
        response = client.post(path, {"didahulukan": "tidak"})
        assert (response.status_code, response["Location"]) == (303, f"/t/{ticket.token}/")
    assert Ticket.objects.get().priority == Priority.NONE
    assert "Anda didahulukan" not in words(client.get(f"/t/{ticket.token}/"))
    assert "Didahulukan" not in words(client.get(f"/t/{ticket.token}/data/"))


def test_the_page_lets_one_who_forgot_ask_without_naming_an_illness(client: Client, place: Place) -> None:
    ticket = make.issue(place.service)
    path = f"/t/{ticket.token}/didahulukan/"
    assert "Perlu didahulukan?" in words(client.get(f"/t/{ticket.token}/"))
    asked = words(client.get(path))
    assert "lansia" in asked.lower()
    assert "Tanpa surat" in asked
    # Staff give that one.
    assert "sakit mendadak" not in asked.lower()
    assert client.post(path, {"didahulukan": "ya"}).status_code == 303
    assert Ticket.objects.get().priority == Priority.GENERAL
    assert "Anda didahulukan" in words(client.get(f"/t/{ticket.token}/"))


def test_a_second_wish_is_refused_on_the_number_that_stays(client: Client, place: Place) -> None:
    ticket = make.issue(place.service)
    path = f"/t/{ticket.token}/didahulukan/"
    for wish in ("ya", "tidak"):
        client.post(path, {"didahulukan": wish})
    response = client.post(path, {"didahulukan": "ya"})
    assert response.status_code == 409
    text = words(response)
    assert "Tempat Anda dalam antrean tetap" in text
    assert "Temui petugas di pintu masuk" in text
    assert ticket.label in text


@pytest.mark.parametrize("wish", ["", "VIP", "ya\x00", "1"])
def test_a_wish_that_is_none_changes_nothing(client: Client, place: Place, wish: str) -> None:
    ticket = make.issue(place.service, priority=Priority.ELDERLY)
    assert client.post(f"/t/{ticket.token}/didahulukan/", {"didahulukan": wish}).status_code == 303
    assert Ticket.objects.get().priority == Priority.ELDERLY


def test_a_number_that_is_called_has_no_such_page(
    client: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    actions.call_next(session=session, by=session.user)
    path = f"/t/{ticket.token}/didahulukan/"
    assert client.get(path).status_code == 303
    assert client.post(path, {"didahulukan": "ya"}).status_code == 409
    assert Ticket.objects.get().priority == Priority.NONE


# A booked time


def test_the_holder_of_a_booked_time_changes_it_before_coming(client: Client, place: Place) -> None:
    takes_bookings(place)
    booking = book(place, priority=Priority.PREGNANT)
    path = f"/pesanan/{booking.token}/didahulukan/"
    assert "Anda didahulukan" in get(client, f"/pesanan/{booking.token}/")
    assert "Tidak perlu didahulukan?" in get(client, path)
    for wish, stored in (("tidak", Priority.NONE), ("ya", Priority.GENERAL)):
        assert post(client, path, didahulukan=wish).status_code == 303
        assert fresh(booking).priority == stored
    with at(AT_11):
        ticket = check_in(booking=fresh(booking), channel=Channel.KIOSK)
    assert ticket.priority == Priority.GENERAL
    with at(AT_11):
        assert client.get(path)["Location"] == f"/t/{ticket.token}/didahulukan/"


def test_a_booking_that_is_over_keeps_what_it_was(client: Client, place: Place) -> None:
    takes_bookings(place)
    booking = book(place)
    with at(MONDAY_10):
        acts.cancel(booking=booking)
    path = f"/pesanan/{booking.token}/didahulukan/"
    assert post(client, path, didahulukan="ya").status_code == 409
    with at(MONDAY_10):
        assert client.get(path).status_code == 303
    assert fresh(booking).priority == Priority.NONE

"""Booked times under a crowd: each guard holds alone, and a twin shows what happens without it."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from mpp.core import locks
from mpp.core.errors import Refusal
from queueing import actions, booking_notifications
from queueing.actions import booking as acts
from queueing.actions import checkin, pool, postponing, slots
from queueing.actions.numbering import Wish, write_number
from queueing.bookings import with_everything
from queueing.enums import BookingState, Channel, ShareName, Step, TicketState
from queueing.models import Booking, EarlierWish, QueueDay, Share, Slot, Ticket, TicketEvent
from tests import factories as make
from tests.concurrency.race import at_once, before, start_elsewhere, until_done_or_waiting
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    AT_13,
    HOUR,
    MINUTE,
    TUESDAY_9,
    TUESDAY_10,
    assert_places_add_up,
    at,
    book,
    fresh,
    takes_bookings,
)
from tests.queueing.pages import MONDAY_10

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+6281234567890"


def without_lock(rows: Any) -> list[Any]:
    """What locks.hold would be without its lock; the pause stands for a busy server."""
    found = list(rows.order_by("pk"))
    time.sleep(0.002)
    return found


@pytest.fixture
def lock_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)


def careless(slot: Slot) -> None:
    """What slots.take would be if it looked first and wrote then."""
    row = Slot.objects.get(pk=slot.pk)
    time.sleep(0.002)
    if row.taken >= row.capacity:
        raise Refusal("slot_full", "penuh")
    Slot.objects.filter(pk=row.pk).update(taken=row.taken + 1)


def refusals(results: list[Any]) -> Counter[str]:
    """The codes of what was refused; anything else that went wrong fails the test."""
    assert not [
        result for result in results if isinstance(result, Exception) and not isinstance(result, Refusal)
    ]
    return Counter(result.code for result in results if isinstance(result, Refusal))


# A time is never oversold


def test_of_60_people_at_once_exactly_5_get_the_5_places_of_a_time(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=5)
    assert refusals(at_once(60, lambda _index: book(live_place))) == {"slot_full": 55}
    assert Booking.objects.count() == 5
    # Nobody had looked at that day before: there is one row of everything.
    assert (Slot.objects.count(), QueueDay.objects.count()) == (1, 1)
    assert_places_add_up()


@pytest.mark.usefixtures("lock_removed")
def test_a_time_is_not_oversold_even_without_the_lock_of_its_line(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=5)
    book(live_place)
    assert refusals(at_once(60, lambda _index: book(live_place))) == {"slot_full": 56}
    assert_places_add_up()


@pytest.mark.usefixtures("lock_removed")
def test_without_the_conditional_update_a_time_is_oversold(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes_bookings(live_place, slot_capacity=5)
    book(live_place)
    monkeypatch.setattr(slots, "take", careless)
    at_once(60, lambda _index: book(live_place))
    assert Booking.objects.count() > 5


# The booked share of the quota


def booked_share_after(place: Place, people: int) -> Share:
    """For several times of the day, so that no row of a time keeps them apart."""
    takes_bookings(place, slot_capacity=50, daily_quota=100, booked_percent=20)
    starts = [AT_11 + HOUR / 2 * count for count in range(8)]
    for start in starts:
        book(place, start)
    at_once(people - 8, lambda index: book(place, starts[index % 8]))
    return Share.objects.get(name=ShareName.BOOKED)


def test_of_60_people_at_once_20_get_the_20_places_of_the_booked_share(live_place: Place) -> None:
    assert booked_share_after(live_place, 60).taken == 20
    assert Booking.objects.count() == 20
    assert_places_add_up()


@pytest.mark.usefixtures("lock_removed")
def test_without_the_lock_more_are_booked_than_the_share_has_places(live_place: Place) -> None:
    share = booked_share_after(live_place, 60)
    assert Booking.objects.filter(share=share).count() > share.taken


# One person


def test_20_presses_with_one_key_make_one_booking(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=30)
    results = at_once(20, lambda _index: book(live_place, request_key="sekali"))
    assert not refusals(results)
    assert {result.pk for result in results if isinstance(result, Booking)} == {Booking.objects.get().pk}
    assert_places_add_up()


def test_one_person_on_many_pages_books_a_service_once(live_place: Place) -> None:
    """On different days, so that no line's lock keeps them apart."""
    takes_bookings(live_place, slot_capacity=30)
    starts = [AT_11, TUESDAY_10, TUESDAY_10 + 24 * HOUR, TUESDAY_10 + 48 * HOUR]
    results = at_once(16, lambda index: book(live_place, starts[index % 4], phone=PHONE))
    assert refusals(results).total() == 15
    assert Booking.objects.count() == 1
    assert_places_add_up()


def test_one_person_on_many_pages_books_three_services(live_place: Place) -> None:
    takes_bookings(live_place)
    services = [make.make_service(live_place.agency) for _ in range(8)]
    for service in services:
        make.make_queue(service, takes_bookings=True)

    def one(index: int) -> Booking:
        with at(MONDAY_10):
            return acts.book(service=services[index], starts_at=AT_11, phone=PHONE)

    assert refusals(at_once(8, one)) == {"too_many_bookings": 5}
    assert set(Booking.objects.values_list("person_slot", flat=True)) == {1, 2, 3}
    assert_places_add_up()


# Coming: one booking, one number


def come(booking: Booking) -> Ticket:
    with at(AT_11):
        return checkin.check_in(booking=fresh(booking), channel=Channel.KIOSK)


def test_20_check_ins_at_once_make_one_number(live_place: Place) -> None:
    takes_bookings(live_place)
    booking = book(live_place)
    results = at_once(20, lambda _index: come(booking))
    assert not refusals(results)
    assert {result.pk for result in results if isinstance(result, Ticket)} == {Ticket.objects.get().pk}
    assert QueueDay.objects.get().last_number == 1


@contextlib.contextmanager
def not_read_again(booking: Booking, *days: date) -> Iterator[tuple[Booking, dict[date, QueueDay]]]:
    """What `held` would be if it did not read the booking again under its locks."""
    with HELD(booking, *days) as (_fresh, rows):
        yield booking, rows


HELD = acts.held


def without_key(booking: Booking, channel: Channel) -> Wish:
    return Wish(booking.service, channel, "", "", "", None, None)


def check_in_twice(place: Place) -> int:
    """Two check-ins that both looked before either had a number; return how many numbers there are."""
    takes_bookings(place)
    booking = book(place)
    both = [with_everything().get(pk=booking.pk) for _ in range(2)]
    for one in both:
        with at(AT_11), contextlib.suppress(IntegrityError):
            checkin.check_in(booking=one, channel=Channel.KIOSK)
    return Ticket.objects.count()


def test_reading_again_under_the_lock_keeps_it_one(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkin, "_wish", without_key)
    assert check_in_twice(live_place) == 1


def test_the_numbers_own_key_keeps_it_one(live_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkin, "held", not_read_again)
    assert check_in_twice(live_place) == 1


def test_without_either_one_booking_makes_two_numbers(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkin, "_wish", without_key)
    monkeypatch.setattr(checkin, "held", not_read_again)
    assert check_in_twice(live_place) == 2


def test_40_people_who_come_at_once_get_1_to_40(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=40)
    bookings = [book(live_place) for _ in range(40)]
    assert not refusals(at_once(40, lambda index: come(bookings[index])))
    assert sorted(Ticket.objects.values_list("number", flat=True)) == list(range(1, 41))
    assert_places_add_up()


@pytest.mark.usefixtures("lock_removed")
def test_without_the_lock_they_collide_on_numbers(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=40)
    bookings = [book(live_place) for _ in range(40)]
    results = at_once(40, lambda index: come(bookings[index]))
    broken = {result.extra.get("constraint") for result in results if isinstance(result, Refusal)}
    assert broken == {"queueing_ticket_number_once"}


def come_while_the_day_is_closed(place: Place, monkeypatch: pytest.MonkeyPatch) -> Booking:
    """A check-in in the last hour of the day, and the job that closes the day before it has finished."""
    takes_bookings(place)
    booking = book(place)
    closed = threading.Event()

    def close_the_day() -> None:
        with at(TUESDAY_9):
            acts.expire_missed()
        closed.set()
        connection.close()

    closer = threading.Thread(target=close_the_day)

    def slow(*args: Any, **kwargs: Any) -> Ticket:
        closer.start()
        closed.wait(0.5)
        return write_number(*args, **kwargs)

    monkeypatch.setattr(checkin, "write_number", slow)
    come(booking)
    closer.join()
    return fresh(booking)


def test_closing_the_day_waits_for_who_is_just_coming(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = come_while_the_day_is_closed(live_place, monkeypatch)
    assert (booking.state, booking.ended_at) == (BookingState.CHECKED_IN, None)


def test_without_the_lock_of_its_row_who_came_has_also_missed_it(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "lock_row", lambda booking: None)
    assert come_while_the_day_is_closed(live_place, monkeypatch).ended_at is not None


def test_moves_against_each_other_do_not_deadlock(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=40)
    starts = [TUESDAY_10, AT_11]
    bookings = [book(live_place, starts[index % 2]) for index in range(24)]

    def swap(index: int) -> Booking:
        with at(MONDAY_10):
            return acts.move(booking=fresh(bookings[index]), starts_at=starts[(index + 1) % 2])

    assert not refusals(at_once(24, swap))
    assert Counter(Booking.objects.values_list("slot__starts_at", flat=True)) == {TUESDAY_10: 12, AT_11: 12}
    assert_places_add_up()


def test_an_offer_is_accepted_once_and_each_place_goes_to_one_person(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=4)
    early = [book(live_place, AT_11) for _ in range(4)]
    late = [book(live_place, AT_13 + HOUR / 2 * (index % 3), wishes_earlier=True) for index in range(9)]
    for booking in early:
        with at(MONDAY_10):
            acts.cancel(booking=booking)

    def keep(index: int) -> object:
        with at(MONDAY_10 + 10 * MINUTE):
            slots.keep_house()
            return acts.accept_offer(booking=fresh(late[index % 9]))

    assert set(refusals(at_once(36, keep))) <= {"offer_gone", "moved"}
    assert Booking.objects.filter(slot__starts_at=AT_11, state=BookingState.BOOKED).count() <= 4
    assert_places_add_up()


def test_a_place_that_comes_back_just_now_is_not_lost(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One place is due; a second comes back between counting what is due and charging the share."""
    takes_bookings(live_place, daily_quota=10, booked_percent=50)
    first, second = book(live_place), book(live_place, AT_11 + HOUR)
    with at(MONDAY_10):
        acts.cancel(booking=first)
    with at(MONDAY_10 + 10 * MINUTE):
        slots.keep_house()
        acts.cancel(booking=second)
    with at(MONDAY_10 + 20 * MINUTE):
        before(monkeypatch, pool, "take", slots.keep_house)
        booking = acts.book(service=live_place.service, starts_at=AT_13)
    assert booking.share is not None
    assert booking.share.taken == 1
    assert_places_add_up()


def test_the_next_who_asked_is_found_while_the_first_is_just_asked(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two times of two days become free at once: each goes to one of the two who wait, none to a stranger."""
    takes_bookings(live_place, slot_capacity=1)
    given_up = [book(live_place, start) for start in (AT_11, TUESDAY_9)]
    waiting = [book(live_place, start, wishes_earlier=True) for start in (AT_13, TUESDAY_10)]
    for booking in given_up:
        with at(MONDAY_10):
            acts.cancel(booking=booking)

    def stranger(start: datetime) -> None:
        with pytest.raises(Refusal) as refused:
            acts.book(service=live_place.service, starts_at=start)
        assert refused.value.code == "slot_full"

    with at(MONDAY_10 + 10 * MINUTE):
        before(monkeypatch, booking_notifications, "earlier_offered", lambda: stranger(TUESDAY_9))
        stranger(AT_11)
        slots.keep_house()
    assert [fresh(booking).wish.offered for booking in waiting] == [booking.slot for booking in given_up]
    assert_places_add_up()


def test_who_moves_and_who_brings_places_back_do_not_wait_for_each_other(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They offer the mover an earlier time and hold the wish; next they free a place of the new time."""
    takes_bookings(live_place)
    given_up = [book(live_place, start) for start in (AT_11, AT_13 + HOUR)]
    mover = book(live_place, AT_13, wishes_earlier=True)
    for booking in given_up:
        with at(MONDAY_10):
            acts.cancel(booking=booking)
    results: list[object] = []
    offered, tell = threading.Event(), booking_notifications.earlier_offered

    def slowly(wish: EarlierWish) -> None:
        tell(wish)
        offered.set()
        until_done_or_waiting()

    def both(index: int) -> object:
        with at(MONDAY_10 + 10 * MINUTE):
            if index == 0:
                return slots.keep_house()
            offered.wait(3)
            return acts.move(booking=fresh(mover), starts_at=AT_13 + HOUR)

    monkeypatch.setattr(booking_notifications, "earlier_offered", slowly)
    results += at_once(2, both)
    assert not refusals(results)
    assert fresh(mover).slot.starts_at == AT_13 + HOUR
    assert_places_add_up()


def test_an_offer_is_not_taken_for_another_that_came_in_its_place(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes_bookings(live_place)
    seen, other = book(live_place, AT_11).slot, book(live_place, TUESDAY_9).slot
    waiting = book(live_place, TUESDAY_10, wishes_earlier=True)
    EarlierWish.objects.update(offered=seen, offered_until=AT_11)
    with at(MONDAY_10):
        before(monkeypatch, acts, "held", lambda: EarlierWish.objects.update(offered=other))
        with pytest.raises(Refusal) as refused:
            acts.accept_offer(booking=waiting)
    assert refused.value.code == "offer_gone"
    assert fresh(waiting).wish.offered == other


def test_a_quota_that_begins_counts_the_place_that_is_just_coming_back(live_place: Place) -> None:
    queue = takes_bookings(live_place, daily_quota=10, booked_percent=50)
    booking = book(live_place)

    def limit(quota: int | None) -> None:
        queue.daily_quota = quota
        pool.apply_quota(queue=queue)

    with at(MONDAY_10):
        acts.cancel(booking=booking)
        limit(None)
    with at(MONDAY_10 + 10 * MINUTE):
        with transaction.atomic():
            slots.bring_back(MONDAY_10 + 10 * MINUTE)
            other = start_elsewhere(lambda: limit(10))
            until_done_or_waiting(other)
        other.result()
    assert_places_add_up()


def test_a_busy_morning_of_everything_at_once_adds_up(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=4, daily_quota=60, booked_percent=40)
    starts = [AT_11, AT_11 + HOUR / 2, AT_13, TUESDAY_9, TUESDAY_10]
    bookings = [book(live_place, starts[index % 5], wishes_earlier=index % 2 == 0) for index in range(16)]

    def anything(index: int) -> object:
        luck = random.Random(index)
        with at(MONDAY_10 + index * MINUTE / 6):
            mine = fresh(luck.choice(bookings))
            match luck.randrange(7):
                case 0:
                    return acts.book(service=live_place.service, starts_at=luck.choice(starts))
                case 1:
                    return acts.move(booking=mine, starts_at=luck.choice(starts))
                case 2:
                    return acts.cancel(booking=mine)
                case 3:
                    return acts.wish_earlier(booking=mine)
                case 4:
                    return acts.accept_offer(booking=mine)
                case 5:
                    return checkin.check_in(booking=mine, channel=Channel.KIOSK)
                case _:
                    return slots.keep_house()

    refusals(at_once(160, anything))
    assert Booking.objects.filter(state=BookingState.CANCELLED).exists()
    assert_places_add_up()


# A number of today moved to a booked time


def numbers(place: Place, count: int) -> list[Ticket]:
    """Numbers of as many strangers."""
    with at(MONDAY_10):
        return [make.issue(place.service) for _ in range(count)]


def postpone(ticket: Ticket, starts_at: datetime = TUESDAY_10) -> Booking:
    with at(MONDAY_10):
        return actions.postpone(ticket=Ticket.objects.get(pk=ticket.pk), starts_at=starts_at)


def test_of_20_numbers_moved_at_once_to_5_places_15_keep_their_turn(live_place: Place) -> None:
    takes_bookings(live_place, slot_capacity=5)
    tickets = numbers(live_place, 20)
    assert refusals(at_once(20, lambda index: postpone(tickets[index]))) == {"slot_full": 15}
    states = Counter(Ticket.objects.values_list("state", flat=True))
    assert states == {TicketState.WAITING: 15, TicketState.CANCELLED: 5}
    moved = Booking.objects.values_list("from_ticket__state", flat=True)
    assert list(moved) == [TicketState.CANCELLED] * 5
    assert_places_add_up()


def test_16_presses_for_four_times_move_one_number_once(live_place: Place) -> None:
    takes_bookings(live_place)
    [ticket] = numbers(live_place, 1)
    starts = [AT_11, AT_13, TUESDAY_9, TUESDAY_10]
    results = at_once(16, lambda index: postpone(ticket, starts[index % 4]))
    assert not refusals(results)
    assert {result.pk for result in results if isinstance(result, Booking)} == {Booking.objects.get().pk}
    assert TicketEvent.objects.filter(ticket=ticket, step=Step.CANCEL).count() == 1
    assert_places_add_up()


def call_while_it_moves(place: Place, monkeypatch: pytest.MonkeyPatch) -> Ticket:
    """An officer calls the next number just before it is given back."""
    takes_bookings(place)
    [ticket] = numbers(place, 1)
    with at(MONDAY_10):
        session = make.open_session(place.agency, place.counter, place.officer)

    def call() -> None:
        actions.call_next(session=session, by=session.user)

    def slowly(*args: Any) -> Booking:
        with at(MONDAY_10):
            until_done_or_waiting(start_elsewhere(call))
        return acts.write(*args)

    monkeypatch.setattr(postponing, "write", slowly)
    postpone(ticket)
    until_done_or_waiting()
    return Ticket.objects.get()


def test_a_number_that_moves_is_not_called_meanwhile(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = call_while_it_moves(live_place, monkeypatch)
    assert (ticket.state, ticket.called_at) == (TicketState.CANCELLED, None)


@pytest.mark.usefixtures("lock_removed")
def test_without_the_lock_a_number_that_is_just_called_is_given_back(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = call_while_it_moves(live_place, monkeypatch)
    assert ticket.state == TicketState.CANCELLED
    assert ticket.called_at is not None

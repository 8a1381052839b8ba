"""The waiting list for an earlier time: first come, first asked, and each place is asked to one at a time."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from mpp.core.errors import Refusal
from mpp.notifications.models import Message
from mpp.notifications.wording import written
from queueing.actions import booking as acts
from queueing.actions import slots
from queueing.bookings import next_free
from queueing.models import Booking, EarlierWish, Slot, SlotReturn
from services.models import OpeningHours
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    AT_13,
    HOUR,
    MINUTE,
    SECOND,
    TUESDAY_9,
    TUESDAY_10,
    assert_places_add_up,
    at,
    book,
    fill,
    fresh,
    takes_bookings,
)
from tests.queueing.pages import MONDAY_10

PHONE = "+6281234567890"
# Every place given back at ten is due by then.
LATER = MONDAY_10 + 10 * MINUTE


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    takes_bookings(place, slot_capacity=1)


def wish(booking: Booking, minute: int = 0) -> None:
    with at(MONDAY_10 + minute * MINUTE / 10):
        acts.wish_earlier(booking=fresh(booking))


def give_back(booking: Booking) -> None:
    with at(MONDAY_10):
        acts.cancel(booking=fresh(booking))


def tidy(moment: datetime = LATER) -> None:
    with at(moment):
        slots.keep_house()


def offered_to(booking: Booking) -> Slot | None:
    found = EarlierWish.objects.filter(booking=booking).first()
    return found.offered if found else None


def test_a_freed_place_is_offered_to_who_asked_first(place: Place) -> None:
    early, third, second = book(place, AT_11), book(place, AT_13), book(place, TUESDAY_10)
    wish(second, 1)
    wish(third, 2)
    give_back(early)
    tidy()
    assert offered_to(second) == early.slot
    assert offered_to(third) is None
    assert_places_add_up()


def test_the_place_is_not_offered_before_its_random_moment(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13)
    wish(late)
    give_back(early)
    tidy(SlotReturn.objects.get().due_at - SECOND)
    assert offered_to(late) is None
    tidy(SlotReturn.objects.get().due_at)
    assert offered_to(late) == early.slot


def test_an_offered_place_is_nobody_elses(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13)
    wish(late)
    give_back(early)
    tidy()
    with pytest.raises(Refusal) as refused:
        book(place, AT_11, LATER)
    assert refused.value.code == "slot_full"


def test_who_books_cannot_be_faster_than_who_asked(place: Place) -> None:
    """The periodic job has not run; the place is due: it still goes to the waiting list first."""
    early, late = book(place, AT_11), book(place, AT_13)
    wish(late)
    give_back(early)
    with pytest.raises(Refusal) as refused:
        book(place, AT_11, LATER)
    assert refused.value.code == "slot_full"
    tidy()
    assert offered_to(late) == early.slot


def test_accepting_moves_the_booking_and_frees_the_later_place(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13, phone=PHONE)
    wish(late)
    give_back(early)
    tidy()
    with at(LATER + 10 * MINUTE):
        moved = acts.accept_offer(booking=fresh(late))
    assert moved.slot == early.slot
    assert "pukul 11.00 WITA" in written(Message.objects.latest("pk"))
    assert (moved.code, moved.moves) == (late.code, 0)
    assert not EarlierWish.objects.exists()
    assert SlotReturn.objects.get().slot == late.slot
    assert_places_add_up()


def test_an_offer_lasts_ten_minutes_and_no_second_more(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13)
    wish(late)
    give_back(early)
    tidy()
    with at(LATER + 10 * MINUTE + SECOND), pytest.raises(Refusal) as refused:
        acts.accept_offer(booking=fresh(late))
    assert refused.value.code == "offer_gone"
    assert fresh(late).slot == late.slot
    assert_places_add_up()


def test_an_offer_that_runs_out_goes_to_the_next(place: Place) -> None:
    early, one, two = book(place, AT_11), book(place, AT_13), book(place, TUESDAY_10)
    wish(one, 1)
    wish(two, 2)
    give_back(early)
    tidy()
    tidy(LATER + 10 * MINUTE + SECOND)
    assert offered_to(one) is None
    assert not EarlierWish.objects.filter(booking=one).exists()
    assert offered_to(two) == early.slot
    assert_places_add_up()


def test_when_nobody_is_left_to_ask_the_place_comes_back_for_all(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13)
    wish(late)
    give_back(early)
    tidy()
    tidy(LATER + 10 * MINUTE + SECOND)
    tidy(LATER + 21 * MINUTE)
    assert Slot.objects.get(pk=early.slot_id).taken == 0
    assert not SlotReturn.objects.exists()
    assert_places_add_up()


def test_declining_passes_the_place_on_at_once(place: Place) -> None:
    early, one, two = book(place, AT_11), book(place, AT_13), book(place, TUESDAY_10)
    wish(one, 1)
    wish(two, 2)
    give_back(early)
    tidy()
    with at(LATER):
        acts.withdraw_wish(booking=fresh(one))
    assert offered_to(two) == early.slot
    assert fresh(one).slot == one.slot
    assert_places_add_up()


def test_who_cancels_passes_on_what_they_were_offered(place: Place) -> None:
    early, one, two = book(place, AT_11), book(place, AT_13), book(place, TUESDAY_10)
    wish(one, 1)
    wish(two, 2)
    give_back(early)
    tidy()
    with at(LATER):
        acts.cancel(booking=fresh(one))
    assert offered_to(two) == early.slot
    assert_places_add_up()


def test_only_an_earlier_place_is_offered(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13)
    wish(early)
    give_back(late)
    tidy()
    assert offered_to(early) is None
    assert Slot.objects.get(pk=late.slot_id).taken == 0


def test_a_place_of_another_line_is_not_offered(place: Place) -> None:
    other = make.make_service(place.agency)
    make.make_queue(other, takes_bookings=True, slot_capacity=1)
    late = book(place, AT_13)
    wish(late)
    with at(MONDAY_10):
        theirs = acts.book(service=other, starts_at=AT_11)
        acts.cancel(booking=theirs)
    tidy()
    assert offered_to(late) is None


def test_a_place_in_an_hour_that_has_closed_meanwhile_is_not_offered(place: Place) -> None:
    early, late = book(place, TUESDAY_9), book(place, TUESDAY_10)
    wish(late)
    give_back(early)
    OpeningHours.objects.update(opens_at=time(10))
    tidy()
    assert offered_to(late) is None


def test_a_place_that_begins_within_the_offer_is_not_offered(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13)
    wish(late)
    give_back(early)
    tidy(AT_11 - 10 * MINUTE)
    assert offered_to(late) is None
    assert Slot.objects.get(pk=early.slot_id).taken == 0


def test_one_person_holds_one_offer(place: Place) -> None:
    first, second, late = book(place, AT_11), book(place, AT_11 + HOUR), book(place, TUESDAY_10)
    wish(late)
    give_back(first)
    give_back(second)
    tidy()
    assert EarlierWish.objects.get().offered in {first.slot, second.slot}
    assert (
        sum(Slot.objects.filter(pk__in=[first.slot_id, second.slot_id]).values_list("taken", flat=True)) == 1
    )
    assert_places_add_up()


def test_a_wish_is_one_however_often_it_is_pressed(place: Place) -> None:
    late = book(place, AT_13)
    wish(late, 1)
    wish(late, 5)
    assert EarlierWish.objects.get().since == MONDAY_10 + MINUTE / 10


def test_a_wish_can_come_with_the_booking(place: Place) -> None:
    late = book(place, AT_13, wishes_earlier=True)
    assert EarlierWish.objects.get().booking == late


def test_a_wish_needs_a_time_still_to_come(place: Place) -> None:
    late = book(place, AT_11)
    with at(AT_11), pytest.raises(Refusal) as refused:
        acts.wish_earlier(booking=fresh(late))
    assert refused.value.code == "time_has_come"


def test_without_an_offer_there_is_nothing_to_accept(place: Place) -> None:
    late = book(place, AT_13, wishes_earlier=True)
    with at(MONDAY_10), pytest.raises(Refusal) as refused:
        acts.accept_offer(booking=fresh(late))
    assert refused.value.code == "offer_gone"


def test_the_offer_is_told_with_its_limit_to_who_left_a_phone(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13, phone=PHONE, wishes_earlier=True)
    give_back(early)
    due = SlotReturn.objects.get().due_at
    tidy(due)
    message = Message.objects.get(event="booking_earlier")
    until = due + 10 * MINUTE
    assert message.recipient == PHONE
    assert "Senin, 23 November pukul 11.00 WITA" in written(message)
    assert f"sebelum {until.astimezone(MONDAY_10.tzinfo):%H.%M} WITA" in written(message)
    assert message.not_after == until
    assert late.token not in written(message)


def test_a_phone_can_be_left_with_the_wish(place: Place) -> None:
    late = book(place, AT_13)
    with at(MONDAY_10):
        acts.wish_earlier(booking=fresh(late), phone=PHONE)
        acts.wish_earlier(booking=fresh(late), phone="+6281234567891")
    assert fresh(late).phone == PHONE


def test_moving_ends_the_wish(place: Place) -> None:
    early, late = book(place, AT_11), book(place, AT_13, wishes_earlier=True)
    give_back(early)
    tidy()
    with at(LATER):
        acts.move(booking=fresh(late), starts_at=TUESDAY_10)
    assert not EarlierWish.objects.exists()
    assert_places_add_up()


def test_a_chain_of_places_moves_everybody_up(place: Place) -> None:
    bookings = [book(place, AT_11 + count * HOUR, wishes_earlier=True) for count in range(4)]
    give_back(bookings[0])
    moment = LATER
    for later in bookings[1:]:
        tidy(moment)
        with at(moment):
            acts.accept_offer(booking=fresh(later))
        moment += 11 * MINUTE
    tidy(moment)
    taken = {slot.starts_at: slot.taken for slot in Slot.objects.all()}
    assert [taken[AT_11 + count * HOUR] for count in range(4)] == [1, 1, 1, 0]
    assert_places_add_up()


def test_a_full_time_with_a_place_due_is_shown_as_it_can_be_taken(place: Place) -> None:
    [early] = fill(place, AT_11, count=1)
    give_back(early)
    assert next_free(place.service, LATER) == MONDAY_10 + HOUR / 2
    book(place, MONDAY_10 + HOUR / 2)
    assert next_free(place.service, LATER) == AT_11
    book(place, AT_13, wishes_earlier=True)
    assert next_free(place.service, LATER) == AT_11 + HOUR / 2

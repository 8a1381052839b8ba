"""Bookings and the day's quota: one pool with who simply comes; each booking holds one place of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mpp.core.errors import Refusal
from queueing import actions
from queueing.actions import booking as acts
from queueing.actions import checkin, lines, slots
from queueing.bookings import BookingBook, next_free
from queueing.enums import Channel, ShareName
from queueing.invariants import CHECKS
from queueing.models import EarlierWish, PlaceReturn, QueueDay, Share, SlotReturn, Ticket
from tests import factories as make
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
    fill,
    fresh,
    takes_bookings,
)
from tests.queueing.pages import MONDAY_10

LATER = MONDAY_10 + 10 * MINUTE


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    """Ten numbers a day, three of them for bookings."""
    takes_bookings(place, slot_capacity=2, daily_quota=10, booked_percent=30)


def booked_share(day: date = MONDAY_10.date()) -> Share:
    return Share.objects.get(line__date=day, name=ShareName.BOOKED)


def quota_holds() -> bool:
    return not list(CHECKS["INV-3"][1]())


def test_a_booking_holds_one_place_of_the_booked_share_of_its_day(place: Place) -> None:
    booking = book(place, TUESDAY_10)
    share = booked_share(TUESDAY_10.date())
    assert booking.share == share
    assert (share.reserved, share.taken) == (3, 1)
    assert QueueDay.objects.get().date == TUESDAY_10.date()
    assert_places_add_up()


def test_when_the_booked_share_is_used_every_time_of_the_day_is_full(place: Place) -> None:
    fill(place)
    book(place, AT_13)
    with pytest.raises(Refusal) as refused:
        book(place, AT_13)
    assert (refused.value.code, refused.value.status) == ("full", 409)
    day = BookingBook(place.service, place.queue, MONDAY_10).day(MONDAY_10.date())
    assert day.free == 0
    assert {time.free for time in day.times} == {0}
    assert next_free(place.service, MONDAY_10) == MONDAY_10.replace(hour=8) + timedelta(days=1)
    assert_places_add_up()


def test_a_refused_booking_gives_its_time_back_too(place: Place) -> None:
    fill(place)
    booking = book(place, AT_13)
    with pytest.raises(Refusal):
        book(place, AT_13 + HOUR)
    booking.slot.refresh_from_db()
    assert booking.slot.taken == 1
    assert_places_add_up()


def test_what_is_shown_of_a_day_that_has_not_begun_is_what_it_will_have(place: Place) -> None:
    shown = BookingBook(place.service, place.queue, MONDAY_10).day(TUESDAY_10.date())
    assert shown.free == 3
    for start in (TUESDAY_9, TUESDAY_9, TUESDAY_10):
        book(place, start)
    with pytest.raises(Refusal):
        book(place, TUESDAY_10)
    assert BookingBook(place.service, place.queue, MONDAY_10).day(TUESDAY_10.date()).free == 0


def test_who_simply_comes_gets_all_but_the_booked_places(place: Place) -> None:
    bookings = [*fill(place), book(place, AT_13)]
    with at(MONDAY_10):
        for _ in range(2):
            make.issue(place.service, channel=Channel.KIOSK)
        for _ in range(5):
            make.issue(place.service)
        with pytest.raises(Refusal):
            make.issue(place.service)
        with pytest.raises(Refusal):
            make.issue(place.service, channel=Channel.KIOSK)
    for booking in bookings:
        with at(booking.slot.starts_at):
            checkin.check_in(booking=fresh(booking), channel=Channel.KIOSK)
    assert Ticket.objects.count() == 10
    assert quota_holds()
    assert_places_add_up()


def test_checking_in_does_not_draw_the_pool_again(place: Place) -> None:
    booking = book(place)
    with at(AT_11 + 2 * HOUR):
        ticket = checkin.check_in(booking=fresh(booking), channel=Channel.KIOSK)
    assert ticket.share == booked_share()
    assert sum(Share.objects.values_list("taken", flat=True)) == 1
    assert_places_add_up()


def test_a_cancelled_booking_gives_its_place_in_the_quota_back_with_its_time(place: Place) -> None:
    booking = book(place)
    with at(MONDAY_10):
        acts.cancel(booking=booking)
    assert booked_share().taken == 1
    with at(LATER):
        slots.keep_house()
    assert PlaceReturn.objects.get().due_at == LATER
    assert BookingBook(place.service, place.queue, LATER).day(LATER.date()).left == 3
    assert_places_add_up()
    for start in (AT_11, AT_11, AT_13):
        book(place, start, LATER)
    assert booked_share().taken == 3
    assert_places_add_up()


def test_a_booked_number_given_back_on_the_day_returns_to_its_share(place: Place) -> None:
    booking = book(place)
    with at(AT_11):
        ticket = checkin.check_in(booking=fresh(booking), channel=Channel.KIOSK)
        actions.cancel(ticket=ticket)
    assert PlaceReturn.objects.get().share == booked_share()
    assert_places_add_up()


def test_a_move_to_another_day_takes_a_place_there_and_frees_one_here(place: Place) -> None:
    booking = book(place)
    with at(MONDAY_10):
        moved = acts.move(booking=fresh(booking), starts_at=TUESDAY_10)
    assert moved.share == booked_share(TUESDAY_10.date())
    assert SlotReturn.objects.get().share == booked_share()
    assert_places_add_up()


def test_a_move_within_the_day_keeps_its_place_even_when_the_share_is_used(place: Place) -> None:
    first, _second = fill(place)
    book(place, AT_13)
    with at(MONDAY_10):
        moved = acts.move(booking=fresh(first), starts_at=AT_13)
    assert moved.slot.starts_at == AT_13
    assert booked_share().taken == 3
    assert SlotReturn.objects.get().share is None
    assert_places_add_up()


def test_a_move_to_a_day_whose_share_is_used_is_refused_and_changes_nothing(place: Place) -> None:
    for start in (TUESDAY_9, TUESDAY_9, TUESDAY_10):
        book(place, start)
    booking = book(place)
    with at(MONDAY_10), pytest.raises(Refusal) as refused:
        acts.move(booking=fresh(booking), starts_at=TUESDAY_10)
    assert refused.value.code == "full"
    assert fresh(booking).slot.starts_at == AT_11
    assert_places_add_up()


def test_an_offered_time_brings_its_place_in_the_quota_along(place: Place) -> None:
    """Although the share of the earlier day is used up, the offer can be accepted."""
    early = book(place)
    fill(place, AT_13)
    late = book(place, TUESDAY_10, wishes_earlier=True)
    with at(MONDAY_10):
        acts.cancel(booking=early)
    with at(LATER):
        slots.keep_house()
        assert EarlierWish.objects.get().offered_share == booked_share()
        assert_places_add_up()
        moved = acts.accept_offer(booking=fresh(late))
    assert moved.share == booked_share()
    assert SlotReturn.objects.get().share == booked_share(TUESDAY_10.date())
    assert_places_add_up()


def test_a_time_without_a_place_in_the_quota_is_offered_only_on_its_own_day(place: Place) -> None:
    place.queue.slot_capacity = 1
    place.queue.save()
    mover = book(place)
    later_today = book(place, AT_13)
    tomorrow = book(place, TUESDAY_10, wishes_earlier=True)
    with at(MONDAY_10):
        # Within the day: the place in the quota moves along, so the freed time has none.
        acts.move(booking=fresh(mover), starts_at=AT_11 + HOUR)
        acts.wish_earlier(booking=fresh(later_today))
    with at(LATER):
        slots.keep_house()
        assert EarlierWish.objects.get(booking=tomorrow).offered is None
        moved = acts.accept_offer(booking=fresh(later_today))
    assert (moved.slot.starts_at, moved.share) == (AT_11, booked_share())
    assert_places_add_up()


def test_who_is_offered_a_time_of_a_day_without_quota_leaves_their_place_behind(place: Place) -> None:
    with at(MONDAY_10):
        lines.begin(place.queue.pk, MONDAY_10.date())
    QueueDay.objects.update(quota=None)
    early, late = book(place), book(place, TUESDAY_10, wishes_earlier=True)
    with at(MONDAY_10):
        acts.cancel(booking=early)
    with at(LATER):
        slots.keep_house()
        moved = acts.accept_offer(booking=fresh(late))
    assert (moved.slot.starts_at, moved.share) == (AT_11, None)
    assert SlotReturn.objects.get().share == booked_share(TUESDAY_10.date())
    assert_places_add_up()


def test_a_quota_that_comes_later_counts_the_bookings_there_are(place: Place) -> None:
    place.queue.daily_quota = None
    place.queue.save()
    bookings = fill(place)
    with at(MONDAY_10):
        make.issue(place.service)
    assert {booking.share for booking in bookings} == {None}
    place.queue.daily_quota = 3
    place.queue.save()
    with at(MONDAY_10):
        actions.apply_quota(queue=place.queue)
        with pytest.raises(Refusal):
            make.issue(place.service, channel=Channel.KIOSK)
    for booking in bookings:
        with at(AT_11):
            checkin.check_in(booking=fresh(booking), channel=Channel.KIOSK)
    assert Ticket.objects.count() == 3
    assert quota_holds()
    assert_places_add_up()


def test_an_offer_made_before_the_day_had_a_quota_is_charged_when_it_is_accepted(place: Place) -> None:
    place.queue.daily_quota = None
    place.queue.save()
    early, late = book(place), book(place, TUESDAY_10, wishes_earlier=True)
    with at(MONDAY_10):
        acts.cancel(booking=early)
    place.queue.daily_quota = 10
    with at(LATER):
        slots.keep_house()
        actions.apply_quota(queue=place.queue)
        moved = acts.accept_offer(booking=fresh(late))
    assert (moved.slot.starts_at, moved.share) == (AT_11, booked_share())
    assert booked_share().taken == 1
    assert_places_add_up()


def test_a_quota_below_what_is_booked_is_refused(place: Place) -> None:
    place.queue.daily_quota = None
    place.queue.save()
    fill(place, TUESDAY_10)
    place.queue.daily_quota = 1
    place.queue.save()
    with at(MONDAY_10), pytest.raises(Refusal) as refused:
        actions.apply_quota(queue=place.queue)
    assert refused.value.code == "quota_below_issued"
    assert QueueDay.objects.get().quota is None


def test_without_a_quota_only_the_times_limit(place: Place) -> None:
    place.queue.daily_quota = None
    place.queue.save()
    assert {booking.share for booking in fill(place)} == {None}
    assert BookingBook(place.service, place.queue, MONDAY_10).day(MONDAY_10.date()).left is None


def test_a_quota_without_a_part_for_bookings_takes_none(place: Place) -> None:
    place.queue.booked_percent = 0
    place.queue.save()
    assert next_free(place.service, MONDAY_10) is None
    with pytest.raises(Refusal) as refused:
        book(place)
    assert refused.value.code == "full"

"""Booking a time, moving it and giving it back: a place is one person's, and a refusal changes nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from mpp.core import tokens
from mpp.core.codes import CODE_CHARACTERS
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from mpp.notifications.models import Message
from mpp.notifications.wording import written
from queueing import persons
from queueing.actions import booking as acts
from queueing.actions import slots
from queueing.bookings import access_booking, booking_of_code
from queueing.enums import BookingState, Channel
from queueing.models import Booking, EarlierWish, HallRules, Slot, SlotReturn, Ticket
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


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    takes_bookings(place)


def code_of(act: Any) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    assert refused.value.status == 409
    return refused.value.code


# Booking


def test_a_booking_takes_one_place_of_its_time(place: Place) -> None:
    booking = book(place)
    assert (booking.state, booking.slot.starts_at, booking.service) == ("BOOKED", AT_11, place.service)
    assert booking.booked_at == MONDAY_10
    assert Slot.objects.get().taken == 1
    assert not Ticket.objects.exists()


def test_the_code_is_six_characters_that_nobody_confuses(place: Place) -> None:
    code = book(place).code
    assert re.fullmatch(f"[{CODE_CHARACTERS}]{{6}}", code)
    assert not set("0O1IL2Z5S8BUAEG") & set(CODE_CHARACTERS)


def test_only_the_digest_of_the_link_is_stored(place: Place) -> None:
    booking = book(place)
    assert booking.token_digest == tokens.digest(booking.token)
    assert access_booking(booking.token).pk == booking.pk
    stored = {str(value) for value in Booking.objects.values().get().values()}
    assert booking.token not in stored


def test_a_full_time_is_refused_and_leaves_nothing(place: Place) -> None:
    fill(place)
    assert code_of(lambda: book(place)) == "slot_full"
    assert Booking.objects.count() == 2
    assert_places_add_up()


def test_the_same_key_gives_the_same_booking(place: Place) -> None:
    first = book(place, request_key="sekali")
    assert book(place, request_key="sekali").pk == first.pk
    assert Slot.objects.get().taken == 1


def test_a_key_of_another_service_is_refused(place: Place) -> None:
    other = make.make_service(place.agency)
    make.make_queue(other, takes_bookings=True)
    book(place, request_key="sekali")
    with at(MONDAY_10), pytest.raises(Refusal) as refused:
        acts.book(service=other, starts_at=AT_11, request_key="sekali")
    assert (refused.value.code, refused.value.status) == ("key_reused", 422)


def test_one_person_books_a_service_once(place: Place) -> None:
    book(place, phone=PHONE)
    assert code_of(lambda: book(place, AT_13, phone=PHONE)) == "already_booked"
    book(place, AT_13, phone="+6281234567891")
    assert_places_add_up()


def test_one_device_books_a_service_once(place: Place) -> None:
    book(place, device="peramban")
    assert code_of(lambda: book(place, AT_13, device="peramban")) == "already_booked"


def test_who_is_not_known_is_not_counted(place: Place) -> None:
    fill(place)
    assert Booking.objects.filter(person="").count() == 2


def test_one_person_books_as_many_services_as_the_rule_says(place: Place) -> None:
    HallRules.objects.update_or_create(pk=1, defaults={"numbers_per_person": 2})
    others = [make.make_service(place.agency) for _ in range(2)]
    for service in others:
        make.make_queue(service, takes_bookings=True)
    book(place, phone=PHONE)
    with at(MONDAY_10):
        acts.book(service=others[0], starts_at=AT_11, phone=PHONE)
        with pytest.raises(Refusal) as refused:
            acts.book(service=others[1], starts_at=AT_11, phone=PHONE)
    assert (refused.value.code, refused.value.extra) == ("too_many_bookings", {"most": 2})
    assert_places_add_up()


def test_after_a_booking_ended_its_person_may_book_again(place: Place) -> None:
    booking = book(place, phone=PHONE)
    with at(MONDAY_10):
        acts.cancel(booking=booking)
    assert book(place, AT_13, phone=PHONE).person_slot == 1


def test_who_often_did_not_come_books_on_site_only(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "banned_until", lambda person, at: at + timedelta(days=1))
    assert code_of(lambda: book(place, phone=PHONE)) == "online_ban"
    assert book(place, phone=PHONE, channel=Channel.STAFF).state == BookingState.BOOKED


def test_three_bookings_nobody_came_for_end_booking_online(place: Place) -> None:
    for start in (AT_11, AT_11 + HOUR, AT_13):
        booking = book(place, start, phone=PHONE)
        Booking.objects.filter(pk=booking.pk).update(state="EXPIRED", ended_at=AT_13)
    over = AT_13 + timedelta(days=7)
    for moment in (AT_13, over - SECOND):
        assert code_of(lambda moment=moment: book(place, over + HOUR, moment, phone=PHONE)) == "online_ban"
    assert book(place, over + HOUR, AT_13, phone="+6281234567891")
    assert book(place, over + HOUR, over, phone=PHONE)


def test_the_holder_is_told_time_and_code_but_no_link(place: Place) -> None:
    booking = book(place, phone=PHONE)
    message = Message.objects.get()
    assert (message.event, message.recipient) == ("booking_made", PHONE)
    assert "Senin, 23 November pukul 11.00 WITA" in written(message)
    assert f"{booking.code[:3]}-{booking.code[3:]}" in written(message)
    assert booking.token not in written(message)


def test_without_a_phone_nobody_is_told(place: Place) -> None:
    book(place)
    assert not Message.objects.exists()


def test_every_act_is_in_the_audit_trail_with_its_actor(place: Place) -> None:
    booking = book(place, by=place.officer, channel=Channel.STAFF)
    with at(MONDAY_10):
        booking = acts.move(booking=booking, starts_at=AT_13, by=place.officer)
        acts.cancel(booking=booking)
    trail = AuditEntry.objects.order_by("pk").values_list("action", "actor", "target")
    assert list(trail) == [
        ("booking.book", place.officer.pk, str(booking.pk)),
        ("booking.move", place.officer.pk, str(booking.pk)),
        ("booking.cancel", None, str(booking.pk)),
    ]


# Moving


def move(booking: Booking, to: Any, moment: Any = MONDAY_10) -> Booking:
    with at(moment):
        return acts.move(booking=fresh(booking), starts_at=to)


def test_a_move_takes_the_new_place_and_gives_the_old_one_back_later(place: Place) -> None:
    booking = book(place)
    token, code = booking.token, booking.code
    moved = move(booking, TUESDAY_10)
    assert (moved.token, moved.code, moved.slot.starts_at) == (token, code, TUESDAY_10)
    assert Slot.objects.get(starts_at=TUESDAY_10).taken == 1
    # Still held back: nobody can stand ready for it.
    assert Slot.objects.get(starts_at=AT_11).taken == 1
    assert MINUTE <= SlotReturn.objects.get().due_at - MONDAY_10 <= 10 * MINUTE
    assert_places_add_up()


def test_a_move_to_a_full_time_leaves_the_old_one(place: Place) -> None:
    fill(place, AT_13)
    booking = book(place)
    assert code_of(lambda: move(booking, AT_13)) == "slot_full"
    assert fresh(booking).slot.starts_at == AT_11
    assert fresh(booking).moves == 0
    assert not SlotReturn.objects.exists()
    assert_places_add_up()


def test_a_move_to_its_own_time_is_no_move(place: Place) -> None:
    booking = book(place)
    assert move(booking, AT_11).moves == 0
    assert not SlotReturn.objects.exists()


def test_a_booking_moves_three_times(place: Place) -> None:
    booking = book(place)
    for start in (AT_13, TUESDAY_10, TUESDAY_9):
        move(booking, start)
    assert code_of(lambda: move(booking, AT_11 + HOUR)) == "too_many_moves"
    assert fresh(booking).slot.starts_at == TUESDAY_9
    assert_places_add_up()


def test_a_move_into_a_closed_hour_is_refused(place: Place) -> None:
    booking = book(place)
    assert code_of(lambda: move(booking, MONDAY_10.replace(hour=16))) == "slot_closed"
    assert fresh(booking).slot.starts_at == AT_11


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), HOUR])
def test_once_its_time_has_come_a_booking_is_neither_moved_nor_cancelled(
    place: Place, late: timedelta
) -> None:
    booking = book(place)
    assert code_of(lambda: move(booking, AT_13, AT_11 + late)) == "time_has_come"
    with at(AT_11 + late):
        assert code_of(lambda: acts.cancel(booking=fresh(booking))) == "time_has_come"
    assert fresh(booking).state == BookingState.BOOKED


def test_a_booking_somebody_else_just_moved_is_not_moved_over_it(place: Place) -> None:
    booking = book(place)
    stale = fresh(booking)
    move(booking, AT_13)
    with at(MONDAY_10):
        assert code_of(lambda: acts.move(booking=stale, starts_at=TUESDAY_10)) == "moved"
    assert_places_add_up()


def test_a_move_is_told(place: Place) -> None:
    move(book(place, phone=PHONE), TUESDAY_10)
    assert "Selasa, 24 November pukul 10.00 WITA" in written(Message.objects.latest("pk"))


# Giving back


def test_a_cancelled_place_is_free_after_a_while_that_nobody_foresees(place: Place) -> None:
    first, _second = fill(place)
    with at(MONDAY_10):
        acts.cancel(booking=first)
    assert fresh(first).state == BookingState.CANCELLED
    assert fresh(first).ended_at == MONDAY_10
    due = SlotReturn.objects.get().due_at
    assert code_of(lambda: book(place, AT_11, due - MINUTE / 60)) == "slot_full"
    assert book(place, AT_11, due).state == BookingState.BOOKED
    assert_places_add_up()


def test_the_returns_of_many_places_are_spread(place: Place) -> None:
    takes_bookings(place, slot_capacity=40)
    for booking in fill(place, count=40):
        with at(MONDAY_10):
            acts.cancel(booking=booking)
    minutes = {round((row.due_at - MONDAY_10) / MINUTE) for row in SlotReturn.objects.all()}
    assert len(minutes) > 4
    assert min(minutes) >= 1
    assert max(minutes) <= 10


def test_the_job_brings_places_back_and_may_run_twice(place: Place) -> None:
    first, _second = fill(place)
    with at(MONDAY_10):
        acts.cancel(booking=first)
        assert slots.keep_house() == 0
    with at(MONDAY_10 + 10 * MINUTE):
        assert slots.keep_house() == 1
        assert slots.keep_house() == 0
    assert Slot.objects.get().taken == 1
    assert_places_add_up()


def test_cancelling_twice_is_once(place: Place) -> None:
    booking = book(place)
    with at(MONDAY_10):
        acts.cancel(booking=booking)
        acts.cancel(booking=fresh(booking))
    assert SlotReturn.objects.count() == 1
    assert_places_add_up()


def test_a_cancelled_booking_is_not_moved(place: Place) -> None:
    booking = book(place)
    with at(MONDAY_10):
        acts.cancel(booking=booking)
    assert code_of(lambda: move(booking, AT_13)) == "booking_ended"


# Days that have passed


def test_who_did_not_come_by_the_end_of_the_day_missed_it(place: Place) -> None:
    booking, tomorrow = book(place), book(place, TUESDAY_10)
    midnight = MONDAY_10.replace(hour=0) + timedelta(days=1)
    with at(midnight - timedelta(seconds=1)):
        assert acts.expire_missed() == 0
    with at(midnight):
        assert acts.expire_missed() == 1
        assert acts.expire_missed() == 0
    assert (fresh(booking).state, fresh(booking).ended_at) == (BookingState.EXPIRED, midnight)
    assert fresh(tomorrow).state == BookingState.BOOKED
    assert_places_add_up()


def test_the_wish_of_a_missed_booking_ends_with_it(place: Place) -> None:
    book(place, AT_13, wishes_earlier=True)
    with at(TUESDAY_9):
        acts.expire_missed()
    assert not EarlierWish.objects.exists()


def test_the_time_that_a_missed_booking_was_offered_is_not_lost(place: Place) -> None:
    early = book(place)
    book(place, AT_13, wishes_earlier=True)
    with at(MONDAY_10):
        acts.cancel(booking=early)
    with at(MONDAY_10 + 10 * MINUTE):
        slots.keep_house()
        assert EarlierWish.objects.get().offered == early.slot
    with at(TUESDAY_9):
        acts.expire_missed()
    assert not EarlierWish.objects.exists()
    assert_places_add_up()


# Codes


def test_a_code_is_found_however_it_is_typed(place: Place) -> None:
    booking = book(place)
    code = booking.code
    for typed in (code, code.lower(), f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}".lower()):
        assert booking_of_code(typed).pk == booking.pk


@pytest.mark.parametrize("typed", ["", "XXXXXX", "K7M4P", "K7M4PXX", "\x00", "'; --", "Ⅷ٣", "A" * 10_000])
def test_a_code_that_nobody_has_is_refused(place: Place, typed: str) -> None:
    book(place)
    with pytest.raises(Refusal) as refused:
        booking_of_code(typed)
    assert (refused.value.code, refused.value.status) == ("unknown_code", 404)


def test_an_open_booking_comes_before_an_ended_one_with_its_code(place: Place) -> None:
    old, new = book(place), book(place)
    with at(MONDAY_10):
        acts.cancel(booking=new)
    Booking.objects.filter(pk=new.pk).update(code=old.code)
    assert booking_of_code(old.code).pk == old.pk


def test_two_bookings_with_one_code_at_once_get_two_codes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["K7M4PX", "K7M4PX", "K7M4PY"])
    monkeypatch.setattr(acts, "new_code", lambda _length: next(codes))
    assert [booking.code for booking in fill(place)] == ["K7M4PX", "K7M4PY"]
    assert_places_add_up()

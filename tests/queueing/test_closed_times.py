"""A date is closed after people have booked it: staff see how many, and each holder hears what to do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from mpp.core.models import AuditEntry
from mpp.notifications.models import Message
from mpp.notifications.wording import written
from queueing import actions, tasks
from queueing.actions import booking as acts
from queueing.enums import BookingState, ClosedRule
from queueing.models import Booking, ClosedTime, HallRules
from services.enums import CalendarKind
from services.models import CalendarDay, OpeningHours
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    HOUR,
    TUESDAY_9,
    TUESDAY_10,
    assert_places_add_up,
    at,
    book,
    fill,
    fresh,
    get,
    takes_bookings,
)
from tests.queueing.pages import MONDAY_10

PHONE = "+6281234567890"
WEDNESDAY_9 = TUESDAY_9 + timedelta(days=1)
ADD = "/admin/services/calendarday/add/"


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    takes_bookings(place)


def close_tuesday(**fields: Any) -> CalendarDay:
    values = {"date": date(2026, 11, 24), "kind": CalendarKind.LOCAL_HOLIDAY, "name": "Hari jadi"} | fields
    return CalendarDay.objects.create(**values)


def settle(moment: datetime = MONDAY_10, *, at_once: bool = True) -> int:
    """The job, with every closing confirmed unless told otherwise."""
    with at(moment):
        if at_once:
            actions.note_closed(at_once=Booking.objects.values_list("pk", flat=True))
        return tasks.settle_closed()


def last_words() -> str:
    return written(Message.objects.latest("pk"))


# The rule


def test_who_can_be_told_moves_to_the_same_hour_of_the_next_open_day(place: Place) -> None:
    booking = book(place, TUESDAY_9, phone=PHONE)
    close_tuesday()
    assert settle() == 1
    moved = fresh(booking)
    assert (moved.state, moved.slot.starts_at, moved.moves) == (BookingState.BOOKED, WEDNESDAY_9, 0)
    words = last_words()
    assert "Loket tutup Selasa, 24 November pukul 09.00 WITA." in words
    assert "menjadi Rabu, 25 November pukul 09.00 WITA" in words
    assert Message.objects.latest("pk").not_after == TUESDAY_9
    assert AuditEntry.objects.filter(action="booking.shift").count() == 1
    assert_places_add_up()


def test_a_full_hour_gives_the_nearest_and_a_full_week_cancels(place: Place) -> None:
    fill(place, WEDNESDAY_9)
    booking = book(place, TUESDAY_9, phone=PHONE)
    close_tuesday()
    settle()
    assert abs(fresh(booking).slot.starts_at - WEDNESDAY_9) == HOUR / 2
    place.queue.booking_days = 1
    place.queue.save()
    other = book(place, TUESDAY_10 - timedelta(days=1) + HOUR, phone="+6281234567891")
    CalendarDay.objects.create(date=date(2026, 11, 23), kind=CalendarKind.LOCAL_HOLIDAY, name="Banjir")
    settle()
    assert fresh(other).state == BookingState.CANCELLED
    assert_places_add_up()


@pytest.mark.parametrize("who", ["nobody to tell", "the rule"])
def test_without_a_way_to_tell_or_by_the_rule_it_is_cancelled(client: Client, place: Place, who: str) -> None:
    if who == "the rule":
        HallRules.objects.update(closed_bookings=ClosedRule.CANCEL)
    booking = book(place, TUESDAY_9, phone=PHONE if who == "the rule" else "")
    close_tuesday()
    assert settle() == 1
    assert fresh(booking).state == BookingState.CANCELLED
    assert Message.objects.filter(event="booking_closed").count() == (who == "the rule")
    text = get(client, f"/pesanan/{booking.token}/")
    for words in ("Loket tutup pada waktu itu", "Sebabnya: Hari jadi.", "Pesan waktu baru"):
        assert words in text
    assert_places_add_up()


def test_the_page_of_a_moved_booking_says_from_where(client: Client, place: Place) -> None:
    booking = book(place, TUESDAY_9, phone=PHONE)
    close_tuesday()
    settle()
    text = get(client, f"/pesanan/{booking.token}/")
    for words in ("Waktu Anda kami pindahkan", "Semula Selasa, 24 November 2026, 09.00 WITA", "Pindah waktu"):
        assert words in text


# When


def test_what_nobody_confirmed_waits_and_can_be_taken_back_unnoticed(place: Place) -> None:
    booking = book(place, TUESDAY_9, phone=PHONE)
    slip = close_tuesday()
    assert settle(at_once=False) == 0
    slip.delete()
    assert settle(MONDAY_10 + HOUR, at_once=False) == 0
    assert not ClosedTime.objects.exists()
    close_tuesday()
    settle(MONDAY_10 + HOUR, at_once=False)
    assert settle(MONDAY_10 + 1.5 * HOUR, at_once=False) == 1
    assert fresh(booking).slot.starts_at == WEDNESDAY_9


def test_twice_is_once(place: Place) -> None:
    book(place, TUESDAY_9, phone=PHONE)
    close_tuesday()
    settle()
    before = Message.objects.count()
    assert settle() == 0
    assert Message.objects.count() == before


def test_only_what_is_ahead_and_closed_is_touched(place: Place) -> None:
    today, other = book(place, AT_11), book(place, WEDNESDAY_9)
    close_tuesday()
    assert settle() == 0
    OpeningHours.objects.filter(weekday=3).update(opens_at="10:00")
    # Hours that move count too; what has begun does not.
    assert settle(AT_11 + HOUR) == 1
    assert (fresh(today).state, fresh(other).state) == (BookingState.BOOKED, BookingState.CANCELLED)


def test_a_holder_who_was_faster_keeps_what_they_chose(place: Place) -> None:
    booking = book(place, TUESDAY_9, phone=PHONE)
    close_tuesday()
    with at(MONDAY_10):
        actions.note_closed(at_once=[booking.pk])
        acts.move(booking=booking, starts_at=WEDNESDAY_9 + HOUR)
    assert settle() == 0
    assert fresh(booking).slot.starts_at == WEDNESDAY_9 + HOUR


# Staff


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make.make_user(Role.ADMIN))
    return client


FORM = {"date": "2026-11-24", "kind": "LOCAL_HOLIDAY", "name": "Hari jadi"}


def test_staff_see_how_many_before_a_day_is_closed_and_agree_to_that_number(
    admin: Client, place: Place
) -> None:
    booking = book(place, TUESDAY_9, phone=PHONE)
    book(place, TUESDAY_10)
    with at(MONDAY_10):
        page = admin.post(ADD, FORM).content.decode()
        assert "2 pesanan ada pada waktu yang menjadi tutup" in page
        assert "Ya, kabari 2 pemesan" in page
        assert not CalendarDay.objects.exists()
        # Another has booked meanwhile: the number that was agreed to is not the number any more.
        book(place, TUESDAY_10)
        assert "3 pesanan" in admin.post(ADD, {**FORM, "pesanan_kena": "2"}).content.decode()
        answer = admin.post(ADD, {**FORM, "pesanan_kena": "3"}, follow=True)
        assert "3 pemesan dikabari dalam satu menit" in answer.content.decode()
        assert tasks.settle_closed() == 3
    assert fresh(booking).slot.starts_at == WEDNESDAY_9


def test_a_day_without_bookings_is_closed_without_a_question(admin: Client, place: Place) -> None:
    book(place, WEDNESDAY_9)
    with at(MONDAY_10):
        assert admin.post(ADD, FORM).status_code == 302
        assert tasks.settle_closed() == 0


def test_an_opening_that_is_deleted_names_its_bookings_first(admin: Client, place: Place) -> None:
    CalendarDay.objects.create(date=date(2026, 11, 24), kind=CalendarKind.LOCAL_HOLIDAY, name="Hari jadi")
    opening = close_tuesday(
        kind=CalendarKind.SPECIAL_OPENING, name="Buka", is_open=True, opens_at="08:00", closes_at="12:00"
    )
    book(place, TUESDAY_9, phone=PHONE)
    address = f"/admin/services/calendarday/{opening.pk}/delete/"
    with at(MONDAY_10):
        assert "1 pesanan ada pada waktu" in admin.get(address, follow=True).content.decode()
        assert CalendarDay.objects.filter(pk=opening.pk).exists()
        assert admin.post(address, {"post": "yes"}).status_code == 302
        assert tasks.settle_closed() == 1

"""Coming: when, how, and that it makes exactly one number that stands where the rule says."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import Mall
from queueing import actions, presence
from queueing.actions import checkin
from queueing.enums import BookingState, Channel, Lane, Priority, TicketState
from queueing.models import Booking, EarlierWish, QueueDay, Ticket, TicketEvent
from services.models import Disruption, OpeningHours
from tenants.enums import AgencyStatus
from tenants.models import Agency
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    AT_13,
    HOUR,
    MINUTE,
    SECOND,
    TUESDAY_10,
    assert_places_add_up,
    at,
    book,
    fresh,
    takes_bookings,
)
from tests.queueing.pages import MONDAY_10

PHONE = "+6281234567890"


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    """Half an hour early is in time, and so is a quarter of an hour late."""
    takes_bookings(place, early_minutes=30, late_minutes=15)


def come(booking: Booking, moment: datetime, channel: Channel = Channel.KIOSK, code: str = "") -> Ticket:
    with at(moment):
        return checkin.check_in(booking=fresh(booking), channel=channel, presence_code=code)


def refused(booking: Booking, moment: datetime, **how: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        come(booking, moment, **how)  # type: ignore[arg-type]
    assert not Ticket.objects.exists()
    assert fresh(booking).state == BookingState.BOOKED
    return caught.value


# When


@pytest.mark.parametrize("early", [timedelta(0), SECOND, 15 * MINUTE, 30 * MINUTE])
def test_who_is_early_or_on_the_minute_stands_from_the_booked_time_on(place: Place, early: timedelta) -> None:
    ticket = come(book(place), AT_11 - early)
    assert (ticket.arrived_at, ticket.lane, ticket.issued_at) == (AT_11, Lane.EXPRESS, AT_11 - early)


@pytest.mark.parametrize("late", [SECOND, 15 * MINUTE])
def test_who_is_a_little_late_still_stands_from_the_booked_time_on(place: Place, late: timedelta) -> None:
    ticket = come(book(place), AT_11 + late)
    assert (ticket.arrived_at, ticket.lane) == (AT_11, Lane.EXPRESS)


@pytest.mark.parametrize("late", [15 * MINUTE + SECOND, 2 * HOUR])
def test_who_is_late_gets_a_regular_number_from_now_on(place: Place, late: timedelta) -> None:
    ticket = come(book(place), AT_11 + late)
    assert (ticket.arrived_at, ticket.lane) == (AT_11 + late, Lane.REGULAR)


def test_who_is_late_and_goes_first_by_law_still_goes_first(place: Place) -> None:
    ticket = come(book(place, priority=Priority.ELDERLY), AT_13)
    assert (ticket.arrived_at, ticket.lane, ticket.priority) == (AT_13, Lane.EXPRESS, Priority.ELDERLY)


def test_who_is_too_early_is_told_from_when(place: Place) -> None:
    refusal = refused(book(place), AT_11 - 30 * MINUTE - SECOND)
    assert (refusal.code, refusal.status) == ("too_early", 409)
    assert "mulai pukul 10.30" in str(refusal.message)
    assert refusal.extra["until"] == (AT_11 - 30 * MINUTE).astimezone(UTC).isoformat()


@pytest.mark.parametrize("moment", [MONDAY_10, MONDAY_10.replace(hour=23, minute=59)])
def test_on_an_earlier_day_the_booking_says_when_it_is(place: Place, moment: datetime) -> None:
    refusal = refused(book(place, TUESDAY_10), moment)
    assert refusal.code == "other_day"
    assert "Selasa, 24 November pukul 10.00 WITA. Datang pada waktu itu." in str(refusal.message)


def test_on_a_later_day_the_booking_is_over(place: Place) -> None:
    refusal = refused(book(place), TUESDAY_10)
    assert refusal.code == "other_day"
    assert "sudah lewat" in str(refusal.message)


def test_nobody_is_late_by_what_trouble_has_stood_still(place: Place) -> None:
    booking = book(place)
    Disruption.objects.create(
        agency=None, message="Server pusat mati.", started_at=AT_11 - HOUR, ended_at=AT_11 + HOUR
    )
    in_time = come(booking, AT_11 + HOUR + 15 * MINUTE)
    assert (in_time.lane, in_time.arrived_at) == (Lane.EXPRESS, AT_11)


@pytest.mark.parametrize(
    ("zone", "offset"), [("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9)]
)
def test_the_day_and_the_window_are_local_in_each_zone(place: Place, zone: str, offset: int) -> None:
    Mall.objects.update(timezone=zone)
    with timezone.override(zone):
        nine = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo(zone))
        booking = book(place, nine, nine - 24 * HOUR)
        assert booking.slot.starts_at == datetime(2026, 11, 24, 9 - offset, tzinfo=UTC)
        assert "mulai pukul 08.30" in str(refused(booking, nine - 30 * MINUTE - SECOND).message)
        ticket = come(booking, nine - 30 * MINUTE)
        assert ticket.queue_day.date == nine.date()


# Exactly one


def test_checking_in_twice_gives_the_same_number(place: Place) -> None:
    booking = book(place)
    first = come(booking, AT_11)
    assert come(booking, AT_11 + MINUTE).pk == first.pk
    assert come(booking, AT_13).pk == first.pk
    assert Ticket.objects.count() == 1
    assert QueueDay.objects.get().last_number == 1
    assert TicketEvent.objects.get().detail == {"booking": booking.pk}


def test_a_number_from_a_booking_is_like_any_other(place: Place) -> None:
    booking = book(place, phone=PHONE)
    ticket = come(booking, AT_11)
    assert (ticket.state, ticket.label, ticket.channel) == (TicketState.WAITING, "A-001", Channel.KIOSK)
    assert (ticket.phone, ticket.person) == (PHONE, booking.person)
    stored = fresh(booking)
    assert (stored.state, stored.ticket, stored.checked_in_at) == (BookingState.CHECKED_IN, ticket, AT_11)
    with at(AT_11):
        session = make.open_session(place.agency, place.counter, place.officer)
        called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    assert called.pk == ticket.pk


def test_the_wish_for_an_earlier_time_ends(place: Place) -> None:
    come(book(place, wishes_earlier=True), AT_11)
    assert not EarlierWish.objects.exists()
    assert_places_add_up()


def test_who_holds_a_number_for_the_service_gets_no_second_one(place: Place) -> None:
    booking = book(place, phone=PHONE)
    with at(AT_11):
        make.issue(place.service, phone=PHONE)
    with pytest.raises(Refusal) as caught:
        come(booking, AT_11)
    assert caught.value.code == "already_holding"
    assert Ticket.objects.count() == 1
    assert fresh(booking).state == BookingState.BOOKED


def test_a_cancelled_booking_makes_no_number(place: Place) -> None:
    from queueing.actions import booking as acts

    booking = book(place)
    with at(MONDAY_10):
        acts.cancel(booking=booking)
    with pytest.raises(Refusal) as caught:
        come(booking, AT_11)
    assert caught.value.code == "booking_ended"
    assert not Ticket.objects.exists()


# Closed, in trouble, not serving


def test_while_it_is_closed_nobody_checks_in(place: Place) -> None:
    booking = book(place)
    OpeningHours.objects.update(opens_at=time(12))
    assert refused(booking, AT_11).code == "before_hours"


def test_in_trouble_that_stops_numbers_nobody_checks_in(place: Place) -> None:
    booking = book(place)
    Disruption.objects.create(message="Server pusat mati.", started_at=AT_11 - MINUTE, stops_numbers=True)
    assert refused(booking, AT_11).code == "disrupted"


def test_an_agency_that_no_longer_serves_takes_no_check_in(place: Place) -> None:
    booking = book(place)
    Agency.objects.update(status=AgencyStatus.PAUSED)
    assert refused(booking, AT_11).code == "agency_not_open"


def test_a_kept_place_is_kept_although_the_last_number_is_out(place: Place) -> None:
    booking = book(place)
    OpeningHours.objects.update(last_number_at=time(10, 45))
    assert come(booking, AT_11).lane == Lane.EXPRESS


def test_but_not_for_who_comes_late(place: Place) -> None:
    booking = book(place)
    OpeningHours.objects.update(last_number_at=time(10, 45))
    assert refused(booking, AT_11 + 16 * MINUTE).code == "last_number"


# By code


def by_code(code: str, moment: datetime) -> Ticket:
    with at(moment):
        return checkin.check_in_by_code(code=code, channel=Channel.KIOSK)


def test_the_code_makes_the_number(place: Place) -> None:
    booking = book(place)
    assert by_code(booking.code.lower(), AT_11).pk == fresh(booking).ticket_id


def test_a_forged_code_is_refused(place: Place) -> None:
    booking = book(place)
    forged = booking.code[:-1] + ("3" if booking.code[-1] != "3" else "4")
    with pytest.raises(Refusal) as caught:
        by_code(forged, AT_11)
    assert (caught.value.code, caught.value.status) == ("unknown_code", 404)


def test_a_copied_code_gets_nothing_once_its_number_is_out(place: Place) -> None:
    code = book(place).code
    first = by_code(code, AT_11)
    # Who pressed twice, or whose paper jammed, gets the same number again for two minutes.
    assert by_code(code, AT_11 + 2 * MINUTE).pk == first.pk
    with pytest.raises(Refusal) as caught:
        by_code(code, AT_11 + 2 * MINUTE + SECOND)
    assert caught.value.code == "code_used"
    assert "sudah dipakai pukul 11.00" in str(caught.value.message)
    assert Ticket.objects.count() == 1


def test_a_code_of_yesterday_is_refused(place: Place) -> None:
    booking = book(place)
    with pytest.raises(Refusal) as caught:
        by_code(booking.code, TUESDAY_10)
    assert caught.value.code == "other_day"


# With the code shown on site


def test_the_phone_checks_in_with_the_code_shown_on_site(place: Place) -> None:
    ticket = come(book(place), AT_11, Channel.ONLINE, presence.code_at(AT_11))
    assert ticket.channel == Channel.ONLINE


@pytest.mark.parametrize("typed", ["", "000000", "12345", "1234567", "abcdef", "\x00", "١٢٣٤٥٦"])
def test_without_the_code_on_site_a_phone_does_not_check_in(place: Place, typed: str) -> None:
    assert refused(book(place), AT_11, channel=Channel.ONLINE, code=typed).code == "wrong_presence_code"


def test_a_photo_of_the_screen_is_worthless_after_ninety_seconds(place: Place) -> None:
    codes = {presence.code_at(AT_11 + second * SECOND) for second in range(91)}
    assert len(codes) >= 3
    shown = presence.code_at(AT_11)
    accepted = [second for second in range(-200, 200) if _is_accepted(shown, AT_11 + second * SECOND)]
    assert accepted == list(range(accepted[0], accepted[-1] + 1))
    assert len(accepted) == 90
    assert 0 in accepted


def _is_accepted(code: str, moment: datetime) -> bool:
    try:
        presence.require(code, moment)
    except Refusal:
        return False
    return True


def test_the_code_on_site_may_be_typed_with_spaces(place: Place) -> None:
    code = presence.code_at(AT_11)
    presence.require(f" {code[:3]} {code[3:]} ", AT_11)


def test_another_mall_shows_other_codes(place: Place, settings: object) -> None:
    ours = [presence.code_at(AT_11 + count * MINUTE) for count in range(20)]
    Mall.objects.update(name="MPP Lain")
    assert len(set(ours) & {presence.code_at(AT_11 + count * MINUTE) for count in range(20)}) <= 1
    settings.TOKEN_KEY = "kunci lain"  # type: ignore[attr-defined]
    Mall.objects.update(name="MPP Uji")
    assert len(set(ours) & {presence.code_at(AT_11 + count * MINUTE) for count in range(20)}) <= 1


def test_the_code_on_site_says_how_long_it_stays(place: Place) -> None:
    left = presence.seconds_left(AT_11)
    assert presence.code_at(AT_11 + (left - 1) * SECOND) == presence.code_at(AT_11)
    assert presence.code_at(AT_11 + left * SECOND) != presence.code_at(AT_11)
    assert clock.local(AT_11).hour == 11

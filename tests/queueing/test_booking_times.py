"""Which times can be booked: from hours, counters and the line's rule, and with the reason when not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import bookings
from queueing.bookings import BookingBook
from queueing.models import CounterLine, Slot
from queueing.policy import slots as policy
from queueing.policy.slots import Arrival, Misfit, Time
from services.enums import CalendarKind
from services.models import CalendarDay, OpeningHours
from tenants.enums import AgencyStatus
from tenants.models import Agency, CounterDuty
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import AT_11, FRIDAY_10, HOUR, TUESDAY_10, at, book, fill, takes_bookings
from tests.queueing.pages import MONDAY_10, WITA

DAY = date(2026, 11, 23)


def hour(hours: int, minutes: int = 0) -> datetime:
    return datetime.combine(DAY, time(hours, minutes))


def starts(place: Place, day: date) -> list[str]:
    book = BookingBook(place.service, place.queue, MONDAY_10)
    return [f"{time.starts:%H.%M}" for time in book.day(day).times]


# The rule alone


def test_times_follow_each_other_from_each_opening_on_and_skip_the_break() -> None:
    spans = [(hour(8), hour(9, 40)), (hour(13), hour(14))]
    times = policy.times_of(spans, None, minutes=30, capacity=3)
    assert [f"{time.starts:%H.%M}" for time in times] == ["08.00", "08.30", "09.00", "13.00", "13.30"]
    assert {time.free for time in times} == {3}


def test_nobody_is_booked_at_or_after_the_last_number() -> None:
    times = policy.times_of([(hour(8), hour(12))], hour(9), minutes=30, capacity=1)
    assert [f"{time.starts:%H.%M}" for time in times] == ["08.00", "08.30"]


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (hour(8), None),
        (hour(7, 59), Misfit.OUTSIDE),
        (hour(11, 30), None),
        (hour(11, 31), Misfit.BREAK),
        (hour(12, 15), Misfit.BREAK),
        (hour(13), None),
        (hour(14), Misfit.PAST_LAST_NUMBER),
        (hour(14, 31), Misfit.OUTSIDE),
    ],
)
def test_a_time_lies_inside_one_stretch_of_opening(start: datetime, reason: Misfit | None) -> None:
    spans = [(hour(8), hour(12)), (hour(13), hour(15))]
    assert policy.misfit(spans, hour(14), start, 30) == reason


def test_half_of_what_the_counters_can_serve_is_booked() -> None:
    assert policy.capacity_of(counters=3, slot_minutes=30, mean_minutes=10) == 4
    assert policy.capacity_of(counters=1, slot_minutes=30, mean_minutes=25) == 1
    assert policy.capacity_of(counters=0.5, slot_minutes=60, mean_minutes=10) == 1
    assert policy.capacity_of(counters=0, slot_minutes=30, mean_minutes=10) == 0


def test_times_that_people_hold_stay_when_the_rule_changes_and_no_new_one_overlaps_them() -> None:
    held = Time(hour(8, 15), 30, 2, taken=1)
    times = policy.times_of([(hour(8), hour(10))], None, minutes=30, capacity=5, known=[held])
    assert [f"{time.starts:%H.%M}" for time in times] == ["08.15", "09.00", "09.30"]
    assert times[0].capacity == 5


def test_a_time_that_nobody_holds_any_more_gives_way_to_the_new_rule() -> None:
    empty = Time(hour(8, 15), 30, 2, taken=0)
    times = policy.times_of([(hour(8), hour(9))], None, minutes=30, capacity=5, known=[empty])
    assert [f"{time.starts:%H.%M}" for time in times] == ["08.00", "08.30"]


@given(
    opening=st.integers(0, 600),
    length=st.integers(0, 700),
    minutes=st.integers(5, 240),
    held=st.lists(st.tuples(st.integers(0, 1300), st.integers(5, 120)), max_size=4),
)
def test_no_moment_is_given_away_twice(
    opening: int, length: int, minutes: int, held: list[tuple[int, int]]
) -> None:
    start = hour(0) + timedelta(minutes=opening)
    span = (start, start + timedelta(minutes=length))
    known = [Time(hour(0) + timedelta(minutes=begin), lasts, 1, taken=1) for begin, lasts in held]
    times = policy.times_of([span], None, minutes=minutes, capacity=1, known=known)
    fresh = [time for time in times if time not in known]
    for one in fresh:
        assert span[0] <= one.starts
        assert one.ends <= span[1]
        assert not any(one.overlaps(other) for other in [*times, *known] if other is not one)


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        (hour(8, 29) + timedelta(seconds=59), Arrival.EARLY),
        (hour(8, 30), Arrival.IN_TIME),
        (hour(9), Arrival.IN_TIME),
        (hour(9, 15), Arrival.IN_TIME),
        (hour(9, 15) + timedelta(seconds=1), Arrival.LATE),
    ],
)
def test_in_time_includes_both_of_its_ends(moment: datetime, answer: Arrival) -> None:
    assert policy.arrival(hour(9), moment, early_minutes=30, late_minutes=15) == answer


# From the tables


def test_a_day_has_the_times_of_its_opening_hours(place: Place) -> None:
    takes_bookings(place, slot_minutes=60)
    assert starts(place, date(2026, 11, 24)) == [f"{hour:02}.00" for hour in range(8, 15)]


def test_of_today_only_what_is_still_to_come_can_be_booked(place: Place) -> None:
    takes_bookings(place, slot_minutes=60)
    assert starts(place, DAY) == ["11.00", "12.00", "13.00", "14.00"]


def test_closed_days_are_not_among_the_days(place: Place) -> None:
    takes_bookings(place, booking_days=7)
    CalendarDay.objects.create(date=date(2026, 11, 25), kind=CalendarKind.LOCAL_HOLIDAY, name="Hari jadi")
    days = BookingBook(place.service, place.queue, MONDAY_10).days()
    assert [day.date.day for day in days] == [23, 24, 26, 30]


def test_the_capacity_follows_counters_and_minutes(place: Place) -> None:
    queue = takes_bookings(place, slot_capacity=None, slot_minutes=60)
    [day, *_] = BookingBook(place.service, queue, MONDAY_10).days()
    # One counter, ten minutes a person: six in an hour, half of them booked.
    assert day.times[0].capacity == 3
    make.make_counter(place.agency, place.zone)
    [day, *_] = BookingBook(place.service, queue, MONDAY_10).days()
    assert day.times[0].capacity == 6


def test_a_counter_that_serves_two_lines_counts_half_in_each(place: Place) -> None:
    queue = takes_bookings(place, slot_capacity=None, slot_minutes=60)
    make.make_queue(make.make_service(place.agency))
    [day, *_] = BookingBook(place.service, queue, MONDAY_10).days()
    assert day.times[0].capacity == 1
    CounterLine.objects.create(counter=place.counter, queue=queue)
    [day, *_] = BookingBook(place.service, queue, MONDAY_10).days()
    assert day.times[0].capacity == 3


def test_a_weekday_without_a_counter_has_no_times(place: Place) -> None:
    takes_bookings(place)
    CounterDuty.objects.update(weekday=2)
    assert starts(place, DAY) == []
    assert starts(place, date(2026, 11, 24)) != []


def test_looking_writes_nothing(place: Place) -> None:
    takes_bookings(place)
    BookingBook(place.service, place.queue, MONDAY_10).days()
    bookings.next_free(place.service, MONDAY_10)
    assert not Slot.objects.exists()


def test_any_number_of_days_costs_the_same_few_queries(
    place: Place, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    takes_bookings(place, booking_days=90)
    BookingBook(place.service, place.queue, MONDAY_10)
    with django_assert_num_queries(9):
        assert len(BookingBook(place.service, place.queue, MONDAY_10).days()) > 40


def test_the_next_free_time_is_the_first_that_is_not_full(place: Place) -> None:
    takes_bookings(place)
    assert bookings.next_free(place.service, MONDAY_10) == MONDAY_10 + HOUR / 2
    fill(place, MONDAY_10 + HOUR / 2)
    assert bookings.next_free(place.service, MONDAY_10) == AT_11
    place.queue.takes_bookings = False
    place.queue.save()
    assert bookings.next_free(place.service, MONDAY_10) is None


def test_a_full_time_stays_visible(place: Place) -> None:
    takes_bookings(place)
    fill(place)
    day = BookingBook(place.service, place.queue, MONDAY_10).day(DAY)
    assert {f"{time.starts:%H.%M}": time.free for time in day.times}["11.00"] == 0


# Refused with the reason


def refusal(place: Place, starts_at: datetime, moment: datetime = MONDAY_10) -> Refusal:
    with pytest.raises(Refusal) as refused:
        book(place, starts_at, moment)
    assert refused.value.status == 409
    assert not Slot.objects.exists()
    return refused.value


def test_a_time_in_a_closed_hour_is_refused_with_the_reason(place: Place) -> None:
    takes_bookings(place)
    outside = refusal(place, MONDAY_10.replace(hour=15))
    assert (outside.code, outside.message) == (
        "slot_closed",
        "Waktu itu di luar jam buka. Pilih waktu lain.",
    )
    assert "Hari itu tutup" in str(refusal(place, FRIDAY_10).message)


def test_a_time_on_a_holiday_names_it(place: Place) -> None:
    takes_bookings(place)
    CalendarDay.objects.create(date=date(2026, 11, 24), kind=CalendarKind.LOCAL_HOLIDAY, name="Hari jadi")
    assert "Hari itu tutup: Hari jadi." in str(refusal(place, TUESDAY_10).message)


def test_a_time_in_the_break_is_refused(place: Place) -> None:
    takes_bookings(place)
    OpeningHours.objects.update(break_from=time(12), break_to=time(13))
    assert "istirahat" in str(refusal(place, MONDAY_10.replace(hour=12)).message)


def test_a_time_after_the_last_number_is_refused(place: Place) -> None:
    takes_bookings(place)
    OpeningHours.objects.update(last_number_at=time(14))
    assert "nomor terakhir" in str(refusal(place, MONDAY_10.replace(hour=14)).message)


def test_a_time_in_the_past_and_at_this_second_is_refused(place: Place) -> None:
    takes_bookings(place)
    assert refusal(place, MONDAY_10).code == "slot_past"
    assert refusal(place, MONDAY_10 - 48 * HOUR).code == "slot_past"


def test_a_time_too_far_ahead_is_refused(place: Place) -> None:
    takes_bookings(place, booking_days=3)
    assert refusal(place, MONDAY_10 + timedelta(days=7)).code == "slot_too_far"


def test_a_time_between_the_times_is_refused(place: Place) -> None:
    takes_bookings(place)
    assert refusal(place, AT_11 + timedelta(minutes=7)).code == "slot_unknown"
    assert refusal(place, AT_11 + timedelta(seconds=1)).code == "slot_unknown"


def test_a_line_without_bookings_refuses(place: Place) -> None:
    takes_bookings(place, takes_bookings=False)
    assert refusal(place, AT_11).code == "no_booking"


def test_an_agency_that_will_not_serve_then_refuses(place: Place) -> None:
    takes_bookings(place)
    Agency.objects.update(status=AgencyStatus.PAUSED)
    place.service.refresh_from_db()
    assert refusal(place, AT_11).code == "agency_not_open"


def test_when_hours_change_the_times_outside_take_no_new_bookings(place: Place) -> None:
    takes_bookings(place)
    kept = book(place, TUESDAY_10)
    OpeningHours.objects.update(opens_at=time(11))
    with pytest.raises(Refusal) as refused:
        book(place, TUESDAY_10)
    assert refused.value.code == "slot_closed"
    assert Slot.objects.get().taken == 1
    assert kept.slot.starts_at == TUESDAY_10


def test_when_counters_come_the_same_time_holds_more(place: Place) -> None:
    takes_bookings(place, slot_capacity=1)
    book(place)
    place.queue.slot_capacity = 3
    place.queue.save()
    book(place)
    assert (Slot.objects.get().capacity, Slot.objects.get().taken) == (3, 2)


def test_when_counters_go_nobody_loses_a_place(place: Place) -> None:
    takes_bookings(place, slot_capacity=3)
    fill(place, count=2)
    place.queue.slot_capacity = 1
    place.queue.save()
    with pytest.raises(Refusal) as refused:
        book(place)
    assert refused.value.code == "slot_full"
    assert Slot.objects.get().taken == 2


@pytest.mark.parametrize(
    ("zone", "offset"), [("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9)]
)
def test_times_are_local_in_each_zone(place: Place, zone: str, offset: int) -> None:
    takes_bookings(place)
    with timezone.override(zone):
        now = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(zone))
        booking = book(place, now.replace(hour=11), now)
        assert booking.slot.starts_at == datetime(2026, 11, 23, 11 - offset, tzinfo=UTC)
        # One minute before midnight it is still Monday, whatever the day in UTC.
        late = datetime(2026, 11, 23, 23, 59, 59, tzinfo=ZoneInfo(zone))
        book_now = BookingBook(place.service, place.queue, late)
        assert book_now.first == DAY
        assert BookingBook(place.service, place.queue, late + timedelta(seconds=1)).first == date(
            2026, 11, 24
        )


def test_the_moment_of_a_time_is_kept_whatever_zone_it_is_written_in(place: Place) -> None:
    takes_bookings(place)
    booking = book(place, AT_11.astimezone(UTC))
    assert booking.slot.starts_at == AT_11
    with at(MONDAY_10):
        assert clock.local(booking.slot.starts_at).tzinfo == WITA

"""A number of today moved to a booked time: one act, and the number stays until the time is theirs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from mpp.core.errors import Refusal
from mpp.notifications.models import Message, Way
from queueing import actions
from queueing.actions.checkin import check_in
from queueing.booking_holding import COOKIE
from queueing.enums import BookingState, Channel, Priority, ShareName, Step, TicketState
from queueing.models import Booking, HallRules, PlaceReturn, QueueDay, Slot, Ticket, TicketEvent
from tenants.models import CounterDuty
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    AT_13,
    FRIDAY_10,
    MINUTE,
    TUESDAY_10,
    assert_places_add_up,
    at,
    book,
    fill,
    get,
    post,
    takes_bookings,
    words,
)
from tests.queueing.pages import MONDAY_10

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PHONE = "+6281234567890"
TUESDAY = "2026-11-24T10:00"


@pytest.fixture(autouse=True)
def bookings_taken(place: Place) -> None:
    takes_bookings(place)


def issue(place: Place, **fields: Any) -> Ticket:
    with at(MONDAY_10):
        return make.issue(place.service, **fields)


def postpone(ticket: Ticket, starts_at: datetime = TUESDAY_10) -> Booking:
    with at(MONDAY_10):
        return actions.postpone(ticket=ticket, starts_at=starts_at)


def refused(ticket: Ticket, starts_at: datetime = TUESDAY_10) -> str:
    with pytest.raises(Refusal) as refusal:
        postpone(ticket, starts_at)
    assert refusal.value.status == 409
    return refusal.value.code


def stored(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def press(client: Client, ticket: Ticket, mulai: str = TUESDAY) -> Response:
    return post(client, f"/t/{ticket.token}/pindah/", mulai=mulai)


# The act


def test_the_number_goes_back_and_the_time_is_theirs(place: Place) -> None:
    ticket = issue(place, phone=PHONE)
    booking = postpone(ticket)
    assert (booking.state, booking.slot.starts_at) == (BookingState.BOOKED, TUESDAY_10)
    assert (booking.person, booking.phone, booking.from_ticket) == (ticket.person, PHONE, ticket)
    assert stored(ticket).state == TicketState.CANCELLED
    event = TicketEvent.objects.filter(ticket=ticket).first()
    assert event is not None
    assert (event.step, event.actor, event.reason) == (
        Step.CANCEL,
        None,
        "Selasa, 24 November pukul 10.00 WITA",
    )
    assert_places_add_up()


def test_a_full_time_leaves_the_number_where_it_stands(place: Place) -> None:
    ticket = issue(place)
    with at(MONDAY_10):
        before = QueueDay.objects.get().version
    fill(place, TUESDAY_10)
    assert refused(ticket) == "slot_full"
    assert (stored(ticket).state, stored(ticket).arrived_at) == (TicketState.WAITING, ticket.arrived_at)
    assert TicketEvent.objects.filter(ticket=ticket).count() == 1
    assert QueueDay.objects.get(date=MONDAY_10.date()).version == before
    assert Booking.objects.count() == 2


def test_a_day_whose_quota_is_used_leaves_the_number_too(place: Place) -> None:
    takes_bookings(place, daily_quota=10, booked_percent=10)
    ticket = issue(place)
    book(place, TUESDAY_10)
    assert refused(ticket, TUESDAY_10 + 30 * MINUTE) == "full"
    assert stored(ticket).state == TicketState.WAITING
    # The place of the refused time is free again, not half taken.
    assert not Slot.objects.filter(starts_at=TUESDAY_10 + 30 * MINUTE, taken__gt=0).exists()
    assert_places_add_up()


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [(MONDAY_10 - 60 * MINUTE, "slot_past"), (FRIDAY_10, "slot_closed"), (AT_11 + MINUTE, "slot_unknown")],
)
def test_a_time_that_is_none_leaves_the_number(place: Place, starts_at: datetime, code: str) -> None:
    ticket = issue(place)
    assert refused(ticket, starts_at) == code
    assert stored(ticket).state == TicketState.WAITING


def test_later_today_its_place_in_the_quota_is_charged_anew(place: Place) -> None:
    takes_bookings(place, daily_quota=10, online_percent=50, booked_percent=20)
    ticket = issue(place)
    booking = postpone(ticket, AT_13)
    assert booking.share is not None
    assert booking.share.name == ShareName.BOOKED
    assert PlaceReturn.objects.get().share == ticket.share
    assert_places_add_up()


def test_twice_is_once_also_for_another_time(place: Place) -> None:
    ticket = issue(place)
    booking = postpone(ticket)
    assert postpone(ticket, AT_13).pk == booking.pk
    assert Booking.objects.count() == 1


def test_who_goes_first_by_law_does_so_then_and_a_sudden_illness_was_of_today(place: Place) -> None:
    elderly = postpone(issue(place, priority=Priority.ELDERLY))
    assert elderly.priority == Priority.ELDERLY
    ill = issue(place)
    with at(MONDAY_10):
        ill = actions.prioritise(ticket=ill, priority=Priority.SUDDEN, by=place.officer, reason="pusing")
    assert postpone(ill).priority == Priority.NONE


def test_the_holder_is_told_of_the_time_the_way_they_chose_for_the_number(place: Place) -> None:
    ticket = issue(place)
    with at(MONDAY_10):
        actions.choose_way(ticket=ticket, channel="email", recipient="ani@contoh.id", words="Ya.")
    booking = postpone(stored(ticket))
    way = Way.objects.get(holder=f"booking:{booking.pk}")
    assert (way.channel, way.words) == ("email", "Ya.")
    assert Message.objects.filter(event="booking_made", recipient="ani@contoh.id").count() == 1
    # Who gives a number back knows.
    assert not Message.objects.filter(event="ticket_cancelled").exists()


def test_who_left_nothing_is_told_nothing(place: Place) -> None:
    postpone(issue(place))
    assert not Message.objects.exists()


def test_who_has_booked_this_service_already_keeps_the_number(place: Place) -> None:
    ticket = issue(place, phone=PHONE)
    book(place, TUESDAY_10, phone=PHONE)
    assert refused(ticket, AT_13) == "already_booked"
    assert stored(ticket).state == TicketState.WAITING


def test_who_did_not_come_too_often_books_no_time_this_way_either(place: Place) -> None:
    HallRules.objects.update_or_create(pk=1, defaults={"no_shows": 1})
    with at(MONDAY_10):
        session = make.open_session(place.agency, place.counter, place.officer)
        make.issue(place.service, phone=PHONE)
        called = actions.call_next(session=session, by=session.user)
        assert called is not None
        make.miss(called, session.user)
    with at(MONDAY_10 + 30 * MINUTE):
        ticket = make.issue(place.service, phone=PHONE, channel=Channel.KIOSK)
    assert refused(ticket) == "online_ban"
    assert stored(ticket).state == TicketState.WAITING


def test_a_number_that_was_sent_on_belongs_to_another_line(place: Place) -> None:
    other = make.make_queue(make.make_service(place.agency), takes_bookings=True)
    with at(MONDAY_10):
        session = make.open_session(place.agency, place.counter, place.officer)
        make.issue(place.service)
        called = actions.call_next(session=session, by=session.user)
        assert called is not None
        sent = actions.transfer(ticket=called, to=other, by=session.user)
    assert refused(sent) == "sent_on"
    assert stored(sent).state == TicketState.WAITING


def test_a_number_that_is_served_stays(place: Place) -> None:
    with at(MONDAY_10):
        session = make.open_session(place.agency, place.counter, place.officer)
        make.issue(place.service)
        called = actions.call_next(session=session, by=session.user)
        assert called is not None
        served = actions.start(ticket=called, by=session.user)
    assert refused(served) == "illegal_transition"
    assert not Booking.objects.exists()


# The page, without scripts


def test_the_page_of_a_number_leads_to_the_free_times_of_its_service(client: Client, place: Place) -> None:
    ticket = issue(place)
    path = f"/t/{ticket.token}/pindah/"
    for page in (f"/t/{ticket.token}/", f"/t/{ticket.token}/batal/"):
        assert f'href="{path}"' in get(client, page)
    page = get(client, path)
    assert f"Sekarang: nomor {ticket.label}" in page
    assert "Nomor ini tetap milik Anda sampai waktu dipilih." in page
    assert f'value="{TUESDAY}"' in get(client, f"{path}?tanggal=2026-11-24")
    # One act, two taps: nothing is asked that is known.
    assert 'name="ponsel"' not in page


def test_a_tap_moves_it_and_this_browser_holds_the_booking(client: Client, place: Place) -> None:
    ticket = issue(place)
    response = press(client, ticket)
    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/pesanan/{booking.token}/")
    assert COOKIE in client.cookies
    # A second press, and the back button, lead to the same.
    assert press(client, ticket, "2026-11-24T11:00")["Location"] == f"/pesanan/{booking.token}/"
    assert Booking.objects.count() == 1


def test_the_old_link_leads_on_to_the_booking_and_to_its_number(client: Client, place: Place) -> None:
    ticket = issue(place)
    booking = postpone(ticket)
    page = get(client, f"/t/{ticket.token}/")
    assert "Nomor ini menjadi pesanan waktu" in page
    assert 'Selasa, 24 November 2026, <span class="nowrap">10.00 WITA</span>' in page
    assert f'href="/pesanan/{booking.token}/"' in page
    assert "dibatalkan" not in page
    with at(TUESDAY_10):
        number = check_in(booking=booking, channel=Channel.KIOSK)
        assert client.get(f"/pesanan/{booking.token}/")["Location"] == f"/t/{number.token}/"


def test_a_time_that_fills_meanwhile_is_explained_and_the_number_is_kept(
    client: Client, place: Place
) -> None:
    ticket = issue(place)
    fill(place, TUESDAY_10)
    response = press(client, ticket)
    assert response.status_code == 409
    text = words(response)
    assert "Waktu tidak berubah" in text
    assert "Waktu itu baru saja penuh. Pilih waktu lain." in text
    assert f"Sekarang: nomor {ticket.label}" in text
    assert stored(ticket).state == TicketState.WAITING


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Pilih satu jam dulu."), ("besok", "Waktu itu tidak ada."), ("2026-11-24T10:00\x00", "Waktu itu")],
)
def test_a_time_that_cannot_be_read_is_explained(client: Client, place: Place, typed: str, said: str) -> None:
    ticket = issue(place)
    response = press(client, ticket, typed)
    assert response.status_code == 400
    assert said in words(response)
    assert stored(ticket).state == TicketState.WAITING


def test_a_number_served_meanwhile_is_shown_as_it_is(client: Client, place: Place) -> None:
    ticket = issue(place)
    with at(MONDAY_10):
        session = make.open_session(place.agency, place.counter, place.officer)
        called = actions.call_next(session=session, by=session.user)
        assert called is not None
        actions.start(ticket=called, by=session.user)
        assert client.get(f"/t/{ticket.token}/pindah/").status_code == 303
    response = press(client, ticket)
    assert response.status_code == 409
    assert "Sedang dilayani" in words(response)
    assert "Waktu tidak berubah" in words(response)


def test_where_no_times_are_booked_nothing_offers_it(client: Client, place: Place) -> None:
    ticket = issue(place)
    takes_bookings(place, takes_bookings=False)
    for page in (f"/t/{ticket.token}/", f"/t/{ticket.token}/batal/"):
        assert "/pindah/" not in get(client, page)
    assert press(client, ticket)["Location"] == f"/t/{ticket.token}/"
    assert stored(ticket).state == TicketState.WAITING


def test_when_there_is_no_time_at_all_the_page_leads_back_to_the_number(client: Client, place: Place) -> None:
    ticket = issue(place)
    CounterDuty.objects.all().delete()
    text = get(client, f"/t/{ticket.token}/pindah/")
    assert "Belum ada waktu yang dapat dipesan." in text
    assert f'class="button button-main" href="/t/{ticket.token}/"' in text

"""Booked times through the API; every answer is held against the OpenAPI document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from queueing import presence
from queueing.actions import booking as acts
from queueing.actions import slots
from queueing.enums import BookingState, Channel, Priority
from queueing.models import Booking, EarlierWish, Slot, Ticket
from tenants.enums import Role
from tenants.models import User
from tests import factories as make
from tests.api.conftest import SignedIn
from tests.conftest import Place
from tests.queueing.booked import (
    AT_11,
    AT_13,
    MINUTE,
    TUESDAY_10,
    at,
    book,
    fill,
    fresh,
    takes_bookings,
)
from tests.queueing.pages import MONDAY_10

# Keys live for hours: they are made on the day of the test.
MORNING = MONDAY_10 - 60 * MINUTE
SLOTS = "/api/v1/services/ktp-hilang/slots/"
WISH = {"service": "ktp-hilang", "starts_at": "2026-11-23T11:00:00+08:00"}
LATER = MONDAY_10 + 10 * MINUTE


@pytest.fixture(autouse=True)
def line(place: Place) -> None:
    takes_bookings(place)


def get(client: APIClient, path: str, moment: datetime = MONDAY_10) -> Any:
    with at(moment):
        return client.get(path)


def post(
    client: APIClient, path: str, body: object = None, moment: datetime = MONDAY_10, **extra: Any
) -> Any:
    with at(moment):
        return client.post(path, {} if body is None else body, format="json", **extra)


def sign_in(as_user: SignedIn, user: User) -> APIClient:
    with at(MORNING):
        return as_user(user)


def of(booking: Booking, act: str = "") -> str:
    return f"/api/v1/bookings/{booking.token}/" + (f"{act}/" if act else "")


def test_the_times_of_a_service_with_their_free_places(api: APIClient, place: Place) -> None:
    fill(place)
    body = get(api, SLOTS).json()
    assert (body["service"], body["takes_bookings"]) == ("ktp-hilang", True)
    today = body["days"][0]
    assert today["date"] == "2026-11-23"
    free = {time["starts_at"]: time["free"] for time in today["times"]}
    assert free["2026-11-23T11:00:00+08:00"] == 0
    assert free["2026-11-23T11:30:00+08:00"] == 2
    assert today["free"] == sum(free.values())
    assert not Slot.objects.filter(taken=0).exists()


def test_the_times_of_one_date(api: APIClient, place: Place) -> None:
    days = get(api, SLOTS + "?date=2026-11-24").json()["days"]
    assert [day["date"] for day in days] == ["2026-11-24"]
    assert get(api, SLOTS + "?date=2026-11-28").json()["days"] == []
    assert get(api, SLOTS + "?date=besok").status_code == 400


def test_a_service_without_bookings_says_so(api: APIClient, place: Place) -> None:
    takes_bookings(place, takes_bookings=False)
    assert get(api, SLOTS).json() == {"service": "ktp-hilang", "takes_bookings": False, "days": []}
    assert get(api, "/api/v1/services/tidak-ada/slots/").status_code == 404


def test_a_time_is_booked(api: APIClient, place: Place) -> None:
    response = post(api, "/api/v1/bookings/", WISH | {"phone": "0812-3456-7890", "earlier": True})
    assert response.status_code == 201
    body, booking = response.json(), Booking.objects.get()
    assert response["Location"] == f"/api/v1/bookings/{booking.token}/"
    assert (body["token"], body["code"], body["state"]) == (booking.token, booking.code, "BOOKED")
    assert (body["starts_at"], body["minutes"]) == ("2026-11-23T11:00:00+08:00", 30)
    assert (body["come_from"], body["come_until"]) == (
        "2026-11-23T10:30:00+08:00",
        "2026-11-23T11:15:00+08:00",
    )
    assert (body["moves_left"], body["ticket"]) == (3, None)
    assert body["earlier"]["offered_at"] is None
    assert (booking.phone, booking.channel, booking.priority) == ("+6281234567890", Channel.ONLINE, "")


def test_the_moment_may_be_written_in_any_zone(api: APIClient, place: Place) -> None:
    response = post(api, "/api/v1/bookings/", WISH | {"starts_at": AT_11.astimezone(UTC).isoformat()})
    assert response.status_code == 201
    assert response.json()["starts_at"] == "2026-11-23T11:00:00+08:00"


def test_a_key_books_once(api: APIClient, place: Place) -> None:
    headers = {"Idempotency-Key": "sekali"}
    first = post(api, "/api/v1/bookings/", WISH, headers=headers).json()
    assert post(api, "/api/v1/bookings/", WISH, headers=headers).json()["token"] == first["token"]
    assert Booking.objects.count() == 1
    other = post(api, "/api/v1/bookings/", WISH | {"priority": Priority.ELDERLY}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"starts_at": "2026-11-23T16:00:00+08:00"}, 409, "slot_closed"),
        ({"starts_at": "2026-11-23T09:00:00+08:00"}, 409, "slot_past"),
        ({"starts_at": "2026-11-23T11:07:00+08:00"}, 409, "slot_unknown"),
        ({"starts_at": "2028-11-23T11:00:00+08:00"}, 409, "slot_too_far"),
        ({"starts_at": "besok"}, 400, "invalid"),
        ({"starts_at": None}, 400, "invalid"),
        ({"service": "tidak-ada"}, 404, "not_found"),
        ({"phone": "123"}, 400, "bad_phone"),
        ({"priority": "RAJA"}, 400, "invalid"),
        ({"lain": 1}, 400, "invalid"),
    ],
)
def test_a_wrong_wish_is_refused_and_writes_nothing(
    api: APIClient, place: Place, change: dict[str, Any], status: int, code: str
) -> None:
    response = post(api, "/api/v1/bookings/", WISH | change)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Booking.objects.exists()


def test_a_full_time_is_refused(api: APIClient, place: Place) -> None:
    fill(place)
    assert post(api, "/api/v1/bookings/", WISH).json()["code"] == "slot_full"


def test_nobody_poses_as_staff(api: APIClient, place: Place, as_user: SignedIn) -> None:
    assert post(api, "/api/v1/bookings/", WISH | {"channel": "STAFF"}).status_code == 403
    auditor = sign_in(as_user, make.make_user(Role.AUDITOR))
    assert post(auditor, "/api/v1/bookings/", WISH).status_code == 403
    assert not Booking.objects.exists()


def test_staff_book_for_a_visitor(place: Place, as_user: SignedIn) -> None:
    officer = sign_in(as_user, place.officer)
    assert post(officer, "/api/v1/bookings/", WISH).status_code == 201
    assert Booking.objects.get().channel == Channel.STAFF


def test_a_booking_is_read_by_its_secret_only(api: APIClient, place: Place) -> None:
    booking = book(place)
    assert get(api, of(booking)).json()["code"] == booking.code
    assert get(api, f"/api/v1/bookings/{booking.code}/").status_code == 404
    assert get(api, f"/api/v1/bookings/{booking.pk}/").status_code == 404


def test_a_booking_is_moved_and_cancelled(api: APIClient, place: Place) -> None:
    booking = book(place)
    moved = post(api, of(booking, "move"), {"starts_at": TUESDAY_10.isoformat()})
    assert (moved.status_code, moved.json()["starts_at"]) == (200, "2026-11-24T10:00:00+08:00")
    assert moved.json()["moves_left"] == 2
    for _time in range(2):
        cancelled = post(api, of(booking, "cancel"))
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, BookingState.CANCELLED)
    assert post(api, of(booking, "move"), {"starts_at": AT_13.isoformat()}).status_code == 409
    assert post(api, of(booking, "cancel"), {"lain": 1}).status_code == 400


def test_an_earlier_time_is_asked_for_offered_and_taken(api: APIClient, place: Place) -> None:
    takes_bookings(place, slot_capacity=1)
    early, late = book(place, AT_11), book(place, AT_13)
    assert post(api, of(late, "earlier"), {"answer": "ask"}).json()["earlier"]["offered_at"] is None
    with at(MONDAY_10):
        acts.cancel(booking=early)
    with at(LATER):
        slots.keep_house()
    offer = get(api, of(late), LATER).json()["earlier"]
    assert offer["offered_at"] == "2026-11-23T11:00:00+08:00"
    assert offer["offered_until"] == "2026-11-23T10:20:00+08:00"
    taken = post(api, of(late, "earlier"), {"answer": "accept"}, LATER).json()
    assert (taken["starts_at"], taken["earlier"]) == ("2026-11-23T11:00:00+08:00", None)
    assert post(api, of(late, "earlier"), {"answer": "accept"}, LATER).json()["code"] == "offer_gone"
    assert post(api, of(late, "earlier"), {"answer": "lain"}, LATER).status_code == 400


def test_waiting_for_an_earlier_time_can_be_ended(api: APIClient, place: Place) -> None:
    late = book(place, AT_13, wishes_earlier=True)
    assert post(api, of(late, "earlier"), {"answer": "stop"}).json()["earlier"] is None
    assert not EarlierWish.objects.exists()


def test_a_phone_checks_in_with_the_code_on_site_and_gets_one_number(api: APIClient, place: Place) -> None:
    booking = book(place)
    code = {"presence_code": presence.code_at(AT_11)}
    first = post(api, of(booking, "check-in"), code, AT_11)
    assert (first.status_code, first.json()["number"]) == (200, "A-001")
    # Whoever holds the secret reads the number again, without the code.
    assert post(api, of(booking, "check-in"), {}, AT_11 + MINUTE).json()["token"] == first.json()["token"]
    assert get(api, of(booking), AT_11).json()["ticket"] == first.json()["token"]
    assert Ticket.objects.get().channel == Channel.ONLINE


@pytest.mark.parametrize("code", ["", "000000", "x" * 20])
def test_without_the_code_on_site_nobody_checks_in(api: APIClient, place: Place, code: str) -> None:
    response = post(api, of(book(place), "check-in"), {"presence_code": code}, AT_11)
    assert (response.status_code, response.json()["code"]) == (409, "wrong_presence_code")
    assert not Ticket.objects.exists()


def test_staff_check_in_without_the_code_for_their_own_agency(place: Place, as_user: SignedIn) -> None:
    booking, officer = book(place), sign_in(as_user, place.officer)
    stranger = sign_in(as_user, make.make_user(agency=make.make_agency()))
    assert post(stranger, of(booking, "check-in"), {}, AT_11).status_code == 404
    assert post(officer, of(booking, "check-in"), {}, AT_11).status_code == 200
    assert Ticket.objects.get().channel == Channel.STAFF


def test_on_another_day_the_answer_says_when(api: APIClient, place: Place) -> None:
    booking = book(place, TUESDAY_10)
    response = post(api, of(booking, "check-in"), {}, AT_11)
    assert (response.status_code, response.json()["code"]) == (409, "other_day")
    assert datetime.fromisoformat(response.json()["extra"]["starts_at"]) == TUESDAY_10
    early = post(api, of(booking, "check-in"), {}, TUESDAY_10 - timedelta(hours=1))
    assert early.json()["code"] == "too_early"
    assert datetime.fromisoformat(early.json()["extra"]["until"]) == TUESDAY_10 - 30 * MINUTE
    assert fresh(booking).state == BookingState.BOOKED

"""Numbers: taken, looked at, given back; and every way in which that is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from mpp.core import clock
from queueing import actions
from queueing.enums import Channel, Priority, TicketState
from queueing.live import ticket_state
from queueing.models import QueueDay, Ticket, TicketEvent
from services.models import OpeningHours
from tenants.enums import SERVING, AgencyKind, AgencyStatus, Role
from tests import factories as make
from tests.api.conftest import Limit, SignedIn
from tests.conftest import Place

WISH = {"service": "ktp-hilang"}


def take(client: APIClient, wish: object = WISH, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key is not None else None
    return client.post("/api/v1/tickets/", wish, format="json", headers=headers)


def nothing_was_written() -> bool:
    return not (Ticket.objects.exists() or TicketEvent.objects.exists())


def test_a_number_is_issued(api: APIClient, place: Place) -> None:
    response = take(api)
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"number", "token", "state", "service", "queue", "ahead", "estimate"}
    assert (body["number"], body["state"], body["ahead"]) == ("A-001", "WAITING", 0)
    assert (body["service"], body["queue"]) == ("ktp-hilang", place.queue.code)
    assert response["Location"] == f"/api/v1/tickets/{body['token']}/"
    assert response["Cache-Control"] == "no-store"
    ticket = Ticket.objects.get()
    assert (ticket.token, ticket.channel, ticket.priority, ticket.phone) == (body["token"], "ONLINE", "", "")


def test_without_a_staffed_counter_no_time_is_promised(api: APIClient, place: Place) -> None:
    assert take(api).json()["estimate"] == {"low_minutes": None, "high_minutes": None}


@pytest.mark.usefixtures("measured")
def test_the_estimate_follows_the_people_ahead(api: APIClient, place: Place) -> None:
    make.open_session(place.agency, place.counter, place.officer)
    for _ in range(4):
        make.issue(place.service)
    body = take(api).json()
    assert body["ahead"] == 4
    estimate = body["estimate"]
    assert estimate["low_minutes"] < 45 < estimate["high_minutes"]


def test_a_priority_number_goes_ahead_by_the_rule(api: APIClient, place: Place) -> None:
    for _ in range(4):
        make.issue(place.service)
    body = take(api, WISH | {"priority": Priority.ELDERLY}).json()
    assert body["ahead"] < 4
    assert Ticket.objects.get(number=5).priority == Priority.ELDERLY


@pytest.mark.parametrize("phone", ["0812-3456-7890", "62 812 3456 7890", "+6281234567890"])
def test_a_phone_is_kept_in_one_form(api: APIClient, place: Place, phone: str) -> None:
    assert take(api, WISH | {"phone": phone}).status_code == 201
    assert Ticket.objects.get().phone == "+6281234567890"


@pytest.mark.parametrize(
    "phone", ["123", "0511-234567", "abc", "0812\u0000", "0812\u202e34567890", "0" * 10_000]
)
def test_a_wrong_phone_is_refused(api: APIClient, place: Place, phone: str) -> None:
    response = take(api, WISH | {"phone": phone})
    assert response.status_code == 400
    assert nothing_was_written()


# Who may use which channel


def test_staff_issue_as_staff_and_are_named_in_the_trail(officer: APIClient, place: Place) -> None:
    assert take(officer).status_code == 201
    assert Ticket.objects.get().channel == Channel.STAFF
    assert TicketEvent.objects.get().actor == place.officer


@pytest.mark.parametrize("channel", Channel.values)
@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDITOR])
def test_staff_may_name_the_channel(place: Place, as_user: SignedIn, role: Role, channel: str) -> None:
    user = make.make_user(role, place.agency)
    assert take(as_user(user), WISH | {"channel": channel}).status_code == 201
    assert Ticket.objects.get().channel == channel


@pytest.mark.parametrize("channel", [Channel.KIOSK, Channel.STAFF])
def test_nobody_poses_as_kiosk_or_staff(api: APIClient, place: Place, channel: str) -> None:
    response = take(api, WISH | {"channel": channel})
    assert response.status_code == 403
    assert response.json()["code"] == "forbidden"
    assert nothing_was_written()


def test_an_auditor_changes_nothing(place: Place, as_user: SignedIn) -> None:
    assert take(as_user(make.make_user(Role.AUDITOR))).status_code == 403
    assert nothing_was_written()


def test_a_wrong_key_is_not_taken_for_a_citizen(api: APIClient, place: Place) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer salah")
    response = take(api)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert nothing_was_written()


# What is refused


@pytest.mark.parametrize("slug", ["tidak-ada", "KTP-HILANG", "1"])
def test_an_unknown_service_is_not_found(api: APIClient, place: Place, slug: str) -> None:
    assert take(api, {"service": slug}).status_code == 404
    assert nothing_was_written()


def test_a_service_that_is_not_shown_is_not_found(api: APIClient, place: Place) -> None:
    place.service.is_published = False
    place.service.save()
    assert take(api).status_code == 404


def test_a_closed_service_says_why_and_until_when(api: APIClient, place: Place) -> None:
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(weekday=1, opens_at=time(8), closes_at=time(15), valid_from=make.LONG_AGO)
    with clock.frozen(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)):
        response = take(api)
    assert response.status_code == 409
    assert response.json() == {
        "code": "before_hours",
        "message": "Belum buka. Buka pukul 08.00.",
        "extra": {"until": "2026-11-23T08:00:00+08:00"},
    }
    assert nothing_was_written()


def test_a_full_line_is_refused(api: APIClient, place: Place) -> None:
    make.limit(place.queue, 1)
    assert take(api).status_code == 201
    response = take(api)
    assert (response.status_code, response.json()["code"]) == (409, "full")
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("status", sorted(set(AgencyStatus) - SERVING))
def test_an_agency_that_does_not_serve_is_refused(api: APIClient, place: Place, status: str) -> None:
    place.agency.status = status
    place.agency.save()
    response = take(api)
    assert (response.status_code, response.json()["code"]) == (409, "agency_not_open")
    assert nothing_was_written()


def test_an_agency_without_agreement_is_refused(api: APIClient, place: Place) -> None:
    lapsed = {"agreement_from": date(2021, 1, 1), "agreement_to": date(2021, 12, 31)}
    service = make.make_service(make.make_agency(kind=AgencyKind.VERTICAL, **lapsed))
    make.make_queue(service)
    response = take(api, {"service": service.slug})
    assert (response.status_code, response.json()["code"]) == (409, "agreement_not_in_force")


@pytest.mark.parametrize("name", ["state", "number", "agency", "is_staff", "quota", "token", "id", "x" * 200])
def test_a_key_that_is_not_known_is_refused_by_name(api: APIClient, place: Place, name: str) -> None:
    response = take(api, WISH | {name: 1})
    assert response.status_code == 400
    assert list(response.json()["extra"]["fields"]) == [name[:40]]
    assert nothing_was_written()


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"service": None},
        {"service": ""},
        {"service": ["ktp-hilang"]},
        {"service": {"slug": "ktp-hilang"}},
        {"service": True},
        {"service": "x" * 10_000},
        {"service": 2**63},
        WISH | {"channel": "TELEPON"},
        WISH | {"channel": None},
        WISH | {"priority": "PEJABAT"},
        WISH | {"priority": 1},
        WISH | {"phone": None},
        WISH | {"phone": 2**40},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(api: APIClient, place: Place, wish: object) -> None:
    response = take(api, wish)
    assert response.status_code == 400
    assert response.json()["message"]
    assert nothing_was_written()


# One key, one number


def test_the_same_key_returns_the_same_number(api: APIClient, place: Place) -> None:
    first, again = take(api, key="satu"), take(api, key="satu")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Ticket.objects.count() == 1
    assert QueueDay.objects.get().last_number == 1


def test_the_same_wish_in_other_words_is_the_same_wish(api: APIClient, place: Place) -> None:
    first = take(api, WISH | {"phone": "0812 3456 7890"}, key="satu")
    again = take(api, WISH | {"phone": "+6281234567890", "channel": "ONLINE", "priority": ""}, key="satu")
    assert first.json() == again.json()


def test_a_replay_is_answered_after_closing_and_when_full(api: APIClient, place: Place) -> None:
    make.limit(place.queue, 1)
    first = take(api, key="satu").json()
    OpeningHours.objects.all().delete()
    assert take(api, key="satu").json() == first


@pytest.mark.parametrize("other", [{"priority": "ELDERLY"}, {"phone": "081234567890"}, {"service": "lain"}])
def test_the_same_key_with_another_wish_is_refused(
    api: APIClient, place: Place, other: dict[str, str]
) -> None:
    make.make_queue(make.make_service(place.agency, slug="lain"))
    take(api, key="satu")
    response = take(api, WISH | other, key="satu")
    assert (response.status_code, response.json()["code"]) == (422, "key_reused")
    assert Ticket.objects.count() == 1


def test_the_same_key_on_another_channel_is_refused(officer: APIClient, place: Place) -> None:
    take(officer, key="satu")
    assert take(officer, WISH | {"channel": "KIOSK"}, key="satu").status_code == 422


def test_two_people_may_use_the_same_key(api: APIClient, officer: APIClient, place: Place) -> None:
    numbers = {take(api, key="1").json()["number"], take(officer, key="1").json()["number"]}
    assert numbers == {"A-001", "A-002"}


def test_without_a_key_every_request_is_a_number(api: APIClient, place: Place) -> None:
    assert [take(api).json()["number"] for _ in range(3)] == ["A-001", "A-002", "A-003"]


@pytest.mark.parametrize("key", ["", " ", " a", "x" * 101, "a\tb", "kunci\u00e9", "a\u0000"])
def test_a_key_that_cannot_be_one_is_refused(api: APIClient, place: Place, key: str) -> None:
    response = take(api, key=key)
    assert (response.status_code, response.json()["code"]) == (400, "bad_idempotency_key")
    assert nothing_was_written()


@pytest.mark.parametrize("key", ["a", "x" * 100, "3f1d-9c 77", '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
def test_any_printable_key_will_do(api: APIClient, place: Place, key: str) -> None:
    assert take(api, key=key).status_code == 201


def test_the_key_itself_is_not_stored(api: APIClient, place: Place) -> None:
    take(api, key="rahasia-saya")
    assert "rahasia" not in str(Ticket.objects.get().request_key)


def test_too_many_numbers_from_one_place_are_refused(api: APIClient, place: Place, limit: Limit) -> None:
    limit("issue", "2/min")
    assert [take(api).status_code for _ in range(3)] == [201, 201, 429]
    assert Ticket.objects.count() == 2


# The holder's page of a number


def test_a_holder_sees_the_number(api: APIClient, place: Place) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    make.issue(place.service)
    token = take(api).json()["token"]
    response = api.get(f"/api/v1/tickets/{token}/")
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["state"], body["ahead"], body["counter"], body["calls"]) == ("WAITING", 1, None, 0)
    assert datetime.fromisoformat(body["time"]).utcoffset() is not None
    for _ in range(2):
        actions.call_next(session=session, by=place.officer)
        if current := Ticket.objects.at_counter().first():
            actions.start(ticket=current, by=place.officer)
    body = api.get(f"/api/v1/tickets/{token}/").json()
    assert (body["state"], body["counter"], body["calls"]) == ("SERVING", "2", 1)
    assert body["estimate"] == {"low_minutes": None, "high_minutes": None}


def test_a_number_is_given_back(api: APIClient, place: Place) -> None:
    token = take(api).json()["token"]
    response = api.post(f"/api/v1/tickets/{token}/cancel/")
    assert (response.status_code, response.json()["state"]) == (200, "CANCELLED")
    again = api.post(f"/api/v1/tickets/{token}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert TicketEvent.objects.filter(step="cancel").count() == 1


def test_a_number_being_served_is_not_given_back(api: APIClient, place: Place) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    token = take(api).json()["token"]
    ticket = actions.call_next(session=session, by=place.officer)
    assert ticket is not None
    actions.start(ticket=ticket, by=place.officer)
    assert api.post(f"/api/v1/tickets/{token}/cancel/").status_code == 409
    assert Ticket.objects.get().state == TicketState.SERVING


@pytest.mark.parametrize("token", ["salah", "1", "x" * 32, "%00", "A-001", "x" * 5000, "%E2%80%AE"])
def test_a_wrong_token_is_not_found(api: APIClient, place: Place, token: str) -> None:
    take(api)
    for response in (api.get(f"/api/v1/tickets/{token}/"), api.post(f"/api/v1/tickets/{token}/cancel/")):
        assert response.status_code == 404
        assert response["Cache-Control"] == "no-store"
    assert Ticket.objects.get().state == TicketState.WAITING


def test_a_cancel_with_a_body_that_has_keys_is_refused(api: APIClient, place: Place) -> None:
    token = take(api).json()["token"]
    response = api.post(f"/api/v1/tickets/{token}/cancel/", {"state": "DONE"}, format="json")
    assert response.status_code == 400
    assert Ticket.objects.get().state == TicketState.WAITING


@override_settings(LOAD_TEST=True)
def test_a_load_test_goes_without_limits(api: APIClient, place: Place, limit: Limit) -> None:
    limit("issue", "1/day")
    assert {take(api).status_code for _ in range(3)} == {201}


def test_the_figures_are_those_of_the_live_page(api: APIClient, place: Place) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    for priority in ("", "", "ELDERLY", "", "INFANT", "", ""):
        take(api, WISH | {"priority": priority})
    actions.call_next(session=session, by=place.officer)
    for ticket in Ticket.objects.all():
        live = ticket_state(ticket)
        shown = api.get(f"/api/v1/tickets/{ticket.token}/").json()
        wait = {name: live[name] for name in ("low_minutes", "high_minutes")}
        assert (shown["ahead"], shown["estimate"]) == (live["ahead"], wait)
        assert (shown["number"], shown["calls"]) == (live["label"], live["calls"])
        assert (shown["counter"] or "") == live["counter"]

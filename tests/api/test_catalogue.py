"""The public lists: what they say, how they are narrowed down, what they cost."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from mpp.core import clock
from queueing import actions
from services.enums import Audience, CalendarKind, LifeEvent, ServiceKind
from services.models import CalendarDay, OpeningHours
from tenants.enums import AgencyKind, AgencyStatus
from tests import factories as make
from tests.api.conftest import Limit
from tests.conftest import Place

LISTS = ["agencies", "services", "queues", "counters"]


def rows(api: APIClient, path: str) -> list[dict[str, Any]]:
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def only(api: APIClient, path: str) -> dict[str, Any]:
    [row] = rows(api, path)
    return row


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize("name", LISTS)
def test_every_list_says_how_things_stand(api: APIClient, place: Place, name: str) -> None:
    make.open_session(place.agency, place.counter, place.officer)
    make.issue(place.service)
    row = only(api, f"{name}/")
    assert row["open"] is True
    assert row["takes_numbers"] is True
    assert (row["state"], row["reason_code"], row["reason"]) == ("OPEN", "open", "")
    assert row["waiting"] == 1
    assert row["estimate"]["low_minutes"] < row["estimate"]["high_minutes"]
    assert row["remaining"] == {"total": None, "online": None, "on_site": None}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_may_be_empty(api: APIClient, db: None, name: str) -> None:
    make.make_mall()
    assert rows(api, f"{name}/") == []


@pytest.mark.parametrize("name", LISTS)
def test_lists_answer_before_the_portal_is_set_up(api: APIClient, db: None, name: str) -> None:
    assert rows(api, f"{name}/") == []


def test_a_closed_mall_says_why_and_until_when(api: APIClient, place: Place) -> None:
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(weekday=1, opens_at=time(8), closes_at=time(15), valid_from=make.LONG_AGO)
    # Monday 07:00 in Makassar.
    with clock.frozen(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)):
        row = only(api, "services/")
    assert (row["open"], row["state"], row["reason_code"]) == (False, "CLOSED", "before_hours")
    assert row["reason"] == "Belum buka. Buka pukul 08.00."
    assert row["until"] == "2026-11-23T08:00:00+08:00"


def test_a_holiday_is_named(api: APIClient, place: Place) -> None:
    CalendarDay.objects.create(date=date(2026, 11, 23), kind=CalendarKind.LOCAL_HOLIDAY, name="Hari Jadi")
    with clock.frozen(datetime(2026, 11, 23, 3, 0, tzinfo=UTC)):
        assert only(api, "agencies/")["reason"].startswith("Tutup: Hari Jadi.")
        assert only(api, "queues/")["reason_code"] == "holiday"
        assert only(api, "counters/")["reason_code"] == "holiday"


def test_during_the_break_numbers_are_still_given(api: APIClient, place: Place) -> None:
    OpeningHours.objects.update(break_from=time(12), break_to=time(13))
    with clock.frozen(datetime(2026, 11, 23, 4, 30, tzinfo=UTC)):
        row = only(api, "services/")
    assert (row["open"], row["takes_numbers"], row["state"]) == (False, True, "BREAK")
    assert row["until"] == "2026-11-23T13:00:00+08:00"


def test_a_full_line_is_full_but_its_agency_is_not_while_another_has_room(
    api: APIClient, place: Place
) -> None:
    make.open_session(place.agency, place.counter, place.officer)
    make.limit(place.queue, 1)
    make.issue(place.service)
    row = only(api, "services/")
    nothing = {"total": 0, "online": 0, "on_site": 0}
    assert (row["state"], row["reason_code"], row["remaining"]) == ("FULL", "full", nothing)
    assert only(api, "agencies/")["state"] == "FULL"
    make.make_queue(make.make_service(place.agency), daily_quota=5, online_percent=40)
    agency = only(api, "agencies/")
    assert (agency["state"], agency["remaining"]) == ("OPEN", {"total": 5, "online": 2, "on_site": 3})


def test_an_agency_that_is_not_here_yet_is_listed_with_its_reason(api: APIClient, place: Place) -> None:
    coming = make.make_agency(status=AgencyStatus.PREPARING, short_name="Imigrasi")
    make.make_queue(make.make_service(coming))
    row = only(api, f"services/?agency={coming.code}")
    assert (row["open"], row["state"], row["reason_code"]) == (False, "NOT_OPERATING", "agency_not_open")
    assert "Imigrasi" in row["reason"]


def test_an_agency_without_agreement_says_so(api: APIClient, place: Place) -> None:
    lapsed = {"agreement_from": date(2021, 1, 1), "agreement_to": date(2021, 12, 31)}
    vertical = make.make_agency(kind=AgencyKind.VERTICAL, **lapsed)
    make.make_queue(make.make_service(vertical))
    row = only(api, f"services/?agency={vertical.code}")
    assert (row["state"], row["reason_code"]) == ("NO_AGREEMENT", "agreement_not_in_force")


def test_an_agency_that_has_left_is_not_listed(api: APIClient, place: Place) -> None:
    make.make_agency(status=AgencyStatus.ENDED)
    assert [row["slug"] for row in rows(api, "agencies/")] == ["dukcapil"]


def test_a_service_without_a_line_says_so(api: APIClient, place: Place) -> None:
    lone = make.make_service(place.agency)
    row = next(row for row in rows(api, "services/") if row["slug"] == lone.slug)
    assert (row["queue"], row["reason_code"], row["takes_numbers"]) == (None, "no_queue", False)


def test_a_counter_is_open_when_staffed_and_shows_its_number(api: APIClient, place: Place) -> None:
    row = only(api, "counters/")
    assert (row["open"], row["reason_code"]) == (False, "counter_unstaffed")
    assert row["agency"]["slug"] == "dukcapil"
    session = make.open_session(place.agency, place.counter, place.officer)
    ticket = make.issue(place.service)
    actions.call_next(session=session, by=place.officer)
    row = only(api, "counters/")
    assert (row["open"], row["now_serving"]) == (True, ticket.label)


def test_a_counter_nobody_uses_today_says_so(api: APIClient, place: Place) -> None:
    place.counter.duties.all().delete()
    row = only(api, "counters/")
    assert (row["agency"], row["reason_code"], row["open"]) == (None, "counter_unassigned", False)


def test_a_service_page_holds_the_six_public_components(api: APIClient, place: Place) -> None:
    standard = api.get("/api/v1/services/ktp-hilang/").json()["standard"]
    assert standard["requirements"] == [
        {"name": "Kartu Keluarga", "note": "Asli"},
        {"name": "KTP lama", "note": ""},
    ]
    assert standard["procedure"] == ["Ambil nomor.", "Datang ke loket."]
    assert standard["time"] == {"text": "Selesai hari ini", "minutes": 15, "days": None}
    fee = {"kind": "FREE", "amount": None, "text": "", "basis": "UU 24/2013", "pay_to": ""}
    assert standard["fee"] == fee
    assert standard["product"] == "KTP elektronik"
    assert standard["complaints"] == "Sampaikan ke petugas."


@pytest.mark.parametrize("slug", ["tidak-ada", "x" * 10_000, "1" * 300])
def test_an_unknown_service_is_not_found(api: APIClient, place: Place, slug: str) -> None:
    response = api.get(f"/api/v1/services/{slug}/")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_a_service_that_is_not_shown_is_not_found(api: APIClient, place: Place) -> None:
    place.service.is_published = False
    place.service.save()
    assert api.get("/api/v1/services/ktp-hilang/").status_code == 404
    assert rows(api, "services/") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=LICENSING", {"izin"}),
        ("audience=CITIZEN", {"ktp-hilang", "izin"}),
        ("audience=BUSINESS", {"izin", "nib"}),
        ("depth=INTAKE", {"nib"}),
        ("life_event=BUSINESS", {"nib"}),
        ("agency=dukcapil", {"ktp-hilang"}),
        ("agency=PTSP", {"izin", "nib"}),
        ("agency=ptsp", {"izin", "nib"}),
        ("agency=TIDAK-ADA", set()),
        ("q=bikin+ktp", {"ktp-hilang"}),
        ("q=bikin+ktp&agency=PTSP", set()),
        ("kind=LICENSING&audience=BUSINESS", {"izin"}),
        ("kind=&q=", {"ktp-hilang", "izin", "nib"}),
    ],
)
def test_services_are_narrowed_down(api: APIClient, place: Place, query: str, expected: set[str]) -> None:
    ptsp = make.make_agency(code="PTSP", short_name="DPMPTSP")
    izin = {"slug": "izin", "name": "Izin praktik dokter", "kind": ServiceKind.LICENSING}
    make.make_service(ptsp, **izin, audience=Audience.BOTH)
    nib = {"slug": "nib", "name": "Nomor induk berusaha", "audience": Audience.BUSINESS, "depth": "INTAKE"}
    make.make_service(ptsp, **nib, life_events=[LifeEvent.BUSINESS])
    assert {row["slug"] for row in rows(api, f"services/?{query}")} == expected


def test_the_best_match_comes_first(api: APIClient, place: Place) -> None:
    make.make_service(place.agency, slug="kk", name="Kartu keluarga", summary="Setelah KTP hilang.")
    found = [row["slug"] for row in rows(api, "services/?q=ktp+hilang")]
    assert found == ["ktp-hilang", "kk"]


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("agencies/?kind=OPD", 1),
        ("agencies/?kind=BUMN", 0),
        ("agencies/?zone=kependudukan", 1),
        ("agencies/?zone=lain", 0),
        ("agencies/?q=duk", 1),
        ("agencies/?q=samsat", 0),
        ("queues/?agency=dukcapil", 1),
        ("queues/?agency=lain", 0),
        ("queues/?service=ktp-hilang", 1),
        ("queues/?service=lain", 0),
        ("counters/?zone=kependudukan", 1),
        ("counters/?zone=lain", 0),
        ("counters/?agency=dukcapil", 1),
        ("counters/?agency=lain", 0),
    ],
)
def test_the_other_lists_are_narrowed_down(api: APIClient, place: Place, path: str, count: int) -> None:
    assert len(rows(api, path)) == count


@pytest.mark.parametrize(
    "path",
    [
        "services/?kind=LAIN",
        "services/?audience=1",
        "services/?life_event=citizen",
        "services/?q=%00",
        "services/?q=%E2%80%AEktp",
        "services/?agency=" + "x" * 10_000,
        "agencies/?kind=2147483648",
        "agencies/?zone=%00",
        "queues/?service=a%0Bb",
        "counters/?agency=%E2%81%A6",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(api: APIClient, place: Place, path: str) -> None:
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert response.json()["extra"]["fields"]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("page", ["1000000000", "0", "-1", "x", "9" * 5000, "%00"])
def test_a_page_that_is_not_there_is_not_found(api: APIClient, place: Place, name: str, page: str) -> None:
    response = api.get(f"/api/v1/{name}/?page={page}")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_pages_hold_fifty_and_at_most_a_hundred(api: APIClient, place: Place) -> None:
    for _ in range(104):
        make.make_service(place.agency)
    first = api.get("/api/v1/services/").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (105, 50, None)
    assert len(api.get(first["next"]).json()["results"]) == 50
    assert len(rows(api, "services/?page_size=1000000")) == 100
    seen = [row["slug"] for page in (1, 2, 3) for row in rows(api, f"services/?page={page}")]
    assert len(set(seen)) == 105


@pytest.mark.parametrize("name", LISTS)
def test_the_number_of_queries_does_not_grow_with_the_rows(api: APIClient, place: Place, name: str) -> None:
    def queries() -> int:
        # What was changed just now is read once, and remembered.
        rows(api, f"{name}/")
        with CaptureQueriesContext(connection) as captured:
            rows(api, f"{name}/")
        return len(captured)

    few = queries()
    for _ in range(12):
        agency = make.make_agency(zone=place.zone)
        counter = make.make_counter(agency, place.zone)
        make.make_queue(make.make_service(agency), daily_quota=3)
        make.open_session(agency, counter)
    assert queries() == few
    assert few <= 18


def test_closed_rows_cost_no_more_queries(api: APIClient, place: Place) -> None:
    for _ in range(6):
        make.make_queue(make.make_service(make.make_agency()))
    with CaptureQueriesContext(connection) as when_open:
        rows(api, "services/")
    OpeningHours.objects.exclude(weekday=1).delete()
    with (
        clock.frozen(datetime(2026, 11, 24, 3, 0, tzinfo=UTC)),
        CaptureQueriesContext(connection) as when_closed,
    ):
        rows(api, "services/")
    assert len(when_closed) <= len(when_open)


def test_too_many_requests_are_told_when_to_come_back(api: APIClient, place: Place, limit: Limit) -> None:
    limit("read", "2/min")
    assert [api.get("/api/v1/agencies/").status_code for _ in range(3)] == [200, 200, 429]
    response = api.get("/api/v1/agencies/")
    assert response.json()["code"] == "throttled"
    assert response.json()["extra"]["wait_seconds"] == int(response["Retry-After"])


def test_a_claimed_address_does_not_escape_the_limit(api: APIClient, place: Place, limit: Limit) -> None:
    limit("read", "1/min")
    statuses = [
        api.get("/api/v1/agencies/", headers={"X-Forwarded-For": claimed}).status_code
        for claimed in ("198.51.100.1", "198.51.100.2")
    ]
    assert statuses == [200, 429]

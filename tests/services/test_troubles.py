"""Trouble: declared, told, extended, ended; and time that does not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from mpp.core import clock
from mpp.core.errors import Forbidden, Refusal
from mpp.core.models import AuditEntry
from services import actions, policy, troubles
from services.enums import Openness
from services.models import Disruption
from services.opening import OpeningBook
from services.policy import Opening, Trouble
from tenants.enums import Role
from tenants.models import Agency, User
from tests import factories as make
from tests.concurrency.race import at_once
from tests.conftest import Place

# 10.00 WITA
TEN = datetime(2026, 11, 23, 2, tzinfo=UTC)
LOCAL_TEN = datetime(2026, 11, 23, 10)  # noqa: DTZ001
MESSAGE = "Server pusat tidak dapat diakses."


@pytest.fixture
def manager(place: Place) -> User:
    return make.make_user(Role.FLOOR_MANAGER)


def start(by: User | None = None, **fields: Any) -> Disruption:
    with clock.frozen(TEN):
        return actions.start_disruption(**{"message": MESSAGE, "by": by} | fields)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def opening(agency: Agency | None = None) -> Opening:
    return OpeningBook(TEN).schedule.opening(LOCAL_TEN, agency.pk if agency else None)


def test_trouble_of_the_mall_is_everybodys_and_an_agencys_its_own(place: Place, manager: User) -> None:
    other = make.make_agency()
    own = start(manager, agency=place.agency)
    assert opening(place.agency).state == Openness.DISRUPTED
    assert opening(other).state == opening().state == Openness.OPEN
    with clock.frozen(TEN + minutes(1)):
        actions.end_disruption(disruption=own, by=manager)
    start(manager)
    assert opening(other).state == opening().state == Openness.DISRUPTED


@pytest.mark.parametrize(
    ("second", "until"), [(-1, LOCAL_TEN), (0, None), (1, None)], ids=["before", "at", "after"]
)
def test_it_lasts_until_somebody_ends_it_whatever_was_expected(
    place: Place, second: int, until: datetime | None
) -> None:
    with clock.frozen(TEN - minutes(30)):
        actions.start_disruption(message=MESSAGE, expected_until=TEN)
    at = TEN + timedelta(seconds=second)
    answer = OpeningBook(at).mall_opening()
    assert (answer.state, answer.until, answer.takes_numbers) == (Openness.DISRUPTED, until, False)


def test_it_may_leave_the_numbers_going(place: Place, manager: User) -> None:
    start(manager, stops_numbers=False)
    answer = opening(place.agency)
    assert (answer.state, answer.takes_numbers) == (Openness.DISRUPTED, True)


@pytest.mark.parametrize("role", sorted({*Role} - {Role.ADMIN, Role.FLOOR_MANAGER}))
def test_other_roles_may_not(place: Place, role: str) -> None:
    person = make.make_user(role, place.agency)
    with pytest.raises(Forbidden):
        start(person)
    row = start()
    with pytest.raises(Forbidden):
        actions.extend_disruption(disruption=row, expected_until=None, by=person)
    with pytest.raises(Forbidden):
        actions.end_disruption(disruption=row, by=person)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"message": "  "}, "no_message"),
        ({"message": "x" * 161}, "too_long"),
        ({"message": "a\x00b"}, "bad_text"),
        ({"expected_until": TEN}, "bad_end"),
        ({"since": TEN + minutes(1)}, "bad_start"),
        ({"since": TEN - timedelta(hours=11)}, "bad_start"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    place: Place, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        start(**fields)
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert not Disruption.objects.exists()
    assert not AuditEntry.objects.filter(action="disruption.start").exists()


def test_one_open_trouble_in_each_place(place: Place, manager: User) -> None:
    start(manager)
    start(manager, agency=place.agency)
    for scope in (None, place.agency):
        with pytest.raises(Refusal, match="not_allowed"):
            start(manager, agency=scope)
    assert Disruption.objects.count() == 2


def test_a_new_one_may_not_reach_back_into_the_last(place: Place, manager: User) -> None:
    row = start(manager)
    with clock.frozen(TEN + minutes(20)):
        actions.end_disruption(disruption=row, by=manager)
    with clock.frozen(TEN + minutes(30)), pytest.raises(Refusal):
        actions.start_disruption(message=MESSAGE, since=TEN + minutes(10), by=manager)
    with clock.frozen(TEN + minutes(30)):
        actions.start_disruption(message=MESSAGE, since=TEN + minutes(20), by=manager)


def test_the_database_knows_the_rules_too(place: Place) -> None:
    row = start()
    for wrong in (
        {"ended_at": TEN - minutes(1)},
        {"expected_until": TEN},
        {"message": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disruption.objects.filter(pk=row.pk).update(**wrong)


def test_extending_says_anew_until_when(place: Place, manager: User) -> None:
    row = start(manager, expected_until=TEN + minutes(30))
    with clock.frozen(TEN + minutes(40)):
        row = actions.extend_disruption(
            disruption=row, expected_until=TEN + minutes(90), message="Jaringan putus", by=manager
        )
        assert (row.expected_until, row.message) == (TEN + minutes(90), "Jaringan putus")
        with pytest.raises(Refusal, match="bad_end"):
            actions.extend_disruption(disruption=row, expected_until=TEN + minutes(10), by=manager)
        # Unchanged and past: its words may still be mended.
    with clock.frozen(TEN + minutes(100)):
        actions.extend_disruption(
            disruption=row, expected_until=TEN + minutes(90), stops_numbers=False, by=manager
        )


def test_ending_is_once_and_what_is_over_stays(place: Place, manager: User) -> None:
    row = start(manager)
    with clock.frozen(TEN + minutes(5)):
        ended = actions.end_disruption(disruption=row, by=manager)
    with clock.frozen(TEN + minutes(9)):
        again = actions.end_disruption(disruption=row, by=make.make_user(Role.ADMIN))
        with pytest.raises(Refusal, match="disruption_over"):
            actions.extend_disruption(disruption=row, expected_until=None, by=manager)
    assert (ended.ended_at, again.ended_at, again.ended_by) == (TEN + minutes(5), TEN + minutes(5), manager)
    assert AuditEntry.objects.filter(action="disruption.end").count() == 1


def test_a_clock_that_was_set_back_leaves_no_trouble_that_ends_before_it_begins(place: Place) -> None:
    row = start()
    with clock.frozen(TEN - minutes(5)):
        assert actions.end_disruption(disruption=row).ended_at == TEN


@pytest.mark.django_db(transaction=True)
def test_ten_people_declare_the_same_trouble_at_once_and_it_is_one(live_place: Place) -> None:
    results = at_once(10, lambda _index: actions.start_disruption(message=MESSAGE))
    assert sum(isinstance(result, Disruption) for result in results) == 1
    assert sum(isinstance(result, Refusal) for result in results) == 9


@pytest.mark.django_db(transaction=True)
def test_of_ending_and_extending_at_once_the_end_stands(live_place: Place) -> None:
    """Without the row's lock the extension would be written after the end, or the end twice."""
    row = actions.start_disruption(message=MESSAGE)

    def work(index: int) -> Disruption:
        if index % 2:
            return actions.end_disruption(disruption=row)
        return actions.extend_disruption(disruption=row, expected_until=clock.now() + minutes(60))

    at_once(8, work)
    assert AuditEntry.objects.filter(action="disruption.end").count() == 1
    extended = AuditEntry.objects.filter(action="disruption.extend").order_by("pk").last()
    ended = AuditEntry.objects.get(action="disruption.end")
    assert extended is None or extended.pk < ended.pk


# Which trouble is told, and how


def trouble(key: int = 1, **fields: Any) -> Trouble:
    values: dict[str, Any] = {
        "agency_id": None,
        "message": "Listrik padam.",
        "since": LOCAL_TEN,
        "expected": None,
        "stops_numbers": True,
    } | fields
    return Trouble(key, **values)


def test_what_stops_numbers_is_told_first_then_what_lasts_longest() -> None:
    soon = trouble(1, expected=LOCAL_TEN + minutes(10))
    late = trouble(2, expected=LOCAL_TEN + minutes(60))
    unknown, mild = trouble(3), trouble(4, stops_numbers=False)
    assert policy.worst([mild, soon]) == soon
    assert policy.worst([soon, late]) == late
    assert policy.worst([late, unknown, mild]) == unknown
    assert policy.worst([]) is None


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (None, "Gangguan: Listrik padam. Belum diketahui kapan pulih."),
        (LOCAL_TEN + minutes(30), "Gangguan: Listrik padam. Diperkirakan pulih pukul 10.30."),
        (LOCAL_TEN, "Gangguan: Listrik padam. Perkiraan pulih sudah lewat; masih ditangani."),
        (
            LOCAL_TEN + timedelta(days=1),
            "Gangguan: Listrik padam. Diperkirakan pulih Selasa, 24 November pukul 10.00.",
        ),
    ],
)
def test_trouble_in_words(expected: datetime | None, words: str) -> None:
    assert troubles.words(trouble(expected=expected), LOCAL_TEN) == words


def test_a_display_tells_of_its_own_agencies_and_of_the_mall(place: Place) -> None:
    other = make.make_agency()
    start(agency=place.agency, message="Alat cetak rusak", stops_numbers=False)
    start(message="Listrik padam")
    with clock.frozen(TEN):
        assert troubles.notes([other.pk]) == ["Gangguan: Listrik padam. Belum diketahui kapan pulih."]
        assert troubles.notes([place.agency.pk]) == [
            "Gangguan: Listrik padam. Belum diketahui kapan pulih.",
            "Gangguan di Dukcapil: Alat cetak rusak. Belum diketahui kapan pulih.",
        ]
        assert [each.place for each in troubles.open_troubles()] == ["", "Dukcapil"]


# The clock that stands still


def test_time_in_trouble_is_counted_once_and_only_inside(place: Place) -> None:
    other = make.make_agency()
    spans = [(None, 0, 10), (place.agency, 5, 20), (place.agency, 30, None), (other, 0, 60)]
    for agency, first, last in spans:
        Disruption.objects.create(
            agency=agency,
            message="x",
            started_at=TEN + minutes(first),
            ended_at=None if last is None else TEN + minutes(last),
        )

    def paused(agency: Agency, first: float, last: float) -> timedelta:
        return troubles.paused_between(agency.pk, TEN + minutes(first), TEN + minutes(last))

    assert paused(place.agency, -10, 25) == minutes(20)
    assert paused(place.agency, 7, 8) == minutes(1)
    assert paused(place.agency, 20, 30) == minutes(0)
    assert paused(place.agency, 25, 45) == minutes(15)
    assert paused(other, 50, 90) == minutes(10)
    assert paused(make.make_agency(), 0, 90) == minutes(10)
    assert paused(place.agency, 10, 5) == minutes(0)


def test_pauses_of_many_stretches_cost_one_query(place: Place, django_assert_num_queries: Any) -> None:
    start(agency=place.agency)
    with django_assert_num_queries(1):
        pauses = troubles.Pauses(TEN - minutes(60), TEN + minutes(60))
        waits = [pauses.between(place.agency.pk, TEN - minutes(n), TEN + minutes(n)) for n in range(60)]
    assert waits[10] == minutes(10)


# The page of whoever runs the floor


@pytest.fixture
def page(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


PATH = "/lantai/gangguan/"


def test_declared_in_one_form_and_ended_with_one_press(page: Client, place: Place, manager: User) -> None:
    sent = {"agency": place.agency.pk, "message": MESSAGE, "stops_numbers": "on"}
    assert page.post(PATH, sent).status_code == 303
    row = Disruption.objects.get()
    assert (row.agency, row.started_by, row.stops_numbers) == (place.agency, manager, True)
    shown = page.get(PATH).content.decode()
    assert MESSAGE in shown
    assert reverse("trouble-end", args=[row.pk]) in shown
    assert page.post(reverse("trouble-end", args=[row.pk])).status_code == 303
    row.refresh_from_db()
    assert row.ended_by == manager
    assert "Sudah berakhir hari ini" in page.get(PATH).content.decode()


def test_a_second_one_and_bad_times_are_refused_beside_the_form(page: Client, place: Place) -> None:
    start()
    answer = page.post(PATH, {"message": MESSAGE})
    assert answer.status_code == 409
    assert "sudah dinyatakan" in answer.content.decode()
    with clock.frozen(TEN):
        for field, wrong in (("since", "23:00"), ("expected_until", "07.30"), ("message", "")):
            answer = page.post(PATH, {"message": MESSAGE, field: wrong})
            assert answer.status_code == 400
            assert answer.context["form"].errors.keys() == {field}
    assert Disruption.objects.count() == 1


def test_the_expectation_is_changed_from_the_page(page: Client, place: Place) -> None:
    row = start()
    with clock.frozen(TEN):
        page.post(reverse("trouble-extend", args=[row.pk]), {"expected_until": "11:15"})
        row.refresh_from_db()
        assert row.expected_until == TEN + minutes(75)
        page.post(reverse("trouble-extend", args=[row.pk]), {"expected_until": "09:00"})
        assert "Perkiraan pulih harus sesudah sekarang." in page.get(PATH).content.decode()
    row.refresh_from_db()
    assert row.expected_until == TEN + minutes(75)


def test_only_admin_and_floor_manager_see_the_page(client: Client, place: Place) -> None:
    row = start()
    client.force_login(place.officer)
    assert client.get(PATH).status_code == 403
    assert client.post(reverse("trouble-end", args=[row.pk])).status_code == 403
    client.force_login(make.make_user(Role.ADMIN))
    assert client.get(PATH).status_code == 200
    assert client.get(reverse("trouble-end", args=[row.pk])).status_code == 405
    assert client.post("/lantai/gangguan/999999/akhiri/").status_code == 404

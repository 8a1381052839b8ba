"""Attendance against the promise: sheets of days and months, and what agencies are told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements import attendance
from agreements.actions.attendance import report_absences
from agreements.admin.attendance import agencies_of
from agreements.models import AbsenceReport, AttendanceRules, Leave
from agreements.owed import owed_by
from agreements.templatetags.monev import presence
from mpp.core import clock
from mpp.notifications import wording
from mpp.notifications.models import Message, Wording
from services.models import OpeningHours
from tenants.enums import AgencyStatus, Role
from tenants.models import CounterDuty, User
from tests import factories as make
from tests.agreements import worlds
from tests.agreements.worlds import LATER, MONDAY, SUNDAY, TUESDAY
from tests.conftest import Place

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def officers(place: Place, first: date = MONDAY, last: date = SUNDAY) -> dict[date, int]:
    return {day: owed.officers for (_agency, day), owed in owed_by([place.agency], first, last).items()}


@pytest.fixture
def boss(place: Place) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.ADMIN))
    return client


@pytest.fixture
def manager(place: Place) -> User:
    return make.make_user(Role.AGENCY_MANAGER, place.agency, email="kepala@dukcapil.test")


def test_what_is_owed_follows_the_promise_and_the_calendar(place: Place) -> None:
    worlds.the_week(place)
    assert officers(place) == {MONDAY: 2, TUESDAY: 2, date(2026, 3, 5): 2, date(2026, 3, 6): 2}


def test_an_imigrasi_that_promised_tuesdays_owes_tuesdays(place: Place) -> None:
    worlds.eight_to_two(place)
    worlds.promise(place.agency, 2, officers=1)
    worlds.line_on(place, MONDAY)
    assert officers(place) == {TUESDAY: 1}


def test_a_new_version_of_the_promise_begins_on_its_day(place: Place) -> None:
    worlds.eight_to_two(place)
    worlds.promise(place.agency, 1, 2, officers=1, valid_to=MONDAY)
    worlds.promise(place.agency, 1, 2, officers=3, version=2, valid_from=TUESDAY)
    worlds.line_on(place, MONDAY)
    assert officers(place) == {MONDAY: 1, TUESDAY: 3}


def test_a_promise_that_is_not_enacted_binds_nobody(place: Place) -> None:
    worlds.eight_to_two(place)
    worlds.promise(place.agency, 1, officers=4, enacted_at=None)
    worlds.line_on(place, MONDAY)
    assert officers(place)[MONDAY] == 1


def test_without_a_promise_each_counter_in_use_is_one_officer(place: Place) -> None:
    worlds.eight_to_two(place)
    worlds.line_on(place, MONDAY)
    second = make.make_counter(place.agency)
    CounterDuty.objects.filter(counter=second).update(weekday=2)
    assert officers(place, MONDAY, TUESDAY) == {MONDAY: 1, TUESDAY: 2}


def test_nothing_is_owed_before_the_first_number_and_after_the_last_day(place: Place) -> None:
    worlds.eight_to_two(place)
    assert officers(place) == {}
    worlds.line_on(place, TUESDAY)
    assert min(officers(place)) == TUESDAY
    place.agency.status = AgencyStatus.PAUSED
    assert list(officers(place)) == [TUESDAY]


def test_seasons_and_breaks_are_the_calendars(place: Place) -> None:
    worlds.eight_to_two(place)
    worlds.promise(place.agency, 1)
    worlds.line_on(place, MONDAY)
    OpeningHours.objects.filter(weekday=1).update(closes_at="12:00", break_from="10:00", break_to="10:30")
    [owed] = owed_by([place.agency], MONDAY, MONDAY).values()
    assert owed.promised == 7 * HOUR


def test_the_week_is_counted_as_by_hand(place: Place) -> None:
    siti, budi = worlds.the_week(place)
    sheets = attendance.sheets([place.agency], MONDAY, SUNDAY, at=LATER)
    by_day = {day.day: sheet for (_agency, day), sheet in sheets.items()}
    assert {day: (sheet.came, sheet.missing) for day, sheet in by_day.items()} == {
        2: (2, 0),
        3: (1, 1),
        5: (0, 2),
        6: (2, 0),
    }
    assert {day: sheet.kept / HOUR for day, sheet in by_day.items()} == {2: 11.5, 3: 5, 5: 0, 6: 11.5}
    assert by_day[3].late_opening == 60
    assert [(person.user_id, person.late_minutes) for person in by_day[2].late] == [(budi.pk, 30)]
    assert [(person.user_id, person.early_minutes) for person in by_day[6].early] == [(siti.pk, 30)]


def test_days_to_come_are_not_judged(place: Place) -> None:
    worlds.the_week(place)
    noon = worlds.aware(TUESDAY, "12:00")
    sheets = attendance.sheets([place.agency], MONDAY, SUNDAY, at=noon)
    assert [day for _agency, day in sheets] == [MONDAY, TUESDAY]
    assert sheets[place.agency.pk, TUESDAY].kept == 3 * HOUR


def test_a_month_of_many_agencies_asks_the_same_few_questions(
    place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    worlds.the_week(place)
    others = [make.make_agency() for _number in range(5)]
    with django_assert_max_num_queries(13):
        attendance.sheets([place.agency, *others], date(2026, 1, 1), date(2026, 12, 31), at=LATER)


def test_the_pages_of_a_day_and_a_month_say_what_happened(place: Place, boss: Client) -> None:
    worlds.the_week(place)
    with clock.frozen(LATER):
        tuesday = boss.get("/admin/agreements/absencereport/hari/", {"hari": "2026-03-03"}).content.decode()
        month = boss.get(
            "/admin/agreements/absencereport/bulan/", {"instansi": place.agency.code, "bulan": "2026-03"}
        ).content.decode()
    assert "1 dari 2" in tuesday
    assert "terlambat 60 menit" in tuesday
    assert "tidak hadir" in tuesday
    # After the four days nine more of twelve hours, on which nobody came; the 20th has only begun.
    assert "28 dari 156 jam" in month
    assert "Buka 3 dari 13 hari, terlambat 1 hari" in month


def test_a_manager_sees_the_own_agency_only(place: Place, manager: User) -> None:
    make.make_agency()
    assert list(agencies_of(manager, clock.today())) == [place.agency]


def late_morning(place: Place) -> datetime:
    worlds.the_week(place)
    return worlds.aware(date(2026, 3, 10), "09:00")


def test_the_agency_is_told_once_that_promised_officers_did_not_come(place: Place, manager: User) -> None:
    at = late_morning(place)
    with clock.frozen(at - timedelta(minutes=1)):
        assert report_absences() == 0
    with clock.frozen(at):
        worlds.sat(place, place.officer, date(2026, 3, 10), "08:00", None)
        assert report_absences() == 1
        assert report_absences() == 0
    message = Message.objects.get(event="officers_absent")
    assert (message.recipient, message.channel) == ("kepala@dukcapil.test", "email")
    with clock.frozen(at):
        said = wording.written(message)
    assert said == "Dukcapil, Selasa, 10 Maret: petugas dijanjikan 2, datang 1. Mohon kirim pengganti."
    report = AbsenceReport.objects.get()
    assert (report.promised, report.came, report.messages) == (2, 1, 1)


def test_the_message_speaks_the_malls_own_words(place: Place, manager: User) -> None:
    words = {"text": "Yth. {instansi}: hadir {datang} dari {dijanjikan}."}
    Wording.objects.update_or_create(event="officers_absent", language="id", defaults=words)
    with clock.frozen(late_morning(place)):
        report_absences()
        assert wording.written(Message.objects.get(event="officers_absent")) == (
            "Yth. Dukcapil: hadir tidak ada dari 2."
        )


def test_nobody_is_told_when_all_came_or_on_a_holiday(place: Place, manager: User) -> None:
    at = late_morning(place)
    worlds.sat(place, place.officer, date(2026, 3, 10), "08:10", None)
    budi = User.objects.get(username="budi")
    worlds.sat(place, budi, date(2026, 3, 10), "08:20", "08:50")
    with clock.frozen(at):
        assert report_absences() == 0
    with clock.frozen(worlds.aware(date(2026, 3, 4), "10:00")):
        assert report_absences() == 0


def test_the_mall_may_switch_the_report_off_or_wait_longer(place: Place, manager: User) -> None:
    at = late_morning(place)
    AttendanceRules.objects.update_or_create(pk=1, defaults={"tell_after_minutes": 120})
    with clock.frozen(at):
        assert report_absences() == 0
    AttendanceRules.objects.update(tell_after_minutes=60, tells_agency=False)
    with clock.frozen(at):
        assert report_absences() == 0


def test_an_agency_without_an_address_is_noted_all_the_same(place: Place) -> None:
    with clock.frozen(late_morning(place)):
        assert report_absences() == 1
    assert AbsenceReport.objects.get().messages == 0
    assert not Message.objects.exists()


def on_leave(place: Place, **fields: Any) -> dict[str, Any]:
    """What a form of a leave sends."""
    values = {
        "agency": place.agency.pk,
        "user": User.objects.get(username="budi").pk,
        "kind": "LEAVE",
        "starts_on": "2026-03-03",
        "ends_on": "2026-03-03",
        "letter_number": "800/12",
        "note": "",
    }
    return values | fields


def test_two_of_three_came_and_the_third_is_on_leave(place: Place, manager: User) -> None:
    """The agency's manager writes the leave down; the promise stays unmet until somebody stands in."""
    worlds.eight_to_two(place)
    worlds.promise(place.agency, 2, officers=3)
    rina = make.make_user(agency=place.agency, username="rina", first_name="Rina")
    make.make_user(agency=place.agency, username="budi", first_name="Budi")
    for person in (place.officer, rina):
        worlds.sat(place, person, TUESDAY, "08:00", "14:00", counter=make.make_counter(place.agency))
    client = Client()
    client.force_login(manager)
    assert client.post("/admin/agreements/leave/add/", on_leave(place)).status_code == 302
    leave = Leave.objects.get()
    assert (leave.recorded_by, leave.letter_number) == (manager, "800/12")
    [sheet] = attendance.sheets([place.agency], TUESDAY, TUESDAY, at=LATER).values()
    assert presence(sheet) == "hadir 2 dari 3, 1 cuti (tanpa pengganti)"
    assert (sheet.missing, sheet.unexcused) == (1, 0)
    with clock.frozen(LATER):
        page = client.get("/admin/agreements/absencereport/hari/", {"hari": "2026-03-03"}).content.decode()
        month = client.get(
            "/admin/agreements/absencereport/bulan/", {"instansi": place.agency.code, "bulan": "2026-03"}
        ).content.decode()
    assert "hadir 2 dari 3, 1 cuti (tanpa pengganti)" in page
    assert "kurang 1" in page
    assert "tidak hadir" not in page
    assert "1 cuti" in month
    stand_in = make.make_user(agency=place.agency, username="tono", first_name="Tono")
    worlds.sat(place, stand_in, TUESDAY, "09:00", "14:00", counter=make.make_counter(place.agency))
    [sheet] = attendance.sheets([place.agency], TUESDAY, TUESDAY, at=LATER).values()
    assert presence(sheet) == "hadir 3 dari 3, 1 cuti (ada pengganti)"


def test_a_leave_that_cannot_be_is_refused_where_it_was_typed(place: Place, manager: User) -> None:
    make.make_user(agency=place.agency, username="budi", first_name="Budi")
    other = make.make_user(agency=make.make_agency(), username="asing")
    client = Client()
    client.force_login(manager)
    assert client.post("/admin/agreements/leave/add/", on_leave(place)).status_code == 302
    for fields, words in (
        ({}, "sudah punya izin"),
        ({"starts_on": "2026-04-02", "ends_on": "2026-04-01"}, "lebih awal"),
        ({"starts_on": "1999-01-01", "ends_on": "1999-01-02"}, "tidak ditempatkan"),
        ({"user": other.pk}, "Pilih"),
    ):
        page = client.post("/admin/agreements/leave/add/", on_leave(place, **fields))
        assert page.status_code == 200
        assert words in page.content.decode(), fields
    assert Leave.objects.count() == 1

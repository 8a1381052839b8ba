"""The free days of a year: filled in from the library, and never against what people decided."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from services import actions, almanac, tasks
from services.enums import CalendarKind
from services.models import CalendarDay
from tests import factories as make
from tests.concurrency.race import at_once

NOVEMBER = datetime(2026, 11, 23, 2, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 23, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def mall(db: None) -> None:
    make.make_mall()


def fill(year: int = 2026) -> actions.Filled:
    with clock.frozen(NOVEMBER):
        return actions.fill_calendar(year=year)


def kinds() -> list[str]:
    return list(CalendarDay.objects.order_by("kind").distinct().values_list("kind", flat=True))


def test_2026_has_seventeen_holidays_and_eight_joint_leaves() -> None:
    """SKB 3 Menteri 1497/2025, 2/2025, 5/2025."""
    assert fill() == (25, 0, 0)
    holidays = CalendarDay.objects.filter(kind=CalendarKind.NATIONAL_HOLIDAY)
    assert holidays.count() == 17
    leave = CalendarDay.objects.get(date=date(2026, 12, 24))
    assert (leave.kind, leave.name) == (CalendarKind.JOINT_LEAVE, "Cuti Bersama Hari Raya Natal")
    assert "periksa SKB 3 Menteri 2026" in leave.source
    assert not CalendarDay.objects.filter(is_open=True).exists()


def test_filling_again_changes_nothing_and_is_recorded_once() -> None:
    fill()
    assert fill() == (0, 0, 25)
    assert AuditEntry.objects.filter(action="calendar.fill").count() == 1


def test_what_people_changed_moved_or_removed_stays_so() -> None:
    fill()
    CalendarDay.objects.filter(date=date(2026, 8, 17)).update(name="Hari Kemerdekaan")
    CalendarDay.objects.filter(date=date(2026, 3, 21)).update(date=date(2026, 3, 20), kind="LOCAL_HOLIDAY")
    CalendarDay.objects.filter(date=date(2026, 12, 24)).delete()
    assert fill().added == 0
    assert CalendarDay.objects.get(date=date(2026, 8, 17)).name == "Hari Kemerdekaan"
    assert not CalendarDay.objects.filter(date__in=[date(2026, 3, 21), date(2026, 12, 24)]).exists()


def test_what_the_calendar_knows_already_is_not_written_beside_it() -> None:
    mine = CalendarDay.objects.create(
        date=date(2026, 5, 1), kind=CalendarKind.JOINT_LEAVE, name="Hari Buruh", source="SKB"
    )
    assert fill() == (24, 0, 1)
    assert CalendarDay.objects.filter(date=mine.date).get() == mine
    mine.delete()
    assert fill().added == 0


def test_an_agency_that_stays_open_does_not_keep_the_mall_from_its_holiday() -> None:
    agency = make.make_agency()
    actions.open_specially(day=date(2026, 5, 1), name="Tetap buka", agency=agency)
    assert fill().added == 25


def test_estimates_are_counted_and_say_so() -> None:
    filled = fill(2027)
    assert filled.estimated == CalendarDay.objects.filter(name__contains="(perkiraan)").count() > 0


def test_a_day_that_is_both_is_a_holiday() -> None:
    days = [day.date for day in almanac.free_days(2025)]
    assert len(days) == len(set(days))
    assert days == sorted(days)


@pytest.mark.parametrize("year", [0, 1990, 2024, 2030, 99999])
def test_a_year_too_far_away_is_refused(year: int) -> None:
    with pytest.raises(Refusal) as caught:
        fill(year)
    assert (caught.value.code, caught.value.status) == ("bad_year", 400)
    assert not CalendarDay.objects.exists()


def test_the_command_says_how_many() -> None:
    out = StringIO()
    with clock.frozen(NOVEMBER):
        call_command("fill_calendar", "2026", stdout=out)
        call_command("fill_calendar", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "Tahun 2026: 25 hari baru (0 perkiraan), 0 sudah ada."
    assert lines[1] == "Tahun 2026: 0 hari baru (0 perkiraan), 25 sudah ada."
    with clock.frozen(NOVEMBER), pytest.raises(CommandError, match="Tidak ada yang disimpan"):
        call_command("fill_calendar", "1999")


def test_the_coming_year_is_filled_from_october_on_by_itself() -> None:
    with clock.frozen(SEPTEMBER):
        tasks.fill_calendar()
    assert {day.year for day in CalendarDay.objects.values_list("date", flat=True)} == {2026}
    with clock.frozen(NOVEMBER):
        tasks.fill_calendar()
        tasks.fill_calendar()
    assert {day.year for day in CalendarDay.objects.values_list("date", flat=True)} == {2026, 2027}


@pytest.mark.django_db(transaction=True)
def test_two_fillings_at_once_add_each_day_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, gate = almanac.free_days(2026), threading.Barrier(2)

    def together(_year: int) -> list[almanac.FreeDay]:
        gate.wait(timeout=30)
        return days

    monkeypatch.setattr(almanac, "free_days", together)

    def work(_index: int) -> actions.Filled | Exception:
        with clock.frozen(NOVEMBER):
            return actions.fill_calendar(year=2026)

    results = at_once(2, work)
    assert sorted(result.added for result in results if isinstance(result, actions.Filled)) == [0, 25]
    assert CalendarDay.objects.count() == 25


def test_an_opening_that_is_there_is_left_as_it_is() -> None:
    day = date(2026, 5, 1)
    assert actions.open_specially(day=day, name="Pekan MPP")
    assert not actions.open_specially(day=day, name="Lain", source="demo")
    CalendarDay.objects.update(kind=CalendarKind.ELECTION)
    assert not actions.open_specially(day=day, name="Lain", source="demo")
    assert CalendarDay.objects.get().name == "Pekan MPP"

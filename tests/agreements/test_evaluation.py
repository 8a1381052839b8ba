"""Evaluation: figures counted by the portal as by hand, signed by people, frozen once closed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements import attendance, tasks
from agreements.actions import evaluation
from agreements.enums import Indicator, PeriodKind
from agreements.indicators import shown
from agreements.measuring import measure
from agreements.models import EvaluationFigure, EvaluationPeriod, EvaluationSheet
from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.models import CounterPause
from tenants.enums import Role
from tenants.models import User
from tests import factories as make
from tests.admin.conftest import url
from tests.agreements import worlds
from tests.agreements.worlds import LATER, MONDAY, SUNDAY, TUESDAY
from tests.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(place: Place) -> User:
    return make.make_user(Role.ADMIN, username="bu-rina", first_name="Rina")


@pytest.fixture
def client(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def week(place: Place) -> EvaluationPeriod:
    """The week of `worlds.the_week`, counted."""
    worlds.the_week(place)
    period = make_period()
    with clock.frozen(LATER):
        evaluation.compute(period.pk)
    period.refresh_from_db()
    return period


def make_period(**fields: Any) -> EvaluationPeriod:
    values = {"kind": PeriodKind.OTHER, "name": "Pekan uji", "starts_on": MONDAY, "ends_on": SUNDAY}
    return EvaluationPeriod.objects.create(**values | fields)


def figure(period: EvaluationPeriod, code: str) -> tuple[float | None, float | None, int]:
    row = EvaluationFigure.objects.get(sheet__period=period, code=code)
    value, compared = (None if each is None else float(each) for each in (row.value, row.compared))
    return value, compared, row.cases


def test_every_figure_is_as_counted_by_hand(week: EvaluationPeriod) -> None:
    assert {code: figure(week, code) for code in Indicator} == {
        # Monday 6 + 5.5, Tuesday 5, Friday 5.5 + 6, of four days of twelve hours.
        Indicator.OFFICER_HOURS: (28.0, 48.0, 4),
        Indicator.DAYS_OPEN: (3.0, 4.0, 4),
        Indicator.LATE_OPENINGS: (1.0, 3.0, 3),
        # Tuesday 08.10 to 09.00, Thursday 08.00 to 14.00, of four days of six hours.
        Indicator.EMPTY_COUNTERS: (410.0, 1440.0, 4),
        Indicator.SERVED: (3.0, 5.0, 5),
        # Of 5, 10, 20 and 55 minutes: halfway between 10 and 20; seven tenths from 20 to 55.
        Indicator.WAIT_MEDIAN: (15.0, 15.0, 4),
        Indicator.WAIT_P90: (44.5, 15.0, 4),
        Indicator.WITHIN_STANDARD: (2.0, 3.0, 3),
        Indicator.NO_SHOWS: (1.0, 4.0, 4),
        Indicator.QUOTA: (2.0, 10.0, 1),
    }


def test_a_counter_at_rest_is_empty_for_who_waits(place: Place) -> None:
    """Monday, two hours of waiting: alone at the counter, a rest of forty minutes leaves nobody there."""
    worlds.eight_to_two(place)
    worlds.promise(place.agency, 1, officers=1)
    session = worlds.sat(place, place.officer, MONDAY, "08:00", "14:00")
    worlds.number(place, MONDAY, "09:00", "11:00", "11:00", "11:10")
    for start, end in (("09:30", "10:10"), ("12:00", "13:00")):
        CounterPause.objects.create(
            session=session, started_at=worlds.aware(MONDAY, start), ended_at=worlds.aware(MONDAY, end)
        )
    figures = measure([place.agency], MONDAY, MONDAY, at=LATER)[place.agency.pk]
    assert figures[Indicator.EMPTY_COUNTERS].value == 40
    [sheet] = attendance.sheets([place.agency], MONDAY, MONDAY, at=LATER).values()
    assert sheet.left_empty == timedelta(minutes=100)


def test_an_agency_that_owed_nothing_has_no_sheet(week: EvaluationPeriod, place: Place) -> None:
    make.make_agency()
    assert [sheet.agency for sheet in week.sheets.all()] == [place.agency]


def test_many_agencies_and_days_are_counted_in_a_few_queries(
    place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    worlds.the_week(place)
    agencies = [place.agency, *(make.make_agency() for _number in range(5))]
    with django_assert_max_num_queries(16):
        measure(agencies, date(2026, 1, 1), date(2026, 12, 31), at=LATER)


def test_a_running_period_is_counted_up_to_yesterday(place: Place) -> None:
    worlds.the_week(place)
    period = make_period()
    with clock.frozen(worlds.aware(TUESDAY, "12:00")):
        evaluation.compute(period.pk)
    assert figure(period, Indicator.OFFICER_HOURS) == (11.5, 12.0, 1)


def test_the_worker_counts_what_was_asked_for_and_only_once(place: Place, boss: User) -> None:
    worlds.the_week(place)
    period = make_period()
    with clock.frozen(LATER):
        assert evaluation.compute_asked() == 0
        evaluation.ask_for(period=period, by=boss)
    with clock.frozen(LATER + timedelta(seconds=15)):
        tasks.compute_evaluations()
        assert evaluation.compute_asked() == 0
    assert figure(period, Indicator.SERVED) == (3.0, 5.0, 5)


def test_counting_again_replaces_the_figures(week: EvaluationPeriod, place: Place) -> None:
    worlds.number(place, MONDAY, "09:00", "09:00", "09:00", "09:05")
    with clock.frozen(LATER):
        evaluation.compute(week.pk)
    assert figure(week, Indicator.SERVED) == (4.0, 6.0, 6)
    assert EvaluationFigure.objects.filter(sheet__period=week).count() == len(Indicator)


def test_a_signed_sheet_keeps_its_figures(week: EvaluationPeriod, place: Place, boss: User) -> None:
    [sheet] = week.sheets.all()
    with clock.frozen(LATER):
        evaluation.sign_sheet(sheet=sheet, evaluator="Rina", office="Kepala bidang", by=boss)
        worlds.number(place, MONDAY, "09:00", "09:00", "09:00", "09:05")
        evaluation.compute(week.pk)
        assert figure(week, Indicator.SERVED) == (3.0, 5.0, 5)
        with pytest.raises(Refusal, match="signed"):
            evaluation.remark(sheet=sheet, remarks="Lain.", by=boss)
        evaluation.withdraw_signature(sheet=sheet, reason="Ada nomor kertas.", by=boss)
        evaluation.compute(week.pk)
    assert figure(week, Indicator.SERVED) == (4.0, 6.0, 6)


def test_a_sheet_is_signed_after_the_period_has_ended_and_its_last_day_is_counted(
    place: Place, boss: User
) -> None:
    worlds.the_week(place)
    period = make_period()
    with clock.frozen(worlds.aware(SUNDAY, "12:00")):
        evaluation.compute(period.pk)
        [sheet] = period.sheets.all()
        with pytest.raises(Refusal, match="running"):
            evaluation.sign_sheet(sheet=sheet, evaluator="Rina", office="Kabid", by=boss)
    with clock.frozen(LATER), pytest.raises(Refusal, match="not_counted"):
        evaluation.sign_sheet(sheet=sheet, evaluator="Rina", office="Kabid", by=boss)


def test_a_closed_period_is_frozen_in_the_database_itself(week: EvaluationPeriod, boss: User) -> None:
    with clock.frozen(LATER):
        evaluation.close_period(period=week, by=boss)
        with pytest.raises(Refusal, match="closed"):
            evaluation.ask_for(period=week, by=boss)
        assert not evaluation.compute(week.pk)
    for rows in (
        EvaluationFigure.objects.filter(sheet__period=week),
        EvaluationSheet.objects.filter(period=week),
        EvaluationPeriod.objects.filter(pk=week.pk),
    ):
        field = {"value": 0} if rows.model is EvaluationFigure else {"computed_at": LATER}
        with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
            rows.update(**field)
        with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
            rows._raw_delete(rows.db)


def test_the_figures_of_a_signed_sheet_are_frozen_too(week: EvaluationPeriod, boss: User) -> None:
    with clock.frozen(LATER):
        evaluation.sign_sheet(sheet=week.sheets.get(), evaluator="Rina", office="Kabid", by=boss)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        EvaluationFigure.objects.update(value=0)


def test_two_periods_of_one_kind_do_not_overlap(week: EvaluationPeriod) -> None:
    make_period(kind=PeriodKind.MONTH, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))
    with pytest.raises(IntegrityError, match="once_other"), transaction.atomic():
        make_period(starts_on=SUNDAY, ends_on=SUNDAY)


def test_the_months_come_by_themselves_and_are_counted_once_a_day(place: Place) -> None:
    worlds.the_week(place)
    with clock.frozen(LATER):
        tasks.keep_counted()
        tasks.keep_counted()
        march = EvaluationPeriod.objects.get(kind=PeriodKind.MONTH)
        assert (march.name, march.starts_on, march.ends_on) == (
            "Maret 2026",
            date(2026, 3, 1),
            date(2026, 3, 31),
        )
        assert march.asked_at == LATER
        evaluation.compute(march.pk)
    # The last of March is counted on the first of April, and then no more.
    for day, is_asked in ((1, True), (2, False)):
        april = worlds.aware(date(2026, 4, day), "03:00")
        with clock.frozen(april):
            tasks.keep_counted()
            march.refresh_from_db()
            assert (march.asked_at == april) == is_asked
            evaluation.compute(march.pk)


def test_a_year_shows_its_months(client: Client, place: Place, boss: User) -> None:
    worlds.the_week(place)
    with clock.frozen(LATER):
        asked = client.post(
            "/admin/agreements/evaluationsheet/setahun/", {"instansi": place.agency.code, "tahun": "2026"}
        )
        assert asked.status_code == 302
        assert [period.starts_on.month for period in EvaluationPeriod.objects.order_by("starts_on")] == [
            1,
            2,
            3,
        ]
        for period in EvaluationPeriod.objects.all():
            evaluation.compute(period.pk)
        page = client.get(asked["Location"]).content.decode()
    # Up to yesterday, the 19th: thirteen days of twelve hours.
    assert "28 dari 156 jam yang dijanjikan (18\xa0%)" in page
    assert page.count("<svg viewBox") == len(Indicator)
    assert "3 dari 5 nomor keluar (60\xa0%)" in page


def test_the_sheet_shows_numbers_comparisons_sources_and_findings(
    client: Client, week: EvaluationPeriod, place: Place
) -> None:
    make.make_finding(place.agency, found_on=TUESDAY, what="Loket kosong satu jam.")
    [sheet] = week.sheets.all()
    page = client.get(url(EvaluationSheet, "change", sheet.pk)).content.decode()
    for words in (
        "dari 48 jam yang dijanjikan",
        "58\xa0%",
        "44,5",
        "Loket kosong satu jam.",
        "Belum disahkan",
    ):
        assert words in page


def test_a_list_of_sheets_asks_no_more_with_many_of_them(
    client: Client,
    week: EvaluationPeriod,
    place: Place,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _number in range(20):
        EvaluationSheet.objects.create(period=week, agency=make.make_agency(), computed_at=LATER)
    with django_assert_max_num_queries(15):
        assert "58\xa0%" in client.get(url(EvaluationSheet, "changelist")).content.decode()


def test_people_add_remarks_and_sign_on_pages(client: Client, week: EvaluationPeriod) -> None:
    [sheet] = week.sheets.all()
    at = f"/admin/agreements/evaluationsheet/{sheet.pk}"
    with clock.frozen(LATER):
        assert client.post(f"{at}/catatan/", {"remarks": "Kamis listrik padam."}).status_code == 302
        sent = client.post(f"{at}/sahkan/", {"evaluator": "Rina", "office": "Kepala bidang"})
        assert sent.status_code == 302
        page = client.get(url(EvaluationSheet, "change", sheet.pk)).content.decode()
        assert "Kamis listrik padam." in page
        assert "Kepala bidang" in page
        assert client.post(f"{at}/tarik/", {"reason": "Keliru"}).status_code == 302
        closed = client.post(f"/admin/agreements/evaluationperiod/{week.pk}/tutup/")
        assert closed.status_code == 302
    week.refresh_from_db()
    assert week.closed_at == LATER


def test_a_new_period_is_counted_by_itself(client: Client) -> None:
    sent = client.post(
        url(EvaluationPeriod, "add"),
        {
            "kind": "SEMESTER",
            "name": "Semester I",
            "starts_on": "2026-01-01",
            "ends_on": "2026-06-30",
        },
    )
    assert sent.status_code == 302
    assert EvaluationPeriod.objects.get().asked_at is not None


def test_a_period_that_ends_before_it_starts_is_refused_in_words(client: Client) -> None:
    page = client.post(
        url(EvaluationPeriod, "add"),
        {"kind": "OTHER", "name": "Uji", "starts_on": "2026-02-01", "ends_on": "2026-01-01"},
    ).content.decode()
    assert "“Sampai” lebih awal dari “dari”." in page


def test_an_auditor_looks_and_changes_nothing(week: EvaluationPeriod) -> None:
    auditor = Client()
    auditor.force_login(make.make_user(Role.AUDITOR, is_staff=True))
    [sheet] = week.sheets.all()
    assert auditor.get(url(EvaluationSheet, "change", sheet.pk)).status_code == 200
    assert auditor.get(f"/admin/agreements/evaluationsheet/{sheet.pk}/sahkan/").status_code == 403
    assert auditor.post(f"/admin/agreements/evaluationperiod/{week.pk}/hitung/").status_code == 403
    before = EvaluationPeriod.objects.count()
    auditor.post("/admin/agreements/evaluationsheet/setahun/", {"tahun": "2026"})
    assert EvaluationPeriod.objects.count() == before


def test_numbers_are_written_as_people_write_them() -> None:

    assert [shown(Decimal(number)) for number in ("1234.0", "7.5", "0.0")] == ["1.234", "7,5", "0"]
    assert shown(None) == "–"

"""When is it open, and if not, why and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from services.enums import CalendarKind, Openness
from services.models import CalendarDay, OpeningHours, Service, ServiceStandard
from services.opening import opening_of
from services.policy import Opening
from tenants.models import Agency
from tests import factories as make

MONDAY = date(2026, 11, 23)


@pytest.fixture
def service(db: None) -> Service:
    """A service in a mall open Monday to Friday, 08.00 to 15.00, break 12.00, last number 14.30."""
    make.make_mall()
    for weekday in range(1, 6):
        hours(weekday)
    return make.make_service()


def hours(weekday: int, **fields: Any) -> OpeningHours:
    values: dict[str, Any] = {
        "weekday": weekday,
        "opens_at": time(8),
        "closes_at": time(15),
        "break_from": time(12),
        "break_to": time(13),
        "last_number_at": time(14, 30),
        "valid_from": make.LONG_AGO,
    } | fields
    return OpeningHours.objects.create(**values)


def plain_hours(weekday: int, opens: time, closes: time, **fields: Any) -> OpeningHours:
    none: dict[str, Any] = {"break_from": None, "break_to": None, "last_number_at": None}
    return hours(weekday, opens_at=opens, closes_at=closes, **none, **fields)


def local(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute, second)))


def ask(service: Service, day: date, *at: int) -> Opening:
    return opening_of(service, local(day, *at))


@pytest.mark.parametrize(
    ("at", "state", "code"),
    [
        ((7, 59, 59), Openness.CLOSED, "before_hours"),
        ((8, 0, 0), Openness.OPEN, "open"),
        ((11, 59, 59), Openness.OPEN, "open"),
        ((12, 0, 0), Openness.BREAK, "break"),
        ((12, 59, 59), Openness.BREAK, "break"),
        ((13, 0, 0), Openness.OPEN, "open"),
        ((14, 29, 59), Openness.OPEN, "open"),
        ((14, 30, 0), Openness.CLOSED, "last_number"),
        ((14, 59, 59), Openness.CLOSED, "last_number"),
        ((15, 0, 0), Openness.CLOSED, "after_hours"),
    ],
)
def test_a_day_has_its_boundaries_to_the_second(
    service: Service, at: tuple[int, int, int], state: str, code: str
) -> None:
    answer = ask(service, MONDAY, *at)
    assert (answer.state, answer.code) == (state, code)


def test_numbers_can_be_taken_during_the_break_but_not_after_the_last_number_time(service: Service) -> None:
    assert ask(service, MONDAY, 12, 30).takes_numbers
    assert ask(service, MONDAY, 12, 30).until == datetime.combine(MONDAY, time(13))
    assert not ask(service, MONDAY, 14, 30).takes_numbers


def test_past_the_last_number_a_break_is_no_longer_worth_waiting_for(service: Service) -> None:
    OpeningHours.objects.update(last_number_at=time(12, 30))
    assert ask(service, MONDAY, 12, 29, 59).code == "break"
    answer = ask(service, MONDAY, 12, 30)
    assert (answer.code, answer.takes_numbers) == ("last_number", False)
    assert answer.until == datetime.combine(MONDAY + timedelta(days=1), time(8))


def test_friday_afternoon_sends_people_to_monday(service: Service) -> None:
    friday = MONDAY - timedelta(days=3)
    assert ask(service, friday, 16).until == datetime.combine(MONDAY, time(8))


def test_an_agencys_own_week_replaces_the_malls(service: Service) -> None:
    plain_hours(2, time(8, 30), time(14), agency=service.agency)
    closed = ask(service, MONDAY, 10)
    assert (closed.state, closed.code) == (Openness.CLOSED, "closed_today")
    assert closed.until == datetime.combine(MONDAY + timedelta(days=1), time(8, 30))
    assert ask(service, MONDAY + timedelta(days=1), 10).state == Openness.OPEN


def test_a_services_own_week_replaces_its_agencys(service: Service) -> None:
    plain_hours(1, time(9), time(10), agency=service.agency)
    plain_hours(1, time(10), time(11), service=service)
    assert ask(service, MONDAY, 9, 30).state == Openness.CLOSED
    assert ask(service, MONDAY, 10, 30).state == Openness.OPEN


def test_a_season_replaces_the_ordinary_week_while_it_lasts(service: Service) -> None:
    plain_hours(1, time(8), time(12), season="Ramadan", valid_from=MONDAY, valid_to=MONDAY)
    assert ask(service, MONDAY, 13, 30).state == Openness.CLOSED
    assert ask(service, MONDAY + timedelta(days=7), 13, 30).state == Openness.OPEN


def test_a_season_says_its_name_and_leaves_out_the_days_it_does_not_have(service: Service) -> None:
    week = {"valid_from": MONDAY, "valid_to": MONDAY + timedelta(days=6)}
    plain_hours(1, time(8), time(12), season="Ramadan", **week)
    assert ask(service, MONDAY, 9).season == "Ramadan"
    tuesday = ask(service, MONDAY + timedelta(days=1), 9)
    assert (tuesday.code, tuesday.season) == ("closed_today", "Ramadan")


@pytest.mark.parametrize(("days", "season"), [(-1, ""), (0, "Ramadan"), (1, "Ramadan"), (2, "")])
def test_a_season_begins_and_ends_with_its_dates(service: Service, days: int, season: str) -> None:
    until = MONDAY + timedelta(days=1)
    for weekday in (1, 2, 3, 7):
        plain_hours(weekday, time(8), time(12), season="Ramadan", valid_from=MONDAY, valid_to=until)
    assert ask(service, MONDAY + timedelta(days=days), 9).season == season


TRIAL: dict[str, Any] = {"season": "Uji coba", "valid_from": MONDAY, "valid_to": MONDAY + timedelta(days=6)}


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ((8, 59, 59), "before_hours"),
        ((9, 0, 0), "open"),
        ((9, 59, 59), "open"),
        ((10, 0, 0), "after_hours"),
        ((11, 59, 59), "after_hours"),
    ],
)
def test_a_season_of_the_agency_bounds_the_own_hours_of_its_services(
    service: Service, at: tuple[int, int, int], code: str
) -> None:
    plain_hours(1, time(8), time(10), service=service)
    plain_hours(1, time(9), time(12), agency=service.agency, **TRIAL)
    answer = ask(service, MONDAY, *at)
    assert (answer.code, answer.season) == (code, "Uji coba")


def test_own_hours_are_whole_again_on_the_day_after_the_season(service: Service) -> None:
    plain_hours(1, time(8), time(10), service=service)
    plain_hours(1, time(9), time(12), agency=service.agency, **TRIAL)
    for days, state in ((-7, Openness.OPEN), (0, Openness.CLOSED), (7, Openness.OPEN)):
        assert ask(service, MONDAY + timedelta(days=days), 8, 30).state == state, days


def test_a_day_that_the_season_leaves_out_is_closed_for_a_service_with_own_hours(service: Service) -> None:
    tuesday = MONDAY + timedelta(days=1)
    for weekday in (1, 2):
        plain_hours(weekday, time(8), time(10), service=service)
    plain_hours(2, time(9), time(12), agency=service.agency, **TRIAL)
    closed = ask(service, MONDAY, 9, 30)
    assert (closed.code, closed.season) == ("closed_today", "Uji coba")
    assert closed.until == datetime.combine(tuesday, time(9))


def test_hours_that_never_meet_the_season_are_closed(service: Service) -> None:
    plain_hours(1, time(8), time(9), service=service)
    plain_hours(1, time(9), time(12), agency=service.agency, **TRIAL)
    assert ask(service, MONDAY, 8, 30).until == datetime.combine(MONDAY + timedelta(days=7), time(8))


def test_within_a_season_breaks_of_both_hold_and_the_earlier_last_number(service: Service) -> None:
    hours(1, service=service, last_number_at=time(14))
    hours(1, agency=service.agency, break_from=time(10), break_to=time(11), **TRIAL)
    codes = [ask(service, MONDAY, *at).code for at in ((9,), (10,), (11,), (12, 30), (13,), (14,))]
    assert codes == ["open", "break", "open", "break", "open", "last_number"]


def test_a_last_number_before_the_season_opens_means_closed(service: Service) -> None:
    hours(1, service=service, last_number_at=time(9))
    plain_hours(1, time(9), time(12), agency=service.agency, **TRIAL)
    assert ask(service, MONDAY, 9).code == "closed_today"


def test_a_service_with_rows_of_the_season_decides_by_itself(service: Service) -> None:
    plain_hours(1, time(8), time(10), service=service)
    plain_hours(1, time(13), time(14), service=service, **TRIAL)
    plain_hours(1, time(9), time(12), agency=service.agency, **TRIAL)
    assert ask(service, MONDAY, 13).state == Openness.OPEN
    assert ask(service, MONDAY, 9).code == "before_hours"


def test_a_season_of_the_mall_leaves_own_hours_as_they_are(service: Service) -> None:
    plain_hours(1, time(8), time(10), service=service)
    plain_hours(1, time(9), time(12), **TRIAL)
    assert ask(service, MONDAY, 8).state == Openness.OPEN


def test_the_next_opening_is_found_after_the_longest_holidays(service: Service) -> None:
    OpeningHours.objects.all().delete()
    hours(1, valid_from=MONDAY + timedelta(days=84))
    assert ask(service, MONDAY, 9).until == datetime.combine(MONDAY + timedelta(days=84), time(8))


def dated(kind: str, *, is_open: bool = False, agency: Agency | None = None, **fields: Any) -> CalendarDay:
    span = {"opens_at": time(0), "closes_at": time(0)} if is_open else {}
    return CalendarDay.objects.create(
        **{"date": MONDAY, "kind": kind, "name": "Hari uji", "is_open": is_open, "agency": agency, **span}
        | fields
    )


def test_a_holiday_closes_with_its_name(service: Service) -> None:
    dated(CalendarKind.NATIONAL_HOLIDAY, name="Hari Natal")
    answer = ask(service, MONDAY, 10)
    assert (answer.code, answer.reason) == ("holiday", "Hari Natal")


def test_a_special_opening_beats_a_holiday_and_lasts_to_midnight(service: Service) -> None:
    dated(CalendarKind.NATIONAL_HOLIDAY)
    dated(CalendarKind.SPECIAL_OPENING, is_open=True, name="Buka khusus")
    answer = ask(service, MONDAY, 23, 59, 59)
    assert (answer.state, answer.special) == (Openness.OPEN, "Buka khusus")
    assert answer.until == datetime.combine(MONDAY + timedelta(days=1), time(0))


def test_an_agencys_own_closing_beats_the_malls_special_opening(service: Service) -> None:
    dated(CalendarKind.SPECIAL_OPENING, is_open=True)
    dated(CalendarKind.CLOSURE, agency=service.agency)
    assert ask(service, MONDAY, 10).state == Openness.CLOSED


def test_an_agency_may_stay_open_on_a_holiday(service: Service) -> None:
    dated(CalendarKind.NATIONAL_HOLIDAY)
    dated(CalendarKind.SPECIAL_OPENING, is_open=True, agency=service.agency)
    assert ask(service, MONDAY, 10).state == Openness.OPEN
    assert ask(make.make_service(), MONDAY, 10).state == Openness.CLOSED


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CalendarKind.NATIONAL_HOLIDAY, "holiday"),
        (CalendarKind.LOCAL_HOLIDAY, "holiday"),
        (CalendarKind.ELECTION, "holiday"),
        (CalendarKind.JOINT_LEAVE, "joint_leave"),
        (CalendarKind.CLOSURE, "closure"),
    ],
)
def test_each_kind_of_closing_has_its_code_and_its_name(service: Service, kind: str, code: str) -> None:
    dated(kind, name="Cuti Bersama Natal")
    answer = ask(service, MONDAY, 10)
    assert (answer.code, answer.reason) == (code, "Cuti Bersama Natal")


def test_the_nearest_dated_row_decides_service_then_agency_then_mall(service: Service) -> None:
    other = make.make_service(service.agency)
    dated(CalendarKind.NATIONAL_HOLIDAY)
    assert ask(service, MONDAY, 10).state == Openness.CLOSED
    dated(CalendarKind.SPECIAL_OPENING, is_open=True, agency=service.agency)
    assert ask(service, MONDAY, 10).state == Openness.OPEN
    dated(CalendarKind.CLOSURE, service=service, name="Alat rusak")
    assert ask(service, MONDAY, 10).reason == "Alat rusak"
    assert ask(other, MONDAY, 10).state == Openness.OPEN


def test_a_dated_opening_has_a_break_and_a_last_number_of_its_own(service: Service) -> None:
    dated(
        CalendarKind.SPECIAL_OPENING,
        is_open=True,
        opens_at=time(9),
        closes_at=time(12),
        break_from=time(10),
        break_to=time(10, 30),
        last_number_at=time(11),
    )
    codes = [ask(service, MONDAY, *at).code for at in ((8, 59), (9,), (10,), (10, 30), (11,), (12,))]
    assert codes == ["before_hours", "open", "break", "open", "last_number", "after_hours"]


def test_a_dated_row_of_a_service_beats_the_week_of_that_service(service: Service) -> None:
    plain_hours(1, time(10), time(11), service=service)
    dated(CalendarKind.NATIONAL_HOLIDAY)
    assert ask(service, MONDAY, 10, 30).code == "holiday"


def test_without_any_hours_nobody_promises_an_opening(service: Service) -> None:
    OpeningHours.objects.all().delete()
    answer = ask(service, MONDAY, 10)
    assert (answer.state, answer.until) == (Openness.CLOSED, None)


@pytest.mark.parametrize(
    ("zone", "opens_utc"), [("Asia/Jakarta", 1), ("Asia/Makassar", 0), ("Asia/Jayapura", -1)]
)
def test_hours_are_those_of_the_malls_own_zone(service: Service, zone: str, opens_utc: int) -> None:
    with timezone.override(zone):
        assert ask(service, MONDAY, 8).state == Openness.OPEN
        utc = datetime.combine(MONDAY, time(0), UTC) + timedelta(hours=opens_utc)
        assert opening_of(service, utc).state == Openness.OPEN
        assert opening_of(service, utc - timedelta(seconds=1)).state == Openness.CLOSED


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes_at": time(7)},
        {"break_from": time(7), "break_to": time(7, 30)},
        {"break_from": time(12), "break_to": None},
        {"last_number_at": time(16)},
        {"weekday": 8},
        {"valid_to": make.LONG_AGO - timedelta(days=1)},
        {"season": "Ramadan"},
        {"season": "Ramadan", "valid_from": MONDAY, "valid_to": MONDAY - timedelta(days=1)},
    ],
)
def test_the_database_refuses_hours_that_make_no_sense(service: Service, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        hours(**({"weekday": 6} | wrong))


@pytest.mark.parametrize("scope", ["mall", "agency", "service"])
@pytest.mark.parametrize("season", ["", "Ramadan"])
def test_the_database_refuses_hours_that_overlap_in_one_scope(
    service: Service, scope: str, season: str
) -> None:
    scopes: dict[str, dict[str, Any]] = {
        "mall": {},
        "agency": {"agency": service.agency},
        "service": {"service": service},
    }
    june: dict[str, Any] = scopes[scope] | {
        "valid_from": date(2027, 6, 1),
        "valid_to": date(2027, 6, 30),
        "season": season,
    }
    hours(7, **june)
    with pytest.raises(IntegrityError), transaction.atomic():
        hours(7, **june | {"valid_from": date(2027, 6, 30), "valid_to": date(2027, 7, 30)})
    hours(7, **june | {"valid_from": date(2027, 7, 1), "valid_to": date(2027, 7, 30)})
    hours(6, **june)
    hours(7, **june | {"agency": make.make_agency(), "service": None})


def test_two_seasons_of_one_scope_never_hold_at_once(service: Service) -> None:
    june = {"valid_from": date(2027, 6, 1), "valid_to": date(2027, 6, 30)}
    hours(7, season="Ramadan", **june)
    with pytest.raises(IntegrityError), transaction.atomic():
        hours(7, season="Pekan MPP", **june)


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens_at": time(8)},
        {"is_open": True, "opens_at": None, "closes_at": None},
        {"is_open": True, "opens_at": time(9), "closes_at": time(9)},
        {"is_open": True, "opens_at": time(9), "closes_at": time(12), "break_from": time(12)},
        {"is_open": True, "opens_at": time(9), "closes_at": time(12), "last_number_at": time(13)},
        {"break_from": time(9), "break_to": time(10)},
    ],
)
def test_the_database_refuses_dates_that_make_no_sense(service: Service, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        dated(CalendarKind.LOCAL_HOLIDAY, **wrong)


def test_a_date_has_one_opening_in_each_scope(service: Service) -> None:
    dated(CalendarKind.SPECIAL_OPENING, is_open=True)
    dated(CalendarKind.SPECIAL_OPENING, is_open=True, agency=service.agency)
    with pytest.raises(IntegrityError), transaction.atomic():
        dated(CalendarKind.ELECTION, is_open=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        dated(CalendarKind.ELECTION, agency=service.agency, service=service)


def test_a_standard_is_published_only_with_all_six_public_components(service: Service) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceStandard.objects.update(complaints="")


def test_two_published_standards_never_overlap(service: Service) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make.make_standard(service, version=2)


def test_a_fee_is_free_or_an_amount_or_explained(service: Service) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceStandard.objects.update(fee_kind="AMOUNT", fee_amount=None)

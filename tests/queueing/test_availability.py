"""May a number be taken now, and if not, why: the precedence, the boundaries, the cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import availability
from queueing.availability import Availability, Line
from queueing.enums import Channel
from queueing.models import Queue, QueueService
from queueing.openness import RULES, Facts, decide
from services.enums import CalendarKind, Openness
from services.models import CalendarDay, Disruption, OpeningHours, Service
from services.opening import OpeningBook
from services.policy import Opening, Trouble
from tenants.enums import AgencyKind, AgencyStatus
from tenants.models import Agency
from tests import factories as make
from tests.conftest import Place
from tests.core.test_revision import elsewhere

MONDAY = date(2026, 11, 23)
ZONES = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}


def at(hour: int, minute: int = 0, second: int = 0, *, day: date = MONDAY) -> datetime:
    """A local moment of the mall, aware."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute, second)))


def week(**fields: Any) -> None:
    """Monday to Friday 08.00 to 15.00, break at noon, last number 14.30."""
    OpeningHours.objects.all().delete()
    values: dict[str, Any] = {
        "opens_at": time(8),
        "closes_at": time(15),
        "break_from": time(12),
        "break_to": time(13),
        "last_number_at": time(14, 30),
        "valid_from": make.LONG_AGO,
    } | fields
    OpeningHours.objects.bulk_create(OpeningHours(weekday=day, **values) for day in range(1, 6))


def trouble(**fields: Any) -> Disruption:
    values = {"message": "Server pusat mati", "started_at": at(7)} | fields
    return Disruption.objects.create(**values)


def ask(place: Place, moment: datetime, channel: str | None = None) -> Availability:
    return availability.of_service(Service.objects.get(pk=place.service.pk), moment, channel)


@pytest.fixture
def office(forenoon: datetime, place: Place) -> Place:
    """The small mall with office hours, and an officer at the counter, on one day in all three zones."""
    week()
    make.open_session(place.agency, place.counter, place.officer)
    return place


# The precedence


def facts(**fields: Any) -> Facts:
    """Everything is wrong at once; a test mends one after the other."""
    noon = datetime.combine(MONDAY, time(12))
    values: dict[str, Any] = {
        "agency": Agency(
            short_name="Bank", kind=AgencyKind.BUMD, status=AgencyStatus.PREPARING, agreement_from=None
        ),
        "at": noon,
        "hours": Opening(Openness.CLOSED, "last_number", noon + timedelta(hours=20), False),
        "trouble": Trouble(1, None, "Listrik padam", noon, None, True),
        "line": None,
        "later": lambda _after: noon + timedelta(hours=20),
        "channel": Channel.ONLINE,
        "has_time": False,
    } | fields
    return Facts(**values)


def line(**fields: Any) -> Line:
    values: dict[str, Any] = {
        "queue_id": 1,
        "prefix": "A",
        "waiting": 0,
        "counters": 0,
        "remaining": 0,
        "estimate": None,
    } | fields
    return Line(**values)


SERVES = Agency(short_name="Dukcapil", kind=AgencyKind.BUMD, status=AgencyStatus.OPERATING)
AGREED = Agency(
    short_name="Dukcapil",
    kind=AgencyKind.BUMD,
    status=AgencyStatus.OPERATING,
    agreement_from=make.LONG_AGO,
    agreement_to=date(2030, 1, 1),
)
NOON = datetime.combine(MONDAY, time(12))
BREAK = Opening(Openness.BREAK, "break", NOON + timedelta(hours=1), True)
OPEN = Opening(Openness.OPEN, "open", NOON + timedelta(hours=3), True, since=NOON - timedelta(hours=4))
MILD = Trouble(1, None, "Jaringan lambat", NOON, None, False)
# Which answer is given, and what has to be mended for the next one to be given.
PRECEDENCE: list[tuple[str, Openness, bool, dict[str, Any]]] = [
    ("agency_not_open", Openness.NOT_OPERATING, False, {"agency": SERVES}),
    ("agreement_not_in_force", Openness.NO_AGREEMENT, False, {"agency": AGREED}),
    ("no_queue", Openness.CLOSED, False, {"line": line()}),
    ("last_number", Openness.CLOSED, False, {"hours": BREAK}),
    ("full", Openness.FULL, False, {"line": line(remaining=9)}),
    ("no_time_left", Openness.FULL, False, {"has_time": True}),
    ("disrupted", Openness.DISRUPTED, False, {"trouble": MILD}),
    ("break", Openness.BREAK, True, {"hours": OPEN}),
    ("disrupted", Openness.DISRUPTED, True, {"trouble": None}),
    ("unstaffed", Openness.UNSTAFFED, True, {"line": line(remaining=9, counters=1)}),
    ("open", Openness.OPEN, True, {}),
]


def test_of_all_reasons_at_once_the_first_of_the_table_is_given() -> None:
    wrong = facts()
    for code, state, can_take, mended in PRECEDENCE:
        answer = decide(wrong)
        assert (answer.code, answer.state, answer.can_take) == (code, state, can_take)
        wrong = replace(wrong, **mended)
    assert len(RULES) == len(PRECEDENCE)


def test_the_document_has_the_same_order() -> None:
    text = Path(settings.BASE_DIR, "docs", "antrean-buka.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+ \| [^|]+ \| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE)
    states = [(state.strip(" `"), re.findall(r"`(\w+)`", codes)) for state, codes in rows]
    assert len(states) == len(PRECEDENCE)
    for (code, state, _can_take, _mended), (said, codes) in zip(PRECEDENCE, states, strict=True):
        assert said == state.value
        assert code in codes


@pytest.mark.parametrize("rule", range(len(PRECEDENCE)))
def test_every_answer_that_refuses_ends_in_a_time_or_says_whom_to_ask(rule: int) -> None:
    wrong = facts()
    for _code, _state, _can_take, mended in PRECEDENCE[:rule]:
        wrong = replace(wrong, **mended)
    answer = decide(wrong)
    knows_no_time = {"agency_not_open", "agreement_not_in_force", "no_queue", "disrupted"}
    assert answer.until is not None or answer.code in knows_no_time
    assert answer.message or answer.code == "open"


# The boundaries, one second before, at, and after, in each zone


BOUNDARIES = [
    ((8, 0, 0), "before_hours", "open"),
    ((8, 1, 0), "open", "unstaffed"),
    ((12, 0, 0), "unstaffed", "break"),
    ((13, 0, 0), "break", "open"),
    ((14, 30, 0), "unstaffed", "last_number"),
    ((15, 0, 0), "last_number", "after_hours"),
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("moment", "before", "then"), BOUNDARIES)
def test_a_day_has_its_boundaries_to_the_second(
    place: Place, zone: str, moment: tuple[int, int, int], before: str, then: str
) -> None:
    week()
    with timezone.override(zone):
        edge = at(*moment)
        second = timedelta(seconds=1)
        codes = [ask(place, edge + shift).code for shift in (-second, timedelta(), second)]
        assert codes == [before, then, then]
        assert edge.astimezone(UTC).hour == (moment[0] - ZONES[zone]) % 24


@pytest.mark.parametrize("zone", ZONES)
def test_a_holiday_begins_and_ends_at_the_malls_own_midnight(office: Place, zone: str) -> None:
    never_closing(office)
    CalendarDay.objects.create(date=MONDAY, kind=CalendarKind.JOINT_LEAVE, name="Cuti Bersama Natal")
    with timezone.override(zone):
        midnight, second = at(0), timedelta(seconds=1)
        codes = [ask(office, midnight + shift).code for shift in (-second, timedelta(), second)]
        assert codes == ["open", "joint_leave", "joint_leave"]
        next_day = at(0, day=MONDAY + timedelta(days=1))
        codes = [ask(office, next_day + shift).code for shift in (-second, timedelta(), second)]
        assert codes == ["joint_leave", "open", "open"]
        answer = ask(office, midnight)
        assert answer.until == next_day
        assert answer.message.startswith("Tutup: Cuti Bersama Natal. Buka lagi")


@pytest.mark.parametrize("zone", ZONES)
def test_an_agreement_begins_and_ends_with_its_days(office: Place, zone: str) -> None:
    make_external(office.agency, MONDAY, MONDAY)
    never_closing(office)
    with timezone.override(zone):
        second = timedelta(seconds=1)
        begins, ends = at(0), at(0, day=MONDAY + timedelta(days=1))
        assert ask(office, begins - second).code == "agreement_not_in_force"
        assert ask(office, begins - second).until == begins
        assert ask(office, begins).code == ask(office, ends - second).code == "open"
        assert ask(office, ends).code == "agreement_not_in_force"
        assert ask(office, ends).until is None


def never_closing(place: Place) -> None:
    OpeningHours.objects.all().delete()
    make.make_always_open()
    # Else the last minutes of the day would be too short for one more.
    Queue.objects.filter(pk=place.queue.pk).update(stops_in_time=False)


def make_external(agency: Agency, start: date | None, end: date | None) -> None:
    Agency.objects.filter(pk=agency.pk).update(
        kind=AgencyKind.VERTICAL, agreement_from=start, agreement_to=end
    )


@pytest.mark.parametrize("zone", ZONES)
def test_trouble_begins_with_its_declaration_and_ends_with_its_end(office: Place, zone: str) -> None:
    with timezone.override(zone):
        row = trouble(started_at=at(9), expected_until=at(10))
        second = timedelta(seconds=1)
        answers = [ask(office, at(10) + shift) for shift in (-second, timedelta(), second)]
        assert [answer.code for answer in answers] == ["disrupted"] * 3
        assert [answer.until for answer in answers] == [at(10), None, None]
        assert "pukul 10.00" in answers[0].message
        Disruption.objects.filter(pk=row.pk).update(ended_at=at(10))
        assert ask(office, at(10)).code == "open"


# The reasons, one by one


def test_closed_before_it_opens_outlives_trouble_and_tells_of_what_lasts_longer(office: Place) -> None:
    trouble(expected_until=at(7, 45))
    assert ask(office, at(7, 30)).message == "Belum buka. Buka pukul 08.00."
    Disruption.objects.update(expected_until=at(9))
    answer = ask(office, at(7, 30))
    assert (answer.code, answer.until) == ("before_hours", at(8))
    assert answer.message == (
        "Belum buka. Buka pukul 08.00. Gangguan: Server pusat mati. Diperkirakan pulih pukul 09.00."
    )
    assert answer.trouble is not None


def test_trouble_is_told_whatever_the_state_is(office: Place) -> None:
    trouble()
    assert ask(office, at(20)).trouble is not None
    assert ask(office, at(10)).message == (
        "Gangguan: Server pusat mati. Belum diketahui kapan pulih. Nomor belum dapat diambil."
    )


def test_no_number_is_issued_in_trouble_unless_it_lets_them_go_on(office: Place) -> None:
    row = trouble(agency=office.agency)
    with clock.frozen(at(10)):
        with pytest.raises(Refusal, match="disrupted") as caught:
            availability.line_to_join(office.service)
        assert "Server pusat mati" in str(caught.value.message)
        Disruption.objects.filter(pk=row.pk).update(stops_numbers=False)
        assert availability.line_to_join(office.service).queue == office.queue
    assert ask(office, at(10)).can_take


def test_trouble_of_one_agency_is_not_the_others(office: Place) -> None:
    trouble(agency=make.make_agency())
    assert ask(office, at(10)).code == "open"


def test_without_an_officer_numbers_are_still_given(place: Place) -> None:
    week()
    answer = ask(place, at(10))
    assert (answer.state, answer.code, answer.can_take) == (Openness.UNSTAFFED, "unstaffed", True)
    assert answer.is_open
    with clock.frozen(at(10)):
        assert availability.line_to_join(place.service).queue == place.queue


def test_a_season_is_named_when_it_closes_earlier(office: Place) -> None:
    OpeningHours.objects.create(
        weekday=1,
        opens_at=time(8),
        closes_at=time(12),
        season="Ramadan",
        valid_from=MONDAY,
        valid_to=MONDAY,
    )
    answer = ask(office, at(13))
    assert (answer.code, answer.season) == ("after_hours", "Ramadan")
    assert answer.message.endswith("Jam Ramadan berlaku.")
    assert ask(office, at(9)).season == "Ramadan"


def test_nobody_is_sent_to_an_opening_after_the_agreement(office: Place) -> None:
    make_external(office.agency, make.LONG_AGO, MONDAY)
    answer = ask(office, at(16))
    assert (answer.code, answer.until) == ("after_hours", None)
    assert "Buka lagi" not in answer.message
    make_external(office.agency, make.LONG_AGO, MONDAY + timedelta(days=1))
    assert ask(office, at(16)).until == at(8, day=MONDAY + timedelta(days=1))


def test_an_agreement_to_come_says_when(office: Place) -> None:
    make_external(office.agency, MONDAY + timedelta(days=5), date(2030, 1, 1))
    answer = ask(office, at(10))
    # Saturday has no hours; Monday is the first opening under the agreement.
    assert answer.until == at(8, day=MONDAY + timedelta(days=7))
    assert "Berlaku mulai 28 November 2026." in answer.message


def test_an_agency_that_uses_the_mall_on_tuesdays_only_is_closed_today(office: Place) -> None:
    OpeningHours.objects.create(
        agency=office.agency, weekday=2, opens_at=time(9), closes_at=time(12), valid_from=make.LONG_AGO
    )
    answer = ask(office, at(10))
    assert (answer.code, answer.until) == ("closed_today", at(9, day=MONDAY + timedelta(days=1)))


def test_full_says_when_it_opens_again(office: Place) -> None:
    Queue.objects.update(daily_quota=0)
    answer = ask(office, at(10))
    assert (answer.state, answer.code) == (Openness.FULL, "full")
    assert answer.until == at(8, day=MONDAY + timedelta(days=1))
    assert answer.message == "Nomor hari ini sudah habis. Buka lagi Selasa, 24 November pukul 08.00."


def test_each_channel_has_its_own_share_of_the_quota(office: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=0, shares_release_at=time(13))
    online, kiosk = ask(office, at(10), Channel.ONLINE), ask(office, at(10), Channel.KIOSK)
    assert (online.code, online.until) == ("full", at(13))
    assert online.message == "Nomor daring habis. Di anjungan masih ada nomor. Sisa dibuka lagi pukul 13.00."
    assert (kiosk.code, kiosk.line and kiosk.line.left(Channel.KIOSK)) == ("open", 10)
    assert ask(office, at(13), Channel.ONLINE).can_take
    assert ask(office, at(10)).can_take


def test_when_the_rest_of_the_day_is_taken_up_numbers_stop(office: Place) -> None:
    """The Karangasem case."""
    with clock.frozen(at(9)):
        for _number in range(12):
            make.issue(office.service)
    # Twelve times ten minutes wait for one counter, which closes in 119.
    answer = ask(office, at(13, 1))
    assert (answer.state, answer.code) == (Openness.FULL, "no_time_left")
    assert answer.until == at(8, day=MONDAY + timedelta(days=1))
    assert answer.message == (
        "Sisa waktu buka hari ini sudah terisi antrean. Buka lagi Selasa, 24 November pukul 08.00."
    )
    assert ask(office, at(11)).code == "open"
    with clock.frozen(at(13, 1)):
        [line] = availability.lines_on(MONDAY).values()
    assert availability.of_agency(office.agency, OpeningBook(at(13, 1)), line).code == "no_time_left"
    Queue.objects.update(stops_in_time=False)
    assert ask(office, at(13, 1)).code == "open"


def test_a_service_without_a_line_says_whom_to_ask(office: Place) -> None:
    QueueService.objects.all().delete()
    assert ask(office, at(10)).code == "no_queue"
    with clock.frozen(at(10)), pytest.raises(Refusal, match="no_queue"):
        availability.line_to_join(office.service)


# The cost, and what is remembered


def test_asking_before_a_number_is_one_query(
    office: Place, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with clock.frozen(at(10)):
        availability.line_to_join(office.service)
        with django_assert_num_queries(1):
            joining = availability.line_to_join(office.service, Channel.KIOSK)
    assert (joining.queue, joining.day) == (office.queue, MONDAY)
    assert joining.plan.closes == datetime.combine(MONDAY, time(15))


def test_pages_ask_for_the_live_figures_only(
    office: Place, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    services = [office.service, *(make.make_service() for _number in range(5))]
    for service in services[1:]:
        make.make_queue(service, daily_quota=5)
    with clock.frozen(at(10)):
        for service in services:
            make.issue(service)
    availability.of_services(services, at(10))
    with django_assert_num_queries(8):
        availability.of_services(services, at(10))
    with clock.frozen(at(10)):
        # What was measured of a line is read every few minutes.
        availability.lines_on(MONDAY)
        with django_assert_num_queries(8):
            availability.lines_on(MONDAY)


CHANGES: list[tuple[str, Callable[[Place], object]]] = [
    (
        "after_hours",
        lambda place: OpeningHours.objects.update(
            break_from=None, break_to=None, closes_at=time(10), last_number_at=None
        ),
    ),
    (
        "holiday",
        lambda place: CalendarDay.objects.create(date=MONDAY, kind="LOCAL_HOLIDAY", name="Hari Jadi"),
    ),
    ("disrupted", lambda place: trouble()),
    ("agency_not_open", lambda place: Agency.objects.update(status=AgencyStatus.PAUSED)),
    ("no_queue", lambda place: Queue.objects.update(is_active=False)),
    ("no_queue", lambda place: QueueService.objects.all().delete()),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "change"), CHANGES, ids=[code for code, _change in CHANGES])
def test_a_change_in_another_process_is_seen_by_the_next_number(
    live_place: Place, code: str, change: Callable[[Place], object]
) -> None:
    week()
    with clock.frozen(at(10)):
        assert availability.line_to_join(live_place.service).queue == live_place.queue

        def there() -> None:
            with timezone.override("Asia/Makassar"):
                change(live_place)

        elsewhere(there)
        with pytest.raises(Refusal, match=code):
            availability.line_to_join(live_place.service)


def test_at_midnight_the_day_turns_by_itself(place: Place) -> None:
    OpeningHours.objects.filter(weekday=2).delete()
    edge = at(0, day=MONDAY + timedelta(days=1))
    with clock.frozen(edge - timedelta(seconds=1)):
        assert availability.line_to_join(place.service).day == MONDAY
    with clock.frozen(edge), pytest.raises(Refusal, match="closed_today"):
        availability.line_to_join(place.service)
    with clock.frozen(at(0, day=MONDAY + timedelta(days=2))):
        assert availability.line_to_join(place.service).day == MONDAY + timedelta(days=2)


def test_a_clock_that_jumps_back_is_answered_for_where_it_stands(office: Place) -> None:
    codes = []
    for moment in (at(10), at(16), at(9), at(10, day=MONDAY - timedelta(days=1)), at(10)):
        with clock.frozen(moment):
            try:
                availability.line_to_join(office.service)
                codes.append("open")
            except Refusal as refusal:
                codes.append(refusal.code)
    assert codes == ["open", "after_hours", "open", "closed_today", "open"]

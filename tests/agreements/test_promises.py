"""What an agency promised becomes its hours, its counters, its quota and its expected officers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.actions import promises
from agreements.enums import InstrumentKind, InstrumentState
from agreements.models import Instrument, Promise, PromisedCounter, PromisedDay, PromisedService
from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from queueing.models import Queue
from services.models import OpeningHours
from tenants.actions import set_status
from tenants.enums import AgencyKind, AgencyStatus, OwnerLevel, Weekday
from tenants.models import Agency, Counter, CounterDuty
from tests import factories as make
from tests.admin.conftest import make_instrument
from tests.conftest import Place

pytestmark = pytest.mark.django_db
WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=WITA)
TUESDAY = MONDAY + timedelta(days=1)
NINE_TO_TWO = (time(9), time(14))


@pytest.fixture
def imigrasi(place: Place) -> Agency:
    """An agency that has signed and waits for its first day."""
    return make.make_agency(
        code="IMI",
        short_name="Imigrasi",
        kind=AgencyKind.VERTICAL,
        owner_level=OwnerLevel.CENTRAL,
        status=AgencyStatus.PREPARING,
    )


def signed(agency: Agency, **fields: Any) -> Instrument:
    values = {
        "code": f"NK-{agency.code}",
        "kind": InstrumentKind.NOTA_KESEPAKATAN,
        "state": InstrumentState.SIGNED,
        "effective_from": date(2026, 1, 2),
        "effective_to": date(2028, 1, 1),
    }
    return make_instrument(agency, **values | fields)


def promise(
    instrument: Instrument,
    *weekdays: Weekday,
    counters: tuple[Counter, ...] = (),
    numbers: dict[Any, int | None] | None = None,
    **fields: Any,
) -> Promise:
    values: dict[str, Any] = {"version": 1, "valid_from": date(2026, 1, 2)} | fields
    officers = values.pop("officers", 2)
    made = Promise.objects.create(agency=instrument.agency, instrument=instrument, **values)
    for weekday in weekdays:
        PromisedDay.objects.create(
            promise=made,
            weekday=weekday,
            opens_at=NINE_TO_TWO[0],
            closes_at=NINE_TO_TWO[1],
            officers=officers,
        )
    for counter in counters:
        PromisedCounter.objects.create(promise=made, counter=counter)
    for service, daily in (numbers or {}).items():
        PromisedService.objects.create(promise=made, service=service, daily_numbers=daily)
    return made


def enact(instrument: Instrument) -> None:
    actions.set_state(instrument=instrument, state="IN_FORCE")


def week(agency: Agency, day: date) -> list[tuple[int, time, time]]:
    rows = OpeningHours.objects.filter(agency=agency, valid_from__lte=day).exclude(valid_to__lt=day)
    return list(rows.order_by("weekday").values_list("weekday", "opens_at", "closes_at"))


def duties(agency: Agency, day: date) -> list[tuple[str, int | None]]:
    rows = CounterDuty.objects.on(day).filter(agency=agency).order_by("counter", "weekday")
    return list(rows.values_list("counter__number", "weekday"))


def test_imigrasi_comes_on_tuesdays_with_thirty_numbers_as_it_promised(imigrasi: Agency) -> None:
    service = make.make_service(imigrasi)
    queue = make.make_queue(service)
    instrument = signed(imigrasi)
    promise(instrument, Weekday.TUESDAY, numbers={service: 30})
    with clock.frozen(TUESDAY):
        enact(instrument)
    queue.refresh_from_db()
    imigrasi.refresh_from_db()
    assert queue.daily_quota == 30
    assert imigrasi.promised_officers == 2
    assert week(imigrasi, TUESDAY.date()) == [(2, *NINE_TO_TWO)]


def test_on_a_day_that_is_not_promised_no_officer_is_expected(imigrasi: Agency) -> None:
    instrument = signed(imigrasi)
    promise(instrument, Weekday.TUESDAY)
    with clock.frozen(MONDAY):
        enact(instrument)
        imigrasi.refresh_from_db()
        assert imigrasi.promised_officers == 0
    with clock.frozen(TUESDAY):
        actions.refresh_all()
    imigrasi.refresh_from_db()
    assert imigrasi.promised_officers == 2


def test_an_addendum_brings_a_new_version_from_its_date_on(imigrasi: Agency) -> None:
    service = make.make_service(imigrasi)
    queue = make.make_queue(service)
    parent = signed(imigrasi)
    promise(parent, Weekday.TUESDAY, numbers={service: 30})
    addendum = signed(imigrasi, code="ADD-IMI", kind=InstrumentKind.ADDENDUM, parent=parent)
    start = date(2026, 4, 1)
    promise(
        addendum,
        Weekday.TUESDAY,
        Weekday.THURSDAY,
        numbers={service: 45},
        version=2,
        valid_from=start,
        officers=3,
    )
    with clock.frozen(TUESDAY):
        enact(parent)
        enact(addendum)
        assert Queue.objects.get(pk=queue.pk).daily_quota == 30
    eve = start - timedelta(days=1)
    assert [row[0] for row in week(imigrasi, eve)] == [2]
    assert [row[0] for row in week(imigrasi, start)] == [2, 4]
    assert Promise.objects.get(version=1).valid_to == eve
    with clock.frozen(datetime(2026, 4, 2, 8, 0, tzinfo=WITA)):
        actions.refresh_all()
    queue.refresh_from_db()
    imigrasi.refresh_from_db()
    assert (queue.daily_quota, imigrasi.promised_officers) == (45, 3)


def test_a_quota_below_what_is_out_stays_and_the_rest_follows(imigrasi: Agency) -> None:
    service = make.make_service(imigrasi)
    queue = make.make_queue(service, daily_quota=None)
    instrument = signed(imigrasi)
    promise(instrument, *Weekday, numbers={service: 1})
    Agency.objects.filter(pk=imigrasi.pk).update(
        agreement_from=date(2025, 1, 1), agreement_to=date(2040, 1, 1), status=AgencyStatus.OPERATING
    )
    make.issue(service)
    make.issue(service)
    enact(instrument)
    queue.refresh_from_db()
    imigrasi.refresh_from_db()
    assert (queue.daily_quota, queue.quota_origin) == (None, "")
    assert imigrasi.promised_officers == 2


def test_a_quota_that_waits_is_noted_once_for_each_promise(imigrasi: Agency) -> None:
    service = make.make_service(imigrasi)
    make.make_queue(service, daily_quota=None)
    instrument = signed(imigrasi)
    made = promise(instrument, *Weekday, numbers={service: 1})
    Agency.objects.filter(pk=imigrasi.pk).update(
        agreement_from=date(2025, 1, 1), agreement_to=date(2040, 1, 1), status=AgencyStatus.OPERATING
    )
    with clock.frozen(TUESDAY.replace(hour=10)):
        for _person in range(2):
            make.issue(service)
        enact(instrument)
        make.issue(service)
        promises.follow_today(agency=imigrasi)
        notes = AuditEntry.objects.filter(action="promise.quota_kept")
        assert [entry.detail["promised"] for entry in notes] == [1]
        PromisedService.objects.filter(promise=made).update(daily_numbers=2)
        promises.follow_today(agency=imigrasi)
        promises.follow_today(agency=imigrasi)
        assert [entry.detail["promised"] for entry in notes.all()] == [2, 1]


def test_a_quota_belongs_to_people_again_once_no_promise_names_it(imigrasi: Agency) -> None:
    service = make.make_service(imigrasi)
    queue = make.make_queue(service)
    instrument = signed(imigrasi)
    promise(instrument, Weekday.TUESDAY, numbers={service: 30})
    with clock.frozen(TUESDAY):
        enact(instrument)
        queue.refresh_from_db()
        assert (queue.daily_quota, queue.quota_origin) == (30, "NK-IMI v1")
        actions.set_state(instrument=instrument, state="TERMINATED", reason="Kantor pindah")
    with clock.frozen(TUESDAY + timedelta(days=1)):
        promises.follow_today(agency=imigrasi)
    queue.refresh_from_db()
    assert (queue.daily_quota, queue.quota_origin) == (30, "")


def test_its_counters_are_its_own_on_the_promised_days_alone(imigrasi: Agency, place: Place) -> None:
    counter = Counter.objects.create(code="L-77", number="77", zone=place.zone)
    instrument = signed(imigrasi)
    promise(instrument, Weekday.TUESDAY, counters=(counter,))
    with clock.frozen(MONDAY):
        enact(instrument)
    assert duties(imigrasi, TUESDAY.date()) == [("77", 2)]
    assert duties(imigrasi, MONDAY.date()) == []


def test_two_agencies_cannot_be_promised_one_counter_at_one_time(imigrasi: Agency, place: Place) -> None:
    counter = Counter.objects.create(code="L-77", number="77", zone=place.zone)
    first = signed(imigrasi)
    promise(first, Weekday.TUESDAY, counters=(counter,))
    other = make.make_agency(
        code="BPN", short_name="BPN", kind=AgencyKind.VERTICAL, status=AgencyStatus.PREPARING
    )
    second = signed(other)
    promise(second, Weekday.TUESDAY, counters=(counter,))
    with clock.frozen(MONDAY):
        enact(first)
        with pytest.raises(Refusal) as refused:
            enact(second)
    assert "sudah dipakai instansi lain" in str(refused.value.message)
    assert Instrument.objects.get(pk=second.pk).state == InstrumentState.SIGNED
    assert not week(other, TUESDAY.date())


def test_the_past_stays_as_it_was(imigrasi: Agency) -> None:
    old = OpeningHours.objects.create(
        agency=imigrasi, weekday=1, opens_at=time(8), closes_at=time(12), valid_from=date(2025, 1, 1)
    )
    instrument = signed(imigrasi)
    promise(instrument, Weekday.TUESDAY)
    with clock.frozen(TUESDAY):
        enact(instrument)
    old.refresh_from_db()
    assert old.valid_to == MONDAY.date()
    assert week(imigrasi, MONDAY.date()) == [(1, time(8), time(12))]


def test_a_promise_ends_with_its_instrument(imigrasi: Agency) -> None:
    instrument = signed(imigrasi)
    made = promise(instrument, Weekday.TUESDAY)
    with clock.frozen(TUESDAY):
        enact(instrument)
        actions.set_state(instrument=instrument, state="TERMINATED", reason="Kantor pindah")
    made.refresh_from_db()
    instrument.refresh_from_db()
    assert made.valid_to == TUESDAY.date()
    assert (instrument.ended_on, instrument.end_reason) == (TUESDAY.date(), "Kantor pindah")


def test_to_end_an_instrument_needs_a_reason(imigrasi: Agency) -> None:
    instrument = signed(imigrasi)
    with pytest.raises(Refusal) as refused:
        actions.set_state(instrument=instrument, state="TERMINATED")
    assert refused.value.code == "reason_needed"


def test_the_database_keeps_two_promises_of_one_day_apart(imigrasi: Agency) -> None:
    first, second = signed(imigrasi), signed(imigrasi, code="NK-2")
    made = [promise(first, Weekday.TUESDAY), promise(second, Weekday.TUESDAY, version=2)]
    Promise.objects.filter(pk=made[0].pk).update(enacted_at=MONDAY)
    with pytest.raises(IntegrityError, match="agreements_promise_once"), transaction.atomic():
        Promise.objects.filter(pk=made[1].pk).update(enacted_at=MONDAY)


def test_who_has_left_the_mall_keeps_no_counter(imigrasi: Agency, place: Place) -> None:
    counter = Counter.objects.create(code="L-77", number="77", zone=place.zone)
    CounterDuty.objects.create(counter=counter, agency=imigrasi, valid_from=date(2025, 1, 1))
    set_status(agency=imigrasi, status=AgencyStatus.ENDED)
    assert duties(imigrasi, clock.today() + timedelta(days=1)) == []


def test_officers_of_a_day(imigrasi: Agency) -> None:
    made = promise(signed(imigrasi), Weekday.TUESDAY)
    assert promises.officers_on(made, TUESDAY.date()) == 2
    assert promises.officers_on(made, MONDAY.date()) == 0
    assert promises.officers_on(None, MONDAY.date()) is None

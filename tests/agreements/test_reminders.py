"""Before an agreement lapses somebody is told: six times, each once; then numbers stop after the grace."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from agreements import actions, tasks
from agreements.attention import without_agreement
from agreements.enums import REMINDER_DAYS, InstrumentState
from agreements.models import AgreementRules, Instrument, InstrumentReminder
from agreements.policy import reminder_due
from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.notifications.models import Message
from tenants.actions import set_status
from tenants.enums import AgencyKind, AgencyStatus, OwnerLevel, Role
from tenants.models import Agency
from tests import factories as make
from tests.admin.conftest import make_instrument
from tests.conftest import Place

pytestmark = pytest.mark.django_db
END = date(2027, 9, 30)


@pytest.fixture
def telkom(place: Place) -> Agency:
    agency = make.make_agency(
        code="TEL",
        short_name="Telkom",
        kind=AgencyKind.BUMN,
        owner_level=OwnerLevel.CENTRAL,
        status=AgencyStatus.PREPARING,
    )
    make_instrument(agency, effective_from=date(2025, 1, 2), effective_to=END)
    actions.push_down(agency)
    return set_status(agency=agency, status=AgencyStatus.OPERATING)


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 7, 0, tzinfo=ZoneInfo("Asia/Makassar"))


def told() -> list[int]:
    return list(InstrumentReminder.objects.order_by("at").values_list("days", flat=True))


def test_telkom_is_warned_six_times_before_it_lapses(telkom: Agency) -> None:
    for left in range(200, -3, -1):
        with clock.frozen(morning(END - timedelta(days=left))):
            actions.remind_all()
    assert told() == [180, 90, 60, 30, 7, 0]


def test_a_reminder_goes_out_once_however_often_the_job_runs(telkom: Agency) -> None:
    make.make_user(Role.ADMIN, email="admin@mpp.example.id")
    with clock.frozen(morning(END - timedelta(days=30))):
        assert actions.remind_all() == 1
        assert actions.remind_all() == 0
    assert Message.objects.filter(event="agreement_ending").count() == 1


def test_a_night_without_the_job_is_made_up_for(telkom: Agency) -> None:
    with clock.frozen(morning(END - timedelta(days=5))):
        actions.remind_all()
    with clock.frozen(morning(END + timedelta(days=1))):
        tasks.refresh()
    assert told() == [7, 0]
    assert Instrument.objects.get().state == InstrumentState.EXPIRED


def test_the_nearer_the_end_the_higher_up(telkom: Agency) -> None:
    AgreementRules.objects.update_or_create(pk=1, defaults={"escalate_to": "sekda@mpp.example.id"})
    owner = make.make_user(Role.FLOOR_MANAGER, email="pemilik@mpp.example.id")
    make.make_user(Role.AGENCY_MANAGER, telkom, email="telkom@mpp.example.id")
    make.make_user(Role.ADMIN, email="admin@mpp.example.id")
    Instrument.objects.update(owner=owner)
    for left in (90, 30):
        with clock.frozen(morning(END - timedelta(days=left))):
            actions.remind_all()
    found = Message.objects.filter(event="agreement_ending").order_by("pk")
    assert list(found.values_list("recipient", flat=True)) == [
        "pemilik@mpp.example.id",
        "telkom@mpp.example.id",
        "admin@mpp.example.id",
        "pemilik@mpp.example.id",
        "sekda@mpp.example.id",
        "telkom@mpp.example.id",
    ]


def test_what_is_renewed_worries_nobody(telkom: Agency) -> None:
    old = Instrument.objects.get()
    make_instrument(
        telkom,
        code="KSB-NEW",
        renews=old,
        state=InstrumentState.SIGNED,
        effective_from=END + timedelta(days=1),
        effective_to=END + timedelta(days=700),
    )
    with clock.frozen(morning(END - timedelta(days=30))):
        assert actions.remind_all() == 0


@pytest.mark.parametrize(
    ("left", "sent", "due"), [(181, (), None), (180, (), 180), (50, (), 60), (50, (60,), None), (0, (7,), 0)]
)
def test_only_the_nearest_reminder_is_due(left: int, sent: tuple[int, ...], due: int | None) -> None:
    assert reminder_due(left, sent, REMINDER_DAYS) == due


def test_numbers_go_on_for_the_grace_and_then_stop_with_the_reason(telkom: Agency, client: Client) -> None:
    AgreementRules.objects.update_or_create(pk=1, defaults={"grace_days": 14})
    service = make.make_service(telkom)
    make.make_queue(service)
    with clock.frozen(morning(END + timedelta(days=1))):
        tasks.refresh()
    telkom.refresh_from_db()
    assert (telkom.agreement_to, telkom.numbers_until) == (END, END + timedelta(days=14))
    with clock.frozen(morning(END + timedelta(days=14)) + timedelta(hours=3)):
        assert make.issue(service).number == 1
        page = client.get(f"/layanan/{service.slug}/").content.decode()
    assert "berakhir 30 September 2027. Nomor masih keluar sampai 14 Oktober 2027." in page
    after = morning(END + timedelta(days=15)) + timedelta(hours=3)
    with clock.frozen(after), pytest.raises(Refusal) as refused:
        make.issue(service)
    assert str(refused.value.message).startswith("Naskah kerja sama Telkom berakhir 30 September 2027.")


def test_a_mall_may_decide_that_numbers_never_stop(telkom: Agency, client: Client) -> None:
    AgreementRules.objects.update_or_create(pk=1, defaults={"grace_days": None})
    actions.push_down(telkom)
    telkom.refresh_from_db()
    assert telkom in Agency.objects.serving_on(date(2040, 1, 1))
    client.force_login(make.make_user(Role.ADMIN))
    page = client.get(f"/admin/tenants/agency/{telkom.pk}/change/").content.decode()
    assert "tidak berhenti, menurut aturan kerja sama" in page
    assert "9999" not in page
    [told] = without_agreement(END + timedelta(days=1), None)
    assert told.text == "Naskah Telkom sudah berakhir. Nomor tetap keluar, menurut aturan kerja sama."

"""The trial: its gate, its hours, its banner, its end."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from agreements import actions
from agreements.enums import Verdict
from agreements.models import Instrument, ReadinessCheck, Trial, TrialDecision
from agreements.onboarding import way_in
from mpp.core import clock
from mpp.core.errors import Refusal
from services.models import OpeningHours
from tenants.actions import set_status
from tenants.enums import AgencyStatus, Role
from tenants.models import Agency, CounterDuty, Placement, User
from tests import factories as make
from tests.agreements.ready import make_bank, make_criterion, make_ready, only, verify_all
from tests.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(place: Place) -> User:
    return make.make_user(Role.ADMIN)


@pytest.fixture
def bank(admin: User) -> Agency:
    """A bank that may begin, of which one criterion is asked."""
    only(make_criterion())
    return make_ready()


def start(agency: Agency, by: User, days: int = 30, **fields: Any) -> Trial:
    return actions.start_trial(
        agency=agency, ends_on=clock.today() + timedelta(days=days - 1), by=by, **fields
    )


def fresh(agency: Agency) -> Agency:
    return Agency.objects.get(pk=agency.pk)


def test_an_agency_with_nothing_is_refused_with_the_whole_list(admin: User) -> None:
    only(make_criterion())
    agency = make_bank(status=AgencyStatus.CANDIDATE)
    with pytest.raises(Refusal) as refused:
        start(agency, admin)
    assert refused.value.extra["missing"] == [
        "Kesediaan instansi belum dicatat.",
        "Kesepakatan bersama belum ada.",
        "Perjanjian kerja sama belum ada.",
        "Belum ada layanan.",
        "Belum ada loket untuk instansi ini.",
        "Belum ada petugas yang ditempatkan.",
        "SDM: 1 syarat wajib belum terverifikasi.",
    ]
    assert fresh(agency).status == AgencyStatus.CANDIDATE


@pytest.mark.parametrize(
    ("take_away", "words"),
    [
        (lambda: Instrument.objects.filter(kind="PKS").update(state="SIGNED"), "baru sampai: ditandatangani"),
        (lambda: ReadinessCheck.objects.all().delete(), "SDM: 1 syarat wajib"),
        (lambda: CounterDuty.objects.filter(agency__code="BNK").delete(), "Belum ada loket"),
        (lambda: Placement.objects.filter(agency__code="BNK").delete(), "Belum ada petugas"),
        (lambda: Agency.objects.get(code="BNK").services.update(is_published=False), "belum ditampilkan"),
        (lambda: Agency.objects.get(code="BNK").queues.update(is_active=False), "belum masuk antrean"),
    ],
)
def test_each_thing_that_lacks_holds_the_trial_up(
    bank: Agency, admin: User, take_away: Any, words: str
) -> None:
    assert way_in(bank).may_begin
    take_away()
    with pytest.raises(Refusal) as refused:
        start(bank, admin)
    assert words in str(refused.value.message)
    assert not Trial.objects.exists()


def test_an_office_of_the_regency_needs_an_assignment_only(admin: User, place: Place) -> None:
    only(make_criterion())
    Agency.objects.filter(pk=place.agency.pk).update(status=AgencyStatus.PREPARING)
    office = fresh(place.agency)
    verify_all(office)
    assert way_in(office).before_trial == ["Surat penugasan belum ada."]


def test_the_trial_opens_the_agency_and_says_until_when(bank: Agency, admin: User, client: Client) -> None:
    service = bank.services.get()
    trial = start(bank, admin, note="Antrean pagi")
    agency = fresh(bank)
    assert (agency.status, agency.trial_until) == (AgencyStatus.TRIAL, trial.ends_on)
    assert make.issue(service).number == 1
    for address in ("/instansi/bank/", f"/layanan/{service.slug}/", "/anjungan/bank/"):
        assert "Uji coba sampai" in client.get(address).content.decode(), address
    with clock.frozen(clock.now() + timedelta(days=40)):
        assert "Masih uji coba" in client.get("/instansi/bank/").content.decode()


def test_its_hours_hold_for_the_time_of_the_trial_and_go_with_it(bank: Agency, admin: User) -> None:
    today = clock.today()
    hours: dict[str, Any] = {"weekdays": [1, 2, 3, 4, 5], "opens_at": time(8), "closes_at": time(13)}
    trial = start(bank, admin, **hours)
    rows = OpeningHours.objects.filter(agency=bank, season="Uji coba")
    assert set(rows.values_list("weekday", "opens_at", "closes_at", "valid_from", "valid_to")) == {
        (weekday, time(8), time(13), today, trial.ends_on) for weekday in range(1, 6)
    }
    later = trial.ends_on + timedelta(days=30)
    with clock.frozen(clock.now() + timedelta(days=3)):
        actions.extend_trial(trial=trial, ends_on=later, reason="Belum ramai", by=admin)
        assert set(rows.values_list("valid_from", "valid_to")) == {
            (today, today + timedelta(days=2)),
            (today + timedelta(days=3), later),
        }
        assert fresh(bank).trial_until == later
    with clock.frozen(clock.now() + timedelta(days=5)):
        actions.end_trial(trial=trial, verdict=Verdict.OPERATE, reason="Lancar", by=admin)
        assert not rows.filter(valid_to__gte=clock.today()).exists()


@pytest.mark.parametrize(
    ("verdict", "status"),
    [(Verdict.OPERATE, AgencyStatus.OPERATING), (Verdict.STOP, AgencyStatus.PREPARING)],
)
def test_the_decision_moves_the_agency_with_reason_and_person(
    bank: Agency, admin: User, verdict: Verdict, status: AgencyStatus
) -> None:
    trial = start(bank, admin)
    with pytest.raises(Refusal, match="reason_needed"):
        actions.end_trial(trial=trial, verdict=verdict, reason=" ", by=admin)
    actions.end_trial(trial=trial, verdict=verdict, reason="Rapat 3 Januari", by=admin)
    agency = fresh(bank)
    assert (agency.status, agency.trial_until) == (status, None)
    decision = TrialDecision.objects.get()
    assert (decision.verdict, decision.reason, decision.by) == (verdict, "Rapat 3 Januari", admin)
    with pytest.raises(Refusal, match="decided"):
        actions.end_trial(trial=trial, verdict=verdict, reason="Sekali lagi", by=admin)


def test_a_stopped_trial_may_begin_again_on_the_same_day(bank: Agency, admin: User) -> None:
    hours: dict[str, Any] = {"weekdays": [1], "opens_at": time(8), "closes_at": time(13)}
    first = start(bank, admin, **hours)
    actions.end_trial(trial=first, verdict=Verdict.STOP, reason="Printer rusak", by=admin)
    assert start(fresh(bank), admin, **hours).pk != first.pk


def test_an_agency_has_one_open_trial(bank: Agency, admin: User) -> None:
    trial = start(bank, admin)
    with pytest.raises(Refusal, match="already_serving"):
        start(bank, admin)
    with pytest.raises(IntegrityError, match="agreements_trial_one_open"), transaction.atomic():
        Trial.objects.create(
            agency=bank, starts_on=trial.starts_on, ends_on=trial.ends_on, started_at=trial.started_at
        )


def test_nobody_leaves_a_trial_but_by_its_decision(bank: Agency, admin: User) -> None:
    start(bank, admin)
    for status in (AgencyStatus.OPERATING, AgencyStatus.PREPARING, AgencyStatus.ENDED):
        with pytest.raises(Refusal) as refused:
            set_status(agency=bank, status=status, by=admin)
        assert "Putuskan dulu uji cobanya." in str(refused.value.message)


def test_an_extension_goes_on_not_back(bank: Agency, admin: User) -> None:
    trial = start(bank, admin)
    for day in (trial.ends_on, clock.today() - timedelta(days=1)):
        with pytest.raises(Refusal, match="bad_end"):
            actions.extend_trial(trial=trial, ends_on=day, reason="Lagi", by=admin)


def test_a_decision_is_never_changed(bank: Agency, admin: User) -> None:
    trial = start(bank, admin)
    actions.end_trial(trial=trial, verdict=Verdict.STOP, reason="Sepi", by=admin)
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        TrialDecision.objects.update(reason="Ramai")


@pytest.mark.parametrize(
    ("weekdays", "opens_at", "closes_at", "words"),
    [
        (
            [7],
            time(9),
            time(12),
            "Minggu: mal tutup pada hari itu. Hapus hari ini, atau ubah dulu jam buka mal.",
        ),
        ([1], time(7), time(12), "Senin 07.00–12.00 di luar jam mal, 08.00–15.00. Sesuaikan jamnya."),
        ([1], time(9), time(16), "Senin 09.00–16.00 di luar jam mal, 08.00–15.00. Sesuaikan jamnya."),
        ([1], time(12), time(9), "Jam uji coba memerlukan hari, jam buka, lalu jam tutup."),
    ],
)
def test_hours_outside_those_of_the_mall_are_refused_in_words(
    bank: Agency, admin: User, weekdays: list[int], opens_at: time, closes_at: time, words: str
) -> None:
    OpeningHours.objects.filter(agency=None).delete()
    OpeningHours.objects.create(weekday=1, opens_at=time(8), closes_at=time(15), valid_from=date(2020, 1, 1))
    with pytest.raises(Refusal) as refused:
        start(bank, admin, weekdays=weekdays, opens_at=opens_at, closes_at=closes_at)
    assert str(refused.value.message) == words
    assert fresh(bank).status == AgencyStatus.PREPARING

"""The trial: its gate, its hours, its banner, its end."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from agreements import actions
from agreements.attention import planned_trials
from agreements.enums import Verdict
from agreements.models import Instrument, ReadinessCheck, Trial, TrialDecision
from agreements.onboarding import way_in
from agreements.tasks import refresh
from mpp.core import clock
from mpp.core.errors import Refusal
from services.models import OpeningHours
from services.opening import opening_of
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


# Planned for a coming day


def plan(agency: Agency, by: User, days: int = 3, **fields: Any) -> Trial:
    return start(agency, by, starts_on=clock.today() + timedelta(days=days), **fields)


def after(days: int) -> AbstractContextManager[None]:
    return clock.frozen(clock.now() + timedelta(days=days))


def test_a_planned_trial_opens_nothing_before_its_day(bank: Agency, admin: User) -> None:
    hours: dict[str, Any] = {"weekdays": [1], "opens_at": time(8), "closes_at": time(13)}
    trial = plan(bank, admin, **hours)
    with after(2):
        assert actions.begin_planned() == 0
    assert (fresh(bank).status, fresh(bank).trial_until) == (AgencyStatus.PREPARING, None)
    assert not OpeningHours.objects.filter(season="Uji coba").exists()
    assert way_in(bank).steps[-1].gaps[0].words.startswith("Direncanakan mulai ")
    with pytest.raises(Refusal) as refused:
        start(bank, admin)
    assert "sudah direncanakan" in str(refused.value.message)
    with after(3):
        refresh()
        assert actions.begin_planned() == 0
        assert (fresh(bank).status, fresh(bank).trial_until) == (AgencyStatus.TRIAL, trial.ends_on)
        assert OpeningHours.objects.get(season="Uji coba").valid_from == clock.today()
    assert Trial.objects.open().get() == trial


def test_the_gate_is_checked_when_it_is_planned(bank: Agency, admin: User) -> None:
    ReadinessCheck.objects.all().delete()
    with pytest.raises(Refusal, match="not_ready"):
        plan(bank, admin)
    verify_all(bank)
    with pytest.raises(Refusal, match="bad_start"):
        plan(bank, admin, days=-1)
    assert not Trial.objects.exists()


def test_on_its_day_a_trial_that_is_not_ready_is_cancelled_with_the_reason(bank: Agency, admin: User) -> None:
    trial = plan(bank, admin)
    Placement.objects.filter(agency=bank).delete()
    [line] = planned_trials(clock.today(), None)
    assert "belum siap: Belum ada petugas" in line.text
    with after(3):
        assert actions.begin_planned() == 0
        [line] = planned_trials(clock.today(), None)
        assert "tidak jadi dimulai" in line.text
        assert list(planned_trials(clock.today(), frozenset())) == []
    trial.refresh_from_db()
    decision = trial.decisions.get()
    assert (decision.verdict, decision.by) == (Verdict.CANCEL, None)
    assert "Belum ada petugas yang ditempatkan." in decision.reason
    assert trial.ended_at is not None
    assert fresh(bank).status == AgencyStatus.PREPARING


def test_hours_that_the_mall_no_longer_has_cancel_it_and_leave_nothing_behind(
    bank: Agency, admin: User
) -> None:
    plan(bank, admin, weekdays=[1], opens_at=time(8), closes_at=time(13))
    OpeningHours.objects.filter(agency=None, weekday=1).delete()
    with after(3):
        assert actions.begin_planned() == 0
    assert "mal tutup pada hari itu" in TrialDecision.objects.get().reason
    assert fresh(bank).status == AgencyStatus.PREPARING
    assert not OpeningHours.objects.filter(season="Uji coba").exists()


def test_a_trial_whose_time_went_by_is_not_begun(bank: Agency, admin: User) -> None:
    plan(bank, admin, days=3)
    with after(40):
        assert actions.begin_planned() == 0
    assert TrialDecision.objects.get().reason == "Masa uji cobanya lewat sebelum dimulai."


def test_a_plan_is_given_up_with_a_reason_and_made_anew(bank: Agency, admin: User) -> None:
    trial = plan(bank, admin)
    with pytest.raises(Refusal, match="reason_needed"):
        actions.cancel_plan(trial=trial, reason=" ", by=admin)
    actions.cancel_plan(trial=trial, reason="Menunggu bupati", by=admin)
    with pytest.raises(Refusal, match="begun"):
        actions.cancel_plan(trial=trial, reason="Lagi", by=admin)
    assert (trial.decisions.get().verdict, trial.decisions.get().by) == (Verdict.CANCEL, admin)
    assert plan(bank, admin).pk != trial.pk


def test_the_pages_plan_a_trial_and_give_it_up(bank: Agency, admin: User, client: Client) -> None:
    client.force_login(admin)
    page = reverse("admin:agreements_joiningagency_trial", args=[bank.pk])
    day = clock.today() + timedelta(days=3)
    sent = {"starts_on": day.isoformat(), "ends_on": (day + timedelta(days=30)).isoformat()}
    assert client.post(page, sent | {"starts_on": "2020-01-01"}).context["form"].errors["starts_on"]
    assert client.post(page, sent).status_code == 302
    cancel = reverse("admin:agreements_joiningagency_plan", args=[bank.pk])
    assert (
        cancel
        in client.get(reverse("admin:agreements_joiningagency_change", args=[bank.pk])).content.decode()
    )
    assert client.get(reverse("admin:agreements_trial_changelist")).status_code == 200
    assert client.post(cancel, {"reason": "Menunggu bupati"}).status_code == 302
    assert client.get(cancel).status_code == 404


def test_a_service_with_hours_of_its_own_keeps_within_those_of_the_trial(bank: Agency, admin: User) -> None:
    service = bank.services.get()
    for weekday in range(1, 8):
        OpeningHours.objects.create(
            service=service, weekday=weekday, opens_at=time(8), closes_at=time(10), valid_from=make.LONG_AGO
        )
    trial = start(bank, admin, weekdays=list(range(1, 8)), opens_at=time(9), closes_at=time(12))

    def is_open(day: date, hour: int) -> bool:
        return opening_of(service, clock.aware(datetime.combine(day, time(hour, 30)))).state == "OPEN"

    assert [is_open(trial.ends_on, hour) for hour in (8, 9, 10, 11)] == [False, True, False, False]
    after_it = trial.ends_on + timedelta(days=1)
    assert [is_open(after_it, hour) for hour in (8, 9, 10)] == [True, True, False]

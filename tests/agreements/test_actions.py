"""Instruments move by their table, and the agency's standing follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agreements import actions, tasks, workflow
from agreements.enums import InstrumentKind, InstrumentState
from agreements.models import Instrument
from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from tenants.actions import set_status
from tenants.enums import AgencyKind, AgencyStatus, OwnerLevel
from tenants.models import Agency
from tests import factories as make
from tests.admin.conftest import make_instrument
from tests.conftest import Place

pytestmark = pytest.mark.django_db
SIGNATURE: dict[str, Any] = {
    "signed_on": date(2026, 1, 2),
    "place": "Uji",
    "effective_from": date(2026, 1, 2),
    "effective_to": date(2036, 1, 1),
}


@pytest.fixture
def bank(place: Place) -> Agency:
    return make.make_agency(
        code="BNK",
        short_name="Bank Uji",
        kind=AgencyKind.BUMD,
        owner_level=OwnerLevel.PROVINCE,
        status=AgencyStatus.PREPARING,
    )


@pytest.fixture
def serving(bank: Agency) -> Agency:
    """The bank in operation on an agreement in force."""
    make_instrument(bank)
    actions.push_down(bank)
    return set_status(agency=bank, status=AgencyStatus.OPERATING)


def draft(agency: Agency, **fields: Any) -> Instrument:
    nothing = {"signed_on": None, "effective_from": None, "effective_to": None}
    return make_instrument(agency, **{"state": InstrumentState.DRAFT, "place": ""} | nothing | fields)


def code(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


@pytest.mark.parametrize("status", [AgencyStatus.TRIAL, AgencyStatus.OPERATING])
def test_r000_15_in_the_database_itself(bank: Agency, status: AgencyStatus) -> None:
    """Whatever the code does, an external agency without an agreement cannot serve."""
    with pytest.raises(IntegrityError, match="tenants_agency_agreement_before_trial"), transaction.atomic():
        Agency.objects.filter(pk=bank.pk).update(status=status)


def test_r000_15_in_the_database_for_an_agreement_that_is_taken_away(serving: Agency) -> None:
    with pytest.raises(IntegrityError, match="tenants_agency_agreement_before_trial"), transaction.atomic():
        Agency.objects.filter(pk=serving.pk).update(agreement_from=None)


def test_r000_15_in_the_action(bank: Agency) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        set_status(agency=bank, status=AgencyStatus.TRIAL)
    assert not AuditEntry.objects.filter(action="agency.status").exists()


@pytest.mark.parametrize("days", [(10, 400), (-400, -1)])
def test_an_agreement_to_come_or_past_is_not_enough(bank: Agency, days: tuple[int, int]) -> None:
    start, end = (clock.today() + timedelta(days=n) for n in days)
    make_instrument(bank, effective_from=start, effective_to=end)
    actions.push_down(bank)
    with pytest.raises(Refusal, match="agreement_not_in_force"):
        set_status(agency=bank, status=AgencyStatus.TRIAL)


def test_an_agency_of_the_regency_needs_no_agreement(place: Place) -> None:
    agency = make.make_agency(status=AgencyStatus.PREPARING)
    assert set_status(agency=agency, status=AgencyStatus.TRIAL).status == AgencyStatus.TRIAL


def test_the_same_status_again_changes_nothing(serving: Agency) -> None:
    before = (AuditEntry.objects.count(), Agency.history.count())
    set_status(agency=serving, status=AgencyStatus.OPERATING)
    assert (AuditEntry.objects.count(), Agency.history.count()) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AgencyStatus.PREPARING, AgencyStatus.PAUSED),
        (AgencyStatus.ENDED, AgencyStatus.OPERATING),
        (AgencyStatus.OPERATING, AgencyStatus.CANDIDATE),
        (AgencyStatus.OPERATING, "TUTUP"),
    ],
)
def test_a_status_that_cannot_follow_is_refused(place: Place, before: str, after: str) -> None:
    agency = make.make_agency(status=before)
    with pytest.raises(Refusal) as refused:
        set_status(agency=agency, status=after)
    assert code(refused) == "illegal_status"
    agency.refresh_from_db()
    assert agency.status == before


def test_the_way_to_force_is_made_step_by_step(bank: Agency) -> None:
    instrument = draft(bank)
    for state in ("REVIEW", "READY"):
        actions.set_state(instrument=instrument, state=state)
    actions.set_state(instrument=instrument, state="SIGNED", **SIGNATURE)
    bank.refresh_from_db()
    assert bank.agreement_from is None
    actions.set_state(instrument=instrument, state="IN_FORCE")
    bank = Agency.objects.get(pk=bank.pk)
    assert (bank.agreement_from, bank.agreement_to) == (date(2026, 1, 2), date(2036, 1, 1))


@pytest.mark.parametrize("state", InstrumentState.values)
@pytest.mark.parametrize("target", InstrumentState.values)
def test_every_step_that_is_not_in_the_table_is_refused(bank: Agency, state: str, target: str) -> None:
    instrument = (
        draft(bank, state=state)
        if state in {"DRAFT", "REVIEW", "READY"}
        else make_instrument(bank, state=state)
    )
    if state == target or target in workflow.targets(state):
        return
    with pytest.raises(Refusal) as refused:
        actions.set_state(instrument=instrument, state=target, **SIGNATURE)
    assert code(refused) == "illegal_transition"
    instrument.refresh_from_db()
    assert instrument.state == state


def test_what_is_missing_is_named_and_nothing_is_written(bank: Agency) -> None:
    instrument = draft(bank, state=InstrumentState.READY)
    instrument.parties.update(number="")
    with pytest.raises(Refusal) as refused:
        actions.set_state(instrument=instrument, state="SIGNED", place="Uji")
    assert refused.value.extra["missing"] == [
        "tanggal tanda tangan",
        "masa berlaku",
        "nomor naskah tiap pihak",
    ]
    instrument.refresh_from_db()
    assert (instrument.state, instrument.place) == ("READY", "")


def test_an_agreement_is_not_called_over_before_its_time(bank: Agency) -> None:
    with pytest.raises(Refusal, match="incomplete"):
        actions.set_state(instrument=make_instrument(bank), state="EXPIRED")


def test_two_of_a_kind_in_force_at_once_are_refused_in_words(bank: Agency) -> None:
    make_instrument(bank)
    second = make_instrument(bank, code="KSB-2", state=InstrumentState.SIGNED)
    with pytest.raises(Refusal) as refused:
        actions.set_state(instrument=second, state="IN_FORCE")
    assert "Sudah ada naskah sejenis" in str(refused.value.message)


def test_after_a_termination_no_number_is_issued_but_the_status_waits_for_a_person(serving: Agency) -> None:
    service = make.make_service(serving)
    make.make_queue(service)
    assert make.issue(service).number == 1
    actions.set_state(instrument=Instrument.objects.get(), state="TERMINATED", reason="Surat 9/2026")
    serving.refresh_from_db()
    assert serving.status == AgencyStatus.OPERATING
    assert serving.agreement_to == clock.today() - timedelta(days=1)
    with pytest.raises(Refusal) as refused:
        make.issue(service)
    assert code(refused) == "agreement_not_in_force"


def test_a_work_plan_alone_carries_nobody(bank: Agency) -> None:
    parent = make_instrument(
        bank, code="NK-1", kind=InstrumentKind.NOTA_KESEPAKATAN, state=InstrumentState.TERMINATED
    )
    make_instrument(bank, code="RK-1", kind=InstrumentKind.RENCANA_KERJA, parent=parent)
    actions.push_down(bank)
    bank.refresh_from_db()
    assert bank.agreement_from is None


def test_the_night_ends_what_is_over_and_twice_is_once(serving: Agency) -> None:
    last_day = clock.today() + timedelta(days=5)
    Instrument.objects.update(effective_to=last_day)
    actions.push_down(serving)
    tasks.refresh()
    assert Instrument.objects.get().state == InstrumentState.IN_FORCE
    with clock.frozen(clock.now() + timedelta(days=6)):
        tasks.refresh()
        history, entries = Instrument.history.count(), AuditEntry.objects.count()
        tasks.refresh()
    assert Instrument.objects.get().state == InstrumentState.EXPIRED
    assert (Instrument.history.count(), AuditEntry.objects.count()) == (history, entries)
    serving.refresh_from_db()
    assert serving.agreement_to == last_day
    assert serving.status == AgencyStatus.OPERATING


def test_a_renewal_that_follows_at_once_is_one_span(serving: Agency) -> None:
    instrument = Instrument.objects.get()
    assert instrument.effective_to is not None
    start = instrument.effective_to + timedelta(days=1)
    end = start + timedelta(days=100)
    make_instrument(serving, code="KSB-2", effective_from=start, effective_to=end)
    assert actions.push_down(serving) is True
    assert actions.push_down(serving) is False
    serving.refresh_from_db()
    assert (serving.agreement_from, serving.agreement_to) == (instrument.effective_from, end)


def test_without_a_mall_the_nightly_job_does_nothing() -> None:
    tasks.refresh()
    assert not AuditEntry.objects.exists()

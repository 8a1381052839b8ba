"""An agency claims, another person verifies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.checklist import sections_of, sections_of_all
from agreements.enums import CheckState
from agreements.models import ReadinessCheck, ReadinessCriterion
from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.models import AuditEntry
from tenants.enums import AgencyKind, Role
from tenants.models import Agency, User
from tests import factories as make
from tests.agreements.ready import make_bank, make_criterion, only
from tests.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(place: Place) -> Agency:
    return make_bank()


@pytest.fixture
def criterion() -> ReadinessCriterion:
    criterion = make_criterion()
    only(criterion)
    return criterion


@pytest.fixture
def clerk() -> User:
    return make.make_user(Role.ADMIN)


@pytest.fixture
def checker() -> User:
    return make.make_user(Role.ADMIN)


def test_a_mall_begins_with_sample_criteria_under_all_four_headings(bank: Agency) -> None:
    assert [section.heading for section in sections_of(bank)] == ["SDM", "SOP", "SARANA", "KANAL"]
    assert not ReadinessCriterion.objects.filter(is_sample=False).exists()
    assert not ReadinessCriterion.objects.filter(source="").exists()


def test_what_is_claimed_waits_until_somebody_else_verifies_it(
    bank: Agency, criterion: ReadinessCriterion, clerk: User, checker: User
) -> None:
    actions.claim(agency=bank, criterion=criterion, evidence=" Surat 7/2026 ", by=clerk)
    [section] = sections_of(bank)
    assert (section.verified, section.waiting, section.is_complete) == (0, 1, False)
    check = actions.verify(agency=bank, criterion=criterion, by=checker)
    assert (check.evidence, check.judged_by) == ("Surat 7/2026", checker)
    [section] = sections_of(bank)
    assert (section.verified, section.waiting, section.is_complete) == (1, 0, True)
    assert AuditEntry.objects.filter(action__startswith="readiness.").count() == 2


def test_nobody_verifies_their_own_claim(
    bank: Agency, criterion: ReadinessCriterion, clerk: User, checker: User
) -> None:
    check = actions.claim(agency=bank, criterion=criterion, evidence="Surat", by=clerk)
    with pytest.raises(Refusal) as refused:
        actions.verify(agency=bank, criterion=criterion, by=clerk)
    assert refused.value.code == "four_eyes"
    assert str(refused.value.message) == "Yang memeriksa harus orang lain dari yang menyatakan siap."
    verified = {"state": CheckState.VERIFIED, "judged_by": clerk, "judged_at": check.claimed_at}
    with pytest.raises(IntegrityError, match="agreements_readiness_four_eyes"), transaction.atomic():
        ReadinessCheck.objects.update(**verified)


def test_only_dpmptsp_verifies(bank: Agency, criterion: ReadinessCriterion, clerk: User) -> None:
    actions.claim(agency=bank, criterion=criterion, evidence="Surat", by=clerk)
    with pytest.raises(Forbidden):
        actions.verify(agency=bank, criterion=criterion, by=make.make_user(Role.AGENCY_MANAGER, bank))


def test_what_still_lacks_goes_back_with_words_and_may_be_claimed_again(
    bank: Agency, criterion: ReadinessCriterion, clerk: User, checker: User
) -> None:
    actions.claim(agency=bank, criterion=criterion, evidence="Surat", by=clerk)
    with pytest.raises(Refusal, match="reason_needed"):
        actions.send_back(agency=bank, criterion=criterion, note=" ", by=checker)
    actions.send_back(agency=bank, criterion=criterion, note="Tanggalnya belum ada.", by=checker)
    again = actions.claim(agency=bank, criterion=criterion, evidence="Surat", by=clerk)
    assert (again.state, again.note, again.judged_by) == (CheckState.CLAIMED, "", None)
    assert ReadinessCheck.history.count() == 3


def test_other_evidence_after_the_verification_is_looked_at_anew(
    bank: Agency, criterion: ReadinessCriterion, clerk: User, checker: User
) -> None:
    actions.claim(agency=bank, criterion=criterion, evidence="Surat 1", by=clerk)
    actions.verify(agency=bank, criterion=criterion, by=checker)
    assert actions.claim(agency=bank, criterion=criterion, evidence="Surat 1", by=clerk).state == "VERIFIED"
    assert actions.claim(agency=bank, criterion=criterion, evidence="Surat 2", by=clerk).state == "CLAIMED"


def test_without_evidence_or_for_another_kind_nothing_is_claimed(
    bank: Agency, criterion: ReadinessCriterion, clerk: User
) -> None:
    with pytest.raises(Refusal, match="no_evidence"):
        actions.claim(agency=bank, criterion=criterion, evidence="  ", by=clerk)
    courts = make_criterion("UJI-2", kinds=[AgencyKind.JUDICIARY])
    with pytest.raises(Refusal, match="not_asked"):
        actions.claim(agency=bank, criterion=courts, evidence="Surat", by=clerk)
    with pytest.raises(NotFound):
        actions.verify(agency=bank, criterion=criterion, by=clerk)
    assert not ReadinessCheck.objects.exists()


def test_a_criterion_is_asked_of_its_kinds_and_a_wish_holds_nothing_up(
    bank: Agency, criterion: ReadinessCriterion
) -> None:
    courts = make_criterion("UJI-2", kinds=[AgencyKind.JUDICIARY], heading="SOP")
    wish = make_criterion("UJI-3", is_required=False, heading="KANAL")
    sections = sections_of(bank)
    assert [item.criterion for section in sections for item in section.items] == [criterion, wish]
    assert [section.is_complete for section in sections] == [False, True]
    court = make.make_agency(kind=AgencyKind.JUDICIARY, status="PREPARING")
    both = sections_of_all([bank, court])
    assert both[bank.pk] == sections
    assert courts in [item.criterion for section in both[court.pk] for item in section.items]


def test_a_file_is_taken_for_what_its_bytes_are(
    bank: Agency, criterion: ReadinessCriterion, clerk: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    claim: dict[str, Any] = {"agency": bank, "criterion": criterion, "evidence": "Foto meja", "by": clerk}
    with pytest.raises(Refusal, match="bad_proof"):
        actions.claim(**claim, file=SimpleUploadedFile("meja.png", b"<script>"))
    assert not ReadinessCheck.objects.exists()
    check = actions.claim(**claim, file=SimpleUploadedFile("../../meja.exe", b"\x89PNG\r\n\x1a\n"))
    assert str(check.file.name).startswith("readiness/")
    assert str(check.file.name).endswith(".png")

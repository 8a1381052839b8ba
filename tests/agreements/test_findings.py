"""Findings are answered by the agency, settled with proof, and the late ones stand first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements import actions
from agreements.enums import FindingState
from agreements.models import Finding
from mpp.core import clock
from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.models import AuditEntry
from tenants.enums import Role
from tenants.models import User
from tests import factories as make
from tests.admin.conftest import url
from tests.conftest import Place
from tests.support.papers import make_pdf

pytestmark = pytest.mark.django_db
PDF = make_pdf()
DAY = timedelta(days=1)


@pytest.fixture
def finding(place: Place) -> Finding:
    return make.make_finding(place.agency)


@pytest.fixture
def boss(place: Place) -> User:
    return make.make_user(Role.ADMIN, username="bu-rina")


@pytest.fixture
def manager(place: Place) -> User:
    return make.make_user(Role.AGENCY_MANAGER, place.agency, username="pengelola")


def answered(finding: Finding, by: User, **more: Any) -> Finding:
    return actions.answer_finding(finding=finding, done="Piket dua orang.", by=by, **more)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(agency: Any, **changes: Any) -> dict[str, Any]:
    today = clock.today()
    return {
        "agency": agency.pk,
        "kind": "OBSTACLE",
        "source": "EVALUATION",
        "found_on": today,
        "found_by": "",
        "what": "Printer rusak",
        "cause": "",
        "step": "Ganti printer",
        "owner": "",
        "owner_words": "Kasubag umum",
        "due_on": today + 7 * DAY,
    } | changes


def test_a_clerk_writes_a_finding_down(place: Place, boss: User) -> None:
    sent = signed_in(boss).post(url(Finding, "add"), form(place.agency))
    assert sent.status_code == 302
    row = Finding.objects.get()
    assert (row.what, row.found_by, row.recorded_by, row.state) == ("Printer rusak", "bu-rina", boss, "OPEN")
    assert AuditEntry.objects.filter(action="finding.record", actor=boss).exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"owner_words": ""}, "Pilih penanggung jawab, atau tulis nama atau jabatannya."),
        (
            {"due_on": "2020-01-01", "found_on": "2020-01-02"},
            "Batas waktu lebih awal dari tanggal ditemukan.",
        ),
        ({"found_on": "2999-01-01", "due_on": "2999-01-02"}, "Tanggal ditemukan belum tiba."),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_was_typed(
    place: Place, boss: User, changes: dict[str, Any], words: str
) -> None:
    page = signed_in(boss).post(url(Finding, "add"), form(place.agency, **changes))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not Finding.objects.exists()


def test_the_manager_of_the_agency_answers_and_the_mall_closes(
    finding: Finding, boss: User, manager: User
) -> None:
    answered(finding, manager, proof="Jadwal di dinding.")
    actions.close_finding(finding=finding, by=boss)
    finding.refresh_from_db()
    assert (finding.state, finding.answered_by, finding.closed_by) == (FindingState.CLOSED, manager, boss)
    assert [row.state for row in finding.history.order_by("history_date")] == ["OPEN", "ANSWERED", "CLOSED"]


def test_a_stranger_does_not_even_learn_that_there_is_a_finding(finding: Finding) -> None:
    stranger = make.make_user(Role.AGENCY_MANAGER, make.make_agency())
    with pytest.raises(NotFound):
        answered(finding, stranger)


def test_an_officer_of_the_agency_may_not_answer(finding: Finding, place: Place) -> None:
    with pytest.raises(Forbidden):
        answered(finding, place.officer)


def test_only_the_mall_closes_and_opens_again(finding: Finding, manager: User) -> None:
    with pytest.raises(Forbidden):
        actions.close_finding(finding=finding, done="x", proof="x", by=manager)
    with pytest.raises(Forbidden):
        actions.reopen_finding(finding=finding, reason="x", due_on=clock.today(), by=manager)


def test_nothing_is_closed_without_proof(finding: Finding, boss: User) -> None:
    with pytest.raises(Refusal) as refused:
        actions.close_finding(finding=finding, done="Sudah.", by=boss)
    assert "dengan bukti" in str(refused.value.message)
    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN


def test_a_light_finding_may_be_answered_and_closed_in_one_go(finding: Finding, boss: User) -> None:
    actions.close_finding(finding=finding, done="Sudah.", proof="Dilihat sendiri.", by=boss)
    finding.refresh_from_db()
    assert (finding.state, finding.answered_by) == (FindingState.CLOSED, boss)


def test_a_serious_finding_needs_a_second_person(finding: Finding, boss: User) -> None:
    Finding.objects.update(is_serious=True)
    with pytest.raises(Refusal, match="answer_first"):
        actions.close_finding(finding=finding, done="Sudah.", proof="Foto.", by=boss)
    answered(finding, boss, proof="Foto.")
    with pytest.raises(Refusal, match="second_person"):
        actions.close_finding(finding=finding, by=boss)
    actions.close_finding(finding=finding, by=make.make_user(Role.ADMIN))
    finding.refresh_from_db()
    assert finding.state == FindingState.CLOSED


def test_the_database_itself_wants_proof_and_a_second_person(finding: Finding, boss: User) -> None:
    closed = {
        "state": FindingState.CLOSED,
        "done": "Sudah.",
        "answered_at": clock.now(),
        "answered_by": boss,
        "closed_at": clock.now(),
        "closed_by": boss,
    }
    with pytest.raises(IntegrityError, match="closed_with_proof"), transaction.atomic():
        Finding.objects.update(**closed)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Finding.objects.update(**closed, proof="Foto.", is_serious=True)
    with pytest.raises(IntegrityError, match="state_times"), transaction.atomic():
        Finding.objects.update(state=FindingState.ANSWERED, done="Sudah.")


def test_opening_again_asks_for_a_reason_and_keeps_what_was_written(finding: Finding, boss: User) -> None:
    actions.close_finding(finding=finding, done="Sudah.", proof="Foto.", by=boss)
    with pytest.raises(Refusal, match="reason_needed"):
        actions.reopen_finding(finding=finding, reason=" ", due_on=clock.today(), by=boss)
    actions.reopen_finding(finding=finding, reason="Kosong lagi.", due_on=clock.today() + DAY, by=boss)
    finding.refresh_from_db()
    assert (finding.state, finding.closed_at, finding.done) == (FindingState.OPEN, None, "Sudah.")
    assert finding.history.first().history_change_reason == "Kosong lagi."


def test_an_old_proof_does_not_close_a_finding_that_came_back(finding: Finding, boss: User) -> None:
    answered(finding, boss, proof_file=SimpleUploadedFile("bukti.pdf", PDF))
    actions.reopen_finding(finding=finding, reason="Kosong lagi.", due_on=clock.today(), by=boss)
    with pytest.raises(Refusal):
        actions.close_finding(finding=finding, done="Sudah.", by=boss)


def test_the_longest_overdue_stands_first_and_the_settled_last(place: Place, boss: User) -> None:
    today = clock.today()
    settled = make.make_finding(place.agency, found_on=today - 30 * DAY, due_on=today - 20 * DAY)
    actions.close_finding(finding=settled, done="Sudah.", proof="Foto.", by=boss)
    soon = make.make_finding(place.agency, due_on=today + DAY)
    late = make.make_finding(place.agency, found_on=today - 9 * DAY, due_on=today - 2 * DAY)
    later = make.make_finding(place.agency, found_on=today - 9 * DAY, due_on=today - 5 * DAY)
    checked = make.make_finding(place.agency, found_on=today - 9 * DAY, due_on=today - 8 * DAY)
    answered(checked, boss)
    assert list(Finding.objects.all()) == [later, late, soon, checked, settled]
    assert list(Finding.objects.late(today)) == [later, late]
    page = signed_in(boss).get(url(Finding, "changelist")).content.decode()
    assert "lewat 5 hari" in page
    assert "3 temuan terbuka" in page
    assert "2 lewat batas waktu" in page


def test_a_list_of_findings_asks_no_more_with_many_of_them(
    place: Place, boss: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(20):
        make.make_finding(place.agency, owner=place.officer, recorded_by=boss)
    client = signed_in(boss)
    with django_assert_max_num_queries(15):
        assert client.get(url(Finding, "changelist")).status_code == 200


def test_the_pages_of_a_finding_do_their_work(finding: Finding, boss: User) -> None:
    client, at = signed_in(boss), f"/admin/agreements/finding/{finding.pk}"
    assert "Susun jadwal piket." in client.get(f"{at}/jawab/").content.decode()
    file = SimpleUploadedFile("jadwal.pdf", PDF)
    assert client.post(f"{at}/jawab/", {"done": "Piket.", "proof_file": file}).status_code == 302
    proof = client.get(f"{at}/bukti/")
    assert proof["Content-Disposition"] == f'attachment; filename="bukti-temuan-{finding.pk}.pdf"'
    assert b"".join(proof) == PDF
    assert client.post(f"{at}/tutup/", {"done": "Piket.", "proof": ""}).status_code == 302
    page = client.get(url(Finding, "change", finding.pk)).content.decode()
    assert "selesai" in page
    sent = client.post(f"{at}/buka-lagi/", {"reason": "Kosong lagi", "due_on": clock.today() + DAY})
    assert sent.status_code == 302
    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg onload=alert(1)>", "foto (JPEG, PNG) atau PDF"),
        (make_pdf(b"<< /JS (x) /S /JavaScript >>"), "berisi program"),
        (b"%PDF-1.7 half of it", "terpotong"),
    ],
)
def test_a_file_that_is_no_proof_is_refused(finding: Finding, boss: User, content: bytes, words: str) -> None:
    at = f"/admin/agreements/finding/{finding.pk}/jawab/"
    file = SimpleUploadedFile("bukti.pdf", content)
    page = signed_in(boss).post(at, {"done": "Piket.", "proof_file": file})
    assert page.status_code == 400
    assert words in page.content.decode()
    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN

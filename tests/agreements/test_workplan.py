"""What was agreed is done, or is seen to be late (R000-8)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from agreements import actions
from agreements.models import Decision, Meeting, Milestone, WorkItem, WorkStep
from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from tenants.enums import Role
from tenants.models import Agency, User
from tests import factories as make
from tests.admin.conftest import make_instrument, url
from tests.conftest import Place
from tests.support.papers import make_pdf

pytestmark = pytest.mark.django_db


def make_item(agency: Agency, **fields: Any) -> WorkItem:
    """A piece of work that is due in ten days."""
    values: dict[str, Any] = {
        "agency": agency,
        "title": "Menempatkan petugas",
        "target": Decimal(2),
        "unit": "petugas",
        "owner": "Kepala seksi",
        "due_on": clock.today() + timedelta(days=10),
    } | fields
    return WorkItem.objects.create(**values)


@pytest.fixture
def item(place: Place) -> WorkItem:
    return make_item(place.agency)


@pytest.fixture
def manager(place: Place) -> User:
    return make.make_user(Role.AGENCY_MANAGER, place.agency)


@pytest.fixture
def admin(client: Client, place: Place) -> Client:
    client.force_login(make.make_user(Role.ADMIN))
    return client


def test_each_step_says_who_when_and_why(item: WorkItem, manager: User) -> None:
    actions.report_progress(item=item, progress=40, note="Satu petugas ditunjuk.", by=manager)
    actions.report_progress(item=item, progress=60, note="Surat tugas terbit.", by=manager)
    steps = WorkStep.objects.order_by("pk").values_list("before", "after", "note", "by", "by_name")
    assert list(steps) == [
        (0, 40, "Satu petugas ditunjuk.", manager.pk, str(manager)),
        (40, 60, "Surat tugas terbit.", manager.pk, str(manager)),
    ]
    assert AuditEntry.objects.filter(action="workitem.progress").count() == 2


def test_the_end_needs_evidence_and_a_day_that_has_come(item: WorkItem) -> None:
    with pytest.raises(Refusal, match="no_evidence"):
        actions.report_progress(item=item, progress=100, note="Selesai.")
    tomorrow = clock.today() + timedelta(days=1)
    with pytest.raises(Refusal, match="in_the_future"):
        actions.report_progress(item=item, progress=100, note="x", evidence="BA 1", done_on=tomorrow)
    item.refresh_from_db()
    assert (item.progress, item.done_on, WorkStep.objects.count()) == (0, None, 0)
    item = actions.report_progress(item=item, progress=100, note="Selesai.", evidence="BA 1/2026")
    assert item.done_on == clock.today()


def test_work_that_was_not_done_after_all_is_open_again(item: WorkItem) -> None:
    actions.report_progress(item=item, progress=100, note="Selesai.", evidence="BA 1/2026")
    item = actions.report_progress(item=item, progress=80, note="Petugas mundur.")
    assert item.done_on is None
    assert list(WorkItem.objects.open()) == [item]


@pytest.mark.parametrize("fields", [{"progress": 100}, {"done_on": date(2026, 1, 1)}, {"progress": 101}])
def test_done_and_100_per_cent_are_one_in_the_database(item: WorkItem, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="agreements_workitem"), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(**fields)


def test_steps_are_never_rewritten(item: WorkItem) -> None:
    actions.report_progress(item=item, progress=10, note="Mulai.")
    for write in (lambda: WorkStep.objects.update(note="lain"), lambda: WorkStep.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_a_manager_reports_for_their_own_agency_only(item: WorkItem, manager: User, place: Place) -> None:
    foreign = make_item(make.make_agency())
    with pytest.raises(Refusal, match="not_found"):
        actions.report_progress(item=foreign, progress=10, note="x", by=manager)
    with pytest.raises(Refusal, match="forbidden"):
        actions.report_progress(item=item, progress=10, note="x", by=place.officer)
    with pytest.raises(Refusal, match="forbidden"):
        actions.move_due(items=[item.pk], days=7, reason="x", by=manager)


def test_late_ones_come_first_and_are_counted_by_agency(place: Place) -> None:
    today, other = clock.today(), make.make_agency(short_name="Bank")
    soon = make_item(place.agency, title="soon")
    oldest = make_item(place.agency, title="oldest", due_on=today - timedelta(days=20))
    done = make_item(place.agency, title="done", due_on=today - timedelta(days=90))
    actions.report_progress(item=done, progress=100, note="x", evidence="BA")
    late = [make_item(other, due_on=today - timedelta(days=days)) for days in (3, 5)]
    assert list(WorkItem.objects.all()) == [oldest, late[1], late[0], soon, done]
    assert WorkItem.objects.late_by_agency(today) == [
        (other.pk, "Bank", 2, today - timedelta(days=5)),
        (place.agency.pk, place.agency.short_name, 1, today - timedelta(days=20)),
    ]
    assert WorkItem.objects.tally(today) == {"all": 5, "done": 1, "late": 3}


def test_due_dates_move_together_with_their_reason(admin: Client, item: WorkItem) -> None:
    done = make_item(item.agency)
    actions.report_progress(item=done, progress=100, note="x", evidence="BA")
    ticked = {"action": "move_due", "_selected_action": [item.pk, done.pk]}
    page = admin.post(url(WorkItem, "changelist"), ticked, follow=True)
    assert "1 butir yang masih berjalan" in page.content.decode()
    address = page.redirect_chain[-1][0]
    assert "harus diisi" in admin.post(address, {"days": 14}).content.decode()
    assert admin.post(address, {"days": 0, "reason": "x"}).status_code == 200
    before = item.due_on
    said = admin.post(address, {"days": 14, "reason": "Gedung belum siap"}, follow=True).content.decode()
    assert "1 butir digeser 14 hari. Untuk membatalkan, geser -14 hari." in said
    item.refresh_from_db()
    assert item.due_on == before + timedelta(days=14)
    assert item.history.latest().history_change_reason == "Gedung belum siap"
    with pytest.raises(Refusal, match="nothing_open"):
        actions.move_due(items=[done.pk], days=1, reason="x")


def test_a_long_list_asks_no_more_than_a_short_one(
    admin: Client, place: Place, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        make_item(place.agency)
        milestone = Milestone.objects.create(code=f"M{number}", stage="TRIAL", title="x")
        actions.move_plan(milestone=milestone, planned_on=date(2026, 1, 1), reason="x")
    for model in (WorkItem, Milestone):
        with django_assert_max_num_queries(15):
            assert admin.get(url(model, "changelist")).status_code == 200


def test_the_form_leaves_target_and_progress_to_whom_they_belong(admin: Client, item: WorkItem) -> None:
    page = admin.get(url(WorkItem, "change", item.pk)).content.decode()
    assert 'name="due_on"' not in page
    assert 'name="progress"' not in page
    assert 'name="target"' in page


def test_an_instrument_of_another_agency_is_refused_where_it_was_chosen(admin: Client, place: Place) -> None:
    foreign = make_instrument(make.make_agency(code="LAIN"))
    sent = {
        "agency": place.agency.pk,
        "instrument": foreign.pk,
        "title": "x",
        "target": "1",
        "unit": "x",
        "owner": "x",
        "due_on": "2026-12-01",
        **{f"steps-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")},
    }
    assert "milik instansi lain" in admin.post(url(WorkItem, "add"), sent).content.decode()


def test_progress_is_reported_with_its_paper_and_the_paper_goes_by_right(
    admin: Client, item: WorkItem, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    report = f"/admin/agreements/workitem/{item.pk}/kemajuan/"
    sent = {"progress": 100, "note": "Selesai"}
    bad = SimpleUploadedFile("bukti.pdf", b"<html>")
    assert "bukan PDF" in admin.post(report, {**sent, "file": bad}).content.decode()
    good = SimpleUploadedFile("Bukti penempatan.pdf", make_pdf(), content_type="text/html")
    assert admin.post(report, {**sent, "file": good}).status_code == 302
    item.refresh_from_db()
    assert (item.file_name, item.progress) == ("Bukti penempatan.pdf", 100)
    assert "penempatan" not in str(item.file.name)
    answer = admin.get(item.file.url)
    assert b"".join(answer.streaming_content) == make_pdf()  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="Bukti penempatan.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().get(item.file.url).status_code == 302
    assert Client().get(f"/media/{item.file.name}").status_code == 404
    item.file.storage.delete(str(item.file.name))
    assert admin.get(item.file.url).status_code == 404


def test_a_decision_becomes_work_once(admin: Client, place: Place) -> None:
    meeting = Meeting.objects.create(title="FGD", date=date(2023, 11, 24), place="Sangatta", kind="FGD")
    decision = Decision.objects.create(meeting=meeting, text="Menyiapkan petugas", owner="Asisten")
    page = f"/admin/agreements/decision/{decision.pk}/butir/"
    sent = {
        "agency": place.agency.pk,
        "target": "2",
        "unit": "orang",
        "owner": "Asisten",
        "due_on": "2026-12-31",
    }
    assert admin.get(page).status_code == 200
    assert admin.post(page, sent).status_code == 302
    decision.refresh_from_db()
    assert decision.work_item is not None
    assert (decision.work_item.title, decision.work_item.agency) == ("Menyiapkan petugas", place.agency)
    assert admin.post(page, sent).status_code == 409
    assert "Lihat butirnya" in admin.get(url(Meeting, "change", meeting.pk)).content.decode()

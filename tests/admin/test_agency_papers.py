"""What the manager of an agency does with its work plan, papers and reports, and with nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agreements import actions
from agreements.attention import late_work
from agreements.models import Report, WorkItem
from mpp.dashboard.home import SOURCES
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import url
from tests.agreements.test_workplan import make_item
from tests.conftest import Place
from tests.support.papers import make_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(place: Place) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.AGENCY_MANAGER, place.agency))
    return client


@pytest.fixture
def own(place: Place) -> WorkItem:
    return make_item(place.agency, title="Milik sendiri")


@pytest.fixture
def foreign(settings: Any, tmp_path: Any) -> WorkItem:
    """An item of another agency, with a paper."""
    settings.MEDIA_ROOT = tmp_path
    item = make_item(make.make_agency(), title="Milik orang lain")
    paper = SimpleUploadedFile("bukti.pdf", make_pdf())
    return actions.report_progress(item=item, progress=50, note="x", file=paper)


def test_a_manager_reports_progress_and_moves_no_due_date(
    manager: Client, own: WorkItem, foreign: WorkItem
) -> None:
    page = f"/admin/agreements/workitem/{own.pk}/kemajuan/"
    assert manager.get(page).status_code == 200
    assert manager.post(page, {"progress": 30, "note": "Mulai."}).status_code == 302
    own.refresh_from_db()
    assert own.progress == 30
    assert manager.get(f"/admin/agreements/workitem/geser-tenggat/?butir={own.pk}").status_code == 403
    form = manager.get(url(WorkItem, "change", own.pk)).content.decode()
    assert "Laporkan kemajuan" in form
    assert 'name="target"' not in form
    assert manager.post(url(WorkItem, "change", own.pk), {"target": 9}).status_code == 403


def test_work_and_papers_of_another_agency_are_not_there(
    manager: Client, own: WorkItem, foreign: WorkItem
) -> None:
    assert "orang lain" not in manager.get(url(WorkItem, "changelist")).content.decode()
    for address in (foreign.file.url, f"/admin/agreements/workitem/{foreign.pk}/kemajuan/"):
        assert manager.get(address).status_code == 404
    admin = Client()
    admin.force_login(make.make_user(Role.ADMIN))
    assert admin.get(foreign.file.url).status_code == 200


def test_a_manager_asks_for_a_report_of_the_own_agency_only(
    manager: Client, own: WorkItem, foreign: WorkItem
) -> None:
    sent = {"kind": "PREPARATION", "starts_on": "2026-01-01", "ends_on": "2026-01-31"}
    for agency in ("", foreign.agency_id):
        assert manager.post(url(Report, "add"), {**sent, "agency": agency}).status_code == 200
    assert not Report.objects.exists()
    assert manager.post(url(Report, "add"), {**sent, "agency": own.agency_id}).status_code == 302
    assert Report.objects.get().agency_id == own.agency_id


def test_late_work_waits_on_the_first_page_of_whom_it_concerns(place: Place, own: WorkItem) -> None:
    assert late_work in SOURCES
    day = own.due_on.replace(year=own.due_on.year + 1)
    [line] = late_work(day, None)
    assert line.text == f"{place.agency.short_name}: 1 rencana kerja terlambat."
    assert "tenggat=lewat" in line.link
    assert list(late_work(day, frozenset())) == []
    assert list(late_work(own.due_on, None)) == []

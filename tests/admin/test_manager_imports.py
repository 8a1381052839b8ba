"""A manager's file touches the rows and columns that are theirs, and cannot tell a foreign row from none."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import models
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from mpp.core import clock
from mpp.core.models import ImportRun
from mpp.core.scope import within
from mpp.core.tables.resources import TABLES
from services.enums import StandardStatus
from services.models import Service, ServiceStandard
from tenants.enums import Role
from tenants.models import Agency, Placement
from tests import factories as make
from tests.admin.conftest import send, url
from tests.admin.test_imports import confirm, exported, text
from tests.admin.test_pages import TABLES as TABLE_MODELS
from tests.admin.test_scope import leaked, manager_of, table
from tests.admin.test_workbooks import sent, undo, upload_book
from tests.conftest import Place
from tests.support import books

pytestmark = pytest.mark.django_db

OPEN = {"services.Service", "services.ServiceStandard", "tenants.Agency", "tenants.Placement"}
# What a manager writes into a column of each, to see whether it arrives.
WRITTEN = {
    "services.Service": {"limits": "Hanya permohonan baru."},
    "tenants.Agency": {"summary": "Ringkasan baru."},
    "tenants.Placement": {"letter_number": "800/12/2026"},
}
NOBODYS = "TIDAK-ADA"


@pytest.fixture
def own(place: Place) -> Agency:
    """An agency with one of everything, beside that of `place` with the same."""
    agency = make.make_agency(short_name="Ketiga", name="Dinas Ketiga")
    make.make_queue(make.make_service(agency))
    make.make_counter(agency)
    make.make_user(agency=agency)
    return agency


@pytest.fixture
def manager(own: Agency) -> Client:
    return manager_of(own)


def models_of(labels: set[str]) -> list[type[models.Model]]:
    return [model for model in TABLE_MODELS if model._meta.label in labels]


def split(
    admin: Client, model: type[models.Model], own: Agency
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Export the whole table; return the rows of `own` and those of others."""
    mine = within(model._default_manager.all(), table(model).agency_lookup, [own.pk])
    cells = list(TABLES[model._meta.label]().snapshot([row.pk for row in mine]).values())
    rows = exported(admin, model)
    return [row for row in rows if row in cells], [row for row in rows if row not in cells]


def told(client: Client, model: type[models.Model], rows: list[dict[str, str]]) -> list[str]:
    """Send a file that is refused; return why."""
    page = send(client, model, text(rows))
    assert "confirm_form" not in page.context
    assert leaked(page) <= {cell for row in rows for cell in row.values()}
    return list(page.context["result"].problems)


def test_only_tables_in_which_a_manager_writes_take_a_file(manager: Client) -> None:
    for model in TABLE_MODELS:
        status = 200 if model._meta.label in OPEN else 403
        for page in ("import", "template"):
            assert manager.get(url(model, page)).status_code == status, model
        if status == 403:
            assert send(manager, model, "code\nx\n").status_code == 403, model
            assert manager.post(url(model, "process_import"), {}).status_code == 403, model


def test_a_foreign_row_is_refused_in_the_words_for_a_row_that_is_nobodys(
    own: Agency, manager: Client, admin: Client
) -> None:
    for model in models_of(OPEN):
        kind = TABLES[model._meta.label]
        _mine, others = split(admin, model, own)
        assert others, model
        before = list(model._default_manager.order_by("pk").values())
        for row in others:
            for columns in (kind.columns, kind.key, (*kind.key, "agency")):
                cells = {name: row[name] for name in columns if name in row}
                invented = cells | {name: NOBODYS for name in ("code", "service", "user") if name in cells}
                if "agency" in cells:
                    invented["agency"] = f"{NOBODYS}-2"
                words = told(manager, model, [cells])
                assert words, model
                hidden = [each.replace(NOBODYS, "X") for each in told(manager, model, [invented])]
                for name in ("code", "service", "user"):
                    words = [each.replace(f"“{row[name]}”", "“X”") if name in row else each for each in words]
                if "agency" in cells:
                    words = [each.replace(f"“{row['agency']}”", "“X-2”") for each in words]
                assert words == hidden, model
        assert list(model._default_manager.order_by("pk").values()) == before, model


def test_the_line_and_the_column_of_a_foreign_code_are_named(
    own: Agency, place: Place, manager: Client, admin: Client
) -> None:
    mine, _others = split(admin, Service, own)
    rows = [*mine, mine[0] | {"code": place.service.code, "agency": place.agency.code}]
    assert told(manager, Service, rows) == [
        f"Baris 3, kolom agency: “{place.agency.code}” tidak ada di antara data instansi Anda."
    ]
    rows[1] |= {"agency": ""}
    assert told(manager, Service, rows) == [
        "Baris 3, kolom code: baris ini belum ada. Mintalah pengelola mal menambahkannya."
    ]


def test_own_rows_come_in_and_go_back_and_others_stay_as_they_were(
    own: Agency, manager: Client, admin: Client
) -> None:
    for model in models_of(set(WRITTEN)):
        fields = WRITTEN[model._meta.label]
        mine, _others = split(admin, model, own)
        lookup = table(model).agency_lookup
        foreign = model._default_manager.exclude(**{str(lookup): own.pk}).order_by("pk")
        before, theirs = list(foreign.values()), list(model._default_manager.order_by("pk").values())
        page = send(manager, model, text([row | fields for row in mine]))
        assert page.context["result"].problems == [], model
        assert leaked(page) == set(), model
        confirm(manager, model, page)
        assert model._default_manager.filter(**fields).count() == len(mine), model
        assert list(foreign.values()) == before, model
        again = send(manager, model, text([row | fields for row in mine]))
        assert again.context["result"].totals["skip"] == len(mine), model
        run = ImportRun.objects.latest("pk")
        assert undo(manager, run).status_code == 302, model
        assert list(model._default_manager.order_by("pk").values()) == theirs, model


def test_what_a_manager_exports_comes_back_unchanged(own: Agency, manager: Client) -> None:
    for model in models_of(OPEN):
        rows = exported(manager, model)
        assert rows, model
        result = send(manager, model, text(rows)).context["result"]
        assert (result.problems, result.totals["skip"]) == ([], len(rows)), model


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        (Service, "name", "Nama lain"),
        (Service, "is_published", "0"),
        (Agency, "status", "ENDED"),
        (Agency, "zone", "lain"),
        (Placement, "ends_on", "2030-01-01"),
    ],
)
def test_a_column_of_the_mall_must_be_as_it_is(
    own: Agency, manager: Client, admin: Client, model: type[models.Model], column: str, value: str
) -> None:
    mine, _others = split(admin, model, own)
    words = told(manager, model, [mine[0] | {column: value}])
    assert words == [
        f"Baris 2, kolom {column}: hanya diisi pengelola mal. Kembalikan isinya, atau hapus kolom ini."
    ]


def test_a_code_means_only_what_the_pickers_offer(
    own: Agency, place: Place, manager: Client, admin: Client
) -> None:
    mine, _others = split(admin, Placement, own)
    [problem] = told(manager, Placement, [mine[0] | {"counter": place.counter.code}])
    assert problem == f"Baris 2, kolom counter: Loket “{place.counter.code}” tidak ditemukan."
    counter = own.duties.get().counter
    page = send(manager, Placement, text([mine[0] | {"counter": counter.code}]))
    assert page.context["result"].problems == []


def test_a_template_holds_their_columns_and_their_codes_alone(
    own: Agency, place: Place, manager: Client
) -> None:
    book = books.cells(manager.get(url(Placement, "template")).content)
    titles = [TABLES["tenants.Placement"].title(name) for name in ("user", "counter", "starts_on")]
    assert set(titles) <= {cell.value for cell in book[0]}
    assert TABLES["tenants.Placement"].title("ends_on") not in {cell.value for cell in book[0]}
    whole = every_cell(manager.get(reverse("admin:core_importrun_book_template")).content)
    assert own.duties.get().counter.code in whole
    for foreign in (place.counter.code, place.service.code, place.officer.username, place.agency.code):
        assert foreign not in whole


def every_cell(content: bytes) -> set[str]:
    """Every cell of a workbook, hidden sheets included."""
    book = load_workbook(io.BytesIO(content))
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}


def test_drafts_of_standards_come_in_and_nothing_is_published(
    own: Agency, manager: Client, admin: Client
) -> None:
    mine, _others = split(admin, ServiceStandard, own)
    draft = mine[0] | {"version": "2", "status": "", "valid_from": "2027-01-01", "requirements": "KK"}
    [problem] = told(manager, ServiceStandard, [draft | {"status": StandardStatus.PUBLISHED}])
    assert problem.startswith("Baris 2, kolom status: hanya diisi pengelola mal.")
    page = send(manager, ServiceStandard, text([draft]))
    assert page.context["result"].problems == []
    confirm(manager, ServiceStandard, page)
    made = ServiceStandard.objects.get(version=2)
    assert (made.service.agency, made.status, made.requirements) == (own, StandardStatus.DRAFT, "KK")
    [problem] = told(manager, ServiceStandard, [mine[0] | {"requirements": "KTP"}])
    assert problem == "Baris 2: Baris ini tidak bisa Anda ubah lagi. Hubungi pengelola mal."
    assert undo(manager, ImportRun.objects.latest("pk")).status_code == 302
    assert not ServiceStandard.objects.filter(version=2).exists()


def test_one_workbook_of_several_tables_is_cut_too(
    own: Agency, place: Place, manager: Client, admin: Client
) -> None:
    service = Service.objects.get(agency=own)
    sheets = {
        "Layanan": [["Kode", "Ringkasan"], [service.code, "Baru"]],
        "Instansi": [["Kode", "Ringkasan"], [place.agency.code, "Baru"]],
    }
    page = upload_book(manager, books.of(sheets))
    assert not page.context["is_good"]
    problems = [each for part in page.context["parts"] for each in part.result.problems]
    assert f"Baris 2, kolom Kode: “{place.agency.code}” tidak ada di antara data instansi Anda." in problems
    sheets["Instansi"][1][0] = own.code
    page = upload_book(manager, books.of(sheets))
    assert page.context["is_good"], [part.result.problems for part in page.context["parts"]]
    manager.post(reverse("admin:core_importrun_book"), {"preview": page.context["preview"]})
    assert (Service.objects.get(pk=service.pk).summary, Agency.objects.get(pk=own.pk).summary) == (
        "Baru",
        "Baru",
    )
    unknown = upload_book(manager, books.of({"Zona": [["Kode"], ["x"]]}))
    assert unknown.status_code == 400


def run_of(client: Client, own: Agency) -> ImportRun:
    content = text([{"code": own.code, "summary": "Baru"}])
    confirm(client, Agency, sent(client, Agency, content.encode(), "instansi.csv"))
    return ImportRun.objects.latest("pk")


def test_an_import_is_seen_and_undone_by_who_made_it(own: Agency, manager: Client, admin: Client) -> None:
    run, colleague = run_of(manager, own), manager_of(own)
    pages = [url(ImportRun, name, run.pk) for name in ("change", "undo")]
    assert pages[1] in manager.get(pages[0]).content.decode()
    for page in pages:
        assert colleague.get(page).status_code == 404
        assert colleague.post(page, {}).status_code in {403, 404}
    assert list(colleague.get(url(ImportRun, "changelist")).context["cl"].queryset) == []
    assert list(manager.get(url(ImportRun, "changelist")).context["cl"].queryset) == [run]
    assert Agency.objects.get(pk=own.pk).summary == "Baru"
    assert undo(admin, run).status_code == 302
    assert Agency.objects.get(pk=own.pk).summary == ""


def test_who_has_gone_to_another_agency_leaves_the_imports_of_the_old_one_behind(
    own: Agency, place: Place
) -> None:
    person = make.make_user(Role.AGENCY_MANAGER, own)
    client = Client()
    client.force_login(person)
    run, today = run_of(client, own), clock.today()
    Placement.objects.filter(user=person).update(ends_on=today - timedelta(days=1))
    Placement.objects.create(user=person, agency=place.agency, starts_on=today)
    ImportRun.objects.update(at=clock.now() - timedelta(hours=23))
    client.force_login(person)
    ImportRun.objects.filter(pk=run.pk).update(at=run.at - timedelta(days=1, hours=1))
    assert client.get(url(ImportRun, "change", run.pk)).status_code == 404


def test_undoing_does_not_reach_a_row_that_has_gone_to_another_agency(
    own: Agency, place: Place, manager: Client
) -> None:
    service = Service.objects.get(agency=own)
    content = text([{"code": service.code, "summary": "Baru"}])
    confirm(manager, Service, sent(manager, Service, content.encode(), "layanan.csv"))
    Service.objects.filter(pk=service.pk).update(agency=place.agency)
    answer = undo(manager, ImportRun.objects.latest("pk"))
    assert answer.status_code == 409
    assert Service.objects.get(pk=service.pk).summary == "Baru"


def test_without_a_placement_today_nothing_is_theirs(own: Agency) -> None:
    client = Client()
    client.force_login(make.make_user(Role.AGENCY_MANAGER))
    words = told(client, Agency, [{"code": own.code, "summary": "Baru"}])
    assert words == [f"Baris 2, kolom code: “{own.code}” tidak ada di antara data instansi Anda."]


def test_what_a_manager_confirms_is_cut_again(own: Agency, place: Place, manager: Client) -> None:
    """Between preview and confirmation the service has gone to another agency."""
    service = Service.objects.get(agency=own)
    page = send(manager, Service, text([{"code": service.code, "summary": "Baru"}]))
    Service.objects.filter(pk=service.pk).update(agency=place.agency)
    done = confirm(manager, Service, page)
    assert "Tidak ada yang disimpan" in " ".join(str(each) for each in get_messages(done.wsgi_request))
    assert Service.objects.get(pk=service.pk).summary != "Baru"


def test_a_file_of_many_rows_asks_the_database_no_more(
    own: Agency, manager: Client, django_assert_max_num_queries: Any
) -> None:
    rows = [{"code": make.make_service(own).code, "limits": f"Batas {number}"} for number in range(20)]
    with django_assert_max_num_queries(60):
        page = send(manager, Service, text(rows))
    assert page.context["result"].totals["update"] == 20

"""Workbooks in the admin: Indonesian titles, a template, several tables as one, and a day to undo it."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from agreements.models import Instrument
from mpp.core import clock
from mpp.core.models import AuditEntry, ImportRun
from mpp.core.tables import csvfile, template, xlsxfile
from mpp.core.tables.resources import TABLES
from mpp.core.tables.workbook import in_order
from mpp.packs import loader
from queueing.models import Queue
from services.enums import FeeKind
from services.models import CalendarDay, Service, ServiceStandard
from tenants.enums import AgencyStatus, Role
from tenants.models import Agency, Counter, Placement, User, Zone
from tests import factories as make
from tests.admin.conftest import make_instrument, url
from tests.admin.test_imports import confirm, exported, text
from tests.conftest import Place
from tests.support import books

BOOK = "admin:core_importrun_book"


def sent(client: Client, model: type[models.Model], content: bytes, name: str = "berkas.xlsx") -> Any:
    """Upload a file for its preview."""
    file = SimpleUploadedFile(name, content)
    return client.post(url(model, "import"), {"format": "0", "resource": "0", "import_file": file})


def upload_book(client: Client, content: bytes) -> Any:
    return client.post(reverse(BOOK), {"import_file": SimpleUploadedFile("mal.xlsx", content)})


def words_of(page: Any) -> str:
    return " ".join(str(message) for message in get_messages(page.wsgi_request))


def undo(client: Client, run: ImportRun) -> Any:
    return client.post(url(ImportRun, "undo", run.pk))


def test_indonesian_titles_serve_in_any_order(place: Place, admin: Client) -> None:
    titles = {name: TABLES["tenants.Zone"].title(name) for name in TABLES["tenants.Zone"].columns}
    rows: list[list[Any]] = [
        [titles[name] for name in reversed(titles)],
        [2, "ke kiri", "Lantai 1", "Kiri", "kiri"],
    ]
    page = sent(admin, Zone, books.of({"Zona": rows}))
    assert page.context["result"].problems == []
    done = confirm(admin, Zone, page)
    assert "bisa dibatalkan selama 24 jam" in words_of(done)
    zone = Zone.objects.get(code="kiri")
    assert (zone.name, zone.position) == ("Kiri", 2)


def test_a_wrong_cell_is_named_as_the_file_names_it_and_the_file_comes_back_with_it(
    everything: Place, admin: Client
) -> None:
    kind = TABLES["services.ServiceStandard"]
    standard = ServiceStandard.objects.get()
    cells = kind().snapshot([standard.pk])[standard.pk]
    cells |= {"fee_kind": FeeKind.AMOUNT, "fee_amount": "dua puluh"}
    book = xlsxfile.write([("Standar", [kind.title(name) for name in cells], [list(cells.values())])])
    page = sent(admin, ServiceStandard, book)
    [problem] = page.context["result"].problems
    assert problem.startswith(f"Baris 2, kolom {kind.title('fee_amount')}: harus angka")
    answer = admin.get(page.context["mistakes_url"])
    titles, row = books.cells(answer.content)
    assert titles[-1].value == "Masalah"
    assert row[-1].value == problem
    # Repaired, it goes in as it is.
    sheet = load_workbook(io.BytesIO(answer.content))
    [index] = [cell.column for cell in sheet.worksheets[0][1] if cell.value == kind.title("fee_amount")]
    sheet.worksheets[0].cell(row=2, column=index, value="20000")
    assert sent(admin, ServiceStandard, books.saved(sheet)).context["result"].problems == []


def test_a_renamed_column_is_named_with_what_it_may_have_been(place: Place, admin: Client) -> None:
    page = sent(admin, Zone, books.of({"Zona": [["Kode", "Nama zona"], ["kiri", "Kiri"]]}))
    found = " ".join(page.context["result"].problems)
    assert "Kolom “Nama zona” tidak dikenal. Mungkin maksudnya “Nama”: ganti judulnya." in found
    assert "Kolom “Lantai” tidak ada. Tambahkan kolom itu, atau pakai berkas templat." in found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", books.with_far_cell()),
        ("a.xlsx", b"MZ" + b"x" * 100),
        ("a.csv", books.HONEST),
        ("a.xlsm", books.HONEST),
        ("a.pdf", b"%PDF-1.7"),
        ("a.xlsx.html", b"<html>"),
        ("a.xlsx", books.of({"Kosong": []})),
    ],
)
def test_a_file_that_is_none_is_answered_400_in_words(
    place: Place, admin: Client, name: str, content: bytes
) -> None:
    page = sent(admin, Zone, content, name)
    assert page.status_code == 400
    assert page.context["form"].errors["import_file"]
    assert Zone.objects.count() == 1


def test_what_a_change_was_stands_beside_what_it_becomes(everything: Place, admin: Client) -> None:
    zone = everything.zone
    rows = [row | {"name": "Nama baru"} for row in exported(admin, Zone) if row["code"] == zone.code]
    page = sent(admin, Zone, text(rows).encode(), "zona.csv")
    [(change, [(title, old, new)])] = page.context["result"].shown_changes
    assert (change.name, title, old, new) == (zone.code, "Nama", zone.name, "Nama baru")


@pytest.mark.parametrize("label", ["tenants.Agency", "queueing.Queue", "services.ServiceStandard"])
def test_a_workbook_that_was_exported_changes_nothing_when_it_comes_back(
    everything: Place, admin: Client, label: str
) -> None:
    Agency.objects.update(phone="+62811")
    model = TABLES[label].Meta.model
    content = admin.post(url(model, "export"), {"format": "1", "resource": "0"}).content
    assert {cell.data_type for row in books.cells(content) for cell in row} == {"s", "n"}
    result = sent(admin, model, content).context["result"]
    assert result.problems == []
    assert result.totals["skip"] == model._default_manager.count()


def test_every_template_can_be_filled_in_and_names_its_columns(everything: Place, admin: Client) -> None:
    book = load_workbook(io.BytesIO(template.as_book(kind() for kind in in_order(TABLES.values()))))
    assert book.sheetnames[-2:] == ["Petunjuk", "Pilihan"]
    assert book["Pilihan"].sheet_state == "hidden"
    agencies = book["Instansi"]
    assert [cell.value for cell in agencies[1]][:2] == ["Kode", "Alamat halaman"]
    assert str(agencies["A2"].value).startswith("Contoh:")
    assert agencies.data_validations.dataValidation
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert not formulas


def test_a_title_means_one_column_in_either_language() -> None:
    for kind in TABLES.values():
        meant: dict[str, str] = {}
        for language in ("id", "en"):
            with translation.override(language):
                for name in kind.columns:
                    assert meant.setdefault(kind.title(name).lower(), name) == name, kind


@pytest.mark.parametrize("query", ["", "?jenis=csv"])
def test_the_example_of_a_template_is_passed_over(place: Place, admin: Client, query: str) -> None:
    answer = admin.get(url(Zone, "template") + query)
    name = "zona.csv" if query else "zona.xlsx"
    assert sent(admin, Zone, answer.content, name).context["form"].errors["import_file"] == [
        "Berkas ini kosong. Baris pertama judul kolom, lalu isinya."
    ]
    if query:
        filled = answer.content.decode() + ",".join(["kiri", "Kiri", "Lantai 1", "ke kiri", "2"]) + "\n"
        assert sent(admin, Zone, filled.encode(), name).context["result"].totals["new"] == 1


def test_choices_may_be_written_in_words(place: Place, admin: Client) -> None:
    rows = exported(admin, Agency)
    kind = Agency.objects.get().get_kind_display()
    page = sent(admin, Agency, text([rows[0] | {"kind": kind.upper()}]).encode(), "a.csv")
    assert page.context["result"].totals["skip"] == 1


# People


def people(**changes: Any) -> bytes:
    row = {"Nama pengguna": "siti", "Nama depan": "Siti", "Nama belakang": "A", "Peran": "petugas loket"}
    row |= changes
    kind = TABLES["tenants.User"]
    names = {"Nama pengguna": "username", "Nama depan": "first_name", "Nama belakang": "last_name"}
    titles = [kind.title(names[title]) if title in names else title for title in row]
    return books.of({"Petugas": [titles, list(row.values())]})


def test_imported_people_cannot_sign_in_until_their_password_is_set(place: Place, admin: Client) -> None:
    page = sent(admin, User, people())
    assert page.context["result"].problems == []
    done = confirm(admin, User, page)
    assert "1 orang baru belum bisa masuk" in words_of(done)
    person = User.objects.get(username="siti")
    assert not person.has_usable_password()
    assert (person.role, person.is_staff) == (Role.OFFICER, False)
    assert AuditEntry.objects.filter(action="account.role", target="siti").exists()
    assert (
        admin.get(url(User, "changelist").replace("/user/", f"/user/{person.pk}/password/")).status_code
        == 200
    )


def test_a_file_with_a_password_in_it_is_refused(place: Place, admin: Client) -> None:
    page = sent(admin, User, people(Password="rahasia"))
    assert any("Kolom “Password” tidak dikenal" in each for each in page.context["result"].problems)


def test_a_person_and_their_placement_come_in_one_workbook(place: Place, admin: Client) -> None:
    kind = TABLES["tenants.Placement"]
    titles = [kind.title(name) for name in ("user", "agency", "starts_on")]
    book = load_workbook(io.BytesIO(people()))
    sheet = book.create_sheet("Penempatan", 0)
    sheet.append(titles)
    sheet.append(["siti", place.agency.code, "2026-01-01"])
    page = upload_book(admin, books.saved(book))
    assert page.context["is_good"], [part.result.problems for part in page.context["parts"]]
    assert not Placement.objects.filter(user__username="siti").exists()
    admin.post(reverse(BOOK), {"preview": page.context["preview"]})
    assert Placement.objects.get(user__username="siti").agency == place.agency


def test_a_table_below_a_wrong_one_waits_for_it(place: Place, admin: Client) -> None:
    book = load_workbook(io.BytesIO(people(Peran="raja")))
    sheet = book.create_sheet("Penempatan")
    kind = TABLES["tenants.Placement"]
    sheet.append([kind.title(name) for name in ("user", "agency", "starts_on")])
    sheet.append(["siti", place.agency.code, "2026-01-01"])
    page = upload_book(admin, books.saved(book))
    problems = {part.title: part.result.problems for part in page.context["parts"]}
    assert problems["Petugas"][0].startswith("Baris 2, kolom Peran: “raja” tidak ada dalam daftar")
    assert problems["Penempatan"] == ["Belum diperiksa. Perbaiki dulu lembar Petugas."]
    assert admin.get(page.context["mistakes_url"]).status_code == 200


def test_an_unknown_sheet_is_named_with_those_there_are(place: Place, admin: Client) -> None:
    page = upload_book(admin, books.of({"Dinas": [["Kode"], ["A"]]}))
    assert page.status_code == 400
    [words] = page.context["form"].errors["import_file"]
    assert words.startswith("Lembar “Dinas” tidak dikenal. Nama yang benar: ")
    assert "Instansi" in words


# Undoing


def test_an_import_is_undone_whole_and_only_once(everything: Place, admin: Client) -> None:
    zone = everything.zone
    rows = [row | {"name": "Nama baru"} for row in exported(admin, Zone) if row["code"] == zone.code]
    rows.append(rows[0] | {"code": "kiri", "name": "Kiri"})
    confirm(admin, Zone, sent(admin, Zone, text(rows).encode(), "zona.csv"))
    run = ImportRun.objects.latest("pk")
    assert (run.file_name, run.tables, run.new, run.changed) == ("zona.csv", "Zona", 1, 1)
    page = admin.get(url(ImportRun, "change", run.pk)).content.decode()
    assert "Nama baru" in page
    assert url(ImportRun, "undo", run.pk) in page
    undo(admin, run)
    assert not Zone.objects.filter(code="kiri").exists()
    assert Zone.objects.get(pk=zone.pk).name == zone.name
    run.refresh_from_db()
    assert run.undone_by is not None
    assert AuditEntry.objects.filter(action="import.undo").exists()
    assert url(ImportRun, "undo", run.pk) not in admin.get(url(ImportRun, "change", run.pk)).content.decode()
    assert undo(admin, run).status_code == 409


def test_undoing_names_what_was_changed_since_and_changes_nothing(place: Place, admin: Client) -> None:
    rows = exported(admin, Zone)
    changed = [rows[0] | {"name": "Nama baru"}, rows[0] | {"code": "kiri", "name": "Kiri"}]
    confirm(admin, Zone, sent(admin, Zone, text(changed).encode(), "zona.csv"))
    Zone.objects.filter(code="kiri").update(floor="Lantai 2")
    page = undo(admin, ImportRun.objects.latest("pk"))
    assert page.status_code == 409
    assert "Baris ini sudah berubah sesudah diimpor: Zona kiri." in page.content.decode()
    assert Zone.objects.filter(code="kiri").exists()
    assert Zone.objects.filter(name="Nama baru").exists()


def test_undoing_leaves_what_others_have_come_to_use(place: Place, admin: Client) -> None:
    rows = exported(admin, Zone)
    content = text([rows[0] | {"code": "kiri", "name": "Kiri"}]).encode()
    confirm(admin, Zone, sent(admin, Zone, content, "zona.csv"))
    Counter.objects.create(code="L90", number="90", zone=Zone.objects.get(code="kiri"))
    page = undo(admin, ImportRun.objects.latest("pk"))
    assert "Data lain sudah memakai baris baru ini: Zona kiri." in page.content.decode()
    assert Zone.objects.filter(code="kiri").exists()


def test_after_a_day_an_import_stays(place: Place, admin: Client) -> None:
    rows = exported(admin, Zone)
    content = text([rows[0] | {"code": "kiri", "name": "Kiri"}]).encode()
    confirm(admin, Zone, sent(admin, Zone, content, "zona.csv"))
    ImportRun.objects.update(at=clock.now() - timedelta(hours=25))
    page = undo(admin, ImportRun.objects.latest("pk"))
    assert "lebih dari 24 jam lalu" in page.content.decode()
    assert Zone.objects.filter(code="kiri").exists()


def test_undoing_brings_a_service_back_into_its_line(everything: Place, admin: Client) -> None:
    first = exported(admin, Queue)[0]
    before = list(Queue.objects.get(code=first["code"]).services.values_list("code", flat=True))
    rows = [first | {"services": ""}, first | {"code": "QBARU", "prefix": "ZZ"}]
    confirm(admin, Queue, sent(admin, Queue, text(rows).encode(), "antrean.csv"))
    undo(admin, ImportRun.objects.latest("pk"))
    assert not Queue.objects.filter(code="QBARU").exists()
    assert list(Queue.objects.get(code=first["code"]).services.values_list("code", flat=True)) == before


def test_undoing_takes_new_papers_away_with_what_followed_from_them(
    place: Place, bank: Agency, admin: Client
) -> None:
    make_instrument(place.agency)
    [first] = exported(admin, Instrument)
    rows = [first | {"code": "KSB-2", "agency": bank.code}]
    confirm(admin, Instrument, sent(admin, Instrument, text(rows).encode(), "naskah.csv"))
    bank.refresh_from_db()
    assert bank.agreement_from is not None
    undo(admin, ImportRun.objects.latest("pk"))
    bank.refresh_from_db()
    assert bank.agreement_from is None


def test_who_only_looks_may_neither_import_a_workbook_nor_undo_one(
    place: Place, admin: Client, auditor: Client
) -> None:
    rows = exported(admin, Zone)
    content = text([rows[0] | {"code": "kiri", "name": "Kiri"}]).encode()
    confirm(admin, Zone, sent(admin, Zone, content, "zona.csv"))
    run = ImportRun.objects.latest("pk")
    assert auditor.get(url(ImportRun, "change", run.pk)).status_code == 200
    assert undo(auditor, run).status_code == 403
    assert auditor.get(reverse(BOOK)).status_code == 403
    assert auditor.get(url(Zone, "template")).status_code == 403
    assert auditor.get(reverse("admin:core_importrun_book_template")).status_code == 403


# Balangan


STORY = ["zones", "agencies", "signing_events", "instruments", "counters", "services", "standards", "queues"]
STORY += ["opening_hours", "calendar_days"]


def book_of_pack(pack: str) -> bytes:
    """What a pack holds of agencies and what they do, as the workbook that a person fills in."""
    sheets = []
    for name, kind in loader.FILES:
        if name not in STORY:
            continue
        headings, *rows = [
            row for _n, row in csvfile.read(Path(loader.DATA, pack, f"{name}.csv").read_bytes()).rows
        ]
        sheets.append((kind.sheet_title(), [kind.title(heading) for heading in headings], rows))
    # As they may lie in a workbook: not in the order in which they must be written.
    return xlsxfile.write(reversed(sheets))


def test_balangan_comes_in_from_one_workbook_changes_nothing_the_second_time_and_goes_again(
    db: None, client: Client
) -> None:
    """Its 18 agencies and 116 services, their standards, agreements, counters, lines, hours and calendar."""
    make.make_mall()
    client.force_login(make.make_user(Role.ADMIN, username="admin"))
    book = book_of_pack("balangan")
    page = upload_book(client, book)
    assert page.context["is_good"], [part.result.problems for part in page.context["parts"]]
    assert Agency.objects.count() == 0
    done = client.post(reverse(BOOK), {"preview": page.context["preview"]})
    assert "Impor selesai" in words_of(done)
    assert (Agency.objects.count(), Service.objects.count()) == (18, 116)
    assert Agency.objects.filter(status=AgencyStatus.OPERATING).exists()
    assert CalendarDay.objects.count() == 51
    again = upload_book(client, book)
    assert again.context["is_good"]
    assert "preview" not in again.context
    assert (
        sum(part.result.totals["new"] + part.result.totals["update"] for part in again.context["parts"]) == 0
    )
    undo(client, ImportRun.objects.latest("pk"))
    assert (Agency.objects.count(), Service.objects.count(), Instrument.objects.count()) == (0, 0, 0)
    assert ImportRun.objects.latest("pk").undone_at is not None

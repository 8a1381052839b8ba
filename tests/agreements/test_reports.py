"""Reports are made in the background, for who asked, from what they may see."""

from __future__ import annotations

import io
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import typst
from django.test import Client

from agreements import actions, tasks
from agreements.actions import evaluation, reports
from agreements.models import EvaluationPeriod, EvaluationSheet, Letter, Report
from agreements.reports import making, pdf, xlsx
from agreements.reports.paper import Cell, Column, Paper, Scope, Section, Table
from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions as queueing
from queueing.models import CounterSession
from tenants.enums import AgencyKind, AgencyStatus, Role
from tenants.models import Agency, User
from tests import factories as make
from tests.admin.conftest import make_instrument, url
from tests.agreements import worlds
from tests.agreements.test_milestones import OPENED, make_milestone
from tests.agreements.test_workplan import make_item
from tests.conftest import Place

pytestmark = pytest.mark.django_db
# What a spreadsheet would run (trust.md T-06).
HOSTILE = [
    "=1+1",
    "=HYPERLINK('http://x')",
    "+62811",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    "{=1}",
    '="x"',
]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def boss(place: Place) -> User:
    return make.make_user(Role.ADMIN, username="kepala")


@pytest.fixture
def bank(place: Place) -> Agency:
    return make.make_agency(
        code="BNK",
        name="Bank Uji",
        short_name="Bank Uji",
        kind=AgencyKind.BUMD,
        status=AgencyStatus.PREPARING,
    )


def ask(by: User, kind: str = "PREPARATION", agency: Agency | None = None) -> Report:
    today = clock.today()
    return reports.ask_report(
        kind=kind, agency=agency, starts_on=today - timedelta(days=90), ends_on=today, by=by
    )


def sheets(report: Report) -> Any:
    return openpyxl.load_workbook(io.BytesIO(report.xlsx.read()))


def words(report: Report) -> str:
    """All that stands in the sheets."""
    book = sheets(report)
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)
    return "\n".join([*book.sheetnames, *map(str, cells)])


def test_a_report_is_asked_for_made_and_fetched(client: Client, boss: User, bank: Agency) -> None:
    make_instrument(bank)
    actions.note_actual(milestone=make_milestone(), actual_on=OPENED, source="Berita")
    make_item(bank, title="Menyiapkan loket", due_on=clock.today() - timedelta(days=4))
    client.force_login(boss)
    sent = {"kind": "PREPARATION", "agency": "", "starts_on": "2022-01-01", "ends_on": "2026-12-31"}
    page = client.post(url(Report, "add"), sent, follow=True)
    assert "menunggu" in page.content.decode()
    assert page["Refresh"]
    tasks.make_reports()
    report = Report.objects.get()
    assert (report.state, report.error, report.attempts) == ("DONE", "", 1)
    page = client.get(url(Report, "changelist"))
    assert "Refresh" not in page
    for form, start in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        answer = client.get(f"/admin/agreements/report/{report.pk}/unduh/{form}/")
        assert b"".join(answer.streaming_content).startswith(start)  # type: ignore[attr-defined]
        assert answer["Content-Disposition"].startswith('attachment; filename="kemajuan-persiapan-mal-2026')
    assert client.get(f"/admin/agreements/report/{report.pk}/unduh/error/").status_code == 404
    said = words(report)
    for each in ("1 dari 1", "terlambat 148 hari", "Menyiapkan loket", "kesepakatan bersama"):
        assert each in said


def test_the_register_has_the_number_of_each_party(boss: User, bank: Agency) -> None:
    make_instrument(bank)
    ask(boss, "REGISTER")
    tasks.make_reports()
    assert "Pemerintah Kabupaten Uji: 1/UJI\nBank Uji: 2/UJI" in words(Report.objects.get())


def test_attendance_and_evaluation_are_reported_with_what_was_measured(place: Place, boss: User) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    make.issue(place.service)
    queueing.call_next(session=session, by=place.officer)
    for kind in ("ATTENDANCE", "EVALUATION"):
        ask(boss, kind, place.agency)
        ask(boss, kind)
    tasks.make_reports()
    for report in Report.objects.order_by("pk"):
        assert (report.state, report.error) == ("DONE", "")
        said = words(report)
        assert "Terpenuhi" in said or "Indikator" in said
        assert place.agency.name in said or place.agency.short_name in said


def test_a_signed_evaluation_is_printed_as_it_was_signed(place: Place, boss: User, client: Client) -> None:
    worlds.the_week(place)
    period = EvaluationPeriod.objects.create(
        kind="OTHER", name="Pekan uji", starts_on=worlds.MONDAY, ends_on=worlds.SUNDAY
    )
    with clock.frozen(worlds.LATER):
        evaluation.compute(period.pk)
        sheet = period.sheets.get()
        evaluation.remark(sheet=sheet, remarks="Dua petugas ditambah.", by=boss)
        evaluation.sign_sheet(sheet=sheet, evaluator="Siti", office="Kepala Seksi", by=boss)
    CounterSession.objects.all().delete()
    client.force_login(boss)
    page = client.get(url(EvaluationSheet, "change", sheet.pk)).content.decode()
    sent = dict(
        re.findall(r'<input type="hidden" name="(kind|agency|starts_on|ends_on)" value="([^"]+)"', page)
    )
    assert client.post(url(Report, "add"), sent).status_code == 302
    tasks.make_reports()
    said = words(Report.objects.get())
    assert "28 jam" in said
    assert "Disahkan" in said
    assert "oleh Siti, Kepala Seksi." in said
    assert "Dua petugas ditambah." in said


def test_a_manager_gets_the_own_agency_and_nothing_of_others(place: Place, bank: Agency) -> None:
    manager = make.make_user(Role.AGENCY_MANAGER, bank)
    for agency, refusal in ((None, "forbidden"), (place.agency, "not_found")):
        with pytest.raises(Refusal, match=refusal):
            ask(manager, agency=agency)
    foreign = {"direction": "IN", "date": clock.today(), "counterpart": "Provinsi"}
    Letter.objects.create(**foreign, number="1", subject="Rahasia orang lain", agency=place.agency)
    Letter.objects.create(**foreign, number="2", subject="Surat bank", agency=bank)
    ask(manager, agency=bank)
    tasks.make_reports()
    said = words(Report.objects.get())
    assert "Surat bank" in said
    assert "Rahasia" not in said
    assert place.agency.name not in said


def test_what_cannot_be_made_says_so_and_holds_up_nobody(
    boss: User, bank: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(scope: Scope) -> Paper:
        raise ValueError

    monkeypatch.setitem(making.BUILDERS, "PREPARATION", broken)
    first, second = ask(boss), ask(boss, "REGISTER")
    tasks.make_reports()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("FAILED", "DONE")
    assert "Minta sekali lagi" in first.error


def test_an_order_whose_worker_died_is_taken_over_three_times(boss: User) -> None:
    order = ask(boss)
    now = clock.now()
    for attempt in range(1, 4):
        with clock.frozen(now + attempt * timedelta(minutes=5)):
            taken = reports.claim()
            assert taken is not None
            assert (taken.pk, taken.attempts) == (order.pk, attempt)
            assert reports.claim() is None
    with clock.frozen(now + timedelta(minutes=30)):
        assert reports.claim() is None
    order.refresh_from_db()
    assert order.state == "FAILED"


def test_nobody_fills_the_queue_alone(boss: User) -> None:
    for _time in range(reports.MOST_WAITING):
        ask(boss)
    with pytest.raises(Refusal, match="too_many"):
        ask(boss)


def test_without_its_library_the_sheets_are_there_and_the_row_says_why(
    boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*args: Any, **kwargs: Any) -> bytes:
        raise pdf.Unavailable

    monkeypatch.setattr(pdf, "render", missing)
    ask(boss)
    tasks.make_reports()
    report = Report.objects.get()
    assert (report.state, bool(report.pdf), bool(report.xlsx)) == ("DONE", False, True)
    assert "belum dipasang" in report.error


def test_after_ninety_days_report_and_files_are_gone(boss: User, settings: Any) -> None:
    ask(boss)
    tasks.make_reports()
    folder = settings.MEDIA_ROOT / "reports"
    assert len(list(folder.iterdir())) == 2
    with clock.frozen(clock.now() + timedelta(days=89)):
        assert tasks.forget_reports() == 0
    with clock.frozen(clock.now() + timedelta(days=91)):
        assert tasks.forget_reports() == 1
        assert tasks.forget_reports() == 0
    assert list(folder.iterdir()) == []


def test_a_cell_is_never_a_formula(place: Place) -> None:
    columns = [Column("Teks"), Column("Angka", "number"), Column("Tanggal", "date"), Column("Bagian", "bar")]
    rows: list[list[Cell]] = [[text, Decimal("1234.5"), date(2022, 5, 9), 40] for text in HOSTILE]
    paper = Paper("=1+1", "", sections=[Section("[a]/b:*?", Table(columns, rows, none="=2"))])
    scope = Scope(None, date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 2))
    book = openpyxl.load_workbook(io.BytesIO(xlsx.render(paper, scope, mall=place.mall)))
    summary, sheet = book.worksheets
    assert summary["A1"].data_type == "s"
    found = list(sheet.iter_rows(min_row=2))
    assert [row[0].data_type for row in found] == ["s"] * len(HOSTILE)
    assert [row[0].value for row in found] == HOSTILE
    assert [row[1].value for row in found] == [1234.5] * len(HOSTILE)
    assert found[0][2].value.date() == date(2022, 5, 9)
    assert found[0][3].value == 40


def test_the_place_before_the_date_is_the_region_without_its_kind(place: Place) -> None:
    for region, said in (
        ("Kota Kendari", "Kendari"),
        ("Kabupaten Kutai Timur", "Kutai Timur"),
        ("Uji", "Uji"),
    ):
        place.mall.region = region
        assert pdf.place_of(place.mall) == said


@pytest.mark.parametrize("rows", [0, 1, 3, *range(26, 38)])
def test_the_signature_never_stands_alone_on_a_page(
    place: Place, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """With the last three rows it goes on to the next page; of fewer rows all go, with their heading."""
    places: dict[str, list[int]] = {}

    def ask_instead(template: Any, **given: Any) -> bytes:
        for name in ("kept", "signature"):
            places[name] = json.loads(typst.query(template, f"<{name}>", field="value", **given))
        return b""

    monkeypatch.setattr(typst, "compile", ask_instead)
    day = date(2026, 1, 2)
    listed = Table(
        [Column("Instansi"), Column("Jumlah", "number")], [["Uji", row] for row in range(rows)], "–"
    )
    paper = Paper("Uji", "", sections=[Section("Satu", listed)])
    pdf.render(paper, Scope(None, day, day, day), mall=place.mall, made_at=clock.now(), asked_by="Uji")
    assert places["kept"] == (places["signature"] if rows else [])
    if rows not in range(26, 36):
        assert places["signature"] == [1 if rows < 26 else 2]

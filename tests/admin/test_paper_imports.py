"""Promises, work plans, milestones, letters and meetings as files: by the same rules as by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import models
from django.test import Client

from agreements import actions
from agreements.enums import InstrumentState
from agreements.models import (
    Decision,
    Instrument,
    Letter,
    Meeting,
    Milestone,
    PlanMove,
    Promise,
    WorkItem,
    WorkStep,
)
from mpp.core import clock
from mpp.core.models import ImportRun
from services.models import OpeningHours
from tenants.models import Agency
from tests import factories as make
from tests.admin.conftest import make_instrument, send, url
from tests.admin.test_imports import confirm, exported, text
from tests.admin.test_workbooks import undo
from tests.conftest import Place

pytestmark = pytest.mark.django_db
SINCE = date(2026, 1, 5)
TODAY = date(2026, 3, 2)


def brought(admin: Client, model: type[models.Model], *rows: dict[str, Any]) -> Any:
    """Import the rows; they are good, and a second time nothing changes."""
    content = text([{name: str(cell) for name, cell in row.items()} for row in rows])
    page = send(admin, model, content)
    assert page.context["result"].problems == []
    done = confirm(admin, model, page)
    again = send(admin, model, content).context["result"]
    assert (again.problems, again.totals["skip"]) == ([], len(rows))
    return done


def refused(admin: Client, model: type[models.Model], *rows: dict[str, Any]) -> list[str]:
    before = list(model._default_manager.order_by("pk").values())
    page = send(admin, model, text([{name: str(cell) for name, cell in row.items()} for row in rows]))
    assert "confirm_form" not in page.context
    assert list(model._default_manager.order_by("pk").values()) == before
    return list(page.context["result"].problems)


def taken_back(admin: Client) -> Any:
    return undo(admin, ImportRun.objects.latest("pk"))


# Promises


@pytest.fixture
def hall(place: Place) -> Place:
    """A mall that is open on Mondays and Tuesdays from nine to three."""
    OpeningHours.objects.all().delete()
    for weekday in (1, 2):
        OpeningHours.objects.create(
            weekday=weekday, opens_at=time(9), closes_at=time(15), valid_from=date(2025, 1, 1)
        )
    return place


@pytest.fixture
def paper(hall: Place, bank: Agency) -> Instrument:
    return make_instrument(bank, state=InstrumentState.SIGNED)


def promise_row(paper: Instrument, **cells: Any) -> dict[str, Any]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return {
        "agency": paper.agency.code,
        "version": 1,
        "instrument": paper.code,
        "valid_from": SINCE,
        **dict.fromkeys(days, ""),
        "tuesday": "09:00-12:00, 13:00-14:00 x2",
        **cells,
    }


def test_a_promise_comes_in_as_a_draft_and_holds_when_its_instrument_does(
    admin: Client, hall: Place, paper: Instrument
) -> None:
    service = make.make_service(paper.agency)
    line = make.make_queue(service)
    counter = make.make_counter(paper.agency, hall.zone)
    brought(admin, Promise, promise_row(paper, counters=counter.code, services=f"{service.code}:30"))
    promise = Promise.objects.get()
    [day] = promise.days.all()
    assert (day.weekday, day.opens_at, day.break_from, day.break_to, day.closes_at, day.officers) == (
        2,
        time(9),
        time(12),
        time(13),
        time(14),
        2,
    )
    assert promise.enacted_at is None
    assert not OpeningHours.objects.filter(agency=paper.agency).exists()
    with clock.frozen(clock.aware(datetime.combine(TODAY, time(8)))):
        actions.set_state(instrument=paper, state=InstrumentState.IN_FORCE)
    hours = OpeningHours.objects.get(agency=paper.agency)
    assert (hours.weekday, hours.opens_at, hours.break_to) == (2, time(9), time(13))
    line.refresh_from_db()
    assert line.daily_quota == 30


def test_a_promise_whose_instrument_is_in_force_waits_for_its_button(
    admin: Client, hall: Place, bank: Agency
) -> None:
    paper = make_instrument(bank)
    done = brought(admin, Promise, promise_row(paper))
    told = " ".join(str(each) for each in get_messages(done.wsgi_request))
    assert "1 janji menunggu: naskahnya sudah berlaku." in told
    promise = Promise.objects.get()
    page = url(Promise, "put_in_force", promise.pk)
    assert page in admin.get(url(Promise, "change", promise.pk)).content.decode()
    assert admin.post(page, {}).status_code == 302
    promise.refresh_from_db()
    assert promise.enacted_at is not None
    assert OpeningHours.objects.filter(agency=bank, weekday=2).exists()
    answer = taken_back(admin)
    assert answer.status_code == 409
    assert "sudah berubah sesudah diimpor" in answer.content.decode()
    assert Promise.objects.exists()


def test_a_button_puts_nothing_in_force_before_its_instrument(admin: Client, paper: Instrument) -> None:
    brought(admin, Promise, promise_row(paper))
    promise = Promise.objects.get()
    assert admin.post(url(Promise, "put_in_force", promise.pk), {}).status_code == 409
    promise.refresh_from_db()
    assert promise.enacted_at is None


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"tuesday": "pagi"}, "Baris 2, kolom tuesday: “pagi” tidak terbaca."),
        ({"tuesday": "14:00-09:00"}, "Baris 2, kolom tuesday: jamnya tidak berurutan."),
        ({"tuesday": "09:00-12:00, 11:00-14:00"}, "Baris 2, kolom tuesday: jamnya tidak berurutan."),
        ({"tuesday": "08:00-14:00"}, "Baris 2, kolom tuesday: Selasa 08.00–14.00 di luar jam mal"),
        ({"sunday": "09:00-14:00"}, "Baris 2, kolom sunday: Minggu: mal tutup pada hari itu."),
        ({"tuesday": ""}, "Baris 2, kolom monday: Isi sedikitnya satu hari."),
        ({"valid_from": "2025-01-01"}, "Baris 2, kolom valid_from: Janji mulai sebelum naskahnya berlaku."),
        ({"instrument": "KSB-LAIN"}, "Baris 2, kolom instrument: Naskah itu milik instansi lain."),
        ({"counters": "L-LAIN"}, "Baris 2, kolom counters: "),
        ({"services": "SV-LAIN:3"}, "Baris 2, kolom services: "),
        ({"services": "SV-BANK:3 SV-BANK:4"}, "Baris 2, kolom services: ada layanan yang tertulis dua kali."),
        ({"services": "SV-BANK:banyak"}, "Baris 2, kolom services: “SV-BANK:banyak” tidak terbaca."),
        ({"services": "TIDAK-ADA"}, "Baris 2, kolom services: Layanan “TIDAK-ADA” tidak ditemukan."),
    ],
)
def test_what_contradicts_the_hall_is_named_in_its_column(
    admin: Client, hall: Place, paper: Instrument, cells: dict[str, str], words: str
) -> None:
    make_instrument(hall.agency, code="KSB-LAIN")
    make.make_counter(hall.agency, hall.zone, code="L-LAIN")
    make.make_service(hall.agency, code="SV-LAIN")
    make.make_service(paper.agency, code="SV-BANK")
    [problem] = refused(admin, Promise, promise_row(paper, counters="", services="") | cells)
    assert problem.startswith(words)


def test_a_promise_in_force_is_changed_by_its_next_version_alone(admin: Client, paper: Instrument) -> None:
    brought(admin, Promise, promise_row(paper))
    actions.set_state(instrument=paper, state=InstrumentState.IN_FORCE)
    [problem] = refused(admin, Promise, promise_row(paper, tuesday="09:00-15:00"))
    assert "Baris 2: Janji yang sudah berlaku tidak diubah lagi." in problem
    [row] = exported(admin, Promise)
    assert row["tuesday"] == "09:00-12:00, 13:00-14:00 x2"
    assert send(admin, Promise, text([row])).context["result"].totals["skip"] == 1


def test_an_import_of_promises_goes_back_whole(admin: Client, paper: Instrument) -> None:
    brought(admin, Promise, promise_row(paper))
    service = make.make_service(paper.agency)
    brought(admin, Promise, promise_row(paper, monday="09:00-10:00", services=service.code))
    assert taken_back(admin).status_code == 302
    promise = Promise.objects.get()
    assert [day.weekday for day in promise.days.all()] == [2]
    assert not promise.services.exists()
    first = ImportRun.objects.order_by("pk")[0]
    assert undo(admin, first).status_code == 302
    assert not Promise.objects.exists()


# Work plans


def work_row(agency: Agency, **cells: Any) -> dict[str, Any]:
    return {
        "agency": agency.code,
        "title": "Menempatkan petugas",
        "target": "2,5",
        "unit": "orang",
        "owner": "Kepala seksi",
        "due_on": TODAY,
        "progress": 0,
        "done_on": "",
        "evidence": "",
        "reason": "",
        **cells,
    }


def test_work_comes_in_with_how_far_it_is(admin: Client, place: Place) -> None:
    first = work_row(place.agency, progress=40)
    done = work_row(place.agency, title="Menyewa loket", progress=100, evidence="Kontrak 3/2026")
    brought(admin, WorkItem, first, done)
    item, other = WorkItem.objects.order_by("pk")
    assert (item.target, item.progress, item.done_on) == (Decimal("2.5"), 40, None)
    assert (other.progress, other.done_on) == (100, clock.today())
    assert taken_back(admin).status_code == 302
    assert not WorkItem.objects.exists()


def test_progress_and_due_dates_go_through_their_acts_with_the_reason_of_the_file(
    admin: Client, place: Place
) -> None:
    brought(admin, WorkItem, work_row(place.agency))
    changes = {"progress": 60, "due_on": TODAY + timedelta(days=7)}
    [problem] = refused(admin, WorkItem, work_row(place.agency, **changes))
    assert problem == "Baris 2, kolom reason: tulis alasan tenggat atau kemajuan ini berubah."
    brought(admin, WorkItem, work_row(place.agency, **changes, reason="Surat tugas terbit", unit="petugas"))
    item = WorkItem.objects.get()
    assert (item.progress, item.due_on, item.unit) == (60, TODAY + timedelta(days=7), "petugas")
    [step] = WorkStep.objects.all()
    assert (step.before, step.after, step.note, step.by_name) == (0, 60, "Surat tugas terbit", "admin")
    assert taken_back(admin).status_code == 302
    item.refresh_from_db()
    assert (item.progress, item.due_on, item.unit) == (0, TODAY, "orang")
    assert WorkStep.objects.latest("pk").note == "Impor dibatalkan"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"progress": 100}, "Baris 2, kolom evidence: Tulis buktinya atau lampirkan berkas"),
        ({"progress": 101}, "Baris 2, kolom progress: ditulis 0 sampai 100."),
        (
            {"progress": 100, "evidence": "x", "done_on": "2090-01-01"},
            "Baris 2, kolom done_on: Tanggal selesai",
        ),
        ({"done_on": TODAY}, "Baris 2, kolom done_on: hanya diisi bila kemajuannya 100."),
        ({"target": "banyak"}, "Baris 2, kolom target: harus angka, misalnya 25 atau 2,5."),
        ({"instrument": "KSB-BNK"}, "Baris 2, kolom instrument: Naskah itu milik instansi lain."),
        ({"reason": "x" * 301}, "Baris 2, kolom reason: terlalu panjang"),
    ],
)
def test_what_no_work_plan_takes_is_named_in_its_column(
    admin: Client, place: Place, bank: Agency, cells: dict[str, Any], words: str
) -> None:
    make_instrument(bank)
    [problem] = refused(admin, WorkItem, work_row(place.agency, instrument="") | cells)
    assert problem.startswith(words)


def test_two_rows_alike_are_left_to_their_pages(admin: Client, place: Place) -> None:
    brought(admin, WorkItem, work_row(place.agency))
    item = WorkItem.objects.get()
    item.pk = None
    item.save(force_insert=True)
    assert refused(admin, WorkItem, work_row(place.agency, unit="petugas")) == [
        "Baris 2, kolom title: ada lebih dari satu baris seperti ini. Ubah di halamannya."
    ]


# Milestones


def milestone_row(**cells: Any) -> dict[str, Any]:
    return {
        "code": "BUKA",
        "position": 1,
        "stage": "INAUGURATION",
        "title": "Peresmian",
        "planned_on": "2026-02-01",
        "actual_on": "",
        "evidence": "",
        "source": "",
        "is_sample": 0,
        "reason": "",
        **cells,
    }


def test_a_plan_moves_by_file_with_its_reason_and_back(admin: Client, place: Place) -> None:
    brought(admin, Milestone, milestone_row())
    moved = {"planned_on": "2026-02-10"}
    assert refused(admin, Milestone, milestone_row(**moved)) == [
        "Baris 2, kolom reason: tulis alasan rencana ini digeser."
    ]
    brought(admin, Milestone, milestone_row(**moved, reason="Gedung belum siap"))
    [move] = PlanMove.objects.all()
    assert (move.before, move.after, move.reason) == (
        date(2026, 2, 1),
        date(2026, 2, 10),
        "Gedung belum siap",
    )
    assert taken_back(admin).status_code == 302
    assert Milestone.objects.get().planned_on == date(2026, 2, 1)
    assert refused(admin, Milestone, milestone_row(planned_on="")) == [
        "Baris 2, kolom planned_on: rencana yang sudah ada tidak dikosongkan."
    ]


def test_what_came_true_is_noted_by_file_and_taken_back(admin: Client, place: Place) -> None:
    brought(admin, Milestone, milestone_row())
    came = {"actual_on": "2026-02-03"}
    [problem] = refused(admin, Milestone, milestone_row(**came))
    assert problem == "Baris 2: Tahapan yang terlaksana memerlukan bukti atau sumber."
    brought(admin, Milestone, milestone_row(**came, evidence="Berita acara 5/2026"))
    [problem] = refused(
        admin, Milestone, milestone_row(**came, evidence="x", planned_on="2026-03-01", reason="x")
    )
    assert problem.startswith("Baris 2, kolom planned_on: Tahapan ini sudah terlaksana.")
    [problem] = refused(admin, Milestone, milestone_row())
    assert problem == "Baris 2, kolom reason: tulis alasan tanggal terlaksana ini dihapus."
    assert taken_back(admin).status_code == 302
    milestone = Milestone.objects.get()
    assert (milestone.actual_on, milestone.evidence) == (None, "")
    [problem] = refused(admin, Milestone, milestone_row(actual_on="2090-01-01", evidence="x"))
    assert problem == "Baris 2, kolom actual_on: tanggal itu belum tiba."


# Letters


def letter_row(**cells: Any) -> dict[str, Any]:
    return {
        "direction": "IN",
        "number": "503/12/2026",
        "date": "2026-02-01",
        "counterpart": "Kementerian PANRB",
        "subject": "Undangan",
        **cells,
    }


def test_letters_come_in_and_go_back(admin: Client, place: Place, bank: Agency) -> None:
    brought(admin, Letter, letter_row(), letter_row(direction="OUT", subject="Jawaban"))
    assert Letter.objects.count() == 2
    make_instrument(bank)
    [problem] = refused(admin, Letter, letter_row(number="9", agency=place.agency.code, instrument="KSB-BNK"))
    assert problem == "Baris 2, kolom instrument: naskah itu milik instansi lain."
    [problem] = refused(admin, Letter, letter_row(date="2026-05-01", counterpart="KEMENTERIAN PANRB"))
    assert "Nomor surat ini sudah tercatat untuk pihak itu di tahun yang sama." in problem
    assert taken_back(admin).status_code == 302
    assert not Letter.objects.exists()


# Meetings


def meeting_row(**cells: Any) -> dict[str, Any]:
    return {
        "date": "2026-02-01",
        "title": "Rapat persiapan",
        "kind": "MEETING",
        "place": "Aula",
        "agencies": "",
        "attendees": "",
        "decisions": "",
        **cells,
    }


def test_a_meeting_comes_in_with_who_came_and_what_was_decided(
    admin: Client, place: Place, bank: Agency
) -> None:
    row = meeting_row(
        agencies=f"{bank.code} {place.agency.code}",
        attendees=f"Siti | Kepala DPMPTSP\nBudi | Plt. Direktur | {bank.code}",
        decisions=f"Menyiapkan loket | Kepala seksi | 2026-03-01 | {bank.code}\nMencetak papan nama",
    )
    brought(admin, Meeting, row)
    meeting = Meeting.objects.get()
    assert set(meeting.agencies.all()) == {bank, place.agency}
    assert [(each.name, each.agency) for each in meeting.attendees.order_by("pk")] == [
        ("Siti", None),
        ("Budi", bank),
    ]
    first, second = meeting.decisions.order_by("pk")
    assert (first.owner, first.due_on, first.agency) == ("Kepala seksi", date(2026, 3, 1), bank)
    assert (second.text, second.owner, second.due_on) == ("Mencetak papan nama", "", None)
    assert exported(admin, Meeting)[0]["attendees"] == row["attendees"]
    assert taken_back(admin).status_code == 302
    assert not Meeting.objects.exists()


def test_a_decision_that_became_work_stays(admin: Client, bank: Agency) -> None:
    brought(admin, Meeting, meeting_row(decisions="Menyiapkan loket\nMencetak papan nama"))
    decision = Decision.objects.get(text="Menyiapkan loket")
    actions.make_work_item(
        decision=decision, agency=bank, target=Decimal(1), unit="loket", owner="Kepala", due_on=TODAY
    )
    [problem] = refused(admin, Meeting, meeting_row(decisions="Mencetak papan nama"))
    assert problem.startswith(
        "Baris 2, kolom decisions: “Menyiapkan loket” sudah menjadi butir rencana kerja."
    )
    assert taken_back(admin).status_code == 409
    brought(admin, Meeting, meeting_row(decisions="Menyiapkan loket"))
    assert [each.pk for each in Decision.objects.all()] == [decision.pk]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"attendees": "Siti"}, "kolom attendees: “Siti”, jabatan: wajib diisi."),
        (
            {"attendees": "Siti | Kepala | TIDAK-ADA"},
            "kolom attendees: Instansi “TIDAK-ADA” tidak ditemukan.",
        ),
        ({"attendees": "a | b | c | d"}, "kolom attendees: “a | b | c | d” punya terlalu banyak bagian."),
        (
            {"attendees": "x" * 121 + " | b"},
            "kolom attendees: nama terlalu panjang, paling banyak 120 huruf.",
        ),
        (
            {"decisions": "Loket | Kepala | besok"},
            "kolom decisions: “Loket | Kepala | besok”, tenggat: “besok”",
        ),
    ],
)
def test_a_line_of_a_meeting_that_cannot_be_read_is_quoted(
    admin: Client, place: Place, cells: dict[str, str], words: str
) -> None:
    [problem] = refused(admin, Meeting, meeting_row() | cells)
    assert problem.startswith(f"Baris 2, {words}")

"""The way of a mall: planned, moved, come true; and as a picture. Kendari's is the test (R003-2)."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from agreements import actions
from agreements.deadlines import Against, Standing, against, words
from agreements.milestones import events
from agreements.models import Letter, Milestone, PlanMove
from agreements.timeline import MARK, WIDTH, Event, draw
from mpp.core import clock
from mpp.core.errors import Refusal
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import url
from tests.conftest import Place
from tests.support.papers import make_pdf

PLANNED, OPENED, TODAY = date(2022, 5, 9), date(2022, 10, 4), date(2022, 12, 1)


def make_milestone(**fields: Any) -> Milestone:
    """The opening of Kendari's mall, planned for the city's birthday."""
    values = {"code": "BUKA", "stage": "INAUGURATION", "title": "Pembukaan", "planned_on": PLANNED} | fields
    return Milestone.objects.create(**values)


@pytest.mark.parametrize(
    ("planned", "actual", "said"),
    [
        (PLANNED, OPENED, "terlambat 148 hari"),
        (PLANNED, PLANNED, "tepat waktu"),
        (PLANNED, PLANNED - timedelta(days=3), "lebih cepat 3 hari"),
        (TODAY - timedelta(days=12), None, "sudah lewat 12 hari"),
        (TODAY + timedelta(days=34), None, "34 hari lagi"),
        (TODAY, None, "hari ini"),
        (None, None, "belum dijadwalkan"),
        (None, OPENED, "terlaksana"),
    ],
)
def test_a_plan_and_what_happened_in_words(planned: date | None, actual: date | None, said: str) -> None:
    assert words(against(planned, actual, TODAY), has_happened=actual is not None) == said


@pytest.mark.django_db
def test_kendari_opened_148_days_late_and_everybody_sees_it(client: Client, place: Place) -> None:
    milestone = make_milestone()
    actions.note_actual(
        milestone=milestone, actual_on=OPENED, source="https://sultra.antaranews.com/amp/berita/429865/"
    )
    client.force_login(make.make_user(Role.ADMIN))
    page = client.get(url(Milestone, "changelist")).content.decode()
    assert page.count("terlambat 148 hari") == 3  # the picture, its description, the table
    assert "9 Mei 2022" in page
    assert "4 Okt. 2022" in page


@pytest.mark.django_db
def test_a_moved_plan_keeps_the_days_before_it() -> None:
    milestone = make_milestone()
    actions.move_plan(milestone=milestone, planned_on=date(2022, 8, 17), reason="Gedung belum selesai")
    actions.move_plan(milestone=milestone, planned_on=date(2022, 9, 30), reason="Jadwal Menteri")
    moves = PlanMove.objects.values_list("before", "after", "reason")
    assert list(moves) == [
        (PLANNED, date(2022, 8, 17), "Gedung belum selesai"),
        (date(2022, 8, 17), date(2022, 9, 30), "Jadwal Menteri"),
    ]
    [event] = events(Milestone.objects.prefetch_related("moves"))
    assert event.earlier == (PLANNED, date(2022, 8, 17))
    actions.note_actual(milestone=milestone, actual_on=OPENED, evidence="Berita acara")
    with pytest.raises(Refusal, match="has_happened"):
        actions.move_plan(milestone=milestone, planned_on=OPENED, reason="x")


@pytest.mark.django_db
def test_what_happened_has_come_and_can_be_shown() -> None:
    milestone = make_milestone()
    with pytest.raises(Refusal, match="in_the_future"):
        actions.note_actual(milestone=milestone, actual_on=clock.today() + timedelta(days=1), evidence="x")
    with pytest.raises(Refusal) as refused:
        actions.note_actual(milestone=milestone, actual_on=OPENED)
    assert "memerlukan bukti atau sumber" in str(refused.value.message)
    manager = make.make_user(Role.FLOOR_MANAGER)
    with pytest.raises(Refusal, match="forbidden"):
        actions.move_plan(milestone=milestone, planned_on=OPENED, reason="x", by=manager)


def test_the_picture_has_a_row_for_each_event_in_order_of_time() -> None:
    later = Event("Operasional", date(2022, 10, 10), None)
    picture = draw([Event("Pembukaan", PLANNED, OPENED, (date(2022, 4, 1),)), later], TODAY)
    assert picture is not None
    opening, operating = picture.rows
    assert opening.planned_x
    assert opening.actual_x
    assert 0 < opening.earlier_x[0] < opening.planned_x < opening.actual_x < WIDTH
    assert opening.gap == (opening.planned_x + MARK, opening.actual_x)
    assert operating.against == Against(Standing.OVERDUE, 52)
    assert operating.gap is not None
    assert operating.gap[1] == picture.today_x
    places = [tick.x for tick in picture.ticks]
    assert places == sorted(places)
    assert all(0 <= place <= WIDTH for place in places)
    assert picture.ticks[0].day.day == 1


@pytest.mark.parametrize("years", [0, 1, 3, 8, 25])
def test_the_marks_of_time_stay_readable(years: int) -> None:
    picture = draw([Event("x", date(2020, 1, 31), date(2020 + years, 3, 1))], TODAY)
    assert picture is not None
    gaps = [b.x - a.x for a, b in zip(picture.ticks, picture.ticks[1:], strict=False)]
    assert 1 <= len(picture.ticks) <= 9
    assert all(gap > 70 for gap in gaps)


def test_without_any_day_there_is_no_picture() -> None:
    assert draw([Event("x", None, None)], TODAY) is None
    assert draw([], TODAY) is None


@pytest.mark.django_db
def test_a_number_of_a_letter_is_used_once_a_year_by_each_side(place: Place) -> None:
    letter: dict[str, Any] = {
        "direction": "IN",
        "number": "B/45/2026",
        "date": date(2026, 3, 1),
        "counterpart": "Kementerian PANRB",
        "subject": "Pemantauan tahapan",
    }
    Letter.objects.create(**letter)
    for other in ({"direction": "OUT"}, {"date": date(2027, 1, 1)}, {"counterpart": "Pemprov"}):
        Letter.objects.create(**{**letter, **other})
    again = {**letter, "number": "b/45/2026", "date": date(2026, 12, 31), "counterpart": "KEMENTERIAN PANRB"}
    with pytest.raises(IntegrityError, match="number_once_a_year"), transaction.atomic():
        Letter.objects.create(**again)


@pytest.mark.django_db
def test_a_number_that_is_taken_is_said_where_it_was_typed(client: Client, place: Place) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    sent = {
        "direction": "IN",
        "number": "1/2026",
        "date": "2026-03-01",
        "counterpart": "Pemprov",
        "subject": "x",
    }
    assert client.post(url(Letter, "add"), sent).status_code == 302
    assert "sudah tercatat untuk pihak itu" in client.post(url(Letter, "add"), sent).content.decode()


@pytest.mark.django_db
def test_the_paper_of_a_letter_is_kept_replaced_and_detached(
    client: Client, place: Place, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client.force_login(make.make_user(Role.ADMIN))
    sent: dict[str, Any] = {
        "direction": "OUT",
        "number": "503/1",
        "date": "2026-03-01",
        "counterpart": "Kementerian PANRB",
        "subject": "Usulan",
    }
    first, second = make_pdf(), make_pdf(b"<< /Type /Annot >>")
    hostile = SimpleUploadedFile("surat.pdf", make_pdf(b"<< /S /JavaScript >>"))
    refused = client.post(url(Letter, "add"), {**sent, "file": hostile})
    assert "berisi program" in refused.content.decode()
    client.post(url(Letter, "add"), {**sent, "file": SimpleUploadedFile("../Surat usulan.pdf", first)})
    letter = Letter.objects.get()
    assert (letter.file_name, letter.file_size) == ("Surat usulan.pdf", len(first))
    assert letter.file_sha256 == hashlib.sha256(first).hexdigest()
    change = url(Letter, "change", letter.pk)
    assert "Surat usulan.pdf" in client.get(change).content.decode()
    client.post(change, {**sent, "file": SimpleUploadedFile("Usulan baru.pdf", second)})
    letter.refresh_from_db()
    assert (letter.file_name, letter.file_sha256) == ("Usulan baru.pdf", hashlib.sha256(second).hexdigest())
    client.post(change, {**sent, "subject": "Usulan pembentukan"})
    letter.refresh_from_db()
    assert (letter.subject, letter.file_name) == ("Usulan pembentukan", "Usulan baru.pdf")
    client.post(change, {**sent, "file-clear": "on"})
    letter.refresh_from_db()
    assert (bool(letter.file), letter.file_name, letter.file_sha256) == (False, "", "")
    assert "Usulan baru.pdf" in client.get(url(Letter, "history", letter.pk)).content.decode()

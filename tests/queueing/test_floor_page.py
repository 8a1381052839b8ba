"""The floor view without a browser: what it shows, to whom, and what a press answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mpp.core import clock, revision
from queueing import actions
from queueing.enums import AlertKind
from queueing.floor import pulse
from queueing.floor.page import floor_for
from queueing.models import AlertRule, CounterMove, CounterSession
from services.actions import start_disruption
from tenants.enums import Role
from tenants.models import Agency, User
from tests import factories as make
from tests.conftest import Place
from tests.support.console import HX
from tests.support.full_hall import TUESDAY, Hall, make_hall


@pytest.fixture
def hall(db: None) -> Any:
    """Seven agencies, with the clock held at 09.44."""
    with clock.frozen(TUESDAY):
        yield make_hall("ADEJLHS")


@pytest.fixture
def manager(client: Client, place: Place) -> User:
    user = make.make_user(Role.FLOOR_MANAGER, username="rina", first_name="Rina")
    client.force_login(user)
    return user


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_mall_at_a_glance(client: Client, hall: Hall) -> None:
    page = floor_for(hall.manager)
    figures = page.figures
    assert (figures.waiting, figures.longest, figures.longest_name) == (47, 41, "Samsat")
    assert (figures.open_counters, figures.counters, figures.served) == (12, 14, 0)
    rows = {row.queue.prefix: row for row in page.rows}
    assert list(rows) == ["A", "D", "E", "J", "L"]
    assert [row.queue.prefix for row in page.quiet] == ["H", "S"]
    samsat = rows["D"]
    assert (samsat.waiting, samsat.longest, samsat.left) == (23, 41, 35)
    assert (samsat.presence.dots, samsat.word) == ("●●○", "Kurang petugas")
    assert samsat.done_from is not None
    assert samsat.done_to is not None
    assert TUESDAY < samsat.done_from < samsat.done_to
    assert rows["A"].word == "Cukup"
    assert page.quiet[0].left is None


def test_what_is_most_urgent_stands_first_and_one_row_is_red(client: Client, hall: Hall) -> None:
    page = floor_for(hall.manager)
    assert [(item.kind, item.is_hot) for item in page.items] == [
        (AlertKind.UNMANNED, True),
        (AlertKind.UNMANNED, False),
        (AlertKind.PEOPLE, False),
    ]
    first = page.items[0]
    assert first.title == "Loket 6 belum ada petugas"
    assert first.note == "Samsat, 104 menit. Hadir 2 dari 3."
    assert page.hot == hall.queues["D"].pk
    client.force_login(hall.manager)
    html = client.get("/lantai/").content.decode()
    assert len(re.findall(r'class="[^"]*\bis-hot\b', html)) == 3  # the figure, the row, its alert
    AlertRule.objects.filter(kind=AlertKind.UNMANNED).update(limit=200)
    AlertRule.objects.filter(kind=AlertKind.WAIT).update(limit=40)
    AlertRule.objects.filter(kind=AlertKind.PEOPLE).update(is_active=False)
    assert [item.title for item in floor_for(hall.manager).items] == ["Samsat: terlama 41 menit"]


def test_a_call_for_help_is_the_one_red_thing(client: Client, hall: Hall) -> None:
    session = hall.sessions("A")[0]
    actions.call_help(session=session, kind="SICK", by=session.user)
    client.force_login(hall.manager)
    html = client.get("/lantai/").content.decode()
    assert "Loket 1, Dukcapil, memanggil bantuan" in html
    assert "is-hot" not in html


def test_promised_officers_late_openings_and_who_never_came(hall: Hall) -> None:
    Agency.objects.filter(pk=hall.agencies["D"].pk).update(promised_officers=2)
    actions.close_for(session=hall.sessions("S")[0], reason="uji", by=hall.manager)
    presences = {one.agency.short_name: one for one in floor_for(hall.manager).presences}
    assert (presences["Samsat"].promised, presences["Samsat"].present) == (2, 2)
    assert (presences["Dukcapil"].promised, presences["Dukcapil"].late) == (3, 3)
    assert presences["Polres"].late == 21
    # Two officers were promised and two are there: the third counter is closed, not empty.
    states = {tile.counter.number: tile.state for tile in floor_for(hall.manager).tiles}
    assert (states["6"], states["10"], states["14"]) == ("shut", "empty", "empty")


def test_tiles_tell_who_serves_whom_and_how_long(hall: Hall) -> None:
    tiles = {tile.counter.number: tile for tile in floor_for(hall.manager).tiles}
    first = tiles["1"]
    assert first.ticket is not None
    assert (first.state, first.ticket.label, first.elapsed) == ("serving", "A-001", "11.57")
    assert (first.promise, first.minutes_over) == (15, 0)
    with clock.frozen(TUESDAY + timedelta(minutes=10)):
        later = {tile.counter.number: tile for tile in floor_for(hall.manager).tiles}
    assert later["1"].minutes_over == 6
    assert (tiles["13"].state, tiles["13"].minutes) == ("paused", 19)
    assert (tiles["6"].state, tiles["6"].minutes) == ("empty", 104)
    assert tiles["14"].state == "ready"


def test_before_opening_and_in_the_break_no_counter_is_empty(hall: Hall) -> None:
    for hour, minute in ((7, 30), (12, 20), (15, 30)):
        with clock.frozen(TUESDAY.replace(hour=hour, minute=minute)):
            page = floor_for(hall.manager)
            assert all(tile.state != "empty" for tile in page.tiles)
    with clock.frozen(TUESDAY.replace(hour=12, minute=20)):
        words = {row.queue.prefix: row.word for row in floor_for(hall.manager).rows}
    assert words["D"] == "Istirahat"


def test_a_queue_that_cannot_finish_says_past_what(hall: Hall) -> None:
    for _each in range(30):
        make.issue(hall.services["D"], channel="KIOSK")
    with clock.frozen(TUESDAY.replace(hour=13, minute=30)):
        page = floor_for(hall.manager)
    [row] = [row for row in page.rows if row.queue.prefix == "D"]
    assert row.late > 5
    assert row.word == "Lewat 15.00"
    assert any(item.title.startswith("Samsat selesai ") for item in page.items)


def test_trouble_full_queues_and_announcements_are_told(client: Client, hall: Hall) -> None:
    start_disruption(agency=hall.agencies["E"], message="SKCK daring tidak menjawab")
    actions.announce(text="Parkir penuh", ends_at=TUESDAY + timedelta(hours=1), by=hall.manager)
    for _each in range(4):
        make.issue(hall.services["L"], channel="KIOSK")
    client.force_login(hall.manager)
    response = client.get("/lantai/")
    words = {row.queue.prefix: row.word for row in response.context["page"].rows}
    assert (words["E"], words["L"]) == ("Gangguan", "Penuh")
    shown = text(response)
    assert "Polres: SKCK daring tidak menjawab" in shown
    assert "Parkir penuh" in shown
    assert "Nomor Kementerian Agama habis" in shown


def test_looking_asks_the_same_few_questions_however_large_the_mall(place: Place, manager: User) -> None:
    def count() -> int:
        floor_for(manager)
        with CaptureQueriesContext(connection) as queries:
            floor_for(manager)
        return len(queries)

    make.open_session(place.agency, place.counter, place.officer)
    few = count()
    for _each in range(5):
        agency = make.make_agency()
        make.make_queue(make.make_service(agency))
        make.open_session(agency)
    assert count() == few <= 30


def test_an_auditor_looks_and_finds_nothing_to_press(client: Client, hall: Hall) -> None:
    client.force_login(make.make_user(Role.AUDITOR))
    html = client.get("/lantai/").content.decode()
    assert "Samsat" in html
    assert re.findall(r'action="([^"]+)"', html) == ["/akun/keluar/"]
    assert client.post("/lantai/saran/").status_code == 403


def test_an_empty_mall_has_nothing_urgent(client: Client, place: Place, manager: User) -> None:
    shown = text(client.get("/lantai/"))
    assert "Tidak ada yang mendesak." in shown
    assert "Saran belum dihitung." in shown
    assert "1 antrean lain: tidak ada yang menunggu." in shown


def test_on_a_day_without_hours_people_who_wait_where_nobody_came_are_told(
    place: Place, manager: User
) -> None:
    AlertRule.objects.update_or_create(kind=AlertKind.WAIT, defaults={"limit": 30})
    with clock.frozen(TUESDAY):
        make.issue(place.service)
    with clock.frozen(TUESDAY + timedelta(minutes=31)):
        # No counter counts as empty yet: who would say when it should have been opened?
        assert [item.title for item in floor_for(manager).items] == ["Antrean uji: terlama 31 menit"]


def test_every_press_answers_with_the_floor_as_it_is_then(
    client: Client, place: Place, manager: User
) -> None:
    counter = f"/lantai/loket/{place.counter.pk}"

    def press(path: str, **fields: str) -> str:
        response = client.post(path, fields, headers=HX)
        assert response["X-MPP-Part"] == "floor"
        return text(response)

    assert "Pilih petugas dari daftar." in press(f"{counter}/buka/", officer="siapa", reason="uji")
    assert "Loket 2 dibuka untuk Siti." in press(f"{counter}/buka/", officer="petugas", reason="uji")
    assert "Tulis alasan jeda" in press(f"{counter}/jeda/")
    assert "Loket 2 jeda." in press(f"{counter}/jeda/", reason="Salat")
    assert "Loket 2 melayani lagi." in press(f"{counter}/lanjut/")
    assert "Pilih antrean dari daftar." in press(f"{counter}/pindah/", queue="TIDAK-ADA", reason="uji")
    words = press(f"{counter}/pindah/", queue=place.queue.code, reason="uji")
    assert "Loket 2 hari ini hanya memanggil Antrean uji." in words
    assert "Loket 2 kembali ke antrean semula." in press(f"{counter}/pindah/")
    assert "Loket 2 ditutup." in press(f"{counter}/tutup/", reason="uji")
    assert "Loket 2 sudah tutup." in press(f"{counter}/tutup/", reason="uji")
    assert "hubungi Dukcapil, belum ada nomor telepon" in press(f"{counter}/minta/")
    quota = f"/lantai/antrean/{place.queue.pk}/tambah/"
    assert "hari ini tanpa batas" in press(quota, places="5", reason="uji")
    make.limit(place.queue, 10)
    actions.apply_quota(queue=place.queue)
    assert "Tambahan 1 sampai 500 nomor." in press(quota, places="lima", reason="uji")
    assert "Antrean uji ditambah 5 nomor." in press(quota, places="5", reason="uji")
    assert "Sedang dihitung" in press("/lantai/saran/")
    assert CounterMove.objects.filter(ended_at=None).count() == 0
    assert CounterSession.objects.open().count() == 0


def test_an_announcement_needs_words_a_known_zone_and_an_end(
    client: Client, place: Place, manager: User
) -> None:
    for fields, words in (
        ({"text": "", "minutes": "15"}, "Tulis isi pengumuman."),
        ({"text": "Uji", "minutes": "7"}, "Pilih sampai kapan"),
        ({"text": "Uji", "until": "besok"}, "Tulis jam seperti 14.30."),
        ({"text": "Uji", "until": "00:00"}, "Pengumuman berakhir hari ini"),
        ({"text": "Uji", "minutes": "15", "zone": "tak-ada"}, "Pilih zona dari daftar."),
    ):
        assert words in text(client.post("/lantai/pengumuman/", fields))
    client.post("/lantai/pengumuman/", {"text": "Uji <i>", "minutes": "15", "zone": "kependudukan"})
    html = client.get("/lantai/").content.decode()
    assert "Uji &lt;i&gt;" in html
    assert "Kependudukan" in html


def test_the_mark_changes_with_everything_that_the_page_shows(place: Place, manager: User) -> None:
    marks = [pulse.mark(revision.read())]

    def changed() -> bool:
        marks.append(pulse.mark(revision.read()))
        return marks[-1] != marks[-2]

    assert not changed()
    session = make.open_session(place.agency, place.counter, place.officer)
    assert changed()
    make.issue(place.service)
    assert changed()
    call = actions.call_help(session=session, kind="ASK", by=place.officer)
    assert changed()
    actions.answer_help(call=call, by=manager)
    assert changed()
    until = clock.now() + timedelta(minutes=5)
    actions.announce(text="Uji", ends_at=until, by=manager)
    assert changed()
    # It ends by the clock alone, and the displays hear of it.
    before = pulse.read(revision.read())
    with clock.frozen(until):
        assert pulse.read(revision.read()) != before
    actions.ask_advice(by=manager)
    assert changed()
    actions.pause(session=session, by=place.officer, reason="Salat")
    assert changed()

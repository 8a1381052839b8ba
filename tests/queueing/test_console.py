"""The officer console: opening a counter, a day's work by its buttons, and what is shown of the queue."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mpp.core import clock
from queueing import actions
from queueing.enums import Channel, Priority, TicketState
from queueing.in_hand import minutes_seconds, promise
from queueing.lineup import next_numbers
from queueing.models import CounterSession, QueueDay, QueueService, Ticket
from tenants.enums import AgencyStatus
from tenants.models import Placement
from tests import factories as make
from tests.conftest import Place
from tests.support.console import HX, button, call, same, state_of, step, text


@pytest.fixture
def officer(client: Client, place: Place) -> Client:
    client.force_login(place.officer)
    return client


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


# Opening


def test_the_shift_starts_with_the_usual_counter_as_the_one_big_button(officer: Client, place: Place) -> None:
    usual = make.make_counter(place.agency, place.zone, number="7", position=9)
    Placement.objects.filter(user=place.officer).update(counter=usual)
    page = text(officer.get("/loket/"))
    assert "button-big" in button(page, "console-open")
    assert page.index("Buka loket 7") < page.index("Loket 2")
    assert 'id="console-call"' not in page


def test_without_a_usual_counter_the_last_one_comes_first(officer: Client, place: Place) -> None:
    other = make.make_counter(place.agency, place.zone, number="9", position=9)
    actions.close_counter(session=make.open_session(place.agency, other, place.officer), by=place.officer)
    assert "Buka loket 9" in text(officer.get("/loket/"))


def test_a_taken_counter_shows_who_has_it(officer: Client, place: Place) -> None:
    colleague = make.make_user(agency=place.agency, first_name="Budi")
    make.open_session(place.agency, place.counter, colleague)
    make.make_counter(place.agency, place.zone, number="3", position=3)
    page = text(officer.get("/loket/"))
    assert "dibuka Budi" in page
    assert "Buka loket 3" in page


def test_opening_is_one_press_and_a_redirect(officer: Client, place: Place) -> None:
    response = officer.post("/loket/buka/", {"counter": place.counter.code})
    assert (response.status_code, response["Location"]) == (303, "/loket/")
    session = CounterSession.objects.get()
    assert (session.user, session.counter) == (place.officer, place.counter)
    page = text(officer.get("/loket/"))
    assert "Loket siap" in page
    assert "Tidak ada yang menunggu." in page


def test_a_counter_of_another_agency_is_not_there(officer: Client, place: Place) -> None:
    foreign = make.make_counter(make.make_agency())
    response = officer.post("/loket/buka/", {"counter": foreign.code})
    assert response.status_code == 404
    assert not CounterSession.objects.exists()


def test_a_counter_that_a_colleague_opened_first_is_refused(officer: Client, place: Place) -> None:
    make.open_session(place.agency, place.counter)
    response = officer.post("/loket/buka/", {"counter": place.counter.code})
    assert response.status_code == 409
    assert "Loket ini sedang dibuka petugas lain." in text(response)


def test_a_counter_forgotten_yesterday_keeps_nobody_out(officer: Client, place: Place) -> None:
    with clock.frozen(clock.now() - timedelta(days=1)):
        ticket = make.issue(place.service)
        forgotten = make.open_session(place.agency, place.counter, place.officer)
        actions.call_next(session=forgotten, by=place.officer)
    assert "Buka loket 2" in text(officer.get("/loket/"))
    assert officer.post("/loket/buka/", {"counter": place.counter.code}).status_code == 303
    assert CounterSession.objects.open().get() != forgotten
    assert state_of(ticket) == TicketState.EXPIRED


# The whole journey


@pytest.mark.usefixtures("forenoon")
def test_a_number_is_called_again_served_and_finished(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    waiting = text(officer.get("/loket/"))
    assert "A-001, KTP elektronik hilang atau rusak." in waiting

    assert call(officer, session).status_code == 303
    called = text(officer.get("/loket/"))
    assert "now-called" in called
    assert "Panggilan 1 dari 3. " in called
    assert "Mulai A-001 dulu, atau ulangi panggilannya." in called
    assert "disabled" in button(called, "console-call")

    with clock.frozen(clock.now() + timedelta(seconds=20)):
        step(officer, session, "recall")
        assert "Panggilan 2 dari 3. " in text(officer.get("/loket/"))

    step(officer, session, "start")
    serving = text(officer.get("/loket/"))
    assert "Sedang dilayani" in serving
    assert "janji 15 menit" in serving
    assert "Kartu Keluarga" in serving
    assert "disabled" not in button(serving, "console-call")

    step(officer, session, "finish")
    assert state_of(ticket) == TicketState.DONE
    assert "Hari ini <b>1</b> orang" in text(officer.get("/loket/"))


def test_calling_the_next_records_the_present_one_as_finished(
    officer: Client, place: Place, session: CounterSession
) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    call(officer, session)
    step(officer, session, "start")
    assert "A-001 dicatat selesai." in text(officer.get("/loket/"))
    call(officer, session)
    assert (state_of(first), state_of(second)) == (TicketState.DONE, TicketState.CALLED)


def test_nobody_waiting_is_said_and_the_present_one_stays(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    call(officer, session)
    step(officer, session, "start")
    response = officer.post(f"/loket/{session.pk}/panggil/", headers=HX)
    assert response.status_code == 200
    assert text(response).count("Tidak ada yang menunggu.") >= 2
    assert state_of(ticket) == TicketState.SERVING


def test_a_number_is_put_aside_and_taken_up_again(
    officer: Client, place: Place, session: CounterSession
) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    call(officer, session)
    step(officer, session, "start")
    step(officer, session, "hold")
    page = text(officer.get("/loket/"))
    assert "Ditahan" in page
    assert "disabled" not in button(page, f"resume-{first.pk}")
    call(officer, session)
    step(officer, session, "start")
    assert "disabled" in button(text(officer.get("/loket/")), f"resume-{first.pk}")
    step(officer, session, "finish")
    assert step(officer, session, "resume", seen=str(first.pk)).status_code == 303
    assert (state_of(first), state_of(second)) == (TicketState.SERVING, TicketState.DONE)


def test_a_number_is_sent_to_another_agency_in_two_presses(
    officer: Client, place: Place, session: CounterSession
) -> None:
    other = make.make_queue(make.make_service(make.make_agency(short_name="Samsat")), name="Samsat")
    make.make_queue(make.make_service(make.make_agency(status=AgencyStatus.PREPARING)), name="Belum Siap")
    ticket = make.issue(place.service)
    call(officer, session)
    page = text(officer.get("/loket/"))
    assert f'name="queue" value="{other.code}"' in page
    assert "belum ada petugas" in page
    assert f'value="{place.queue.code}"' not in page
    assert "Belum Siap" not in page
    assert step(officer, session, "transfer", queue=other.code).status_code == 303
    assert "A-001 dialihkan ke Samsat." in text(officer.get("/loket/"))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.line.queue, ticket.label) == (TicketState.WAITING, other, "A-001")


@pytest.mark.parametrize("code", ["", "TIDAK-ADA"])
def test_a_transfer_to_nowhere_changes_nothing(
    officer: Client, place: Place, session: CounterSession, code: str
) -> None:
    ticket = make.issue(place.service)
    call(officer, session)
    response = step(officer, session, "transfer", queue=code)
    assert response.status_code == 404
    assert "Antrean tujuan tidak ada." in text(response)
    assert state_of(ticket) == TicketState.CALLED


def test_nobody_comes_and_the_number_is_marked(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    call(officer, session)
    for calls in (1, 2):
        page = text(officer.get("/loket/"))
        assert "disabled" in button(page, "deed-no-show")
        assert f"Baru {calls} dari 3 panggilan." in page
        assert step(officer, session, "no-show").status_code == 409
        ticket = make.call_again(Ticket.objects.get(), place.officer)
    page = text(officer.get("/loket/"))
    assert "disabled" not in button(page, "deed-no-show")
    assert "Boleh ditandai tidak hadir." in page
    assert step(officer, session, "no-show").status_code == 303
    assert state_of(ticket) == TicketState.NO_SHOW


def test_a_person_without_a_number_gets_one_by_staff(
    officer: Client, place: Place, session: CounterSession
) -> None:
    assert 'name="service" value="ktp-hilang"' in button(text(officer.get("/loket/")), "console-walk-in")
    key = {"service": "ktp-hilang", "request_key": "satu-tekan"}
    for _press in range(3):
        assert officer.post(f"/loket/{session.pk}/tanpa-nomor/", key).status_code == 303
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.state) == (Channel.STAFF, TicketState.WAITING)
    assert "Nomor A-001 dibuat untuk KTP elektronik hilang atau rusak." in text(officer.get("/loket/"))


def test_no_number_for_a_service_of_another_agency(
    officer: Client, place: Place, session: CounterSession
) -> None:
    foreign = make.make_service()
    make.make_queue(foreign)
    assert officer.post(f"/loket/{session.pk}/tanpa-nomor/", {"service": foreign.slug}).status_code == 404
    assert not Ticket.objects.exists()


def test_closing_leads_back_to_the_choice_of_counters(
    officer: Client, place: Place, session: CounterSession
) -> None:
    assert officer.post(f"/loket/{session.pk}/tutup/", {"reason": "Ganti petugas"}).status_code == 303
    assert CounterSession.objects.get().close_reason == "Ganti petugas"
    page = text(officer.get("/loket/"))
    assert "Loket 2 ditutup." in page
    assert "Buka loket 2" in page


def test_a_counter_with_a_number_is_not_closed(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(officer, session)
    response = officer.post(f"/loket/{session.pk}/tutup/", {"reason": "Ganti petugas"})
    assert response.status_code == 409
    assert "Selesaikan dulu nomor di loket ini" in text(response)
    assert CounterSession.objects.open().exists()


# What is shown


def test_the_part_is_the_same_as_in_the_whole_page(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    with clock.frozen(clock.now()):
        for _state in range(2):
            page, part = officer.get("/loket/"), officer.get("/loket/", headers=HX)
            assert same(part.content.decode()).strip() in same(page.content.decode())
            assert "<html" not in text(part)
            assert part["X-MPP-Part"] == "console"
            call(officer, session)


def test_the_answer_to_a_press_is_the_state_a_fresh_page_shows(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    with clock.frozen(clock.now()):
        answer = officer.post(f"/loket/{session.pk}/panggil/", headers=HX)
        fresh = officer.get("/loket/", headers=HX)
    assert same(answer.content.decode()) == same(fresh.content.decode())


def test_every_shown_button_follows_the_table(officer: Client, place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    enabled = {"recall", "no-show", "start", "finish", "hold", "transfer"}
    expected = {
        "": set(),
        "panggil": {"recall", "start", "transfer"},
        "start": {"finish", "hold", "transfer"},
    }
    for act, names in expected.items():
        if act:
            officer.post(f"/loket/{session.pk}/{act}/")
        page = text(officer.get("/loket/"))
        assert {name for name in enabled if "disabled" not in button(page, f"deed-{name}")} == names


def test_nothing_on_the_page_needs_a_wider_policy(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(officer, session)
    step(officer, session, "start")
    page = text(officer.get("/loket/"))
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page)


@pytest.mark.usefixtures("forenoon")
def test_time_against_the_promise_is_a_length_and_a_sentence(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(officer, session)
    step(officer, session, "start")
    with clock.frozen(clock.now() + timedelta(minutes=18, seconds=30)):
        page = text(officer.get("/loket/"))
    assert "lewat 3 menit" in page
    assert "promise-late" in page
    assert re.search(r"18\.3\d", page)


@pytest.mark.parametrize(
    ("seconds", "fill", "late"),
    [
        (0, 0, 0),
        (450, 100, 0),
        (900, 200, 0),
        (901, 200.2, 1),
        (1080, 240, 3),
        (1350, 300, 7),
        (9000, 300, 135),
    ],
)
def test_the_bar_marks_the_promise_at_two_thirds(seconds: int, fill: float, late: int) -> None:
    shown = promise(seconds, 15)
    assert round(shown.fill, 1) == fill
    assert shown.late_minutes == late
    assert shown.end_minutes == 22


def test_minutes_and_seconds_stand_in_two_digits() -> None:
    assert [minutes_seconds(value) for value in (0, 59, 372, 6000)] == ["00.00", "00.59", "06.12", "100.00"]


def test_the_next_six_are_those_that_will_be_called(
    officer: Client, place: Place, session: CounterSession
) -> None:
    second_line = make.make_service(place.agency)
    make.make_queue(second_line, prefix="B")
    for number in range(14):
        service = second_line if number % 3 == 0 else place.service
        make.issue(service, priority=Priority.ELDERLY if number % 4 == 3 else Priority.NONE)
    days = list(QueueDay.objects.select_related("queue"))
    announced = [ticket.label for ticket in next_numbers(days, session, clock.now())]
    page = text(officer.get("/loket/"))
    assert re.findall(r'<span class="num">([AB]-\d+)</span>', page) == announced
    called = []
    for _turn in range(6):
        ticket = actions.call_next(session=session, by=place.officer)
        assert ticket is not None
        called.append(ticket.label)
        actions.start(ticket=ticket, by=place.officer)
    assert announced == called


@pytest.mark.usefixtures("forenoon")
def test_the_figures_count_people_services_and_priority(
    officer: Client, place: Place, session: CounterSession
) -> None:
    names = ["Akta", "Kartu", "Pindah", "Surat", "Cetak", "Rekam"]
    for position, name in enumerate(names):
        service = make.make_service(place.agency, name=name)
        QueueService.objects.create(queue=place.queue, service=service)
        for _person in range(6 - position):
            make.issue(service)
    with clock.frozen(clock.now() - timedelta(minutes=21, seconds=30)):
        make.issue(place.service, priority=Priority.PREGNANT)
    page = text(officer.get("/loket/"))
    assert "<dd>22</dd>" in page
    assert "<dd>21 <small>menit</small></dd>" in page
    assert "<dd>1</dd>" in page
    assert "3 layanan lain" in page
    assert "<b>4</b>" in page


def test_the_console_takes_few_queries_however_many_wait(
    officer: Client, place: Place, session: CounterSession, django_assert_max_num_queries: Any
) -> None:
    other_line = make.make_service(place.agency)
    make.make_queue(other_line)
    for number in range(100):
        make.issue(
            other_line if number % 5 else place.service, priority=Priority.ELDERLY if number % 7 == 0 else ""
        )
    make.open_session(place.agency)
    call(officer, session)
    with django_assert_max_num_queries(24):
        assert "<dd>99</dd>" in text(officer.get("/loket/"))

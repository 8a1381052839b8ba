"""What else an officer does at the console: outcomes, undo, rest, order, and those who come late."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mpp.core import clock
from queueing import actions, console, live
from queueing.console import AT_HAND
from queueing.enums import Lane, Outcome, Priority, TicketState
from queueing.models import CounterLine, CounterSession, Ticket, TicketEvent
from tests import factories as make
from tests.conftest import Place
from tests.support.console import HX, button, call, state_of, step, text


@pytest.fixture
def officer(client: Client, place: Place) -> Client:
    client.force_login(place.officer)
    return client


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


@pytest.fixture
def served(officer: Client, place: Place, session: CounterSession) -> Ticket:
    """A number that is being served at the officer's counter."""
    make.issue(place.service)
    call(officer, session)
    step(officer, session, "start")
    return Ticket.objects.get()


def page_of(officer: Client) -> str:
    return text(officer.get("/loket/"))


# How it ended


def test_one_press_of_selesai_is_enough(officer: Client, session: CounterSession, served: Ticket) -> None:
    assert step(officer, session, "finish").status_code == 303
    served.refresh_from_db()
    assert (served.state, served.outcome, served.outcome_note) == (TicketState.DONE, Outcome.DONE, "")


def test_what_is_missing_is_ticked_on_the_list_of_papers(
    officer: Client, session: CounterSession, served: Ticket
) -> None:
    page = page_of(officer)
    assert 'name="missing" value="Kartu Keluarga"' in page
    fields: dict[str, Any] = {
        "outcome": "INCOMPLETE",
        "missing": ["Kartu Keluarga", "KTP lama"],
        "lacking": "materai",
    }
    assert step(officer, session, "finish", **fields).status_code == 303
    served.refresh_from_db()
    assert (served.outcome, served.outcome_note) == (
        Outcome.INCOMPLETE,
        "Kartu Keluarga; KTP lama; materai",
    )
    assert "A-001 dicatat: berkas kurang" in page_of(officer)


def test_why_it_could_not_be_served_is_said(officer: Client, session: CounterSession, served: Ticket) -> None:
    fields = {"outcome": "NOT_SERVABLE", "why": "Domisili luar daerah", "lacking": "tidak dipakai"}
    step(officer, session, "finish", **fields)
    served.refresh_from_db()
    assert (served.outcome, served.outcome_note) == (Outcome.NOT_SERVABLE, "Domisili luar daerah")


def test_the_services_really_given_are_ticked(
    officer: Client, place: Place, session: CounterSession, served: Ticket
) -> None:
    given = make.make_service(place.agency, slug="akta")
    make.make_queue(given)
    assert 'name="performed" value="akta"' in page_of(officer)
    step(officer, session, "finish", outcome="FILE_RECEIVED", performed="akta")
    served.refresh_from_db()
    assert (served.outcome, list(served.performed.all())) == (Outcome.FILE_RECEIVED, [given])


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"outcome": "INCOMPLETE"}, 400, "Tulis berkas yang kurang"),
        ({"outcome": "NOT_SERVABLE", "lacking": "KK"}, 400, "alasan tidak dapat dilayani"),
        ({"outcome": "SESUKA"}, 400, "Hasil itu tidak ada"),
        ({"outcome": "INCOMPLETE", "lacking": "x" * 301}, 400, "terlalu panjang"),
        ({"outcome": "INCOMPLETE", "missing": "x" * 290, "lacking": "y" * 20}, 400, "terlalu panjang"),
        ({"outcome": "INCOMPLETE", "missing": "a\u202eb"}, 400, "karakter tersembunyi"),
        ({"performed": "milik-orang-lain"}, 404, "Layanan itu tidak ada di loket ini."),
    ],
)
def test_an_outcome_that_makes_no_sense_changes_nothing(
    officer: Client, session: CounterSession, served: Ticket, fields: Any, status: int, words: str
) -> None:
    make.make_service(slug="milik-orang-lain")
    response = step(officer, session, "finish", **fields)
    assert response.status_code == status
    assert words in text(response)
    assert state_of(served) == TicketState.SERVING


def test_another_outcome_is_offered_only_while_somebody_is_served(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    assert 'id="console-outcome"' not in page_of(officer)
    call(officer, session)
    assert 'id="console-outcome"' not in page_of(officer)
    step(officer, session, "start")
    assert 'id="console-outcome"' in page_of(officer)


# Taking back


def undo(officer: Client, session: CounterSession, **fields: str) -> Any:
    return officer.post(f"/loket/{session.pk}/urungkan/", fields)


def test_a_mistaken_call_is_taken_back_by_one_press_within_ten_seconds(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    call(officer, session)
    page = page_of(officer)
    assert "panggilan A-001" in page
    assert re.search(r'data-mpp-undo="(9|10)"', page)
    event = TicketEvent.objects.latest("pk")
    assert undo(officer, session, seen=str(event.pk)).status_code == 303
    assert state_of(ticket) == TicketState.WAITING
    page = page_of(officer)
    assert "Panggilan A-001 diurungkan." in page
    assert 'id="console-undo"' not in page


@pytest.mark.parametrize(
    ("name", "words"), [("finish", "kembali dilayani"), ("no-show", "kembali dipanggil")]
)
def test_a_mistaken_end_is_taken_back_too(
    officer: Client, place: Place, session: CounterSession, name: str, words: str
) -> None:
    place.queue.calls_before_no_show = 1
    place.queue.save(update_fields=["calls_before_no_show"])
    make.issue(place.service)
    call(officer, session)
    if name == "finish":
        step(officer, session, "start")
    step(officer, session, name)
    assert 'id="console-undo"' in page_of(officer)
    assert undo(officer, session).status_code == 303
    assert words in page_of(officer)


def test_after_ten_seconds_the_button_is_gone_and_its_press_refused(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    call(officer, session)
    with clock.frozen(clock.now() + timedelta(seconds=11)):
        assert 'id="console-undo"' not in page_of(officer)
        response = undo(officer, session)
    assert response.status_code == 409
    assert "hanya bisa dalam 10 detik" in text(response)
    assert state_of(ticket) == TicketState.CALLED


def test_a_press_for_an_earlier_mistake_takes_back_nothing_else(
    officer: Client, place: Place, session: CounterSession
) -> None:
    for _person in range(2):
        make.issue(place.service)
    call(officer, session)
    earlier = TicketEvent.objects.latest("pk")
    step(officer, session, "start")
    call(officer, session)
    assert undo(officer, session, seen=str(earlier.pk)).status_code == 409
    assert Ticket.objects.at_counter().get().number == 2


def test_with_nothing_done_there_is_nothing_to_take_back(officer: Client, session: CounterSession) -> None:
    assert undo(officer, session).status_code == 409


@pytest.mark.usefixtures("forenoon")
def test_a_recall_waits_and_the_page_knows_how_long(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(officer, session)
    assert re.search(r'data-mpp-wait="(19|20)"', button(page_of(officer), "deed-recall"))
    response = step(officer, session, "recall")
    assert response.status_code == 409
    assert re.search(r"Ulangi (19|20) detik lagi", text(response))
    with clock.frozen(clock.now() + timedelta(seconds=21)):
        page = page_of(officer)
        assert "data-mpp-wait" not in button(page, "deed-recall")
        assert "Ulangi tersedia." in page


# To a colleague


def test_a_number_is_sent_to_the_counter_of_a_colleague(
    officer: Client, place: Place, session: CounterSession, served: Ticket
) -> None:
    colleague = make.open_session(place.agency)
    make.make_counter(place.agency)
    page = page_of(officer)
    assert re.findall(r'name="counter" value="(\w+)"', page) == [colleague.counter.code]
    assert step(officer, session, "transfer", counter=colleague.counter.code).status_code == 303
    served.refresh_from_db()
    assert (served.lane, served.for_counter) == (Lane.COUNTER, colleague.counter)
    assert f"A-001 dialihkan ke {colleague.counter}." in page_of(officer)


def test_a_counter_that_is_closed_foreign_or_ones_own_is_no_goal(
    officer: Client, place: Place, session: CounterSession, served: Ticket
) -> None:
    closed = make.make_counter(place.agency).code
    foreign = make.open_session(make.make_agency()).counter.code
    for code in (closed, foreign, place.counter.code, "TIDAK-ADA"):
        response = step(officer, session, "transfer", counter=code)
        assert response.status_code == 404
        assert "Loket tujuan tidak buka." in text(response)
    assert state_of(served) == TicketState.SERVING


# Rest


def test_a_counter_rests_with_a_reason_and_goes_on(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    assert officer.post(f"/loket/{session.pk}/jeda/", {"reason": "Salat"}).status_code == 303
    page = page_of(officer)
    assert "Jeda: Salat" in page
    assert "button-main" in button(page, "console-go-on")
    assert "disabled" in button(page, "console-call")
    response = call(officer, session)
    assert response.status_code == 409
    assert state_of(ticket) == TicketState.WAITING
    officer.post(f"/loket/{session.pk}/lanjut/")
    page = page_of(officer)
    assert "Loket siap" in page
    assert "disabled" not in button(page, "console-call")


def test_colleagues_see_why_a_counter_rests(officer: Client, place: Place, session: CounterSession) -> None:
    colleague = make.open_session(place.agency, user=make.make_user(agency=place.agency, first_name="Budi"))
    actions.pause(session=colleague, by=colleague.user, reason="Rapat")
    assert "Budi jeda: Rapat" in page_of(officer)


def test_a_rest_announced_while_serving_begins_after_it(
    officer: Client, session: CounterSession, served: Ticket
) -> None:
    officer.post(f"/loket/{session.pk}/jeda/", {"reason": "Istirahat"})
    page = page_of(officer)
    assert "sesudah ini jeda: Istirahat" in page
    assert "button-main" in button(page, "deed-finish")
    assert "button-main" not in button(page, "console-go-on")
    step(officer, session, "finish")
    assert "Jeda: Istirahat" in page_of(officer)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 121, "a\u0000b"])
def test_a_rest_without_a_proper_reason_does_not_begin(
    officer: Client, session: CounterSession, reason: str
) -> None:
    assert officer.post(f"/loket/{session.pk}/jeda/", {"reason": reason}).status_code == 400
    session.refresh_from_db()
    assert session.paused_at is None


# Out of turn, and first


def turn(officer: Client, session: CounterSession, **fields: str) -> Any:
    return officer.post(f"/loket/{session.pk}/nomor/", {"act": "call"} | fields)


def test_any_waiting_number_is_called_with_a_reason(
    officer: Client, place: Place, session: CounterSession
) -> None:
    for _person in range(8):
        make.issue(place.service)
    form = {"number": " a-8", "reason": "Dipanggil dokter", "request_key": "satu-tekan", "seen": "-"}
    for _press in range(3):
        assert turn(officer, session, **form).status_code == 303
    assert Ticket.objects.at_counter().get().number == 8
    assert TicketEvent.objects.filter(step="call").get().reason == "Dipanggil dokter"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"number": "A-002"}, 400),
        ({"number": "A-002", "reason": "  "}, 400),
        ({"number": "A-002", "reason": "x" * 201}, 400),
        ({"number": "A-009", "reason": "alasan"}, 404),
        ({"number": "Z-001", "reason": "alasan"}, 404),
        ({"number": "A002", "reason": "alasan"}, 404),
        ({"number": "A-²", "reason": "alasan"}, 404),
        ({"number": "A-99999999999999999999", "reason": "alasan"}, 404),
        ({"number": "", "reason": "alasan"}, 404),
        ({"number": "A-002", "reason": "alasan", "act": "apa-saja"}, 404),
        ({"number": "A-002", "reason": "alasan", "act": "prioritise"}, 400),
        ({"number": "A-002", "reason": "alasan", "act": "prioritise", "priority": "VIP"}, 400),
        ({"number": "A-002", "act": "prioritise", "priority": "SUDDEN"}, 400),
    ],
)
def test_out_of_turn_without_reason_number_or_class_changes_nothing(
    officer: Client, place: Place, session: CounterSession, fields: dict[str, str], status: int
) -> None:
    make.make_queue(make.make_service(), prefix="Z")
    for _person in range(2):
        make.issue(place.service)
    assert turn(officer, session, **fields).status_code == status
    assert set(Ticket.objects.values_list("state", "lane")) == {(TicketState.WAITING, Lane.REGULAR)}


def test_a_number_of_another_agency_is_not_called_from_here(
    officer: Client, place: Place, session: CounterSession
) -> None:
    foreign = make.make_service()
    make.make_queue(foreign, prefix="Z")
    ticket = make.issue(foreign)
    assert turn(officer, session, number="Z-001", reason="alasan").status_code == 404
    assert state_of(ticket) == TicketState.WAITING


def test_an_old_view_calls_nobody_out_of_turn(
    officer: Client, place: Place, session: CounterSession, served: Ticket
) -> None:
    waiting = make.issue(place.service)
    assert turn(officer, session, number="A-002", reason="alasan", seen="-").status_code == 409
    assert (state_of(served), state_of(waiting)) == (TicketState.SERVING, TicketState.WAITING)


def test_somebody_suddenly_ill_goes_first(officer: Client, place: Place, session: CounterSession) -> None:
    for _person in range(3):
        make.issue(place.service)
    response = turn(officer, session, act="prioritise", number="A-003", priority="SUDDEN", reason="Pingsan")
    assert response.status_code == 303
    page = page_of(officer)
    assert "A-003 didahulukan." in page
    assert page.index('<span class="num">A-003</span>') < page.index('<span class="num">A-001</span>')
    assert Ticket.objects.get(number=3).priority == Priority.SUDDEN


@pytest.mark.usefixtures("forenoon")
def test_the_list_follows_the_weights_of_this_counter(
    officer: Client, place: Place, session: CounterSession
) -> None:
    other = make.make_service(place.agency)
    queue = make.make_queue(other, prefix="B")
    CounterLine.objects.create(counter=place.counter, queue=queue, weight=10)
    CounterLine.objects.create(counter=place.counter, queue=place.queue, weight=1)
    now = clock.now()
    with clock.frozen(now - timedelta(minutes=20)):
        make.issue(place.service)
    with clock.frozen(now - timedelta(minutes=5)):
        make.issue(other)
    page = page_of(officer)
    assert re.findall(r'<span class="num">([AB]-\d+)</span>', page) == ["B-001", "A-001"]
    call(officer, session)
    assert Ticket.objects.at_counter().with_labels().get().label == "B-001"


# Late


def test_who_was_missed_stands_in_the_list_and_comes_back_by_one_press(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(officer, session)
    missed = make.miss(Ticket.objects.get(), place.officer)
    assert "Terlewat" in page_of(officer)
    url = f"/loket/{session.pk}/masuk-lagi/"
    assert officer.post(url, {"seen": str(missed.pk)}).status_code == 303
    missed.refresh_from_db()
    assert (missed.state, missed.reentries) == (TicketState.WAITING, 1)
    page = page_of(officer)
    assert "A-001 masuk antrean lagi." in page
    assert "Terlewat" not in page
    assert officer.post(url, {"seen": str(missed.pk)}).status_code == 404


def test_who_came_too_late_is_not_offered_any_more(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(officer, session)
    missed = make.miss(Ticket.objects.get(), place.officer)
    with clock.frozen(clock.now() + timedelta(minutes=32)):
        assert "Terlewat" not in page_of(officer)
        response = officer.post(f"/loket/{session.pk}/masuk-lagi/", {"seen": str(missed.pk)})
    assert response.status_code == 404
    assert state_of(missed) == TicketState.NO_SHOW


# A person without a number


def test_of_several_services_one_is_chosen_for_a_person_without_a_number(
    officer: Client, place: Place, session: CounterSession
) -> None:
    other = make.make_service(place.agency)
    make.make_queue(other)
    page = page_of(officer)
    assert "<summary" in button(page, "console-walk-in")
    officer.post(f"/loket/{session.pk}/tanpa-nomor/", {"service": other.slug})
    assert Ticket.objects.get().service == other


def test_at_an_empty_counter_the_services_that_are_taken_often_are_one_press_away(
    officer: Client, place: Place, session: CounterSession
) -> None:
    others = [make.make_service(place.agency, position=position) for position in range(5)]
    queues = [make.make_queue(service) for service in others]
    make.remember_days(queues[-1], others[-1], 10, before=clock.local(clock.now()))
    page = page_of(officer)
    assert f'value="{others[-1].slug}"' in button(page, f"walk-in-{others[-1].pk}")
    assert page.count('id="walk-in-') == AT_HAND
    make.issue(place.service)
    officer.post(f"/loket/{session.pk}/panggil/")
    assert 'id="walk-in-' not in page_of(officer)


def test_what_happens_while_the_page_is_read_makes_it_out_of_date(
    officer: Client, place: Place, session: CounterSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = console._at_counters

    def and_somebody_comes(sessions: Any) -> Any:
        found = list(read(sessions))
        make.issue(place.service)
        return found

    monkeypatch.setattr(console, "_at_counters", and_somebody_comes)
    shown = re.search(r'data-mpp-version="(\d+)"', officer.get("/loket/").content.decode())
    assert shown is not None
    # The screen fetches itself again while its version is behind the stream's.
    assert int(shown[1]) < live.console_state(session)["version"]


# Who may


@pytest.mark.parametrize("name", ["urungkan", "jeda", "lanjut", "nomor", "masuk-lagi"])
def test_a_colleague_gets_403_and_a_stranger_404(
    client: Client, place: Place, session: CounterSession, name: str
) -> None:
    make.issue(place.service)
    people = [(make.make_user(agency=place.agency), 403), (make.make_user(agency=make.make_agency()), 404)]
    for person, status in people:
        client.force_login(person)
        for headers in ({}, HX):
            response = client.post(
                f"/loket/{session.pk}/{name}/", {"reason": "x", "number": "A-001"}, headers=headers
            )
            assert response.status_code == status
    session.refresh_from_db()
    assert session.paused_at is None
    assert Ticket.objects.waiting().count() == 1

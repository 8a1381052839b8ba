"""Papers that lacked: marked at the counter, printed on a slip, sent, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from mpp.core import clock
from mpp.notifications.models import Message
from mpp.notifications.wording import written
from queueing.models import CounterLine, CounterSession, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.support.console import call, step, text


@pytest.fixture
def officer(client: Client, place: Place) -> Client:
    client.force_login(place.officer)
    return client


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


def mark(officer: Client, session: CounterSession, ticket: Ticket) -> None:
    call(officer, session)
    step(officer, session, "start")
    fields = {"outcome": "INCOMPLETE", "missing": ["Kartu Keluarga"], "lacking": "materai"}
    officer.post(f"/loket/{session.pk}/finish/", fields)
    ticket.refresh_from_db()


def test_the_slip_names_what_lacks_and_leads_to_the_number(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    mark(officer, session, ticket)
    console = text(officer.get("/loket/"))
    address = f"/loket/{session.pk}/kurang/{ticket.pk}/"
    assert f'href="{address}"' in console
    assert "A-001 dicatat: berkas kurang" in console
    slip = text(officer.get(address))
    for words in ("Bawa saat datang lagi", "Kartu Keluarga", "Asli", "materai", "A-001", "<svg"):
        assert words in slip
    assert "KTP lama" not in slip
    assert "Yang kurang: Kartu Keluarga; materai" in text(Client().get(f"/t/{ticket.token}/"))


def test_the_offer_to_print_ends_with_the_next_call_and_with_time(
    officer: Client, place: Place, session: CounterSession
) -> None:
    mark(officer, session, make.issue(place.service))
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert 'id="console-print"' not in text(officer.get("/loket/"))
    make.issue(place.service)
    call(officer, session)
    assert 'id="console-print"' not in text(officer.get("/loket/"))


def test_a_number_that_lacked_nothing_has_no_slip(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service)
    call(officer, session)
    step(officer, session, "start")
    step(officer, session, "finish")
    assert officer.get(f"/loket/{session.pk}/kurang/{ticket.pk}/").status_code == 404


def test_a_holder_with_a_phone_is_told_once_it_is_certain(
    officer: Client, place: Place, session: CounterSession
) -> None:
    ticket = make.issue(place.service, phone="081234567890")
    mark(officer, session, ticket)
    message = Message.objects.get(event="papers_lacking")
    assert written(message) == (
        "Nomor A-001: berkas belum lengkap. Bawa saat datang lagi: Kartu Keluarga; materai."
    )
    assert ticket.ended_at is not None
    assert message.due_at >= ticket.ended_at + timedelta(seconds=10)


def test_undoing_takes_the_message_back(officer: Client, place: Place, session: CounterSession) -> None:
    ticket = make.issue(place.service, phone="081234567890")
    mark(officer, session, ticket)
    assert officer.post(f"/loket/{session.pk}/urungkan/").status_code == 303
    assert not Message.objects.filter(event="papers_lacking").exists()
    step(officer, session, "finish", outcome="INCOMPLETE", lacking="pas foto")
    assert "pas foto" in written(Message.objects.get(event="papers_lacking"))


def test_closing_needs_a_reason(officer: Client, session: CounterSession) -> None:
    answer = officer.post(f"/loket/{session.pk}/tutup/")
    assert answer.status_code == 400
    assert "Pilih atau tulis alasan menutup loket." in text(answer)
    assert CounterSession.objects.open().exists()


def test_shortcuts_belong_to_the_person(officer: Client, place: Place, session: CounterSession) -> None:
    assert 'data-mpp-keys="on"' in text(officer.get("/loket/"))
    officer.post("/loket/pintasan/", {})
    assert 'data-mpp-keys="off"' in text(officer.get("/loket/"))
    officer.post("/akun/saya/", {"act": "keys", "on": "1"})
    assert 'data-mpp-keys="on"' in text(officer.get("/loket/"))


def test_who_serves_another_line_stands_apart_and_its_people_are_not_counted(
    officer: Client, place: Place, session: CounterSession
) -> None:
    service = make.make_service(place.agency)
    elsewhere = make.make_counter(place.agency, place.zone, number="3")
    CounterLine.objects.create(counter=place.counter, queue=place.queue)
    CounterLine.objects.create(counter=elsewhere, queue=make.make_queue(service, prefix="B"))
    make.open_session(place.agency, elsewhere, make.make_user(agency=place.agency, first_name="Budi"))
    make.issue(place.service)
    make.issue(service)
    page = text(officer.get("/loket/"))
    assert "Loket lain di instansi ini" in page
    assert '<dt class="caption">Menunggu</dt><dd>1</dd>' in page


def test_before_the_first_number_every_counter_of_the_agency_is_beside(
    officer: Client, place: Place, session: CounterSession
) -> None:
    make.open_session(place.agency, make.make_counter(place.agency, place.zone, number="3"))
    assert "Loket lain di instansi ini" not in text(officer.get("/loket/"))

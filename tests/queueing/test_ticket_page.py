"""My number: every state has its own words and its next step, with and without scripts."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client

from mpp.core import clock
from mpp.core.templatetags.mpp import qr
from mpp.live.stream import BEAT
from queueing import actions
from queueing.enums import Outcome, Priority, TicketState
from queueing.live import ticket_state
from queueing.models import CounterSession, Queue, QueueDay, Ticket
from queueing.scanning import scanned
from services.actions import end_disruption, start_disruption
from tests.conftest import Place
from tests.factories import (
    call_again,
    issue,
    make_agency,
    make_counter,
    make_queue,
    make_service,
    make_user,
    miss,
    open_session,
)


def text_of(client: Client, ticket: Ticket, status: int = 200, *, part: bool = False) -> str:
    headers = {"X-MPP-Part": "1"} if part else {}
    response = client.get(f"/t/{ticket.token}/", headers=headers)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


@pytest.fixture
def session(place: Place) -> CounterSession:
    return open_session(place.agency, place.counter, place.officer)


def call(session: CounterSession) -> Ticket:
    ticket = actions.call_next(session=session, by=session.user)
    assert ticket is not None
    return ticket


def minutes_in(text: str) -> tuple[int, int]:
    """Return the range that the page shows."""
    found = re.search(r'data-mpp-figure="minutes">(\d+)–(\d+)<', text)
    assert found
    return int(found[1]), int(found[2])


@pytest.mark.usefixtures("measured")
def test_a_waiting_number_shows_its_place_its_wait_and_where_to_go(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    served = call(session)
    for _number in range(3):
        ticket = issue(place.service)
    text = text_of(client, ticket)
    assert ">A-004<" in text
    assert 'data-mpp-figure="ahead">2<' in text
    assert "orang di depan Anda" in text
    assert "Sekarang dilayani" in text
    assert f">{served.label}<" in text
    assert minutes_in(text)[0] < 25 < minutes_in(text)[1]
    assert "Loket 2" in text
    assert "zona Kependudukan, kanan" in text
    assert "Siapkan 2 syarat" in text
    assert "Kartu Keluarga, KTP lama" in text
    assert "diperbarui" in text
    assert "Perbarui" in text
    assert f"/t/{ticket.token}/batal/" in text
    assert text.count("<h1") == 1
    assert 'aria-live="polite"' in text


def test_more_than_eight_people_are_drawn_as_eight_and_a_number(client: Client, place: Place) -> None:
    for _number in range(12):
        issue(place.service)
    text = text_of(client, issue(place.service))
    track = text[text.index('class="track"') :]
    assert track[: track.index("</svg>")].count("l7 7-7 7-7-7z") == 8
    assert ">+4<" in track


def test_without_staff_the_wait_is_not_guessed(client: Client, place: Place) -> None:
    text = text_of(client, issue(place.service))
    assert '<dd class="words" data-mpp-unknown>belum dapat diperkirakan</dd>' in text
    assert "Giliran Anda berikutnya" in text


def test_priority_moves_forward_and_others_see_it(
    client: Client, place: Place, session: CounterSession
) -> None:
    regular = [issue(place.service) for _number in range(3)]
    issue(place.service, priority=Priority.ELDERLY)
    assert 'data-mpp-figure="ahead">3<' in text_of(client, regular[2])


def test_a_called_number_turns_into_an_instruction(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    ticket = call(session)
    text = text_of(client, ticket)
    assert "plate-called" in text
    assert 'role="alert"' in text
    assert "Giliran Anda" in text
    assert '<span class="word">Loket</span><span class="num">2</span>' in text
    assert "Silakan ke loket sekarang" in text
    assert "<title>Giliran Anda, loket 2 · MPP Uji</title>" in text
    call_again(ticket, place.officer)
    assert "Panggilan ke-2, pukul" in text_of(client, ticket)


def test_yellow_means_called_and_nothing_else(client: Client, place: Place, session: CounterSession) -> None:
    issue(place.service)
    assert "plate-called" not in text_of(client, issue(place.service))
    ticket = call(session)
    actions.start(ticket=ticket, by=place.officer)
    assert "plate-called" not in text_of(client, ticket)


def test_serving_held_and_done_have_their_own_words(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    ticket = call(session)
    actions.start(ticket=ticket, by=place.officer)
    assert "Anda dilayani di loket 2" in text_of(client, ticket)
    assert "/batal/" not in text_of(client, ticket)
    actions.hold(ticket=ticket, by=place.officer)
    text = text_of(client, ticket)
    assert "Ditahan, petugas memanggil lagi" in text
    assert "Tetap di dekat loket 2." in text
    actions.resume(ticket=ticket, by=place.officer)
    actions.finish(ticket=ticket, by=place.officer)
    text = text_of(client, ticket)
    assert "Layanan selesai" in text
    assert "Menunggu 0 menit, dilayani 0 menit." in text
    assert "Tidak puas?" in text
    assert "Cari layanan lain" in text


def test_a_missed_number_says_whom_to_see(client: Client, place: Place, session: CounterSession) -> None:
    issue(place.service)
    ticket = miss(call(session), place.officer)
    text = text_of(client, ticket)
    assert "Nomor terlewat" in text
    assert "Anda dipanggil 3 kali sampai" in text
    assert "Masuk antrean lagi" in text
    assert 'href="/layanan/ktp-hilang/">Ambil nomor baru' in text


def test_a_transferred_number_shows_its_new_line(
    client: Client, place: Place, session: CounterSession
) -> None:
    other = make_agency(short_name="Samsat")
    queue = make_queue(make_service(other))
    make_counter(other, place.zone, number="7")
    issue(place.service)
    ticket = call(session)
    actions.transfer(ticket=ticket, to=queue, by=place.officer)
    text = text_of(client, ticket)
    assert ">A-001<" in text
    assert "Samsat" in text
    assert "<b>Loket 7</b>" in text


def test_the_number_of_a_past_day_opens_and_says_so(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    with clock.frozen(clock.now() + timedelta(days=1)):
        text = text_of(client, ticket)
        assert "Nomor kedaluwarsa" in text
        assert "Nomor ini berlaku" in text
        assert "Ambil nomor baru untuk hari ini." in text
        assert "data-live" not in text
        assert "http-equiv" not in text
        actions.close_past_days()
        assert "Nomor kedaluwarsa" in text_of(client, ticket)


def test_a_done_number_of_a_past_day_names_its_date(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    ticket = call(session)
    actions.start(ticket=ticket, by=place.officer)
    actions.finish(ticket=ticket, by=place.officer)
    with clock.frozen(clock.now() + timedelta(days=2)):
        text = text_of(client, ticket)
    assert "Selesai" in text
    assert f", {ticket.line.date.day} " in text


def test_without_scripts_a_running_number_reloads_itself(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    text = text_of(client, ticket)
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in text
    assert f'data-live="/live/ticket/{ticket.token}/"' in text
    actions.cancel(ticket=ticket)
    text = text_of(client, ticket)
    assert "http-equiv" not in text
    assert "<script" not in text


def test_the_secret_of_the_link_is_kept(client: Client, place: Place) -> None:
    ticket = issue(place.service, phone="+6281234567890")
    response = client.get(f"/t/{ticket.token}/")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "81234567890" not in response.content.decode()
    title = response.content.decode().split("<title>")[1].split("</title>")[0]
    assert "81234567890" not in title
    assert ticket.token not in title


def test_the_script_gets_the_part_alone(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    part = text_of(client, ticket, part=True)
    assert part.startswith("<div data-mpp-followed")
    assert 'data-state="WAITING"' in part
    assert "<html" not in part


@pytest.mark.parametrize("token", ["salah", "x" * 32, "x" * 5_000, "%00", "%E2%80%AE", "..%2f"])
def test_a_wrong_link_is_404_whatever_it_is(client: Client, place: Place, token: str) -> None:
    answer = client.get(f"/t/{token}/")
    assert answer.status_code == 404
    # What to do now is on the page: where one's numbers are, and how a lost link is found.
    assert 'href="/nomor-saya/">Nomor saya' in answer.content.decode()
    assert client.get(f"/t/{token}/batal/").status_code == 404
    assert client.post(f"/t/{token}/batal/").status_code == 404


def test_cancelling_asks_first_and_then_gives_the_number_back(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    page = client.get(f"/t/{ticket.token}/batal/")
    assert page.status_code == 200
    # A page without a referrer would send its form with the origin "null", which is refused.
    assert page["Referrer-Policy"] == "same-origin"
    ticket.refresh_from_db()
    assert ticket.state == TicketState.WAITING
    response = client.post(f"/t/{ticket.token}/batal/")
    assert response.status_code == 303
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CANCELLED
    assert "Nomor dibatalkan" in text_of(client, ticket)
    assert "Ambil nomor baru" in text_of(client, ticket)


def test_cancelling_twice_is_cancelling_once(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    path = f"/t/{ticket.token}/batal/"
    client.post(path)
    assert client.post(path).status_code == 303
    assert client.get(path).status_code == 303
    assert ticket.events.filter(step="cancel").count() == 1


def test_a_number_being_served_cannot_be_cancelled(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    ticket = call(session)
    actions.start(ticket=ticket, by=place.officer)
    path = f"/t/{ticket.token}/batal/"
    assert client.get(path).status_code == 303
    response = client.post(path)
    assert response.status_code == 409
    assert "Tidak jadi dibatalkan" in response.content.decode()
    ticket.refresh_from_db()
    assert ticket.state == TicketState.SERVING


def test_cancelling_needs_the_forms_token(place: Place) -> None:
    ticket = issue(place.service)
    assert Client(enforce_csrf_checks=True).post(f"/t/{ticket.token}/batal/").status_code == 403
    ticket.refresh_from_db()
    assert ticket.state == TicketState.WAITING


@pytest.mark.usefixtures("measured")
def test_a_free_counter_of_a_colleague_shortens_the_wait(
    client: Client, place: Place, session: CounterSession
) -> None:
    for _number in range(4):
        issue(place.service)
    ticket = issue(place.service)
    alone = minutes_in(text_of(client, ticket))
    open_session(place.agency, make_counter(place.agency, place.zone), make_user(agency=place.agency))
    text = text_of(client, ticket)
    assert minutes_in(text)[1] < alone[1]
    assert "satu loket dibuka" in text


# Standing in line again


def test_who_missed_the_call_may_stand_in_line_again_at_a_stated_place(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    ticket = miss(call(session), place.officer)
    others = [issue(place.service) for _number in range(5)]
    text = text_of(client, ticket)
    assert "Masuk lagi, satu kali, sampai" in text
    assert "Anda berdiri sesudah 3 orang yang sekarang menunggu." in text
    path = f"/t/{ticket.token}/masuk-lagi/"
    assert f'<a class="button button-main" href="{path}">Masuk antrean lagi' in text
    page = client.get(path)
    assert "Anda berdiri sesudah 3 orang" in page.content.decode()
    # A page without a referrer would send its form with the origin "null", which is refused.
    assert page["Referrer-Policy"] == "same-origin"
    assert client.post(path).status_code == 303
    assert 'data-mpp-figure="ahead">3<' in text_of(client, ticket)
    assert 'data-mpp-figure="ahead">4<' in text_of(client, others[3])
    # Pressed twice, or the form sent again: it stays where it is.
    assert client.post(path).status_code == 303
    assert client.get(path).status_code == 303
    assert ticket.events.filter(step="re-enter").count() == 1


def test_a_number_missed_twice_comes_back_no_more(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    ticket = miss(call(session), place.officer)
    actions.re_enter(ticket=ticket)
    ticket = miss(call(session), place.officer)
    assert "Masuk antrean lagi" not in text_of(client, ticket)
    assert 'button-main" href="/layanan/ktp-hilang/">Ambil nomor baru' in text_of(client, ticket)
    response = client.post(f"/t/{ticket.token}/masuk-lagi/")
    assert response.status_code == 409
    assert "Belum masuk antrean lagi" in response.content.decode()
    assert "hanya satu kali" in response.content.decode()


@pytest.mark.usefixtures("forenoon")
def test_half_an_hour_later_it_is_too_late(client: Client, place: Place, session: CounterSession) -> None:
    issue(place.service)
    ticket = miss(call(session), place.officer)
    assert ticket.ended_at is not None
    grace = timedelta(minutes=place.queue.reentry_minutes)
    for late, status in ((timedelta(), 200), (timedelta(seconds=1), 303)):
        with clock.frozen(ticket.ended_at + grace + late):
            assert client.get(f"/t/{ticket.token}/masuk-lagi/").status_code == status
            assert ("Masuk antrean lagi" in text_of(client, ticket)) is (status == 200)
    with clock.frozen(ticket.ended_at + grace + timedelta(seconds=1)):
        assert client.post(f"/t/{ticket.token}/masuk-lagi/").status_code == 409
    ticket.refresh_from_db()
    assert ticket.state == TicketState.NO_SHOW


def test_a_line_may_forbid_coming_back(client: Client, place: Place, session: CounterSession) -> None:
    Queue.objects.update(reentry_minutes=0)
    issue(place.service)
    ticket = miss(call(session), place.officer)
    with clock.frozen(clock.now() + timedelta(seconds=50)):
        assert "Masuk antrean lagi" not in text_of(client, ticket)


def test_coming_back_into_an_empty_line_is_next(
    client: Client, place: Place, session: CounterSession
) -> None:
    issue(place.service)
    ticket = miss(call(session), place.officer)
    assert "Anda langsung giliran berikutnya." in text_of(client, ticket)


# How it ended


@pytest.mark.parametrize(
    ("outcome", "note", "words"),
    [
        (Outcome.FILE_RECEIVED, "", ["Berkas Anda diterima", "Simpan kode berkasnya."]),
        (Outcome.INCOMPLETE, "KK asli", ["Berkas belum lengkap", "Yang kurang: KK asli", "Ambil nomor baru"]),
        (Outcome.NOT_SERVABLE, "Data di pusat", ["Belum dapat dilayani", "Alasannya: Data di pusat"]),
    ],
)
def test_each_outcome_has_its_own_words(
    client: Client, place: Place, session: CounterSession, outcome: str, note: str, words: list[str]
) -> None:
    issue(place.service)
    ticket = call(session)
    actions.start(ticket=ticket, by=place.officer)
    actions.finish(ticket=ticket, by=place.officer, outcome=outcome, note=note)
    text = text_of(client, ticket)
    assert [word for word in words if word not in text] == []


def test_a_number_sent_to_one_counter_says_which(
    client: Client, place: Place, session: CounterSession
) -> None:
    other = make_counter(place.agency, place.zone, number="9")
    open_session(place.agency, other)
    issue(place.service)
    ticket = call(session)
    actions.start(ticket=ticket, by=place.officer)
    actions.transfer(ticket=ticket, counter=other, by=place.officer)
    text = text_of(client, ticket)
    assert "Khusus loket 9" in text
    assert "Hanya loket itu yang memanggil." in text
    assert "<b>Loket 2</b>" not in text


def test_a_number_sent_to_another_agency_says_where_it_came_from(
    client: Client, place: Place, session: CounterSession
) -> None:
    queue = make_queue(make_service(make_agency(short_name="Samsat")))
    issue(place.service)
    ticket = call(session)
    actions.transfer(ticket=ticket, to=queue, by=place.officer)
    text = text_of(client, ticket)
    assert "Dialihkan dari Dukcapil" in text
    assert "Nomor dan waktu antre Anda tetap." in text


def test_trouble_is_told_to_who_waits_and_takes_no_place(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    trouble = start_disruption(message="Server pusat tidak dapat diakses")
    text = text_of(client, ticket)
    assert "<b>Gangguan: Server pusat tidak dapat diakses</b>Belum diketahui kapan pulih." in text
    assert "Tempat Anda dalam antrean tetap." in text
    end_disruption(disruption=trouble)
    assert "Gangguan" not in text_of(client, ticket)


def test_an_hour_of_following_weighs_less_than_100_kilobytes(client: Client, place: Place) -> None:
    """Looks that bring the part, heartbeats, and a change of the line in every minute."""
    for _person in range(12):
        ticket = issue(place.service, phone="")
    every = re.search(r'data-every="(\d+)"', text_of(client, ticket))
    assert every
    answer = client.get(f"/t/{ticket.token}/", headers={"X-MPP-Part": "1", "Accept-Encoding": "gzip"})
    head = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items())
    looks = 3600 // int(every[1]) * (len(answer.content) + head)
    state = len(json.dumps(ticket_state(ticket))) + len("id: 1234\ndata: \n\n")
    assert looks + 3600 // 15 * len(BEAT) + 60 * state <= 100_000


def test_a_running_number_has_a_code_for_the_kiosk_and_for_another_phone(
    client: Client, place: Place
) -> None:
    ticket = issue(place.service)
    address = f"http://testserver/t/{ticket.token}/"
    text = text_of(client, ticket)
    assert qr(address, "Kode QR nomor ini") in text
    assert quote(f"Nomor antrean {ticket.label}, Dukcapil:\n{address}") in text
    assert scanned(address, host="testserver") == ticket
    # Where the script renews the part, an open code stays open.
    assert "number-code" not in text_of(client, ticket, part=True)
    actions.cancel(ticket=ticket)
    assert "number-code" not in text_of(client, ticket)


def test_the_rule_of_the_line_is_one_link_away(client: Client, place: Place) -> None:
    ticket = issue(place.service)
    assert f'href="/keadilan/#antrean-{place.queue.code}"' in text_of(client, ticket)


def test_a_line_that_got_only_sent_on_numbers_before_still_shows_its_page(
    client: Client, place: Place, session: CounterSession
) -> None:
    """Nothing was issued there yesterday: what is learned from that day must not divide by nothing."""
    other = make_service(place.agency)
    queue = make_queue(other)
    with clock.frozen(clock.now() - timedelta(days=1)):
        issue(place.service)
        ticket = Ticket.objects.get()
        QueueDay.objects.create(queue=queue, date=ticket.line.date, prefix=queue.prefix)
        Ticket.objects.update(line=QueueDay.objects.get(queue=queue))
    assert "orang di depan Anda" in text_of(client, issue(other))


def test_who_needs_time_asks_is_told_who_goes_first_and_steps_back_once(client: Client, place: Place) -> None:
    first = issue(place.service)
    path = f"/t/{first.token}/mundur/"
    assert "Saya butuh waktu" in text_of(client, first)
    assert "Belum ada orang di belakang Anda" in client.get(path).content.decode()
    for _person in range(2):
        issue(place.service)
    asked = client.get(path).content.decode()
    assert "2 orang di belakang Anda didahulukan" in asked
    assert "Sekarang Anda giliran berikutnya" in asked
    assert client.post(path).status_code == 303
    assert client.post(path).status_code == 303
    assert first.events.filter(step="step-back").count() == 1
    assert "Saya butuh waktu" not in text_of(client, first)
    assert client.get(path).status_code == 303


def test_a_step_back_with_nobody_behind_leaves_the_place_and_says_so(client: Client, place: Place) -> None:
    only = issue(place.service)
    response = client.post(f"/t/{only.token}/mundur/")
    assert response.status_code == 409
    assert "Tempat Anda tetap" in response.content.decode()


def test_a_counter_that_serves_is_not_called_unstaffed_because_nothing_was_measured_yet(
    client: Client, place: Place, session: CounterSession
) -> None:
    ticket = issue(place.service)
    text = text_of(client, ticket)
    assert "belum dapat diperkirakan" in text
    assert "<span data-mpp-unstaffed hidden>" in text
    assert "Belum ada petugas" not in client.get(f"/layanan/{place.service.slug}/").content.decode()
    actions.close_counter(session=session, by=place.officer)
    assert "<span data-mpp-unstaffed>" in text_of(client, ticket)
    assert "Belum ada petugas" in client.get(f"/layanan/{place.service.slug}/").content.decode()


@pytest.mark.usefixtures("measured")
def test_who_is_still_at_home_chooses_the_way_and_is_told_when_to_leave(
    client: Client, place: Place, session: CounterSession
) -> None:
    for _person in range(8):
        issue(place.service)
    ticket = issue(place.service)
    assert 'href="?jalan=30"' in text_of(client, ticket)
    low = ticket_state(ticket)["low_minutes"]
    assert low > 15
    soon = client.get(f"/t/{ticket.token}/?jalan=15").content.decode()
    assert re.search(r"Berangkat paling lambat \d\d\.\d\d", soon)
    assert "Untuk perjalanan 15 menit." in soon
    late = client.get(f"/t/{ticket.token}/?jalan=120").content.decode()
    assert ("Berangkatlah sekarang</b>" in late) is (low <= 120)
    assert 'href="?jalan=30"' in client.get(f"/t/{ticket.token}/?jalan=-5").content.decode()

"""A file from the counter to its holder: the code, the page, the agency's list, the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from mpp.core import clock
from mpp.notifications import ways
from mpp.notifications.models import Way
from queueing import actions, filed
from queueing.invariants import CHECKS
from queueing.models import CounterSession, Ticket
from services.attention import late_files
from services.enums import SubmissionStep as Step
from services.file_search import code_in, is_about_files
from services.models import ServiceStandard, Submission
from tests import factories as make
from tests.conftest import Place
from tests.queueing.pages import text_of
from tests.support.console import call, step, text


@pytest.fixture
def officer(client: Client, place: Place) -> Client:
    client.force_login(place.officer)
    return client


@pytest.fixture
def session(place: Place) -> CounterSession:
    ServiceStandard.objects.update(time_days=3)
    return make.open_session(place.agency, place.counter, place.officer)


def hand_in(officer: Client, session: CounterSession, place: Place, **fields: str) -> Ticket:
    ticket = make.issue(place.service, **fields)
    call(officer, session)
    step(officer, session, "start")
    assert step(officer, session, "finish", outcome="FILE_RECEIVED").status_code == 303
    ticket.refresh_from_db()
    return ticket


@pytest.fixture
def ticket(officer: Client, session: CounterSession, place: Place) -> Ticket:
    return hand_in(officer, session, place)


@pytest.fixture
def file(ticket: Ticket) -> Submission:
    file = filed.file_of(ticket)
    assert file is not None
    return file


def take(officer: Client, file: Submission, name: str, **fields: str) -> int:
    return officer.post(f"/loket/berkas/{file.pk}/{name}/", fields).status_code


def test_the_console_shows_the_code_and_prints_the_receipt(
    officer: Client, session: CounterSession, ticket: Ticket, file: Submission
) -> None:
    console = text(officer.get("/loket/"))
    assert file.spoken_code in console
    address = f"/loket/{session.pk}/berkas/{ticket.pk}/"
    assert f'href="{address}"' in console
    slip = text(officer.get(address))
    for words in ("Tanda terima berkas", file.spoken_code, "A-001", "Janji siap", "<svg"):
        assert words in slip


def test_the_number_leads_its_holder_to_the_file(ticket: Ticket, file: Submission) -> None:
    page = text_of(Client(), f"/t/{ticket.token}/")
    assert file.spoken_code in page
    assert f'href="/berkas/{file.code}/"' in page
    assert file.spoken_code in text_of(Client(), f"/t/{ticket.token}/data/")


def test_undoing_the_end_takes_the_file_back_and_a_second_end_brings_its_code_again(
    officer: Client, session: CounterSession, ticket: Ticket, file: Submission
) -> None:
    officer.post(f"/loket/{session.pk}/urungkan/")
    assert text_of(Client(), f"/berkas/{file.code}/", 404)
    step(officer, session, "finish", outcome="FILE_RECEIVED")
    assert text_of(Client(), f"/berkas/{file.code}/")


def test_who_is_told_of_the_number_is_told_of_the_file(
    officer: Client, session: CounterSession, place: Place
) -> None:
    ticket = hand_in(officer, session, place, phone="081234567890")
    file = filed.file_of(ticket)
    assert file is not None
    assert "dan dikabari saat siap" in text(officer.get("/loket/"))
    holders = {"ticket": f"ticket:{ticket.pk}", "file": f"submission:{file.pk}"}
    assert Way.objects.filter(holder__in=holders.values()).count() == 2
    actions.forget(ticket=ticket)
    assert not Way.objects.exists()


def test_a_code_in_any_spelling_leads_to_the_file(file: Submission) -> None:
    spelled = f"{file.spoken_code[:4]} {file.spoken_code[5:]}".lower()
    response = Client().get("/berkas/", {"kode": spelled})
    assert (response.status_code, response["Location"]) == (303, f"/berkas/{file.code}/")


def test_the_page_says_where_it_is_until_when_and_what_next(officer: Client, file: Submission) -> None:
    address = f"/berkas/{file.code}/"
    page = text_of(Client(), address)
    for words in ("Sudah diterima", "3 hari kerja", "Anda tidak perlu datang sekarang", "Dukcapil"):
        assert words in page
    take(officer, file, "lack", note="Kartu Keluarga")
    assert "Yang kurang: Kartu Keluarga" in text_of(Client(), address)
    take(officer, file, "complete")
    take(officer, file, "ready")
    assert "Bawa tanda terima atau kode ini" in text_of(Client(), address)
    take(officer, file, "hand-over")
    assert "Sudah diambil" in text_of(Client(), address)


def test_a_late_file_says_so(file: Submission) -> None:
    with clock.frozen(clock.now() + timedelta(days=5)):
        page = text_of(Client(), f"/berkas/{file.code}/")
        [waits] = late_files(clock.today(), None)
        assert not list(late_files(clock.today(), frozenset()))
    assert "Lewat dari janji" in page
    assert waits.text == "Dukcapil: 1 berkas lewat dari janji."


def test_the_page_is_kept_from_search_engines_and_other_sites(file: Submission) -> None:
    response = Client().get(f"/berkas/{file.code}/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("code", ["34679CDF", "pendek", "K7M4-PXRT-LEBIH-PANJANG", "0OIL1"])
def test_every_wrong_code_gets_the_same_answer(file: Submission, code: str) -> None:
    for response in (Client().get(f"/berkas/{code}/"), Client().get("/berkas/", {"kode": code})):
        assert response.status_code == 404
        assert "Kode berkas itu tidak dikenal." in text(response)
    answer = Client().get(f"/api/v1/files/{code}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_nothing_typed_is_no_code(place: Place) -> None:
    assert "Tulis kode dari tanda terima Anda." in text_of(Client(), "/berkas/?kode=+", 400)


def test_guessing_is_stopped_also_for_the_right_code(
    file: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filed, "TRIES", 2)
    for _try in range(2):
        Client().get("/berkas/34679CDF/")
    assert Client().get(f"/berkas/{file.code}/").status_code == 429
    assert Client().get(f"/api/v1/files/{file.code}/").status_code == 429


def test_the_api_tells_the_public_state(file: Submission, place: Place) -> None:
    body = Client().get(f"/api/v1/files/{file.code}/").json()
    assert body["code"] == file.code
    assert (body["state"], body["is_late"], body["service"]) == ("RECEIVED", False, "ktp-hilang")
    assert body["promised_on"] == str(file.promised_on)


def test_a_clerk_moves_a_file_on_with_one_button(officer: Client, file: Submission) -> None:
    page = text(officer.get("/loket/berkas/"))
    assert file.spoken_code in page
    assert f'action="/loket/berkas/{file.pk}/process/"' in page
    assert take(officer, file, "process") == 303
    assert f'action="/loket/berkas/{file.pk}/ready/"' in text(officer.get("/loket/berkas/"))


def test_a_step_that_no_longer_fits_is_refused_in_place(officer: Client, file: Submission) -> None:
    take(officer, file, "process")
    response = officer.post(f"/loket/berkas/{file.pk}/process/")
    assert response.status_code == 409
    assert "Tidak dilakukan" in text(response)
    assert take(officer, file, "withdraw") == 404
    assert take(officer, file, "reject") == 400


def test_late_files_stand_first_and_what_is_over_is_found_by_searching(
    officer: Client, session: CounterSession, place: Place, file: Submission
) -> None:
    ServiceStandard.objects.update(time_days=1)
    second = filed.file_of(hand_in(officer, session, place))
    assert second is not None
    with clock.frozen(clock.now() + timedelta(days=3)):
        page = text(officer.get("/loket/berkas/"))
    assert page.index(second.spoken_code) < page.index(file.spoken_code)
    assert "1 berkas lewat dari janji." in page
    take(officer, file, "reject", note="sebab")
    assert "ditolak" in text(officer.get("/loket/berkas/"))
    assert file.spoken_code not in text(officer.get("/loket/berkas/"))
    for words in (file.spoken_code.lower(), "a-001", "ktp"):
        assert file.spoken_code in text(officer.get("/loket/berkas/", {"cari": words}))


def test_a_stranger_sees_no_file_and_moves_none(file: Submission) -> None:
    stranger = Client()
    stranger.force_login(make.make_user(agency=make.make_agency()))
    assert file.spoken_code not in text(stranger.get("/loket/berkas/", {"cari": "A-001"}))
    assert take(stranger, file, "process") == 404


def test_the_admin_looks_and_does_not_touch(file: Submission) -> None:
    admin = Client()
    admin.force_login(make.make_user("ADMIN"))
    address = f"/admin/services/submission/{file.pk}/change/"
    assert "terima" in text(admin.get(address))
    assert admin.post(address, {"state": "READY"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "is_about"),
    [
        ("cek berkas", True),
        ("ktp sudah jadi", True),
        ("apakah paspor saya sudah selesai?", True),
        ("bikin ktp", False),
        ("berkas", False),
    ],
)
def test_asking_how_far_a_file_is_leads_to_its_page(place: Place, query: str, is_about: bool) -> None:
    assert is_about_files(query) is is_about
    assert ("Cek berkas saya" in text_of(Client(), f"/layanan/?cari={query}")) is is_about


def test_a_code_typed_into_the_search_is_known_as_one() -> None:
    assert code_in("k7m4-pxrt") == "K7M4PXRT"
    assert code_in("KARTUFHJ") == code_in("bikin ktp") == ""


def test_every_file_leaves_a_trail_that_holds(officer: Client, file: Submission) -> None:
    take(officer, file, "process")
    _promise, breaches = CHECKS["INV-14"]
    assert list(breaches()) == []


def test_the_step_is_taken_by_whoever_pressed(officer: Client, place: Place, file: Submission) -> None:
    take(officer, file, Step.PROCESS)
    last = file.events.first()
    assert last is not None
    assert last.actor == place.officer


def test_who_left_no_telephone_asks_to_be_told_through_the_number(ticket: Ticket, file: Submission) -> None:
    address = f"/t/{ticket.token}/berkas/kabar/"
    assert f'href="{address}"' in text_of(Client(), f"/t/{ticket.token}/")
    assert "Saat berkas siap, kurang, ditolak, atau terlambat." in text_of(Client(), address)
    Client().post(address, {"lewat": "console", "alamat": "081234567890"})
    [way] = ways.current(f"submission:{file.pk}")
    assert way.words.startswith("Dengan tombol ini Anda setuju kami kabari tentang berkas")
    assert way.needed_until is not None
    Client().post(address, {"berhenti": "1"})
    assert ways.current(f"submission:{file.pk}") == []


def test_a_number_without_a_file_has_nobody_to_tell_of_one(place: Place) -> None:
    ticket = make.issue(place.service)
    response = Client().post(f"/t/{ticket.token}/berkas/kabar/", {"lewat": "console", "alamat": "0812"})
    assert (response.status_code, response["Location"]) == (303, f"/t/{ticket.token}/")

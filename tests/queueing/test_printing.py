"""Slips on a printer of the portal's own: what stands on them, and what happens when it cannot print."""

from __future__ import annotations

import sys
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from mpp.core import clock
from queueing import actions
from queueing.models import Ticket
from queueing.printing import sending
from queueing.printing.contents import Slip
from queueing.printing.layout import layout, plain
from queueing.tasks import look_at_printers
from tenants.actions import revoke
from tenants.enums import DeviceKind, PaperWidth, PrinterLink, PrinterState, Role
from tenants.models import Device, DeviceState
from tests import factories as make
from tests.conftest import Place
from tests.support.printer import WELL, number_size, printer, qr_payload, words

MM = 8


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in a test for a printer that says nothing."""
    for name in ("CONNECT_SECONDS", "ANSWER_SECONDS", "FINISH_SECONDS"):
        monkeypatch.setattr(sending, name, 0.2)


def kiosk_of(port: int, **fields: Any) -> Device:
    values = {"printer_link": PrinterLink.NETWORK, "printer_address": "127.0.0.1", "printer_port": port}
    return make.make_device(**values | fields)


def take(client: Client) -> Ticket:
    client.post("/anjungan/ambil/ktp-hilang/", {"kunci": str(uuid.uuid4())})
    return Ticket.objects.get()


def ask_for_slip(client: Client, ticket: Ticket) -> Any:
    return client.post(f"/anjungan/nomor/{ticket.token}/cetak/")


def printer_state(device: Device) -> str:
    return DeviceState.objects.get(device=device).printer


# On paper


@pytest.mark.parametrize("paper", [58, 80])
def test_the_slip_says_all_that_the_holder_needs(
    client: Client, place: Place, measured: None, paper: int
) -> None:
    make.open_session(place.agency, place.counter, place.officer)
    make.issue(place.service)
    with printer() as machine:
        device = kiosk_of(machine.port, paper_mm=paper)
        make.pair(device, client)
        client.post("/anjungan/ambil/ktp-hilang/", {"kunci": str(uuid.uuid4())})
        ticket = Ticket.objects.get(number=2)
        answer = ask_for_slip(client, ticket)
    assert answer.json() == {"printed": True, "state": "READY", "message": ""}
    (slip,) = machine.slips
    text = " ".join(words(slip))
    for each in (
        "MPP Uji",
        "A-002",
        "KTP elektronik hilang atau rusak",
        "Dukcapil",
        "Loket 2, Kependudukan, Lantai 1, kanan",
        "WITA",
        "1 orang di depan Anda",
        "menit lagi",
        "Nomor ini tidak untuk dijual.",
    ):
        assert each in text, each
    assert qr_payload(slip) == f"http://testserver/t/{ticket.token}/"
    assert all(len(line) <= (32 if paper == 58 else 48) for line in words(slip))
    # At least 15 mm high, and as wide as the paper allows (trust.md K-08).
    wide, high = number_size(slip)
    assert high * 24 / MM >= 15
    assert 5 * 12 * wide <= paper_dots(paper)
    assert printer_state(device) == PrinterState.READY


def paper_dots(paper: int) -> int:
    return 384 if paper == 58 else 576


def test_letters_that_a_receipt_printer_lacks_are_replaced() -> None:
    assert plain("12–20 · “Café” \x1bp\n…") == '12-20 - "Cafe" p...'


def test_a_long_number_and_a_long_address_stay_on_the_paper() -> None:
    slip = Slip("MPP", "", "ABCD-0001", "S", "A", (), "", (), "https://x.go.id/" + "a" * 300, "", ())
    for paper in PaperWidth:
        data = layout(slip, paper)
        wide, high = number_size(data)
        assert 9 * 12 * wide <= paper_dots(paper)
        assert high >= 6
        dot = data[data.index(b"1C") + 2]
        assert 1 <= dot * 69 <= paper_dots(paper)


def test_a_reprint_is_the_same_number(client: Client, place: Place) -> None:
    with printer() as machine:
        make.pair(kiosk_of(machine.port), client)
        ticket = take(client)
        for _time in range(2):
            assert ask_for_slip(client, ticket).json()["printed"]
    first, second = machine.slips
    assert qr_payload(first) == qr_payload(second)
    assert Ticket.objects.count() == 1


def test_the_slip_speaks_the_language_of_its_visitor(client: Client, place: Place) -> None:
    with printer() as machine:
        make.pair(kiosk_of(machine.port), client)
        ticket = take(client)
        page = client.get(f"/anjungan/nomor/{ticket.token}/?bahasa=en").content.decode()
        assert '<input type="hidden" name="bahasa" value="en">' in page
        client.post(f"/anjungan/nomor/{ticket.token}/cetak/", {"bahasa": "en"})
        assert "Scan to follow" in " ".join(words(machine.slips[-1]))


def test_the_page_of_the_number_asks_for_its_slip_and_the_browser_prints_nothing(
    client: Client, place: Place
) -> None:
    make.pair(kiosk_of(9), client)
    ticket = take(client)
    page = client.get(f"/anjungan/nomor/{ticket.token}/").content.decode()
    assert f'action="/anjungan/nomor/{ticket.token}/cetak/"' in page
    assert "data-mpp-print=" not in page
    page = Client().get(f"/anjungan/nomor/{ticket.token}/").content.decode()
    assert "data-mpp-receipt" not in page
    assert "data-mpp-print=" in page


# When it cannot print


@pytest.mark.parametrize(
    ("answers", "state", "message"),
    [
        ({2: WELL | 0x20, 4: WELL | 0x60}, "PAPER_OUT", "Printer: kertas habis."),
        ({2: WELL | 0x04}, "COVER_OPEN", "Printer: tutup printer terbuka."),
        ({3: WELL | 0x08}, "JAMMED", "Printer: kertas atau pemotong macet."),
    ],
)
def test_what_is_wrong_with_the_printer_is_said_and_nothing_is_sent(
    client: Client, place: Place, answers: dict[int, int], state: str, message: str
) -> None:
    with printer() as machine:
        machine.answers |= answers
        device = kiosk_of(machine.port)
        make.pair(device, client)
        answer = ask_for_slip(client, take(client))
    assert answer.json() == {"printed": False, "state": state, "message": message}
    assert machine.slips == []
    assert printer_state(device) == state
    assert Ticket.objects.count() == 1


def test_paper_that_is_nearly_out_still_prints(client: Client, place: Place) -> None:
    with printer() as machine:
        machine.answers[4] = WELL | 0x0C
        device = kiosk_of(machine.port)
        make.pair(device, client)
        assert ask_for_slip(client, take(client)).json()["printed"]
    assert printer_state(device) == PrinterState.PAPER_LOW


def test_paper_that_ends_under_the_slip_is_noticed(client: Client, place: Place) -> None:
    with printer(knows_finished=False) as machine:
        machine.answers_afterwards = {2: WELL | 0x20, 4: WELL | 0x60}
        make.pair(kiosk_of(machine.port), client)
        assert ask_for_slip(client, take(client)).json()["state"] == "PAPER_OUT"
    assert len(machine.slips) == 1


def test_a_printer_that_cannot_say_when_it_is_done_still_prints(client: Client, place: Place) -> None:
    with printer(knows_finished=False) as machine:
        make.pair(kiosk_of(machine.port), client)
        assert ask_for_slip(client, take(client)).json()["printed"]
    assert len(machine.slips) == 1


def test_a_printer_that_hangs_is_not_waited_for(client: Client, place: Place) -> None:
    with printer(hangs=True) as machine:
        device = kiosk_of(machine.port)
        make.pair(device, client)
        answer = ask_for_slip(client, take(client))
    assert answer.json()["message"] == "Printer: tidak menjawab."
    assert machine.slips == []
    assert printer_state(device) == PrinterState.SILENT


def test_an_old_printer_that_never_answers_prints_when_the_admin_says_so(
    client: Client, place: Place
) -> None:
    with printer(hangs=True) as machine:
        make.pair(kiosk_of(machine.port, printer_answers=False), client)
        assert ask_for_slip(client, take(client)).json()["printed"]
    assert len(machine.slips) == 1


def test_a_printer_that_is_off_is_said_to_be_off(client: Client, place: Place) -> None:
    with printer() as machine:
        port = machine.port
    device = kiosk_of(port)
    make.pair(device, client)
    answer = ask_for_slip(client, take(client))
    assert answer.json()["message"] == "Printer: mati atau kabelnya lepas."
    assert printer_state(device) == PrinterState.OFF


def test_an_address_outside_the_house_is_never_called(client: Client, place: Place) -> None:
    device = kiosk_of(9100)
    make.pair(device, client)
    Device.objects.filter(pk=device.pk).update(printer_address="203.0.113.9")
    answer = ask_for_slip(client, take(client))
    assert answer.json()["message"] == "Printer: alamatnya tidak diizinkan."


def test_a_number_is_given_out_whatever_the_printer_does(client: Client, place: Place) -> None:
    with printer(hangs=True) as machine:
        make.pair(kiosk_of(machine.port), client)
        assert client.post("/anjungan/ambil/ktp-hilang/", {"kunci": str(uuid.uuid4())}).status_code == 303
    assert machine.sent == b""


# Who may print


def test_only_the_kiosk_of_this_printer_may_print(client: Client, place: Place) -> None:
    ticket = make.issue(place.service)
    assert ask_for_slip(client, ticket).status_code == 403
    make.pair(make.make_device(), client)
    assert ask_for_slip(client, ticket).json()["message"] == "Anjungan ini mencetak lewat perambannya."


def test_nobody_prints_a_number_that_was_given_back_or_never_was(client: Client, place: Place) -> None:
    with printer() as machine:
        make.pair(kiosk_of(machine.port), client)
        ticket = take(client)
        actions.cancel(ticket=ticket)
        assert ask_for_slip(client, ticket).status_code == 409
        assert client.post("/anjungan/nomor/tidak-ada/cetak/").status_code == 404
    assert machine.sent == b""


def test_a_form_without_its_csrf_token_prints_nothing(place: Place) -> None:
    client = Client(enforce_csrf_checks=True)
    make.pair(kiosk_of(9), client)
    assert ask_for_slip(client, make.issue(place.service)).status_code == 403


# A test slip


def ask_for_test(client: Client, device: Device) -> Any:
    client.force_login(make.make_user(Role.ADMIN))
    return client.post(f"/admin/tenants/device/{device.pk}/cetak/", follow=True)


@pytest.mark.parametrize("paper", [58, 80])
def test_the_admin_prints_a_slip_that_nobody_takes_for_a_number(
    client: Client, place: Place, paper: int
) -> None:
    with printer() as machine:
        device = kiosk_of(machine.port, paper_mm=paper, name="Anjungan pintu")
        page = ask_for_test(client, device).content.decode()
    assert "Karcis percobaan sudah keluar. Printer: siap." in page
    (slip,) = machine.slips
    text = " ".join(words(slip))
    for each in ("TES", "Karcis percobaan", "Ini bukan nomor antrean.", "Anjungan pintu", f"{paper} mm"):
        assert each in text, each
    assert qr_payload(slip) == "http://testserver/"
    assert all(len(line) <= (32 if paper == 58 else 48) for line in words(slip))
    assert not Ticket.objects.exists()


def test_what_is_wrong_with_the_printer_is_said_to_the_admin(client: Client, place: Place) -> None:
    with printer() as machine:
        machine.out_of_paper()
        device = kiosk_of(machine.port)
        make.pair(device)
        answer = ask_for_test(client, device)
    assert answer.status_code == 409
    assert "Printer: kertas habis." in answer.content.decode()
    assert machine.slips == []
    assert printer_state(device) == PrinterState.PAPER_OUT


def test_a_kiosk_that_prints_by_its_browser_hears_of_the_wish_for_two_minutes(
    client: Client, place: Place
) -> None:
    device, kiosk = make.make_device(), Client()
    make.pair(device, kiosk)
    assert "begitu anjungan bebas" in ask_for_test(client, device).content.decode()
    asked = clock.now()
    page = kiosk.post("/perangkat/detak/").json()["test"]
    assert page.startswith("/anjungan/percobaan/?kali=")
    shown = kiosk.get(page).content.decode()
    assert "Ini bukan nomor antrean." in shown
    assert f'data-mpp-print="tes-{page.split("=")[1]}"' in shown
    with clock.frozen(asked + timedelta(minutes=2, seconds=5)):
        assert kiosk.post("/perangkat/detak/").json()["test"] == ""
    assert not Ticket.objects.exists()


def test_a_kiosk_that_is_off_or_revoked_is_said_not_to_print(client: Client, place: Place) -> None:
    device = make.make_device()
    assert "Anjungan ini tidak terlihat." in ask_for_test(client, device).content.decode()
    make.pair(device)
    revoke(device=device, by=place.officer)
    assert ask_for_test(client, device).status_code == 409


def test_a_display_prints_no_test(client: Client, place: Place) -> None:
    display = make.make_device(kind=DeviceKind.DISPLAY, zone=place.zone)
    assert "Layar tidak mencetak." in ask_for_test(client, display).content.decode()


# USB, and printers that nobody uses at the moment


class FakeUsb:
    """Stands in for the library's class: there is no USB printer on a build machine."""

    made: list[tuple[Any, ...]]
    device = object()

    def __init__(self, *ids: int, timeout: int) -> None:
        self.made.append(ids)
        self.sent = b""

    def open(self) -> None:
        self.sent = b""

    def close(self) -> None: ...

    def _raw(self, data: bytes) -> None:
        self.sent = data

    def _read(self) -> bytes:
        return bytes([WELL])


def test_a_usb_printer_is_found_by_its_two_codes(
    client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeUsb.made = []
    monkeypatch.setattr("escpos.printer.Usb", FakeUsb)
    make.pair(make.make_device(printer_link=PrinterLink.USB, usb_vendor="04b8", usb_product="0e15"), client)
    assert ask_for_slip(client, take(client)).json()["printed"]
    assert FakeUsb.made == [(0x04B8, 0x0E15)]


def test_a_missing_library_is_said_to_be_missing(
    client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "escpos.printer", None)
    make.pair(kiosk_of(9100), client)
    answer = ask_for_slip(client, take(client))
    assert answer.json()["message"] == "Printer: pustaka printer belum terpasang."


def test_an_empty_roll_shows_before_somebody_needs_a_slip(place: Place) -> None:
    with printer() as machine:
        machine.out_of_paper()
        device = kiosk_of(machine.port)
        make.pair(device)
        kiosk_of(machine.port, printer_answers=False)
        assert look_at_printers() == 1
        assert printer_state(device) == PrinterState.PAPER_OUT
        # Just asked: it is left alone.
        assert look_at_printers() == 0
    assert machine.slips == []


def test_the_version_is_the_one_of_the_project() -> None:
    assert settings.VERSION.count(".") == 2


def test_no_transaction_is_open_while_the_printer_is_spoken_to(
    client: Client, live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def spoken_to(device: Device, data: bytes) -> PrinterState:
        seen.append(connection.in_atomic_block)
        return PrinterState.READY

    monkeypatch.setattr(sending, "send", spoken_to)
    make.pair(kiosk_of(9), client)
    assert ask_for_slip(client, take(client)).json()["printed"]
    assert seen == [False]

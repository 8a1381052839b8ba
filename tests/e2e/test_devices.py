"""A screen becomes a kiosk or a display, prints by itself, and learns that it is revoked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from queueing.enums import Channel
from queueing.models import HallRules, Ticket
from tenants import actions
from tenants.devices import COOKIE
from tenants.enums import DeviceKind, PrinterLink
from tenants.models import Device, DeviceState
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.support.printer import printer, qr_payload
from tests.support.server import ROOT, Server

pytestmark = pytest.mark.django_db(transaction=True)

# The printer's answers to DLE EOT 2 and 3: stopped by a fault of the cutter.
JAMMED = {2: 0x52, 3: 0x1A}
A_HEARTBEAT = 31_000
A_MINUTE = 60_000


def pair_by_hand(page: Page, device: Device, place: Place) -> None:
    """Type the code on the screen's own keys."""
    page.goto("/perangkat/")
    for character in actions.make_code(device=device, by=place.officer):
        page.get_by_role("link", name=character, exact=True).click()
    page.get_by_role("button", name="Pasangkan").click()


def hang_up(people: People, device: Device, place: Place) -> Page:
    """Pair a display and wait for the answer to its first sign of life; only then the clock may jump."""
    hall = people.arrive(1920, 1080)
    hall.clock.install()
    with hall.expect_response("**/perangkat/detak/") as first:
        pair_by_hand(hall, device, place)
        hall.wait_for_url("**/layar/kependudukan/")
    first.value.finished()
    return hall


def take(page: Page) -> None:
    page.locator(".tile", has_text="Dukcapil").click()
    page.locator("button.choice").first.click()
    expect(page.locator(".given .plate .number")).to_be_visible()


def test_a_kiosk_is_paired_prints_and_says_when_the_paper_is_out(live_place: Place, people: People) -> None:
    with printer() as machine:
        device = make.make_device(
            printer_link=PrinterLink.NETWORK, printer_address="127.0.0.1", printer_port=machine.port
        )
        page = people.arrive(1080, 1920)
        pair_by_hand(page, device, live_place)
        expect(page.locator(".tiles")).to_be_visible()
        take(page)
        expect(page.get_by_text("Ambil kertas Anda")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Foto layar ini")).to_be_visible()
        assert len(machine.slips) == 1
        machine.out_of_paper()
        page.get_by_text("Cetak ulang").click()
        expect(page.get_by_text("Printer: kertas habis.")).to_be_visible()
        expect(page.get_by_text("Foto layar ini")).to_be_visible()
        expect(page.locator(".given .plate .number")).to_have_text("A-001")
    assert qr_payload(machine.slips[0]).endswith(f"/t/{Ticket.objects.get().token}/")
    assert DeviceState.objects.get(device=device).printer == "PAPER_OUT"


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1920, 1080), (1366, 768)])
def test_the_longest_trouble_of_a_printer_fits_the_foot_of_the_screen(
    live_place: Place, people: People, width: int, height: int
) -> None:
    ticket = make.issue(live_place.service, channel=Channel.KIOSK)
    with printer() as machine:
        machine.answers |= JAMMED
        device = make.make_device(
            printer_link=PrinterLink.NETWORK, printer_address="127.0.0.1", printer_port=machine.port
        )
        page = people.arrive(width, height)
        pair_by_hand(page, device, live_place)
        page.goto(f"/anjungan/nomor/{ticket.token}/")
        words = page.get_by_text("Printer: kertas atau pemotong macet.")
        expect(words).to_be_in_viewport(ratio=1)
        box = words.bounding_box()
    assert box
    # One line.
    assert box["height"] < 0.06 * min(width, height)


def test_a_kiosk_prints_a_test_slip_once_when_the_admin_asks(
    live_place: Place, people: People, server: Server
) -> None:
    device = make.make_device(roll_slips=500)
    page = people.arrive(1080, 1920)
    page.add_init_script("window.prints = 0; window.print = () => { window.prints += 1; };")
    page.clock.install()
    page.context.add_cookies([{"name": COOKIE, "value": make.pair(device), "url": server.url}])
    # The first sign of life comes at once; only what is asked after it waits for the next.
    with page.expect_response("**/perangkat/detak/") as first:
        page.goto("/anjungan/")
    first.value.finished()
    expect(page.locator(".tiles")).to_be_visible()
    actions.ask_for_test_print(device=device, by=live_place.officer)
    page.clock.run_for(A_HEARTBEAT)
    expect(page.get_by_role("heading", name="Karcis dikirim ke printer.")).to_be_visible()
    page.wait_for_function("() => window.prints === 1")
    page.clock.run_for(16_000)
    expect(page.locator(".tiles")).to_be_visible()
    with page.expect_response("**/perangkat/detak/") as beat:
        page.clock.run_for(A_HEARTBEAT)
    assert beat.value.json()["test"]
    expect(page.locator(".tiles")).to_be_visible()
    assert page.evaluate("window.prints") == 1
    # The sign of life that came with the wish told nothing yet; the one after the print told of one slip.
    page.wait_for_function("() => localStorage.getItem('mpp-slips') === '0'")
    assert DeviceState.objects.get(device=device).roll_printed == 1
    assert not Ticket.objects.exists()


def test_a_wrong_code_is_said_and_a_keyboard_works_too(live_place: Place, people: People) -> None:
    page = people.arrive(1920, 1080)
    page.goto("/perangkat/")
    page.keyboard.type("kkkkpppp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Kode ini tidak cocok. Periksa lagi, lalu ketik ulang.")
    page.get_by_role("link", name="Kosongkan").click()
    page.keyboard.type(actions.make_code(device=make.make_device(), by=live_place.officer))
    page.keyboard.press("Enter")
    expect(page.locator(".tiles")).to_be_visible()


def test_an_unpaired_kiosk_leads_staff_to_pairing(live_place: Place, people: People) -> None:
    HallRules.objects.filter(pk=1).update(paired_kiosks_only=True)
    page = people.arrive(1080, 1920)
    page.goto("/anjungan/")
    page.locator(".tile", has_text="Dukcapil").click()
    page.locator("button.choice").first.click()
    expect(page.get_by_text("Petugas di pintu masuk memberi Anda nomor.")).to_be_visible()
    page.get_by_role("link", name="Pasangkan layar ini").click()
    page.wait_for_url("**/perangkat/")


def test_a_revoked_kiosk_says_so_within_a_minute_but_shows_a_number_to_its_end(
    live_place: Place, people: People
) -> None:
    device = make.make_device()
    page = people.arrive(1080, 1920)
    page.add_init_script("window.print = () => {};")
    page.clock.install()
    pair_by_hand(page, device, live_place)
    expect(page.locator(".tiles")).to_be_visible()
    take(page)
    actions.revoke(device=device, by=live_place.officer)
    with page.expect_response("**/perangkat/detak/"):
        page.clock.run_for(A_HEARTBEAT - 5_000)
        expect(page.locator(".given .plate .number")).to_be_visible()
        page.clock.run_for(5_000)
    page.clock.run_for(A_MINUTE - A_HEARTBEAT - 5_000)
    expect(page.get_by_text("Layar ini dilepas")).to_be_visible()


def test_a_display_moves_to_the_zone_that_the_admin_gives_it(live_place: Place, people: People) -> None:
    device = make.make_device(kind=DeviceKind.DISPLAY, zone=live_place.zone)
    hall = hang_up(people, device, live_place)
    other = make.make_zone(code="perizinan", name="Perizinan")
    Device.objects.filter(pk=device.pk).update(zone=other)
    hall.clock.run_for(A_HEARTBEAT)
    hall.wait_for_url("**/layar/perizinan/")


def test_a_revoked_display_says_so_within_a_minute(live_place: Place, people: People) -> None:
    device = make.make_device(kind=DeviceKind.DISPLAY, zone=live_place.zone)
    hall = hang_up(people, device, live_place)
    actions.revoke(device=device, by=live_place.officer)
    with hall.expect_response("**/perangkat/detak/"):
        hall.clock.run_for(A_HEARTBEAT)
    hall.clock.run_for(A_MINUTE - A_HEARTBEAT)
    expect(hall.get_by_text("Layar ini dilepas")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1920, 1080), (1366, 768), (768, 1024)])
def test_the_page_of_pairing_fits_its_screen(
    live_place: Place, people: People, width: int, height: int
) -> None:
    page = people.arrive(width, height)
    page.goto("/perangkat/?kode=K7M4")
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [width, height]
    foot = page.locator(".where").bounding_box()
    assert foot
    assert foot["y"] + foot["height"] <= height
    button = page.get_by_role("button", name="Pasangkan").bounding_box()
    assert button
    assert button["y"] + button["height"] <= foot["y"] + 1


def test_the_waiting_page_of_a_screen_goes_on_when_the_portal_is_there(
    live_place: Place, browser: Browser, server: Server
) -> None:
    page = browser.new_page()
    page.clock.install()
    page.context.set_offline(True)
    page.goto(f"{(ROOT / 'deploy/kiosk/waiting.html').as_uri()}#{server.url}/")
    expect(page.get_by_text("Layar ini sedang disiapkan.")).to_be_visible()
    page.context.set_offline(False)
    page.clock.run_for(3_000)
    page.wait_for_url(f"{server.url}/perangkat/")
    page.close()

"""The kiosk in every state, on the upright panel of 21.5 inches that stands at the door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from queueing.actions.pool import follow_quota
from queueing.enums import Channel
from queueing.models import HallRules, Queue, QueueDay, Ticket
from services.actions import start_disruption
from services.models import OpeningHours, Service
from tenants.actions import devices
from tenants.devices import COOKIE
from tenants.enums import PrinterLink
from tests import factories as make
from tests.e2e.conftest import People
from tests.pictures.camera import keep
from tests.pictures.scene import Scene
from tests.support.fast_time import travel
from tests.support.full_hall import TUESDAY
from tests.support.printer import printer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

UPRIGHT, LYING = (1080, 1920), (1920, 1080)
# What the printer answers, from the least to the worst of its troubles (ESC/POS, DLE EOT 2 and 3).
FAULTS = {"out": {2: 0x32, 4: 0x72}, "cover": {2: 0x16, 4: 0x12}, "jam": {2: 0x52, 3: 0x1A}}
FAULT_WORDS = {
    "out": "kertas habis",
    "cover": "tutup printer terbuka",
    "jam": "kertas atau pemotong macet",
    "off": "mati atau kabelnya lepas",
}
NO_PAPER = "window.print = () => {};"


def at_the_kiosk(people: People, **options: str) -> Page:
    page = people.arrive(*UPRIGHT, service_workers=options.get("workers", "block"))
    page.add_init_script(NO_PAPER)
    return page


def look(page: Page, state: str, path: str = "", *, lying: bool = False) -> None:
    """Keep this screen; with `lying` on a panel that lies too."""
    if path:
        page.goto(path)
    page.wait_for_timeout(100)
    keep(page, f"kiosk-{state}", docs=0.4)
    if lying:
        page.set_viewport_size({"width": LYING[0], "height": LYING[1]})
        keep(page, f"kiosk-{state}-lying")
        page.set_viewport_size({"width": UPRIGHT[0], "height": UPRIGHT[1]})


def long_one(scene: Scene) -> Service:
    """The service whose name is the longest of the mall."""
    services = Service.objects.filter(queue_link__queue__is_active=True, is_published=True)
    return max(services, key=lambda service: len(service.name))


def test_from_the_start_to_a_number(morning: Scene, people: People) -> None:
    page = at_the_kiosk(people)
    agency = morning.service.agency.slug
    closed = Queue.objects.active().get(prefix="E")
    day = closed.days.get(date=TUESDAY.date(), block="")
    follow_quota(queue=closed, quota=day.last_number, origin="", by=morning.admin)
    start_disruption(agency=Queue.objects.get(prefix="D").agency, message="Jaringan Samsat pusat putus")
    look(page, "start", "/anjungan/", lying=True)
    look(page, "start-more", "/anjungan/?hal=2")
    look(page, "agency", f"/anjungan/{agency}/", lying=True)
    look(page, "agency-more", f"/anjungan/{agency}/?hal=2")
    look(page, "priority", f"/anjungan/{agency}/?didahulukan=1")
    look(page, "often", "/anjungan/cari/")
    look(page, "search", "/anjungan/cari/?cari=akta", lying=True)
    look(page, "search-nothing", "/anjungan/cari/?cari=zzzz")
    look(page, "help", "/anjungan/akses/")
    look(page, "check-in", "/anjungan/hadir/")
    look(page, "lost", "/anjungan/hilang/")
    look(page, "lost-number", "/anjungan/hilang/?awalan=A&kode=01278", lying=True)
    look(page, "full", f"/anjungan/layanan/{closed.services.filter(is_published=True)[0].slug}/")
    expect(page.get_by_text("sudah habis")).to_be_visible()
    trouble = Service.objects.filter(agency__code="SAM", is_published=True)[0]
    look(page, "trouble", f"/anjungan/layanan/{trouble.slug}/")
    look(page, "large-type", "/anjungan/?huruf=besar")
    look(page, "high-contrast", f"/anjungan/{agency}/?kontras=tinggi")
    look(page, "low-reach", "/anjungan/?tombol=bawah")
    look(page, "low-reach-agency", f"/anjungan/{agency}/?tombol=bawah")
    look(page, "english", "/anjungan/?bahasa=en")
    QueueDay.objects.filter(queue__prefix="A").update(last_number=1234)
    look(page, "lost-number-four", "/anjungan/hilang/?awalan=A&kode=001278", lying=True)


def test_a_number_and_its_paper(morning: Scene, people: People) -> None:
    page = at_the_kiosk(people)
    ticket = make.issue(morning.service, channel=Channel.KIOSK)
    look(page, "number", f"/anjungan/nomor/{ticket.token}/", lying=True)
    look(page, "number-english", f"/anjungan/nomor/{ticket.token}/?bahasa=en&kontras=tinggi")
    keep_slip(page, ticket, "slip")
    service = long_one(morning)
    earlier = make.issue(service, channel=Channel.KIOSK)
    QueueDay.objects.filter(pk=earlier.line_id).update(last_number=1233)
    long = make.issue(service, channel=Channel.KIOSK, priority="ELDERLY")
    look(page, "number-four-digits", f"/anjungan/nomor/{long.token}/", lying=True)
    keep_slip(page, long, "slip-four-digits")
    page.goto(f"/anjungan/nomor/{ticket.token}/")
    page.get_by_role("button", name="Batalkan nomor").click()
    page.get_by_text("Nomor dibatalkan").wait_for()
    look(page, "number-given-back")


def test_what_is_wrong_with_the_printer(morning: Scene, people: People) -> None:
    page = at_the_kiosk(people)
    with printer() as machine:
        device = make.make_device(
            printer_link=PrinterLink.NETWORK, printer_address="127.0.0.1", printer_port=machine.port
        )
        page.context.add_cookies(
            [{"name": COOKIE, "value": make.pair(device), "domain": "127.0.0.1", "path": "/"}]
        )
        for state, answers in FAULTS.items():
            machine.answers |= answers
            look_at_fault(page, morning, state)
    look_at_fault(page, morning, "off")


def look_at_fault(page: Page, scene: Scene, state: str) -> None:
    ticket = make.issue(scene.service, channel=Channel.KIOSK)
    page.goto(f"/anjungan/nomor/{ticket.token}/")
    expect(page.get_by_text(f"Printer: {FAULT_WORDS[state]}.")).to_be_visible()
    look(page, "no-paper" if state == "out" else f"printer-{state}", lying=True)


def test_what_the_scanner_and_the_code_of_a_device_are_told(morning: Scene, people: People) -> None:
    page = at_the_kiosk(people)
    travel(TUESDAY - timedelta(days=1))
    yesterday = make.issue(morning.service, channel=Channel.KIOSK)
    travel(TUESDAY)
    for state, code in {
        "scan-other-mall": "https://mpp-lain.example/t/abcdefghijklmnop/",
        "scan-other-day": f"https://mpp.example.go.id/t/{yesterday.token}/",
        "scan-garbage": "8991234567890",
        "scan-unreadable": "http://[::%00" + "x" * 60,
    }.items():
        page.goto("/anjungan/")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.locator("[data-mpp-home]").wait_for(state="detached")
        look(page, state, lying=True)
    device = make.make_device()
    code = devices.make_code(device=device, by=morning.admin)
    page.goto("/perangkat/")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.locator(".tiles").wait_for()
    devices.revoke(device=device, by=morning.admin)
    look(page, "revoked", "/perangkat/", lying=True)
    for state, typed in (("code-wrong", "KKKKPPPP"), ("code-used", code)):
        page.goto("/perangkat/")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        look(page, state, lying=True)


def keep_slip(page: Page, ticket: Ticket, name: str) -> None:
    page.goto(f"/anjungan/nomor/{ticket.token}/karcis/")
    page.locator(".slip").first.screenshot(path=f"var/pictures/kiosk-{name}.png", caret="initial")


def test_nobody_there_nothing_open_no_server(morning: Scene, people: People) -> None:
    page = at_the_kiosk(people)
    page.clock.install()
    page.goto("/anjungan/?bahasa=id&didahulukan=1")
    page.clock.run_for(41_000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    look(page, "still-here")
    page.close()
    page = at_the_kiosk(people)
    page.goto("/anjungan/")
    page.context.set_offline(True)
    expect(page.get_by_text("Ambil nomor di petugas pintu masuk.")).to_be_visible(timeout=8000)
    look(page, "no-server")
    page.context.set_offline(False)
    HallRules.objects.filter(pk=1).update(paired_kiosks_only=True)
    page = at_the_kiosk(people)
    page.goto(f"/anjungan/{morning.service.agency.slug}/")
    page.locator("button.choice").first.click()
    page.get_by_text("Petugas di pintu masuk memberi Anda nomor.").wait_for()
    look(page, "not-paired")
    look(page, "pairing", "/perangkat/?kode=K7M4", lying=True)
    HallRules.objects.filter(pk=1).update(paired_kiosks_only=False)
    OpeningHours.objects.update(opens_at="08:00", last_number_at="14:30", closes_at="15:00")
    travel(TUESDAY + timedelta(hours=9))
    look(page, "nothing-open", "/anjungan/", lying=True)
    slug = morning.service.slug
    look(page, "closed", f"/anjungan/layanan/{slug}/")

"""The kiosk in every state: how large its buttons are, whom it helps, what it does when nobody touches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.db.models import F
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Route, expect

from mpp.core.views import server_error
from queueing.enums import Channel, TicketState
from queueing.models import Queue, QueueService, Ticket
from services.models import Service
from tenants.devices import COOKIE
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People, intercept
from tests.support.axe import violations
from tests.support.server import running

pytestmark = pytest.mark.django_db(transaction=True)

PATIENT = 20_000
COUNT_PRINTS = "window.prints = 0; window.print = () => { window.prints += 1; };"
Panel = tuple[int, int, float]
# Width and height in pixels, millimetres a pixel: 21.5" upright and lying (trust.md K-01).
PANELS = [(1080, 1920, 0.248), (1920, 1080, 0.248)]
# 33 cm wide, the smallest that a kiosk may have; the browser shows it as full HD too.
SMALL_CM = 33
SMALL_PANELS = [(1080, 1920, 330 / 1920), (1920, 1080, 330 / 1920)]
WISHES = ["", "huruf=besar", "tombol=bawah", "huruf=besar&tombol=bawah&bahasa=en"]
SCREENS = [
    "/anjungan/",
    "/anjungan/dukcapil/",
    "/anjungan/cari/?cari=e",
    "/anjungan/akses/",
    "/anjungan/hadir/",
    "/anjungan/hilang/",
    "/anjungan/hilang/?awalan=A",
    "/anjungan/layanan/ditutup/",
]
LONG_NAMES = [
    "Pencatatan perkawinan bagi penduduk selain agama Islam yang menikah di luar negeri",
    "Surat keterangan pindah datang antarkabupaten",
    "Sertifikat kebersihan warung dan katering (SLHS)",
    "KTP elektronik pertama",
]
AGENCIES = [
    "Dinas Tenaga Kerja dan Koperasi",
    "BPJS Ketenagakerjaan",
    "Perumda Tirta Tuah Benua",
    "Polres Balangan",
]

MEASURE = Path(__file__).parents[1].joinpath("support", "measure.js").read_text("utf-8")


def at_the_kiosk(people: People, path: str = "/anjungan/", *, workers: str = "block") -> Page:
    """A kiosk of its own; without its service worker, which would still ask when the test is over."""
    page = people.arrive(1080, 1920, service_workers=workers)
    page.add_init_script(COUNT_PRINTS)
    page.goto(path)
    return page


def number_of(page: Page) -> Any:
    return page.locator(".given .plate .number")


def take(page: Page) -> None:
    page.locator(".tile", has_text="Dukcapil").click()
    page.locator("button.choice").first.click()
    expect(number_of(page)).to_be_visible()


def scan(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


# How it is laid out


@pytest.fixture
def full_mall(live_place: Place) -> Place:
    for name in LONG_NAMES * 2:
        QueueService.objects.create(
            queue=live_place.queue, service=make.make_service(live_place.agency, name=name)
        )
    for name in AGENCIES * 3:
        make.make_queue(
            make.make_service(make.make_agency(short_name=name, summary="SKCK, SIM, surat kehilangan"))
        )
    Queue.objects.filter(pk=live_place.queue.pk).update(daily_quota=15, online_percent=0)
    # Without one no letters stand before today's numbers.
    make.issue(live_place.service, channel=Channel.KIOSK)
    closed = make.make_service(live_place.agency, slug="ditutup", name="Perbaikan data keluarga yang keliru")
    make.make_queue(closed, daily_quota=0)
    return live_place


def test_every_screen_fits_its_panel_and_every_button_is_large(full_mall: Place, people: People) -> None:
    page = at_the_kiosk(people)
    assert faults_on(page, SCREENS, PANELS, WISHES) == []


# Capitals of 7.3 mm, read with ease from 60 cm (trust.md K-05); of Inter they are 0.727 of the size.
LETTERS = """
least => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small = [];
    while (texts.nextNode()) {
        const text = texts.currentNode.textContent.trim();
        const node = texts.currentNode.parentElement;
        if (!text || !node.offsetParent || node.closest(".slip, .sample, .sr-only")) continue;
        if (parseFloat(getComputedStyle(node).fontSize) < least) small.push(text);
    }
    return small;
}
"""


def test_every_letter_is_high_enough_for_arms_length(live_place: Place, people: People) -> None:
    ticket = make.issue(live_place.service, channel=Channel.KIOSK)
    page = at_the_kiosk(people)
    small = {}
    for screen in [*SCREENS[:-1], f"/anjungan/nomor/{ticket.token}/", "/perangkat/"]:
        page.goto(screen)
        for width, height, mm in PANELS:
            page.set_viewport_size({"width": width, "height": height})
            small[screen, width] = page.evaluate(LETTERS, 7.3 / 0.727 / mm)
    assert {where: texts for where, texts in small.items() if texts} == {}


def test_on_a_small_panel_the_buttons_are_as_large_and_fewer(full_mall: Place, people: People) -> None:
    page = at_the_kiosk(people)
    token = make.pair(make.make_device(panel_cm=SMALL_CM))
    page.context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/"}])
    ticket = make.issue(make_long(full_mall), channel=Channel.KIOSK)
    screens = [*SCREENS, f"/anjungan/nomor/{ticket.token}/"]
    assert faults_on(page, screens, SMALL_PANELS, ["", "huruf=besar"]) == []
    page.goto("/anjungan/akses/")
    # The whole of it can hang within reach.
    expect(page.get_by_text("Tombol di bawah")).to_have_count(0)


def faults_on(page: Page, screens: list[str], panels: list[Panel], wishes: list[str]) -> list[str]:
    """Look at each of these screens with each of these wishes on each of these panels."""
    faults = []
    for wish in wishes:
        for screen in screens:
            page.goto(f"{screen}{'&' if '?' in screen else '?'}{wish}")
            for panel in panels:
                page.set_viewport_size({"width": panel[0], "height": panel[1]})
                faults += [f"{screen} {wish} {panel}: {fault}" for fault in faults_of(page, panel, wish)]
    return faults


def test_the_number_fits_in_every_manner_and_keeps_its_buttons_low(full_mall: Place, people: People) -> None:
    page = at_the_kiosk(people)
    ticket = make.issue(make_long(full_mall), channel=Channel.KIOSK)
    faults = []
    for wish in WISHES:
        page.goto(f"/anjungan/nomor/{ticket.token}/?{wish}")
        for panel in PANELS:
            page.set_viewport_size({"width": panel[0], "height": panel[1]})
            faults += [f"{wish} {panel}: {fault}" for fault in faults_of(page, panel, "tombol=bawah")]
    assert faults == []


def make_long(place: Place) -> Service:
    """Return the service with the longest name."""
    return Service.objects.filter(name=LONG_NAMES[0]).earliest("pk")


def faults_of(page: Page, panel: Panel, wish: str) -> list[str]:
    """What is wrong with the screen as it stands: too small, too near, too high, cut, scrolling."""
    _width, height, mm = panel
    seen = page.evaluate(MEASURE)
    faults = [f"spilt: {text}" for text in seen["spilt"]] + [f"over: {text}" for text in seen["over"]]
    faults += [f"cut: {name}" for name in seen["cut"]]
    if seen["scrolls"]:
        faults.append("scrolls")
    if seen["choices"] > 8:
        faults.append(f"{seen['choices']} choices")
    for control in seen["controls"]:
        left, top, right, bottom = control["frame"]
        least = 25 if re.match("tile|choice", control["kind"]) else 20
        if min(right - left, bottom - top) * mm < least:
            faults.append(f"{(right - left) * mm:.1f} x {(bottom - top) * mm:.1f} mm: {control['name']}")
        if "tombol=bawah" in wish and top < height / 2 - 1:
            faults.append(f"out of reach: {control['name']}")
        if bottom > height + 1:
            faults.append(f"below the screen: {control['name']}")
    return faults + near(seen["controls"], mm)


def near(controls: list[dict[str, Any]], mm: float) -> list[str]:
    """Return the pairs of controls with less than three millimetres between them."""
    pairs = [(one, two) for place, one in enumerate(controls) for two in controls[place + 1 :]]
    return [
        f"near: {one['name']} | {two['name']}"
        for one, two in pairs
        if gap(one["frame"], two["frame"]) * mm < 2.9
    ]


def gap(one: list[float], two: list[float]) -> float:
    return max(two[0] - one[2], one[0] - two[2], two[1] - one[3], one[1] - two[3])


def test_axe_finds_nothing_in_any_state(full_mall: Place, people: People) -> None:
    page = at_the_kiosk(people)
    ticket = make.issue(full_mall.service, channel=Channel.KIOSK)
    paths = [*SCREENS, f"/anjungan/nomor/{ticket.token}/", "/anjungan/?kontras=tinggi&bahasa=en"]
    found = {}
    for path in [*paths, "/perangkat/"]:
        page.goto(path)
        found[path] = violations(page)
    page.goto("/anjungan/")
    for text in SCANS:
        scan(page, text)
        expect(page.get_by_role("heading", name=SCANS[text])).to_be_visible()
        found[text] = violations(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


# Whom it helps


def test_a_service_is_found_by_touching_letters_and_taken_with_the_next_touch(
    live_place: Place, people: People
) -> None:
    make.make_queue(make.make_service(make.make_agency(short_name="Imigrasi"), name="Paspor baru"))
    page = at_the_kiosk(people)
    page.get_by_role("link", name="Cari").click()
    for letter in ("P", "A", "X"):
        page.get_by_role("link", name=letter, exact=True).click()
    page.get_by_role("link", name="Hapus").click()
    page.get_by_role("link", name="S", exact=True).click()
    expect(page.locator("[data-mpp-typed]")).to_have_text("pas")
    expect(page.locator(".choice")).to_have_count(1)
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name=re.compile("Paspor baru")).click()
    expect(number_of(page)).to_be_visible()
    assert (Ticket.objects.get().channel, Ticket.objects.get().priority) == ("KIOSK", "GENERAL")


def test_nothing_is_found_and_the_screen_says_what_to_do(live_place: Place, people: People) -> None:
    page = at_the_kiosk(people, "/anjungan/cari/?cari=zzzz")
    expect(page.get_by_role("status")).to_contain_text("Tidak ada yang cocok.")
    page.get_by_role("link", name="Kosongkan").click()
    expect(page.locator("[data-mpp-typed]")).to_have_text("")
    expect(page.get_by_text("Tidak ada yang cocok.")).to_be_hidden()


def test_a_visitor_in_english_with_large_type_gets_the_number_and_the_next_one_starts_anew(
    live_place: Place, people: People
) -> None:
    page = at_the_kiosk(people)
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Access").click()
    page.get_by_role("switch", name=re.compile("Large type")).click()
    page.get_by_role("switch", name=re.compile("High contrast")).click()
    expect(page.locator("body")).to_have_class(re.compile("large-type high-contrast"))
    page.get_by_role("link", name="Go on").click()
    take(page)
    expect(page.get_by_text("Your number")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile("large-type high-contrast"))
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", name="Ambil nomor")).to_be_visible()
    expect(page.locator("body")).to_have_class("kiosk")


def test_a_touch_while_the_one_before_is_under_way_is_done_afterwards(
    live_place: Place, people: People
) -> None:
    page = at_the_kiosk(people, "/anjungan/akses/")
    with held(page, "/anjungan/akses/"):
        page.get_by_role("switch", name=re.compile("Huruf besar")).click()
        page.get_by_role("link", name="Lanjut ambil nomor").click()
    expect(page.get_by_role("heading", name="Ambil nomor")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile("large-type"))


def test_a_double_touch_is_one_and_what_the_next_screen_lacks_is_forgotten(
    live_place: Place, people: People
) -> None:
    page = at_the_kiosk(people, "/anjungan/akses/")
    with held(page, "/anjungan/akses/"):
        page.get_by_role("switch", name=re.compile("Huruf besar")).dblclick()
    expect(page.locator("body")).to_have_class(re.compile("large-type"))
    page.goto("/anjungan/")
    with held(page, "/anjungan/dukcapil/"):
        page.locator(".tile", has_text="Dukcapil").click()
        page.get_by_role("link", name="Cari").click()
    page.locator("button.choice").first.dblclick()
    expect(number_of(page)).to_have_text("A-001")
    assert Ticket.objects.count() == 1


def test_a_scan_while_a_touch_is_under_way_is_done_afterwards(live_place: Place, people: People) -> None:
    ticket = make.issue(live_place.service, channel=Channel.KIOSK)
    page = at_the_kiosk(people)
    with held(page, "/anjungan/dukcapil/"):
        page.locator(".tile", has_text="Dukcapil").click()
        scan(page, f"https://mpp.example/t/{ticket.token}/")
    expect(number_of(page)).to_have_text("A-001")


def test_a_slip_that_is_read_twice_is_one_scan_and_another_one_is_read_next(
    live_place: Place, people: People
) -> None:
    first, second = (make.issue(live_place.service, channel=Channel.KIOSK) for _number in range(2))
    page = at_the_kiosk(people)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    with held(page, "/anjungan/hadir/"):
        scan(page, f"https://mpp.example/t/{first.token}/")
        scan(page, f"https://mpp.example/t/{first.token}/")
    expect(number_of(page)).to_have_text("A-001")
    assert len(asked) == 1
    with held(page, "/anjungan/hadir/"):
        scan(page, f"https://mpp.example/t/{first.token}/")
        scan(page, f"https://mpp.example/t/{second.token}/")
    expect(number_of(page)).to_have_text("A-002")


@contextmanager
def held(page: Page, path: str) -> Iterator[None]:
    """Let the server's answers under `path` come when the block has ended."""
    routes: list[Route] = []
    address = re.compile(re.escape(path))
    intercept(page, address, lambda route: routes.append(route))
    yield
    page.wait_for_function("() => document.body.getAttribute('aria-busy') === 'true'")
    assert len(routes) == 1
    for route in routes:
        route.continue_()
    page.unroute(address)


VOICE = """
window.spoken = [];
const voices = [{ lang: "id-ID", name: "Suara" }];
Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => voices, cancel: () => {}, speak: one => spoken.push(one.text),
    addEventListener: () => {} } });
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""


def test_without_an_indonesian_voice_there_is_no_button_for_sound(live_place: Place, people: People) -> None:
    page = at_the_kiosk(people, "/anjungan/akses/")
    expect(page.get_by_role("switch")).to_have_count(3)


def test_with_a_voice_the_screens_are_read_aloud(live_place: Place, people: People) -> None:
    page = people.arrive(1080, 1920, service_workers="block")
    page.add_init_script(VOICE)
    page.goto("/anjungan/akses/")
    page.get_by_role("switch", name=re.compile("Suara")).click()
    page.get_by_role("link", name="Lanjut ambil nomor").click()
    page.locator(".tile").first.wait_for()
    spoken = page.evaluate("spoken")
    assert "Ambil nomor" in spoken
    assert any(text.startswith("Dukcapil, ") for text in spoken)
    page.locator(".tile").first.click()
    page.locator("button.choice").first.click()
    expect(number_of(page)).to_be_visible()
    assert "A 0 0 1" in page.evaluate("spoken")
    page.goto("/anjungan/akses/?bahasa=en")
    expect(page.get_by_role("switch")).to_have_count(3)


# The scanner


def test_a_slip_held_to_the_scanner_shows_its_number_and_is_given_back(
    live_place: Place, people: People
) -> None:
    ticket = make.issue(live_place.service, channel=Channel.KIOSK)
    page = at_the_kiosk(people)
    scan(page, f"https://mpp.example/t/{ticket.token}/")
    expect(number_of(page)).to_have_text("A-001")
    assert page.evaluate("window.prints") == 0
    page.get_by_role("button", name="Batalkan nomor").click()
    expect(page.get_by_text("Nomor dibatalkan")).to_be_visible()
    ticket.refresh_from_db()
    assert ticket.state == "CANCELLED"


SCANS = {
    "https://mpp-lain.example/pesanan/abcdefghijklmnop/": "QR ini dari mal lain.",
    "WIFI:T:WPA;S:mpp;P:rahasia;;": "Ini bukan kode pesanan atau karcis.",
    "8991234567890": "Ini bukan kode pesanan atau karcis.",
    "http://[::%00<script>alert(1)</script>" + "x" * 400: "QR ini tidak terbaca.",
}


def test_whatever_is_held_to_the_scanner_gets_a_clear_answer(live_place: Place, people: People) -> None:
    page = at_the_kiosk(people)
    page.locator(".tile").first.focus()
    for text, answer in SCANS.items():
        scan(page, text)
        expect(page.get_by_role("heading", name=answer)).to_be_visible()
    page.get_by_role("link", name="Ambil nomor").click()
    take(page)


# Nobody touches


def test_an_abandoned_screen_asks_and_then_forgets_everything(live_place: Place, people: People) -> None:
    page = people.arrive(1080, 1920, service_workers="block")
    page.clock.install()
    page.goto("/anjungan/?bahasa=en&didahulukan=1")
    page.locator(".tile").first.click()
    page.locator("button.choice").first.wait_for()
    page.clock.run_for(41_000)
    expect(page.get_by_role("alertdialog", name="Still here?")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    page.clock.run_for(41_000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.clock.run_for(20_000)
    expect(page.get_by_role("heading", name="Ambil nomor")).to_be_visible()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("location.search") == ""


# Power and network


def test_after_a_power_cut_the_unprinted_number_is_printed_again_or_given_back(
    live_place: Place, people: People
) -> None:
    page = at_the_kiosk(people)
    # The power goes before the paper comes.
    page.evaluate("Object.defineProperty(document, 'fonts', { value: { ready: new Promise(() => {}) } })")
    take(page)
    touch = page.evaluate("localStorage.getItem('mpp-unprinted')")
    page.goto("/anjungan/")
    expect(number_of(page)).to_have_text("A-001")
    assert page.evaluate("window.prints") == 0
    page.get_by_role("link", name="Cetak").click()
    assert page.evaluate("[window.prints, localStorage.length]") == [1, 0]
    page.goto("/anjungan/")
    expect(page.locator(".tiles")).to_be_visible()
    with pgtrigger.ignore("queueing.Ticket:identity_stays"):
        Ticket.objects.update(issued_at=F("issued_at") - timedelta(minutes=3))
    page.evaluate("text => localStorage.setItem('mpp-unprinted', text)", touch)
    with page.expect_response("**/belum-dicetak/"):
        page.goto("/anjungan/")
    expect(page.locator(".tiles")).to_be_visible()
    assert [ticket.state for ticket in Ticket.objects.all()] == [TicketState.CANCELLED]


def test_a_killed_server_is_told_within_five_seconds_and_the_kiosk_comes_back_alone(
    live_place: Place, browser: Browser
) -> None:
    with running() as server:
        people = People(browser, server.url)
        page = at_the_kiosk(people, workers="allow")
        page.wait_for_function(
            "async () => (await navigator.serviceWorker.ready).active.state === 'activated'"
        )
        port = int(server.url.rpartition(":")[2])
        server.process.kill()
        server.process.wait()
        expect(page.get_by_text("Ambil nomor di petugas pintu masuk.")).to_be_visible(timeout=5_000)
        # The browser starts again, as after a power cut, and finds no server.
        started = page.context.new_page()
        started.goto("/anjungan/")
        expect(started.get_by_text("Ambil nomor di petugas pintu masuk.")).to_be_visible()
        assert violations(started) == []
        with running(port=port):
            for one in (page, started):
                expect(one.locator(".tiles")).to_be_visible(timeout=PATIENT)
                expect(one.get_by_text("Ambil nomor di petugas pintu masuk.")).to_be_hidden(timeout=PATIENT)
            people.leave()
    assert people.foreign == []


@pytest.mark.parametrize("path", ["/anjungan/", "/layar/kependudukan/"])
def test_a_screen_whose_first_page_was_a_failure_comes_back_alone(
    live_place: Place, people: People, path: str
) -> None:
    page = people.arrive(1080, 1920, service_workers="block")
    failure = server_error(RequestFactory().get(path))
    answers = [failure, failure]

    def answer(route: Route) -> None:
        if not answers:
            return route.continue_()
        one = answers.pop()
        # What the page says, sooner than in ten seconds.
        headers = {"Content-Type": one["Content-Type"], "Refresh": one["Refresh"].replace("10", "1")}
        return route.fulfill(status=500, headers=headers, body=one.content.decode())

    page.route(f"**{path}", answer)
    page.goto(path)
    expect(page.get_by_role("heading", name="Ada gangguan di sistem kami")).to_be_visible()
    expect(page.locator(".tiles, [data-mpp-call]").first).to_be_visible()


# Paper


def test_the_slip_fits_either_paper_with_a_large_number_and_code(live_place: Place, people: People) -> None:
    page = at_the_kiosk(people)
    take(page)
    page.wait_for_function("() => window.prints === 1")
    check_slip(page, 80)
    address = page.url
    token = make.pair(make.make_device(paper_mm=58))
    page.context.add_cookies([{"name": "mpp_device", "value": token, "url": address}])
    page.goto(address)
    page.get_by_role("link", name="Cetak ulang").click()
    check_slip(page, 58)


def check_slip(page: Page, paper: int) -> None:
    """Number >= 15 mm, code >= 25 mm, nothing beyond the paper (trust.md K-08)."""
    page.emulate_media(media="print")
    slip, number, code, *texts = page.evaluate(
        """() => ["", " .number", " .qr path + path", " .what", " .fine"].map(part => {
            const node = document.querySelector(".kiosk > .slip" + part);
            const inside = document.createRange();
            inside.selectNodeContents(node);
            const box = part.includes(" .") && node.textContent ? inside : node;
            const {left, right} = box.getBoundingClientRect();
            return [left, right].map(px => px * 25.4 / 96);
        })"""
    )
    page.emulate_media(media="screen")
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.slip .number')).fontSize)")
    rule = page.evaluate("[...[...document.styleSheets].pop().cssRules].pop().cssText")
    assert slip[1] - slip[0] == pytest.approx(paper, abs=0.2)
    edge = (paper - {80: 72, 58: 48}[paper]) / 2
    assert all(
        slip[0] + edge - 1 <= left and right <= slip[1] - edge + 0.5 for left, right in (number, code, *texts)
    )
    # The digits of Inter are 0.727 of its size.
    assert size * 25.4 / 96 * 0.727 >= 15
    assert code[1] - code[0] >= 25
    assert re.search(rf"size: {paper}mm \d+mm", rule)

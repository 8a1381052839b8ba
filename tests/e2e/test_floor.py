"""The floor in Chromium: a full mall at 09.44, understood and run from one page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from queueing import actions
from queueing.models import ExtraQuota, HelpCall, OfficerRequest
from services.actions import start_disruption
from tenants.enums import Role
from tests import factories as make
from tests.e2e.conftest import People, answer_under_way
from tests.support.axe import violations
from tests.support.fast_time import fast_time, travel
from tests.support.full_hall import TUESDAY, Hall, make_hall
from tests.support.server import Server, frozen, running

pytestmark = pytest.mark.django_db(transaction=True)

# Everything to press, at least so high: a finger's breadth on a tablet.
TOO_SMALL = """
Array.from(document.querySelectorAll(".floor button, .floor summary, .floor a.button-link"))
    .filter(one => one.offsetParent && one.getBoundingClientRect().height < (innerWidth < 1100 ? 48 : 40))
    .map(one => one.outerHTML.slice(0, 90))
"""
# What opens a form of each kind.
FORMS = [".tile-serving", ".tile-empty", ".left summary", "#floor-announce", "#advice-how summary"]
SIZES = [(1366, 768), (1920, 1080), (768, 1024), (1024, 768)]


@pytest.fixture(scope="module")
def tuesday(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """A server that lives on a Tuesday, as the tests of this module do."""
    with django_db_blocker.unblock(), fast_time(TUESDAY), running() as server:
        yield server


@pytest.fixture
def floor(tuesday: Server, transactional_db: None, browser: Browser) -> Iterator[tuple[Hall, People]]:
    """The mall and its people; the clock of the database stands at 09.44 and runs on."""
    travel(TUESDAY)
    hall = make_hall()
    actions.advise()
    travel(TUESDAY)
    people = People(browser, tuesday.url)
    yield hall, people
    people.leave()
    assert people.faults == []
    assert people.foreign == []


def sign_in(people: People, user: Any, width: int = 1366, height: int = 768, **options: Any) -> Page:
    page = people.arrive(width, height, **options)
    page.goto("/akun/masuk/?next=/lantai/")
    page.get_by_label("Nama pengguna").fill(user.username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Lantai")).to_be_visible()
    return page


def tile(page: Page, number: str) -> Any:
    return page.locator(".tile", has=page.get_by_text(number, exact=True))


def test_a_morning_run_from_one_page(floor: tuple[Hall, People]) -> None:
    hall, people = floor
    page = sign_in(people, hall.manager)
    expect(page.get_by_text("Tersambung")).to_be_visible()
    page.evaluate("window.firstLoad = true")
    expect(page.locator(".floor-row.is-hot")).to_have_count(1)
    expect(page.locator(".floor-row.is-hot")).to_contain_text("Samsat")

    # The computed advice and the button that does it.
    card = page.locator(".advice-card")
    expect(card).to_contain_text("Isi loket 6 di Samsat.")
    figures = [int(text) for text in card.locator(".num").all_inner_texts()]
    assert figures[0] > figures[1]
    card.get_by_role("button", name="Minta petugas").click()
    expect(page.get_by_text("Permintaan ke Samsat dicatat dan dikirim ke 1 petugas.")).to_be_visible()
    expect(card).to_contain_text(re.compile(r"Diminta 09\.4\d oleh Rina"))
    assert OfficerRequest.objects.get().counter == hall.counters["D"][2]

    # A counter calls for help: on top at once, answered by name.
    session = hall.sessions("A")[0]
    actions.call_help(session=session, kind="SICK", by=session.user)
    expect(page.get_by_role("alert")).to_contain_text("Loket 1, Dukcapil, memanggil bantuan")
    expect(page.locator(".is-hot")).to_have_count(0)
    page.get_by_role("button", name="Saya datang").click()
    expect(page.locator(".floor-help")).to_have_count(0)
    assert HelpCall.objects.get().answered_by == hall.manager

    # The officer comes late; the manager opens the counter for her.
    tile(page, "6").click()
    page.get_by_label("Alasan").locator("visible=true").first.fill("Lupa kata sandi")
    page.get_by_role("button", name="Buka loket").locator("visible=true").click()
    expect(page.get_by_text(re.compile("Loket 6 dibuka untuk"))).to_be_visible()
    expect(tile(page, "6")).to_contain_text("siap")

    # An abandoned counter is closed: its number waits again.
    tile(page, "4").click()
    page.get_by_label("Tutup karena").locator("visible=true").fill("Petugas pulang")
    page.get_by_role("button", name="Tutup loket").locator("visible=true").click()
    expect(page.get_by_text("Loket 4 ditutup.")).to_be_visible()
    expect(page.locator(".floor-row", has_text="Samsat").locator(".people")).to_have_text("24")

    # What happens at a counter appears by itself.
    officer = hall.sessions("D")[-1]
    actions.call_next(session=officer, by=officer.user)
    expect(tile(page, "6")).to_contain_text("D-001")
    assert page.evaluate("window.firstLoad")


def test_numbers_pauses_announcements_and_a_lost_network(floor: tuple[Hall, People], tuesday: Server) -> None:
    hall, people = floor
    page = sign_in(people, hall.manager)
    page.locator("#quota-" + str(hall.queues["L"].pk)).locator("summary").click()
    expect(page.get_by_label("Banyaknya").locator("visible=true")).to_be_focused()
    page.keyboard.type("5")
    page.get_by_label("Alasan").locator("visible=true").fill("Rombongan haji")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"Kementerian Agama ditambah 5 nomor\."))).to_be_visible()
    assert ExtraQuota.objects.get().reason == "Rombongan haji"

    tile(page, "21").click()
    page.get_by_role("button", name="Akhiri jeda").click()
    expect(tile(page, "21")).to_contain_text("siap")
    tile(page, "21").click()
    page.get_by_label("Jeda karena").locator("visible=true").fill("Salat")
    page.keyboard.press("Enter")
    expect(tile(page, "21")).to_contain_text("jeda")

    display = people.arrive(1920, 1080)
    display.goto("/layar/timur/")
    page.locator("#floor-announce").click()
    expect(page.get_by_label("Isi, satu kalimat")).to_be_focused()
    page.keyboard.type("Mobil DA 1234 menghalangi pintu")
    page.get_by_role("button", name="Umumkan sekarang").click()
    expect(display.get_by_text("Mobil DA 1234 menghalangi pintu").first).to_be_visible()
    page.get_by_role("button", name="Akhiri").click()
    expect(page.get_by_text("Pengumuman diakhiri.")).to_be_visible()
    expect(display.get_by_text("Mobil DA 1234 menghalangi pintu")).to_have_count(0)

    # A lost network: the page stays and says how old it is. Being offline ends no stream that is open.
    page.clock.install()
    page.context.set_offline(True)
    with frozen(tuesday):
        page.clock.run_for(40_000)
        expect(page.get_by_text(re.compile("Terputus. Data ini"))).to_be_visible()
        expect(page.locator(".floor-row").first).to_be_visible()
    # htmx tells the browser's log that the network is away; nothing else may be wrong.
    page.close()
    assert all("htmx:" in fault for fault in people.faults)
    people.faults.clear()


def test_every_state_fits_the_desk_and_the_tablet_and_needs_no_script(floor: tuple[Hall, People]) -> None:
    hall, people = floor
    start_disruption(agency=hall.agencies["E"], message="SKCK daring tidak menjawab")
    actions.close_for(session=hall.sessions("V")[0], reason="uji", by=hall.manager)
    for width, height in SIZES:
        page = sign_in(people, hall.manager, width, height)
        page.get_by_text("4 antrean lain").click()
        page.get_by_text("Kehadiran petugas tiap instansi").click()
        for word in ("Cukup", "Kurang petugas", "Gangguan", "Belum buka", "siap", "jeda", "kosong"):
            assert page.locator(".floor-main").get_by_text(word, exact=True).count(), word
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for opened in FORMS:
            page.locator(opened).first.click()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, opened)
            page.keyboard.press("Escape")
        assert page.evaluate(TOO_SMALL) == []
        page.close()

    # Without a script, and for the auditor, who presses nothing.
    page = sign_in(people, hall.manager, java_script_enabled=False)
    tile(page, "21").click()
    page.get_by_role("button", name="Akhiri jeda").click()
    expect(page.get_by_text("Loket 21 melayani lagi.")).to_be_visible()
    auditor = sign_in(people, make.make_user(Role.AUDITOR), 1024, 768)
    expect(auditor.locator(".floor-row").first).to_be_visible()
    expect(auditor.get_by_role("button")).to_have_text([re.compile("Keluar")])


def test_axe_finds_nothing_and_an_open_form_is_in_sight(floor: tuple[Hall, People]) -> None:
    hall, people = floor
    session = hall.sessions("A")[0]
    for width, height in ((1366, 768), (768, 1024)):
        page = sign_in(people, hall.manager, width, height)
        found = {"closed": violations(page)}
        for opened in FORMS:
            page.locator(opened).last.click()
            found[opened] = violations(page)
            button = page.locator("[data-mpp-sheet][open] button:visible").last
            if button.count():
                expect(button).to_be_in_viewport(ratio=1)
            page.keyboard.press("Escape")
        assert {state: faults for state, faults in found.items() if faults} == {}, width
        page.close()
        # The tablet shows a counter that calls for help, too.
        actions.call_help(session=session, kind="SICK", by=session.user)


def test_fresh_figures_on_their_way_do_not_close_what_is_being_typed(floor: tuple[Hall, People]) -> None:
    hall, people = floor
    page = sign_in(people, hall.manager)
    expect(page.get_by_text("Tersambung")).to_be_visible()
    with answer_under_way(page, "/lantai/"):
        page.locator("#floor-announce").click()
        expect(page.get_by_label("Isi, satu kalimat")).to_be_focused()
        page.keyboard.type("Mobil menghalangi pintu")
    page.get_by_role("button", name="Umumkan sekarang").click()
    expect(page.locator("main")).to_contain_text("Mobil menghalangi pintu")

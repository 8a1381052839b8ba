"""Kiosk and display as the hall sees them: touches, paper, calls, lost connections."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from queueing import actions
from queueing.models import QueueService, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.support.server import frozen, running

pytestmark = pytest.mark.django_db(transaction=True)

# Longer than any pause of the scripts: a retry after 5 s, a missed heartbeat after 9.
PATIENT = 20_000
COUNT_PRINTS = "window.prints = 0; window.print = () => { window.prints += 1; };"
# A 21.5" panel of 1080 × 1920 (trust.md K-01).
MM_PER_PX = 0.248
# Beside those of test_kiosk: a tablet's.
SIZES = [(768, 1024)]


def at_the_kiosk(people: People, width: int = 1080, height: int = 1920) -> Page:
    page = people.arrive(width, height, service_workers="block")
    page.add_init_script(COUNT_PRINTS)
    page.goto("/anjungan/")
    return page


def take(page: Page) -> None:
    page.locator(".tile", has_text="Dukcapil").click()
    page.locator("button.choice").first.click()
    expect(page.locator(".given .plate .number")).to_be_visible()


def test_touching_twice_makes_one_number_and_one_slip(live_place: Place, people: People) -> None:
    page = at_the_kiosk(people)
    page.locator(".tile", has_text="Dukcapil").click()
    button = page.locator("button.choice").first
    button.wait_for()
    button.evaluate("node => { node.click(); node.click(); }")
    expect(page.locator(".given .plate .number")).to_have_text("A-001")
    page.wait_for_function("() => window.prints === 1")
    page.reload()
    expect(page.get_by_text("Cetak ulang")).to_be_visible()
    assert page.evaluate("window.prints") == 0
    page.get_by_text("Cetak ulang").click()
    assert page.evaluate("window.prints") == 1
    assert Ticket.objects.count() == 1


def test_after_a_number_the_screen_forgets_and_back_shows_the_start(
    live_place: Place, people: People
) -> None:
    page = at_the_kiosk(people)
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    take(page)
    page.get_by_role("link", name="Selesai").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    assert page.evaluate("sessionStorage.length") == 0
    page.go_back()
    expect(page.locator(".tiles")).to_be_visible()
    assert page.url.endswith("/anjungan/")


def test_a_lost_server_shows_our_words_and_the_touch_is_done_afterwards(
    live_place: Place, people: People
) -> None:
    page = at_the_kiosk(people)
    page.locator(".tile", has_text="Dukcapil").click()
    page.locator("button.choice").first.wait_for()
    page.context.set_offline(True)
    page.locator("button.choice").first.evaluate("node => node.click()")
    expect(page.get_by_text("Ambil nomor di petugas pintu masuk.")).to_be_visible()
    assert not Ticket.objects.exists()
    page.context.set_offline(False)
    expect(page.locator(".given .plate .number")).to_have_text("A-001", timeout=PATIENT)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_screen_fits_and_every_target_is_large(
    live_place: Place, people: People, width: int, height: int
) -> None:
    for _number in range(10):
        service = make.make_service(live_place.agency, name="Pencatatan perkawinan untuk selain agama Islam")
        QueueService.objects.create(queue=live_place.queue, service=service)
        make.make_queue(
            make.make_service(make.make_agency(short_name="Badan Pertanahan", summary="Hak " * 12))
        )
    page = at_the_kiosk(people, width, height)
    for screen in ("/anjungan/", "/anjungan/?hal=2", "/anjungan/dukcapil/", "/anjungan/dukcapil/?hal=2"):
        page.goto(screen)
        fits(page)
        large(page)
    take_first = page.locator("button.choice").first
    take_first.click()
    expect(page.locator(".given .plate .number")).to_be_visible()
    fits(page)
    large(page)


def fits(page: Page) -> None:
    size = page.viewport_size
    assert size
    wide, high = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert (wide, high) == (size["width"], size["height"]), page.url


def large(page: Page) -> None:
    """Targets and letters as on the panel, whatever the size of this window."""
    size = page.viewport_size
    assert size
    panel = min(size["width"] / 1080, size["height"] / 1920)
    if size["width"] > size["height"]:
        panel = min(size["width"] / 1920, size["height"] / 1080)
    for box in page.locator("a:visible, button:visible").all():
        frame = box.bounding_box()
        assert frame
        assert frame["height"] * MM_PER_PX / panel >= 25, box.inner_text()
        assert frame["width"] * MM_PER_PX / panel >= 25, box.inner_text()
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("main *, .priority *, .kiosk-foot *")]
            .filter(node => node.textContent.trim() && node.getClientRects().length && !node.closest(".slip"))
            .map(node => parseFloat(getComputedStyle(node).fontSize)))"""
    )
    assert smallest / panel >= 40.9


def test_two_calls_at_once_are_both_shown_and_the_second_stays(live_place: Place, people: People) -> None:
    hall = people.arrive(1920, 1080)
    hall.clock.install()
    hall.goto("/layar/kependudukan/")
    first = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    second = make.open_session(
        live_place.agency, make.make_counter(live_place.agency, live_place.zone, number="7")
    )
    for _number in range(2):
        make.issue(live_place.service)
    actions.call_next(session=first, by=first.user)
    actions.call_next(session=second, by=second.user)
    plate = hall.locator("[data-mpp-call]")
    expect(plate).to_have_class(re.compile("is-calling"))
    expect(plate.locator("[data-mpp-label]")).to_have_text("A-001")
    expect(hall.locator("[data-mpp-row]").first).to_contain_text("A-002")
    # A call stands for as long as it is spoken, and no longer than three quarters of a minute.
    for _second in range(60):
        hall.clock.run_for(1000)
        if plate.locator("[data-mpp-label]").text_content() == "A-002":
            break
    expect(plate.locator("[data-mpp-label]")).to_have_text("A-002")
    expect(plate.locator("[data-mpp-counter]")).to_have_text("7")
    expect(hall.locator("[data-mpp-row]").first).to_contain_text("A-001")


def test_a_display_that_is_cut_off_says_since_when_and_recovers(live_place: Place, browser: Browser) -> None:
    with running() as server:
        people = People(browser, server.url)
        hall = people.arrive(1920, 1080)
        hall.clock.install()
        hall.goto("/layar/kependudukan/")
        with frozen(server):
            hall.clock.run_for(PATIENT)
            expect(hall.locator("[data-mpp-stale]")).to_be_visible()
            expect(hall.locator("[data-mpp-stale]")).to_contain_text(re.compile(r"Terputus sejak \d\d\.\d\d"))
            expect(hall.get_by_text("Belum ada panggilan")).to_be_visible()
            session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
            make.issue(live_place.service)
            actions.call_next(session=session, by=session.user)
        expect(hall.locator("[data-mpp-label]")).to_have_text("A-001", timeout=PATIENT)
        expect(hall.locator("[data-mpp-stale]")).to_be_hidden(timeout=PATIENT)
        people.leave()
    assert people.faults == []


@pytest.mark.parametrize(("width", "height"), [(360, 780), (1280, 1024), (1366, 768), (3840, 2160)])
def test_a_display_fits_its_screen(live_place: Place, people: People, width: int, height: int) -> None:
    hall = people.arrive(width, height)
    hall.goto("/layar/kependudukan/")
    size = hall.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size[0] == width
    if width > height:
        assert size[1] == height

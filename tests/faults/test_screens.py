"""The screens of the hall, a phone and a console: no power, no network, a bad line. Nobody touches them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from queueing import actions
from queueing.models import CounterSession, Ticket, TicketEvent
from tenants.actions import make_code
from tenants.enums import DeviceKind
from tenants.models import Device
from tests import factories as make
from tests.e2e.conftest import QUIET, chromium
from tests.faults.conftest import Scene
from tests.faults.proxy import WeakLine, between
from tests.faults.station import Station

EVENTS, EVENTS_A_SECOND = 1_000, 8.0
DELAY_SECONDS, LOSS = 2.0, 0.05
UP_SECONDS, DOWN_SECONDS = 20.0, 10.0
TOLD_SECONDS = {"kiosk": 5.0, "display": 10.0, "phone": 35.0, "console": 35.0}
# Longer than a browser needs to use up its six connections on questions that nobody answers.
OUTAGE_SECONDS = 60.0
BACK_SECONDS = 90.0
# The look itself, on a machine that does other things too.
SLACK_SECONDS = 2.0
TOO_OLD_SECONDS = 30.0
# What display.js hands to the voice, in this order.
NOTE_ANNOUNCED = """
(function () {
    let Real;
    window.announced = [];
    Object.defineProperty(window, "MppVoice", {
        get: () => Real,
        set: (Voice) => {
            const announce = Voice.prototype.announce;
            Voice.prototype.announce = function (call) {
                window.announced.push(call.id);
                return announce.call(this, call);
            };
            Real = Voice;
        },
    });
})();
"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
    yield browser
    browser.close()


def _open(browser: Browser, url: str, path: str, script: str = "") -> Page:
    context = browser.new_context(base_url=url, locale="id-ID", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(BACK_SECONDS * 1000)
    if script:
        context.add_init_script(script)
    page = context.new_page()
    page.goto(path)
    return page


def _open_counter(scene: Scene) -> CounterSession:
    return make.open_session(scene.place.agency, scene.place.counter, scene.place.officer)


def _call_one(scene: Scene, session: CounterSession) -> Ticket:
    """Call a new number; the one before is finished by it."""
    make.issue(scene.place.service)
    called = actions.call_next(session=session, by=session.user)
    assert called
    return actions.start(ticket=called, by=session.user)


def _display(scene: Scene) -> str:
    return f"/layar/{scene.place.zone.code}/"


def test_r14_on_a_slow_lossy_flapping_line_no_call_is_missed_or_comes_twice(
    scene: Scene, browser: Browser
) -> None:
    """A thousand calls, eight a second; the line is two seconds late and away every third ten seconds."""
    scene.portal.start("live")
    session = _open_counter(scene)
    line = WeakLine(scene.portal.live_url, delay=DELAY_SECONDS, loss=LOSS, seed=scene.seed)
    with between(line):
        hall = _open(browser, line.url, _display(scene), NOTE_ANNOUNCED)
        _call_one(scene, session)
        hall.wait_for_function("() => announced.length === 1")
        began = time.monotonic()
        for number in range(1, EVENTS):
            time.sleep(max(0.0, began + number / EVENTS_A_SECOND - time.monotonic()))
            if (time.monotonic() - began) % (UP_SECONDS + DOWN_SECONDS) < UP_SECONDS:
                line.heal()
            else:
                line.cut()
            _call_one(scene, session)
        line.heal()
        hall.wait_for_function("count => announced.length >= count", arg=EVENTS)
        announced = hall.evaluate("announced")
        hall.context.close()
    assert announced == list(
        TicketEvent.objects.filter(step="call").order_by("pk").values_list("pk", flat=True)
    )


@pytest.mark.parametrize("fault", ["cut", "fall_silent"], ids=["r13 cut", "r15 half-open"])
def test_r13_r15_a_lost_network_is_told_and_all_come_back_alone(
    scene: Scene, browser: Browser, fault: str
) -> None:
    """Reset, or dead without a word: then only a missing heartbeat tells, and connections hang for ever."""
    scene.portal.start("live")
    ticket = make.issue(scene.place.service)
    line = WeakLine(scene.portal.live_url)
    with between(line):
        pages = {
            "kiosk": _open(browser, line.url, "/anjungan/"),
            "display": _open(browser, line.url, _display(scene)),
            "phone": _open(browser, line.url, f"/t/{ticket.token}/"),
            "console": _at_console(scene, browser, line.url),
        }
        _all_know(pages, is_lost=False)
        lost = time.monotonic()
        getattr(line, fault)()
        for name, seconds in TOLD_SECONDS.items():
            left = lost + seconds + SLACK_SECONDS - time.monotonic()
            expect(_word_of_loss(name, pages[name])).to_be_visible(timeout=left * 1000)
            print(f"{name} {time.monotonic() - lost:.1f} s", end=", ")
        called = actions.call_next(session=CounterSession.objects.get(), by=scene.place.officer)
        assert called == ticket
        time.sleep(lost + OUTAGE_SECONDS - time.monotonic())
        line.heal()
        healed = time.monotonic()
        _all_know(pages, is_lost=False)
        expect(pages["kiosk"].locator(".tiles")).to_be_visible()
        expect(pages["display"].locator("[data-mpp-label]")).to_have_text(ticket.label)
        expect(pages["phone"].get_by_text("Giliran Anda").first).to_be_visible()
        expect(pages["console"].get_by_text("Panggilan 1")).to_be_visible()
        print(f"back after {time.monotonic() - healed:.1f} s", end=" ")
        assert time.monotonic() - healed < BACK_SECONDS
        for page in pages.values():
            page.context.close()


def _at_console(scene: Scene, browser: Browser, url: str) -> Page:
    page = _open(browser, url, "/loket/")
    page.get_by_label("Nama pengguna").fill(scene.place.officer.username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.locator("#console-open").click()
    return page


def _word_of_loss(name: str, page: Page) -> Any:
    """Where a page says that it is cut off."""
    selectors = {"kiosk": "[data-mpp-lost]", "console": "[data-mpp-connection].state-trouble"}
    return page.locator(selectors.get(name, "[data-mpp-stale]"))


def _all_know(pages: dict[str, Page], *, is_lost: bool) -> None:
    for name, page in pages.items():
        expect(_word_of_loss(name, page)).to_be_visible(visible=is_lost, timeout=BACK_SECONDS * 1000)
    expect(pages["console"].locator("[data-mpp-connection].state-open")).to_be_visible(
        timeout=BACK_SECONDS * 1000
    )


def test_r12_after_a_power_cut_kiosk_and_display_are_back_untouched(
    scene: Scene, playwright: Playwright, tmp_path: Path
) -> None:
    """The browser of each is killed, then all power goes: both screens and the server."""
    scene.portal.start("live")
    session = _open_counter(scene)
    kiosk, display = (
        Station(playwright, tmp_path / name, scene.portal.live_url) for name in ("kiosk", "display")
    )
    try:
        _set_up(scene, kiosk, make.make_device())
        _set_up(scene, display, make.make_device(kind=DeviceKind.DISPLAY, zone=scene.place.zone))
        before = _call_one(scene, session)
        _shows(display, before)
        for station in (kiosk, display):
            station.kill_browser()
        killed = time.monotonic()
        _is_at_work(kiosk)
        _shows(display, before)
        print(f"after kill -9 {time.monotonic() - killed:.1f} s", end=", ")
        for part in (kiosk.power_off, display.power_off, partial(scene.portal.kill, "live")):
            part()
        missed = _call_one(scene, session)
        time.sleep(TOO_OLD_SECONDS + 1)
        powered = time.monotonic()
        for station in (kiosk, display):
            station.power_on()
        scene.portal.start("live")
        fresh = _call_one(scene, session)
        _is_at_work(kiosk)
        _shows(display, before, missed, fresh)
        print(f"after the power {time.monotonic() - powered:.1f} s", end=" ")
        assert time.monotonic() - powered < BACK_SECONDS
        _has_announced(display, scene, fresh, but_not=missed)
    finally:
        for station in (kiosk, display):
            station.power_off()


def _set_up(scene: Scene, station: Station, device: Device) -> None:
    """Pair it once by the code of the admin, and let a night pass."""
    home = "**/anjungan/" if device.kind == DeviceKind.KIOSK else f"**{_display(scene)}"
    station.power_on()
    page = station.page()
    page.wait_for_url("**/perangkat/")
    page.keyboard.type(make_code(device=device, by=scene.place.officer))
    page.keyboard.press("Enter")
    page.wait_for_url(home)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    station.close_browser()
    station.page().wait_for_url(home)


def _is_at_work(kiosk: Station) -> None:
    expect(kiosk.page().locator(".tiles")).to_be_visible(timeout=BACK_SECONDS * 1000)


def _shows(display: Station, *tickets: Ticket) -> None:
    page = display.page()
    for ticket in tickets:
        expect(page.get_by_text(ticket.label).first).to_be_visible(timeout=BACK_SECONDS * 1000)


def _has_announced(display: Station, scene: Scene, fresh: Ticket, *, but_not: Ticket) -> None:
    """By the screen's own notes of what it has begun to announce."""
    page = display.page()
    name = f"mpp-display:{scene.place.zone.code}:seen"
    notes = "name => JSON.parse(localStorage.getItem(name) || '[]')"
    ids = dict(TicketEvent.objects.filter(step="call").values_list("ticket", "pk"))
    page.wait_for_function(f"([name, id]) => ({notes})(name).includes(id)", arg=[name, ids[fresh.pk]])
    assert ids[but_not.pk] not in page.evaluate(notes, name)

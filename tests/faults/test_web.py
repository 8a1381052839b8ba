"""The web process dies, the answer is lost, or the person presses once more."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from queueing.models import Ticket, TicketEvent
from tests import factories as make
from tests.e2e.conftest import QUIET, chromium
from tests.faults.conftest import Scene
from tests.faults.failpoint import DIE, HEADER, NOTES
from tests.faults.history import NO_ANSWER
from tests.faults.proxy import LossyProxy, between
from tests.faults.storm import TAKE, Officer, Person, together, wait_for

STRIKES_ON_ISSUE, STRIKES_ON_CALL = 150, 50
PEOPLE, OFFICERS = 6, 2
LOST = 50
PATIENT_MILLISECONDS = 20_000
TWENTY_CLICKS = """async () => {
    for (let i = 0; i < 20; i += 1) {
        document.getElementById("console-call")?.click();
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}"""


def test_r03_a_worker_killed_between_commit_and_answer_gives_the_same_number_again(scene: Scene) -> None:
    """kill -9 two hundred times, each after the commit; every retry finds what had been done."""
    notes = Path(os.environ[NOTES])
    notes.unlink(missing_ok=True)
    # Killed workers are forked from a master that has loaded the portal; else they are the layout's own.
    scene.portal.start("web", GUNICORN_CMD_ARGS="--preload")
    for _ in range(STRIKES_ON_CALL):
        make.issue(scene.place.service)
    takers = [_struck_taking(person, scene, STRIKES_ON_ISSUE // PEOPLE) for person in scene.people(PEOPLE)]
    callers = [_struck_calling(each, STRIKES_ON_CALL // OFFICERS) for each in scene.officers(OFFICERS)]
    wait_for(together([*takers, *callers]))
    statuses = [line.split()[1] for line in notes.read_text().splitlines()]
    assert (statuses.count("201"), statuses.count("200")) == (STRIKES_ON_ISSUE, STRIKES_ON_CALL)
    assert len(scene.history.promises("issue")) == STRIKES_ON_ISSUE
    assert Ticket.objects.count() == STRIKES_ON_ISSUE + STRIKES_ON_CALL
    assert len(scene.history.promises("call")) == STRIKES_ON_CALL
    assert TicketEvent.objects.filter(step="call").count() == STRIKES_ON_CALL


def _struck_taking(person: Person, scene: Scene, times: int) -> Callable[[], object]:
    service = scene.place.service.slug

    def take() -> None:
        for _ in range(times):
            _struck(person, "issue", TAKE, about=service, body={"service": service})

    return take


def _struck_calling(officer: Officer, times: int) -> Callable[[], object]:
    def call_and_serve() -> None:
        for _ in range(times):
            _struck(officer, "call", officer.next, **officer.at_desk)
            officer.finish_one()

    return call_and_serve


def _struck(
    person: Person, act: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
) -> None:
    """Have the worker die over this very request, then ask again as one who has seen nothing."""
    key, notes, headers = person.new_key(), Path(os.environ[NOTES]), headers or {}
    # A worker may also die over somebody else's request, before it has done anything for this one.
    while not notes.exists() or key not in notes.read_text():
        person.ask(act, path, key=key, headers={**headers, HEADER: DIE}, **more)
    person.insist(act, path, key=key, headers=headers, **more)


def test_r18_an_answer_lost_on_the_way_is_given_again(scene: Scene) -> None:
    """A proxy drops fifty answers. The same key brings the same; with another wish it is refused."""
    scene.portal.start("web")
    service, wish = scene.place.service.slug, {"service": scene.place.service.slug}
    with between(LossyProxy(scene.portal.url)) as proxy:
        person = scene.person(url=proxy.url)
        for _ in range(LOST):
            key = person.new_key()
            proxy.lose(1)
            lost, told, again = (
                person.ask("issue", TAKE, about=service, key=key, body=wish) for _ in range(3)
            )
            assert (lost.status, told.status, again.status) == (NO_ANSWER, 201, 201)
            assert told.body == again.body
            other = person.ask(
                "other wish", TAKE, about=service, key=key, body={**wish, "priority": "ELDERLY"}
            )
            assert (other.status, other.body["code"]) == (422, "key_reused")
    assert proxy.lost == LOST == Ticket.objects.count()


def test_r18_the_same_request_twice_at_once_is_done_once(scene: Scene) -> None:
    scene.portal.start("web")
    service = scene.place.service.slug
    # Two connections of one phone, as a page and its script would open them.
    twins = [scene.person("twin") for _ in range(2)]
    for _ in range(20):
        [key] = {twin.new_key() for twin in twins}
        request: dict[str, Any] = {"about": service, "key": key, "body": {"service": service}}
        wait_for(together([partial(twin.ask, "issue", TAKE, **request) for twin in twins]))
    assert scene.history.statuses() == {201}
    assert Ticket.objects.count() == 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def phone(scene: Scene, browser: Browser) -> Iterator[BrowserContext]:
    """A browser at the process that serves pages and streams together."""
    scene.portal.start("live")
    context = browser.new_context(base_url=scene.portal.live_url, locale="id-ID")
    context.set_default_timeout(PATIENT_MILLISECONDS)
    yield context
    context.close()


def test_r16_reload_back_a_second_tab_and_a_sleeping_phone_make_no_second_number(
    scene: Scene, phone: BrowserContext
) -> None:
    form = f"/antrean/ambil/{scene.place.service.slug}/"
    page, duplicate = phone.new_page(), phone.new_page()
    for tab in (page, duplicate):
        tab.goto(form)
    _press_take(page)
    number = page.get_by_role("heading", level=1).inner_text().strip()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.go_back()
    _press_take(page)
    _press_take(duplicate)
    assert Ticket.objects.count() == 1
    own = Ticket.objects.get()
    page.goto(f"/t/{own.token}/")
    phone.set_offline(True)
    officer = scene.officer(url=scene.portal.live_url)
    assert officer.call().body["number"] == number
    phone.set_offline(False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("Giliran Anda").first).to_be_visible(timeout=PATIENT_MILLISECONDS)
    assert Ticket.objects.count() == 1


def _press_take(page: Page) -> None:
    """Press the button when the page still has one; it may have led to the number by itself."""
    button = page.get_by_role("button", name="Ambil nomor")
    if button.count():
        button.first.click()
    page.wait_for_load_state()


def test_r17_twenty_clicks_in_a_second_are_one_call(scene: Scene, phone: BrowserContext) -> None:
    for _ in range(5):
        make.issue(scene.place.service)
    page = _console(scene, phone)
    page.evaluate(TWENTY_CLICKS)
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    assert TicketEvent.objects.filter(step="call").count() == 1


def test_r17_a_held_key_and_a_second_tab_are_one_call(scene: Scene, phone: BrowserContext) -> None:
    for _ in range(5):
        make.issue(scene.place.service)
    page = _console(scene, phone)
    second = phone.new_page()
    second.goto("/loket/")
    for tab in (page, second):
        for _ in range(10):
            tab.keyboard.down("F2")
        tab.keyboard.up("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    assert TicketEvent.objects.filter(step="call").count() == 1


def test_r17_one_press_is_one_call_and_the_next_press_is_the_next(scene: Scene) -> None:
    """Twenty requests of one press at two counters at once; then the next press."""
    scene.portal.start("web")
    for _ in range(6):
        make.issue(scene.place.service)
    officers = scene.officers(2)
    for _ in range(2):
        presses = [
            partial(officer.ask, "call", officer.next, key=officer.new_key(), **officer.at_desk)
            for officer in officers
        ]
        wait_for(together(presses * 10))
        for officer in officers:
            officer.finish_one()
    assert scene.history.statuses("call") == {200}
    assert sorted(promise.number for promise in scene.history.promises("call")) == [
        f"A-{number:03d}" for number in range(1, 5)
    ]
    assert TicketEvent.objects.filter(step="call").count() == 4


def _console(scene: Scene, context: BrowserContext) -> Page:
    """Sign in and open the counter."""
    page = context.new_page()
    page.goto("/loket/")
    page.get_by_label("Nama pengguna").fill(scene.place.officer.username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.get_by_role("button", name=re.compile("Buka loket")).first.click()
    expect(page.get_by_role("button", name=re.compile("Panggil berikutnya"))).to_be_visible()
    return page

"""A cheap phone on a weak signal: few requests, few bytes, and the last state when the signal is gone."""

from __future__ import annotations

import gzip
import re
import time

import pytest
from playwright.sync_api import Browser, Page, Response, Route, expect

from queueing.models import Ticket
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.support.server import running

pytestmark = pytest.mark.django_db(transaction=True)

# Issue: first visit of the pages to take and to follow a number.
MOST_REQUESTS, MOST_BYTES, MOST_HTML = 6, 50_000, 14_000
MOST_AGAIN = 10_000
# Answers once the service worker looks after the page.
CONTROLLED = """() => new Promise((done) => {
    if (navigator.serviceWorker.controller) { done(); }
    navigator.serviceWorker.addEventListener("controllerchange", () => done());
})"""


def loaded(page: Page, address: str) -> list[Response]:
    """Everything that a first visit brings; the stream, which never ends, is none of it."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address)
    page.wait_for_load_state("load")
    return [answer for answer in answers if not re.search(r"/live/|/pekerja\.js", answer.url)]


def test_taking_and_following_a_number_is_light(live_place: Place, people: People) -> None:
    make.show_pictures()
    ticket = make.issue(live_place.service)
    for address in (f"/antrean/ambil/{live_place.service.slug}/", f"/t/{ticket.token}/"):
        answers = loaded(people.arrive(), address)
        names = [answer.url for answer in answers]
        assert len(answers) <= MOST_REQUESTS, names
        sizes = [len(gzip.compress(answer.body())) for answer in answers]
        assert sizes[0] <= MOST_HTML
        assert sum(sizes) <= MOST_BYTES, dict(zip(names, sizes, strict=True))


def test_the_second_visit_brings_the_page_alone(live_place: Place, people: People) -> None:
    """As the browser itself counts what comes over the line, heads and all."""
    make.show_pictures()
    ticket = make.issue(live_place.service)
    for address in (f"/antrean/ambil/{live_place.service.slug}/?bantu=1", f"/t/{ticket.token}/"):
        page = people.arrive(service_workers="block")
        page.goto(address)
        came: list[float] = []
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on(
            "Network.loadingFinished", lambda event, came=came: came.append(event["encodedDataLength"])
        )
        page.goto(address)
        page.wait_for_load_state("load")
        assert 0 < sum(came) <= MOST_AGAIN, came


def test_without_a_signal_the_last_state_comes_back_with_its_time(
    live_place: Place, browser: Browser
) -> None:
    ticket = make.issue(live_place.service)
    with running() as server:
        people = People(browser, server.url)
        page = people.arrive()
        page.goto(f"/t/{ticket.token}/")
        page.evaluate(CONTROLLED)
        expect(page.get_by_text("Tersambung")).to_be_visible()
        make.issue(live_place.service, priority="ELDERLY")
        # What the stream has changed meanwhile is kept too, not only what the server once wrote.
        expect(page.locator("[data-mpp-figure=ahead]")).to_have_text("1")
        page.goto("/layanan/")
        server.process.kill()
        server.process.wait()
        page.goto(f"/t/{ticket.token}/")
        expect(page.get_by_role("heading", name=ticket.label)).to_be_visible()
        expect(page.locator("[data-mpp-figure=ahead]")).to_have_text("1")
        assert page.locator("html").get_attribute("data-mpp-kept")
        page.goto("/")
        expect(page.get_by_role("heading", name="Tanpa sambungan")).to_be_visible()
        page.get_by_role("link", name="Nomor saya").click()
        people.leave()
        assert people.faults == []
    assert Ticket.objects.filter(pk=ticket.pk).exists()


def test_an_old_state_says_how_old_it_is(live_place: Place, people: People) -> None:
    ticket = make.issue(live_place.service)
    page = people.arrive()
    page.route("**/live/**", lambda route: route.abort())
    kept = int((time.time() - 7 * 60) * 1000)

    def as_kept(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace("<html", f'<html data-mpp-kept="{kept}"')
        route.fulfill(response=answer, body=text)

    page.route(f"**/t/{ticket.token}/", as_kept, times=1)
    page.goto(f"/t/{ticket.token}/")
    expect(page.get_by_text("7 menit lalu")).to_be_visible()

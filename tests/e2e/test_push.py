"""A message to a browser, the whole way: agreed to by a press, sealed, handed over, shown, and opened.

Only the push service itself is ours: Chromium is given what arrived there, as its own would give it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings

from mpp.core import clock
from mpp.notifications import relay
from mpp.notifications.channels.sealing import from_base64url
from mpp.notifications.channels.web_push import public_key
from mpp.notifications.models import Way
from queueing import actions
from queueing.models import PlaceReturn
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import QUIET, People, chromium
from tests.notifications.servers import Provider, Script
from tests.support.push import Reader
from tests.support.server import running

pytestmark = pytest.mark.django_db(transaction=True)

CONTACT = "admin@mpp.test"
# Counts how often the page asks, and stands in for the way from the browser to its push service.
SUBSCRIBE = """
window.asked = 0;
const ask = Notification.requestPermission.bind(Notification);
Notification.requestPermission = () => { window.asked += 1; return ask(); };
PushManager.prototype.subscribe = async (options) => {
    const asked = [options.userVisibleOnly, [...options.applicationServerKey]];
    sessionStorage.setItem("options", JSON.stringify(asked));
    return { toJSON: () => (SUBSCRIPTION) };
};
"""
SHOWN = """() => navigator.serviceWorker.ready.then((one) => one.getNotifications())
    .then((all) => all.map((one) => [one.title, one.body, one.lang]))"""
# A press on the newest message; where it leads, since only a finger may open a window.
PRESSED = """async () => {
    const all = await self.registration.getNotifications();
    const event = new NotificationEvent("notificationclick", { notification: all[all.length - 1] });
    let opened = "", work = null;
    self.clients.openWindow = async (path) => { opened = path; };
    event.waitUntil = (promise) => { work = promise; };
    self.dispatchEvent(event);
    await work;
    return opened;
}"""


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    """A push service of our own, which takes what comes."""
    provider = Provider()
    provider.script = Script().answer(201, location="/m/1")
    settings.NOTIFICATION_CHANNELS = {
        "console": "mpp.notifications.channels.console.Console",
        "push": "mpp.notifications.channels.web_push.WebPush",
    }
    settings.VAPID_CONTACT, settings.PUSH_SERVICES = CONTACT, [provider.url]
    yield provider
    provider.shutdown()
    provider.server_close()


@pytest.fixture
def callers(browser: Browser, provider: Provider) -> Iterator[People]:
    """People on a portal that offers the browser's own messages."""
    # A browser without windows has nowhere to show a notification.
    whole = browser.browser_type.launch(executable_path=chromium(), args=QUIET)
    with running(VAPID_CONTACT=CONTACT, PUSH_SERVICES=provider.url) as server:
        people = People(whole, server.url)
        yield people
        people.leave()
        whole.close()
        assert people.faults == []


def deliver(page: Page, content: dict[str, Any]) -> None:
    """Hand a message to the page's service worker, as the push service of the browser would."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    origin = page.evaluate("location.origin")
    message = {"origin": origin, "registrationId": found[0], "data": json.dumps(content)}
    session.send("ServiceWorker.deliverPushMessage", message)


def test_a_call_reaches_the_browser_and_a_press_opens_its_number(
    live_place: Place, provider: Provider, callers: People
) -> None:
    reader = Reader()
    ticket, other = make.issue(live_place.service), make.issue(live_place.service)
    page = callers.arrive(permissions=["notifications"])
    subscription = json.dumps({"endpoint": f"{provider.url}/p/1", "keys": reader.keys})
    page.add_init_script(SUBSCRIBE.replace("SUBSCRIPTION", subscription))
    page.goto(f"/t/{other.token}/")
    page.goto(f"/t/{ticket.token}/kabar/")
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="Beri tahu lewat peramban ini").click()
    page.wait_for_url(f"**/t/{ticket.token}/")
    expect(page.get_by_text("Kami kabari lewat peramban")).to_be_visible()
    visible, key = json.loads(page.evaluate("sessionStorage.getItem('options')"))
    assert (visible, bytes(key)) == (True, from_base64url(public_key()))
    assert Way.objects.get().keys == reader.keys

    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    actions.call_next(session=session, by=live_place.officer)
    relay.deliver_due()
    content = reader.read(provider.script.requests[-1].body)
    assert content["text"] == "Nomor A-001 dipanggil. Silakan ke loket 2 sekarang."
    assert content["about"] == "A-001"

    page.goto("/layanan/")
    deliver(page, content)
    page.wait_for_function(SHOWN.replace("all.map", "all.length && all.map"))
    assert page.evaluate(SHOWN) == [["Nomor A-001 dipanggil", "Silakan ke loket 2 sekarang.", "id"]]
    assert page.context.service_workers[0].evaluate(PRESSED) == f"/t/{ticket.token}/"


def test_numbers_that_come_back_are_told_to_the_browser_and_a_press_opens_the_wish(
    live_place: Place, provider: Provider, callers: People
) -> None:
    reader = Reader()
    make.limit(live_place.queue, 1)
    last = make.issue(live_place.service)
    page = callers.arrive(permissions=["notifications"])
    subscription = json.dumps({"endpoint": f"{provider.url}/p/1", "keys": reader.keys})
    page.add_init_script(SUBSCRIBE.replace("SUBSCRIPTION", subscription))
    page.goto(f"/layanan/{live_place.service.slug}/")
    page.get_by_role("link", name="Kabari bila ada nomor lagi").click()
    page.get_by_role("button", name="Beri tahu lewat peramban ini").click()
    page.wait_for_url("**/kabar-nomor/*/")
    expect(page.get_by_text("Lewat peramban ini, satu kali, hari ini saja.")).to_be_visible()
    path = urlsplit(page.url).path

    actions.cancel(ticket=last)
    PlaceReturn.objects.update(due_at=clock.now())
    assert actions.tell_numbers_again() == 1
    relay.deliver_due()
    content = reader.read(provider.script.requests[-1].body)
    # Which service somebody waits for is nobody's business on a locked screen.
    assert content["text"] == "Ada nomor lagi. Buka halaman Anda untuk membacanya."

    page.goto("/layanan/")
    deliver(page, content)
    page.wait_for_function(SHOWN.replace("all.map", "all.length && all.map"))
    assert page.evaluate(SHOWN) == [["Ada nomor lagi", "Buka halaman Anda untuk membacanya.", "id"]]
    assert page.context.service_workers[0].evaluate(PRESSED) == path


def test_a_browser_that_forbids_it_says_so_and_the_other_ways_stay(
    live_place: Place, callers: People
) -> None:
    page = callers.arrive()
    page.goto(f"/t/{make.issue(live_place.service).token}/kabar/")
    page.get_by_role("button", name="Beri tahu lewat peramban ini").click()
    expect(page.get_by_text("Peramban ini tidak mengizinkan pemberitahuan.")).to_be_visible()
    expect(page.get_by_role("button", name="Beri tahu saya")).to_be_enabled()
    assert not Way.objects.exists()

"""A real Chromium against a real server."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.support.server import Server, running

# Playwright's synchronous interface runs a loop in this thread; the tests use the database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The suggestions below an address bar that nobody sees take half a second of each new window.
UNUSED = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"]
# The browser hears only the last list, so what Playwright would switch off stands here too.
UNUSED += ["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"]
UNUSED += ["LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "OptimizationHints"]
QUIET = [
    f"--disable-features={','.join(UNUSED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Else threads of its own compile and collect for pages that live for a second: a quarter more work.
    "--js-flags=--single-threaded",
]


def chromium(*instead: str) -> str:
    """Return the path of a Chromium, or of one of the names `instead`.

    Without one the test is skipped, or fails with REQUIRE_BROWSER=1.
    """
    given = os.environ.get("CHROMIUM", "")
    for name in filter(None, [given, *instead, "chromium", "chromium-browser", "google-chrome"]):
        if path := shutil.which(name):
            return path
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, but no Chromium was found (Debian: apt-get install chromium)")
    pytest.skip("no Chromium found; install it to run the browser tests")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The same Chromium without the windows around its pages, where it is installed: a quarter less work."""
    with sync_playwright() as playwright:
        path = chromium("chromium-headless-shell")
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: object) -> Iterator[Server]:
    with running() as server:
        yield server


# What fails otherwise is told as htmx:sendError or htmx:responseError too.
GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")


class People:
    """Opens one browser window per person and watches what each page does wrong."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._contexts: list[BrowserContext] = []
        self._has_left = False
        self.faults: list[str] = []
        self.foreign: list[str] = []

    def arrive(self, width: int = 360, height: int = 780, **options: Any) -> Page:
        """A new person with a window of this size."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, base_url=self._url, locale="id-ID", **options
        )
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        return self._window(context)

    def after_power_cut(self, page: Page) -> Page:
        """The same device with what its browser had stored, and nothing on its screen yet."""
        page.close()
        return self._window(page.context)

    def _window(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message.type, message.text))
        page.on("dialog", lambda dialog: self.faults.append(f"{page.url}: dialog {dialog.message}"))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _heard(self, page: Page, kind: str, text: str) -> None:
        # Closing a window, or leaving its page, gives up what is under way, and htmx calls that an error.
        is_given_up = self._has_left or text.startswith(GIVEN_UP)
        if not is_given_up and kind == "error" and "Failed to load resource" not in text:
            self.faults.append(f"{page.url}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self._url, "data:", "blob:", "about:")):
            self.foreign.append(url)

    def leave(self) -> None:
        self._has_left = True
        for context in self._contexts:
            context.close()


@pytest.fixture
def people(browser: Browser, server: Server) -> Iterator[People]:
    """Every page of the test must be free of script errors, CSP breaches and foreign requests."""
    people = People(browser, server.url)
    yield people
    people.leave()
    assert people.faults == []
    assert people.foreign == []


def intercept(page: Page, address: str | re.Pattern[str], answer: Callable[[Route], object]) -> None:
    """Answer what an open page asks for, from its next press on."""
    page.route(address, answer)
    # A busy page may hear of keys before it hears of the first route: wait for what only a route answers.
    page.route("**/intercepted/", lambda route: route.fulfill(status=204))
    page.wait_for_function("() => fetch('/intercepted/').then((answer) => answer.status === 204)")


@contextmanager
def answer_under_way(page: Page, path: str) -> Iterator[None]:
    """Let the page fetch itself anew, and its answer come when the block has ended."""
    held: list[Route] = []
    intercept(page, f"**{path}", lambda route: held.append(route))
    with page.expect_request(f"**{path}"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    yield
    with page.expect_response(f"**{path}"):
        for route in held:
            route.continue_()
    page.unroute(f"**{path}")

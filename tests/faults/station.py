"""A screen of the hall as it stands there: the start script, its own browser and its profile on a disk."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, Page, Playwright

from bench.compose import ROOT
from mpp.runtime import processes
from tests.e2e.conftest import QUIET, chromium
from tests.support.server import free_port

START_SECONDS = 30.0


class Station:
    """Shows the portal for ever, untouched; `page()` looks at what it shows."""

    def __init__(self, playwright: Playwright, folder: Path, portal: str) -> None:
        folder.mkdir()
        self._playwright = playwright
        self._folder = folder
        self._port = free_port()
        self._browser: Browser | None = None
        self._script: psutil.Process | None = None
        browser = folder / "chromium"
        flags = [*QUIET, "--headless=new", f"--remote-debugging-port={self._port}"]
        browser.write_text(f'#!/bin/sh\nexec "{chromium()}" {" ".join(flags)} "$@"\n')
        browser.chmod(0o755)
        # No TZ or display of this machine: what the unit of systemd would give.
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "PORTAL": portal,
            "PROFILE": str(folder / "profile"),
            "CHROMIUM": str(browser),
            "PAUSE": "1",
        }

    def power_on(self) -> None:
        """What systemd does at boot."""
        with processes.open_log(self._folder / "station.log") as log:
            self._script = psutil.Process(
                processes.start(
                    [str(ROOT / "deploy/kiosk/start-kiosk")],
                    output=log,
                    environment=self._environment,
                    directory=self._folder,
                ).pid
            )

    def page(self) -> Page:
        """What is on the screen now."""
        self._look_away()
        address = f"http://127.0.0.1:{self._port}"
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                if any(each["type"] == "page" for each in httpx.get(f"{address}/json").json()):
                    self._browser = self._playwright.chromium.connect_over_cdp(address)
                    return self._browser.contexts[0].pages[0]
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError("the browser did not start")

    def close_browser(self) -> None:
        """End the browser in order, with all that it knows on the disk; the script starts the next."""
        if self._browser:
            browsers = self._browsers()
            self._browser.new_browser_cdp_session().send("Browser.close")
            self._browser = None
            psutil.wait_procs(browsers, timeout=10)

    def kill_browser(self) -> None:
        """kill -9 of every process of the browser; the script starts the next."""
        self._end(self._browsers(), "kill")

    def power_off(self) -> None:
        """Everything is gone in one moment."""
        if self._script:
            self._end([self._script, *self._children()], "kill")
            self._script = None

    def _browsers(self) -> list[psutil.Process]:
        return [process for process in self._children() if process.name() not in {"timeout", "sleep"}]

    def _children(self) -> list[psutil.Process]:
        return self._script.children(recursive=True) if self._script else []

    def _end(self, processes: list[psutil.Process], how: str) -> None:
        self._look_away()
        for process in processes:
            try:
                getattr(process, how)()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(processes, timeout=10)

    def _look_away(self) -> None:
        if self._browser:
            self._browser.close()
            self._browser = None

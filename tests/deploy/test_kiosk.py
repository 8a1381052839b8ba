"""The scripts that keep a kiosk's or a television's browser running."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.compose import ROOT

KIOSK = ROOT / "deploy" / "kiosk"
PATIENCE = 20.0


@contextlib.contextmanager
def screen(folder: Path, browser: str, **settings: str) -> Iterator[None]:
    """Run start-kiosk with a browser that only writes down how it was started."""
    fake = folder / "chromium"
    fake.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/starts"\n{browser}\n')
    fake.chmod(0o755)
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CHROMIUM": str(fake),
        "PROFILE": str(folder / "profile"),
        "PORTAL": "https://mpp.example.go.id",
        "PAUSE": "0.05",
        "TZ": "UTC",
        **settings,
    }
    process = subprocess.Popen([KIOSK / "start-kiosk"], env=surroundings, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def starts(folder: Path, count: int) -> list[str]:
    """How the browser was started, once it has been started so often."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(FileNotFoundError):
            lines = (folder / "starts").read_text().splitlines()
            if len(lines) >= count:
                return lines
        time.sleep(0.05)
    raise AssertionError(f"not started {count} times")


def test_a_browser_that_dies_is_started_again_and_a_stale_lock_is_removed(tmp_path: Path) -> None:
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile" / "SingletonLock").touch()
    with screen(tmp_path, "exit 1"):
        first, second, *_more = starts(tmp_path, 2)
    assert first == second
    for flag in (
        "--kiosk ",
        "--kiosk-printing",
        "--autoplay-policy=no-user-gesture-required",
        f"--user-data-dir={tmp_path}/profile",
        f"file://{KIOSK}/waiting.html#https://mpp.example.go.id",
    ):
        assert flag in first
    # The pairing must survive a restart.
    assert "--incognito" not in first
    assert not (tmp_path / "profile" / "SingletonLock").exists()


def test_a_browser_begins_afresh_at_its_hour(tmp_path: Path) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)  # noqa: TID251 - the shell's own clock
    with screen(tmp_path, "exec sleep 60", RESTART_AT=f"{soon:%H:%M:%S}"):
        assert len(starts(tmp_path, 2)) == 2


def test_a_display_does_not_print(tmp_path: Path) -> None:
    with screen(tmp_path, "exit 0", ROLE="display"):
        assert "--kiosk-printing" not in starts(tmp_path, 1)[0]


def test_without_an_address_the_script_says_what_is_missing(tmp_path: Path) -> None:
    ended = subprocess.run(
        [KIOSK / "start-kiosk"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "Tulis alamat portal di /etc/mpp/kiosk.env" in ended.stderr


@pytest.mark.parametrize("name", ["kiosk.env", "chromium-policies.json"])
def test_the_samples_name_the_same_portal(name: str) -> None:
    assert "https://mpp.example.go.id" in (KIOSK / name).read_text()


def test_the_policies_close_everything_but_the_portal() -> None:
    policies = json.loads((KIOSK / "chromium-policies.json").read_text())
    assert policies["URLBlocklist"] == ["*"]
    assert policies["DeveloperToolsAvailability"] == 2
    unit = (KIOSK / "mpp-kiosk.service").read_text()
    assert policies["URLAllowlist"][1] == "file:///opt/mpp-kiosk/waiting.html"
    assert "/opt/mpp-kiosk/start-kiosk" in unit

"""The commands of docker-compose.yml, run as they are: production settings, secrets from files."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.conf import settings
from django.db import connection

from bench import compose
from mpp.core import clock
from mpp.core.models import Pulse
from mpp.runtime.redis import DATABASES, further_database
from tests.conftest import Place
from tests.support.server import environment, free_port

pytestmark = pytest.mark.django_db(transaction=True)

HOST = {"Host": "mpp.test"}
PROXIED = {**HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
SECRETS = ("SECRET_KEY", "TOKEN_KEY", "DATABASE_URL")


@dataclass
class Portal:
    """Where pages and streams of the running commands are."""

    web: str
    live: str


def production(directory: Path, **more: str) -> dict[str, str]:
    """The environment that docker-compose.yml gives, with secrets in files that end in a line break."""
    given = environment(
        MPP_DEMO="0", HTTPS="1", ALLOWED_HOSTS="mpp.test", PUBLIC_URL="https://mpp.test", TRUSTED_PROXIES="1"
    )
    given["DATABASE_URL"] = database_url()
    given["DJANGO_SETTINGS_MODULE"] = "tests.deploy.production_settings"
    given["TEST_STATIC_ROOT"] = str(directory / "static")
    # A Redis database of its own, beyond those of `pytest -n`: no test empties it, no other takes its jobs.
    given["REDIS_URL"] = further_database(settings.REDIS_URL, DATABASES // 2)
    for name in SECRETS:
        path = directory / name.lower()
        path.write_text(given.pop(name) + "\n")
        given[f"{name}_FILE"] = str(path)
    return {**given, **more}


def database_url() -> str:
    """The test database's URL as every PostgreSQL program reads it."""
    use = connection.settings_dict
    who = str(use["USER"]) + (f":{quote(str(use['PASSWORD']))}" if use["PASSWORD"] else "")
    return f"postgresql://{who}@/{use['NAME']}?host={use['HOST']}&port={use['PORT'] or 5432}"


@pytest.fixture(scope="module")
def portal(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    scratch = tmp_path_factory.mktemp("portal")
    web, live = free_port(), free_port()
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            given = production(scratch)
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
        subprocess.run(collect, cwd=compose.ROOT, env=given, check=True)
        for name in ("web", "live", "worker", "beat"):
            command = compose.local_command(name, web=web, live=live, scratch=scratch)
            stack.enter_context(child(command, given))
        yield Portal(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{live}")


class child:
    """One command, ended by SIGTERM and, when it does not listen, by force."""

    def __init__(self, command: list[str], given: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, cwd=compose.ROOT, env=given, start_new_session=True)

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self.process

    def __exit__(self, *error: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def answer(url: str, **headers: str) -> httpx.Response:
    """Ask until somebody answers."""
    end = time.monotonic() + 40
    while True:
        try:
            return httpx.get(url, headers=headers, timeout=5)
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def readiness(portal: Portal) -> dict[str, Any]:
    found: dict[str, Any] = answer(f"{portal.web}/readyz", **HOST).json()
    return found


def test_pages_and_streams_answer_their_health_checks(portal: Portal) -> None:
    assert answer(f"{portal.web}/healthz").text == "ok\n"
    assert answer(f"{portal.live}/healthz").text == "ok\n"
    for url in (portal.web, portal.live):
        assert health_check(f"{url}/healthz") == 0
    assert health_check(f"{portal.web}/tidak-ada") == 1


def test_pages_are_for_visitors_who_came_by_tls_through_the_proxy(portal: Portal) -> None:
    redirected = answer(f"{portal.web}/tema.css", **HOST)
    assert (redirected.status_code, redirected.headers["Location"]) == (301, "https://mpp.test/tema.css")
    assert answer(f"{portal.web}/tema.css", **PROXIED).status_code == 200
    assert answer(f"{portal.web}/tema.css", **{**PROXIED, "Host": "lain.test"}).status_code == 400


def test_pages_find_their_collected_files(portal: Portal, live_place: Place) -> None:
    for path in ("/", "/layanan/", "/anjungan/", "/layar/kependudukan/", "/akun/masuk/"):
        page = answer(portal.web + path, **PROXIED)
        assert page.status_code == 200
        files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
        assert files
        assert {answer(portal.web + file, **PROXIED).status_code for file in files} == {200}


def test_the_live_process_answers_streams(portal: Portal) -> None:
    refused = answer(f"{portal.live}/live/display/tidak-ada/", **PROXIED)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_worker_and_beat_show_that_they_live(portal: Portal) -> None:
    end = time.monotonic() + 40
    while (report := readiness(portal))["status"] != "ok" and time.monotonic() < end:
        time.sleep(0.5)
    assert report["fresh"] == {"worker": True, "beat": True}
    assert (report["database"], report["redis"]) == (True, True)


def test_the_health_check_of_worker_and_beat_reads_their_pulse(tmp_path: Path) -> None:
    given = production(tmp_path)
    name = "of-this-test"
    assert health_check(name, given) == 1
    Pulse.objects.create(name=name, at=clock.now())
    assert health_check(name, given) == 0
    Pulse.objects.filter(name=name).update(at=clock.now() - timedelta(minutes=1))
    assert health_check(name, given) == 1


def health_check(what: str, given: dict[str, str] | None = None) -> int:
    command = [sys.executable, "deploy/healthcheck.py", what]
    return subprocess.run(command, cwd=compose.ROOT, env=given, capture_output=True, check=False).returncode

"""What people see when a part is gone, and what goes on without it (trust.md R-02, R-05, R-06, U-25)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from mpp.core import health
from mpp.core.cache import JSONSerializer
from mpp.core.tasks import worker_pulse
from queueing import actions
from tests import factories as make
from tests.conftest import Place
from tests.support.server import running

NOWHERE = "unix:///nonexistent/redis.sock?db=0"


@pytest.fixture
def hung_redis(tmp_path: Path) -> Iterator[str]:
    """A Redis that accepts connections and never answers."""
    from mpp.runtime.places import locate
    from mpp.runtime.redis import Redis

    binary = str(Redis(locate("test")).command()[0])
    socket = tmp_path / "hung.sock"
    process = subprocess.Popen(
        [binary, "--port", "0", "--unixsocket", str(socket), "--save", ""], stdout=subprocess.DEVNULL
    )
    while not socket.exists():
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGSTOP)
    yield f"unix://{socket}?db=0"
    os.kill(process.pid, signal.SIGCONT)
    process.kill()
    process.wait()


def go_through_the_main_job(url: str, place: Place) -> None:
    """Take a number through the API, follow it, call it, show it: all on the running server."""
    taken = httpx.post(f"{url}/api/v1/tickets/", json={"service": place.service.slug}, timeout=20)
    assert taken.status_code == 201, taken.text
    session = make.open_session(place.agency, place.counter, place.officer)
    waiting = httpx.get(f"{url}/t/{taken.json()['token']}/", timeout=20)
    assert (waiting.status_code, "orang di depan Anda" in waiting.text) == (200, True)
    assert actions.call_next(session=session, by=place.officer) is not None
    page = httpx.get(f"{url}/t/{taken.json()['token']}/", timeout=20)
    assert "Giliran Anda" in page.text
    assert "A-001" in httpx.get(f"{url}/layar/kependudukan/", timeout=20).text


@pytest.mark.django_db(transaction=True)
def test_with_redis_gone_numbers_calls_and_displays_go_on(live_place: Place) -> None:
    with running(REDIS_URL=NOWHERE) as server:
        go_through_the_main_job(server.url, live_place)
        ready = httpx.get(f"{server.url}/readyz", timeout=20)
    assert (ready.status_code, ready.json()["redis"], ready.json()["status"]) == (200, False, "degraded")


@pytest.mark.django_db(transaction=True)
def test_with_redis_hung_numbers_calls_and_displays_go_on(live_place: Place, hung_redis: str) -> None:
    with running(REDIS_URL=hung_redis) as server:
        go_through_the_main_job(server.url, live_place)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/layanan/", "/t/apa-saja/", "/anjungan/", "/layar/kependudukan/", "/loket/"]
)
def test_with_the_database_gone_a_page_says_so_without_it(
    place: Place, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    client = Client(raise_request_exception=False)
    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get(path)
    assert answer.status_code == 503
    assert "Nomor Anda tetap berlaku" in answer.content.decode() or "tetap berlaku" in answer.content.decode()
    assert answer["Retry-After"]
    # Nobody stands before a screen of the hall to touch "Coba lagi"; a person's page stays as it is.
    assert ("Refresh" in answer) == path.startswith(("/anjungan/", "/layar/"))


@pytest.mark.django_db
def test_with_the_database_gone_the_api_says_so_in_its_own_form(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    client = Client(raise_request_exception=False)
    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/api/v1/services/")
    assert answer.status_code == 503
    assert set(answer.json()) == {"code", "message", "extra"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["database"]) == (503, "down", False)
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_an_unexpected_failure_gives_a_page_with_an_incident_and_no_trace(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from queueing import availability

    def fail(*args: object, **kwargs: object) -> None:
        raise ValueError("rahasia-di-jejak")

    monkeypatch.setattr(availability, "lines_on", fail)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert "rahasia-di-jejak" not in answer.content.decode()
    assert "Content-Security-Policy" in answer


@pytest.mark.django_db
def test_readiness_knows_how_fresh_worker_and_beat_are(place: Place) -> None:
    body = Client().get("/readyz").json()
    assert (body["status"], body["fresh"]) == ("degraded", {"worker": False, "beat": False})
    health.beat_once("worker")
    health.beat_once("beat")
    body = Client().get("/readyz").json()
    assert (body["status"], body["fresh"]) == ("ok", {"worker": True, "beat": True})


@pytest.mark.django_db(transaction=True)
def test_the_heart_of_the_worker_survives_a_restart_of_the_database() -> None:
    """R-01: the heartbeat has a thread of its own, in which no task ever ends."""

    def beat_over_a_lost_connection() -> None:
        worker_pulse()
        connection.connection.close()
        worker_pulse()
        connection.close()

    with ThreadPoolExecutor(1) as heart:
        heart.submit(beat_over_a_lost_connection).result()


@pytest.mark.django_db
def test_before_set_up_the_pages_say_what_to_do() -> None:
    answer = Client().get("/")
    assert answer.status_code == 503
    assert "load_mall" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["zlib", "rot13", "utf-16", "tidak-ada"])
def test_a_header_with_an_odd_charset_does_no_harm(place: Place, charset: str) -> None:
    answer = Client(raise_request_exception=False).generic(
        "GET", "/layanan/?cari=ktp", content_type=f"text/plain; charset={charset}"
    )
    assert answer.status_code == 200


def test_the_cache_counts_and_keeps_values_as_json() -> None:
    cache.set("uji", {"a": [1, "dua"]}, 30)
    assert cache.get("uji") == {"a": [1, "dua"]}
    cache.set("hitung", 1, 30)
    assert cache.incr("hitung") == 2
    assert JSONSerializer().dumps({"a": 1}) == '{"a": 1}'


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/tidak-ada/", "/admin/", "/api/v1/services/", "/akun/masuk/", "/static/css/base.css"]
)
def test_every_answer_carries_the_security_headers(place: Place, path: str) -> None:
    answer = Client().get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert "Permissions-Policy" in answer

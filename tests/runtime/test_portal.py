"""`python -m mpp.runtime run`, on a checkout whose portal is a few lines."""

from __future__ import annotations

import json
import os
import signal
import socket

import pytest

from mpp.runtime import __main__ as command
from mpp.runtime import portal
from mpp.runtime.board import board
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import Places, prepare_var
from tests.runtime.scripts import read_until, running

RUN_PORTAL = """
import sys
from pathlib import Path
from mpp.runtime import places, portal
from mpp.runtime.errors import RuntimeTrouble
try:
    portal.run(places.locate(checkout=Path(sys.argv[1])))
except RuntimeTrouble as trouble:
    sys.exit(str(trouble))
"""
MANAGE = """
import json, os, sys
assert sys.argv[1:] == ["demo_prepare", "--migrate"]
names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MPP_DEMO", "PORT", "MALL")
json.dump({name: os.environ[name] for name in names}, open("var/run/given.json", "w"))
json.dump({"mall": "MPP Contoh", "zone": "utama", "signins": []}, open("var/run/demo.json", "w"))
"""
ASGI = """
import asyncio

async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": scope["path"] == "/live/"})
        if scope["path"] == "/live/":
            await asyncio.sleep(60)
"""
CELERY = """
import os
from celery import Celery
app = Celery("mpp", broker=os.environ["REDIS_URL"].replace("unix:", "redis+socket:"))
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def small_portal(used_before: Places) -> Places:
    package = used_before.checkout / "mpp"
    package.mkdir()
    (used_before.checkout / "manage.py").write_text(MANAGE)
    for name, text in (("__init__", ""), ("asgi", ASGI), ("celery", CELERY)):
        (package / f"{name}.py").write_text(text)
    return used_before


def test_portal_starts_says_where_to_go_and_stops_with_a_stream_open(
    small_portal: Places, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.setenv("MALL", "kutim")
    with running(RUN_PORTAL, small_portal.checkout) as group:
        said = read_until(group, "Ctrl-C")
        assert "MPP Contoh siap" in said
        assert f"http://127.0.0.1:{port}/layar/utama/" in said
        given = json.loads((small_portal.run / "given.json").read_text())
        assert (given["MPP_DEMO"], given["PORT"], given["MALL"]) == ("1", str(port), "kutim")

        with socket.create_connection(("127.0.0.1", port)) as stream:
            stream.sendall(b"GET /live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert stream.recv(100).startswith(b"HTTP/1.1 200")
            group.send_signal(signal.SIGINT)
            assert group.wait(5) == 0


def test_second_start_says_who_is_running(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    prepare_var(places)

    with portal.claim(places, 8000), pytest.raises(RuntimeTrouble) as refusal:
        portal.run(places)

    assert "sudah berjalan di http://127.0.0.1:8000/ sejak" in str(refusal.value)
    assert f"(pid {os.getpid()})" in str(refusal.value)


def test_a_busy_port_is_named_before_anything_starts(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(RuntimeTrouble, match="sedang dipakai program lain"):
            portal.run(places)
    assert not places.data("postgres").exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "delapan", "bukan nomor port"),
        ("PORT", "70000", "bukan nomor port"),
        ("OPEN", "nyata", "OPEN=nyata tidak dikenal"),
        ("LOAD_TEST", "1", "hanya untuk demo"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_starts(
    places: Places, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("MPP_DEMO", "0")
    monkeypatch.setenv(name, value)

    with pytest.raises(RuntimeTrouble, match=words):
        portal.run(places)
    assert not places.var.exists()


def test_urls_given_start_no_servers_beside_the_portal(places: Places) -> None:
    names = [[child.name for child in stage] for stage in portal.stages(places, [], {}, 8000)]

    assert names == [[], ["prepare"], ["web", "worker", "beat"]]


def test_board_shows_one_sign_in_of_each_role(places: Places) -> None:
    prepare_var(places)
    people = [
        {
            "role": "OFFICER",
            "username": "siti",
            "password": "rahasia-1",
            "agency": "Dukcapil",
            "counter": "1",
        },
        {"role": "OFFICER", "username": "budi", "password": "rahasia-2", "agency": "Samsat", "counter": "2"},
        {"role": "ADMIN", "username": "admin", "password": "rahasia-3", "agency": None, "counter": None},
    ]
    places.demo_file.write_text(json.dumps({"mall": "MPP Contoh", "zone": "utama", "signins": people}))

    shown = board(places, "http://127.0.0.1:8000", 3.21)

    assert "MPP Contoh siap dalam 3,2 detik." in shown
    assert "Petugas loket   siti" in shown
    assert "Admin DPMPTSP   admin" in shown
    assert "budi" not in shown


def test_board_outside_a_demo_shows_no_sign_ins(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPP_DEMO", "0")
    prepare_var(places)
    places.demo_file.write_text(json.dumps({"signins": [{"role": "ADMIN", "username": "lama"}]}))

    assert "lama" not in board(places, "http://127.0.0.1:8000", 3.21)


def test_an_unknown_command_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["stop"]) == 2
    assert "python -m mpp.runtime run" in capsys.readouterr().err

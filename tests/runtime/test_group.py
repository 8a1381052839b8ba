"""The process group: starting, looking after, stopping."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

from mpp.runtime.places import Places
from mpp.runtime.postgres import Postgres
from mpp.runtime.redis import Redis
from tests.runtime.scripts import (
    CALM,
    RUN_GROUP,
    RUN_GROUP_UNDER_NOHUP,
    STUBBORN,
    alive,
    eventually,
    number_in,
    read_until,
    running,
)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_the_group_well(places: Places, signum: signal.Signals) -> None:
    with running(RUN_GROUP, places.checkout, "alone", CALM.format(name="pid")) as group:
        read_until(group, "READY")
        pid = number_in(places.checkout / "pid")
        group.send_signal(signum)
        assert group.wait(5) == 0
        assert not alive(pid)


def test_under_nohup_the_group_outlives_its_terminal(places: Places) -> None:
    with running(RUN_GROUP_UNDER_NOHUP, places.checkout, "alone", CALM.format(name="pid")) as group:
        read_until(group, "READY")
        pid = number_in(places.checkout / "pid")
        group.send_signal(signal.SIGHUP)
        os.kill(pid, signal.SIGKILL)
        read_until(group, "dijalankan lagi")
        group.terminate()
        assert group.wait(5) == 0


def test_sigterm_stops_every_child_within_five_seconds(used_before: Places) -> None:
    children = [STUBBORN.format(name="web"), STUBBORN.format(name="worker"), CALM.format(name="beat")]
    with running(RUN_GROUP, used_before.checkout, "servers", *children) as group:
        read_until(group, "READY")
        pids = [number_in(used_before.checkout / name) for name in ("web", "worker", "beat")]
        pids += [number_in(used_before.data("postgres") / "postmaster.pid")]
        pids += [number_in(used_before.data("redis") / "redis.pid")]
        with socket.socket(socket.AF_UNIX) as open_connection:
            open_connection.connect(Redis(used_before).mark)
            asked = time.monotonic()
            group.terminate()
            assert group.wait(5) == 0
            assert time.monotonic() - asked < 5
        assert not [pid for pid in pids if alive(pid)]


def test_children_of_children_are_stopped_too(places: Places) -> None:
    grandchild = STUBBORN.format(name="grandchild")
    code = f"import subprocess,sys;subprocess.run([sys.executable,'-ISc',{grandchild!r}])"
    with running(RUN_GROUP, places.checkout, "alone", code) as group:
        read_until(group, "READY")
        pid = number_in(places.checkout / "grandchild")
        group.terminate()
        assert group.wait(5) == 0
        assert not alive(pid)


def test_killed_supervisor_leaves_no_orphans(used_before: Places) -> None:
    with running(RUN_GROUP, used_before.checkout, "servers", STUBBORN.format(name="web")) as group:
        read_until(group, "READY")
        pids = [number_in(used_before.checkout / "web")]
        pids += [number_in(used_before.data("postgres") / "postmaster.pid")]
        pids += [number_in(used_before.data("redis") / "redis.pid")]
        group.kill()
        assert eventually(lambda: not any(alive(pid) for pid in pids))


def test_dead_child_is_restarted(places: Places) -> None:
    with running(RUN_GROUP, places.checkout, "alone", CALM.format(name="pid")) as group:
        read_until(group, "READY")
        first = number_in(places.checkout / "pid")
        os.kill(first, signal.SIGKILL)
        assert "child0 mati (kode -9), dijalankan lagi." in read_until(group, "child0")
        assert eventually(lambda: number_in(places.checkout / "pid") != first)


def test_dead_postgres_is_restarted(used_before: Places) -> None:
    postmaster = used_before.data("postgres") / "postmaster.pid"
    with running(RUN_GROUP, used_before.checkout, "servers") as group:
        read_until(group, "READY")
        first = number_in(postmaster)
        os.kill(first, signal.SIGKILL)
        read_until(group, "postgres mati")
        assert eventually(lambda: number_in(postmaster) != first and Postgres(used_before).is_ready())


def test_child_that_keeps_dying_stops_the_group_with_its_name(places: Places) -> None:
    code = "print('kehabisan kertas'); raise SystemExit(3)"
    with running(RUN_GROUP, places.checkout, "alone", CALM.format(name="other"), code) as group:
        other = number_in(places.checkout / "other")
        said, complaint = group.communicate(timeout=15)
        assert group.returncode == 1
        assert "child1 mati (kode 3), dijalankan lagi." in said
        assert "child1 mati 6 kali" in complaint
        assert "kehabisan kertas" in complaint
        assert not alive(other)


def test_a_preparation_that_fails_stops_the_start_with_its_words(used_before: Places) -> None:
    code = "print('paket tidak dikenal'); raise SystemExit(1)  # once"
    with running(RUN_GROUP, used_before.checkout, "servers", code) as group:
        said, complaint = group.communicate(timeout=15)
        assert group.returncode == 1
        assert "READY" not in said
        assert "child0 gagal" in complaint
        assert "paket tidak dikenal" in complaint
    assert not Postgres(used_before).is_ready()


def test_errors_of_a_child_reach_the_terminal(places: Places) -> None:
    lines = [
        "INFO a.b biasa",
        "ERROR a.b rusak",
        "Traceback (most recent call last):",
        "KeyError: 1",
        "INFO a.b lagi",
    ]
    with running(
        RUN_GROUP, places.checkout, "alone", f"for s in {lines!r}: print(s)\nimport time;time.sleep(60)"
    ) as group:
        said = read_until(group, "KeyError: 1")
        assert "child0: ERROR a.b rusak" in said
        group.terminate()
        rest, _ = group.communicate(timeout=5)
        assert "biasa" not in said + rest
        assert "lagi" not in said + rest

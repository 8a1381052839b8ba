"""The embedded PostgreSQL and Redis, started for real."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
import redis

from mpp.runtime.embedded import available, ensure, servers
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import Places, locate, prepare_for_servers
from mpp.runtime.postgres import Postgres
from mpp.runtime.redis import Redis
from tests.runtime.scripts import USE_PAIR, alive, eventually, number_in, read_until, running


def ask(sql: str) -> object:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(sql).fetchone()
        return row and row[0]


def postmaster(places: Places) -> int:
    return number_in(places.data("postgres") / "postmaster.pid")


def test_postgres_never_runs_as_root(used_before: Places) -> None:
    with ensure(places=used_before):
        for pid in (postmaster(used_before), number_in(used_before.data("redis") / "redis.pid")):
            assert Path(f"/proc/{pid}").stat().st_uid == used_before.account.uid != 0


def test_pair_speaks_through_private_sockets_only(used_before: Places) -> None:
    with ensure(places=used_before):
        assert ask("SHOW listen_addresses") == ""
        assert str(ask("SHOW server_version")).startswith("18.")
        assert ask("SHOW timezone") == "UTC"
        assert ask("SHOW data_checksums") == "on"
        client = redis.Redis.from_url(os.environ["REDIS_URL"])
        assert client.config_get("port") == {"port": "0"}
        client.close()


def test_data_survive_the_next_start(used_before: Places) -> None:
    with ensure(places=used_before), psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with ensure(places=used_before):
        assert ask("SELECT answer FROM kept") == 42


def test_addresses_are_gone_when_the_pair_is(used_before: Places) -> None:
    with ensure(places=used_before) as found:
        assert found.started == ("postgres", "redis")
        assert os.environ["MPP_DEMO"] == "1"
        assert len(os.environ["SECRET_KEY"]) >= 50
    assert not {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MPP_DEMO"} & set(os.environ)
    assert not Postgres(used_before).is_ready()
    assert not Redis(used_before).is_ready()


def test_urls_given_leave_the_embedded_pair_alone(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/mpp")
    monkeypatch.setenv("REDIS_URL_FILE", "/run/secrets/redis")

    with ensure(places=places) as found:
        assert found.started == ()
        assert os.environ["DATABASE_URL"] == "postgresql://db.example/mpp"
        assert "REDIS_URL" not in os.environ
        assert "MPP_DEMO" not in os.environ
    assert not places.var.exists()
    assert not places.sockets.exists()


def test_an_address_in_the_env_file_counts_as_given(places: Places) -> None:
    (places.checkout / ".env").write_text(
        "# kami\nexport DATABASE_URL='postgresql://db.example/mpp'\nREDIS_URL=\n"
    )

    assert [server.name for server in servers(places)] == ["redis"]


def test_second_command_uses_the_running_pair(used_before: Places) -> None:
    with ensure(places=used_before), running(USE_PAIR, used_before.checkout) as second:
        assert read_until(second, "none")


def test_pair_stays_until_its_last_user_has_gone(used_before: Places) -> None:
    with running(USE_PAIR, used_before.checkout) as first:
        read_until(first, "postgres,redis")
        with ensure(places=used_before) as found:
            assert found.started == ()
            assert first.stdin
            assert first.stderr
            first.stdin.close()
            assert "Menunggu perintah lain" in first.stderr.readline()
            assert ask("SELECT 1") == 1
        assert first.wait(10) == 0
    assert not Postgres(used_before).is_ready()


def test_killed_command_leaves_no_server(used_before: Places) -> None:
    with running(USE_PAIR, used_before.checkout) as command:
        read_until(command, "postgres,redis")
        pids = (postmaster(used_before), number_in(used_before.data("redis") / "redis.pid"))
        command.kill()
        assert eventually(lambda: not any(alive(pid) for pid in pids))
    with ensure(places=used_before) as found:
        assert found.started == ("postgres", "redis")


def test_a_stranger_with_the_noted_number_does_not_stop_the_start(used_before: Places) -> None:
    with ensure(places=used_before):
        noted = (used_before.data("postgres") / "postmaster.pid").read_text()
    # As a reboot may leave it: the number now belongs to somebody else, here to this very test.
    (used_before.data("postgres") / "postmaster.pid").write_text(
        noted.replace(noted.split()[0], str(os.getpid()), 1)
    )
    (used_before.data("redis") / "redis.pid").write_text(str(os.getpid()))

    with ensure(places=used_before) as found:
        assert found.started == ("postgres", "redis")


def test_an_interrupted_first_start_is_begun_again(places: Places) -> None:
    prepare_for_servers(places)
    half = places.data("postgres").with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    with available(Postgres(places)):
        assert Postgres(places).is_ready()
    assert not half.exists()


def hollow_data(places: Places, version: str) -> Path:
    """A data directory that calls itself one and has nothing else."""
    prepare_for_servers(places)
    data = places.data("postgres")
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text(f"{version}\n")
    os.chown(data, places.account.uid, places.account.gid)
    return data


def test_spoiled_test_data_are_made_anew(checkout: Path) -> None:
    tests = locate("test", checkout=checkout)
    hollow_data(tests, "18")

    with available(Postgres(tests, durable=False)):
        assert Postgres(tests).is_ready()


def test_spoiled_data_of_people_are_kept_and_the_start_says_why(places: Places) -> None:
    data = hollow_data(places, "18")

    said = r"(?s)PostgreSQL tidak mau berjalan.*postgresql\.conf"
    with pytest.raises(RuntimeTrouble, match=said), available(Postgres(places)):
        pass
    assert (data / "PG_VERSION").exists()


def test_data_of_another_major_version_are_refused_and_kept(places: Places) -> None:
    data = hollow_data(places, "16")

    with pytest.raises(RuntimeTrouble, match="PostgreSQL 16"), ensure(places=places):
        pass
    assert (data / "PG_VERSION").exists()

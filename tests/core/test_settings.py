"""Settings that fail loudly, and checks that name what is set wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import checks
from pytest_django.fixtures import Settings

from mpp.core.checks import (
    check_database_is_postgresql,
    check_hosts_are_named,
    check_public_url,
    check_secret_key,
)
from tests.support.server import ROOT

GOOD = {
    "SECRET_KEY": "k" * 64,
    "DATABASE_URL": "postgres:///x",
    "REDIS_URL": "unix:///x",
    "MPP_DEMO": "0",
}


def settings_said(**changes: str | None) -> str:
    """Read the settings in a process of their own; return what it said when it failed, else "ok" lines."""
    values = {**GOOD, **changes}
    env = {name: value for name, value in values.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-c", "from mpp import settings; print('ok', settings.SECRET_KEY)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"LOAD_TEST": "1"}, "LOAD_TEST"),
        ({"TRUSTED_PROXIES": "dua"}, "TRUSTED_PROXIES=dua"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES=-1"),
        ({"MPP_DEMO": "maybe"}, "MPP_DEMO=maybe"),
        ({"OPEN": "reall"}, "OPEN=reall"),
        ({"REDIS_URL": "http://x"}, "REDIS_URL"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"NOTIFICATION_CHANNEL": "sms"}, "NOTIFICATION_CHANNEL=sms"),
        ({"SMS_HEADERS": "Authorization: x"}, "SMS_HEADERS"),
        ({"SMS_FIELDS": '{"nomor": "id"}'}, "SMS_FIELDS: nomor"),
        ({"EMAIL_URL": "http://mail"}, "EMAIL_URL"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL=LOUD"),
        ({"SECRET_KEY": None, "SECRET_KEY_FILE": "/nonexistent"}, "SECRET_KEY"),
    ],
)
def test_a_missing_or_wrong_setting_stops_the_start_with_its_name(
    changes: dict[str, str | None], words: str
) -> None:
    said = settings_said(**changes)
    assert not said.startswith("ok")
    assert words in said


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret_key"
    secret.write_text("s" * 64 + "\n")
    assert settings_said(SECRET_KEY=None, SECRET_KEY_FILE=str(secret)) == f"ok {'s' * 64}\n"


def ids(messages: list[checks.CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def test_each_check_names_what_is_set_wrong_and_is_silent_when_it_is_right(settings: Settings) -> None:
    settings.TESTING = settings.DEMO = False
    settings.SECRET_KEY, settings.ALLOWED_HOSTS, settings.PUBLIC_URL = "k" * 49, ["*"], "http://mpp.example"
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
    wrong = [
        *check_secret_key(None),
        *check_database_is_postgresql(None),
        *check_hosts_are_named(None),
        *check_public_url(None),
    ]
    assert ids(list(wrong)) == ["mpp.E001", "mpp.E002", "mpp.E003", "mpp.W001"]
    assert all(message.hint for message in wrong)
    settings.SECRET_KEY, settings.ALLOWED_HOSTS, settings.PUBLIC_URL = (
        "k" * 50,
        ["mpp.example"],
        "https://mpp.example",
    )
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
    right = [
        *check_secret_key(None),
        *check_database_is_postgresql(None),
        *check_hosts_are_named(None),
        *check_public_url(None),
    ]
    assert right == []

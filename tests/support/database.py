"""The test database: migrated once for all processes and later runs, copied by each, emptied quickly."""

from __future__ import annotations

import gc
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django
import pgtrigger
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from tests.support.server import ROOT

PREFIX = "test_template_"
# Any number: it stands for "a template is being made" on this server.
LOCK = 20_261_128
# What migrations write, what Django writes after them, and the value that must never come twice.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "core_revision"}
# How long the portal lets a statement take: not what a whole database is copied or dropped in.
LIMITS: dict[str, Any] = connection.settings_dict["OPTIONS"]


def template() -> str:
    """Return the name of a migrated database to copy; it is made when no process has made it yet."""
    name = PREFIX + _state_of_the_migrations()
    # Without the limits of the portal: who comes second waits for the first.
    whole_server = {**connection.get_connection_params(), "dbname": "postgres", "options": ""}
    with psycopg.connect(**whole_server, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        found = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        others = [other for (other,) in found]
        if name not in others:
            for other in others:
                server.execute(f'DROP DATABASE "{other}" WITH (FORCE)')
            # Under its name only when it is whole.
            server.execute(f'CREATE DATABASE "{name}_half"')
            _migrate(f"{name}_half")
            server.execute(f'ALTER DATABASE "{name}_half" RENAME TO "{name}"')
    return name


def begin_template() -> subprocess.Popen[bytes]:
    """Begin to make the template in a process of its own, while others still gather the tests."""
    return subprocess.Popen([sys.executable, "-m", "tests.support.database"], cwd=ROOT)


def empty() -> None:
    """Delete every row that a test has committed.

    Django's `flush` truncates all tables, which takes twenty times as long and locks out readers: a
    server that is just reading several tables and the truncation could wait for each other.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_look())
        [(filled,)] = cursor.fetchall()
        # Foreign keys are checked at the end, so any order will do.
        if deletion := ";".join(f'DELETE FROM "{table}"' for table in filled):  # noqa: S608
            with pgtrigger.ignore(*_protections()):
                cursor.execute(deletion)


@cache
def _look() -> str:
    """The question which tables hold a row: to delete from an empty one costs ten times the look."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    looks = [f"CASE WHEN EXISTS (SELECT FROM \"{table}\") THEN '{table}' END" for table in sorted(tables)]
    return f"SELECT array_remove(ARRAY[{', '.join(looks)}], NULL)"


@cache
def _protections() -> list[str]:
    """The triggers that keep rows from being deleted; all others have to see it."""
    return [
        f"{model._meta.label}:{trigger.name}"
        for model, trigger in pgtrigger.registered()
        if isinstance(trigger, pgtrigger.Protect)
    ]


def _state_of_the_migrations() -> str:
    """Return a name that changes with the migrations, and with the code and packages they stand on."""
    digest = hashlib.sha256()
    for path in [ROOT / "uv.lock", *sorted((ROOT / "mpp" / "core").rglob("*.py")), *_migrations()]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _migrations() -> Iterator[Path]:
    for app in apps.get_app_configs():
        yield from sorted(Path(app.path, "migrations").glob("*.py"))


def _migrate(name: str) -> None:
    # A migration may take its time, and nobody may be connected to a database that is renamed or copied.
    with connected_with({}, name):
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def connected_with(options: dict[str, Any], name: str = "") -> Iterator[None]:
    """Let the block connect anew with these OPTIONS, and to the database `name` when one is given."""
    before = dict(connection.settings_dict)
    connection.settings_dict.update(OPTIONS=options, NAME=name or before["NAME"])
    connection.close()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(OPTIONS=before["OPTIONS"], NAME=before["NAME"])


if __name__ == "__main__":
    django.setup()
    # Migrations build each model hundreds of times: looking for garbage so often takes a fifth of them.
    gc.freeze()
    gc.set_threshold(200_000, 10, 10)
    template()

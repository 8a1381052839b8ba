"""`python -m bench [--quick | --limits | --day | --pages | --screens | --lists]`: what the portal bears."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from mpp.runtime.embedded import Embedded, ensure
from mpp.runtime.environment import given
from mpp.runtime.errors import RuntimeTrouble

INSTANCE = "bench"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute; the figures waver more")
    parser.add_argument("--limits", action="store_true", help="only the fullest halls, in five minutes")
    parser.add_argument("--day", action="store_true", help="only the day of 16,000 numbers, in ten minutes")
    parser.add_argument("--pages", action="store_true", help="only pages that are read, in a minute")
    parser.add_argument("--screens", action="store_true", help="only press to screens, in three minutes")
    parser.add_argument(
        "--lists", action="store_true", help="only the admin's lists at 100,000 rows, and an import"
    )
    chosen = parser.parse_args(arguments)
    quick: bool = chosen.quick
    started = time.monotonic()
    try:
        with prepared() as (found, url, scratch):
            # Not before the environment is set: settings are read on import.
            from bench.run import Bench

            bench = Bench(found, url, scratch, quick=quick)
            print(machine(bench.database.describe()))
            if chosen.day:
                bench.play_day()
            elif chosen.limits:
                bench.only_limits()
            elif chosen.pages:
                bench.read_pages()
            elif chosen.screens:
                bench.only_screens()
            elif chosen.lists:
                bench.open_lists()
            else:
                bench.run()
            print("\n".join(bench.tables()))
            failed = bench.failed
    except RuntimeTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    if not any(vars(chosen).values()):
        # The day needs a database in which nobody has filled lines by hand, the lists fill many tables;
        # the score needs none.
        for part in (["bench", "--day"], ["bench", "--lists"], ["queueing.simulation.score"]):
            failed |= subprocess.run([sys.executable, "-m", *part]).returncode != 0
    print(f"\n{time.monotonic() - started:.0f} s in all.")
    return 1 if failed else 0


@contextlib.contextmanager
def prepared() -> Iterator[tuple[Embedded, str, Path]]:
    """Servers, an empty database with all tables, settings; and a directory for logs."""
    with ExitStack() as stack:
        # Redis is faulted on purpose, so a given one is left alone; a given PostgreSQL is measured.
        os.environ.pop("REDIS_URL", None)
        if given("REDIS_URL"):
            raise RuntimeTrouble("bench needs a Redis of its own: take REDIS_URL out of .env for this run.")
        found = stack.enter_context(ensure(INSTANCE))
        import bench.database as database

        url = stack.enter_context(database.fresh(os.environ["DATABASE_URL"]))
        os.environ.update(
            DATABASE_URL=url,
            DJANGO_SETTINGS_MODULE="mpp.settings",
            SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_urlsafe(50),
            MPP_DEMO="1",
            LOAD_TEST="1",
            LOG_LEVEL="WARNING",
        )
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        # Before the database is dropped.
        stack.callback(connections.close_all)
        call_command("migrate", verbosity=0, skip_checks=True)
        yield found, url, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mpp-bench-")))


def machine(postgresql: str) -> str:
    """Return what the figures were measured on."""
    # Where it stands tells who built it: one without optimisations is a third slower in everything.
    python = f"Python {platform.python_version()} of {sys.base_prefix}"
    return f"{os.cpu_count()} cores, {python}, {postgresql}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

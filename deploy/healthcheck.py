"""What a container's health check asks: an address, or how fresh the pulse of worker or beat is.

python deploy/healthcheck.py http://127.0.0.1:8000/healthz
python deploy/healthcheck.py worker
"""

from __future__ import annotations

import os
import sys
import urllib.request
from pathlib import Path

import psycopg

TIMEOUT_SECONDS = 4
# As mpp.core.health has it: beat ticks every ten seconds, the worker's heart too.
FRESH_SECONDS = 45


def address_answers(url: str) -> bool:
    """Whether the address answers 200."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  our own address
        return bool(answer.status == 200)


def pulse_is_fresh(name: str) -> bool:
    """Whether worker or beat did anything within the last 45 seconds, by the database's clock."""
    query = "SELECT clock_timestamp() - at < make_interval(secs => %s) FROM core_pulse WHERE name = %s"
    with psycopg.connect(_database_url(), connect_timeout=TIMEOUT_SECONDS) as connection:
        row = connection.execute(query, [FRESH_SECONDS, name]).fetchone()
    return bool(row and row[0])


def _database_url() -> str:
    if path := os.environ.get("DATABASE_URL_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ["DATABASE_URL"]


def main(what: str) -> int:
    """Return the exit code: 0 is healthy."""
    try:
        healthy = address_answers(what) if what.startswith("http") else pulse_is_fresh(what)
    except (OSError, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

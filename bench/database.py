"""The bench's own database: made empty, filled and emptied between loads, and asked by pgbench."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg

from mpp.runtime.places import Places
from mpp.runtime.wheels import postgres_programs

if TYPE_CHECKING:
    from bench.mall import Spread

NAME = "mpp_bench"
BATCH = 2_000
SCRIPTS = Path(__file__).parent / "sql"

FILL = """
WITH line AS (
    SELECT d.id, d.last_number, s.service_id
    FROM queueing_queueday d JOIN queueing_queueservice s ON s.queue_id = d.queue_id
    WHERE d.id >= %(first)s AND d.id < %(first)s + %(lines)s
), fresh AS (
    INSERT INTO queueing_ticket (queue_day_id, number, line_id, service_id, state, channel, priority, lane,
                                 phone, person, nonce, token_digest, calls, issued_at, arrived_at, outcome,
                                 outcome_note, reentries)
    SELECT line.id, line.last_number + (n + %(lines)s - 1) / %(lines)s, line.id, line.service_id, 'WAITING',
           'ONLINE', '', 'R', '', '', nonce, digest, 0, since.moment, since.moment, '', '', 0
    FROM unnest(%(nonces)s::text[], %(digests)s::text[]) WITH ORDINALITY AS given (nonce, digest, n)
    JOIN line ON line.id = %(first)s + (n - 1) %% %(lines)s
    CROSS JOIN LATERAL (
        SELECT clock_timestamp() - %(hours)s * interval '1 hour' * (1 - n / %(total)s::float) AS moment
    ) since
    ORDER BY n
    RETURNING id, line_id
), noted AS (
    INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, line_id, reason, passed, detail)
    SELECT id, 'issue', '', 'WAITING', clock_timestamp(), line_id, '', '{}', '{}' FROM fresh
)
UPDATE queueing_queueday SET last_number = last_number + %(each)s, version = version + 1
WHERE id IN (SELECT id FROM line)
"""
EMPTY = """
WITH before AS (
    SELECT id, state FROM queueing_ticket WHERE state IN ('WAITING', 'CALLED', 'SERVING', 'HELD')
), gone AS (
    UPDATE queueing_ticket t SET state = 'EXPIRED', ended_at = clock_timestamp()
    FROM before WHERE before.id = t.id RETURNING t.id, t.line_id, before.state
)
INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, line_id, reason, passed, detail)
SELECT id, 'expire', state, 'EXPIRED', clock_timestamp(), line_id, '', '{}', '{}' FROM gone
"""


@contextmanager
def fresh(server_url: str) -> Iterator[str]:
    """Make an empty database beside the one that the URL names, yield its URL, and drop it at the end."""
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{NAME}"))
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
        try:
            yield url
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


class Database:
    """The bench's database while loads run."""

    def __init__(self, url: str, places: Places) -> None:
        self.url = url
        self.pgbench = _pgbench(places)

    def describe(self) -> str:
        """Return the server's version and whether a commit reaches the disk."""
        names = ("server_version", "fsync", "synchronous_commit")
        with psycopg.connect(self.url) as connection:
            version, *safety = [connection.execute(f"SHOW {name}").fetchone() for name in names]
        said = ", ".join(f"{name} {row[0]}" for name, row in zip(names[1:], safety, strict=True) if row)
        return f"PostgreSQL {version[0] if version else '?'} ({said})"

    def empty(self) -> None:
        """Close every number that is still open, as the end of a day does."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(EMPTY)
            connection.execute(
                "VACUUM ANALYZE queueing_ticket, queueing_ticketevent, queueing_queueday,"
                " queueing_waitingblock"
            )

    def settle(self) -> None:
        """Let the database note what a fill has changed, as it does by itself in a slower day."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE queueing_ticket, queueing_waitingblock")

    def fill(self, spread: Spread, total: int, desks: int, *, hours: float = 0) -> list[str]:
        """Let about `total` people wait, evenly in the lines that the first `desks` desks serve.

        They came evenly in the last `hours`. Returns the secrets of their numbers.
        """
        from mpp.core import tokens

        lines = min(spread.count, desks)
        each = max(1, total // lines)
        if each * lines > BATCH:
            # In one transaction every later row would step over all earlier versions of its counts.
            parts = range(0, total, BATCH)
            ages = [hours * (1 - part / total) for part in parts]
            return [one for age in ages for one in self.fill(spread, BATCH, desks, hours=age)]
        nonces = [tokens.new_nonce() for _ in range(each * lines)]
        secrets = [tokens.derived("ticket", nonce) for nonce in nonces]
        given: dict[str, float] = {"first": spread.first_line, "lines": lines, "each": each}
        given |= {"hours": hours, "total": each * lines}
        arrays = {"nonces": nonces, "digests": [tokens.digest(secret) for secret in secrets]}
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(FILL, given | arrays)
        return secrets

    def rate(self, act: str, spread: Spread, connections: int, seconds: float) -> float | None:
        """Return how many acts a second pgbench does; None where there is no pgbench."""
        if self.pgbench is None:
            return None
        known = {
            "lines": spread.count,
            "first_line": spread.first_line,
            "first_service": spread.first_service,
            "first_session": spread.desks[0].session,
        }
        command = [self.pgbench, "--no-vacuum", "--protocol=prepared", f"--client={connections}"]
        command += [f"--jobs={min(2, connections)}", f"--time={max(1, round(seconds))}"]
        command += [f"--define={name}={value}" for name, value in known.items()]
        command += [f"--file={SCRIPTS / act}.sql", self.url]
        said = subprocess.run(command, check=False, capture_output=True, text=True)
        found = re.search(r"^tps = ([\d.]+)", said.stdout, re.MULTILINE)
        if not found or said.returncode:
            raise RuntimeError(f"pgbench: {said.stdout}\n{said.stderr}")
        return float(found[1])


def _pgbench(places: Places) -> str | None:
    found = shutil.which("pgbench")
    if found:
        return found
    program = postgres_programs(places) / "pgbench"
    return str(program) if program.exists() else None

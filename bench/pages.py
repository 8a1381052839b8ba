"""Pages that people read, at two hundred a second or as many as the best bare page allows here.

Each is asked for as somebody new would: the browser has kept nothing. Beside the times stands how many a
second there are as fast as it goes. The page of a number is drawn for each request, each time of another
of so many numbers that no process has drawn it lately; beside it stands a plain view on the same server that
sends the same statements and as many bytes, and does nothing else.
"""

from __future__ import annotations

import pickle
import statistics
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test import Client

from bench import layouts, report
from bench.layouts import Portal
from bench.limits import Finding

if TYPE_CHECKING:
    from bench.run import Bench

A_SECOND = 200.0
CONNECTIONS = 8
SECONDS = 5.0
# The middle one counts: when a lent machine stands still for a third of a second, a whole run is late.
RUNS = 3
# A short wait between two requests of one connection must not become a queue of its own.
PACED_CONNECTIONS = 32
# More than a process remembers codes of (mpp.core.qr), in the forty lines of a full mall.
NUMBERS = 4_000


def measure(bench: Bench, portal: Portal) -> Iterator[Finding]:
    """Read the catalogue, a search and one's own number."""
    bench.database.empty()
    numbers = bench.database.fill(bench.many, NUMBERS, desks=bench.many.count)
    own = [f"/t/{token}/" for token in numbers]
    bare = _bare_rate(bench, own[-1])
    yield Finding("a page without work", "a second", _rate(bench, portal, ["/healthz"]), None)
    yield Finding("my page's statements alone", "a second", bare, None)
    for name, paths, most, limit in (
        ("catalogue", ["/layanan/"], A_SECOND, 150.0),
        ("search", ["/layanan/?cari=layanan+uji"], A_SECOND, 150.0),
        ("my page", own, min(A_SECOND, bare), 100.0),
    ):
        rate = _rate(bench, portal, paths)
        yield Finding(name, "a second", rate, None)
        p95 = statistics.median(_paced(bench, portal, paths, most) for _run in range(RUNS))
        yield Finding(name, f"p95 ms at {most:.0f} a second", p95, limit)
    yield Finding("my page", "of the bare page", rate / bare, None)


def _paced(bench: Bench, portal: Portal, paths: list[str], rate: float) -> float:
    paced = bench.load(portal, "get", PACED_CONNECTIONS, SECONDS, paths=paths, rate=rate)
    return report.percentile(paced["milliseconds"]["get"], 0.95)


def _rate(bench: Bench, portal: Portal, paths: list[str]) -> float:
    found = bench.load(portal, "get", CONNECTIONS, SECONDS, paths=paths)
    return float(found["done"] / found["seconds"])


def _bare_rate(bench: Bench, path: str) -> float:
    """Return how many a second a view has that only sends the statements of this page."""
    client = Client(headers={"host": "127.0.0.1"})
    # The first request fills what a process remembers.
    client.get(path)
    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = client.get(path)
    kept = bench.scratch / "page.pickle"
    kept.write_bytes(pickle.dumps((sent, len(answer.content))))
    own = {"DJANGO_SETTINGS_MODULE": "bench.bare_settings", "BENCH_PAGE": str(kept)}
    with layouts.running(layouts.APART, bench.places, bench.scratch, **own) as bare:
        return _rate(bench, bare, ["/page"])

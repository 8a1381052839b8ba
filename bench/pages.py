"""Pages that people read, at two hundred a second or as many as a page without work allows here.

Each is asked for as somebody new would: nothing is cached for them. Beside the times stands how many a
second there are as fast as it goes, and which part of the bare page's that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench import report
from bench.layouts import Portal
from bench.limits import Finding

if TYPE_CHECKING:
    from bench.run import Bench

A_SECOND = 200.0
CONNECTIONS = 8
SECONDS = 5.0
# A short wait between two requests of one connection must not become a queue of its own.
PACED_CONNECTIONS = 32
WAITING = 200
BARE = "/healthz"


def measure(bench: Bench, portal: Portal) -> Iterator[Finding]:
    """Read the catalogue, a search and one's own number."""
    bench.database.empty()
    token = bench.database.fill(bench.one, WAITING, desks=1)[-1]
    bare = _rate(bench, portal, BARE)
    yield Finding("a page without work", "a second", bare, None)
    for name, path, limit in (
        ("catalogue", "/layanan/", 150.0),
        ("search", "/layanan/?cari=layanan+uji", 150.0),
        ("my page", f"/t/{token}/", 100.0),
    ):
        rate = _rate(bench, portal, path)
        yield Finding(name, "a second", rate, None)
        yield Finding(name, "% of the page without work", 100 * rate / bare, None)
        pace = min(A_SECOND, bare)
        paced = bench.load(portal, "get", PACED_CONNECTIONS, SECONDS, path=path, rate=pace)
        p95 = report.percentile(paced["milliseconds"]["get"], 0.95)
        yield Finding(name, f"p95 ms at {pace:.0f} a second", p95, limit)


def _rate(bench: Bench, portal: Portal, path: str) -> float:
    found = bench.load(portal, "get", CONNECTIONS, SECONDS, path=path)
    return float(found["done"] / found["seconds"])

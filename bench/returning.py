"""Everybody at once: the phones of a full hall come back to a server that was killed (trust.md F-08)."""

from __future__ import annotations

import json

from bench import layouts, mall, report
from bench.limits import Finding
from bench.run import Bench
from bench.talking import client, out
from mpp.live.stream import MOST_STREAMS

# All that one process takes: a display, and the phones.
PHONES = MOST_STREAMS - 1
BACK_SECONDS = 30.0
# A busy mall at its opening, as while Redis is away.
CONNECTIONS = 8
ISSUES_A_SECOND = 10.0
USUAL_SECONDS = 10.0
TIMES_AS_LONG = 2.0


def measure(bench: Bench, portal: layouts.Portal) -> list[Finding]:
    """Open every stream, kill the process that holds them, and count until all have a state again."""
    bench.database.empty()
    tokens = bench.database.fill(bench.many, PHONES + mall.LINES, mall.LINES)[:PHONES]
    usual = _issue_p95(bench, portal, USUAL_SECONDS)
    with client("bench.streams", bench.watching("return", portal, tokens, bench.many.desks[0])) as streams:
        out(streams).readline()
        with bench.loading(
            portal, "issue", CONNECTIONS, BACK_SECONDS, bench.many, rate=ISSUES_A_SECOND
        ) as people:
            ready = portal.restart("live")
            found = json.loads(out(streams).readline())
            beside = bench.result(people, "issue beside returning streams")
    p95 = report.percentile(beside["milliseconds"]["issue"], 0.95)
    what = f"{len(found['back'])} streams after a restart"
    return [
        Finding(what, "seconds until all are back", max(found["back"]) - ready, BACK_SECONDS),
        Finding("the same", "refused", len(found["refused"]), 0),
        Finding("the same", "issue p95 times as long", p95 / usual, TIMES_AS_LONG),
    ]


def _issue_p95(bench: Bench, portal: layouts.Portal, seconds: float) -> float:
    with bench.loading(portal, "issue", CONNECTIONS, seconds, bench.many, rate=ISSUES_A_SECOND) as people:
        return report.percentile(bench.result(people, "issue")["milliseconds"]["issue"], 0.95)

"""The busiest hall of the world in some minutes: 16,000 numbers, 200 counters (trust.md 4.1, LV3).

In a database of its own, in which nothing happens but by the portal's acts: so every invariant must hold.
"""

from __future__ import annotations

import time
from contextlib import ExitStack

from django.utils import timezone

from bench import layouts, mall, report
from bench.limits import Finding
from bench.run import Bench
from bench.talking import say
from queueing.invariants import CHECKS
from queueing.models import Ticket

NUMBERS = 16_000
COUNTERS = 200
ISSUE_CONNECTIONS = 32
ISSUES_A_SECOND = 30.0
# As fast as people come: two cores bear no more than both together.
CALLS_A_SECOND = 30.0
# For those who still wait when the last have come.
DRAIN_SECONDS = 40.0


def play(bench: Bench) -> list[Finding]:
    """Play the day on the production layout; return what was seen of it."""
    bench.one, bench.many = mall.build(has_past=False)
    staffed = mall.with_desks(bench.many, mall.more_desks(COUNTERS))
    seconds = NUMBERS / ISSUES_A_SECOND
    say(f"a day of {NUMBERS} numbers in {seconds:.0f} seconds")
    with layouts.running(layouts.APART, bench.places, bench.scratch) as portal, ExitStack() as stack:
        people = stack.enter_context(
            bench.loading(portal, "issue", ISSUE_CONNECTIONS, seconds, bench.many, rate=ISSUES_A_SECOND)
        )
        officers = stack.enter_context(
            bench.loading(portal, "call", COUNTERS, seconds + DRAIN_SECONDS, staffed, rate=CALLS_A_SECOND)
        )
        issued = bench.result(people, "day, issue")
        called = bench.result(officers, "day, call")
    with timezone.override(mall.TIME_ZONE):
        began = time.monotonic()
        broken = [code for code in CHECKS if list(CHECKS[code][1]())]
    what = f"a day of {issued['done']} numbers, {COUNTERS} counters"
    return [
        Finding(what, "not stored", issued["done"] - Ticket.objects.count(), 0),
        Finding(what, "served", called["done"], None),
        Finding(what, "issue p95 ms", report.percentile(issued["milliseconds"]["issue"], 0.95), None),
        Finding(what, "call p95 ms", report.percentile(called["milliseconds"]["call"], 0.95), None),
        Finding(what, "invariants broken", len(broken), 0),
        Finding(what, "seconds to check them", time.monotonic() - began, None),
    ]

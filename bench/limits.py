"""What must hold when a hall is fuller than any hall: storms, long lines, many counters, a whole day."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from django.utils import timezone

from bench import layouts, mall, report
from queueing.invariants import CHECKS
from queueing.models import Ticket
from queueing.places import SAME_MINUTE, WAITING

if TYPE_CHECKING:
    from bench.run import Bench

SKIPPED = frozenset({"INV-2", "INV-5", "INV-6", "INV-12", "INV-13"})
HEAD = ["what", "figure", "measured", "limit"]
HOT_CONNECTIONS = 64
HOT_A_SECOND = 100.0
HOT_P95_MS = 200.0
COUNTERS = 200
COUNTERS_P95_MS = 150.0
# Two hundred officers, each calling every ten seconds: far more than people can do.
CALLS_A_SECOND = 20.0
FEW, MANY = 100, 100_000
LONGER_LINE = 1.2
POSITION_MS = 5.0
PLACES = 400
PEOPLE_A_SECOND = 8_000 / 60
STORM_CONNECTIONS = 64
STORM_P95_MS = 3_000.0


@dataclass(frozen=True)
class Finding:
    """One figure beside its limit; `is_below` None: only told."""

    what: str
    figure: str
    measured: float
    limit: float | None

    @property
    def cells(self) -> list[str]:
        limit = "-" if self.limit is None else f"{self.limit:g}"
        return [self.what, self.figure, f"{self.measured:.1f}", limit]

    @property
    def is_broken(self) -> bool:
        return self.limit is not None and self.measured > self.limit


class Limits:
    """All of them on the production layout."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.found: list[Finding] = []

    def measure(self) -> None:
        """Measure one after the other."""
        # It stands on the whole of the bench, of which these limits are a part.
        from bench import pages, returning

        bench = self.bench
        desks = mall.more_desks(COUNTERS)
        with layouts.running(layouts.APART, bench.places, bench.scratch) as portal:
            bench.warm_up(portal)
            self.found += pages.measure(bench, portal)
            self.hot_line(portal)
            self.many_counters(portal, desks)
            self.long_line(portal)
            # While a hundred thousand wait: what follows empties the lines.
            self.position()
            self.found += returning.measure(bench, portal)
        limits = {"LOAD_TEST": "0", "TRUSTED_PROXIES": "1"}
        slug = mall.scarce_service(PLACES)
        with layouts.running(layouts.APART, bench.places, bench.scratch, **limits) as portal:
            self.storm(portal, slug)
        self.invariants()

    def tell(self, what: str, figure: str, measured: float, limit: float | None = None) -> None:
        """Keep one figure."""
        self.found.append(Finding(what, figure, measured, limit))

    def hot_line(self, portal: layouts.Portal) -> None:
        """Issue from 64 connections on one line: as fast as it goes, and at the pace of a rush (F-01)."""
        bench = self.bench
        bench.start_from("issue", bench.one, HOT_CONNECTIONS, 0)
        what = f"issue on one line, {HOT_CONNECTIONS} connections"
        result = bench.load(portal, "issue", HOT_CONNECTIONS, bench.plan.seconds * 2, bench.one)
        self.tell(what, "per second", result["done"] / result["seconds"])
        # Sixty-four who ask again at once wait 64 times the service, whatever the server: only told.
        self.tell(what, "p95 ms", report.percentile(result["milliseconds"]["issue"], 0.95))
        paced = bench.load(portal, "issue", HOT_CONNECTIONS, 10.0, bench.one, rate=HOT_A_SECOND)
        what = f"{what}, {HOT_A_SECOND:.0f} a second"
        self.tell(what, "p95 ms", report.percentile(paced["milliseconds"]["issue"], 0.95), HOT_P95_MS)

    def many_counters(self, portal: layouts.Portal, desks: list[mall.Desk]) -> None:
        """Two hundred officers on forty lines press at a steady pace."""
        bench = self.bench
        spread = mall.with_desks(bench.many, desks)
        bench.database.empty()
        bench.database.fill(spread, 4000, mall.LINES)
        result = bench.load(portal, "call", COUNTERS, 10.0, spread, rate=CALLS_A_SECOND)
        what = f"call-next, {COUNTERS} counters on {mall.LINES} lines"
        self.tell(what, "p95 ms", report.percentile(result["milliseconds"]["call"], 0.95), COUNTERS_P95_MS)

    def long_line(self, portal: layouts.Portal) -> None:
        """What a call costs with a hundred and with a hundred thousand waiting."""
        bench = self.bench
        costs: dict[int, list[float]] = {}
        for people in (FEW, MANY, FEW, MANY):
            bench.database.empty()
            bench.database.fill(bench.one, people, 1, hours=6)
            bench.database.settle()
            result = bench.load(portal, "call", 1, 3.0, bench.one)
            costs.setdefault(people, []).extend(result["milliseconds"]["call"])
        middle = {people: statistics.median(values) for people, values in costs.items()}
        self.tell(f"call-next, {FEW} waiting", "p50 ms", middle[FEW])
        self.tell(f"call-next, {MANY} waiting", "times as long", middle[MANY] / middle[FEW], LONGER_LINE)

    def position(self) -> None:
        """What the database spends to place the last of a hundred thousand."""
        line = self.bench.one.first_line
        last = Ticket.objects.waiting().filter(line=line).order_by("-arrived_at", "-pk")[0]
        minute = int(last.arrived_at.timestamp() // 60)
        asked = (
            (WAITING, [[line]]),
            (SAME_MINUTE, [line, last.lane, minute * 60, last.arrived_at, last.pk]),
        )
        with psycopg.connect(self.bench.database.url) as connection:
            times = [sum(_execution_ms(connection, sql, values) for sql, values in asked) for _ in range(20)]
        waiting = Ticket.objects.waiting().filter(line=line).count()
        self.tell(f"place of the last of {waiting}", "ms in the database", max(times), POSITION_MS)

    def storm(self, portal: layouts.Portal, slug: str) -> None:
        """Eight thousand people in one minute for four hundred places."""
        job: dict[str, Any] = {"rate": PEOPLE_A_SECOND, "addresses": True}
        spread = mall.only(self.bench.many, slug)
        with self.bench.loading(portal, "take", STORM_CONNECTIONS, 60.0, spread, **job) as client:
            result = self.bench.raw_result(client)
        statuses = result["statuses"]
        values = result["milliseconds"]["take"]
        got = statuses.get("take 303", 0)
        refused = statuses.get("take 409", 0)
        self.tell(f"{len(values)} people for {PLACES} places", "got one", got)
        self.tell("the same", "p95 ms", report.percentile(values, 0.95), STORM_P95_MS)
        self.tell("the same", "neither number nor refusal", len(values) - got - refused, 0)
        if got != PLACES:
            self.bench.problems.append(f"storm: {got} numbers for {PLACES} places: {statuses}")

    def invariants(self) -> None:
        """Ask once more what must hold, after all this."""
        with timezone.override(mall.TIME_ZONE):
            began = time.monotonic()
            # Filled and emptied lines skip the acts, and with them order, clock and outcome; the days before
            # today that the mall remembers have no trail.
            asked = [code for code in CHECKS if code not in SKIPPED]
            broken = [code for code in asked if list(CHECKS[code][1]())]
        self.tell("invariants after it", "broken", len(broken), 0)
        self.tell("invariants after it", "seconds", time.monotonic() - began)


def _execution_ms(connection: psycopg.Connection[Any], sql: str, values: list[Any]) -> float:
    plan = connection.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}", values).fetchall()
    found = re.search(r"Execution Time: ([\d.]+) ms", "\n".join(row[0] for row in plan))
    if found is None:
        raise RuntimeError("EXPLAIN tells no time")
    return float(found[1])

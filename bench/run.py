"""The sections of the bench, one after the other, on both layouts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from bench import faults, imports, layouts, mall, memory, messages, report
from bench.database import Database
from bench.layouts import Portal
from bench.limits import HEAD, Finding, Limits
from bench.mall import Desk, Spread
from bench.memory import Memory
from bench.talking import client, into, out, say
from mpp.runtime.embedded import Embedded
from mpp.runtime.postgres import Postgres
from mpp.runtime.redis import Redis

GROUP_LIMIT_MB = 900
STREAM_LIMIT_KB = 60
FAULT_LIMIT = 1.5
# Limits of a full mall's phones (F-06); with all of them on one line the figures are told only.
SCREENS, SCREEN_P50_MS, SCREEN_P95_MS = ("display", "phone"), 150, 500
# A busy mall at its opening: far below what the machine bears, so that only the fault shows.
FAULT_CONNECTIONS = 8
FAULT_ISSUES_A_SECOND = 10.0
FAULT_CALLS_A_SECOND = 6.0
# A process asks a Redis that does not answer once in so many seconds: a shorter look would see little else.
HUNG_SECONDS = 30.0
WARM_UP_CONNECTIONS = 16
FINE = ("200", "201", "204")
MEMORY_HEAD = ["layout", "process", "RSS MB", "PSS MB"]
STREAMS_HEAD = ["layout", "streams", "RSS +MB", "KB each"]


@dataclass(frozen=True)
class Plan:
    """How long and how much."""

    connections: tuple[int, ...]
    spreads: int
    seconds: float
    database_seconds: float
    watched: int
    clicks: int
    streams: int
    fault_seconds: float
    limits: bool


FULL = Plan((1, 8, 32), 2, 2.5, 1.0, 2000, 40, 400, 5.0, True)
# A fault needs more seconds than these to say anything: processes find out in the first of them.
QUICK = Plan((8,), 1, 1.5, 1.0, 200, 4, 400, 0.0, False)


class Bench:
    """One run; `tables()` after `run()`."""

    def __init__(self, found: Embedded, url: str, scratch: Path, *, quick: bool) -> None:
        self.places = found.places
        self.own = found.started
        self.database = Database(url, found.places)
        self.scratch = scratch
        self.plan = QUICK if quick else FULL
        self.rates: list[list[str]] = []
        self.health: list[list[str]] = []
        # What the bare endpoint does, by layout, spread, act and connections.
        self.bare: dict[tuple[str, str, str, str], float] = {}
        self.screens: list[list[str]] = []
        self.memory: list[list[str]] = []
        self.streams: list[list[str]] = []
        self.faults: list[list[str]] = []
        self.limits: list[list[str]] = []
        self.problems: list[str] = []

    @property
    def failed(self) -> bool:
        return bool(self.problems)

    def run(self) -> None:
        """Measure everything on both layouts."""
        say("a mall of forty lines")
        self.one, self.many = mall.build()
        for layout in (layouts.ONE_PROCESS, layouts.APART):
            say(f"{layout}: streams")
            with layouts.running(layout, self.places, self.scratch) as portal:
                # Before any load: afterwards the process has memory to spare, and a stream seems free.
                self.measure_streams(portal)
                say(f"{layout}: rates")
                self.measure_rates(portal)
                self.measure_memory(portal)
                say(f"{layout}: screens")
                self.measure_screens(portal)
            say(f"{layout}: the bare endpoint")
            bare = {"DJANGO_SETTINGS_MODULE": "bench.bare_settings"}
            with layouts.running(layout, self.places, self.scratch, **bare) as portal:
                self.measure_bare(portal)
            if self.plan.fault_seconds:
                say(f"{layout}: Redis hung and stopped")
                # With its limits on: they are what asks Redis.
                limits = {"LOAD_TEST": "0", "TRUSTED_PROXIES": "1"}
                with layouts.running(layout, self.places, self.scratch, **limits) as portal:
                    self.measure_faults(portal)
        if self.plan.limits:
            say("production: storms, long lines, many counters")
            self.measure_limits()

    def only_limits(self) -> None:
        """Only the storms and long lines, in a mall of their own."""
        self.one, self.many = mall.build()
        self.measure_limits()

    def measure_limits(self) -> None:
        """Storms, long lines, many counters."""
        limits = Limits(self)
        limits.measure()
        self.keep(limits.found)
        self.keep(messages.measure(self))

    def only_screens(self) -> None:
        """Only what the screens show after a press, on the production layout."""
        self.one, self.many = mall.build()
        with layouts.running(layouts.APART, self.places, self.scratch) as portal:
            self.warm_up(portal)
            self.measure_screens(portal)

    def read_pages(self) -> None:
        """Only the pages that people read, on the production layout."""
        from bench import pages

        self.one, self.many = mall.build()
        with layouts.running(layouts.APART, self.places, self.scratch) as portal:
            self.warm_up(portal)
            self.keep(pages.measure(self, portal))

    def open_lists(self) -> None:
        """Only the lists of the admin, in tables that have grown, and an import into one of them."""
        from bench import lists

        self.one, self.many = mall.build()
        self.keep(lists.measure(self))
        self.keep(imports.measure())

    def play_day(self) -> None:
        """Sixteen thousand numbers in some minutes; a database that is empty yet."""
        from bench import day

        self.keep(day.play(self))

    def keep(self, found: Iterable[Finding]) -> None:
        """Keep these figures for the tables; one over its limit is a problem."""
        for one in found:
            self.limits.append(one.cells)
            if one.is_broken:
                self.problems.append(f"{one.what}: {one.figure} {one.measured:.1f}")

    def measure_rates(self, portal: Portal) -> None:
        """Issue and call on one line and on forty, each beside pgbench at the same moment."""
        self.warm_up(portal)
        for connections in self.plan.connections:
            result = self.load(portal, "get", connections, self.plan.database_seconds, paths=["/healthz"])
            rate = result["done"] / result["seconds"]
            self.health.append([portal.layout, str(connections), report.number(rate)])
        for spread in (self.one, self.many)[: self.plan.spreads]:
            for connections in self.plan.connections:
                self.compare(portal, "issue", spread, connections)
                self.compare(portal, "call", spread, connections)

    def measure_bare(self, portal: Portal) -> None:
        """The same statements from plain views, on the same server, with the same load."""
        self.warm_up(portal)
        for spread in (self.one, self.many)[: self.plan.spreads]:
            for connections in self.plan.connections:
                for act in ("issue", "call"):
                    self.start_from(act, spread, connections, self.plan.seconds * 200)
                    result = self.load(portal, act, connections, self.plan.seconds, spread)
                    rate = result["done"] / result["seconds"]
                    self.bare[portal.layout, spread.name, act, str(connections)] = rate

    def warm_up(self, portal: Portal) -> None:
        """Let a fresh process load its code and open its connections: that is not what we measure."""
        for act in ("issue", "call"):
            self.start_from(act, self.many, WARM_UP_CONNECTIONS, 20 * WARM_UP_CONNECTIONS)
            self.load(portal, act, WARM_UP_CONNECTIONS, 1.0, self.many)

    def compare(self, portal: Portal, act: str, spread: Spread, connections: int) -> None:
        """One act through HTTP and by pgbench, from the same starting point."""
        self.start_from(act, spread, connections, self.plan.seconds * 60)
        result = self.load(portal, act, connections, self.plan.seconds, spread)
        self.start_from(act, spread, connections, self.plan.database_seconds * 1500)
        theirs = self.database.rate(act, spread, connections, self.plan.database_seconds)
        ours = result["done"] / result["seconds"]
        p50, p95, _ = report.spread_of(result["milliseconds"].get(act, []))
        self.rates.append(
            [portal.layout, spread.name, act, str(connections), report.number(ours), p50, p95]
            + [report.number(theirs), report.ratio(ours, theirs)]
        )

    def start_from(self, act: str, spread: Spread, desks: int, waiting: float) -> None:
        """Nobody waits; for calls, about so many people do."""
        self.database.empty()
        if act == "call":
            self.database.fill(spread, int(waiting), desks)

    def load(
        self,
        portal: Portal,
        act: str,
        connections: int,
        seconds: float,
        spread: Spread | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Run one load to its end; what went wrong is kept for the last lines."""
        with self.loading(portal, act, connections, seconds, spread, **more) as client:
            return self.result(client, f"{portal.layout}, {act}, {connections}")

    @contextmanager
    def loading(
        self,
        portal: Portal,
        act: str,
        connections: int,
        seconds: float,
        spread: Spread | None = None,
        **more: Any,
    ) -> Iterator[subprocess.Popen[str]]:
        """Start one load client."""
        job = {"act": act, "url": portal.pages, "connections": connections, "seconds": seconds, **more}
        if spread:
            job |= {
                "services": spread.services,
                "desks": [astuple(desk) for desk in spread.desks],
            }
        with client("bench.client", job) as process:
            into(process).close()
            yield process

    def raw_result(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """Return a load client's figures, whatever it was answered."""
        found: dict[str, Any] = json.loads(out(process).read())
        return found

    def result(self, process: subprocess.Popen[str], what: str) -> dict[str, Any]:
        """Return a load client's figures; an answer that is no success is a problem."""
        found = self.raw_result(process)
        bad = {key: count for key, count in found["statuses"].items() if not key.endswith(FINE)}
        if bad:
            self.problems.append(f"{what}: {bad}")
        return found

    def measure_memory(self, portal: Portal) -> None:
        """Every process of the group after the load, and all together."""
        pids = {name: process.pid for name, process in portal.processes.items()}
        for server in (Postgres(self.places), Redis(self.places)):
            # A server that was given may be anywhere and serve others too.
            if server.name in self.own and (pid := server.noted_pid()):
                pids[server.name] = pid
        total = Memory(0, 0)
        for name, pid in pids.items():
            held = memory.of(pid)
            total += held
            self.memory.append([portal.layout, name, report.megabytes(held.rss), report.megabytes(held.pss)])
        self.memory.append([portal.layout, "all", report.megabytes(total.rss), report.megabytes(total.pss)])
        if total.pss > GROUP_LIMIT_MB * 1024:
            self.problems.append(f"{portal.layout}: the group holds more than {GROUP_LIMIT_MB} MB")

    def measure_screens(self, portal: Portal) -> None:
        """From the press of a button to the screens, with a full mall's phones, and with all on one line."""
        for spread in (self.many, self.one):
            for name, values in self.click(portal, spread, self.plan.watched, self.plan.clicks).items():
                p50, p95, _ = report.spread_of(values)
                largest = f"{max(values):.1f}"
                self.screens.append([portal.layout, spread.name, name, str(len(values)), p50, p95, largest])
                is_limited = portal.layout == layouts.APART and spread is self.many and name in SCREENS
                if is_limited and (float(p50) > SCREEN_P50_MS or float(p95) > SCREEN_P95_MS):
                    self.problems.append(f"press to {name}: p50 {p50} ms, p95 {p95} ms")

    def click(self, portal: Portal, spread: Spread, watched: int, clicks: int) -> dict[str, list[float]]:
        """Open streams of `watched` fresh numbers of these lines, and call some of the first line."""
        self.database.empty()
        tokens = self.database.fill(spread, watched, desks=spread.count)
        job = self.watching("click", portal, tokens, spread.desks[0])
        others = [astuple(desk) for desk in spread.desks[1:]] if spread.count > 1 else []
        job |= {"clicks": clicks, "lines": spread.count, "others": others}
        with client("bench.streams", job) as process:
            out(process).readline()
            found: dict[str, list[float]] = json.loads(out(process).readline())
            return found

    def measure_streams(self, portal: Portal) -> None:
        """What one more stream costs the process that holds it."""
        self.database.empty()
        tokens = self.database.fill(self.one, 1, desks=1)
        # The first ones load code and open connections.
        self.held(portal, tokens * 10)
        before = memory.of(portal.streaming.pid)
        count, after = self.held(portal, tokens * self.plan.streams)
        more = after.rss - before.rss
        self.streams.append([portal.layout, str(count), report.megabytes(more), f"{more / count:.1f}"])
        if more > STREAM_LIMIT_KB * count:
            self.problems.append(f"{portal.layout}: a stream holds more than {STREAM_LIMIT_KB} KB")

    def held(self, portal: Portal, tokens: list[str]) -> tuple[int, Memory]:
        """Open one stream for each token and the display's; return how many, and the memory with them."""
        with client("bench.streams", self.watching("hold", portal, tokens, self.one.desks[0])) as process:
            count: int = json.loads(out(process).readline())["open"]
            held = memory.of(portal.streaming.pid)
            into(process).close()
            return count, held

    def watching(self, act: str, portal: Portal, tokens: list[str], desk: Desk) -> dict[str, Any]:
        """The job of a process that opens streams."""
        place = {"live": portal.live, "pages": portal.pages, "zone": mall.ZONE}
        return {"act": act, **place, "tickets": tokens, "desk": astuple(desk)}

    def measure_faults(self, portal: Portal) -> None:
        """The same paced load with Redis as it should be, hung, stopped, and as it should be again."""
        self.start_from("call", self.many, FAULT_CONNECTIONS, 80 * FAULT_CONNECTIONS)
        self.paced(portal, 2.0, "warm-up")
        short = self.plan.fault_seconds
        found: dict[str, dict[str, list[float]]] = {}
        for name, fault, seconds in (
            ("normal", nullcontext, short),
            ("hung", faults.hung, HUNG_SECONDS),
            ("stopped", faults.stopped, short),
            ("normal", nullcontext, short),
        ):
            with fault(self.places):
                taken = self.paced(portal, seconds, f"Redis {name}")
            for act, values in taken.items():
                found.setdefault(act, {}).setdefault(name, []).extend(values)
        for act, by_name in found.items():
            self.faults.append([portal.layout, act, *self.compared(portal, act, by_name)])

    def compared(self, portal: Portal, act: str, by_name: dict[str, list[float]]) -> list[str]:
        """Return the p95 of each state of Redis, and how it stands to the normal one."""
        p95 = {name: report.percentile(values, 0.95) for name, values in by_name.items()}
        cells = [f"{p95['normal']:.1f}"]
        for name in ("hung", "stopped"):
            times = p95[name] / p95["normal"]
            cells += [f"{p95[name]:.1f}", f"{times:.2f}"]
            if times > FAULT_LIMIT:
                self.problems.append(f"{portal.layout}: {act} with Redis {name}: p95 {times:.1f} times")
        return cells

    def paced(self, portal: Portal, seconds: float, what: str) -> dict[str, list[float]]:
        """Issue and call at a steady pace, both at once, every request from its own address."""
        with ExitStack() as stack:
            clients = {
                act: stack.enter_context(
                    self.loading(
                        portal, act, FAULT_CONNECTIONS, seconds, self.many, rate=rate, addresses=True
                    )
                )
                for act, rate in (("issue", FAULT_ISSUES_A_SECOND), ("call", FAULT_CALLS_A_SECOND))
            }
            return {
                act: self.result(process, f"{portal.layout}, {what}")["milliseconds"][act]
                for act, process in clients.items()
            }

    def beside_bare(self, row: list[str]) -> list[str]:
        """Return the bare endpoint's rate for a row of `rates`, and our share of it."""
        layout, spread, act, connections, ours = row[:5]
        theirs = self.bare.get((layout, spread, act, connections))
        return [report.number(theirs), report.ratio(float(ours), theirs)]

    def tables(self) -> list[str]:
        """Return all that was measured."""
        rates = ["layout", "load", "act", "conn", "ours/s", "p50 ms", "p95 ms", "pgbench/s", "ratio"]
        rates += ["bare/s", "ratio"]
        screens = ["layout", "phones on", "press to", "presses", "p50 ms", "p95 ms", "max ms"]
        away = ["layout", "act", "normal p95 ms", "hung p95 ms", "ratio", "stopped p95 ms", "ratio"]
        titled = (
            ("A request without work, /healthz", ["layout", "conn", "requests/s"], self.health),
            (
                "Issued and called through HTTP, beside the same SQL by pgbench and by bare views",
                rates,
                [[*row, *self.beside_bare(row)] for row in self.rates],
            ),
            (f"{self.plan.watched} phones and a display", screens, self.screens),
            (f"Memory after the load (limit {GROUP_LIMIT_MB} MB PSS)", MEMORY_HEAD, self.memory),
            (f"Streams (limit {STREAM_LIMIT_KB} KB each)", STREAMS_HEAD, self.streams),
            (f"Redis away (limit {FAULT_LIMIT} times)", away, self.faults),
            ("Fuller than any hall, production", HEAD, self.limits),
        )
        return [
            *(report.table(title, head, rows) for title, head, rows in titled if rows),
            "",
            "A call is three requests and three transactions: call-next, start, finish.",
            "PSS counts what processes share once; RSS counts it for each.",
            *(self.problems or ["Nothing failed, every limit holds."]),
        ]

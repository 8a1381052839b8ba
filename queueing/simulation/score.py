"""`python -m queueing.simulation.score`: is the shown time true? Over many seeded days of varied malls.

Exits with 1 when a bound of docs/decisions/0006-estimate.md is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from multiprocessing import get_context
from statistics import fmean

from queueing.estimating import NOMINAL
from queueing.simulation.formulas import WIDENINGS, Bounds, covered, widened, winkler
from queueing.simulation.scoring import Look, looks_at

ALPHA = 1 - NOMINAL
LEAST, MOST = 0.80, 0.92
AGAINST_ORACLE, AGAINST_FORMULAS = 1.2, 0.8
# Days on which nothing was tried out.
FIRST_SEED = 5000
# A row of fewer looks says nothing.
ENOUGH = 150


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, print the report, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m queueing.simulation.score", description=__doc__)
    parser.add_argument("--days", type=int, default=240)
    parser.add_argument("--looks", type=int, default=8, help="moments looked at on each day")
    parser.add_argument("--draws", type=int, default=150, help="futures the oracle draws at each moment")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    started = time.monotonic()
    looks = play(options.first_seed, options.days, options.looks, options.draws, options.jobs)
    report = Report(looks)
    print("\n".join(report.lines()))
    print(f"\n{options.days} days, {len(looks)} looks, {time.monotonic() - started:.0f} s.")
    return 1 if report.failures else 0


def play(first: int, days: int, looks: int, draws: int, jobs: int) -> list[Look]:
    """Return all looks at `days` days from seed `first` on, over `jobs` processes."""
    one_day = partial(looks_at, looks=looks, draws=draws)
    seeds = range(first, first + days)
    if jobs <= 1:
        return [look for seed in seeds for look in one_day(seed)]
    with get_context("spawn").Pool(jobs) as pool:
        return [look for found in pool.imap(one_day, seeds, chunksize=4) for look in found]


class Report:
    """The table, and what in it misses a bound."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self.looks = looks
        self.failures: list[str] = []
        self.share = covered([look.shown for look in looks], [look.minutes for look in looks])
        self.formulas = {
            name: self._best(ranges)
            for name, ranges in (
                ("people ahead × mean ÷ counters", [look.mean for look in looks]),
                ("ZMS low and high", [look.low_high for look in looks]),
            )
        }

    def _best(self, ranges: Sequence[Bounds]) -> tuple[str, float, list[Bounds]]:
        """Return a formula's ranges, widened to cover as much as ours in the way that scores best."""
        actual = [look.minutes for look in self.looks]
        found = [(name, *widened(ranges, actual, self.share, widen)) for name, widen in WIDENINGS.items()]
        return min(found, key=lambda one: self.score(one[2]))

    def score(self, ranges: Iterable[Bounds]) -> float:
        """Return the mean interval score of one range for each look."""
        return fmean(
            winkler(bounds, look.minutes, ALPHA) for bounds, look in zip(ranges, self.looks, strict=True)
        )

    def lines(self) -> list[str]:
        """Return the report, line by line, as Markdown."""
        return [*self._totals(), "", *self._parts(), "", *self._verdict()]

    def _totals(self) -> list[str]:
        ours = self.score(look.shown for look in self.looks)
        oracle = self.score(look.oracle for look in self.looks)
        told = covered([look.oracle for look in self.looks], [look.minutes for look in self.looks])
        lines = [
            f"Interval score at {NOMINAL:.0%} (alpha {ALPHA:.2f}), minutes; less is better.",
            "",
            "| range | covers | width | score | ours is |",
            "|---|---|---|---|---|",
            _row("shown", self.share, _width(look.shown for look in self.looks), ours, 1.0),
            _row("oracle", told, _width(look.oracle for look in self.looks), oracle, ours / oracle),
        ]
        self._bound("coverage, all", self.share)
        self._at_most("score against the oracle", ours / oracle, AGAINST_ORACLE)
        best = 0.0
        for name, (how, factor, ranges) in self.formulas.items():
            score = self.score(ranges)
            share = covered(ranges, [look.minutes for look in self.looks])
            lines.append(_row(f"{name}, {how} × {factor:.2f}", share, _width(ranges), score, ours / score))
            best = max(best, ours / score)
        self._at_most("score against the better formula", best, AGAINST_FORMULAS)
        return lines

    def _parts(self) -> list[str]:
        lines = ["| of which | looks | covers | width | score | oracle covers | ours / oracle |"]
        lines.append("|---|---|---|---|---|---|---|")
        for kind, name, is_bound in PARTS:
            groups: dict[str, list[Look]] = {}
            for look in self.looks:
                groups.setdefault(name(look), []).append(look)
            for label in sorted(groups):
                group = groups[label]
                if len(group) >= ENOUGH:
                    lines.append(_part(f"{kind} {label}", group))
                    if is_bound:
                        share = covered([look.shown for look in group], [look.minutes for look in group])
                        self._bound(f"coverage, {kind} {label}", share)
        return lines

    def _bound(self, what: str, share: float) -> None:
        if not LEAST <= share <= MOST:
            self.failures.append(f"{what}: {share:.1%} is not within {LEAST:.0%} to {MOST:.0%}")

    def _at_most(self, what: str, ratio: float, most: float) -> None:
        if ratio > most:
            self.failures.append(f"{what}: {ratio:.2f} is more than {most}")

    def _verdict(self) -> list[str]:
        moved = [look for look in self.looks if not look.is_new]
        named = sum(bool(look.cause) for look in moved)
        lines = [f"Moved otherwise than with the clock: {named / max(1, len(moved)):.0%} of later looks."]
        return lines + ([f"MISSED {failure}" for failure in self.failures] or ["All bounds hold."])


def _hour(look: Look) -> str:
    return f"{int(look.at // 60):02d}"


def _length(look: Look) -> str:
    for most, label in ((2, "00-02"), (9, "03-09"), (29, "10-29")):
        if look.ahead <= most:
            return label
    return "30 and more"


# What to look at apart, how, and whether the coverage is promised there.
PARTS: tuple[tuple[str, Callable[[Look], str], bool], ...] = (
    ("hour", _hour, True),
    ("people ahead", _length, True),
    ("look", lambda look: "at issue" if look.is_new else "later", True),
    ("lane", lambda look: "express" if look.lane == "X" else "regular", True),
    ("counters", lambda look: str(look.counters), False),
    ("days of experience", lambda look: f"{look.past_days:02d}", False),
    ("lines at the counters", lambda look: str(look.lines), False),
)


def _width(ranges: Iterable[Bounds]) -> float:
    return fmean(high - low for low, high in ranges)


def _row(name: str, share: float, width: float, score: float, ratio: float) -> str:
    return f"| {name} | {share:.1%} | {width:.1f} | {score:.1f} | {ratio:.2f} × |"


def _part(label: str, looks: Sequence[Look]) -> str:
    actual = [look.minutes for look in looks]
    shown, oracle = [look.shown for look in looks], [look.oracle for look in looks]
    ours = fmean(map(partial(winkler, alpha=ALPHA), shown, actual))
    best = fmean(map(partial(winkler, alpha=ALPHA), oracle, actual))
    return (
        f"| {label} | {len(looks)} | {covered(shown, actual):.1%} | {_width(shown):.1f} | {ours:.1f}"
        f" | {covered(oracle, actual):.1%} | {ours / best:.2f} |"
    )


if __name__ == "__main__":
    sys.exit(main())

"""What would shorten the longest wait, worked out by playing the rest of the day.

It takes seconds: the worker does it, never a request or a transaction.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from queueing.enums import AdviceKind
from queueing.scenes import AgencyScene, scenes_now
from queueing.simulation.outlook import Outlook, Scene, back_at, look_ahead, with_counter, with_lines
from queueing.simulation.plans import CounterPlan

# So often the rest of the day is played for each possibility.
FUTURES = 100
# An officer who is asked now opens a counter in so many minutes.
COMES_IN = 10.0
# Below this nobody needs advice; and what saves less than this is not worth a walk.
LONG_WAIT = 15.0
LEAST_SAVED, LEAST_SHARE = 5.0, 0.15
# What is not reached in this time waits for the next round; the worst agencies come first.
MOST_SECONDS = 9.0
MOST_OPTIONS = 5


@dataclass(frozen=True)
class Option:
    """One thing to do, and the longest wait without and with it, in minutes.

    `before` is None when nobody would be called at all. `ends_at` and `ended_at` are minutes after
    midnight when the last number would be finished with and without it. Keys are those of rows.
    """

    kind: str
    agency: int
    counter: int
    queue: int
    before: int | None
    after: int
    low: int
    high: int
    before_low: int | None
    before_high: int | None
    ended_at: int | None
    ends_at: int
    waiting: int
    desks: int
    # Minutes of waiting that all people together are spared.
    spared: int
    futures: int = FUTURES

    def as_dict(self) -> dict[str, Any]:
        """Return it for the row that keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Option:
        """Return an option as it was kept."""
        return cls(**kept)

    @property
    def saved(self) -> float:
        """Return the minutes that it takes off the longest wait; without anybody at a counter, very many."""
        return (24 * 60.0 if self.before is None else self.before) - self.after


@dataclass
class Found:
    """The options that are worth it, what spares people the most waiting first; whose figures are too few."""

    options: list[Option] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def work_out() -> Found:
    """Return what is worth doing now. Takes some seconds; belongs into no request and no transaction."""
    deadline = time.monotonic() + MOST_SECONDS
    scenes, unknown = scenes_now()
    found = Found(unknown=[agency.short_name for agency in unknown])
    for one in sorted(scenes, key=_longest_so_far, reverse=True):
        if time.monotonic() > deadline:
            break
        found.options += _options_of(one, deadline)
    found.options.sort(key=lambda option: (option.before is not None, -option.spared))
    del found.options[MOST_OPTIONS:]
    return found


def _longest_so_far(one: AgencyScene) -> float:
    return max((one.scene.now - standing.came for standing in one.scene.standing), default=0.0)


def _options_of(one: AgencyScene, deadline: float) -> Iterator[Option]:
    usual = look_ahead(one.scene, FUTURES)
    if usual.longest[1] < LONG_WAIT and usual.ends[1] <= one.scene.plan.closes:
        return
    best: dict[str, Option] = {}
    for kind, counter, queue, changed in _changes(one):
        if time.monotonic() > deadline:
            break
        option = _option(one, kind, counter, queue, usual, look_ahead(changed, FUTURES))
        if is_worth_it(option) and (kind not in best or option.after < best[kind].after):
            best[kind] = option
    yield from best.values()


def _changes(one: AgencyScene) -> Iterator[tuple[str, int, int, Scene]]:
    """Yield what could be done here: end a rest, fill a counter, move one to the line that waits longest."""
    scene = one.scene
    worst = min(scene.standing, key=lambda standing: standing.came).service.line
    for counter in one.resting[:1]:
        yield AdviceKind.RESUME, counter, worst, back_at(scene, counter, scene.now + COMES_IN / 2)
    for counter in one.unstaffed[:1]:
        plan = _fresh_counter(scene, counter)
        yield AdviceKind.OPEN, counter, worst, with_counter(scene, plan)
    for desk in scene.desks:
        if worst not in desk.plan.weights and _others_serve(scene, desk.plan):
            yield AdviceKind.MOVE, desk.plan.code, worst, with_lines(scene, desk.plan.code, {worst: 1.0})


def _fresh_counter(scene: Scene, counter: int) -> CounterPlan:
    """Return a counter that opens when its officer has come and calls from every line."""
    like = scene.desks[0].plan if scene.desks else None
    opens = scene.now + COMES_IN
    breaks = tuple((max(start, opens), end) for start, end in like.breaks if end > opens) if like else ()
    weights = dict.fromkeys((line.code for line in scene.plan.lines), 1.0)
    return CounterPlan(counter, weights, opens, scene.plan.closes, breaks)


def _others_serve(scene: Scene, plan: CounterPlan) -> bool:
    """Tell whether each line of this counter has another one: nobody is left without."""
    others = [desk.plan for desk in scene.desks if desk.plan.code != plan.code]
    return all(any(line in other.weights for other in others) for line in plan.weights)


def _option(
    one: AgencyScene, kind: str, counter: int, queue: int, usual: Outlook, changed: Outlook
) -> Option:
    is_served = usual.longest[1] < float("inf")
    low, middle, high = (_minutes(value) for value in changed.longest)
    return Option(
        kind=kind,
        agency=one.agency.pk,
        counter=counter,
        queue=queue,
        before=_minutes(usual.longest[1]) if is_served else None,
        after=middle,
        low=low,
        high=high,
        before_low=_minutes(usual.longest[0]) if is_served else None,
        before_high=_minutes(usual.longest[2]) if is_served else None,
        ended_at=_minutes(usual.ends[1]) if is_served else None,
        ends_at=_minutes(changed.ends[1]),
        waiting=len(one.scene.standing),
        desks=len(one.scene.desks),
        spared=_minutes(usual.together - changed.together, most=float("inf")) if is_served else 0,
    )


def _minutes(value: float, *, most: float = 24 * 60.0) -> int:
    return round(min(value, most))


def is_worth_it(option: Option) -> bool:
    """Tell whether a change saves enough to be told of: five minutes and a seventh of the wait."""
    if option.before is None:
        return option.after < 24 * 60
    return option.saved >= max(LEAST_SAVED, LEAST_SHARE * option.before)

"""The number at a counter as its officer sees it: time against the promise, papers, and what may be done."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from queueing import workflow
from queueing.enums import Step, TicketState
from queueing.lineup import minutes_since
from queueing.models import HallRules, Ticket
from services.models import Requirement, ServiceStandard

# The second row of buttons with their letters (LOOK.md, 06): Alt and the first free letter of the word.
KEYS = {
    Step.RECALL: "U",
    Step.NO_SHOW: "H",
    Step.START: "M",
    Step.FINISH: "S",
    Step.TRANSFER: "A",
    Step.HOLD: "T",
}


@dataclass(frozen=True)
class Promise:
    """Time spent against the promised minutes. The bar ends at 150 %, where it is 300 units wide."""

    minutes: int
    end_minutes: int
    fill: float
    late_minutes: int


@dataclass(frozen=True)
class InHand:
    """The number at the counter; `seconds` since its last call, or since serving began.

    It is to be called `calls_needed` times before it may be marked absent, and can be called again in
    `recall_in` seconds.
    """

    ticket: Ticket
    seconds: int
    waited_minutes: int
    promise: Promise | None
    requirements: list[Requirement]
    calls_needed: int
    recall_in: int

    @property
    def is_called(self) -> bool:
        """Tell whether it is called and nobody has come yet."""
        return self.ticket.state == TicketState.CALLED

    @property
    def is_served(self) -> bool:
        """Tell whether the person is here and being served."""
        return self.ticket.state == TicketState.SERVING

    @property
    def may_be_absent(self) -> bool:
        """Tell whether it has been called often enough to be marked absent."""
        return self.ticket.calls >= self.calls_needed

    @property
    def elapsed(self) -> str:
        """Return the time spent as "06.12"."""
        return minutes_seconds(self.seconds)


@dataclass(frozen=True)
class Deed:
    """A button of the second row. `note` says why it is off, `reason` in full; it goes on by itself after
    `wait` seconds."""

    step: Step
    key: str
    is_enabled: bool
    is_main: bool = False
    note: str = ""
    reason: str = ""
    wait: int = 0


def in_hand(ticket: Ticket, standard: ServiceStandard | None, at: datetime, rules: HallRules) -> InHand:
    """Return the number at a counter (with `line__queue` joined) as it stands at `at`."""
    seconds = seconds_at_counter(ticket, at)
    promised = standard.time_minutes if standard else None
    return InHand(
        ticket=ticket,
        seconds=seconds,
        waited_minutes=minutes_since(ticket.arrived_at, ticket.called_at or at),
        promise=promise(seconds, promised) if promised and ticket.state == TicketState.SERVING else None,
        requirements=standard.requirement_list if standard else [],
        calls_needed=ticket.line.queue.calls_before_no_show,
        recall_in=_recall_in(ticket, at, rules),
    )


def _recall_in(ticket: Ticket, at: datetime, rules: HallRules) -> int:
    if ticket.state != TicketState.CALLED or ticket.called_at is None:
        return 0
    return max(0, math.ceil(rules.recall_seconds - (at - ticket.called_at) / timedelta(seconds=1)))


def seconds_at_counter(ticket: Ticket, at: datetime) -> int:
    """Return the whole seconds since the last call, or since serving began."""
    since = ticket.called_at if ticket.state == TicketState.CALLED else ticket.started_at
    return max(0, int((at - since).total_seconds())) if since else 0


def promise(seconds: int, minutes: int) -> Promise:
    """Return how `seconds` of serving stand against the promised `minutes`."""
    late_seconds = seconds - minutes * 60
    return Promise(
        minutes=minutes,
        end_minutes=minutes * 3 // 2,
        fill=min(seconds / (minutes * 60), 1.5) * 200,
        late_minutes=max(1, late_seconds // 60) if late_seconds > 0 else 0,
    )


def minutes_seconds(seconds: int) -> str:
    """Return a length of time as "06.12"; the console's script writes the same."""
    return f"{seconds // 60:02d}.{seconds % 60:02d}"


def deeds_for(now: InHand | None, *, is_resting: bool) -> Iterator[Deed]:
    """Yield the second row: a step is enabled when the table allows it (workflow.TICKET) and no rule says
    to wait. Filled is the next step when it is not the call."""
    state = now.ticket.state if now else ""
    allowed = workflow.TICKET.available(state)
    main: dict[str, Step | None] = {
        TicketState.CALLED: Step.START,
        TicketState.SERVING: Step.FINISH if is_resting else None,
    }
    for step, key in KEYS.items():
        if now and now.is_called and step == Step.NO_SHOW and not now.may_be_absent:
            calls = {"calls": now.ticket.calls, "needed": now.calls_needed}
            note, reason = _("%(calls)d dari %(needed)d kali"), _("Baru %(calls)d dari %(needed)d panggilan.")
            yield Deed(step, key, False, note=note % calls, reason=reason % calls)
        else:
            wait = now.recall_in if now and step == Step.RECALL else 0
            yield Deed(step, key, step in allowed, is_main=main.get(state) == step, wait=wait)

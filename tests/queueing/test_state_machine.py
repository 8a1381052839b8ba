"""Every act in any order, against a model of forty lines: two agencies, three lines, four counters, visits,
and a clock that moves as it likes (X-04)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions
from queueing.enums import Channel, Lane, TicketState
from queueing.invariants import CHECKS
from queueing.models import CounterSession, QueueDay, Ticket
from queueing.policy import OrderRule, Runs, next_lane
from tests import factories as make
from tests.conftest import make_place

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
# More of them: EXAMPLES=500 pytest tests/queueing/test_state_machine.py
EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
AT_COUNTER = {TicketState.CALLED, TicketState.SERVING}


@dataclass(frozen=True)
class Number:
    """What the model knows of one number."""

    line: int
    lane: str
    place: tuple[datetime, int]
    state: str = TicketState.WAITING
    counter: int | None = None
    named: int | None = None
    visit: int | None = None
    calls: int = 0
    since: datetime = START
    reentered: bool = False
    stepped_back: bool = False
    is_first: bool = False
    asked: bool = False


class Model:
    """The whole rule of the hall in memory."""

    def __init__(self) -> None:
        self.numbers: dict[int, Number] = {}
        self.runs: dict[int, Runs] = {}

    def waiting(self, line: int, lane: str) -> list[int]:
        rows = [key for key, one in self.numbers.items() if (one.line, one.lane) == (line, lane)]
        rows = [key for key in rows if self.numbers[key].state == TicketState.WAITING]
        return sorted(rows, key=lambda key: self.numbers[key].place)

    def is_free(self, key: int) -> bool:
        visit = self.numbers[key].visit
        return visit is None or not any(
            one.visit == visit and one.state in AT_COUNTER for one in self.numbers.values()
        )

    def next_for(self, counter: int, lines: list[int], at: datetime) -> int | None:
        heads = [head for line in lines if (head := self.head(line, at)) is not None]
        heads += [
            key
            for line in lines
            for key in self.waiting(line, Lane.COUNTER)
            if self.numbers[key].named == counter and self.is_free(key)
        ]
        return min(heads, key=lambda key: self.numbers[key].place, default=None)

    def head(self, line: int, at: datetime) -> int | None:
        lanes = {lane: [k for k in self.waiting(line, lane) if self.is_free(k)] for lane in Lane}
        waits = {
            lane: (at - self.numbers[keys[0]].place[0]).total_seconds() / 60 if keys else None
            for lane, keys in lanes.items()
        }
        lane = next_lane(
            regular_minutes=waits[Lane.REGULAR],
            express_minutes=waits[Lane.EXPRESS],
            runs=self.runs.get(line, Runs()),
            rule=OrderRule(),
        )
        return lanes[lane][0] if lane else None

    def put(self, key: int, **changes: Any) -> None:
        self.numbers[key] = replace(self.numbers[key], **changes)


class Hall(RuleBasedStateMachine):
    """The engine beside the model."""

    @initialize()
    def open_the_mall(self) -> None:
        self.block = transaction.atomic()
        # Acts are durable; only a test may stand around them.
        self.block._from_testcase = True  # type: ignore[attr-defined]
        self.block.__enter__()
        self.at, self.model = START, Model()
        with clock.frozen(START):
            place = make_place()
            second = make.make_service(place.agency)
            other = make.make_service()
            self.services = [place.service, second, other]
            self.queues = [place.queue, make.make_queue(second), make.make_queue(other)]
            self.sessions: list[CounterSession] = [
                make.open_session(agency) for agency in (place.agency,) * 2 + (other.agency,) * 2
            ]
        self.visits = [actions.start_visit() for _ in range(2)]
        self.lines: list[int] = []

    def teardown(self) -> None:
        if hasattr(self, "block"):
            try:
                self.every_invariant_holds()
            finally:
                transaction.set_rollback(True)
                self.block.__exit__(None, None, None)

    def every_invariant_holds(self) -> None:
        with clock.frozen(self.at):
            assert {code: list(check()) for code, (_words, check) in CHECKS.items()} == {
                code: [] for code in CHECKS
            }

    def lines_of(self, counter: int) -> list[int]:
        agency = self.sessions[counter].agency_id
        return list(QueueDay.objects.filter(queue__agency=agency).values_list("pk", flat=True))

    def at_counter(self, counter: int) -> int | None:
        here = ((key, one) for key, one in self.model.numbers.items() if one.counter == counter)
        return next((key for key, one in here if one.state in AT_COUNTER), None)

    def act(self, is_legal: bool, act: Callable[[], Any]) -> Any:
        """Do it; what the model calls illegal must be refused and change nothing."""
        with clock.frozen(self.at):
            if is_legal:
                return act()
            with pytest.raises(Refusal):
                act()
        return None

    @rule(seconds=st.sampled_from([1, 5, 20, 90, 1900]))
    def time_passes(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)

    @rule(
        line=st.integers(0, 2),
        firsts=st.lists(st.booleans(), min_size=1, max_size=5),
        visit=st.sampled_from([None, 0, 1]),
    )
    def people_take_numbers(self, line: int, firsts: list[bool], visit: int | None) -> None:
        for first in firsts:
            with clock.frozen(self.at):
                ticket = actions.issue_ticket(
                    service=self.services[line],
                    channel=Channel.KIOSK,
                    priority="ELDERLY" if first else "",
                    visit=None if visit is None else self.visits[visit],
                )
            lane = Lane.EXPRESS if first else Lane.REGULAR
            self.model.numbers[ticket.pk] = Number(
                ticket.line_id, lane, (self.at, ticket.pk), visit=visit, is_first=first
            )

    @rule(counter=st.integers(0, 3), times=st.integers(1, 6))
    def an_officer_works_on(self, counter: int, times: int) -> None:
        for _ in range(times):
            self.an_officer_calls(counter)
            self.an_officer_goes_on(counter, "start")

    @rule(counter=st.integers(0, 3))
    def nobody_comes(self, counter: int) -> None:
        self.an_officer_calls(counter)
        for step in ("recall", "recall", "no_show"):
            self.at += timedelta(seconds=21)
            self.an_officer_goes_on(counter, step)

    @rule(counter=st.integers(0, 3))
    def an_officer_calls(self, counter: int) -> None:
        session, here = self.sessions[counter], self.at_counter(counter)
        undecided = here is not None and self.model.numbers[here].state == TicketState.CALLED
        expected = self.model.next_for(counter, self.lines_of(counter), self.at)
        called = self.act(not undecided, lambda: actions.call_next(session=session, by=session.user))
        if undecided:
            return
        assert (called.pk if called else None) == expected
        if expected is not None:
            if here is not None:
                self.model.put(here, state=TicketState.DONE, since=self.at)
            one = self.model.numbers[expected]
            self.model.runs[one.line] = self.model.runs.get(one.line, Runs()).after(one.lane)
            self.model.put(expected, state=TicketState.CALLED, counter=counter, calls=1, since=self.at)

    @rule(counter=st.integers(0, 3), step=st.sampled_from(["start", "finish", "hold", "recall", "no_show"]))
    def an_officer_goes_on(self, counter: int, step: str) -> None:
        here = self.at_counter(counter)
        if here is None:
            return
        one, officer = self.model.numbers[here], self.sessions[counter].user
        is_called = one.state == TicketState.CALLED
        waited = self.at - one.since >= timedelta(seconds=20)
        legal = {
            "start": is_called,
            "recall": is_called and waited,
            "no_show": is_called and one.calls >= 3,
            "finish": not is_called,
            "hold": not is_called,
        }[step]
        act = actions.mark_no_show if step == "no_show" else getattr(actions, step)
        self.act(legal, lambda: act(ticket=Ticket.objects.get(pk=here), by=officer))
        if not legal:
            return
        if step == "recall":
            self.model.put(here, calls=one.calls + 1, since=self.at)
            return
        after = {
            "start": TicketState.SERVING,
            "finish": TicketState.DONE,
            "hold": TicketState.HELD,
            "no_show": TicketState.NO_SHOW,
        }[step]
        self.model.put(here, state=after, since=self.at)

    @rule(counter=st.integers(0, 3))
    def an_officer_resumes(self, counter: int) -> None:
        held = [k for k, one in self.model.numbers.items() if one.counter == counter]
        held = [k for k in held if self.model.numbers[k].state == TicketState.HELD]
        if not held:
            return
        legal = self.at_counter(counter) is None and self.model.is_free(held[0])
        officer = self.sessions[counter].user
        self.act(legal, lambda: actions.resume(ticket=Ticket.objects.get(pk=held[0]), by=officer))
        if legal:
            self.model.put(held[0], state=TicketState.SERVING)

    @rule(counter=st.integers(0, 3), line=st.integers(0, 2), named=st.booleans())
    def an_officer_sends_on(self, counter: int, line: int, named: bool) -> None:
        here = self.at_counter(counter)
        if here is None:
            return
        one, officer = self.model.numbers[here], self.sessions[counter].user
        ticket = Ticket.objects.select_related("line__queue").get(pk=here)
        if named:
            # The other counter of the same agency.
            target = counter ^ 1
            legal = ticket.line.queue.agency_id == self.sessions[target].agency_id
            goal: dict[str, Any] = {"counter": self.sessions[target].counter}
        else:
            target = None
            legal = ticket.line.queue_id != self.queues[line].pk
            goal = {"to": self.queues[line]}
        moved = self.act(legal, lambda: actions.transfer(ticket=ticket, by=officer, **goal))
        if legal:
            back = Lane.EXPRESS if ticket.priority else Lane.REGULAR
            self.model.put(
                here,
                state=TicketState.WAITING,
                line=moved.line_id,
                counter=None,
                named=target,
                lane=Lane.COUNTER if named else (back if one.lane == Lane.COUNTER else one.lane),
                calls=0,
            )

    @rule(data=st.data())
    def a_holder_gives_back(self, data: st.DataObject) -> None:
        if not self.model.numbers:
            return
        key = data.draw(st.sampled_from(sorted(self.model.numbers)))
        legal = self.model.numbers[key].state in {TicketState.WAITING, TicketState.CALLED}
        self.act(legal, lambda: actions.cancel(ticket=Ticket.objects.get(pk=key)))
        if legal:
            self.model.put(key, state=TicketState.CANCELLED)

    @rule(data=st.data())
    def one_who_missed_comes_back(self, data: st.DataObject) -> None:
        missed = [k for k, one in self.model.numbers.items() if one.state == TicketState.NO_SHOW]
        if not missed:
            return
        key = data.draw(st.sampled_from(sorted(missed)))
        one = self.model.numbers[key]
        legal = not one.reentered and self.at - one.since <= timedelta(minutes=30)
        back = self.act(legal, lambda: actions.re_enter(ticket=Ticket.objects.get(pk=key)))
        if legal:
            before = self.model.waiting(one.line, back.lane)[:3]
            place = self.at
            if len(before) == 3:
                place = self.model.numbers[before[-1]].place[0] + timedelta(microseconds=1)
            self.model.put(
                key,
                state=TicketState.WAITING,
                lane=back.lane,
                place=(place, key),
                counter=None,
                named=None,
                calls=0,
                reentered=True,
            )

    @rule(data=st.data())
    def one_who_needs_time_steps_back(self, data: st.DataObject) -> None:
        waiting = [k for k, one in self.model.numbers.items() if one.state == TicketState.WAITING]
        if not waiting:
            return
        key = data.draw(st.sampled_from(sorted(waiting)))
        one = self.model.numbers[key]
        lane = self.model.waiting(one.line, one.lane)
        passing = lane[lane.index(key) + 1 :][:5]
        legal = bool(passing) and one.lane != Lane.COUNTER and not one.stepped_back
        self.act(legal, lambda: actions.step_back(ticket=Ticket.objects.get(pk=key)))
        if legal:
            last = self.model.numbers[passing[-1]].place[0]
            self.model.put(key, place=(last + timedelta(microseconds=1), key), stepped_back=True)

    @rule(data=st.data())
    def one_asks_to_go_first_or_takes_it_back(self, data: st.DataObject) -> None:
        waiting = [k for k, one in self.model.numbers.items() if one.state == TicketState.WAITING]
        if not waiting:
            return
        key, wants = data.draw(st.sampled_from(sorted(waiting))), data.draw(st.booleans())
        one = self.model.numbers[key]
        act = actions.go_first if wants else actions.go_in_turn
        is_new = one.is_first != wants
        legal = not is_new or not wants or (one.lane != Lane.COUNTER and not one.asked)
        self.act(legal, lambda: act(ticket=Ticket.objects.get(pk=key)))
        if legal and is_new:
            lane = Lane.EXPRESS if wants else Lane.COUNTER if one.lane == Lane.COUNTER else Lane.REGULAR
            self.model.put(key, lane=lane, is_first=wants, asked=one.asked or wants)

    @invariant()
    def engine_and_model_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        stored = Ticket.objects.values_list("pk", "state", "line", "lane", "calls")
        assert {row[0]: row[1:] for row in stored} == {
            key: (one.state, one.line, one.lane, one.calls) for key, one in self.model.numbers.items()
        }


@pytest.mark.django_db
def test_any_order_of_acts_ends_where_the_model_ends() -> None:
    Hall.TestCase.settings = settings(
        max_examples=EXAMPLES,
        stateful_step_count=50,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    Hall.TestCase().runTest()

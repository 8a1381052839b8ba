"""A whole day through the real actions: the engine calls in the simulator's order and leaves no breach."""

from __future__ import annotations

from collections import Counter as Tally

from mpp.core import clock
from queueing.enums import TicketState
from queueing.fairness import report_of
from queueing.invariants import CHECKS
from queueing.models import CounterSession, Ticket
from queueing.policy import OrderRule
from queueing.simulation.days import draw_day
from queueing.simulation.plans import CounterPlan, Habits, LinePlan, MallPlan, ServicePlan
from queueing.simulation.player import Player
from tests.conftest import Place
from tests.simulation.engine_day import DATE, moment, play

# Two lines, the second twice as urgent at one counter; priority, no-shows, cancellations, a break, a
# counter that closes early and one that serves a single line.
PLAN = MallPlan(
    lines=(
        LinePlan(0, {8: 24.0, 9: 20.0, 10: 8.0}, {8: 6.0, 9: 6.0}, rule=OrderRule(2, 2, 20)),
        LinePlan(1, {8: 16.0, 9: 14.0, 10: 6.0}, {8: 4.0, 9: 4.0}, rule=OrderRule(1, 3, 60)),
    ),
    services=(
        ServicePlan(0, 0, 5.0, 4.0, 0.6, 1.0),
        ServicePlan(1, 0, 10.0, 8.0, 0.6, 0.5),
        ServicePlan(10, 1, 5.0, 5.0, 0.6, 1.0),
    ),
    counters=(
        CounterPlan(0, {0: 1.0, 1: 1.0}, 480.0, 720.0),
        CounterPlan(1, {0: 1.0, 1: 2.0}, 480.0, 720.0, ((570.0, 585.0),)),
        CounterPlan(2, {0: 1.0}, 480.0, 600.0),
        CounterPlan(3, {1: 1.0}, 485.0, 720.0),
    ),
    closes=720.0,
    habits=Habits(no_show=0.1, cancels_an_hour=0.8),
)
SEED = 4


def test_the_engine_calls_in_the_order_of_the_simulator_and_keeps_every_promise(place: Place) -> None:
    alone = Player.of(draw_day(PLAN, SEED))
    alone.run()
    player, hall = play(draw_day(PLAN, SEED), place.agency)
    assert [(person.key, person.called, person.counter) for person in player.calls] == [
        (person.key, person.called, person.counter) for person in alone.calls
    ]
    states = Tally(Ticket.objects.values_list("state", flat=True))
    assert sum(states.values()) >= 100
    assert states[TicketState.DONE] + states[TicketState.NO_SHOW] == len(alone.calls)
    assert min(states[TicketState.NO_SHOW], states[TicketState.CANCELLED]) >= 4
    assert set(states) == {TicketState.DONE, TicketState.NO_SHOW, TicketState.CANCELLED}
    for person in player.served:
        ticket = Ticket.objects.get(pk=hall.tickets[person.key].pk)
        assert (ticket.issued_at, ticket.ended_at) == (moment(person.arrives), moment(person.ended))
        if person.shows:
            assert (ticket.called_at, ticket.started_at) == (moment(person.called), moment(person.started))
    with clock.frozen(hall.now):
        assert not CounterSession.objects.open().exists()
        assert {code: list(check()) for code, (_promise, check) in CHECKS.items()} == dict.fromkeys(
            CHECKS, []
        )
        _anybody_can_read_it(states)


def _anybody_can_read_it(states: Tally[str]) -> None:
    """The fairness report tells the same day: every number, every wait, and no call out of turn."""
    report = report_of(DATE)
    total = report.total
    assert total.issued == sum(states.values())
    assert (total.served, total.missed) == (states[TicketState.DONE], states[TicketState.NO_SHOW])
    assert (total.cancelled, total.left) == (states[TicketState.CANCELLED], 0)
    called = Ticket.objects.filter(called_at__isnull=False).count()
    assert sum(wait.people for line in report.lines for wait in line.waits) == called
    assert (report.out_of_order, report.prioritised) == ([], [])

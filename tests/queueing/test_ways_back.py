"""Calling again, nobody there, a mistake taken back, and standing in the line once more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions
from queueing.enums import Lane, Outcome, Priority, Step, TicketState
from queueing.models import CounterSession, HallRules, Performed, Queue, QueueDay, Ticket, TicketEvent
from queueing.rules import runs_of
from tests import factories as make
from tests.conftest import Place


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


def call(session: CounterSession) -> Ticket:
    ticket = actions.call_next(session=session, by=session.user)
    assert ticket is not None
    return ticket


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        act()
    assert refusal.value.status == 409
    return refusal.value


def later(moment: datetime | None, seconds: float) -> datetime:
    assert moment is not None
    return moment + timedelta(seconds=seconds)


def labels_in_order(session: CounterSession) -> list[int]:
    """Call everybody who waits; the numbers in the order of their calls."""
    called = []
    while ticket := actions.call_next(session=session, by=session.user):
        called.append(ticket.number)
        actions.start(ticket=ticket, by=session.user)
    return called


# Calling again


@pytest.mark.parametrize(("seconds", "left"), [(0, 20), (0.5, 20), (12, 8), (19.5, 1)])
def test_a_second_call_waits_twenty_seconds_and_says_how_long(
    place: Place, session: CounterSession, seconds: float, left: int
) -> None:
    make.issue(place.service)
    ticket = call(session)
    with clock.frozen(later(ticket.called_at, seconds)):
        refusal = refused(lambda: actions.recall(ticket=ticket, by=place.officer))
    assert (refusal.code, refusal.extra) == ("recall_too_soon", {"seconds": left})
    ticket.refresh_from_db()
    assert ticket.calls == 1


def test_after_twenty_seconds_a_second_call_is_one_more_and_counts_anew(
    place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    first = call(session)
    with clock.frozen(later(first.called_at, 20)):
        second = actions.recall(ticket=first, by=place.officer)
        assert (second.calls, second.called_at) == (2, clock.now())
        assert refused(lambda: actions.recall(ticket=second, by=place.officer)).code == "recall_too_soon"


def test_the_pause_between_calls_is_a_rule_of_the_hall(place: Place, session: CounterSession) -> None:
    HallRules.objects.update(recall_seconds=5)
    make.issue(place.service)
    ticket = call(session)
    with clock.frozen(later(ticket.called_at, 5)):
        assert actions.recall(ticket=ticket, by=place.officer).calls == 2


# Nobody there


@pytest.mark.parametrize("calls", [1, 2])
def test_nobody_is_marked_absent_before_three_calls(
    place: Place, session: CounterSession, calls: int
) -> None:
    make.issue(place.service)
    ticket = call(session)
    for _again in range(calls - 1):
        ticket = make.call_again(ticket, place.officer)
    refusal = refused(lambda: actions.mark_no_show(ticket=ticket, by=place.officer))
    assert (refusal.code, refusal.extra) == ("call_again_first", {"calls": calls, "needed": 3})
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CALLED


def test_after_the_third_call_the_number_may_be_marked_absent(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = make.miss(call(session), place.officer)
    assert (ticket.state, ticket.calls) == (TicketState.NO_SHOW, 3)


def test_how_often_to_call_is_a_rule_of_the_line(place: Place, session: CounterSession) -> None:
    place.queue.calls_before_no_show = 1
    place.queue.save(update_fields=["calls_before_no_show"])
    make.issue(place.service)
    ticket = actions.mark_no_show(ticket=call(session), by=place.officer)
    assert ticket.state == TicketState.NO_SHOW


# A mistake taken back


def test_a_mistaken_call_is_as_if_it_had_never_been(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    other = make.issue(place.service)
    before = Ticket.objects.get(number=1)
    undone = actions.undo(ticket=call(session), by=place.officer)
    assert (undone.state, undone.session, undone.called_at, undone.calls) == (
        TicketState.WAITING,
        None,
        None,
        0,
    )
    assert (undone.arrived_at, undone.lane) == (before.arrived_at, before.lane)
    steps = list(TicketEvent.objects.filter(ticket=undone).order_by("pk").values_list("step", flat=True))
    assert steps == [Step.ISSUE, Step.CALL, Step.UNDO_CALL]
    assert labels_in_order(session) == [undone.number, other.number]


def test_a_mistaken_end_brings_the_number_back_to_its_counter(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = actions.start(ticket=call(session), by=place.officer)
    other_service = make.make_service(place.agency)
    done = actions.finish(
        ticket=ticket,
        by=place.officer,
        outcome=Outcome.INCOMPLETE,
        note="Kartu Keluarga",
        performed=[other_service],
    )
    undone = actions.undo(ticket=done, by=place.officer)
    assert (undone.state, undone.outcome, undone.outcome_note, undone.ended_at) == (
        TicketState.SERVING,
        "",
        "",
        None,
    )
    assert (undone.started_at, undone.session) == (ticket.started_at, session)
    assert not Performed.objects.exists()


def test_a_mistaken_no_show_is_called_again_with_its_calls(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    missed = make.miss(call(session), place.officer)
    undone = actions.undo(ticket=missed, by=place.officer)
    assert (undone.state, undone.calls, undone.ended_at) == (TicketState.CALLED, 3, None)


def done_now(place: Place, session: CounterSession, step: str) -> Ticket:
    make.issue(place.service)
    ticket = call(session)
    if step == Step.NO_SHOW:
        return make.miss(ticket, place.officer)
    if step == Step.FINISH:
        return actions.finish(ticket=actions.start(ticket=ticket, by=place.officer), by=place.officer)
    return ticket


DEEDS = [Step.CALL, Step.FINISH, Step.NO_SHOW]


@pytest.mark.parametrize("step", DEEDS)
def test_a_mistake_is_taken_back_within_ten_seconds_and_not_after(
    place: Place, session: CounterSession, step: str
) -> None:
    ticket = done_now(place, session, step)
    at = TicketEvent.objects.latest("pk").at
    with clock.frozen(later(at, 10.1)):
        assert refused(lambda: actions.undo(ticket=ticket, by=place.officer)).code == "undo_too_late"
    assert Ticket.objects.get().state == ticket.state
    with clock.frozen(later(at, 10)):
        assert actions.undo(ticket=ticket, by=place.officer).state != ticket.state


@pytest.mark.parametrize("step", DEEDS)
def test_only_who_made_the_mistake_takes_it_back(place: Place, session: CounterSession, step: str) -> None:
    ticket = done_now(place, session, step)
    colleague = make.make_user(agency=place.agency)
    assert refused(lambda: actions.undo(ticket=ticket, by=colleague)).code == "nothing_to_undo"
    assert Ticket.objects.get().state == ticket.state


@pytest.mark.parametrize("step", DEEDS)
def test_a_mistake_is_taken_back_once(place: Place, session: CounterSession, step: str) -> None:
    undone = actions.undo(ticket=done_now(place, session, step), by=place.officer)
    assert refused(lambda: actions.undo(ticket=undone, by=place.officer)).code == "nothing_to_undo"


@pytest.mark.parametrize("step", [Step.FINISH, Step.NO_SHOW])
def test_nothing_comes_back_to_a_counter_that_has_closed(
    place: Place, session: CounterSession, step: str
) -> None:
    ticket = done_now(place, session, step)
    actions.close_counter(session=session, by=place.officer)
    assert refused(lambda: actions.undo(ticket=ticket, by=place.officer)).code == "counter_closed"
    assert Ticket.objects.get().state == ticket.state


@pytest.mark.parametrize("step", [Step.FINISH, Step.NO_SHOW])
def test_nothing_comes_back_to_a_counter_that_has_gone_on(
    place: Place, session: CounterSession, step: str
) -> None:
    ticket = done_now(place, session, step)
    make.issue(place.service)
    call(session)
    assert refused(lambda: actions.undo(ticket=ticket, by=place.officer)).code == "not_allowed"
    assert Ticket.objects.at_counter().count() == 1


def test_the_press_that_finished_one_and_called_another_is_taken_back_step_by_step(
    place: Place, session: CounterSession
) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    actions.start(ticket=call(session), by=place.officer)
    wrongly_called = call(session)
    actions.undo(ticket=wrongly_called, by=place.officer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (TicketState.DONE, TicketState.WAITING)
    assert actions.undo(ticket=first, by=place.officer).state == TicketState.SERVING


def test_an_undone_call_gives_priority_its_turn_back(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    make.issue(place.service, priority=Priority.ELDERLY)
    before = runs_of(QueueDay.objects.get())
    called = call(session)
    assert called.lane == Lane.EXPRESS
    assert runs_of(QueueDay.objects.get()) != before
    actions.undo(ticket=called, by=place.officer)
    assert runs_of(QueueDay.objects.get()) == before
    assert call(session) == called


def test_an_undone_call_leaves_the_turns_alone_when_another_was_called_meanwhile(
    place: Place, session: CounterSession
) -> None:
    for _person in range(2):
        make.issue(place.service)
    make.issue(place.service, priority=Priority.ELDERLY)
    colleague = make.open_session(place.agency)
    mistaken = call(session)
    call(colleague)
    after = runs_of(QueueDay.objects.get())
    actions.undo(ticket=mistaken, by=place.officer)
    assert runs_of(QueueDay.objects.get()) == after


# In the line once more


def missed_with(place: Place, session: CounterSession, waiting: int) -> Ticket:
    """A missed number, and so many others who wait."""
    make.issue(place.service)
    missed = make.miss(call(session), place.officer)
    for _person in range(waiting):
        make.issue(place.service)
    return missed


@pytest.mark.parametrize(
    ("waiting", "order"), [(5, [2, 3, 4, 1, 5, 6]), (3, [2, 3, 4, 1]), (1, [2, 1]), (0, [1])]
)
def test_who_comes_late_stands_behind_three_who_wait(
    place: Place, session: CounterSession, waiting: int, order: list[int]
) -> None:
    missed = missed_with(place, session, waiting)
    again = actions.re_enter(ticket=missed)
    assert (again.state, again.reentries, again.calls, again.session) == (TicketState.WAITING, 1, 0, None)
    assert (again.issued_at, again.label) == (missed.issued_at, missed.label)
    assert TicketEvent.objects.latest("pk").actor is None
    assert labels_in_order(session) == order


def test_behind_how_many_is_a_rule_of_the_line(place: Place, session: CounterSession) -> None:
    place.queue.reentry_after = 0
    place.queue.save(update_fields=["reentry_after"])
    actions.re_enter(ticket=missed_with(place, session, 3))
    assert labels_in_order(session) == [1, 2, 3, 4]


def test_who_had_priority_has_it_again(place: Place, session: CounterSession) -> None:
    make.issue(place.service, priority=Priority.ELDERLY)
    missed = make.miss(call(session), place.officer)
    make.issue(place.service)
    assert actions.re_enter(ticket=missed).lane == Lane.EXPRESS


def test_only_once(place: Place, session: CounterSession) -> None:
    actions.re_enter(ticket=missed_with(place, session, 0))
    missed_again = make.miss(call(session), place.officer)
    refusal = refused(lambda: actions.re_enter(ticket=missed_again))
    assert (refusal.code, "Ambil nomor baru" in str(refusal.message)) == ("reentry_once", True)


def test_only_within_thirty_minutes(place: Place, session: CounterSession) -> None:
    missed = missed_with(place, session, 0)
    with clock.frozen(later(missed.ended_at, 30 * 60 + 1)):
        assert refused(lambda: actions.re_enter(ticket=missed)).code == "reentry_too_late"
    with clock.frozen(later(missed.ended_at, 30 * 60)):
        assert actions.re_enter(ticket=missed).state == TicketState.WAITING


def test_a_line_may_do_without(place: Place, session: CounterSession) -> None:
    place.queue.reentry_minutes = 0
    place.queue.save(update_fields=["reentry_minutes"])
    missed = missed_with(place, session, 0)
    with clock.frozen(later(missed.ended_at, 1)):
        assert refused(lambda: actions.re_enter(ticket=missed)).code == "reentry_too_late"


# Not ready yet


def five_waiting(place: Place) -> list[Ticket]:
    return [make.issue(place.service) for _person in range(5)]


@pytest.mark.parametrize(
    ("people", "order"), [(2, [2, 3, 1, 4, 5]), (4, [2, 3, 4, 5, 1]), (9, [2, 3, 4, 5, 1])]
)
def test_who_needs_time_lets_the_next_few_go_first(
    place: Place, session: CounterSession, people: int, order: list[int]
) -> None:
    Queue.objects.update(step_back_after=people)
    first = five_waiting(place)[0]
    back = actions.step_back(ticket=first)
    assert (back.state, back.steps_back, back.issued_at) == (TicketState.WAITING, 1, first.issued_at)
    assert TicketEvent.objects.latest("pk").actor is None
    assert labels_in_order(session) == order


def test_stepping_back_is_for_once(place: Place) -> None:
    first = five_waiting(place)[0]
    actions.step_back(ticket=first)
    assert refused(lambda: actions.step_back(ticket=first)).code == "step_back_once"


def test_the_database_refuses_a_second_step_back(place: Place) -> None:
    first = five_waiting(place)[0]
    with pytest.raises(IntegrityError, match="queueing_ticket_one_step_back"):
        Ticket.objects.filter(pk=first.pk).update(steps_back=2)


def test_the_last_of_a_lane_has_nobody_to_let_go_first(place: Place) -> None:
    make.issue(place.service, priority=Priority.ELDERLY)
    last = five_waiting(place)[-1]
    # Whoever goes first by law stands in another lane.
    make.issue(place.service, priority=Priority.ELDERLY)
    assert refused(lambda: actions.step_back(ticket=last)).code == "nobody_behind"
    assert Ticket.objects.get(pk=last.pk).steps_back == 0


def test_a_line_may_do_without_stepping_back(place: Place) -> None:
    Queue.objects.update(step_back_after=0)
    first = five_waiting(place)[0]
    assert refused(lambda: actions.step_back(ticket=first)).code == "no_step_back"


def test_a_number_for_a_named_counter_does_not_step_back(place: Place, session: CounterSession) -> None:
    five_waiting(place)
    called = call(session)
    colleague = make.open_session(place.agency)
    sent = actions.transfer(ticket=called, counter=colleague.counter, by=session.user)
    assert refused(lambda: actions.step_back(ticket=sent)).code == "no_step_back"

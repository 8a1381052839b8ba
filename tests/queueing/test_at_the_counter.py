"""What an officer decides about a number or a counter: outcomes, transfers, order, rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions
from queueing.enums import Lane, Outcome, Priority, Step, TicketState
from queueing.models import (
    CounterLine,
    CounterSession,
    Performed,
    PriorityClass,
    QueueDay,
    QueueService,
    Ticket,
    TicketEvent,
)
from services.models import Service
from tests import factories as make
from tests.conftest import Place
from tests.queueing.pages import MONDAY_10


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


def call(session: CounterSession) -> Ticket:
    ticket = actions.call_next(session=session, by=session.user)
    assert ticket is not None
    return ticket


def serve(session: CounterSession) -> Ticket:
    return actions.start(ticket=call(session), by=session.user)


def refused(act: Callable[[], object], status: int = 409) -> str:
    with pytest.raises(Refusal) as refusal:
        act()
    assert refusal.value.status == status
    return refusal.value.code


def called_in_order(session: CounterSession) -> list[str]:
    labels = []
    while ticket := actions.call_next(session=session, by=session.user):
        labels.append(ticket.label)
        actions.start(ticket=ticket, by=session.user)
    return labels


# How serving ended


def test_without_another_word_serving_ended_well(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    assert actions.finish(ticket=serve(session), by=place.officer).outcome == Outcome.DONE
    make.issue(place.service)
    serve(session)
    make.issue(place.service)
    call(session)
    # The call of the third recorded the second as finished.
    assert list(Ticket.objects.order_by("number").values_list("outcome", flat=True)) == ["DONE", "DONE", ""]


@pytest.mark.parametrize("outcome", [Outcome.INCOMPLETE, Outcome.NOT_SERVABLE])
def test_what_was_missing_has_to_be_said(place: Place, session: CounterSession, outcome: str) -> None:
    make.issue(place.service)
    ticket = serve(session)
    for nothing in ("", "   "):
        act = partial(actions.finish, ticket=ticket, by=place.officer, outcome=outcome, note=nothing)
        assert refused(act, 400) == "note_needed"
    assert Ticket.objects.get().state == TicketState.SERVING
    done = actions.finish(ticket=ticket, by=place.officer, outcome=outcome, note=" Kartu Keluarga asli ")
    assert (done.outcome, done.outcome_note) == (outcome, "Kartu Keluarga asli")
    assert TicketEvent.objects.latest("pk").reason == "Kartu Keluarga asli"


def test_the_database_asks_for_the_note_too(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    done = actions.finish(ticket=serve(session), by=place.officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=done.pk).update(outcome=Outcome.INCOMPLETE)


def test_a_file_is_received_without_a_note(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    done = actions.finish(ticket=serve(session), by=place.officer, outcome=Outcome.FILE_RECEIVED)
    assert done.outcome == Outcome.FILE_RECEIVED


def test_the_services_really_given_are_kept_beside_the_one_asked_for(
    place: Place, session: CounterSession
) -> None:
    given = [make.make_service(place.agency), place.service]
    make.issue(place.service)
    done = actions.finish(ticket=serve(session), by=place.officer, performed=given)
    assert set(done.performed.all()) == set(given)
    assert done.service == place.service


def test_a_service_of_another_agency_was_not_given_here(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = serve(session)
    foreign = make.make_service()
    code = refused(lambda: actions.finish(ticket=ticket, by=place.officer, performed=[foreign]), 400)
    assert code == "foreign_service"
    assert not Performed.objects.exists()
    assert Ticket.objects.get().state == TicketState.SERVING


# To a named counter


def test_a_number_sent_to_a_counter_is_called_there_and_nowhere_else(
    place: Place, session: CounterSession
) -> None:
    first = make.issue(place.service)
    other = make.issue(place.service)
    colleague, third = make.open_session(place.agency), make.open_session(place.agency)
    sent = actions.transfer(ticket=serve(session), counter=colleague.counter, by=place.officer)
    assert (sent.lane, sent.for_counter, sent.label, sent.arrived_at) == (
        Lane.COUNTER,
        colleague.counter,
        first.label,
        first.arrived_at,
    )
    assert call(session) == other
    assert actions.call_next(session=third, by=third.user) is None
    assert call(colleague) == sent


def test_a_number_sent_to_a_counter_comes_there_before_those_who_came_later(
    place: Place, session: CounterSession
) -> None:
    first = make.issue(place.service)
    colleague = make.open_session(place.agency)
    actions.transfer(ticket=serve(session), counter=colleague.counter, by=place.officer)
    make.issue(place.service)
    assert call(colleague) == first


@pytest.mark.parametrize(
    ("priority", "lane"), [(Priority.NONE, Lane.REGULAR), (Priority.ELDERLY, Lane.EXPRESS)]
)
def test_a_counter_that_closes_sends_its_numbers_back_to_everyone(
    place: Place, session: CounterSession, priority: str, lane: str
) -> None:
    make.issue(place.service, priority=priority)
    colleague = make.open_session(place.agency)
    sent = actions.transfer(ticket=serve(session), counter=colleague.counter, by=place.officer)
    actions.close_counter(session=colleague, by=colleague.user)
    sent.refresh_from_db()
    assert (sent.lane, sent.for_counter) == (lane, None)
    assert call(session) == sent


def test_nobody_is_sent_to_a_counter_without_an_officer(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = serve(session)
    empty = make.make_counter(place.agency)
    code = refused(lambda: actions.transfer(ticket=ticket, counter=empty, by=place.officer))
    assert code == "counter_unstaffed"
    assert Ticket.objects.get().state == TicketState.SERVING


def test_a_counter_of_another_agency_does_not_serve_this_line(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = serve(session)
    foreign = make.open_session(make.make_agency())
    code = refused(lambda: actions.transfer(ticket=ticket, counter=foreign.counter, by=place.officer))
    assert code == "counter_elsewhere"


def test_another_line_and_its_counter_can_be_named_together(place: Place, session: CounterSession) -> None:
    other = make.make_queue(make.make_service())
    desk, beside = make.open_session(other.agency), make.open_session(other.agency)
    make.issue(place.service)
    sent = actions.transfer(ticket=serve(session), to=other, counter=desk.counter, by=place.officer)
    assert sent.line.queue == other
    assert actions.call_next(session=beside, by=beside.user) is None
    assert call(desk) == sent


# Out of turn, and first


def test_a_number_is_called_out_of_its_turn_with_a_reason_that_stays(
    place: Place, session: CounterSession
) -> None:
    for _person in range(2):
        make.issue(place.service)
    third = make.issue(place.service)
    called = actions.call_number(
        session=session, ticket=third, by=place.officer, reason=" Ibu dengan bayi menangis "
    )
    assert (called, called.state) == (third, TicketState.CALLED)
    event = TicketEvent.objects.latest("pk")
    assert (event.step, event.reason, event.actor) == (Step.CALL, "Ibu dengan bayi menangis", place.officer)


@pytest.mark.parametrize("reason", ["", "   "])
def test_out_of_turn_needs_a_reason(place: Place, session: CounterSession, reason: str) -> None:
    ticket = make.issue(place.service)

    def act() -> Ticket:
        return actions.call_number(session=session, ticket=ticket, by=place.officer, reason=reason)

    assert refused(act, 400) == "reason_needed"
    assert Ticket.objects.get().state == TicketState.WAITING


def test_out_of_turn_is_refused_for_a_number_of_another_agency_or_one_already_called(
    place: Place, session: CounterSession
) -> None:
    foreign = make.issue(make.make_queue(make.make_service()).services.get())
    first = make.issue(place.service)
    colleague = make.open_session(place.agency)
    call(colleague)
    for ticket, code in ((foreign, "moved"), (first, "illegal_transition")):
        act = partial(actions.call_number, session=session, ticket=ticket, by=place.officer, reason="alasan")
        assert refused(act) == code
    assert not Ticket.objects.filter(session=session).exists()


def test_sudden_illness_goes_first_with_class_and_reason(place: Place, session: CounterSession) -> None:
    for _person in range(4):
        make.issue(place.service)
    last = make.issue(place.service)
    ill = actions.prioritise(
        ticket=last, priority=Priority.SUDDEN, by=place.officer, reason="Pingsan di ruang tunggu"
    )
    assert (ill.priority, ill.lane, ill.arrived_at) == (Priority.SUDDEN, Lane.EXPRESS, last.arrived_at)
    assert TicketEvent.objects.latest("pk").reason == "Pingsan di ruang tunggu"
    assert call(session) == last


@pytest.mark.parametrize(
    ("priority", "reason"), [("SUDDEN", " "), ("", "alasan"), ("TIDAK-ADA", "alasan"), ("CHILD", "alasan")]
)
def test_nobody_goes_first_without_a_class_in_use_and_a_reason(
    place: Place, priority: str, reason: str
) -> None:
    PriorityClass.objects.filter(code="CHILD").update(is_active=False)
    ticket = make.issue(place.service)

    def act() -> Ticket:
        return actions.prioritise(ticket=ticket, priority=priority, by=place.officer, reason=reason)

    assert refused(act, 400) == "reason_needed"
    assert Ticket.objects.get().lane == Lane.REGULAR


# At rest


def test_a_counter_at_rest_calls_nobody_and_says_why(place: Place, session: CounterSession) -> None:
    ticket = make.issue(place.service)
    resting = actions.pause(session=session, by=place.officer, reason=" Salat Jumat ")
    assert (resting.pause_reason, resting.paused_at is None) == ("Salat Jumat", False)
    for act in (
        lambda: actions.call_next(session=session, by=place.officer),
        lambda: actions.call_number(session=session, ticket=ticket, by=place.officer, reason="x"),
    ):
        assert refused(act) == "counter_paused"
    back = actions.go_on(session=session, by=place.officer)
    assert (back.pause_reason, back.paused_at) == ("", None)
    assert call(session) == ticket


def test_rest_needs_a_reason(place: Place, session: CounterSession) -> None:
    assert refused(lambda: actions.pause(session=session, by=place.officer, reason=" "), 400)
    session.refresh_from_db()
    assert session.paused_at is None


def test_nobody_rests_while_a_called_person_is_on_the_way(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    call(session)
    code = refused(lambda: actions.pause(session=session, by=place.officer, reason="Istirahat"))
    assert code == "number_at_counter"


def test_resting_twice_is_once_and_a_closed_counter_does_not_rest(
    place: Place, session: CounterSession
) -> None:
    version = make.issue(place.service).line.version
    first = actions.pause(session=session, by=place.officer, reason="Istirahat")
    again = actions.pause(session=session, by=place.officer, reason="Rapat")
    assert (again.paused_at, again.pause_reason) == (first.paused_at, "Istirahat")
    assert QueueDay.objects.get().version == version + 1
    actions.close_counter(session=session, by=place.officer)
    for act in (
        lambda: actions.pause(session=session, by=place.officer, reason="Rapat"),
        lambda: actions.go_on(session=session, by=place.officer),
    ):
        assert refused(act) == "counter_closed"


def test_every_rest_is_remembered_with_its_reason_and_its_end(place: Place, session: CounterSession) -> None:
    actions.pause(session=session, by=place.officer, reason="Salat")
    actions.go_on(session=session, by=place.officer)
    actions.go_on(session=session, by=place.officer)
    actions.pause(session=session, by=place.officer, reason="Rapat")
    assert [pause.reason for pause in session.pauses.filter(ended_at=None)] == ["Rapat"]
    actions.close_counter(session=session, by=place.officer)
    assert [pause.reason for pause in session.pauses.order_by("pk")] == ["Salat", "Rapat"]
    assert not session.pauses.filter(ended_at=None).exists()


# Between lines


def second_line(place: Place, prefix: str = "B") -> Service:
    service = make.make_service(place.agency)
    make.make_queue(service, prefix=prefix)
    return service


@pytest.fixture
def at_ten() -> Iterator[None]:
    """Not at the real hour: just after midnight, "an hour ago" is another day."""
    with clock.frozen(MONDAY_10):
        yield


def arrive(service: Service, minutes_ago: int) -> Ticket:
    with clock.frozen(MONDAY_10 - timedelta(minutes=minutes_ago)):
        return make.issue(service)


def weigh(session: CounterSession, service: Service, weight: int) -> None:
    queue = QueueService.objects.get(service=service).queue
    CounterLine.objects.create(counter=session.counter, queue=queue, weight=weight)


@pytest.mark.usefixtures("at_ten")
def test_without_a_rule_a_counter_serves_every_line_of_its_agency_by_time_waited(
    place: Place, session: CounterSession
) -> None:
    other = second_line(place)
    for service, minutes in ((place.service, 30), (other, 29), (place.service, 28), (other, 27)):
        arrive(service, minutes)
    assert called_in_order(session) == ["A-001", "B-001", "A-002", "B-002"]


@pytest.mark.usefixtures("at_ten")
def test_a_heavier_line_is_called_as_if_its_people_had_waited_longer(
    place: Place, session: CounterSession
) -> None:
    other = second_line(place)
    weigh(session, place.service, 1)
    weigh(session, other, 3)
    for minutes in (30, 24, 6):
        arrive(place.service, minutes)
    for minutes in (12, 9, 3):
        arrive(other, minutes)
    # 36, 30, 27, 24, 9 and 6 minutes times their weight.
    assert called_in_order(session) == ["B-001", "A-001", "B-002", "A-002", "B-003", "A-003"]


@pytest.mark.usefixtures("at_ten")
def test_a_counter_calls_only_from_the_lines_it_is_given(place: Place, session: CounterSession) -> None:
    other = second_line(place)
    weigh(session, other, 1)
    arrive(place.service, 60)
    arrive(other, 1)
    assert called_in_order(session) == ["B-001"]
    assert called_in_order(make.open_session(place.agency)) == ["A-001"]


def test_a_number_sent_to_a_counter_comes_even_from_a_line_it_does_not_serve(
    place: Place, session: CounterSession
) -> None:
    colleague = make.open_session(place.agency)
    weigh(colleague, second_line(place), 1)
    make.issue(place.service)
    sent = actions.transfer(ticket=serve(session), counter=colleague.counter, by=place.officer)
    assert call(colleague) == sent


def test_rules_for_another_days_agency_leave_the_counter_with_all_of_todays_lines(
    place: Place, session: CounterSession
) -> None:
    CounterLine.objects.create(counter=session.counter, queue=make.make_queue(make.make_service()), weight=9)
    ticket = make.issue(place.service)
    assert call(session) == ticket

"""Every step of a number, every illegal one, and what each leaves behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from queueing import actions, workflow
from queueing.actions import trail
from queueing.actions.serving import locked
from queueing.enums import Priority, Step, TicketState
from queueing.models import CounterSession, HallRules, QueueDay, QueueService, Ticket, TicketEvent
from services.models import Service
from tenants.enums import AgencyKind, AgencyStatus, Role
from tenants.models import Agency, User
from tests import factories as make
from tests.conftest import Place


def with_reason(act: Callable[..., Ticket], **fields: object) -> Callable[[Ticket, User], Ticket]:
    return lambda ticket, by: act(ticket=ticket, by=by, reason="alasan uji", **fields)


def transfer(ticket: Ticket, by: User) -> Ticket:
    return actions.transfer(ticket=ticket, to=make.make_queue(make.make_service()), by=by)


def carry(ticket: Ticket, by: User) -> Ticket:
    """The end of a day, for a line that carries what is left over to the next."""
    with locked(ticket) as (fresh, days):
        at = clock.now()
        trail.move(fresh, Step.CARRY, at=at, by=None, session=None, changes={"ended_at": at})
        trail.publish(days)
    return fresh


STEPS: dict[str, Callable[[Ticket, User], Ticket]] = {
    Step.RECALL: lambda ticket, by: actions.recall(ticket=ticket, by=by),
    Step.START: lambda ticket, by: actions.start(ticket=ticket, by=by),
    Step.FINISH: lambda ticket, by: actions.finish(ticket=ticket, by=by),
    Step.NO_SHOW: lambda ticket, by: actions.mark_no_show(ticket=ticket, by=by),
    Step.HOLD: lambda ticket, by: actions.hold(ticket=ticket, by=by),
    Step.RESUME: lambda ticket, by: actions.resume(ticket=ticket, by=by),
    Step.TRANSFER: transfer,
    Step.REQUEUE: with_reason(actions.requeue),
    Step.REENTER: lambda ticket, by: actions.re_enter(ticket=ticket, by=by),
    Step.STEP_BACK: lambda ticket, by: actions.step_back(ticket=ticket, by=by),
    Step.PRIORITISE: with_reason(actions.prioritise, priority=Priority.SUDDEN),
    Step.WAIVE: lambda ticket, _by: actions.go_in_turn(ticket=ticket),
    Step.CANCEL: lambda ticket, by: actions.cancel(ticket=ticket, by=by),
    Step.CARRY: carry,
    Step.EXPIRE: lambda ticket, _by: actions.expire(ticket=ticket),
}

PATHS: dict[str, list[str]] = {
    TicketState.WAITING: [],
    TicketState.CALLED: [Step.CALL],
    TicketState.SERVING: [Step.CALL, Step.START],
    TicketState.HELD: [Step.CALL, Step.START, Step.HOLD],
    TicketState.DONE: [Step.CALL, Step.START, Step.FINISH],
    TicketState.NO_SHOW: [Step.CALL, Step.NO_SHOW],
    TicketState.CANCELLED: [Step.CANCEL],
    TicketState.EXPIRED: [Step.EXPIRE],
}

# What "urungkan" takes back depends on what was done last (tests/queueing/test_ways_back.py).
UNDONE = {
    TicketState.CALLED: Step.UNDO_CALL,
    TicketState.DONE: Step.UNDO_FINISH,
    TicketState.NO_SHOW: Step.UNDO_NO_SHOW,
}


@pytest.fixture
def impatient(place: Place) -> None:
    """One call is enough, and may be repeated at once: here only the table counts."""
    HallRules.objects.update(recall_seconds=0)
    place.queue.calls_before_no_show = 1
    place.queue.save(update_fields=["calls_before_no_show"])


def bring_to(state: str, place: Place) -> tuple[Ticket, CounterSession]:
    ticket = make.issue(place.service)
    session = make.open_session(place.agency, place.counter, place.officer)
    for step in PATHS[state]:
        if step == Step.CALL:
            called = actions.call_next(session=session, by=place.officer)
            assert called is not None
            ticket = called
        else:
            ticket = STEPS[step](ticket, place.officer)
    assert ticket.state == state
    return ticket, session


def test_every_step_of_the_table_is_tried_here() -> None:
    assert set(STEPS) | set(UNDONE.values()) | {Step.CALL} == set(workflow.TICKET.table)
    assert set(PATHS) == set(TicketState)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("state", list(PATHS))
@pytest.mark.parametrize("step", list(STEPS))
def test_each_step_follows_the_table_and_nothing_else(place: Place, state: str, step: str) -> None:
    ticket, _session = bring_to(state, place)
    if step == Step.STEP_BACK:
        # Somebody has to stand behind it.
        make.issue(place.service)
    if step == Step.WAIVE and state == TicketState.WAITING:
        # There has to be something to take back.
        ticket = actions.go_first(ticket=ticket)
    events = TicketEvent.objects.count()
    version = QueueDay.objects.get().version
    if step in workflow.TICKET.available(state):
        after = STEPS[step](ticket, place.officer)
        assert after.state == workflow.TICKET.table[step].target
        assert TicketEvent.objects.count() == events + 1
        assert QueueDay.objects.get(pk=ticket.line_id).version == version + 1
        return
    with pytest.raises(Refusal) as refusal:
        STEPS[step](ticket, place.officer)
    assert (refusal.value.status, refusal.value.code) == (409, "illegal_transition")
    assert Ticket.objects.get(pk=ticket.pk).state == state
    assert TicketEvent.objects.count() == events
    assert QueueDay.objects.get(pk=ticket.line_id).version == version


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("state", list(PATHS))
def test_undo_takes_back_a_call_an_end_or_a_no_show_and_nothing_else(place: Place, state: str) -> None:
    ticket, _session = bring_to(state, place)
    events = TicketEvent.objects.count()
    if state not in UNDONE:
        with pytest.raises(Refusal) as refusal:
            actions.undo(ticket=ticket, by=place.officer)
        assert (refusal.value.status, refusal.value.code) == (409, "nothing_to_undo")
        assert (Ticket.objects.get().state, TicketEvent.objects.count()) == (state, events)
        return
    after = actions.undo(ticket=ticket, by=place.officer)
    assert after.state == workflow.TICKET.table[UNDONE[TicketState(state)]].target
    assert TicketEvent.objects.latest("pk").step == UNDONE[TicketState(state)]


def the_database_lets(ticket: Ticket, target: str) -> bool:
    """Tell whether the trigger knows this edge; nothing stays changed."""
    words = ""
    with transaction.atomic():
        try:
            Ticket.objects.filter(pk=ticket.pk).update(state=target)
        except DatabaseError as error:
            words = str(error)
        transaction.set_rollback(True)
    # Any other refusal is about the columns that go with a known edge.
    return "Invalid transition" not in words


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("state", list(PATHS))
def test_the_database_itself_knows_the_same_edges(place: Place, state: str) -> None:
    ticket, _session = bring_to(state, place)
    others = set(TicketState) - {TicketState(state)}
    known = {(state, str(target)) for target in others if the_database_lets(ticket, target)}
    assert known == {edge for edge in workflow.edges() if edge[0] == state}


def test_a_number_is_never_deleted_and_keeps_its_identity(place: Place) -> None:
    ticket = make.issue(place.service)
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(number=99)


def test_the_trail_is_append_only(place: Place) -> None:
    make.issue(place.service)
    with pytest.raises(DatabaseError), transaction.atomic():
        TicketEvent.objects.update(reason="diubah")
    with pytest.raises(DatabaseError), transaction.atomic():
        TicketEvent.objects.all().delete()


def test_state_and_times_cannot_disagree(place: Place) -> None:
    make.issue(place.service)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.update(state=TicketState.CALLED)


def test_calling_while_serving_records_the_served_one_as_finished(place: Place) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    session = make.open_session(place.agency, place.counter, place.officer)
    called = actions.call_next(session=session, by=place.officer)
    assert called == first
    actions.start(ticket=called, by=place.officer)
    assert actions.call_next(session=session, by=place.officer) == second
    first.refresh_from_db()
    assert first.state == TicketState.DONE


def test_calling_with_nobody_waiting_writes_nothing(place: Place) -> None:
    ticket, session = bring_to(TicketState.SERVING, place)
    events = TicketEvent.objects.count()
    assert actions.call_next(session=session, by=place.officer) is None
    assert TicketEvent.objects.count() == events
    ticket.refresh_from_db()
    assert ticket.state == TicketState.SERVING


def test_calling_before_the_called_one_is_dealt_with_is_refused(place: Place) -> None:
    make.issue(place.service)
    _ticket, session = bring_to(TicketState.CALLED, place)
    with pytest.raises(Refusal) as refusal:
        actions.call_next(session=session, by=place.officer)
    assert (refusal.value.status, refusal.value.extra) == (409, {"number": "A-001"})
    assert "A-001 tidak hadir" in str(refusal.value.message)


def test_calling_from_a_closed_counter_is_refused(place: Place) -> None:
    make.issue(place.service)
    session = make.open_session(place.agency, place.counter, place.officer)
    actions.close_counter(session=session, by=place.officer)
    with pytest.raises(Refusal) as refusal:
        actions.call_next(session=session, by=place.officer)
    assert refusal.value.code == "counter_closed"


def test_numbers_are_called_first_come_first_served(place: Place) -> None:
    labels = [make.issue(place.service).label for _ in range(5)]
    session = make.open_session(place.agency, place.counter, place.officer)
    called = []
    while ticket := actions.call_next(session=session, by=place.officer):
        called.append(ticket.label)
        actions.start(ticket=ticket, by=place.officer)
        actions.finish(ticket=ticket, by=place.officer)
    assert called == labels


def test_after_a_priority_call_two_regular_ones_come_first(place: Place) -> None:
    r = [make.issue(place.service).number for _ in range(5)]
    e = [make.issue(place.service, priority=Priority.ELDERLY).number for _ in range(3)]
    session = make.open_session(place.agency, place.counter, place.officer)
    called = []
    while ticket := actions.call_next(session=session, by=place.officer):
        called.append(ticket.number)
        actions.start(ticket=ticket, by=place.officer)
    assert called == [e[0], r[0], r[1], e[1], r[2], r[3], e[2], r[4]]


def test_a_transferred_number_keeps_its_number_and_its_time(place: Place) -> None:
    ticket, _session = bring_to(TicketState.SERVING, place)
    other = make.make_queue(make.make_service())
    moved = actions.transfer(ticket=ticket, to=other, by=place.officer, reason="lanjut ke Polres")
    assert (moved.label, moved.arrived_at, moved.state) == (
        ticket.label,
        ticket.arrived_at,
        TicketState.WAITING,
    )
    colleague = make.open_session(other.agency)
    make.issue(other.services.get())
    called = actions.call_next(session=colleague, by=colleague.user)
    assert called == ticket


def test_a_transfer_to_the_same_line_is_refused(place: Place) -> None:
    ticket, _session = bring_to(TicketState.SERVING, place)
    with pytest.raises(Refusal):
        actions.transfer(ticket=ticket, to=place.queue, by=place.officer)


def test_a_transfer_to_a_line_that_does_not_serve_is_refused(place: Place) -> None:
    ticket, _session = bring_to(TicketState.SERVING, place)
    resting = make.make_queue(make.make_service(make.make_agency(status=AgencyStatus.PAUSED)))
    with pytest.raises(Refusal) as refusal:
        actions.transfer(ticket=ticket, to=resting, by=place.officer)
    assert refusal.value.code == "line_closed"


def test_a_number_called_elsewhere_meanwhile_is_not_the_first_officers_any_more(place: Place) -> None:
    stale, _session = bring_to(TicketState.CALLED, place)
    actions.requeue(ticket=stale, by=place.officer, reason="salah tekan")
    elsewhere = make.open_session(place.agency)
    assert actions.call_next(session=elsewhere, by=elsewhere.user) == stale
    with pytest.raises(Refusal) as refusal:
        actions.mark_no_show(ticket=stale, by=place.officer)
    assert refusal.value.code == "moved"


def test_a_held_number_lets_the_counter_call_and_resumes_only_when_it_is_free(place: Place) -> None:
    held, session = bring_to(TicketState.HELD, place)
    make.issue(place.service)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    with pytest.raises(Refusal) as refusal:
        actions.resume(ticket=held, by=place.officer)
    assert "Selesaikan dulu" in str(refusal.value.message)
    make.miss(called, place.officer)
    assert actions.resume(ticket=held, by=place.officer).state == TicketState.SERVING


def test_a_counter_with_a_number_at_it_does_not_close(place: Place) -> None:
    ticket, session = bring_to(TicketState.CALLED, place)
    with pytest.raises(Refusal):
        actions.close_counter(session=session, by=place.officer)
    make.miss(ticket, place.officer)
    assert actions.close_counter(session=session, by=place.officer).closed_at is not None


def test_an_officer_cannot_open_a_counter_of_another_agency(place: Place) -> None:
    stranger = make.make_user(agency=make.make_agency())
    with pytest.raises(NotFound):
        actions.open_counter(counter=place.counter, by=stranger)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.AUDITOR, Role.FLOOR_MANAGER, Role.ADMIN])
def test_only_officers_and_agency_managers_open_counters(place: Place, role: str) -> None:
    with pytest.raises(Refusal) as refusal:
        actions.open_counter(counter=place.counter, by=make.make_user(role, place.agency))
    assert refusal.value.status == 403


def test_opening_ones_own_open_counter_again_is_the_same_session(place: Place) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    assert actions.open_counter(counter=place.counter, by=place.officer) == session


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (AgencyStatus.PAUSED, "sedang tidak"),
        (AgencyStatus.ENDED, "sudah tidak"),
        (AgencyStatus.CANDIDATE, "belum"),
    ],
)
def test_an_agency_that_does_not_serve_says_since_when_in_words(
    place: Place, status: str, words: str
) -> None:
    Agency.objects.filter(pk=place.agency.pk).update(status=status)
    with pytest.raises(Refusal) as refusal:
        make.issue(Service.objects.select_related("agency").get())
    assert words in str(refusal.value.message)


def test_lifting_quotas_lets_a_used_up_line_go_on(place: Place) -> None:
    make.limit(place.queue, 1)
    line = make.issue(place.service).line
    actions.lift_quotas(line.date)
    assert make.issue(place.service).number == 2


def test_one_person_has_one_counter_open(place: Place) -> None:
    make.open_session(place.agency, place.counter, place.officer)
    with pytest.raises(Refusal) as refusal:
        actions.open_counter(counter=make.make_counter(place.agency), by=place.officer)
    assert "Tutup dulu loket itu" in str(refusal.value.message)


def test_a_line_takes_only_services_of_its_own_agency(place: Place) -> None:
    stranger = make.make_service()
    with pytest.raises(IntegrityError), transaction.atomic():
        QueueService.objects.create(queue=place.queue, service=stranger)


# R000-15: the agreement comes before the trial.


def test_an_agency_not_yet_open_issues_no_numbers_and_says_why(place: Place) -> None:
    Agency.objects.filter(pk=place.agency.pk).update(status=AgencyStatus.PREPARING)
    place.service.refresh_from_db()
    with pytest.raises(Refusal) as refusal:
        make.issue(type(place.service).objects.select_related("agency").get())
    assert refusal.value.code == "agency_not_open"
    assert "belum melayani" in str(refusal.value.message)
    assert not Ticket.objects.exists()


def test_an_external_agency_whose_agreement_has_ended_issues_no_numbers(place: Place) -> None:
    agency = make.make_agency(
        kind=AgencyKind.BUMN, agreement_from=make.LONG_AGO, agreement_to=make.LONG_AGO.replace(year=2021)
    )
    service = make.make_service(agency)
    make.make_queue(service)
    with pytest.raises(Refusal) as refusal:
        make.issue(service)
    assert refusal.value.code == "agreement_not_in_force"
    assert "berakhir 1 Januari 2021" in str(refusal.value.message)


def test_the_database_refuses_trial_without_an_agreement(place: Place) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make.make_agency(kind=AgencyKind.VERTICAL, status=AgencyStatus.TRIAL)


def test_issuing_again_with_the_same_key_for_another_service_is_422(place: Place) -> None:
    make.issue(place.service, request_key="satu")
    other = make.make_service()
    make.make_queue(other)
    with pytest.raises(Refusal) as refusal:
        make.issue(other, request_key="satu")
    assert refusal.value.status == 422


def test_a_used_up_quota_refuses_and_burns_no_number(place: Place) -> None:
    make.limit(place.queue, 1)
    make.issue(place.service)
    with pytest.raises(Refusal) as refusal:
        make.issue(place.service)
    assert refusal.value.code == "full"
    assert QueueDay.objects.get().last_number == 1


def test_the_stored_digest_is_not_the_token(place: Place) -> None:
    ticket = make.issue(place.service)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM queueing_ticket t")
        assert ticket.token not in cursor.fetchone()[0]

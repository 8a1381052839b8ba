"""Whatever statement an act fails at, it leaves nothing behind (trust.md S-020).

A new act is one line in ACTS: what must be there before it, and the act itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from mpp.core import clock, locks
from mpp.notifications.models import Message
from queueing import actions
from queueing.actions import booking, checkin
from queueing.actions.blocks import Printed
from queueing.enums import Channel, Leftover, Outcome, Priority
from queueing.models import Booking, CounterSession, NumberBlock, Queue, QueueDay, Ticket, TicketEvent
from tests import factories as make
from tests.conftest import Place
from tests.queueing.booked import AT_11, AT_13, book, takes_bookings
from tests.queueing.pages import MONDAY_10

pytestmark = pytest.mark.django_db

Act = Callable[[], object]
PHONE = "+6281234567890"
WATCHED = ("queueing_", "notifications_", "core_auditentry")
# Beginning and ending a transaction is the database's own affair.
NOT_OURS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with clock.frozen(MONDAY_10):
        yield


def waiting(place: Place, **fields: Any) -> Ticket:
    return make.issue(place.service, **fields)


def at_work(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


def called(place: Place, **fields: Any) -> Ticket:
    """A number at the counter; another one still waits."""
    waiting(place, **fields), waiting(place)
    ticket = actions.call_next(session=at_work(place), by=place.officer)
    assert ticket is not None
    return ticket


def serving(place: Place) -> Ticket:
    return actions.start(ticket=called(place), by=place.officer)


def held(place: Place) -> Ticket:
    return actions.hold(ticket=serving(place), by=place.officer)


def finished(place: Place) -> Ticket:
    return actions.finish(ticket=serving(place), by=place.officer)


def overtakable(place: Place) -> Ticket:
    first = make.issue(place.service)
    make.issue(place.service)
    return first


def sold_out(place: Place) -> Place:
    make.limit(place.queue, 1)
    make.issue(place.service)
    return place


def from_priority_share(place: Place) -> Ticket:
    """A number charged to the places kept for priority."""
    make.limit(place.queue, 20, online_percent=50, priority_percent=10)
    return make.issue(place.service, priority=Priority.ELDERLY)


def missed(place: Place) -> Ticket:
    return make.miss(called(place), by=place.officer)


def session_of(ticket: Ticket) -> CounterSession:
    assert ticket.session is not None
    return ticket.session


def limited(place: Place) -> Place:
    """The place with a quota, so that every number charges a share."""
    make.limit(place.queue, 20, online_percent=50)
    return place


def other_line(place: Place) -> Queue:
    queue = make.make_queue(make.make_service(place.agency))
    make.issue(queue.services.get())
    return queue


def left_over(place: Place) -> QueueDay:
    """Two people wait in a line that carries over, and the mall has closed."""
    Queue.objects.filter(pk=takes_bookings(place).pk).update(leftover=Leftover.CARRY, stops_in_time=False)
    return [waiting(place, phone=PHONE), waiting(place)][0].line


def booked(place: Place) -> Booking:
    takes_bookings(place)
    waiting(place)
    return book(place, phone=PHONE)


def leased(place: Place) -> NumberBlock:
    waiting(place)
    return actions.lease(queue=place.queue, holder="Anjungan", size=5)


def printed(place: Place) -> Sequence[Printed]:
    return [Printed(number, place.service, MONDAY_10) for number in (1, 2)]


def at(moment: timedelta, act: Callable[..., object], **values: Any) -> Act:
    """Let the act happen so much later."""

    def later() -> None:
        with clock.frozen(MONDAY_10 + moment):
            act(**values)

    return later


def close_counter(session: CounterSession) -> None:
    """Close it as a page would, which has read it just before."""
    actions.close_counter(session=CounterSession.objects.get(pk=session.pk), by=session.user)


def thrice_called(place: Place) -> Ticket:
    ticket = called(place)
    while ticket.calls < place.queue.calls_before_no_show:
        ticket = make.call_again(ticket, by=place.officer)
    return ticket


def by_officer(place: Place, act: Callable[..., object], **values: Any) -> Act:
    return partial(act, by=place.officer, **values)


def after(there: object, act: Act) -> Act:
    """Return the act; `there` has been made before it."""
    return act


SECONDS_20, HOUR = timedelta(seconds=20), timedelta(hours=1)
EVENING, NEXT_DAY = timedelta(hours=6), timedelta(days=1)
ACTS: dict[str, Callable[[Place], Act]] = {
    "issue": lambda p: after(waiting(p), partial(waiting, p, phone=PHONE, request_key="k")),
    "issue from a quota": lambda p: after(waiting(limited(p)), partial(waiting, p, phone=PHONE)),
    "issue with priority": lambda p: after(
        waiting(p), partial(waiting, p, phone=PHONE, priority=Priority.ELDERLY)
    ),
    "call": lambda p: after(waiting(p, phone=PHONE), by_officer(p, actions.call_next, session=at_work(p))),
    "call, which finishes": lambda p: by_officer(p, actions.call_next, session=session_of(serving(p))),
    "call with a key": lambda p: after(
        waiting(p), by_officer(p, actions.call_next, session=at_work(p), request_key="k")
    ),
    "call out of turn": lambda p: after(
        waiting(p),
        by_officer(p, actions.call_number, session=at_work(p), ticket=waiting(p), reason="jemputan"),
    ),
    "recall": lambda p: at(SECONDS_20, actions.recall, ticket=called(p, phone=PHONE), by=p.officer),
    "start": lambda p: by_officer(p, actions.start, ticket=called(p)),
    "finish": lambda p: by_officer(
        p, actions.finish, ticket=serving(p), outcome=Outcome.INCOMPLETE, note="KK", performed=[p.service]
    ),
    "hold": lambda p: by_officer(p, actions.hold, ticket=serving(p), reason="fotokopi"),
    "resume": lambda p: by_officer(p, actions.resume, ticket=held(p)),
    "no-show": lambda p: by_officer(p, actions.mark_no_show, ticket=thrice_called(p)),
    "requeue": lambda p: by_officer(p, actions.requeue, ticket=called(p), reason="salah panggil"),
    "step-back": lambda p: partial(actions.step_back, ticket=overtakable(p)),
    "re-enter": lambda p: partial(actions.re_enter, ticket=missed(p)),
    "undo a call": lambda p: by_officer(p, actions.undo, ticket=called(p)),
    "undo a finish": lambda p: by_officer(p, actions.undo, ticket=finished(p)),
    "prioritise": lambda p: by_officer(
        p, actions.prioritise, ticket=waiting(p), priority=Priority.SUDDEN, reason="pingsan"
    ),
    "go first": lambda p: partial(actions.go_first, ticket=waiting(p)),
    "go in turn": lambda p: partial(actions.go_in_turn, ticket=from_priority_share(p)),
    "wish for a number": lambda p: partial(
        actions.wish_number, service=sold_out(p).service, channel="console", recipient=PHONE, words="Ya."
    ),
    "transfer": lambda p: by_officer(p, actions.transfer, ticket=serving(p), to=other_line(p)),
    "transfer to a counter": lambda p: by_officer(p, actions.transfer, ticket=serving(p), counter=p.counter),
    "cancel": lambda p: partial(actions.cancel, ticket=waiting(limited(p))),
    "expire": lambda p: partial(actions.expire, ticket=waiting(p)),
    "join a visit": lambda p: partial(actions.join, ticket=waiting(p)),
    "open a counter": lambda p: after(waiting(p), by_officer(p, actions.open_counter, counter=p.counter)),
    "close a counter": lambda p: after(waiting(p), partial(close_counter, at_work(p))),
    "pause": lambda p: after(waiting(p), by_officer(p, actions.pause, session=at_work(p), reason="salat")),
    "enter papers": lambda p: after(
        waiting(limited(p)),
        at(
            HOUR,
            actions.enter_paper,
            service=p.service,
            first=1,
            last=3,
            since=MONDAY_10,
            served={},
            by=p.officer,
        ),
    ),
    "lease a block": lambda p: after(
        waiting(limited(p)), partial(actions.lease, queue=p.queue, holder="Anjungan", size=5)
    ),
    "sync a block": lambda p: at(HOUR, actions.sync, block=leased(limited(p)), entries=printed(p)),
    "return a block": lambda p: partial(actions.return_block, block=leased(limited(p))),
    "book": lambda p: after(booked(p), partial(booking.book, service=p.service, starts_at=AT_11)),
    "move a booking": lambda p: partial(booking.move, booking=booked(p), starts_at=AT_13),
    "cancel a booking": lambda p: partial(booking.cancel, booking=booked(p)),
    "check in": lambda p: at(HOUR, checkin.check_in, booking=booked(p), channel=Channel.KIOSK),
}
# Of several transactions each: what one has done stays done.
JOBS: dict[str, Callable[[Place], Act]] = {
    "carry over": lambda p: after(left_over(p), at(EVENING, actions.carry_leftovers)),
    "close past days": lambda p: after(called(p), at(NEXT_DAY, actions.close_past_days)),
}


class Strike:
    """The database fails after the n-th statement; later ones, of whoever caught that, go through."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self.statement = ""
        self.has_begun = False

    def __call__(self, execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        answer = execute(sql, *more)
        is_inside = locks._held.get() is not None
        self.has_begun |= is_inside
        # What is read when the act is done is for the answer alone, which may get lost.
        is_for_answer = self.has_begun and not is_inside and sql.startswith("SELECT")
        if not sql.startswith(NOT_OURS) and not is_for_answer:
            self.seen += 1
            if self.seen == self.at:
                self.statement = sql
                raise OperationalError("struck")
        return answer


def snapshot() -> set[tuple[str, str]]:
    """Return every row of the day, the outbox and the audit, as text."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(WATCHED)]
    rows = " UNION ALL ".join(f"SELECT '{name}', t::text FROM {name} t" for name in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(rows)
        return set(cursor.fetchall())


def struck(act: Act, number: int) -> Strike:
    """Do the act with a strike after that statement (0: none), and go on with the test's transaction."""
    strike = Strike(number)
    try:
        with connection.execute_wrapper(strike):
            act()
    except OperationalError:
        # The statement itself went well, so nothing is wrong with the transaction around.
        transaction.set_rollback(False)
    return strike


@contextmanager
def taken_back() -> Iterator[None]:
    mark = transaction.savepoint()
    yield
    transaction.savepoint_rollback(mark)


def statements(act: Act) -> int:
    """Do the act whole; return how many statements it took."""
    before = snapshot()
    # Once for what a process remembers of the configuration, once to count.
    for _ in range(2):
        with taken_back():
            count = struck(act, 0).seen
            assert snapshot() != before
    assert count > 3
    return count


def residues(act: Act) -> list[str]:
    """Strike after each statement of the act; return the statements after which something was left."""
    total, before, found = statements(act), snapshot(), []
    for number in range(1, total + 1):
        with taken_back():
            strike = struck(act, number)
            assert strike.statement, "fewer statements than before"
            if snapshot() != before:
                found.append(strike.statement)
    return found


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_fails_at_any_statement_leaves_nothing(place: Place, name: str) -> None:
    assert residues(ACTS[name](place)) == []


def test_the_first_number_of_a_day_leaves_at_most_its_empty_line(place: Place) -> None:
    act = partial(waiting, limited(place))
    total, before = statements(act), snapshot()
    for number in range(1, total + 1):
        with taken_back():
            struck(act, number)
            left = {table for table, _row in snapshot() - before}
            assert left <= {"queueing_queueday", "queueing_share"}
            assert not QueueDay.objects.exclude(last_number=0).exists()


@pytest.mark.parametrize("name", JOBS)
def test_a_job_that_fails_at_any_statement_is_completed_by_its_next_run(place: Place, name: str) -> None:
    job = JOBS[name](place)
    total = statements(job)
    with taken_back():
        job()
        whole = outcome()
    for number in range(1, total + 1):
        with taken_back():
            struck(job, number)
            job()
            assert outcome() == whole


def outcome() -> list[Any]:
    """Return what a day's end is about, without what differs from run to run (keys, secrets)."""
    steps = TicketEvent.objects.order_by("ticket__number", "line__date", "pk")
    return [
        sorted(Ticket.objects.values_list("line__date", "number", "state", "arrived_at")),
        list(steps.values_list("ticket__number", "line__date", "step")),
        list(CounterSession.objects.values_list("closed_at")),
        Message.objects.count(),
    ]


def test_without_its_transaction_an_act_would_leave_something(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def no_transaction() -> Iterator[None]:
        mark = locks._held.set([])
        yield
        locks._held.reset(mark)

    monkeypatch.setattr(locks, "transaction_of_one_act", no_transaction)
    assert residues(ACTS["issue"](place)) != []

"""Each lock has a test here that fails without it, and a twin that shows that it does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from mpp.core import audit, locks
from mpp.core.errors import Refusal
from queueing import actions
from queueing.actions import lines
from queueing.models import CounterSession, QueueDay, Ticket, TicketEvent
from tests import factories as make
from tests.concurrency.race import at_once, without_lock
from tests.conftest import Place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lock_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)


def open_counters(place: Place, count: int) -> list[Any]:
    return [
        make.open_session(place.agency, make.make_counter(place.agency, place.zone)) for _ in range(count)
    ]


def test_200_people_at_once_get_1_to_200_without_gap(live_place: Place) -> None:
    results = at_once(200, lambda _index: make.issue(live_place.service))
    assert not [result for result in results if isinstance(result, Exception)]
    numbers = sorted(result.number for result in results if isinstance(result, Ticket))
    assert numbers == list(range(1, 201))
    assert QueueDay.objects.get().last_number == 200


@pytest.mark.usefixtures("lock_removed")
def test_without_the_lock_people_collide_on_numbers(live_place: Place) -> None:
    make.issue(live_place.service)
    results = at_once(60, lambda _index: make.issue(live_place.service))
    collided = [result.extra["constraint"] for result in results if isinstance(result, Refusal)]
    assert "queueing_ticket_number_once" in collided


def test_quota_of_50_under_200_people_gives_exactly_50(live_place: Place) -> None:
    make.limit(live_place.queue, 50)
    results = at_once(200, lambda _index: make.issue(live_place.service))
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert {refusal.code for refusal in refusals} == {"full"}
    assert len(refusals) == 150
    assert sorted(Ticket.objects.values_list("number", flat=True)) == list(range(1, 51))


def test_16_officers_empty_400_numbers_with_none_called_twice_and_none_left(live_place: Place) -> None:
    for _ in range(400):
        make.issue(live_place.service)
    sessions = open_counters(live_place, 16)

    def work_through(index: int) -> list[int]:
        session, called = sessions[index], []
        while ticket := actions.call_next(session=session, by=session.user):
            # The next call records this one as finished.
            actions.start(ticket=ticket, by=session.user)
            called.append(ticket.number)
        return called

    results = at_once(16, work_through)
    assert not [result for result in results if isinstance(result, Exception)]
    called = Counter(number for result in results if isinstance(result, list) for number in result)
    assert called == Counter(range(1, 401))
    assert TicketEvent.objects.filter(step="call").count() == 400


@pytest.mark.usefixtures("lock_removed")
def test_without_the_lock_two_officers_call_the_same_number(live_place: Place) -> None:
    for _ in range(40):
        make.issue(live_place.service)
    sessions = open_counters(live_place, 16)
    at_once(16, lambda index: actions.call_next(session=sessions[index], by=sessions[index].user))
    per_number = Counter(TicketEvent.objects.filter(step="call").values_list("ticket", flat=True))
    assert max(per_number.values()) > 1


def test_20_presses_with_one_key_make_one_number(live_place: Place) -> None:
    results = at_once(20, lambda _index: make.issue(live_place.service, request_key="sekali"))
    assert not [result for result in results if isinstance(result, Exception)]
    assert {result.pk for result in results if isinstance(result, Ticket)} == {Ticket.objects.get().pk}
    assert QueueDay.objects.get().last_number == 1


def test_20_presses_with_one_key_make_one_call(live_place: Place) -> None:
    for _ in range(30):
        make.issue(live_place.service)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    results = at_once(
        20, lambda _index: actions.call_next(session=session, by=session.user, request_key="sekali")
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert {result.number for result in results if isinstance(result, Ticket)} == {1}
    assert TicketEvent.objects.filter(step="call").count() == 1


def test_20_presses_without_a_key_still_leave_one_number_at_the_counter(live_place: Place) -> None:
    for _ in range(30):
        make.issue(live_place.service)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    results = at_once(20, lambda _index: actions.call_next(session=session, by=session.user))
    assert len([result for result in results if isinstance(result, Ticket)]) == 1
    assert {result.status for result in results if isinstance(result, Refusal)} == {409}


def test_two_people_open_one_counter_and_one_wins(live_place: Place) -> None:
    officers = [make.make_user(agency=live_place.agency) for _ in range(8)]
    results = at_once(8, lambda index: actions.open_counter(counter=live_place.counter, by=officers[index]))
    assert len([result for result in results if not isinstance(result, Exception)]) == 1
    assert {str(result.message) for result in results if isinstance(result, Refusal)} == {
        "Loket ini sedang dibuka petugas lain."
    }


def call_and_close_at_once(place: Place) -> int:
    """Let each officer call and, in another tab, close; return how many closed counters hold a number."""
    for _ in range(20):
        make.issue(place.service)
    sessions = open_counters(place, 8)

    def press(index: int) -> None:
        session = sessions[index % 8]
        if index < 8:
            actions.call_next(session=session, by=session.user)
        else:
            actions.close_counter(session=session, by=session.user)

    at_once(16, press)
    return Ticket.objects.active().filter(session__closed_at__isnull=False).count()


def test_no_number_is_called_to_a_counter_that_closes_meanwhile(live_place: Place) -> None:
    assert [call_and_close_at_once(live_place) for _ in range(3)] == [0, 0, 0]


def test_without_its_locks_a_closed_counter_would_hold_a_number(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    monkeypatch.setattr(
        lines, "lock_open_session", lambda key: CounterSession.objects.open().filter(pk=key).first()
    )
    close = audit.record

    def slow(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.05)
        return close(*args, **kwargs)

    monkeypatch.setattr(audit, "record", slow)
    assert sum(call_and_close_at_once(live_place) for _ in range(3)) > 0


def test_transfers_against_each_other_do_not_deadlock(live_place: Place) -> None:
    other = make.make_queue(make.make_service(live_place.agency))
    services = [live_place.service, other.services.get()]
    queues = [live_place.queue, other]
    sessions = open_counters(live_place, 8)
    for index in range(48):
        make.issue(services[index % 2])

    def swap(index: int) -> int:
        session, moved = sessions[index], 0
        for _ in range(6):
            ticket = actions.call_next(session=session, by=session.user)
            if ticket is None:
                break
            target = queues[0] if ticket.line.queue_id == queues[1].pk else queues[1]
            actions.transfer(ticket=ticket, to=target, by=session.user)
            moved += 1
        return moved

    results = at_once(8, swap)
    assert not [result for result in results if isinstance(result, Exception)]
    assert TicketEvent.objects.filter(step="transfer").count() == sum(
        r for r in results if isinstance(r, int)
    )


# A wait for one neighbour, and the sum of many waits.
@pytest.mark.parametrize(("limit", "usual"), [("lock_timeout", "3s"), ("statement_timeout", "4s")])
def test_a_line_locked_for_too_long_answers_busy_and_issues_nothing(
    live_place: Place, limit: str, usual: str
) -> None:
    line = make.issue(live_place.service).line
    locked, done = threading.Event(), threading.Event()

    def keep() -> None:
        with locks.transaction_of_one_act():
            locks.hold(QueueDay.objects.filter(pk=line.pk))
            locked.set()
            done.wait(20)
        connection.close()

    keeper = threading.Thread(target=keep)
    keeper.start()
    assert locked.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, '200ms', false)", [limit])
    with pytest.raises(locks.Busy) as busy:
        make.issue(live_place.service)
    done.set()
    keeper.join()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [limit, usual])
    assert busy.value.status == 503
    assert Ticket.objects.count() == 1


def test_locks_are_taken_in_key_order_whatever_order_they_are_asked_in(live_place: Place) -> None:
    first = make.issue(live_place.service).line
    second = make.issue(make.make_queue(make.make_service()).services.get()).line
    with locks.transaction_of_one_act():
        held = locks.hold(QueueDay.objects.filter(pk__in=[second.pk, first.pk]).order_by("-pk"))
    assert [row.pk for row in held] == sorted([first.pk, second.pk])


def test_a_second_set_of_locks_in_one_act_is_refused(live_place: Place) -> None:
    line = make.issue(live_place.service).line
    with locks.transaction_of_one_act():
        locks.hold(QueueDay.objects.filter(pk=line.pk))
        with pytest.raises(locks.LockProtocolError):
            locks.hold(QueueDay.objects.filter(pk=line.pk))


def test_locks_outside_an_act_are_refused(live_place: Place) -> None:
    with pytest.raises(locks.LockProtocolError):
        locks.hold(QueueDay.objects.all())

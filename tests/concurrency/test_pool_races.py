"""Storms on one pool, one person and one counter: exact, and not without what makes it so."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

import pytest
from django.db import connection

from mpp.core import clock, locks
from mpp.core.errors import Refusal
from queueing import actions, availability, persons
from queueing.actions import lines, pool
from queueing.enums import Channel, Lane, TicketState
from queueing.models import CounterSession, PlaceReturn, Queue, QueueDay, Share, Ticket
from queueing.policy import pool as policy
from tests import factories as make
from tests.concurrency.race import at_once, start_elsewhere, until_done_or_waiting, without_lock
from tests.conftest import Place

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+6281234567890"
CHANNELS = [Channel.ONLINE, Channel.KIOSK, Channel.STAFF]


def codes(results: list[object]) -> Counter[str]:
    """What the refused ones were told; anything else that failed fails the test."""
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert len(refusals) == len([result for result in results if isinstance(result, Exception)])
    return Counter(refusal.code for refusal in refusals)


def charged() -> dict[str, int]:
    return {row.name: Ticket.objects.filter(share=row).count() for row in Share.objects.all()}


def taken() -> dict[str, int]:
    return dict(Share.objects.values_list("name", "taken"))


# One pool, three doors


def storm(place: Place) -> list[object]:
    """Ninety people at three doors for forty places: half online, a tenth for staff."""
    make.limit(place.queue, 40, online_percent=50, staff_percent=10)
    results: list[object] = []
    results += at_once(90, lambda index: make.issue(place.service, channel=CHANNELS[index % 3]))
    return results


def test_a_storm_at_three_doors_takes_every_place_once(live_place: Place) -> None:
    assert codes(storm(live_place)) == {"full": 50}
    assert charged() == taken() == {"ONLINE": 20, "STAFF": 4, "REST": 16}
    assert QueueDay.objects.get().last_number == 40


def test_without_the_lock_people_are_sent_away_while_places_are_free(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    refused = codes(storm(live_place))
    assert refused["not_allowed"] > 0


def test_places_that_come_back_under_a_storm_are_taken_once(live_place: Place) -> None:
    make.limit(live_place.queue, 10)
    held = [make.issue(live_place.service) for _ in range(10)]
    at_once(10, lambda index: actions.cancel(ticket=held[index]))
    PlaceReturn.objects.update(due_at=clock.now())
    results: list[object] = []
    results += at_once(30, lambda _index: make.issue(live_place.service))
    assert codes(results) == {"full": 20}
    assert taken() == {"ONLINE": 10, "REST": 0}


def books_agree() -> bool:
    quota = QueueDay.objects.get().quota
    return charged() == taken() and sum(Share.objects.values_list("reserved", flat=True)) == quota


def test_a_quota_that_changes_while_people_take_numbers_loses_none(live_place: Place) -> None:
    queue = live_place.queue
    make.limit(queue, 90, online_percent=50)
    make.issue(live_place.service)

    def press(index: int) -> None:
        if index % 6:
            make.issue(live_place.service, channel=CHANNELS[index % 3])
        else:
            queue.daily_quota = 400 + index
            actions.apply_quota(queue=queue)

    at_once(36, press)
    assert books_agree()


def change_while_one_is_charged(place: Place, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Somebody takes a number just when the quota is divided anew; tell whether the books still agree."""
    make.limit(place.queue, 90, online_percent=50)
    make.issue(place.service)
    divide, done = policy.at_least, threading.Event()

    def take() -> None:
        make.issue(place.service)
        done.set()
        connection.close()

    person = threading.Thread(target=take)

    def meanwhile(wanted: Mapping[str, int], taken: Mapping[str, int]) -> dict[str, int]:
        person.start()
        done.wait(0.5)
        return divide(wanted, taken)

    monkeypatch.setattr(policy, "at_least", meanwhile)
    place.queue.daily_quota = 400
    actions.apply_quota(queue=place.queue)
    person.join()
    return books_agree()


def test_a_number_taken_during_a_change_waits_for_it(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert change_while_one_is_charged(live_place, monkeypatch)


def test_without_the_lock_a_change_forgets_who_was_just_charged(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    assert not change_while_one_is_charged(live_place, monkeypatch)


def begin_while_the_quota_changes(place: Place, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """The first number of a day makes its row just when the quota is changed; return the row's quota."""
    make.limit(place.queue, 40)
    ask, others = availability.quota_for_today, []

    def change() -> None:
        with locks.transaction_of_one_act():
            make.limit(place.queue, 7)
            pool.apply_within(queue=place.queue, by=None)

    def meanwhile(queue: Queue) -> int | None:
        monkeypatch.setattr(availability, "quota_for_today", ask)
        quota = ask(queue)
        others.append(start_elsewhere(change))
        until_done_or_waiting(*others)
        return quota

    monkeypatch.setattr(availability, "quota_for_today", meanwhile)
    lines.begin(place.queue.pk, clock.today())
    [other] = others
    other.result()
    return QueueDay.objects.get().quota


def test_a_day_that_begins_while_the_quota_changes_has_the_new_one(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert begin_while_the_quota_changes(live_place, monkeypatch) == 7


def test_without_the_lock_of_its_line_the_day_keeps_the_old_one(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    assert begin_while_the_quota_changes(live_place, monkeypatch) == 40


def give_back_elsewhere_while_a_quota_begins(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number that was sent to another line is given back while its own line gets a quota.

    Return how many places are taken, and how many are still to come back.
    """
    other_line = make.make_queue(make.make_service(place.agency))
    session = make.open_session(place.agency, place.counter, place.officer)
    make.issue(place.service)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    sent = actions.transfer(ticket=called, to=other_line, by=place.officer)
    divide, others = policy.at_least, []

    def meanwhile(wanted: Mapping[str, int], taken: Mapping[str, int]) -> dict[str, int]:
        others.append(start_elsewhere(lambda: actions.cancel(ticket=sent)))
        until_done_or_waiting(*others)
        return divide(wanted, taken)

    monkeypatch.setattr(policy, "at_least", meanwhile)
    make.limit(place.queue, 5)
    actions.apply_quota(queue=place.queue)
    [other] = others
    other.result()
    return [sum(taken().values()), PlaceReturn.objects.count()]


def test_a_number_given_back_in_another_line_waits_for_the_quota_of_its_own(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert give_back_elsewhere_while_a_quota_begins(live_place, monkeypatch) == [1, 1]


def test_without_the_lock_of_its_own_line_its_place_would_be_lost(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "home_of", lambda ticket: ticket.line_id)
    assert give_back_elsewhere_while_a_quota_begins(live_place, monkeypatch) == [1, 0]


# One person on many pages


def on_many_pages(place: Place) -> list[object]:
    services = [make.make_queue(make.make_service()).services.get() for _ in range(12)]
    results: list[object] = []
    results += at_once(12, lambda index: make.issue(services[index], phone=PHONE))
    return results


def test_one_person_on_twelve_pages_at_once_gets_three_numbers(live_place: Place) -> None:
    assert codes(on_many_pages(live_place)) == {"too_many_numbers": 9}
    assert set(Ticket.objects.values_list("person_slot", flat=True)) == {1, 2, 3}
    assert Ticket.objects.count() == 3


def test_without_the_slots_one_person_would_get_more(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = persons.free_slot

    def free_slot(person: str, service_id: int) -> None:
        ask(person, service_id)

    monkeypatch.setattr(persons, "free_slot", free_slot)
    on_many_pages(live_place)
    assert Ticket.objects.count() > 3


def test_one_person_pressing_twelve_times_gets_one_number(live_place: Place) -> None:
    results: list[object] = []
    results += at_once(12, lambda _index: make.issue(live_place.service, phone=PHONE))
    assert codes(results) == {"already_holding": 11}
    assert QueueDay.objects.get().last_number == 1


# A number on its way to a counter


def send_and_close(place: Place) -> int:
    """Officers send their numbers to a counter that closes; return how many wait for nobody."""
    goal = make.open_session(place.agency)
    senders = [make.open_session(place.agency) for _ in range(6)]
    held = []
    for sender in senders:
        make.issue(place.service)
        held.append(actions.call_next(session=sender, by=sender.user))

    def press(index: int) -> None:
        ticket = held[index] if index < 6 else None
        if ticket:
            actions.transfer(ticket=ticket, counter=goal.counter, by=senders[index].user)
        else:
            actions.close_counter(session=goal, by=goal.user)

    codes([*at_once(7, press)])
    for sender in senders:
        if not Ticket.objects.at_counter().filter(session=sender).exists():
            actions.close_counter(session=sender, by=sender.user)
    return Ticket.objects.waiting().filter(lane=Lane.COUNTER).count()


def test_no_number_waits_for_a_counter_that_closed_meanwhile(live_place: Place) -> None:
    assert [send_and_close(live_place) for _ in range(3)] == [0, 0, 0]


def test_without_the_lock_a_number_would_wait_for_nobody(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    assert sum(send_and_close(live_place) for _ in range(4)) > 0


def undo_and_close(place: Place) -> int:
    """Each officer takes the end of a number back and, in another tab, closes; return what is stranded."""
    sessions = [make.open_session(place.agency) for _ in range(8)]
    done = []
    for session in sessions:
        make.issue(place.service)
        ticket = actions.call_next(session=session, by=session.user)
        assert ticket is not None
        actions.start(ticket=ticket, by=session.user)
        done.append(actions.finish(ticket=Ticket.objects.get(pk=ticket.pk), by=session.user))

    def press(index: int) -> None:
        session = sessions[index % 8]
        if index < 8:
            actions.undo(ticket=done[index], by=session.user)
        else:
            actions.close_counter(session=session, by=session.user)

    codes([*at_once(16, press)])
    return Ticket.objects.active().filter(session__closed_at__isnull=False).count()


def test_nothing_comes_back_to_a_counter_that_closes_meanwhile(live_place: Place) -> None:
    assert [undo_and_close(live_place) for _ in range(2)] == [0, 0]


def test_without_its_locks_a_number_would_come_back_to_a_closed_counter(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    monkeypatch.setattr(
        lines, "lock_open_session", lambda key: CounterSession.objects.open().filter(pk=key).first()
    )
    assert sum(undo_and_close(live_place) for _ in range(3)) > 0


def step_back_eight_times(place: Place) -> list[object]:
    first, *_others = [make.issue(place.service) for _person in range(20)]
    results: list[object] = []
    results += at_once(8, lambda _index: actions.step_back(ticket=first))
    return results


def test_without_the_lock_of_its_line_a_number_would_step_back_again(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    assert sum(codes(step_back_eight_times(live_place)).values()) < 7


def test_a_number_steps_back_once_however_often_it_is_pressed(live_place: Place) -> None:
    assert codes(step_back_eight_times(live_place)) == {"step_back_once": 7}
    waiting = Ticket.objects.waiting().in_arrival_order().values_list("number", flat=True)
    assert list(waiting)[:7] == [2, 3, 4, 5, 6, 1, 7]


def test_a_missed_number_comes_back_once_however_often_it_is_pressed(live_place: Place) -> None:
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    make.issue(live_place.service)
    called = actions.call_next(session=session, by=session.user)
    assert called is not None
    missed = make.miss(called, session.user)
    results: list[object] = []
    results += at_once(8, lambda _index: actions.re_enter(ticket=missed))
    assert sum(codes(results).values()) == 7
    again = Ticket.objects.get()
    assert (again.state, again.reentries) == (TicketState.WAITING, 1)

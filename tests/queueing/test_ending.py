"""Stopping in time: numbers end when the open counters cannot serve one more (the Karangasem case)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mpp.core import clock
from queueing import actions, ending
from queueing.models import CounterLine, CounterSession, Queue
from queueing.policy import ending as policy
from services.models import OpeningHours, Service
from services.opening import OpeningBook
from tests import factories as make
from tests.conftest import Place

WITA = ZoneInfo("Asia/Makassar")
OPENING = datetime(2026, 11, 23, 8, tzinfo=WITA)


@pytest.fixture
def day(place: Place) -> Place:
    """Open from 08.00 to 12.00 with a break from 10.00 to 10.30; ten minutes a number; one counter."""
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(
        weekday=1,
        opens_at=time(8),
        closes_at=time(12),
        break_from=time(10),
        break_to=time(10, 30),
        valid_from=make.LONG_AGO,
    )
    Queue.objects.update(stops_in_time=True)
    place.queue.refresh_from_db()
    return place


def has_time(place: Place, at: datetime, service: Service | None = None) -> bool:
    service = service or place.service
    queue = Queue.objects.get(services=service)
    with clock.frozen(at):
        plan = OpeningBook(at).plan(clock.local(at).date(), place.agency.pk, service.pk)
        return ending.refusal_for(queue, service, plan, at) is None


def wait(place: Place, count: int, service: Service | None = None) -> None:
    """Let so many stand in line, as if they had come at eight."""
    stops = Queue.objects.filter(stops_in_time=True)
    keys = list(stops.values_list("pk", flat=True))
    stops.update(stops_in_time=False)
    with clock.frozen(OPENING):
        for _number in range(count):
            make.issue(service or place.service)
    Queue.objects.filter(pk__in=keys).update(stops_in_time=True)


def opened(place: Place, count: int) -> list[CounterSession]:
    with clock.frozen(OPENING):
        return [make.open_session(place.agency) for _number in range(count)]


@pytest.mark.parametrize(
    ("late", "fits"), [(timedelta(seconds=-1), True), (timedelta(), True), (timedelta(seconds=1), False)]
)
def test_the_last_number_is_the_one_that_can_still_be_finished(
    day: Place, late: timedelta, fits: bool
) -> None:
    opened(day, 1)
    wait(day, 5)
    # Five wait, one more makes an hour: the last chance is an hour before closing.
    assert has_time(day, OPENING.replace(hour=11) + late) is fits


def test_two_counters_absorb_twice_as_much(day: Place) -> None:
    opened(day, 2)
    wait(day, 5)
    assert has_time(day, OPENING.replace(hour=11, minute=25))
    assert not has_time(day, OPENING.replace(hour=11, minute=25, second=1))


def test_breaks_do_not_count(day: Place) -> None:
    opened(day, 1)
    wait(day, 19)
    # Three and a half open hours a day: at 08.10 three hours and twenty minutes are left.
    assert has_time(day, OPENING.replace(minute=10))
    assert not has_time(day, OPENING.replace(minute=10, second=1))


def test_before_anybody_is_there_the_counters_of_the_day_count(day: Place) -> None:
    wait(day, 20)
    assert has_time(day, OPENING)
    assert not has_time(day, OPENING + timedelta(seconds=1))
    make.make_counter(day.agency, day.zone)
    assert has_time(day, OPENING + timedelta(seconds=1))


def test_a_counter_at_rest_counts_only_while_all_are(day: Place) -> None:
    first, second = opened(day, 2)
    wait(day, 5)
    at = OPENING.replace(hour=11, minute=20)
    assert has_time(day, at)
    with clock.frozen(OPENING):
        actions.pause(session=second, by=second.user, reason="salat")
    assert not has_time(day, at)
    with clock.frozen(OPENING):
        actions.pause(session=first, by=first.user, reason="salat")
    assert has_time(day, at)


def test_the_number_in_hand_counts_with_what_is_left_of_it(day: Place) -> None:
    [session] = opened(day, 1)
    wait(day, 1)
    with clock.frozen(OPENING.replace(hour=11, minute=40)):
        called = actions.call_next(session=session, by=session.user)
        assert called is not None
        actions.start(ticket=called, by=session.user)
    # Ten minutes of its own after what is left of the ten minutes in hand.
    assert has_time(day, OPENING.replace(hour=11, minute=40))
    assert has_time(day, OPENING.replace(hour=11, minute=45))
    # One who takes longer than planned still needs a minute at least.
    assert not has_time(day, OPENING.replace(hour=11, minute=49, second=1))


def test_the_agencys_other_lines_use_the_same_counters(day: Place) -> None:
    opened(day, 1)
    other = make.make_service(day.agency, minutes=30)
    make.make_queue(other, stops_in_time=True)
    wait(day, 2, other)
    assert has_time(day, OPENING.replace(hour=10, minute=50))
    assert not has_time(day, OPENING.replace(hour=10, minute=51))


def test_a_counter_that_serves_another_line_helps_nobody_here(day: Place) -> None:
    mine, theirs = opened(day, 2)
    other = make.make_service(day.agency, minutes=30)
    queue = make.make_queue(other, stops_in_time=True)
    CounterLine.objects.create(counter=mine.counter, queue=day.queue)
    CounterLine.objects.create(counter=theirs.counter, queue=queue)
    wait(day, 5)
    wait(day, 1, other)
    at = OPENING.replace(hour=11, minute=1)
    assert not has_time(day, at)
    assert not has_time(day, at, other)
    assert has_time(day, OPENING.replace(hour=11), other)
    CounterLine.objects.all().delete()
    assert has_time(day, at)


def test_a_line_that_does_not_stop_always_has_time(day: Place) -> None:
    Queue.objects.update(stops_in_time=False)
    wait(day, 3)
    assert has_time(day, OPENING.replace(hour=11, minute=59))


def test_the_question_is_one_query_however_many_wait(day: Place) -> None:
    opened(day, 2)
    wait(day, 40)
    with clock.frozen(OPENING), CaptureQueriesContext(connection) as queries:
        loads = ending.loads_of([day.agency.pk], OPENING.date(), OPENING)
    assert len(queries) == 1
    assert loads[day.agency.pk].waiting == {day.queue.pk: 400}


def test_minutes_left_are_those_in_which_counters_serve() -> None:
    hours = [OPENING.replace(hour=hour) for hour in range(7, 17)]
    spans = [(OPENING, OPENING.replace(hour=12)), (OPENING.replace(hour=13), OPENING.replace(hour=15))]
    left = [policy.open_minutes_left(spans, hour) for hour in hours]
    assert left == [360, 360, 300, 240, 180, 120, 120, 60, 0, 0]

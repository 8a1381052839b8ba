"""The host's clock is wrong, or midnight comes: dates and numbers follow the database's clock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from mpp.core import clock
from mpp.core.models import Mall
from queueing import tasks
from queueing.enums import TicketState
from queueing.models import Ticket, TicketEvent
from tests.faults.conftest import Scene
from tests.faults.machine import DATABASE
from tests.faults.storm import Person, together, wait_for

SHIFTED = Path(__file__).with_name("shifted")
JUMPS = {"25 h ahead": 25 * 3600, "10 min behind": -600, "1 h back": 24 * 3600, "right again": 0}
ZONES = {"Asia/Jakarta": 17, "Asia/Makassar": 16, "Asia/Jayapura": 15}
BEFORE, AFTER = timedelta(seconds=4), timedelta(seconds=3)

# Found before pg_catalog by every session of this database: the portal cannot tell it from the real one.
OTHER_TIME = """
CREATE SCHEMA other_time;
CREATE TABLE other_time.shift (ahead interval NOT NULL);
INSERT INTO other_time.shift VALUES ('0');
CREATE FUNCTION other_time.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    $$ SELECT pg_catalog.clock_timestamp() + ahead FROM other_time.shift $$;
CREATE FUNCTION other_time.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT pg_catalog.now() + ahead FROM other_time.shift $$;
"""
FOUND_FIRST = f'ALTER DATABASE "{DATABASE}" SET search_path = other_time, pg_catalog, public'


def test_r10_a_wrong_clock_of_the_host_moves_no_number(scene: Scene, tmp_path: Path) -> None:
    """The host of the pages jumps a day ahead, ten minutes back and an hour back while people come."""
    shift = tmp_path / "shift"
    shift.write_text("0")
    scene.portal.start("web", PYTHONPATH=str(SHIFTED), CLOCK_SHIFT=str(shift))
    person, officer = scene.person(), scene.officer()
    for count, (name, seconds) in enumerate(JUMPS.items(), start=1):
        shift.write_text(str(seconds))
        report = httpx.get(f"{scene.portal.url}/readyz", timeout=20).json()
        assert abs(report["skew_seconds"] - seconds) < 2, name
        began = clock.now()
        told = person.take(scene.place.service.slug)
        assert (told.status, told.body["number"]) == (201, f"A-{count:03d}"), name
        assert officer.serve_one(), name
        ticket = Ticket.objects.select_related("queue_day").get(number=count)
        times = [began, ticket.issued_at, ticket.called_at, ticket.started_at, ticket.ended_at, clock.now()]
        assert times == sorted(filter(None, times)), name
        assert ticket.queue_day.date == clock.local(began).date(), name
    assert TicketEvent.objects.filter(at__gt=clock.now()).count() == 0


@pytest.mark.parametrize("zone", ZONES)
def test_r11_numbering_begins_anew_at_local_midnight_by_itself(scene: Scene, zone: str) -> None:
    """People press through midnight; no beat and no worker runs."""
    Mall.objects.update(timezone=zone)
    with connection.cursor() as cursor:
        cursor.execute(OTHER_TIME)
        cursor.execute(FOUND_FIRST)
    connection.close()
    scene.portal.start("web")
    with timezone.override(zone):
        midnight = _travel_to_midnight(ZONES[zone])
        assert clock.local(midnight).time() == datetime.min.time()
        people = scene.people(4)
        wait_for(together(_takes_until(person, scene, midnight + AFTER) for person in people))
        tickets = list(Ticket.objects.select_related("queue_day"))
        assert [t.label for t in tickets if clock.local(t.issued_at).date() != t.queue_day.date] == []
        seconds = Counter((ticket.issued_at - midnight) // timedelta(seconds=1) for ticket in tickets)
        assert seconds[-1], "nobody in the last second of the day"
        assert seconds[0], "nobody in the first second of the day"
        yesterday, today = sorted({ticket.queue_day.date for ticket in tickets})
        for day in (yesterday, today):
            assert min(ticket.number for ticket in tickets if ticket.queue_day.date == day) == 1
        assert scene.officer().call().body["number"] == "A-001"
        assert Ticket.objects.get(state=TicketState.CALLED).queue_day.date == today
        _job_closes_yesterday_whenever_it_comes(today)


def test_r11_the_three_zones_never_change_their_offset() -> None:
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(37 * 365)]
    for zone, utc_hour in ZONES.items():
        assert {ZoneInfo(zone).utcoffset(day) for day in days} == {timedelta(hours=24 - utc_hour)}


def _takes_until(person: Person, scene: Scene, end: datetime) -> Callable[[], object]:
    def take() -> None:
        while person.take(scene.place.service.slug).status == 201 and time.monotonic() < stop:
            pass

    stop = time.monotonic() + (end - clock.now()).total_seconds()
    return take


def _job_closes_yesterday_whenever_it_comes(today: date) -> None:
    """The job that beat would have started at night runs late, and twice."""
    numbers = Ticket.objects.filter(queue_day__date=today).order_by("pk")
    before = list(numbers.values_list("pk", "state"))
    for _ in range(2):
        tasks.close_past_days()
    left = Ticket.objects.filter(queue_day__date__lt=today)
    assert set(left.values_list("state", flat=True)) == {TicketState.EXPIRED}
    assert list(numbers.values_list("pk", "state")) == before


def _travel_to_midnight(utc_hour: int) -> datetime:
    """Set the database's clock a few seconds before tomorrow's local midnight; return that midnight."""
    tomorrow = clock.now() + timedelta(days=1)
    midnight = tomorrow.replace(hour=utc_hour, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        ahead = midnight - BEFORE - clock.now()
        cursor.execute(
            "UPDATE other_time.shift SET ahead = make_interval(secs => %s)", [ahead.total_seconds()]
        )
    return midnight

"""The end of the day, and the command that asks whether everything still holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from mpp.core import clock
from queueing import actions, tasks
from queueing.enums import TicketState
from queueing.invariants import CHECKS
from queueing.models import CounterSession, QueueDay, Ticket
from tests import factories as make
from tests.conftest import Place

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_the_next_morning_starts_at_one_and_yesterday_is_closed(place: Place) -> None:
    with clock.frozen(NOON):
        for _ in range(3):
            make.issue(place.service)
        session = make.open_session(place.agency, place.counter, place.officer)
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        actions.start(ticket=called, by=place.officer)
        actions.finish(ticket=called, by=place.officer)
    with clock.frozen(NOON + timedelta(hours=20)):
        assert make.issue(place.service).label == "A-001"
        assert tasks.close_past_days() == 2
        assert tasks.close_past_days() == 0
    assert list(Ticket.objects.order_by("pk").values_list("state", flat=True)) == [
        TicketState.DONE,
        TicketState.EXPIRED,
        TicketState.EXPIRED,
        TicketState.WAITING,
    ]
    assert not CounterSession.objects.open().exists()


def test_a_number_taken_as_midnight_passes_belongs_to_no_wrong_day(place: Place) -> None:
    with clock.frozen(datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)):
        make.issue(place.service)
    with clock.frozen(datetime(2026, 11, 23, 16, 0, 0, tzinfo=UTC)):
        make.issue(place.service)
    assert [str(day.date) for day in QueueDay.objects.order_by("date")] == ["2026-11-23", "2026-11-24"]
    assert not list(CHECKS["INV-12"][1]())


def busy_day(place: Place) -> None:
    for index in range(12):
        make.issue(place.service, priority="ELDERLY" if index % 4 == 0 else "")
    session = make.open_session(place.agency, place.counter, place.officer)
    other = make.make_queue(make.make_service(place.agency))
    steps = 0
    while ticket := actions.call_next(session=session, by=place.officer):
        steps += 1
        if steps % 5 == 0:
            actions.mark_no_show(ticket=ticket, by=place.officer)
            continue
        actions.start(ticket=ticket, by=place.officer)
        if steps % 7 == 0:
            actions.transfer(ticket=ticket, to=other, by=place.officer)
        else:
            actions.finish(ticket=ticket, by=place.officer)


def test_after_a_busy_day_every_invariant_holds(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    busy_day(place)
    call_command("check_invariants")
    assert sorted(CHECKS) == sorted(f"INV-{number}" for number in range(1, 14))


BREACHES = {
    "INV-2": "DELETE FROM queueing_ticketevent WHERE ticket_id = {id};"
    " DELETE FROM queueing_ticket WHERE id = {id}",
    "INV-3": "ALTER TABLE queueing_queueday DROP CONSTRAINT queueing_queueday_quota;"
    " UPDATE queueing_queueday SET quota = 1",
    "INV-5": "UPDATE queueing_ticket SET arrived_at = arrived_at - interval '1 hour' WHERE number = 3",
    "INV-6": "UPDATE queueing_ticket SET token_digest = 'x' WHERE id = {id}",
    "INV-7": "UPDATE queueing_ticketevent SET target = 'HELD' WHERE ticket_id = {id} AND step = 'start'",
    "INV-10": "UPDATE queueing_ticket SET service_id = {stranger} WHERE id = {id}",
    "INV-11": "ALTER TABLE queueing_ticket DROP CONSTRAINT queueing_ticket_called_after_issued;"
    " UPDATE queueing_ticket SET called_at = issued_at - interval '1 hour' WHERE id = {id}",
    "INV-12": "UPDATE queueing_queueday SET date = date - 1",
    "INV-13": "UPDATE queueing_queueday SET last_number = last_number + 5",
}


@pytest.mark.parametrize("code", list(BREACHES))
def test_a_breach_is_found_and_the_command_exits_with_1(
    place: Place, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    busy_day(place)
    stranger = make.make_service()
    ticket = Ticket.objects.filter(state=TicketState.DONE).earliest("number")
    with connection.cursor() as cursor:
        # As someone with psql and too much trust in themselves would.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in BREACHES[code].format(id=ticket.pk, stranger=stranger.pk).split(";"):
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(SystemExit) as exit_code:
        call_command("check_invariants")
    assert exit_code.value.code == 1
    broken = [line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("LANGGAR")]
    assert code in broken

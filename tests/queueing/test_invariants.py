"""The command that asks whether everything still holds: silent after a busy day, loud after a breach."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from queueing import actions
from queueing.enums import TicketState
from queueing.invariants import CHECKS
from queueing.models import Ticket
from tests import factories as make
from tests.conftest import Place


def busy_day(place: Place) -> None:
    """Priority and regular people, some who do not come, some who are sent on, under a quota."""
    place.queue.daily_quota, place.queue.online_percent = 20, 100
    place.queue.save(update_fields=["daily_quota", "online_percent"])
    for index in range(12):
        make.issue(place.service, priority="ELDERLY" if index % 4 == 0 else "")
    session = make.open_session(place.agency, place.counter, place.officer)
    other = make.make_queue(make.make_service(place.agency))
    steps = 0
    while ticket := actions.call_next(session=session, by=place.officer):
        steps += 1
        if steps % 5 == 0:
            make.miss(ticket, place.officer)
            continue
        actions.start(ticket=ticket, by=place.officer)
        if steps % 7 == 0:
            actions.transfer(ticket=ticket, to=other, by=place.officer)
        else:
            actions.finish(ticket=ticket, by=place.officer)


def test_after_a_busy_day_every_invariant_holds(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    busy_day(place)
    call_command("check_invariants")
    assert sorted(CHECKS) == sorted(f"INV-{number}" for number in range(1, 15))


BREACHES = {
    "INV-2": "DELETE FROM queueing_ticketevent WHERE ticket_id = {id};"
    " DELETE FROM queueing_ticket WHERE id = {id}",
    "INV-3": "UPDATE queueing_share SET taken = taken - 1 WHERE taken > 0",
    "INV-5": "UPDATE queueing_ticket SET arrived_at = arrived_at - interval '1 hour' WHERE number = 3",
    "INV-6": "UPDATE queueing_ticket SET token_digest = 'x' WHERE id = {id}",
    "INV-7": "UPDATE queueing_ticketevent SET target = 'HELD' WHERE ticket_id = {id} AND step = 'start'",
    "INV-10": "UPDATE queueing_ticket SET service_id = {stranger} WHERE id = {id}",
    "INV-11": "ALTER TABLE queueing_ticket DROP CONSTRAINT queueing_ticket_called_after_issued;"
    " UPDATE queueing_ticket SET called_at = issued_at - interval '1 hour' WHERE id = {id}",
    "INV-12": "UPDATE queueing_queueday SET date = date - 1",
    "INV-13": "UPDATE queueing_queueday SET last_number = last_number + 5",
}
MORE_BREACHES = [
    ("INV-3", "UPDATE queueing_share SET taken = taken + 1 WHERE taken < reserved"),
    ("INV-3", "UPDATE queueing_queueday SET quota = quota + 1 WHERE quota IS NOT NULL"),
    ("INV-13", "UPDATE queueing_waitingblock SET waiting = waiting + 1"),
]


@pytest.mark.parametrize(("code", "statements"), [*BREACHES.items(), *MORE_BREACHES])
def test_a_breach_is_found_and_the_command_exits_with_1(
    place: Place, code: str, statements: str, capsys: pytest.CaptureFixture[str]
) -> None:
    busy_day(place)
    stranger = make.make_service()
    ticket = Ticket.objects.filter(state=TicketState.DONE).earliest("number")
    with connection.cursor() as cursor:
        # As someone with psql and too much trust in themselves would.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements.format(id=ticket.pk, stranger=stranger.pk).split(";"):
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(SystemExit) as exit_code:
        call_command("check_invariants")
    assert exit_code.value.code == 1
    broken = [line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("LANGGAR")]
    assert code in broken

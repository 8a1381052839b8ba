"""Two at once on the floor: added numbers add up, one call for help is one, and nobody is called to a closing
counter; and not without the lock."""

from __future__ import annotations

import pytest

from mpp.core import locks
from queueing import actions
from queueing.models import CounterSession, HelpCall, QueueDay, Ticket
from tenants.enums import Role
from tenants.models import User
from tests import factories as make
from tests.concurrency.race import at_once, without_lock
from tests.conftest import Place

pytestmark = pytest.mark.django_db(transaction=True)

ADDED = 12


def quota_after_a_storm(place: Place) -> int | None:
    make.limit(place.queue, 10)
    make.issue(place.service)
    manager = make.make_user(Role.FLOOR_MANAGER)
    results = at_once(
        ADDED,
        lambda _index: actions.add_quota(queue=place.queue, places=1, reason="uji", by=manager),
        threads=6,
    )
    assert not [result for result in results if isinstance(result, Exception)]
    return QueueDay.objects.get().quota


def test_numbers_added_at_once_add_up(live_place: Place) -> None:
    assert quota_after_a_storm(live_place) == 10 + ADDED


def test_without_the_lock_some_would_be_lost(live_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    assert quota_after_a_storm(live_place) != 10 + ADDED


def test_two_presses_at_once_are_one_call_for_help(live_place: Place) -> None:
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    calls = at_once(
        4, lambda _index: actions.call_help(session=session, kind="COME", by=live_place.officer), threads=4
    )
    assert len({call.pk for call in calls if isinstance(call, HelpCall)}) == 1
    assert not [call for call in calls if isinstance(call, Exception)]


def test_nobody_is_called_to_a_counter_that_is_being_closed(live_place: Place) -> None:
    manager = make.make_user(Role.FLOOR_MANAGER)
    for _each in range(3):
        make.issue(live_place.service)
        session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
        close_and_call_at_once(session, manager)
        assert not Ticket.objects.at_counter().exists()


def close_and_call_at_once(session: CounterSession, manager: User) -> None:
    def work(index: int) -> object:
        if index:
            return actions.close_for(session=session, reason="uji", by=manager)
        return actions.call_next(session=session, by=session.user)

    at_once(2, work, threads=2)

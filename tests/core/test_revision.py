"""What a process remembers is always what the database says now."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TypeVar

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from mpp.core import clock, revision
from mpp.core.models import Mall, Revision
from queueing.roster import Roster
from services.models import Service
from services.opening import Schedule
from tenants.models import Agency, Counter, CounterDuty
from tests import factories as make
from tests.conftest import Place

Result = TypeVar("Result")


def elsewhere(work: Callable[[], Result]) -> Result:
    """Do `work` in another connection, as another process would."""

    def run() -> Result:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def rename() -> None:
    Mall.objects.update(short_name=uuid.uuid4().hex[:8])


def value() -> str | None:
    return revision.read().revision


def names(_key: str) -> str:
    return Mall.objects.get().short_name


@pytest.fixture
def memory() -> revision.Memory[str, str]:
    return revision.Memory(names)


def test_the_moment_and_the_revision_are_one_query(place: Place, django_assert_num_queries: object) -> None:
    with CaptureQueriesContext(connection) as captured:
        instant = revision.read()
    assert len(captured) == 1
    assert instant.revision == str(Revision.objects.get().value)
    with clock.frozen(instant.at):
        assert revision.read().at == instant.at


def test_every_table_that_is_remembered_carries_the_trigger(place: Place) -> None:
    with CaptureQueriesContext(connection) as captured:
        Roster.read("")
        Schedule(date(2026, 11, 23))
    read = {
        table
        for query in captured.captured_queries
        for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_bump_revision%'"
        )
        guarded = {table for (table,) in cursor.fetchall()}
    assert read - guarded == set()
    assert {"services_openinghours", "services_calendarday", "services_disruption"} <= read
    assert {"core_mall", "tenants_counter", "tenants_counterduty", "services_service"} <= guarded


@pytest.mark.parametrize("model", [Mall, Agency, Counter, CounterDuty, Service])
def test_a_change_of_the_configuration_makes_a_new_value(place: Place, model: type[Model]) -> None:
    before = value()
    row = model._default_manager.first()
    assert row is not None
    row.save()
    after = value()
    assert None not in {before, after}
    assert before != after


def test_what_is_not_configuration_leaves_the_value_alone(place: Place) -> None:
    before = value()
    make.issue(place.service)
    make.open_session(place.agency, place.counter, place.officer)
    assert value() == before


def test_emptying_a_table_makes_a_new_value_too(place: Place) -> None:
    before = value()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE services_disruption")
    assert value() != before


def test_what_is_known_is_not_worked_out_again(place: Place, memory: revision.Memory[str, str]) -> None:
    first = memory.get(value(), "")
    now = value()
    with CaptureQueriesContext(connection) as captured:
        assert memory.get(now, "") == first
    assert len(captured) == 0


def test_what_is_rolled_back_is_forgotten(place: Place, memory: revision.Memory[str, str]) -> None:
    before, known = value(), memory.get(value(), "")
    try:
        with transaction.atomic():
            rename()
            inside = memory.get(value(), "")
            raise RuntimeError
    except RuntimeError:
        pass
    assert inside != known
    assert value() == before
    assert memory.get(value(), "") == known
    with transaction.atomic():
        rename()
        assert memory.get(value(), "") not in {inside, known}


def test_two_changes_in_one_transaction_are_two(place: Place, memory: revision.Memory[str, str]) -> None:
    with transaction.atomic():
        rename()
        first = memory.get(value(), "")
        rename()
        assert memory.get(value(), "") == names("") != first


@pytest.mark.django_db(transaction=True)
def test_a_change_elsewhere_is_seen_at_once(live_place: Place, memory: revision.Memory[str, str]) -> None:
    memory.get(value(), "")
    elsewhere(rename)
    assert memory.get(value(), "") == names("")


@pytest.mark.django_db(transaction=True)
def test_what_another_has_not_committed_is_not_seen_and_not_kept(
    live_place: Place, memory: revision.Memory[str, str]
) -> None:
    committed = memory.get(value(), "")
    with transaction.atomic():
        rename()
        assert memory.get(value(), "") != committed
        assert elsewhere(lambda: memory.get(value(), "")) == committed
    assert elsewhere(lambda: memory.get(value(), "")) == names("")


@pytest.mark.django_db(transaction=True)
def test_a_change_while_it_is_worked_out_is_worked_out_again(live_place: Place) -> None:
    """Without looking again, the old name would be kept for the value that was read before."""
    seen: list[str] = []

    def slowly(_key: str) -> str:
        found = names("")
        if not seen:
            elsewhere(rename)
        seen.append(found)
        return found

    memory = revision.Memory(slowly)
    assert memory.get(value(), "") == names("")
    assert len(seen) == 2
    assert memory.get(value(), "") == names("")
    assert len(seen) == 2


@pytest.mark.django_db(transaction=True)
def test_a_configuration_that_never_rests_is_answered_and_not_kept(live_place: Place) -> None:
    calls: list[int] = []

    def restless(_key: str) -> int:
        elsewhere(rename)
        calls.append(1)
        return len(calls)

    memory = revision.Memory(restless)
    assert memory.get(value(), "") == revision.TRIES
    assert memory.get(value(), "") == 2 * revision.TRIES


def test_without_a_value_nothing_is_kept(place: Place, memory: revision.Memory[str, str]) -> None:
    memory.get(value(), "")
    Revision.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_mall DISABLE TRIGGER USER")
    Mall.objects.update(short_name="Lain")
    assert value() is None
    assert memory.get(value(), "") == "Lain"
    Mall.objects.update(short_name="Lagi")
    assert memory.get(value(), "") == "Lagi"


def test_a_request_is_judged_by_the_moment_it_came_in(place: Place) -> None:
    with revision.entered() as entry, CaptureQueriesContext(connection) as asked:
        assert revision.at_entry() is entry
        assert not asked
        make.make_agency()
        # What is read anew sees the change, and the next request too.
        assert revision.read().revision != entry.revision
    assert revision.at_entry().revision == revision.read().revision


def test_a_page_that_only_reads_asks_once_and_shows_one_moment(
    place: Place, memory: revision.Memory[str, str]
) -> None:
    memory.get(value(), "")
    with CaptureQueriesContext(connection) as captured, revision.steady() as instant:
        assert revision.read() == revision.read() == instant
        assert clock.now() == instant.at
        memory.get(revision.read().revision, "")
    assert len(captured) == 1
    assert revision.read().at > instant.at


def test_what_changes_under_a_steady_page_is_not_kept_as_if_it_had_not(
    place: Place, memory: revision.Memory[str, str]
) -> None:
    with revision.steady():
        rename()
        memory.get(revision.read().revision, "")
    assert memory.get(value(), "") == names("")
    rename()
    assert memory.get(value(), "") == names("")


def test_only_a_few_values_are_kept(place: Place) -> None:
    memory: revision.Memory[int, int] = revision.Memory(lambda key: key, most=3)
    now = value()
    for key in range(10):
        memory.get(now, key)
    with CaptureQueriesContext(connection) as captured:
        for key in (7, 8, 9):
            assert memory.get(now, key) == key
    assert len(captured) == 0
    with CaptureQueriesContext(connection) as captured:
        memory.get(now, 0)
    assert len(captured) == 1


def test_another_day_is_another_key(place: Place) -> None:
    instant = revision.read()
    with clock.frozen(instant.at):
        assert revision.read().day == clock.today()

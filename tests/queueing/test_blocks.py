"""Blocks leased to a kiosk that may lose the network: disjoint, told once, in the order of printing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from mpp.core import clock, locks
from mpp.core.errors import NotFound, Refusal
from queueing import actions
from queueing.actions.blocks import MOST_LEASED, Printed, access_block, secret_of, token_of
from queueing.enums import Channel, Priority
from queueing.invariants import CHECKS
from queueing.models import NumberBlock, Queue, QueueDay, Share, Ticket, TicketEvent
from tests import factories as make
from tests.concurrency.race import at_once, without_lock
from tests.conftest import Place

WITA = ZoneInfo("Asia/Makassar")
TEN = datetime(2026, 11, 23, 10, tzinfo=WITA)


def lease(place: Place, size: int = 10, **fields: Any) -> NumberBlock:
    with clock.frozen(TEN):
        return actions.lease(queue=place.queue, holder="Anjungan pintu timur", size=size, **fields)


def printed(place: Place, number: int, minute: int | None = None, **fields: Any) -> Printed:
    return Printed(number, place.service, TEN + timedelta(minutes=minute or number), **fields)


def sync(block: NumberBlock, *entries: Printed, later: int = 60) -> list[Ticket]:
    with clock.frozen(TEN + timedelta(minutes=later)):
        return actions.sync(block=block, entries=entries)


def unbroken() -> None:
    for code in ("INV-1", "INV-2", "INV-3", "INV-5", "INV-6", "INV-7", "INV-12", "INV-13"):
        assert list(CHECKS[code][1]()) == [], code


def test_two_kiosks_and_the_portal_never_give_the_same_number(place: Place) -> None:
    east, west = lease(place), lease(place)
    sync(east, *(printed(place, number) for number in range(1, 4)))
    sync(west, *(printed(place, number) for number in range(1, 4)))
    with clock.frozen(TEN + timedelta(minutes=61)):
        make.issue(place.service)
    labels = [ticket.label for ticket in Ticket.objects.order_by("pk")]
    assert labels == ["AK1-001", "AK1-002", "AK1-003", "AK2-001", "AK2-002", "AK2-003", "A-001"]
    unbroken()


def test_what_was_printed_stands_at_the_time_of_its_printing(place: Place) -> None:
    block = lease(place)
    with clock.frozen(TEN + timedelta(minutes=2, seconds=30)):
        online = make.issue(place.service)
    tickets = sync(block, *(printed(place, number) for number in range(1, 5)))
    order = []
    with clock.frozen(TEN + timedelta(hours=2)):
        session = make.open_session(place.agency, place.counter, place.officer)
        while called := actions.call_next(session=session, by=place.officer):
            order.append(called.label)
            actions.start(ticket=called, by=place.officer)
    assert order == ["AK1-001", "AK1-002", online.label, "AK1-003", "AK1-004"]
    assert {ticket.channel for ticket in tickets} == {Channel.KIOSK}
    unbroken()


def test_telling_twice_is_telling_once(place: Place) -> None:
    block = lease(place)
    entries = [printed(place, number) for number in range(1, 4)]
    first = sync(block, *entries)
    second = sync(block, *entries, printed(place, 4))
    assert [ticket.pk for ticket in second[:3]] == [ticket.pk for ticket in first]
    assert Ticket.objects.count() == 4
    assert TicketEvent.objects.filter(step="issue").count() == 4
    unbroken()


@pytest.mark.django_db(transaction=True)
def test_told_four_times_at_once_is_told_once(live_place: Place) -> None:
    block = lease(live_place)
    entries = [printed(live_place, number) for number in range(1, 9)]
    results = at_once(4, lambda _index: len(sync(block, *entries)))
    assert results == [8, 8, 8, 8]
    assert Ticket.objects.count() == 8
    unbroken()


def test_a_number_told_differently_is_refused(place: Place) -> None:
    block = lease(place)
    sync(block, printed(place, 1))
    for entry in (printed(place, 1, priority=Priority.ELDERLY),):
        with pytest.raises(Refusal) as refusal:
            sync(block, entry, printed(place, 2))
        assert refusal.value.code == "told_differently"
    with pytest.raises(Refusal):
        sync(block, printed(place, 2), printed(place, 2, minute=30))
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("numbers", "code"),
    [((2,), "block_gap"), ((1, 3), "block_gap"), ((0,), "block_gap"), ((11,), "block_gap")],
)
def test_a_gap_is_refused_and_nothing_is_written(place: Place, numbers: tuple[int, ...], code: str) -> None:
    block = lease(place)
    with pytest.raises(Refusal) as refusal:
        sync(block, *(printed(place, number) for number in numbers))
    assert refusal.value.code == code
    assert not Ticket.objects.exists()


def test_a_number_beyond_the_block_is_refused(place: Place) -> None:
    block = lease(place, size=2)
    with pytest.raises(Refusal) as refusal:
        sync(block, *(printed(place, number) for number in (1, 2, 3)))
    assert refusal.value.code == "outside_block"


@pytest.mark.parametrize("minutes", [(2, 1), (-1, 1), (1, 90)])
def test_times_out_of_order_or_outside_the_lease_are_refused(place: Place, minutes: tuple[int, int]) -> None:
    block = lease(place)
    first, second = (
        Printed(number, place.service, TEN + timedelta(minutes=minute))
        for number, minute in enumerate(minutes, start=1)
    )
    with pytest.raises(Refusal) as refusal:
        sync(block, first, second)
    assert refusal.value.code == "block_times"
    assert not Ticket.objects.exists()


def test_a_kiosk_whose_clock_is_a_little_ahead_is_not_refused(place: Place) -> None:
    block = lease(place)
    [ticket] = sync(block, printed(place, 1, minute=61), later=60)
    assert ticket.issued_at == TEN + timedelta(minutes=60)


def test_a_service_of_another_line_is_refused(place: Place) -> None:
    stranger = make.make_service(place.agency)
    make.make_queue(stranger)
    block = lease(place)
    with pytest.raises(Refusal) as refusal:
        sync(block, Printed(1, stranger, TEN + timedelta(minutes=1)))
    assert refusal.value.code == "foreign_service"


def test_a_forged_block_opens_nothing(place: Place) -> None:
    block, other = lease(place), lease(place)
    assert access_block(block.pk, secret_of(block)) == block
    for key, secret in ((block.pk, secret_of(other)), (block.pk, ""), (block.pk, "é"), (0, secret_of(block))):
        with pytest.raises(NotFound):
            access_block(key, secret)


def test_the_link_on_the_offline_slip_opens_the_number_once_it_is_told(client: Client, place: Place) -> None:
    block = lease(place)
    token = token_of(block, 1)
    assert client.get(f"/t/{token}/").status_code == 404
    [ticket] = sync(block, printed(place, 1))
    assert ticket.token == token
    assert "AK1-001" in client.get(f"/t/{token}/").content.decode()


# Its places


def shares_of(line: QueueDay) -> dict[str, tuple[int, int]]:
    return {share.name: (share.taken, share.reserved) for share in Share.objects.filter(line=line)}


def test_a_block_reserves_its_places_so_that_nobody_else_takes_them(place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=50, kiosk_percent=20)
    block = lease(place, size=4)
    main = QueueDay.objects.get(block="")
    assert (main.quota, block.day.quota) == (6, 4)
    assert shares_of(main) == {"ONLINE": (0, 5), "KIOSK": (0, 0), "REST": (0, 1)}
    assert shares_of(block.day) == {"KIOSK": (0, 2), "REST": (0, 2)}
    with clock.frozen(TEN):
        make.issue(place.service, channel=Channel.KIOSK)
        with pytest.raises(Refusal):
            make.issue(place.service, channel=Channel.KIOSK)
        with pytest.raises(Refusal) as refusal:
            actions.lease(queue=place.queue, holder="lain", size=1)
    assert refusal.value.extra == {"left": 0}
    unbroken()


def test_returning_a_block_gives_back_what_was_not_handed_out(place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=50, kiosk_percent=20)
    block = lease(place, size=4)
    sync(block, *(printed(place, number) for number in (1, 2, 3)))
    with clock.frozen(TEN + timedelta(minutes=70)):
        returned = actions.return_block(block=block)
        assert actions.return_block(block=block).returned_at == returned.returned_at
    main = QueueDay.objects.get(block="")
    assert main.quota == 7
    assert shares_of(main) == {"ONLINE": (0, 5), "KIOSK": (0, 0), "REST": (0, 2)}
    assert QueueDay.objects.get(pk=block.day_id).quota == 3
    with pytest.raises(Refusal) as refusal:
        sync(block, printed(place, 4), later=80)
    assert refusal.value.code == "block_returned"
    # What was told before stays told.
    assert len(sync(block, printed(place, 3), later=80)) == 1
    unbroken()


def test_a_new_quota_counts_what_is_leased(place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=50)
    block = lease(place, size=4)
    for quota, reserved in (
        (20, {"ONLINE": (0, 10), "REST": (0, 6)}),
        (4, {"ONLINE": (0, 0), "REST": (0, 0)}),
    ):
        Queue.objects.update(daily_quota=quota)
        place.queue.refresh_from_db()
        with clock.frozen(TEN):
            actions.apply_quota(queue=place.queue)
        main = QueueDay.objects.get(block="")
        assert main.quota == quota - 4
        assert shares_of(main) == reserved
        assert shares_of(block.day) == {"REST": (0, 4)}
        unbroken()
    Queue.objects.update(daily_quota=3)
    place.queue.refresh_from_db()
    with clock.frozen(TEN), pytest.raises(Refusal) as refusal:
        actions.apply_quota(queue=place.queue)
    assert refusal.value.code == "quota_below_issued"
    with clock.frozen(TEN):
        actions.return_block(block=block)
    assert QueueDay.objects.get(block="").quota == 4


def test_a_number_of_a_block_that_is_given_back_comes_back_to_the_line(place: Place) -> None:
    Queue.objects.update(daily_quota=4, online_percent=0)
    block = lease(place, size=4)
    tickets = sync(block, *(printed(place, number) for number in range(1, 5)))
    with clock.frozen(TEN + timedelta(minutes=60)):
        actions.cancel(ticket=tickets[0])
        unbroken()
        with pytest.raises(Refusal):
            make.issue(place.service, channel=Channel.KIOSK)
    with clock.frozen(TEN + timedelta(minutes=70)):
        make.issue(place.service, channel=Channel.KIOSK)
    assert [shares_of(block.day), shares_of(QueueDay.objects.get(block=""))] == [
        {"REST": (3, 3)},
        {"REST": (1, 1)},
    ]
    unbroken()


def test_a_quota_that_goes_and_comes_back_counts_a_leased_place_once(place: Place) -> None:
    Queue.objects.update(daily_quota=10, online_percent=0)
    block = lease(place, size=4)
    sync(block, *(printed(place, number) for number in range(1, 4)))
    for quota in (None, 10):
        Queue.objects.update(daily_quota=quota)
        place.queue.refresh_from_db()
        with clock.frozen(TEN + timedelta(hours=1)):
            actions.apply_quota(queue=place.queue)
    assert shares_of(QueueDay.objects.get(block="")) == {"REST": (0, 6)}
    unbroken()


@pytest.mark.parametrize(("holder", "size"), [("", 5), ("x", 0), ("x", MOST_LEASED + 1), ("x\x00", 5)])
def test_a_block_needs_a_holder_and_a_size(place: Place, holder: str, size: int) -> None:
    with pytest.raises(Refusal) as refusal:
        actions.lease(queue=place.queue, holder=holder, size=size)
    assert refusal.value.status == 400
    assert not NumberBlock.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_blocks_leased_at_once_are_disjoint(live_place: Place) -> None:
    Queue.objects.update(daily_quota=40, online_percent=0)
    results = at_once(8, lambda _index: lease(live_place, size=10).day.prefix)
    leased = [result for result in results if isinstance(result, str)]
    assert sorted(leased) == ["AK1", "AK2", "AK3", "AK4"]
    assert {result.code for result in results if isinstance(result, Refusal)} == {"block_too_large"}
    unbroken()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_what_is_told_at_once_collides(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = lease(live_place)
    entries = [printed(live_place, number) for number in range(1, 9)]
    monkeypatch.setattr(locks, "hold", without_lock)
    results = at_once(4, lambda _index: len(sync(block, *entries)))
    assert [result for result in results if isinstance(result, Exception)]

"""One pool for online, kiosk and staff: what is shown can be taken, and never one more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from queueing import actions, availability
from queueing.actions import lines
from queueing.enums import Channel, Priority, ShareName
from queueing.models import HallRules, PlaceReturn, Queue, QueueDay, QueueWave, Share, Ticket
from services.models import Service
from tests import factories as make
from tests.conftest import Place

ONLINE, KIOSK, STAFF = Channel.ONLINE, Channel.KIOSK, Channel.STAFF


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of today, by the mall's clock."""
    return clock.aware(datetime.combine(clock.today(), time(hour, minute, second)))


def take_all(service: Service, channel: str, **wish: str) -> int:
    """Take numbers until the pool says no; how many there were."""
    before = Ticket.objects.count()
    with pytest.raises(Refusal) as refusal:
        issue_for_ever(service, channel=channel, **wish)
    assert refusal.value.code == "full"
    return Ticket.objects.count() - before


def issue_for_ever(service: Service, **wish: str) -> None:
    while make.issue(service, **wish):
        pass


def refused(service: Service, channel: str, **wish: str) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        make.issue(service, channel=channel, **wish)
    assert (refusal.value.status, refusal.value.code) == (409, "full")
    return refusal.value


def shares() -> dict[str, tuple[int, int]]:
    return {row.name: (row.reserved, row.taken) for row in Share.objects.all()}


def sums_are_right(day: QueueDay) -> bool:
    """Every place belongs to one share, and every number is charged to one."""
    rows = list(Share.objects.filter(line=day))
    charged = {row.pk: Ticket.objects.filter(share=row).count() for row in rows}
    return sum(row.reserved for row in rows) == day.quota and all(
        charged[row.pk] == row.taken for row in rows
    )


# Shares


def test_half_of_a_quota_is_for_those_who_come(place: Place) -> None:
    make.limit(place.queue, 11, online_percent=Queue._meta.get_field("online_percent").default)
    assert take_all(place.service, ONLINE) == 5
    refusal = refused(place.service, ONLINE)
    assert (refusal.extra["on_site"], "anjungan" in str(refusal.message)) == (6, True)
    assert take_all(place.service, KIOSK) == 6
    assert "hari buka berikutnya" in str(refused(place.service, KIOSK).message)
    assert QueueDay.objects.get().last_number == 11
    assert sums_are_right(QueueDay.objects.get())


def test_each_channel_uses_its_own_share_before_the_rest(place: Place) -> None:
    make.limit(place.queue, 10, online_percent=40, kiosk_percent=20, staff_percent=10)
    for channel in (KIOSK, STAFF):
        make.issue(place.service, channel=channel)
    assert shares() == {"ONLINE": (4, 0), "KIOSK": (2, 1), "STAFF": (1, 1), "REST": (3, 0)}
    assert take_all(place.service, STAFF) == 3
    assert take_all(place.service, KIOSK) == 1
    assert take_all(place.service, ONLINE) == 4


def test_priority_has_places_of_its_own_and_then_those_of_its_channel(place: Place) -> None:
    make.limit(place.queue, 10, online_percent=50, priority_percent=20)
    assert take_all(place.service, ONLINE) == 5
    assert take_all(place.service, ONLINE, priority=Priority.ELDERLY) == 2
    assert take_all(place.service, KIOSK, priority=Priority.ELDERLY) == 3
    assert Ticket.objects.filter(share__name=ShareName.PRIORITY).count() == 2


def test_booked_places_wait_for_bookings(place: Place) -> None:
    make.limit(place.queue, 10, online_percent=50, booked_percent=30)
    assert [take_all(place.service, channel) for channel in (ONLINE, KIOSK, STAFF)] == [5, 2, 0]


def test_without_a_quota_nothing_is_charged(place: Place) -> None:
    assert make.issue(place.service).share is None
    assert not Share.objects.exists()


def test_the_database_never_lets_a_share_be_oversold(place: Place) -> None:
    make.limit(place.queue, 1)
    make.issue(place.service)
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.filter(name="ONLINE").update(taken=2)


# Time


def test_what_online_leaves_is_for_everyone_from_the_stated_time(place: Place) -> None:
    make.limit(place.queue, 4, online_percent=50, shares_release_at=time(12))
    with clock.frozen(at(11, 59, 59)):
        assert take_all(place.service, KIOSK) == 2
    with clock.frozen(at(12)):
        assert take_all(place.service, KIOSK) == 2
    assert shares() == {"ONLINE": (2, 2), "REST": (2, 2)}


def test_online_places_come_in_waves(place: Place) -> None:
    make.limit(place.queue, 20, online_percent=50)
    for hour, percent in ((8, 30), (10, 60), (13, 100)):
        QueueWave.objects.create(queue=place.queue, at=time(hour), percent=percent)
    taken = []
    for moment in (at(7, 59, 59), at(8), at(9), at(10), at(12, 59, 59), at(13)):
        with clock.frozen(moment):
            taken.append(take_all(place.service, ONLINE))
    assert taken == [0, 3, 0, 3, 0, 4]


def test_a_wave_holds_nothing_back_from_the_hall(place: Place) -> None:
    make.limit(place.queue, 10, online_percent=50)
    QueueWave.objects.create(queue=place.queue, at=time(23, 59, 59), percent=100)
    with clock.frozen(at(9)):
        assert [take_all(place.service, channel) for channel in (ONLINE, KIOSK)] == [0, 5]


# A place given back


def test_a_place_given_back_returns_when_nobody_can_foresee(place: Place) -> None:
    make.limit(place.queue, 1)
    with clock.frozen(at(9)):
        actions.cancel(ticket=make.issue(place.service))
    due = PlaceReturn.objects.get().due_at
    assert at(9, 1) <= due <= at(9, 10)
    with clock.frozen(due - timedelta(milliseconds=1)):
        refused(place.service, ONLINE)
    with clock.frozen(due):
        assert take_all(place.service, ONLINE) == 1
    assert not PlaceReturn.objects.exists()
    assert shares()["ONLINE"] == (1, 1)


def test_no_two_places_return_at_a_moment_one_could_know(place: Place) -> None:
    make.limit(place.queue, 30)
    with clock.frozen(at(9)):
        for _person in range(30):
            actions.cancel(ticket=make.issue(place.service))
    assert len(set(PlaceReturn.objects.values_list("due_at", flat=True))) > 10


def test_how_long_a_place_stays_away_is_a_rule_of_the_hall(place: Place) -> None:
    HallRules.objects.update(return_from_minutes=3, return_to_minutes=3)
    make.limit(place.queue, 1)
    with clock.frozen(at(9)):
        actions.cancel(ticket=make.issue(place.service))
    assert PlaceReturn.objects.get().due_at == at(9, 3)


def test_places_that_return_go_back_to_the_share_they_came_from(place: Place) -> None:
    make.limit(place.queue, 4, online_percent=50)
    with clock.frozen(at(9)):
        held = [make.issue(place.service, channel=channel) for channel in (ONLINE, ONLINE, KIOSK, KIOSK)]
        for ticket in (held[0], held[1], held[2]):
            actions.cancel(ticket=ticket)
    with clock.frozen(at(9, 11)):
        assert [take_all(place.service, channel) for channel in (KIOSK, ONLINE)] == [1, 2]


# What is shown is what can be taken

SPLITS: list[dict[str, Any]] = [
    {"online_percent": 50},
    {"online_percent": 100},
    {"online_percent": 0},
    {"online_percent": 33, "kiosk_percent": 21, "staff_percent": 7, "priority_percent": 9},
    {"online_percent": 40, "booked_percent": 20, "shares_release_at": time(12)},
]


@pytest.mark.parametrize(
    ("split", "hour", "channel"), list(product(range(len(SPLITS)), [9, 12], [ONLINE, KIOSK, STAFF]))
)
def test_what_is_shown_to_a_channel_is_exactly_what_it_can_take(
    place: Place, split: int, hour: int, channel: Channel
) -> None:
    make.limit(place.queue, 17, **SPLITS[split])
    QueueWave.objects.create(queue=place.queue, at=time(8), percent=70)
    with clock.frozen(at(8, 30)):
        for channel_before in (KIOSK, ONLINE):
            for ticket in issue_if_possible(place.service, channel_before):
                actions.cancel(ticket=ticket)
        issue_if_possible(place.service, STAFF)
    with clock.frozen(at(hour)):
        line = availability.of_service(place.service, channel=channel).line
        assert line is not None
        assert take_all(place.service, channel) == line.left(channel)
        assert availability.of_service(place.service, channel=channel).code == "full"


def issue_if_possible(service: Service, channel: str) -> Iterable[Ticket]:
    try:
        return [make.issue(service, channel=channel)]
    except Refusal:
        return []


def test_a_day_that_has_not_begun_shows_what_it_will_have(place: Place) -> None:
    make.limit(place.queue, 9, online_percent=50)
    line = availability.of_service(place.service).line
    assert line is not None
    assert [line.left(channel) for channel in (ONLINE, KIOSK)] == [4, 5]
    assert not QueueDay.objects.exists()
    assert [take_all(place.service, channel) for channel in (ONLINE, KIOSK)] == [4, 5]


# A new quota in the middle of the day


def apply(place: Place, quota: int | None, **percents: int) -> int:
    place.queue.daily_quota = quota
    for name, percent in percents.items():
        setattr(place.queue, name, percent)
    place.queue.save(update_fields=["daily_quota", *percents])
    return actions.apply_quota(queue=place.queue, by=place.officer)


def test_a_new_quota_holds_at_once_for_what_is_left(place: Place) -> None:
    make.limit(place.queue, 4, online_percent=50)
    take_all(place.service, ONLINE)
    assert apply(place, 10) == 1
    day = QueueDay.objects.get()
    assert (day.quota, shares()) == (10, {"ONLINE": (5, 2), "REST": (5, 0)})
    assert [take_all(place.service, channel) for channel in (ONLINE, KIOSK)] == [3, 5]
    assert sums_are_right(QueueDay.objects.get())
    entry = AuditEntry.objects.get(action="queue.quota")
    assert (entry.actor_name, entry.detail["quota"]) == (place.officer.username, 10)


def test_a_quota_below_what_is_issued_is_refused_and_changes_nothing(place: Place) -> None:
    make.limit(place.queue, 6, online_percent=50)
    for channel in (ONLINE, ONLINE, KIOSK):
        make.issue(place.service, channel=channel)
    before, version = shares(), QueueDay.objects.get().version
    with pytest.raises(Refusal) as refusal:
        apply(place, 2)
    assert refusal.value.code == "quota_below_issued"
    assert "2 lebih kecil dari 3 nomor yang sudah keluar" in str(refusal.value.message)
    day = QueueDay.objects.get()
    assert (day.quota, day.version, shares()) == (6, version, before)


def test_no_share_shrinks_below_what_is_taken_of_it(place: Place) -> None:
    make.limit(place.queue, 10, online_percent=50)
    take_all(place.service, ONLINE)
    apply(place, 10, online_percent=20)
    assert shares() == {"ONLINE": (5, 5), "REST": (5, 0)}
    assert sums_are_right(QueueDay.objects.get())


def test_a_quota_that_begins_in_the_middle_of_a_day_counts_what_is_out(place: Place) -> None:
    for _person in range(3):
        make.issue(place.service)
    with pytest.raises(Refusal):
        apply(place, 2)
    apply(place, 8)
    assert sum(reserved - taken for reserved, taken in shares().values()) == 5


@pytest.mark.usefixtures("forenoon")
def test_a_quota_that_goes_and_comes_back_still_knows_who_has_what(place: Place) -> None:
    make.limit(place.queue, 6, online_percent=50)
    held = [make.issue(place.service, channel=channel) for channel in (ONLINE, ONLINE, KIOSK)]
    apply(place, None)
    held.append(make.issue(place.service))
    actions.cancel(ticket=make.issue(place.service))
    with pytest.raises(Refusal):
        apply(place, 3)
    apply(place, 6, online_percent=0)
    assert shares() == {"ONLINE": (2, 2), "REST": (4, 2)}
    assert sums_are_right(QueueDay.objects.get())
    with clock.frozen(clock.now()):
        for ticket in held:
            actions.cancel(ticket=ticket)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert take_all(place.service, KIOSK) == 4


def test_a_day_whose_quota_was_lifted_gives_out_numbers_beyond_its_old_shares(place: Place) -> None:
    make.limit(place.queue, 1)
    make.issue(place.service)
    lines.lift_quotas(clock.today())
    assert make.issue(place.service).share is None


def test_the_same_quota_again_changes_nothing(place: Place) -> None:
    make.limit(place.queue, 10)
    version = make.issue(place.service).line.version
    assert apply(place, 10) == 0
    assert QueueDay.objects.get().version == version


def test_yesterday_stays_as_it_was(place: Place) -> None:
    make.limit(place.queue, 10)
    with clock.frozen(clock.now() - timedelta(days=1)):
        make.issue(place.service)
    assert apply(place, 3) == 0
    assert QueueDay.objects.get().quota == 10

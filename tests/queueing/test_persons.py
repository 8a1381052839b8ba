"""How many numbers one person holds, and what happens to who never comes; nobody has to be known."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils.formats import date_format

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing import actions, persons
from queueing.enums import Channel, TicketState
from queueing.models import HallRules, QueueDay, Ticket
from services.models import Service
from tests import factories as make
from tests.conftest import Place

PHONE = "+6281234567890"


def services(count: int) -> list[Service]:
    """So many services, each of another agency."""
    return [make.make_queue(make.make_service()).services.get() for _ in range(count)]


def refused(service: Service, **wish: str) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        make.issue(service, **wish)
    assert refusal.value.status == 409
    return refusal.value


# How many at once


def test_one_person_holds_one_number_for_a_service(place: Place) -> None:
    make.issue(place.service, phone=PHONE)
    refusal = refused(place.service, phone=PHONE)
    assert (refusal.code, "Nomor saya" in str(refusal.message)) == ("already_holding", True)
    assert QueueDay.objects.get().last_number == 1


def test_a_number_that_has_ended_makes_room(place: Place) -> None:
    actions.cancel(ticket=make.issue(place.service, phone=PHONE))
    assert make.issue(place.service, phone=PHONE).person_slot == 1


def test_one_person_holds_three_numbers_in_the_mall(place: Place) -> None:
    first, *_others, last = services(4)
    held = [make.issue(first, phone=PHONE), *(make.issue(one, phone=PHONE) for one in _others)]
    refusal = refused(last, phone=PHONE)
    assert (refusal.code, refusal.extra) == ("too_many_numbers", {"most": 3})
    actions.cancel(ticket=held[1])
    assert make.issue(last, phone=PHONE).person_slot == 2


def test_how_many_is_a_rule_of_the_hall(place: Place) -> None:
    HallRules.objects.update(numbers_per_person=1)
    first, second = services(2)
    make.issue(first, phone=PHONE)
    assert refused(second, phone=PHONE).extra == {"most": 1}


def test_a_device_is_a_person_too_and_another_one_is_somebody_else(place: Place) -> None:
    make.issue(place.service, device="peramban-satu")
    assert refused(place.service, device="peramban-satu").code == "already_holding"
    assert make.issue(place.service, device="peramban-dua").number == 2


def test_the_phone_tells_more_than_the_device(place: Place) -> None:
    """A family with one phone number on two devices is one person; two people at one device are two."""
    make.issue(place.service, phone=PHONE, device="satu")
    assert refused(place.service, phone=PHONE, device="dua").code == "already_holding"
    assert make.issue(place.service, phone="+6281234567899", device="satu").number == 2


def test_who_gives_neither_is_never_counted(place: Place) -> None:
    tickets = [make.issue(place.service, channel=Channel.KIOSK) for _ in range(5)]
    assert {(ticket.person, ticket.person_slot) for ticket in tickets} == {("", None)}


def test_what_is_kept_of_a_person_is_not_their_phone(place: Place) -> None:
    ticket = make.issue(place.service, phone=PHONE)
    assert ticket.person
    assert PHONE[3:] not in ticket.person
    assert ticket.person != persons.person_of(device=PHONE)


# Who never comes


def miss_on(moment: datetime, place: Place, **who: str) -> None:
    """A day on which this person is called and does not come."""
    with clock.frozen(moment):
        session = make.open_session(place.agency, place.counter, place.officer)
        make.issue(place.service, channel=Channel.KIOSK, **who)
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        actions.mark_no_show(ticket=called, by=place.officer)
        actions.close_counter(session=session, by=place.officer)


@pytest.fixture
def once(place: Place) -> None:
    """One call is enough here: these tests are about many days."""
    place.queue.calls_before_no_show = 1
    place.queue.save(update_fields=["calls_before_no_show"])


@pytest.mark.usefixtures("once")
def test_three_no_shows_in_thirty_days_mean_seven_days_on_site_only(place: Place) -> None:
    now = clock.now()
    for days_ago in (29, 10, 1):
        miss_on(now - timedelta(days=days_ago), place, phone=PHONE)
    with clock.frozen(now):
        refusal = refused(place.service, phone=PHONE)
        assert refusal.code == "online_ban"
        assert date_format(clock.local(now + timedelta(days=6)), "j F Y") in str(refusal.message)
        assert make.issue(place.service, phone=PHONE, channel=Channel.KIOSK).state == TicketState.WAITING
    with clock.frozen(now + timedelta(days=6, seconds=1)):
        actions.cancel(ticket=Ticket.objects.active().get())
        assert make.issue(place.service, phone=PHONE).state == TicketState.WAITING


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("days_ago", [(2, 1), (31, 2, 1)])
def test_fewer_or_older_no_shows_change_nothing(place: Place, days_ago: tuple[int, ...]) -> None:
    now = clock.now()
    for days in days_ago:
        miss_on(now - timedelta(days=days), place, phone=PHONE)
    with clock.frozen(now):
        assert make.issue(place.service, phone=PHONE).state == TicketState.WAITING


@pytest.mark.usefixtures("once")
def test_the_ban_is_a_rule_of_the_hall_and_can_be_none(place: Place) -> None:
    HallRules.objects.update(ban_days=0)
    now = clock.now()
    for days in (3, 2, 1):
        miss_on(now - timedelta(days=days), place, phone=PHONE)
    assert make.issue(place.service, phone=PHONE).state == TicketState.WAITING


@pytest.mark.usefixtures("once")
def test_nobody_pays_for_a_strangers_absence(place: Place) -> None:
    now = clock.now()
    for days in (3, 2, 1):
        miss_on(now - timedelta(days=days), place)
    assert make.issue(place.service, phone=PHONE).state == TicketState.WAITING


def test_a_number_left_open_over_night_keeps_nobody_from_a_new_one(place: Place) -> None:
    """Beat stood still at midnight: nobody has closed yesterday."""
    with clock.frozen(clock.now() - timedelta(days=1)):
        yesterday = make.issue(place.service, phone="+6281234567890")
    fresh = make.issue(place.service, phone="+6281234567890")
    yesterday.refresh_from_db()
    assert (yesterday.state, fresh.label) == (TicketState.EXPIRED, "A-001")

"""The end of the day: what is left is served or carried over by rule, and nothing stays open over night."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from mpp.core import clock, locks
from mpp.core.errors import Refusal
from mpp.notifications.models import Message
from mpp.notifications.wording import written
from queueing import actions, tasks
from queueing.actions import closing
from queueing.enums import Channel, Lane, Leftover, Priority, TicketState
from queueing.invariants import CHECKS
from queueing.models import CounterSession, HallRules, Queue, QueueDay, Share, Ticket, TicketEvent
from services.models import CalendarDay, OpeningHours
from tenants.enums import AgencyKind, AgencyStatus
from tenants.models import Agency
from tests import factories as make
from tests.concurrency.race import at_once, without_lock
from tests.conftest import Place

WITA = ZoneInfo("Asia/Makassar")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=WITA)
AFTER_CLOSING = MONDAY.replace(hour=15)
TUESDAY = MONDAY + timedelta(days=1)


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


# Leftovers


def keep_hours(place: Place, leftover: str = Leftover.CARRY) -> None:
    """Let the mall be open from Monday to Friday, 08.00 to 15.00, and set the rule for leftovers."""
    OpeningHours.objects.all().delete()
    for weekday in range(1, 6):
        OpeningHours.objects.create(
            weekday=weekday, opens_at=time(8), closes_at=time(15), valid_from=make.LONG_AGO
        )
    Queue.objects.filter(pk=place.queue.pk).update(leftover=leftover, stops_in_time=False)


def leave_waiting(place: Place, count: int, **fields: object) -> list[Ticket]:
    with clock.frozen(MONDAY):
        return [make.issue(place.service, **fields) for _number in range(count)]


def unbroken() -> None:
    """Ask every invariant that carrying over could break."""
    for code in ("INV-2", "INV-3", "INV-5", "INV-6", "INV-7", "INV-12", "INV-13"):
        assert list(CHECKS[code][1]()) == [], code


def carried_labels() -> list[tuple[str, str]]:
    """Return (old, new) numbers in the order in which the new ones are called."""
    carried = Ticket.objects.filter(carried_from__isnull=False).select_related("carried_from__queue_day")
    return [
        (old.label, ticket.label) for ticket in carried.in_arrival_order() if (old := ticket.carried_from)
    ]


def test_what_still_waits_at_closing_is_served_after_hours_by_rule(place: Place) -> None:
    keep_hours(place, Leftover.SERVE)
    first, *_others = leave_waiting(place, 3)
    with clock.frozen(AFTER_CLOSING + timedelta(hours=2)):
        assert tasks.carry_leftovers() == 0
        with pytest.raises(Refusal):
            make.issue(place.service)
        session = make.open_session(place.agency, place.counter, place.officer)
        assert actions.call_next(session=session, by=place.officer) == first


def test_by_the_other_rule_everyone_gets_a_first_number_of_the_next_open_day(place: Place) -> None:
    keep_hours(place)
    leave_waiting(place, 3)
    with clock.frozen(AFTER_CLOSING):
        assert tasks.carry_leftovers() == 3
        assert tasks.carry_leftovers() == 0
    assert carried_labels() == [("A-001", "A-001"), ("A-002", "A-002"), ("A-003", "A-003")]
    assert set(Ticket.objects.filter(carried_from__isnull=True).values_list("state", flat=True)) == {
        TicketState.EXPIRED
    }
    assert TicketEvent.objects.filter(step="carry").count() == 3
    tomorrow = QueueDay.objects.get(date=TUESDAY.date())
    assert tomorrow.last_number == 3
    with clock.frozen(TUESDAY):
        late = make.issue(place.service)
        session = make.open_session(place.agency, place.counter, place.officer)
        assert late.label == "A-004"
        order = []
        while called := actions.call_next(session=session, by=place.officer):
            order.append(called.label)
            actions.start(ticket=called, by=place.officer)
        assert order == ["A-001", "A-002", "A-003", "A-004"]
    unbroken()


def test_one_second_before_closing_nothing_is_carried(place: Place) -> None:
    keep_hours(place)
    [ticket] = leave_waiting(place, 1)
    with clock.frozen(AFTER_CLOSING - timedelta(seconds=1)):
        assert tasks.carry_leftovers() == 0
        with pytest.raises(Refusal) as refusal:
            actions.carry_over(line=ticket.line)
    assert refusal.value.code == "still_open"
    ticket.refresh_from_db()
    assert ticket.state == TicketState.WAITING


def test_todays_order_is_kept_whatever_the_numbers_were(place: Place) -> None:
    """A transferred number stands by its old time, a priority stays in its lane."""
    keep_hours(place)
    regular = leave_waiting(place, 2)
    [elder] = leave_waiting(place, 1, priority=Priority.ELDERLY)
    with clock.frozen(AFTER_CLOSING):
        tasks.carry_leftovers()
    new = {ticket.carried_from_id: ticket for ticket in Ticket.objects.filter(carried_from__isnull=False)}
    assert [new[ticket.pk].number for ticket in [*regular, elder]] == [1, 2, 3]
    assert new[elder.pk].lane == Lane.EXPRESS
    assert new[elder.pk].priority == Priority.ELDERLY


def test_those_at_a_counter_are_finished_there(place: Place) -> None:
    keep_hours(place)
    leave_waiting(place, 2)
    with clock.frozen(AFTER_CLOSING - timedelta(minutes=5)):
        session = make.open_session(place.agency, place.counter, place.officer)
        served = actions.call_next(session=session, by=place.officer)
        assert served is not None
        actions.start(ticket=served, by=place.officer)
    with clock.frozen(AFTER_CLOSING):
        assert tasks.carry_leftovers() == 1
        actions.finish(ticket=served, by=place.officer)
    assert carried_labels() == [("A-002", "A-001")]


def test_the_next_open_day_skips_weekend_and_holidays(place: Place) -> None:
    keep_hours(place)
    friday = MONDAY + timedelta(days=4)
    CalendarDay.objects.create(date=date(2026, 11, 30), kind="LOCAL_HOLIDAY", name="Hari jadi", is_open=False)
    with clock.frozen(friday):
        make.issue(place.service)
    with clock.frozen(friday.replace(hour=16)):
        assert tasks.carry_leftovers() == 1
    carried = Ticket.objects.get(carried_from__isnull=False)
    assert carried.line.date == date(2026, 12, 1)
    assert clock.local(carried.arrived_at).strftime("%d %H.%M") == "01 07.59"


def test_a_service_with_days_of_its_own_is_carried_to_its_own_next_day(place: Place) -> None:
    keep_hours(place)
    rare = make.make_service(place.agency)
    place.queue.services.add(rare)
    for weekday in (1, 4):
        OpeningHours.objects.create(
            service=rare, weekday=weekday, opens_at=time(9), closes_at=time(12), valid_from=make.LONG_AGO
        )
    leave_waiting(place, 1)
    with clock.frozen(MONDAY):
        make.issue(rare)
    with clock.frozen(AFTER_CLOSING):
        assert tasks.carry_leftovers() == 2
    days = Ticket.objects.filter(carried_from__isnull=False).values_list("service", "line__date")
    assert dict(days) == {place.service.pk: date(2026, 11, 24), rare.pk: date(2026, 11, 26)}


def test_who_left_a_phone_is_told_once(place: Place) -> None:
    keep_hours(place)
    leave_waiting(place, 1, phone="+6281234567890")
    leave_waiting(place, 1)
    with clock.frozen(AFTER_CLOSING):
        tasks.carry_leftovers()
        tasks.carry_leftovers()
        message = Message.objects.get(event="ticket_carried")
        assert message.recipient == "+6281234567890"
        assert "Nomor Anda besok: A-001." in written(message)


def test_the_same_person_holds_the_new_number(place: Place) -> None:
    keep_hours(place)
    [old] = leave_waiting(place, 1, phone="+6281234567890", device="peramban")
    with clock.frozen(AFTER_CLOSING):
        tasks.carry_leftovers()
    new = Ticket.objects.get(carried_from=old)
    assert (new.person, new.person_slot, new.phone) == (old.person, 1, old.phone)
    assert new.channel == old.channel
    assert new.visit is None
    with clock.frozen(TUESDAY), pytest.raises(Refusal) as refusal:
        make.issue(place.service, phone="+6281234567890")
    assert refusal.value.code == "already_holding"


def test_a_stricter_limit_takes_nobodys_turn(place: Place) -> None:
    keep_hours(place)
    leave_waiting(place, 1, phone="+6281234567890")
    with clock.frozen(MONDAY):
        other = make.make_service(place.agency)
        make.make_queue(other, leftover=Leftover.CARRY, stops_in_time=False)
        make.issue(other, phone="+6281234567890")
    HallRules.objects.update_or_create(pk=1, defaults={"numbers_per_person": 1})
    with clock.frozen(AFTER_CLOSING):
        assert tasks.carry_leftovers() == 2
    new = Ticket.objects.filter(carried_from__isnull=False)
    assert sorted(bool(ticket.person) for ticket in new) == [False, True]
    assert {ticket.phone for ticket in new} == {"+6281234567890"}


def test_places_are_charged_and_the_next_day_grows_when_all_are_taken(place: Place) -> None:
    keep_hours(place)
    Queue.objects.update(daily_quota=4, online_percent=50, booked_percent=25)
    place.queue.refresh_from_db()
    leave_waiting(place, 2)
    leave_waiting(place, 1, channel=Channel.KIOSK)
    Queue.objects.update(daily_quota=2, online_percent=50, booked_percent=50)
    with clock.frozen(AFTER_CLOSING):
        assert tasks.carry_leftovers() == 3
    tomorrow = QueueDay.objects.get(date=TUESDAY.date())
    shares = {share.name: (share.reserved, share.taken) for share in Share.objects.filter(line=tomorrow)}
    assert tomorrow.quota == 4
    assert shares == {"ONLINE": (1, 1), "BOOKED": (1, 0), "REST": (2, 2)}
    unbroken()


@pytest.mark.parametrize(
    "fields",
    [
        {"status": AgencyStatus.ENDED},
        {"kind": AgencyKind.BUMN, "agreement_from": date(2026, 1, 1), "agreement_to": date(2026, 11, 23)},
    ],
)
def test_an_agency_that_opens_no_more_leaves_its_numbers_to_end(place: Place, fields: dict[str, str]) -> None:
    keep_hours(place)
    [ticket] = leave_waiting(place, 1)
    Agency.objects.filter(pk=place.agency.pk).update(**fields)
    with clock.frozen(AFTER_CLOSING):
        assert tasks.carry_leftovers() == 0
    with clock.frozen(TUESDAY):
        assert tasks.close_past_days() == 1
    ticket.refresh_from_db()
    assert ticket.state == TicketState.EXPIRED
    assert not Ticket.objects.filter(carried_from__isnull=False).exists()


def test_beat_stopped_over_midnight_still_carries_to_the_front(place: Place) -> None:
    keep_hours(place)
    leave_waiting(place, 2)
    with clock.frozen(TUESDAY.replace(hour=8, minute=30)):
        early = make.issue(place.service)
        assert early.label == "A-001"
        assert tasks.close_past_days() == 2
        assert tasks.close_past_days() == 0
        session = make.open_session(place.agency, place.counter, place.officer)
        called = actions.call_next(session=session, by=place.officer)
    assert carried_labels() == [("A-001", "A-002"), ("A-002", "A-003")]
    assert called is not None
    assert called.label == "A-002"
    unbroken()


def test_two_stopped_days_come_one_behind_the_other(place: Place) -> None:
    keep_hours(place)
    leave_waiting(place, 1)
    with clock.frozen(TUESDAY):
        make.issue(place.service)
    with clock.frozen(TUESDAY + timedelta(days=1)):
        assert tasks.close_past_days() == 2
    order = Ticket.objects.filter(carried_from__isnull=False).in_arrival_order()
    assert [ticket.carried_from.line.date for ticket in order if ticket.carried_from] == [
        date(2026, 11, 23),
        date(2026, 11, 24),
    ]


def test_a_long_line_is_carried_in_parts_and_in_order(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "AT_ONE_TIME", 3)
    keep_hours(place)
    leave_waiting(place, 8)
    with clock.frozen(AFTER_CLOSING):
        assert tasks.carry_leftovers() == 8
    assert [new for _old, new in carried_labels()] == [f"A-00{number}" for number in range(1, 9)]
    unbroken()


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_carry_each_number_once(live_place: Place) -> None:
    keep_hours(live_place)
    leave_waiting(live_place, 30)

    def beat(_index: int) -> int:
        with clock.frozen(AFTER_CLOSING):
            return tasks.carry_leftovers()

    results = at_once(4, beat)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(result for result in results if isinstance(result, int)) == 30
    assert len(carried_labels()) == 30
    assert [new for _old, new in carried_labels()] == [f"A-{number:03d}" for number in range(1, 31)]
    unbroken()


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_close_the_past_once(live_place: Place) -> None:
    keep_hours(live_place, Leftover.SERVE)
    leave_waiting(live_place, 20)

    def beat(_index: int) -> int:
        with clock.frozen(TUESDAY):
            return tasks.close_past_days()

    results = at_once(4, beat)
    assert sum(result for result in results if isinstance(result, int)) == 20
    assert not [result for result in results if isinstance(result, Exception)]
    assert TicketEvent.objects.filter(step="expire").count() == 20


# How it shows


def test_the_old_number_leads_to_the_new_one(client: Client, place: Place) -> None:
    keep_hours(place)
    old, _other = leave_waiting(place, 2)
    with clock.frozen(AFTER_CLOSING):
        tasks.carry_leftovers()
        new = Ticket.objects.get(carried_from=old)
        text = " ".join(client.get(f"/t/{old.token}/").content.decode().split())
        later = " ".join(client.get(f"/t/{new.token}/").content.decode().split())
    assert "Nomor baru A-001, Selasa, 24 November 2026" in text
    assert f'href="/t/{new.token}/">Buka nomor baru' in text
    assert "Ambil nomor baru" not in text
    assert "Nomor ini untuk besok." in later
    assert "Datang saat buka." in later
    assert "belum dapat diperkirakan" not in later
    assert "Tambah layanan lain" not in later
    with clock.frozen(TUESDAY):
        today = client.get(f"/t/{new.token}/").content.decode()
    assert "Nomor ini untuk" not in today
    assert "orang di depan Anda" in today


def test_the_browser_that_held_the_old_number_holds_the_new_one(client: Client, place: Place) -> None:
    keep_hours(place)
    with clock.frozen(MONDAY):
        key = {"kunci": "6f1b1ad4-6ff4-4a44-9c3c-3f1ea6a9cf01"}
        assert client.post("/antrean/ambil/ktp-hilang/", key).status_code == 303
    with clock.frozen(AFTER_CLOSING):
        tasks.carry_leftovers()
        new = Ticket.objects.get(carried_from__isnull=False)
        text = " ".join(client.get("/nomor-saya/").content.decode().split())
    assert f"/t/{new.token}/" in text
    assert "Nomor Anda untuk besok" in text
    with clock.frozen(TUESDAY):
        assert f"/t/{new.token}/" in client.get("/nomor-saya/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_beats_run_into_each_other(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "hold", without_lock)
    keep_hours(live_place)
    leave_waiting(live_place, 30)

    def beat(_index: int) -> int:
        with clock.frozen(AFTER_CLOSING):
            return tasks.carry_leftovers()

    assert [result for result in at_once(4, beat) if isinstance(result, Exception)]

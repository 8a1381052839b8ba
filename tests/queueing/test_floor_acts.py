"""What a floor manager does: counters, help, announcements, numbers; each with its reason and its trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from mpp.core import clock, revision
from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.models import AuditEntry
from mpp.notifications.models import Message
from mpp.notifications.wording import written
from queueing import actions, announcements, availability, tasks
from queueing.enums import Channel, HelpAnswer, HelpKind, Lane, Step, TicketState
from queueing.invariants import CHECKS
from queueing.models import (
    Announcement,
    CounterLine,
    CounterMove,
    CounterSession,
    ExtraQuota,
    HelpCall,
    OfficerRequest,
    Queue,
    Ticket,
    TicketEvent,
)
from queueing.screens import display_state, scene_of_zone
from tenants.enums import Role
from tenants.models import User
from tests import factories as make
from tests.conftest import Place


@pytest.fixture
def manager(place: Place) -> User:
    return make.make_user(Role.FLOOR_MANAGER, username="rina", first_name="Rina")


def audited(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


def breaches() -> dict[str, list[str]]:
    return {code: found for code, (_words, check) in CHECKS.items() if (found := list(check()))}


# Help


def test_a_call_for_help_is_answered_once_and_by_name(place: Place, manager: User) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    call = actions.call_help(session=session, kind=HelpKind.SICK, by=place.officer)
    assert actions.call_help(session=session, kind=HelpKind.ASK, by=place.officer) == call
    other = make.make_user(Role.ADMIN)
    answered = actions.answer_help(call=call, by=manager)
    assert actions.answer_help(call=call, by=other) == answered
    assert (answered.answer, answered.answered_by) == (HelpAnswer.COMING, manager)
    assert actions.call_help(session=session, kind=HelpKind.ASK, by=place.officer) != call
    assert AuditEntry.objects.filter(action="help.answer").count() == 1


def test_an_officer_takes_a_call_back_and_a_stranger_cannot_make_one(place: Place, manager: User) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    assert actions.withdraw_help(session=session, by=place.officer) is None
    call = actions.call_help(session=session, kind=HelpKind.COME, by=place.officer)
    with pytest.raises(Forbidden):
        actions.withdraw_help(session=session, by=manager)
    with pytest.raises(Forbidden):
        actions.call_help(session=session, kind=HelpKind.COME, by=make.make_user(agency=place.agency))
    with pytest.raises(Forbidden):
        actions.answer_help(call=call, by=place.officer)
    withdrawn = actions.withdraw_help(session=session, by=place.officer)
    assert withdrawn is not None
    assert withdrawn.answer == HelpAnswer.WITHDRAWN


def test_help_needs_an_open_counter_and_a_known_kind(place: Place) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    with pytest.raises(Refusal, match="unknown_kind"):
        actions.call_help(session=session, kind="PARTY", by=place.officer)
    actions.close_counter(session=session, by=place.officer)
    with pytest.raises(Refusal, match="counter_closed"):
        actions.call_help(session=session, kind=HelpKind.ASK, by=place.officer)


@pytest.mark.parametrize(
    "change", [{"kind": "ASK"}, {"answer": "WITHDRAWN"}, {"called_at": "2026-01-01T00:00Z"}]
)
def test_an_answered_call_for_help_cannot_be_changed(
    place: Place, manager: User, change: dict[str, str]
) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    call = actions.call_help(session=session, kind=HelpKind.COME, by=place.officer)
    actions.answer_help(call=call, by=manager)
    with pytest.raises(DatabaseError), transaction.atomic():
        HelpCall.objects.filter(pk=call.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        HelpCall.objects.filter(pk=call.pk).delete()


def test_the_console_calls_for_help_and_reads_who_comes(client: Client, place: Place, manager: User) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    client.force_login(place.officer)
    version = make.issue(place.service).line.version
    client.post(f"/loket/{session.pk}/bantuan/", {"kind": "COME"})
    page = client.get("/loket/").content.decode()
    assert "Bantuan dipanggil" in page
    assert "Tidak jadi" in page
    call = HelpCall.objects.get()
    actions.answer_help(call=call, by=manager)
    assert "Rina datang" in client.get("/loket/").content.decode()
    # Both steps make the console's stream tell of a change.
    assert Ticket.objects.get().line.version == version + 2
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert "Rina datang" not in client.get("/loket/").content.decode()
    client.post(f"/loket/{session.pk}/bantuan/", {"kind": "ASK"})
    client.post(f"/loket/{session.pk}/bantuan/batal/")
    assert HelpCall.objects.open().count() == 0
    answer = client.post(f"/loket/{session.pk}/bantuan/", {"kind": "X"}, follow=True)
    assert "Pilih keperluan dari daftar." in answer.content.decode()


# Counters


def test_a_counter_opened_for_an_officer_is_the_officers_attendance(place: Place, manager: User) -> None:
    with pytest.raises(Refusal, match="reason_needed"):
        actions.open_for(counter=place.counter, officer=place.officer, reason=" ", by=manager)
    session = actions.open_for(
        counter=place.counter, officer=place.officer, reason="Lupa kata sandi", by=manager
    )
    assert session.user == place.officer
    assert audited("counter.open").actor == manager
    assert audited("counter.open").detail["officer"] == "petugas"
    assert audited("counter.open_for").detail["reason"] == "Lupa kata sandi"


def test_a_counter_is_not_opened_for_somebody_of_another_agency(place: Place, manager: User) -> None:
    stranger = make.make_user(agency=make.make_agency())
    with pytest.raises(NotFound):
        actions.open_for(counter=place.counter, officer=stranger, reason="uji", by=manager)
    with pytest.raises(Forbidden):
        actions.open_for(counter=place.counter, officer=place.officer, reason="uji", by=place.officer)


@pytest.mark.parametrize("start", [False, True])
def test_an_abandoned_counter_gives_its_number_back_to_its_place(
    place: Place, manager: User, start: bool
) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    session = make.open_session(place.agency, place.counter, place.officer)
    called = actions.call_next(session=session, by=place.officer)
    assert called is not None
    if start:
        actions.start(ticket=called, by=place.officer)
    actions.close_for(session=session, reason="Petugas pulang", by=manager)
    actions.close_for(session=session, reason="Petugas pulang", by=manager)
    again = make.open_session(place.agency, place.counter, place.officer)
    called = actions.call_next(session=again, by=place.officer)
    assert called is not None
    assert called.pk == first.pk
    event = TicketEvent.objects.filter(ticket=first, actor=manager).get()
    assert (event.step, event.reason) == (Step.TRANSFER if start else Step.REQUEUE, "Petugas pulang")
    assert audited("counter.close_for").detail["numbers"] == [first.label]
    assert second.pk != called.pk
    assert breaches() == {}


def test_numbers_at_an_abandoned_counter_may_count_as_served(place: Place, manager: User) -> None:
    held, served, named = (make.issue(place.service) for _each in range(3))
    session = make.open_session(place.agency, place.counter, place.officer)
    for ticket in (held, served):
        called = actions.call_next(session=session, by=place.officer)
        assert called is not None
        actions.start(ticket=called, by=place.officer)
        if ticket is held:
            called.refresh_from_db()
            actions.hold(ticket=called, by=place.officer)
    Ticket.objects.filter(pk=named.pk).update(lane=Lane.COUNTER, for_counter=place.counter)
    actions.close_for(session=session, reason="Lupa menutup", is_done=True, by=manager)
    states = dict(Ticket.objects.values_list("pk", "state"))
    assert states == {
        held.pk: TicketState.DONE,
        served.pk: TicketState.DONE,
        named.pk: TicketState.WAITING,
    }
    assert Ticket.objects.get(pk=named.pk).lane == Lane.REGULAR
    assert breaches() == {}


def test_pausing_and_going_on_in_place_of_an_officer(place: Place, manager: User) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    with pytest.raises(Forbidden):
        actions.pause_for(session=session, reason="uji", by=place.officer)
    assert actions.pause_for(session=session, reason="Salat", by=manager).pause_reason == "Salat"
    assert audited("counter.pause").actor == manager
    with pytest.raises(Forbidden):
        actions.go_on_for(session=session, by=place.officer)
    assert actions.go_on_for(session=session, by=manager).paused_at is None


# Moving a counter


@pytest.fixture
def second(place: Place) -> Queue:
    """Another line of the same agency, and a second counter for both."""
    make.make_counter(place.agency, place.zone, number="3")
    return make.make_queue(make.make_service(place.agency, name="Akta"), prefix="B", name="Akta")


def next_at(session: CounterSession) -> str:
    ticket = actions.call_next(session=session, by=session.user)
    return ticket.label if ticket else ""


def test_a_moved_counter_calls_from_one_line_until_it_is_put_back(
    place: Place, second: Queue, manager: User
) -> None:
    make.issue(place.service)
    make.issue(second.services.get())
    CounterLine.objects.create(counter=place.counter, queue=place.queue, weight=3)
    session = make.open_session(place.agency, place.counter, place.officer)
    move = actions.move_counter(counter=place.counter, queue=second, reason="Akta panjang", by=manager)
    assert next_at(session) == "B-001"
    assert move.before == [(place.queue.pk, 3)]
    assert actions.put_back(counter=place.counter, by=manager)
    assert not actions.put_back(counter=place.counter, by=manager)
    assert list(place.counter.counter_lines.values_list("queue", "weight")) == [(place.queue.pk, 3)]
    assert audited("counter.move").detail["reason"] == "Akta panjang"


def test_moving_twice_remembers_what_it_served_at_first(place: Place, second: Queue, manager: User) -> None:
    actions.move_counter(counter=place.counter, queue=second, reason="satu", by=manager)
    actions.move_counter(counter=place.counter, queue=place.queue, reason="dua", by=manager)
    actions.put_back(counter=place.counter, by=manager)
    assert not place.counter.counter_lines.exists()
    assert CounterMove.objects.filter(ended_at=None).count() == 0


def test_a_moved_counter_is_put_back_by_the_next_day(place: Place, second: Queue, manager: User) -> None:
    actions.move_counter(counter=place.counter, queue=second, reason="uji", by=manager)
    assert actions.put_back_yesterdays() == 0
    with clock.frozen(clock.now() + timedelta(days=1)):
        tasks.close_past_days()
    assert not place.counter.counter_lines.exists()


def test_a_counter_is_not_moved_away_from_a_line_that_nobody_else_serves(place: Place, manager: User) -> None:
    other = make.make_queue(make.make_service(place.agency), prefix="B", name="Akta")
    with pytest.raises(Refusal, match="line_unserved"):
        actions.move_counter(counter=place.counter, queue=other, reason="uji", by=manager)
    assert not CounterLine.objects.exists()
    assert not CounterMove.objects.exists()


def test_a_counter_is_not_moved_to_another_agency_or_without_a_reason(
    place: Place, second: Queue, manager: User
) -> None:
    foreign = make.make_queue(make.make_service())
    with pytest.raises(NotFound):
        actions.move_counter(counter=place.counter, queue=foreign, reason="uji", by=manager)
    with pytest.raises(Refusal, match="reason_needed"):
        actions.move_counter(counter=place.counter, queue=second, reason="", by=manager)
    with pytest.raises(Forbidden):
        actions.move_counter(counter=place.counter, queue=second, reason="uji", by=place.officer)


# Announcements


def test_an_announcement_stands_on_displays_and_the_first_page_and_goes_by_itself(
    client: Client, place: Place, manager: User
) -> None:
    elsewhere = make.make_zone()
    until = clock.now() + timedelta(minutes=30)
    actions.announce(text="Mobil <b>DA 1234</b> menghalangi pintu", ends_at=until, by=manager)
    actions.announce(text="Hanya di sini", ends_at=until, zone=place.zone, by=manager)
    note = display_state(scene_of_zone(place.zone))["note"]
    assert "Mobil <b>DA 1234</b> menghalangi pintu Hanya di sini" in note
    assert "Hanya di sini" not in display_state(scene_of_zone(elsewhere))["note"]
    home = client.get("/").content.decode()
    assert "Mobil &lt;b&gt;DA 1234&lt;/b&gt; menghalangi pintu" in home
    assert "Hanya di sini" not in home
    with clock.frozen(until):
        assert "Mobil" not in display_state(scene_of_zone(place.zone))["note"]


def test_an_announcement_is_ended_and_its_words_stay(place: Place, manager: User) -> None:
    row = actions.announce(text="Uji", ends_at=clock.now() + timedelta(hours=1), by=manager)
    with pytest.raises(DatabaseError), transaction.atomic():
        Announcement.objects.filter(pk=row.pk).update(text="lain")
    ended = actions.end_announcement(announcement=row, by=manager)
    assert actions.end_announcement(announcement=row, by=manager).ends_at == ended.ends_at
    assert announcements.texts(revision.read()) == []


@pytest.mark.parametrize(
    ("text", "minutes", "code"),
    [("", 5, "no_text"), ("x" * 121, 5, "too_long"), ("uji", -1, "bad_end"), ("uji", 721, "bad_end")],
)
def test_an_announcement_is_short_and_of_today(
    place: Place, manager: User, text: str, minutes: int, code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        actions.announce(text=text, ends_at=clock.now() + timedelta(minutes=minutes), by=manager)


def test_three_announcements_are_enough_and_officers_make_none(place: Place, manager: User) -> None:
    until = clock.now() + timedelta(minutes=5)
    for each in range(3):
        actions.announce(text=f"Uji {each}", ends_at=until, by=manager)
    with pytest.raises(Refusal, match="too_many"):
        actions.announce(text="Uji 4", ends_at=until, by=manager)
    with pytest.raises(Forbidden):
        actions.announce(text="Uji", ends_at=until, zone=place.zone, by=place.officer)


# Numbers


def test_added_numbers_can_be_taken_and_stay_when_the_quota_is_divided_again(
    place: Place, manager: User
) -> None:
    make.limit(place.queue, 1, online_percent=100)
    make.issue(place.service)
    with pytest.raises(Refusal, match="full"):
        make.issue(place.service, channel=Channel.KIOSK)
    actions.add_quota(queue=place.queue, places=2, reason="Rombongan dari desa", by=manager)
    make.issue(place.service, channel=Channel.KIOSK)
    actions.apply_quota(queue=place.queue)
    [line] = availability.lines_on(clock.today()).values()
    assert (line.remaining, line.left(Channel.KIOSK), line.left(Channel.ONLINE)) == (1, 1, 0)
    actions.add_quota(queue=place.queue, places=3, share="ONLINE", reason="Daring", by=manager)
    [line] = availability.lines_on(clock.today()).values()
    assert (line.remaining, line.left(Channel.ONLINE)) == (4, 3)
    assert breaches() == {}
    assert AuditEntry.objects.filter(action="queue.extra").count() == 2


def test_numbers_are_added_before_the_first_of_the_day(place: Place, manager: User) -> None:
    make.limit(place.queue, 10, online_percent=100)
    actions.add_quota(queue=place.queue, places=5, reason="Ramai", by=manager)
    [line] = availability.lines_on(clock.today()).values()
    assert line.remaining == 15


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": ""}, "reason_needed"),
        ({"places": 0}, "bad_places"),
        ({"places": 501}, "bad_places"),
        ({"share": "BOOKED"}, "bad_places"),
        ({}, "no_quota"),
    ],
)
def test_numbers_are_not_added_without_reason_or_limit(
    place: Place, manager: User, fields: dict[str, Any], code: str
) -> None:
    wish: dict[str, Any] = {"queue": place.queue, "places": 5, "reason": "uji", "by": manager} | fields
    with pytest.raises(Refusal, match=code):
        actions.add_quota(**wish)
    assert not ExtraQuota.objects.exists()


def test_an_officer_adds_no_numbers(place: Place) -> None:
    make.limit(place.queue, 10)
    with pytest.raises(Forbidden):
        actions.add_quota(queue=place.queue, places=5, reason="uji", by=place.officer)


# Officers


def test_free_officers_with_a_phone_get_a_message(place: Place, manager: User) -> None:
    for phone in ("+62811", ""):
        make.make_user(agency=place.agency, phone=phone)
    make.open_session(place.agency, place.counter, place.officer)
    empty = make.make_counter(place.agency, number="9")
    request = actions.ask_officers(counter=empty, by=manager)
    assert request.messages == 1
    message = Message.objects.get(event="officer_asked")
    assert (message.recipient, "loket 9" in written(message)) == ("+62811", True)
    with pytest.raises(DatabaseError), transaction.atomic():
        OfficerRequest.objects.update(messages=5)


def test_of_a_resting_counter_its_officer_is_asked(place: Place, manager: User) -> None:
    make.make_user(agency=place.agency, phone="+62812")
    User.objects.filter(pk=place.officer.pk).update(phone="+62811")
    session = make.open_session(place.agency, place.counter, place.officer)
    actions.pause(session=session, by=place.officer, reason="Salat")
    actions.ask_officers(counter=place.counter, by=manager)
    assert Message.objects.get(event="officer_asked").recipient == "+62811"


def test_nobody_is_asked_when_all_are_at_counters(place: Place, manager: User) -> None:
    make.open_session(place.agency, place.counter, place.officer)
    with pytest.raises(Refusal, match="nobody_free"):
        actions.ask_officers(counter=make.make_counter(place.agency), by=manager)
    with pytest.raises(Forbidden):
        actions.ask_officers(counter=place.counter, by=place.officer)

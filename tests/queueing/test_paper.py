"""Paper numbers entered afterwards: without a gap, at the place of their paper, all or nothing."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from mpp.core import clock, locks
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from queueing import actions
from queueing.actions.paper import MOST_AT_ONCE, Entered, Served
from queueing.enums import Channel, TicketState
from queueing.invariants import CHECKS
from queueing.models import Queue, QueueDay, Share, Ticket, TicketEvent
from queueing.paper import served_in
from tenants.enums import Role
from tests import factories as make
from tests.concurrency.race import at_once, without_lock
from tests.conftest import Place
from tests.queueing.pages import keep_office_hours

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

WITA = ZoneInfo("Asia/Makassar")
TEN = datetime(2026, 11, 23, 10, tzinfo=WITA)


def at(hour: int, minute: int = 0) -> datetime:
    return TEN.replace(hour=hour, minute=minute)


def enter(place: Place, first: int, last: int, now: datetime = TEN, **fields: Any) -> Entered:
    values: dict[str, Any] = {"since": at(8), "until": at(9), "served": {}, "by": place.officer} | fields
    with clock.frozen(now):
        return actions.enter_paper(service=place.service, first=first, last=last, **values)


def unbroken() -> None:
    for code in ("INV-2", "INV-3", "INV-5", "INV-6", "INV-7", "INV-11", "INV-12", "INV-13"):
        assert list(CHECKS[code][1]()) == [], code


def test_papers_get_numbers_of_their_own_without_a_gap(place: Place) -> None:
    with clock.frozen(TEN):
        make.issue(place.service)
    entered = enter(place, 1, 5)
    assert (entered.waiting, entered.served, entered.beyond_quota) == (5, 0, 0)
    papers = Ticket.objects.filter(channel=Channel.PAPER).order_by("number")
    assert [ticket.label for ticket in papers] == ["AM-001", "AM-002", "AM-003", "AM-004", "AM-005"]
    assert {ticket.line for ticket in papers} == {QueueDay.objects.get(block="")}
    moments = [clock.local(ticket.issued_at).strftime("%H.%M") for ticket in papers]
    assert moments == ["08.00", "08.15", "08.30", "08.45", "09.00"]
    with clock.frozen(TEN):
        assert make.issue(place.service).label == "A-002"
    assert AuditEntry.objects.filter(action="paper.enter").count() == 1
    unbroken()


def test_who_waits_with_a_paper_stands_at_the_time_of_the_paper(place: Place) -> None:
    for minute in (0, 30):
        with clock.frozen(at(8, minute)):
            make.issue(place.service)
    enter(place, 1, 2, since=at(8, 10), until=at(8, 20))
    order = []
    with clock.frozen(TEN):
        session = make.open_session(place.agency, place.counter, place.officer)
        while called := actions.call_next(session=session, by=place.officer):
            order.append(called.label)
            actions.start(ticket=called, by=place.officer)
    assert order == ["A-001", "AM-001", "AM-002", "A-002"]
    unbroken()


def test_those_already_served_are_over_with_the_times_that_were_noted(place: Place) -> None:
    served = {1: Served(at(8, 5), at(8, 20)), 2: Served()}
    entered = enter(place, 1, 3, served=served)
    assert (entered.waiting, entered.served) == (1, 2)
    first, second, third = Ticket.objects.order_by("number")
    assert [ticket.state for ticket in (first, second, third)] == ["DONE", "DONE", "WAITING"]
    assert (first.called_at, first.started_at, first.ended_at) == (at(8, 5), at(8, 5), at(8, 20))
    # Nobody noted a time: it counts in no measure of waiting or serving.
    assert second.called_at is None
    unbroken()


def test_the_next_papers_follow_the_last_ones(place: Place) -> None:
    enter(place, 1, 3)
    enter(place, 4, 5, since=at(9, 10), until=at(9, 20))
    assert QueueDay.objects.get(block="M").last_number == 5
    assert TicketEvent.objects.filter(step="issue").count() == 5
    unbroken()


@pytest.mark.parametrize(("first", "last"), [(5, 6), (3, 4), (1, 2)])
def test_a_gap_and_a_paper_entered_twice_are_refused(place: Place, first: int, last: int) -> None:
    enter(place, 1, 3)
    with pytest.raises(Refusal) as refusal:
        enter(place, first, last, since=at(9, 10), until=at(9, 20))
    assert (refusal.value.code, refusal.value.extra["next"]) == ("paper_gap", 4)
    assert Ticket.objects.count() == 3


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"first": 0}, "Nomor terakhir harus"),
    ({"first": 3, "last": 2}, "Nomor terakhir harus"),
    ({"last": MOST_AT_ONCE + 1}, f"paling banyak {MOST_AT_ONCE} nomor"),
    ({"since": at(10, 1), "until": at(10, 2)}, "tidak boleh di masa depan"),
    ({"since": at(7, 59)}, "Hari ini buka pukul 08.00"),
    ({"since": TEN - timedelta(days=1)}, "Hari ini buka pukul 08.00"),
    ({"until": at(7, 59)}, "Jam selesai harus sesudah jam mulai"),
    ({"until": at(10, 1)}, "Jam selesai harus sesudah jam mulai"),
    ({"served": {9: Served()}}, "Nomor 9 tidak ada"),
    ({"served": {1: Served(at(8, 30), at(8, 20))}}, "Nomor 1: jam mulai"),
    ({"served": {2: Served(at(8, 59), at(9, 20))}}, "Nomor 2: jam mulai"),
    ({"served": {1: Served(at(9, 55), at(10, 5))}}, "tidak di masa depan"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_what_cannot_be_true_is_refused_and_nothing_is_half_done(
    place: Place, wrong: dict[str, Any], words: str
) -> None:
    keep_office_hours()
    fields = {"first": 1, "last": 2} | wrong
    with pytest.raises(Refusal) as refusal:
        enter(place, **fields)
    assert refusal.value.status == 400
    assert words in str(refusal.value.message)
    assert not Ticket.objects.exists()
    assert not QueueDay.objects.filter(block="M").exists()


def test_on_a_closed_day_there_are_no_papers(place: Place) -> None:
    keep_office_hours()
    with pytest.raises(Refusal) as refusal:
        enter(place, 1, 2, now=TEN - timedelta(days=1), since=TEN, until=TEN)
    assert "tutup" in str(refusal.value.message)


def test_later_papers_cannot_have_been_handed_out_before_earlier_ones(place: Place) -> None:
    enter(place, 1, 3)
    with pytest.raises(Refusal) as refusal:
        enter(place, 4, 5, since=at(8, 30), until=at(9, 30))
    assert "dibagikan sampai pukul 09.00" in str(refusal.value.message)


def test_papers_take_their_places_of_the_quota_and_what_is_beyond_is_told(place: Place) -> None:
    Queue.objects.update(daily_quota=4, online_percent=25, booked_percent=25)
    entered = enter(place, 1, 5)
    shares = {share.name: (share.taken, share.reserved) for share in Share.objects.all()}
    assert shares == {"ONLINE": (1, 1), "BOOKED": (0, 1), "REST": (2, 2)}
    assert entered.beyond_quota == 2
    unbroken()
    with clock.frozen(TEN), pytest.raises(Refusal):
        make.issue(place.service, channel=Channel.KIOSK)


def test_no_other_line_has_the_prefix_of_papers(place: Place) -> None:
    make.make_queue(make.make_service(), prefix="AM")
    enter(place, 1, 1)
    assert Ticket.objects.get().label == "AMM-001"


@pytest.mark.django_db(transaction=True)
def test_two_people_entering_the_same_papers_write_them_once(live_place: Place) -> None:
    enter(live_place, 1, 3, until=at(8, 10))
    results = at_once(4, lambda _index: enter(live_place, 4, 20, since=at(8, 20)))
    assert len([result for result in results if isinstance(result, Entered)]) == 1
    refused = [result for result in results if isinstance(result, Refusal)]
    assert {refusal.code for refusal in refused} == {"paper_gap"}
    assert Ticket.objects.count() == 20
    unbroken()


# What is typed


def test_numbers_that_are_over_are_read_as_people_write_them() -> None:
    served = served_in("1-3, 5 08.40-08.55\n7 9:00 – 9:10; 8", TEN.date())
    assert sorted(served) == [1, 2, 3, 5, 7, 8]
    assert served[5] == Served(at(8, 40), at(8, 55))
    assert served[7] == Served(at(9), at(9, 10))
    assert served[1] == Served()
    assert served_in("", TEN.date()) == {}


@pytest.mark.parametrize(
    "text", ["satu", "1-", "3-1", "1,1", "1-3, 2", "1-3 08.00-08.10", "1 25.00-26.00", "1 8.5-9", "1-99999"]
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        served_in(text, TEN.date())


PATH = "/loket/kertas/"


def signed_in(place: Place, role: str = Role.OFFICER) -> Client:
    client = Client()
    client.force_login(place.officer if role == Role.OFFICER else make.make_user(role))
    return client


def post(client: Client, **fields: str) -> Response:
    values = {"layanan": "ktp-hilang", "dari": "1", "sampai": "3", "sejak": "08.00", "hingga": "09.00"}
    return client.post(PATH, values | fields)


def test_the_page_enters_papers_and_lists_them(place: Place) -> None:
    client = signed_in(place)
    with clock.frozen(TEN):
        response = post(client, dilayani="1, 2 08.35-08.50")
        assert response.status_code == 303
        text = " ".join(client.get(PATH).content.decode().split())
    assert "AM: 1 nomor menunggu, 2 sudah selesai." in text
    assert "AM-001–003" in text
    assert "1 menunggu, 2 tidak lagi" in text
    assert Ticket.objects.filter(state=TicketState.DONE).count() == 2


def test_the_same_form_sent_twice_enters_them_once(place: Place) -> None:
    client = signed_in(place)
    with clock.frozen(TEN):
        assert post(client).status_code == 303
        response = post(client)
    assert response.status_code == 409
    assert "Lanjutkan mulai nomor 4." in response.content.decode()
    assert Ticket.objects.count() == 3


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("layanan", "", "Pilih layanannya."),
        ("layanan", "tidak-ada", "Pilih layanan dari daftar."),
        ("dari", "", "Tulis nomornya."),
        ("dari", "satu", "Tulis angka saja."),
        ("sejak", "", "Tulis jamnya"),
        ("sejak", "8 pagi", "Tulis jam seperti 08.15."),
        ("sejak", "11.00", "tidak boleh di masa depan"),
        ("hingga", "07.00", "Jam selesai harus sesudah jam mulai"),
        ("dilayani", "satu sampai dua", "tidak terbaca"),
        ("dilayani", "9", "Nomor 9 tidak ada di antara 1 dan 3."),
        ("dilayani", "1\x00", "karakter"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_kept(place: Place, field: str, value: str, words: str) -> None:
    client = signed_in(place)
    with clock.frozen(TEN):
        response = post(client, **{field: value})
    text = response.content.decode()
    assert response.status_code == 400
    assert words in text
    assert "Belum ada yang disimpan" in text
    assert 'value="09.00"' in text or field == "hingga"
    assert not Ticket.objects.exists()


def test_an_officer_sees_and_enters_the_papers_of_their_own_agency_only(place: Place) -> None:
    stranger = make.make_service(make.make_agency(), slug="lain")
    make.make_queue(stranger)
    client = signed_in(place)
    with clock.frozen(TEN):
        assert "lain" not in client.get(PATH).content.decode().split("<select")[1].split("</select>")[0]
        assert post(client, layanan="lain").status_code == 400
        assert post(signed_in(place, Role.RECEPTIONIST), layanan="lain").status_code == 303


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.RECEPTIONIST, 200), (Role.FLOOR_MANAGER, 200), (Role.ADMIN, 200), (Role.AUDITOR, 403)],
)
def test_who_may_enter_papers(place: Place, role: str, status: int) -> None:
    assert signed_in(place, role).get(PATH).status_code == status


def test_one_time_of_the_officers_day(place: Place) -> None:
    """A service with hours of its own decides when its papers may begin."""
    keep_office_hours()
    with clock.frozen(at(8, 30)), pytest.raises(Refusal):
        enter(place, 1, 1, now=at(8, 30), since=at(7), until=at(8, 10))
    assert enter(place, 1, 1, now=at(8, 30), since=at(8), until=at(8)).waiting == 1
    assert time(8) == clock.local(Ticket.objects.get().issued_at).time()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_papers_collide(live_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(live_place, 1, 3, until=at(8, 10))
    monkeypatch.setattr(locks, "hold", without_lock)
    results = at_once(4, lambda _index: enter(live_place, 4, 20, since=at(8, 20)))
    refused = {result.code for result in results if isinstance(result, Refusal)}
    # The database still stops them, with an error that tells nobody what to do next.
    assert refused != {"paper_gap"}

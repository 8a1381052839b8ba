"""One day of a hall in fast time, seen by a citizen's phone, the kiosk, the officer and the public."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from mpp.core import clock
from queueing import actions, tasks
from queueing.enums import Channel, Leftover, Priority, TicketState
from queueing.invariants import CHECKS
from queueing.models import Ticket
from services.actions import end_disruption, start_disruption
from services.models import OpeningHours
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.e2e.test_main_job import open_a_counter, take_a_number
from tests.support.fast_time import fast_time, travel
from tests.support.server import running

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Makassar"))
SERVICE = "/layanan/ktp-hilang/"


def set_clock(hour: int, minute: int = 0) -> None:
    travel(MONDAY.replace(hour=hour, minute=minute))


@pytest.fixture
def hall(transactional_db: None, browser: Browser, live_place: Place) -> Iterator[People]:
    """The small mall on a Monday morning: open from eight to three, ten numbers, three of them online."""
    for weekday in (1, 2):
        OpeningHours.objects.create(
            agency=live_place.agency,
            weekday=weekday,
            opens_at=time(8),
            closes_at=time(15),
            break_from=time(12),
            break_to=time(13),
            last_number_at=time(14, 30),
            valid_from=make.LONG_AGO,
        )
    queue = live_place.queue
    queue.daily_quota, queue.online_percent, queue.leftover = 10, 30, Leftover.CARRY
    queue.shares_release_at = time(12)
    queue.save()
    with fast_time(MONDAY.replace(hour=7, minute=50)), running() as server:
        people = People(browser, server.url)
        yield people
        people.leave()
        assert people.faults == []


def press(page: Page, name: str) -> None:
    """Press a button and wait until the portal has answered: the clock must not move before."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name=re.compile(name)).first.click()


def call_again(officer: Page) -> None:
    """Twenty seconds later, once more."""
    travel(clock.now() + timedelta(seconds=21))
    officer.reload()
    press(officer, "^Ulangi")


def test_a_whole_day_by_its_rules(hall: People, live_place: Place) -> None:
    visitor = hall.arrive()
    visitor.goto(SERVICE)
    expect(visitor.locator(".take")).to_contain_text("08.00")
    expect(visitor.get_by_role("link", name="Ambil nomor")).to_have_count(0)

    set_clock(8, 1)
    phones = [hall.arrive() for _ in range(3)]
    assert [take_a_number(phone) for phone in phones] == ["A-001", "A-002", "A-003"]
    visitor.goto(SERVICE)
    expect(visitor.locator(".take")).to_contain_text(re.compile("daring.*habis|habis", re.DOTALL))
    kiosk = hall.arrive(1080, 1920)
    kiosk.goto("/anjungan/")
    kiosk.locator(".tile", has_text="Dukcapil").click()
    kiosk.locator("button.choice").first.click()
    expect(kiosk.locator(".given .plate .number")).to_have_text("A-004")
    make.issue(live_place.service, channel=Channel.KIOSK, priority=Priority.ELDERLY)

    officer = hall.arrive(1366, 768)
    open_a_counter(officer, live_place.officer.username)
    press(officer, "Panggil berikutnya")
    expect(officer.get_by_text("A-005").first).to_be_visible()
    press(officer, "Urungkan")
    expect(officer.get_by_role("button", name=re.compile("Panggil berikutnya"))).to_be_enabled()
    press(officer, "Panggil berikutnya")
    press(officer, "^Mulai")
    press(officer, "^Selesai")

    press(officer, "Panggil berikutnya")
    expect(phones[0].get_by_text("Giliran Anda").first).to_be_visible()
    call_again(officer)
    call_again(officer)
    press(officer, "^Tidak hadir")
    phones[0].reload()
    phones[0].get_by_text("Masuk antrean lagi").first.click()
    press(phones[0], "Masuk antrean lagi")
    expect(phones[0].locator("body")).to_contain_text("depan Anda")

    set_clock(12, 10)
    visitor.goto(SERVICE)
    expect(visitor.locator(".take")).to_contain_text("Istirahat")

    set_clock(13, 5)
    manager = make.make_user(Role.FLOOR_MANAGER)
    trouble = start_disruption(agency=live_place.agency, message="Server pusat tidak menjawab", by=manager)
    visitor.reload()
    expect(visitor.locator(".take")).to_contain_text("Gangguan")
    end_disruption(disruption=trouble, by=manager)

    set_clock(14, 25)
    visitor.reload()
    expect(visitor.get_by_role("link", name="Ambil nomor")).to_have_count(0)
    kiosk.goto("/anjungan/")
    expect(kiosk.locator(".tile", has_text="Dukcapil")).to_be_visible()

    set_clock(15, 5)
    officer.reload()
    officer.locator("#console-close").click()
    press(officer, "Jam layanan selesai")
    assert tasks.carry_leftovers() == 4
    phones[1].reload()
    expect(phones[1].locator("body")).to_contain_text("Nomor dilanjutkan")
    assert Ticket.objects.filter(carried_from__isnull=False, state=TicketState.WAITING).count() == 4

    visitor.goto("/keadilan/")
    # Five numbers, one served, nobody missed in the end, nobody called out of turn.
    expect(visitor.locator(".sums dd")).to_have_text(["5", "1", "0", "0"])
    assert {code: list(check()) for code, (_words, check) in CHECKS.items() if list(check())} == {}
    assert actions.close_past_days() == 0

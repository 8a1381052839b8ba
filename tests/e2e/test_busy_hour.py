"""A busy hour: two officers, a kiosk, two displays, three phones, and what breaks in such an hour.

What the displays announced is held against the calls that the database has noted. Each display announces
every call and recall of its counters once, in the order of the calls; of those that it missed while it had no
power, exactly the ones that are older than thirty seconds when it is back are shown and not announced.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, Route, TimeoutError, expect

from mpp.core import clock
from queueing import actions
from queueing.enums import Channel, Step, TicketState
from queueing.models import CounterSession, TicketEvent
from tenants.models import User, Zone
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.e2e.test_console import rule
from tests.support.fast_time import fast_time, travel
from tests.support.server import free_port, running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

NINE = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Makassar"))
TOO_OLD = timedelta(seconds=31)
# People whom somebody at the door gave a number, in each line.
OTHERS = 16
# A reconnecting stream waits up to five seconds, and a server needs a few to start.
PATIENT = 30_000
# A display's own scripts: turns and sentences sixteen times as fast, a look at them four times as often.
# What it announces is noted where it notes what it has announced: a power cut takes neither.
FAST_AND_NOTING = """
(function () {
    const speed = 16, looks = 4;
    const now = performance.now.bind(performance), later = setTimeout, often = setInterval;
    performance.now = () => now() * speed;
    window.setTimeout = (act, wait, ...more) => later(act, (wait || 0) / speed, ...more);
    window.setInterval = (act, wait, ...more) => often(act, wait / looks, ...more);
    window.noted = (name) => JSON.parse(localStorage.getItem(name) || "[]");
    const note = (name, entry) => localStorage.setItem(name, JSON.stringify([...noted(name), entry]));
    function whenSet(name, change) {
        let value;
        Object.defineProperty(window, name, {
            get: () => value,
            set: (own) => { change(own); value = own; },
        });
    }
    whenSet("MppVoice", (Voice) => {
        const perform = Voice.prototype.perform;
        Voice.prototype.perform = function (call, steps) {
            note("spoken", [call.id, call.label, call.counter]);
            return perform.call(this, call, steps);
        };
    });
    whenSet("MppRows", (rows) => {
        const flash = rows.flash;
        rows.flash = (node) => {
            if (node.matches("[data-mpp-label]")) { note("shown", node.textContent); }
            flash(node);
        };
    });
})();
"""


def without_sound(route: Route) -> None:
    """Sentences of the true length, in which nothing has to be fetched: clips have their own tests."""
    answer = route.fetch()
    clips = {name: {"seconds": clip["seconds"]} for name, clip in answer.json().items()}
    route.fulfill(response=answer, json=clips)


class Display:
    """A display in the hall, and what it must have announced."""

    def __init__(self, people: People, code: str, *zones: Zone) -> None:
        self.people = people
        self.code = code
        self.zones = zones
        self.missed: set[int] = set()
        self.page = people.arrive(1920, 1080, service_workers="block")
        self.page.context.add_init_script(FAST_AND_NOTING)
        self.page.context.route("**/suara.json", without_sound)
        self.page.goto(f"/layar/{code}/")

    def calls(self) -> list[tuple[int, str, str]]:
        """What the log of calls says about its counters: id, number, counter."""
        events = TicketEvent.objects.filter(
            step__in=[Step.CALL, Step.RECALL], session__counter__zone__in=self.zones
        )
        rows = events.select_related("ticket__queue_day", "session__counter").order_by("pk")
        return [(row.pk, row.ticket.label, row.session.counter.number) for row in rows if row.session]

    def must_have_announced_all(self) -> None:
        """Wait until it has nothing left to say, then compare."""
        wanted = [call for call in self.calls() if call[0] not in self.missed]
        # When it never has so many, the lists below tell which are missing.
        with contextlib.suppress(TimeoutError):
            self.page.wait_for_function(
                "count => noted('spoken').length >= count && noted('shown').length >= count",
                arg=len(wanted),
                timeout=PATIENT,
            )
        assert [tuple(call) for call in self.page.evaluate("noted('spoken')")] == wanted, self.code
        assert self.page.evaluate("noted('shown')") == [label for _id, label, _counter in wanted], self.code

    @contextlib.contextmanager
    def without_power(self) -> Iterator[None]:
        """What was called more than half a minute before its return is not announced."""
        heard = {call[0] for call in self.calls()}
        self.page.close()
        yield
        old = TicketEvent.objects.filter(at__lt=clock.now() - timedelta(seconds=30))
        here = {call[0] for call in self.calls()}
        self.missed = (here & set(old.values_list("pk", flat=True))) - heard
        self.page = self.people.after_power_cut(self.page)
        self.page.goto(f"/layar/{self.code}/")


class Officer:
    """An officer at the console, by keyboard."""

    def __init__(self, people: People, user: User) -> None:
        self.people = people
        self.user = user
        self.page = people.arrive(1366, 768)
        self.page.goto("/loket/")
        self.page.get_by_label("Nama pengguna").fill(user.username)
        self.page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.locator("#console-open").click()
        self.can("console-call")

    @property
    def session(self) -> CounterSession:
        return CounterSession.objects.open().get(user=self.user)

    def can(self, button: str) -> None:
        """Wait until the console offers this."""
        self.page.wait_for_function("id => document.querySelector(`#${id}:not([disabled])`)", arg=button)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)


def both(officers: list[Officer], key: str, then: str) -> None:
    """Both press at the same moment."""
    for officer in officers:
        officer.press(key)
    for officer in officers:
        officer.can(then)


def serve(officers: list[Officer], rounds: int = 1) -> None:
    """Each calls the next number, which finishes the one before, and serves it."""
    for _round in range(rounds):
        both(officers, "F2", "deed-start")
        both(officers, "Alt+m", "deed-finish")


def take_at_the_kiosk(kiosk: Page) -> None:
    kiosk.locator(".tile", has_text="Dukcapil").click()
    kiosk.locator("button.choice").first.click()


def number_on(kiosk: Page) -> Any:
    return kiosk.locator(".given .plate .number")


def take_on_the_phone(phone: Page, place: Place) -> None:
    phone.goto(f"/antrean/ambil/{place.service.slug}/")
    phone.get_by_role("button", name="Ambil nomor").click()
    expect(phone.locator("[data-mpp-followed]")).to_have_attribute("data-state", TicketState.WAITING)


def has_been(phone: Page, state: str) -> None:
    expect(phone.locator("[data-mpp-followed]")).to_have_attribute("data-state", state, timeout=PATIENT)


class Hour:
    """Everybody in the mall."""

    def __init__(self, people: People, place: Place) -> None:
        self.place = place
        self.people = people
        upstairs = make.make_zone(code="atas", name="Lantai atas")
        make.make_counter(place.agency, upstairs, number="7")
        make.make_screen(place.zone, upstairs, code="lobi")
        second = make.make_user(agency=place.agency, username="petugas2")
        self.officers = [Officer(people, user) for user in (place.officer, second)]
        self.display = Display(people, place.zone.code, place.zone)
        self.lobby = Display(people, "lobi", place.zone, upstairs)
        self.kiosk = people.arrive(1080, 1920, service_workers="block")
        self.kiosk.goto("/anjungan/")
        self.phones = [people.arrive() for _phone in range(3)]

    def everybody_takes_a_number(self) -> None:
        for phone in self.phones:
            take_on_the_phone(phone, self.place)
        take_at_the_kiosk(self.kiosk)
        expect(number_on(self.kiosk)).to_have_text("A-004")
        other = make.make_queue(make.make_service(self.place.agency), prefix="B")
        for service in [self.place.service, other.services.get()] * OTHERS:
            make.issue(service, channel=Channel.STAFF)

    def the_kiosk_loses_power_before_the_paper_is_out(self) -> None:
        self.kiosk.get_by_role("link", name="Selesai").click()
        self.kiosk.evaluate(
            "Object.defineProperty(document, 'fonts', { value: { ready: new Promise(() => {}) } })"
        )
        take_at_the_kiosk(self.kiosk)
        expect(number_on(self.kiosk)).to_be_visible()
        number = number_on(self.kiosk).inner_text()
        self.kiosk = self.people.after_power_cut(self.kiosk)
        self.kiosk.goto("/anjungan/")
        expect(number_on(self.kiosk)).to_have_text(number)

    def a_phone_has_no_network_when_it_is_called(self) -> None:
        called, away, put_away = self.phones
        away.context.set_offline(True)
        serve(self.officers, 2)
        has_been(called, TicketState.DONE)
        away.context.set_offline(False)
        has_been(away, TicketState.DONE)
        self.phones[2] = self.people.after_power_cut(put_away)
        self.phones[2].goto(put_away.url)
        has_been(self.phones[2], TicketState.SERVING)

    def a_number_does_not_come_at_once(self) -> None:
        both(self.officers, "F2", "deed-recall")
        for officer in self.officers:
            officer.press("Alt+u")
            expect(officer.page.get_by_text("Panggilan 2")).to_be_visible()
        both(self.officers, "Alt+m", "deed-finish")

    def a_display_loses_power(self) -> None:
        with self.display.without_power():
            serve(self.officers)
            # Time may not jump before the other display has heard of it.
            self.lobby.must_have_announced_all()
            travel(clock.now() + TOO_OLD)
            serve(self.officers)
        assert len(self.display.missed) == 1

    def an_officer_closes_the_browser(self) -> None:
        officer = self.officers[1]
        officer.page = self.people.after_power_cut(officer.page)
        officer.page.goto("/loket/")
        officer.can("deed-finish")

    def the_server_is_away(self) -> None:
        """One presses in vain; the call of the other is noted and nobody has heard of it."""
        presses, calls = self.officers
        presses.press("F2")
        expect(presses.page.get_by_role("alert")).to_be_visible()
        actions.call_next(session=calls.session, by=calls.user)

    def the_server_is_back(self) -> None:
        presses, calls = self.officers
        calls.can("deed-start")
        presses.can("console-call")
        presses.press("F2")
        presses.can("deed-start")
        both(self.officers, "Alt+m", "deed-finish")
        expect(self.kiosk.locator("[data-mpp-kiosk]")).to_be_attached(timeout=PATIENT)

    def the_logs_agree(self) -> None:
        for display in (self.lobby, self.display):
            display.must_have_announced_all()


# It starts two servers, which takes long where much else runs.
@pytest.mark.timeout(300)
def test_a_busy_hour_with_what_breaks_in_it(live_place: Place, browser: Browser) -> None:
    rule(recall_seconds=0)
    port = free_port()
    with fast_time(NINE):
        with running(port) as server:
            people = People(browser, server.url)
            hour = Hour(people, live_place)
            hour.everybody_takes_a_number()
            hour.a_phone_has_no_network_when_it_is_called()
            hour.the_kiosk_loses_power_before_the_paper_is_out()
            hour.a_number_does_not_come_at_once()
            serve(hour.officers, 3)
            hour.the_logs_agree()
            travel(clock.now() + timedelta(minutes=20))
            hour.a_display_loses_power()
            hour.an_officer_closes_the_browser()
            server.process.kill()
            hour.the_server_is_away()
        with running(port):
            hour.the_server_is_back()
            hour.the_logs_agree()
            travel(clock.now() + timedelta(minutes=20))
            serve(hour.officers, 6)
            hour.the_logs_agree()
            people.leave()
        call_command("check_invariants", stdout=StringIO())
    assert len(hour.lobby.calls()) >= 30
    assert people.foreign == []

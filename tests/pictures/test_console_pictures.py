"""The console in every state, as large as the two screens that stand on counters."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from queueing import actions
from queueing.models import CounterSession, HallRules, QueueDay
from tenants.actions import set_pin
from tenants.models import CounterDuty, User
from tests import factories as make
from tests.e2e.conftest import People, intercept
from tests.pictures.camera import keep, sign_in
from tests.pictures.scene import Scene
from tests.support.fast_time import travel
from tests.support.full_hall import TUESDAY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

# Width, height, and whether the guides show it.
DESKS = [(1280, 720, 0.0), (1366, 768, 0.7), (1024, 576, 0.0), (1093, 614, 0.0)]
PIN = "402719"
MORE_THAN_UNDO = timedelta(seconds=15)


def look(page: Page, state: str) -> None:
    """Keep this state on both screens; nothing may scroll, nothing may be cut that matters."""
    for width, height, docs in DESKS:
        page.set_viewport_size({"width": width, "height": height})
        page.mouse.move(0, 0)
        keep(page, f"console-{state}" if docs else f"console-{state}-{width}", docs=docs)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state


def press(page: Page, key: str, words: str | re.Pattern[str]) -> None:
    page.keyboard.press(key)
    expect(page.get_by_text(words).first).to_be_visible()


def newcomer(scene: Scene) -> User:
    """An officer of an agency in which nothing has happened yet today."""
    taken = CounterSession.objects.open().values("agency")
    duties = CounterDuty.objects.on(TUESDAY.date()).exclude(agency__in=taken).select_related("agency")
    agency = duties.order_by("counter__position")[0].agency
    return make.make_user(agency=agency, first_name="Ahmad", last_name="Fauzi")


def test_the_start_and_the_end_of_a_shift(morning: Scene, people: People) -> None:
    officer = newcomer(morning)
    page = people.arrive(1366, 768)
    page.goto("/loket/")
    look(page, "sign-in")
    sign_in(page, officer.username, "/loket/")
    look(page, "start")
    press(page, "Enter", "Tersambung")
    look(page, "idle")
    press(page, "Alt+p", re.compile("Tutup .* karena"))
    look(page, "closing")
    press(page, "Enter", "Buka loket")
    look(page, "closed")


def test_every_state_of_a_number(morning: Scene, people: People) -> None:
    officer = morning.officer
    colleague = make.make_user(agency=morning.service.agency, first_name="Noor", last_name="Hidayah")
    counters = CounterDuty.objects.on(TUESDAY.date()).filter(agency=morning.service.agency)
    actions.open_counter(counter=counters.order_by("counter__position")[1].counter, by=colleague)
    page = people.arrive(1366, 768)
    sign_in(page, officer.username, "/loket/")
    expect(page.get_by_text("Tersambung")).to_be_visible()
    look(page, "called")
    press(page, "Alt+r", "diurungkan")
    look(page, "waiting")
    page.locator(".turn summary").nth(1).click()
    look(page, "out-of-turn")
    page.keyboard.press("Escape")
    press(page, "F2", "Panggilan 1")
    look(page, "undo")
    travel(TUESDAY + timedelta(minutes=1))
    page.reload()
    press(page, "Alt+m", "Sedang dilayani")
    for paper in page.locator(".tick").all()[:2]:
        paper.click()
    look(page, "serving")
    press(page, "Alt+b", "Apa yang kurang dari")
    look(page, "lacking")
    page.keyboard.press("Escape")
    press(page, "Alt+l", re.compile("Bagaimana .* selesai"))
    look(page, "outcome")
    page.keyboard.press("Escape")
    press(page, "Alt+a", re.compile("Alihkan .* ke antrean"))
    look(page, "transfer")
    page.keyboard.press("Escape")
    travel(TUESDAY + timedelta(minutes=25))
    page.reload()
    look(page, "late")
    press(page, "Alt+t", "Ditahan")
    look(page, "held")
    press(page, "F2", "Panggilan 1")
    press(page, "Alt+m", "Sedang dilayani")
    look(page, "serving-held")
    press(page, "Alt+b", "Apa yang kurang dari")
    page.get_by_label("Yang lain atau keterangan").fill("meterai")
    press(page, "Enter", "dicatat: berkas kurang")
    look(page, "lacking-noted")
    travel(TUESDAY + timedelta(minutes=30))
    page.reload()
    press(page, "F2", "Panggilan 1")
    press(page, "Alt+m", "Sedang dilayani")
    press(page, "Alt+l", re.compile("Bagaimana .* selesai"))
    page.get_by_label("Berkas diterima").check()
    page.get_by_role("button", name="Catat hasil").click()
    expect(page.get_by_text("dicatat: berkas diterima")).to_be_visible()
    look(page, "filed")


def test_rest_help_lock_and_a_lost_network(morning: Scene, people: People) -> None:
    officer = morning.officer
    HallRules.objects.filter(pk=1).update(lock_minutes=10)
    page = people.arrive(1366, 768)
    sign_in(page, officer.username, "/loket/")
    expect(page.get_by_text("Tersambung")).to_be_visible()
    press(page, "Alt+m", "Sedang dilayani")
    press(page, "Alt+i", "Pengelola lantai diberi tahu")
    look(page, "help")
    page.get_by_role("button", name="Alat atau sistem rusak").click()
    expect(page.get_by_text("Bantuan dipanggil")).to_be_visible()
    look(page, "help-called")
    call = officer.sessions.get().help_calls.get()
    actions.answer_help(call=call, by=morning.manager)
    expect(page.get_by_text("datang, dijawab")).to_be_visible()
    look(page, "help-answered")
    press(page, "Alt+j", "Jeda sesudah")
    look(page, "pausing")
    page.keyboard.press("Enter")
    page.locator("#deed-finish").click()
    expect(page.locator(".idle").get_by_text("Jeda: Istirahat")).to_be_visible()
    look(page, "paused")
    press(page, "Alt+j", "Loket siap")
    _four_digits(morning, page)
    page.reload()
    expect(page.get_by_text("Tersambung")).to_be_visible()
    intercept(page, "**/panggil/", lambda route: route.abort())
    page.keyboard.press("F2")
    expect(page.locator("#console-call")).to_contain_text("Tanpa sambungan")
    look(page, "offline")
    page.unroute("**/panggil/")
    expect(page.locator("#console-call")).to_be_enabled(timeout=8000)
    press(page, "Alt+k", "Layar terkunci")
    look(page, "locked-without-pin")
    set_pin(pin=PIN, by=officer)
    page.reload()
    look(page, "locked")
    people.faults = [fault for fault in people.faults if ": htmx:" not in fault]


def _four_digits(scene: Scene, page: Page) -> None:
    """The line has passed 999: a number with four digits is called."""
    QueueDay.objects.filter(pk=scene.waiting.line_id).update(last_number=1233)
    ticket, session = make.issue(scene.service, priority="ELDERLY"), scene.officer.sessions.get()
    actions.call_number(session=session, ticket=ticket, by=scene.officer, reason="Dipanggil dokter")
    expect(page.locator("#console-now .number")).to_have_text("A-1234")
    look(page, "four-digits")
    press(page, "Alt+m", "Sedang dilayani")
    press(page, "Alt+s", "Loket siap")

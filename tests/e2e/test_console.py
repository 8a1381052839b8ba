"""A shift at the console in Chromium: by keyboard, in two tabs, and without a reload."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import F
from playwright.sync_api import Locator, Page, Route, expect

from queueing import actions
from queueing.enums import TicketState
from queueing.models import CounterSession, DeskScreen, HallRules, Ticket
from services.models import ServiceStandard
from tenants.actions import set_pin
from tenants.enums import Role
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People, answer_under_way, intercept
from tests.support.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)

CALL = re.compile("Panggil berikutnya")
# The last two are the first two at 125 % (trust.md O-12).
SIZES = [(1280, 720), (1366, 768), (1920, 1080), (1024, 576), (1093, 614)]
PIN = "402719"
THREE_PAPERS = """\
Kartu Keluarga | Fotokopi, boleh cetakan berkode QR
Formulir F-1.02 | Tersedia di loket
Datang sendiri | Wajah, mata, dan sidik jari direkam
"""


def rule(**seconds: int) -> None:
    """Change what the hall makes everybody wait for."""
    HallRules.objects.update_or_create(pk=1, defaults=seconds)


def start_a_shift(people: People, place: Place, width: int = 1366, height: int = 768) -> Page:
    """Sign in and open the counter: two presses of Enter."""
    page = people.arrive(width, height)
    page.goto("/loket/")
    page.get_by_label("Nama pengguna").fill(place.officer.username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Buka loket 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=CALL)).to_be_visible()
    expect(page.get_by_text("Tersambung")).to_be_visible()
    return page


def test_a_shift_by_keyboard_alone(live_place: Place, people: People) -> None:
    other = make.make_queue(make.make_service(make.make_agency(short_name="Samsat")), name="Samsat")
    rule(recall_seconds=0)
    live_place.queue.calls_before_no_show = 1
    live_place.queue.save(update_fields=["calls_before_no_show"])
    for _person in range(3):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+u")
    expect(page.get_by_text("Panggilan 2")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.get_by_text("Sedang dilayani")).to_be_visible()
    page.keyboard.press("Alt+t")
    expect(page.get_by_text("Ditahan")).to_be_visible()
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+h")
    expect(page.get_by_text("Loket siap")).to_be_visible()
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+a")
    expect(page.get_by_role("button", name="Samsat")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("A-003 dialihkan ke Samsat.")).to_be_visible()
    page.keyboard.press("Alt+g")
    expect(page.locator("#console-now .number")).to_have_text("A-001")
    states = list(Ticket.objects.order_by("number").values_list("state", "line__queue"))
    home = live_place.queue.pk
    assert states == [
        (TicketState.SERVING, home),
        (TicketState.NO_SHOW, home),
        (TicketState.WAITING, other.pk),
    ]


def test_twenty_presses_and_a_held_key_are_one_call(live_place: Place, people: People) -> None:
    for _person in range(5):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.evaluate("for (let i = 0; i < 20; i++) { document.getElementById('console-call').click(); }")
    for _repeat in range(5):
        page.keyboard.down("F2")
    page.keyboard.up("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    assert Ticket.objects.waiting().count() == 4


def test_keys_are_shown_and_can_be_switched_off(live_place: Place, people: People) -> None:
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    expect(page.locator(".call-next .key")).to_be_visible()
    page.locator("#console-keys").click()
    expect(page.locator(".call-next .key")).to_be_hidden()
    page.keyboard.press("F2")
    page.reload()
    expect(page.get_by_label("Pintasan papan ketik")).not_to_be_checked()
    expect(page.get_by_text("Loket siap")).to_be_visible()
    assert Ticket.objects.get().state == TicketState.WAITING


def test_the_key_of_a_button_that_is_off_says_why(live_place: Place, people: People) -> None:
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+p")
    expect(page.get_by_text("Selesaikan dulu nomor di loket ini, termasuk yang ditahan.")).to_be_visible()
    page.keyboard.press("Alt+j")
    expect(page.get_by_text("Mulai atau tandai tidak hadir dulu.")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.get_by_text("Sedang dilayani")).to_be_visible()
    expect(page.get_by_text("Mulai atau tandai tidak hadir dulu.")).to_be_hidden()


def test_what_happens_elsewhere_appears_by_itself_and_disturbs_nothing(
    live_place: Place, people: People
) -> None:
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.get_by_text("Sedang dilayani")).to_be_visible()
    paper = page.locator(".tick", has_text="Kartu Keluarga")
    paper.click()
    page.evaluate("window.neverReloaded = true")
    make.issue(live_place.service)
    expect(page.get_by_text("A-002, KTP elektronik hilang atau rusak.")).to_be_visible(timeout=3000)
    expect(paper.locator("input")).to_be_checked()

    tab = page.context.new_page()
    tab.goto("/loket/")
    tab.get_by_role("button", name="Selesai", exact=True).click()
    expect(page.get_by_text("Loket siap")).to_be_visible(timeout=3000)
    assert page.evaluate("window.neverReloaded")


def test_a_list_that_is_open_waits_with_the_news(live_place: Place, people: People) -> None:
    make.make_queue(make.make_service(live_place.agency))
    page = start_a_shift(people, live_place)
    page.locator("#console-walk-in").click()
    choice = page.locator(".sheet-panel").get_by_role("button", name=live_place.service.name)
    expect(choice).to_be_visible()
    make.issue(live_place.service)
    page.wait_for_timeout(1500)
    expect(choice).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("A-001 menunggu 0 menit.")).to_be_visible(timeout=3000)


def test_a_refusal_stands_in_the_console_with_the_true_state(live_place: Place, people: People) -> None:
    ticket = make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.evaluate("document.getElementById('deed-finish').disabled = false")
    page.locator("#deed-finish").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak berlaku untuk keadaan sekarang")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    expect(page.locator("#deed-finish")).to_be_disabled()
    ticket.refresh_from_db()
    assert ticket.state == TicketState.CALLED


def test_urungkan_counts_down_and_takes_a_call_back_by_its_key(live_place: Place, people: People) -> None:
    for _person in range(2):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("F2")
    expect(page.locator("#console-undo")).to_contain_text("panggilan A-001 · ")
    page.keyboard.press("Alt+r")
    expect(page.get_by_text("Panggilan A-001 diurungkan.")).to_be_visible()
    assert Ticket.objects.waiting().count() == 2
    rule(undo_seconds=2)
    page.keyboard.press("F2")
    expect(page.locator("#console-undo")).to_be_visible()
    expect(page.locator("#console-undo")).to_have_count(0, timeout=4000)
    assert page.evaluate("document.querySelector('.has-undo')") is None


def test_ulangi_is_off_until_its_seconds_have_passed(live_place: Place, people: People) -> None:
    rule(recall_seconds=3)
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("F2")
    again = page.locator("#deed-recall")
    expect(again).to_be_disabled()
    expect(again).to_contain_text("detik lagi")
    page.keyboard.press("Alt+u")
    expect(page.locator("#deed-no-show")).to_contain_text("1 dari 3 kali")
    expect(again).to_be_enabled(timeout=5000)
    expect(page.get_by_text("Ulangi tersedia.")).to_be_visible()
    page.keyboard.press("Alt+u")
    expect(page.get_by_text("Panggilan 2 dari 3.")).to_be_visible()
    assert Ticket.objects.get().calls == 2


def test_papers_that_were_not_ticked_are_proposed_as_missing(live_place: Place, people: People) -> None:
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.get_by_text("Sedang dilayani")).to_be_visible()
    page.locator(".tick", has_text="Kartu Keluarga").click()
    page.keyboard.press("Alt+b")
    expect(page.locator('[name=missing][value="KTP lama"]')).to_be_checked()
    expect(page.locator('[name=missing][value="Kartu Keluarga"]')).not_to_be_checked()
    page.get_by_label("Yang lain atau keterangan").fill("materai")
    page.get_by_role("button", name="Catat yang kurang").click()
    expect(page.get_by_text("A-001 dicatat: berkas kurang")).to_be_visible()
    assert Ticket.objects.get().outcome_note == "KTP lama; materai"


def test_a_rest_and_a_number_out_of_its_turn(live_place: Place, people: People) -> None:
    for _person in range(3):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.keyboard.press("Alt+j")
    expect(page.get_by_role("button", name="Istirahat")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Jeda: Istirahat")).to_be_visible()
    expect(page.locator("#console-call")).to_be_disabled()
    page.keyboard.press("Alt+j")
    expect(page.get_by_text("Loket siap")).to_be_visible()
    page.locator(".turn summary", has_text="A-003").click()
    expect(page.get_by_label("Alasan, tampil di laporan keadilan").last).to_be_focused()
    page.keyboard.type("Dipanggil dokter")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    assert Ticket.objects.at_counter().get().number == 3


def test_an_ended_session_leads_to_sign_in_and_back(live_place: Place, people: People) -> None:
    page = start_a_shift(people, live_place)
    Session.objects.all().delete()
    page.keyboard.press("F2")
    page.wait_for_url("**/akun/masuk/?next=%2Floket%2F")
    page.get_by_label("Nama pengguna").fill(live_place.officer.username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=CALL)).to_be_visible()
    assert CounterSession.objects.open().count() == 1


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_call_button_never_moves_and_the_page_never_scrolls(
    live_place: Place, people: People, width: int, height: int
) -> None:
    for _person in range(9):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place, width, height)
    button = page.locator("#console-call")
    boxes = [button.bounding_box()]
    for key, words in (("F2", "Panggilan 1"), ("Alt+m", "Sedang dilayani"), ("Alt+t", "Ditahan")):
        page.keyboard.press(key)
        expect(page.get_by_text(words)).to_be_visible()
        boxes.append(button.bounding_box())
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert boxes[0] is not None
    assert boxes[0]["height"] >= 64
    assert all(box == boxes[0] for box in boxes)


@pytest.mark.parametrize(("width", "height"), SIZES[:3])
def test_with_a_number_on_hold_three_papers_and_what_was_filed_are_in_sight(
    live_place: Place, people: People, width: int, height: int
) -> None:
    ServiceStandard.objects.update(requirements=THREE_PAPERS)
    for _person in range(3):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place, width, height)
    serve_one(page)
    page.keyboard.press("Alt+t")
    expect(page.get_by_text("Ditahan")).to_be_visible()
    serve_one(page)
    last = page.locator(".tick").nth(2)
    assert bottom(last) <= top(page.locator(".console-foot"))
    page.keyboard.press("Alt+l")
    page.get_by_label("Berkas diterima").check()
    page.get_by_role("button", name="Catat hasil").click()
    expect(page.get_by_text("dicatat: berkas diterima")).to_be_visible()
    assert bottom(page.locator(".filed > :last-child")) <= top(page.locator(".console-foot"))
    assert bottom(page.locator(".filed p").last) <= top(page.locator(".console-foot"))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_who_comes_to_help_is_said_without_squeezing_the_buttons(
    live_place: Place, people: People, width: int, height: int
) -> None:
    make.issue(live_place.service)
    page = start_a_shift(people, live_place, width, height)
    serve_one(page)
    session = CounterSession.objects.get()
    call = actions.call_help(session=session, kind="SICK", by=live_place.officer)
    actions.answer_help(call=call, by=make.make_user(Role.FLOOR_MANAGER, first_name="Rina", last_name="Wati"))
    said = page.locator(".help-called")
    expect(said).to_contain_text("Rina Wati datang, dijawab")
    assert bottom(said) - top(said) < 50
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert bottom(page.locator(".console-foot")) <= height


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_long_list_of_lines_leaves_the_bar_on_top_in_sight(
    live_place: Place, people: People, width: int, height: int
) -> None:
    for _line in range(24):
        make.make_queue(make.make_service(make.make_agency()))
    make.issue(live_place.service)
    page = start_a_shift(people, live_place, width, height)
    serve_one(page)
    page.keyboard.press("Alt+a")
    panel = page.locator("[data-mpp-sheet][open] .sheet-panel")
    expect(panel).to_be_visible()
    assert top(panel) >= bottom(page.locator(".staff-top"))


def top(locator: Locator) -> float:
    """Where this begins, in pixels from the top of the window."""
    return float(locator.evaluate("node => node.getBoundingClientRect().top"))


def bottom(locator: Locator) -> float:
    """Where this ends, in pixels from the top of the window."""
    return float(locator.evaluate("node => node.getBoundingClientRect().bottom"))


def test_a_shift_without_javascript(live_place: Place, people: People) -> None:
    for _person in range(2):
        make.issue(live_place.service)
    page = people.arrive(1366, 768, java_script_enabled=False)
    page.goto("/loket/")
    page.get_by_label("Nama pengguna").fill(live_place.officer.username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    for name in ("console-open", "console-call", "console-undo", "console-call", "deed-start"):
        page.locator(f"#{name}").click()
    page.locator("#console-outcome").click()
    page.get_by_text("Tidak dapat dilayani").click()
    page.get_by_label("Sebabnya", exact=True).fill("Domisili luar daerah")
    page.get_by_role("button", name="Catat hasil").click()
    for name in ("console-call", "deed-start", "deed-finish", "console-close"):
        page.locator(f"#{name}").click()
    page.get_by_role("button", name="Jam layanan selesai").click()
    expect(page.get_by_role("button", name="Buka loket 2")).to_be_visible()
    first, second = Ticket.objects.order_by("number")
    assert (first.state, first.outcome_note) == (TicketState.DONE, "Domisili luar daerah")
    assert (second.state, second.outcome) == (TicketState.DONE, "DONE")


def test_fresh_figures_on_their_way_do_not_close_an_open_list(live_place: Place, people: People) -> None:
    page = start_a_shift(people, live_place)
    with answer_under_way(page, "/loket/"):
        page.locator("#console-close").click()
    page.get_by_role("button", name="Jam layanan selesai").click()
    expect(page.get_by_role("button", name="Buka loket 2")).to_be_visible()


def serve_one(page: Page) -> None:
    """Call the next number and begin to serve it."""
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.get_by_text("Sedang dilayani")).to_be_visible()


def forgive_lost_answers(people: People) -> None:
    """Htmx writes into the browser's log that a request had no answer: here that was the plan."""
    people.faults = [fault for fault in people.faults if ": htmx:" not in fault]


def test_a_lost_network_is_shown_keeps_no_press_and_comes_back_alone(
    live_place: Place, people: People
) -> None:
    for _person in range(3):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    intercept(page, "**/panggil/", lambda route: route.abort())
    page.keyboard.press("F2")
    call = page.locator("#console-call")
    expect(call).to_be_disabled()
    expect(call).to_contain_text("Tanpa sambungan. Tombol hidup lagi begitu tersambung.")
    expect(page.get_by_role("alert")).to_contain_text("Belum ada jawaban dari server.")
    for _impatient in range(3):
        page.keyboard.press("F2")
    page.keyboard.press("Alt+j")
    expect(page.get_by_text("Jeda karena")).to_be_hidden()
    page.unroute("**/panggil/")
    expect(call).to_be_enabled(timeout=8000)
    expect(page.get_by_text("Tersambung lagi.")).to_be_visible()
    assert Ticket.objects.waiting().count() == 3
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    assert Ticket.objects.waiting().count() == 2
    forgive_lost_answers(people)


def test_an_answer_that_was_lost_is_no_second_call(live_place: Place, people: People) -> None:
    for _person in range(3):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    intercept(page, "**/panggil/", lose_the_answer)
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible(timeout=8000)
    page.unroute("**/panggil/")
    page.keyboard.press("F2")
    assert Ticket.objects.waiting().count() == 2
    forgive_lost_answers(people)


def test_a_press_that_takes_long_shows_a_wheel_and_takes_no_other(live_place: Place, people: People) -> None:
    for _person in range(2):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    held: list[Route] = []
    intercept(page, "**/panggil/", lambda route: held.append(route))
    with page.expect_request("**/panggil/"):
        page.keyboard.press("F2")
    expect(page.locator("#console-call")).to_be_disabled()
    wheel = "getComputedStyle(document.getElementById('console-call'), '::after')"
    assert page.evaluate(f"{wheel}.animationName") == "appear, turn"
    assert page.evaluate(f"{wheel}.animationDelay") == "0.4s, 0.4s"
    page.keyboard.press("F2")
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    assert Ticket.objects.waiting().count() == 1


def test_a_press_in_a_tab_left_behind_calls_nobody(live_place: Place, people: People) -> None:
    for _person in range(3):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    serve_one(page)
    tab = page.context.new_page()
    tab.route("**/live/**", lambda route: route.abort())
    tab.goto("/loket/")
    page.bring_to_front()
    page.keyboard.press("F2")
    expect(page.get_by_text("Panggilan 1")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.locator("#console-now .number")).to_have_text("A-002")
    expect(page.get_by_text("Sedang dilayani")).to_be_visible()
    tab.locator("#console-call").click()
    expect(tab.get_by_text("Loket ini sudah berubah di layar lain.")).to_be_visible()
    assert Ticket.objects.at_counter().get().number == 2


def test_the_screen_locks_by_its_key_and_opens_by_the_pin_where_it_was(
    live_place: Place, people: People
) -> None:
    set_pin(pin=PIN, by=live_place.officer)
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    serve_one(page)
    page.keyboard.press("Alt+k")
    expect(page.get_by_label("PIN Anda")).to_be_focused()
    expect(page.get_by_text("A-001")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("PIN Anda")).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("PIN salah. Sisa 4 percobaan.")).to_be_visible()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#console-now .number")).to_have_text("A-001")


def test_an_idle_screen_locks_by_itself_and_a_press_in_another_tab_is_refused(
    live_place: Place, people: People
) -> None:
    set_pin(pin=PIN, by=live_place.officer)
    rule(lock_minutes=10)
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    DeskScreen.objects.update(active_at=F("active_at") - timedelta(minutes=11))
    page.locator("#console-call").evaluate("button => button.click()")
    expect(page.get_by_text("Tekanan terakhir tidak dilakukan")).to_be_visible()
    expect(page.get_by_label("PIN Anda")).to_be_focused()
    assert Ticket.objects.waiting().count() == 1


def test_the_list_of_what_lacks_is_printed_and_its_window_closes(live_place: Place, people: People) -> None:
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.context.add_init_script("window.print = () => { document.documentElement.dataset.printed = 1; };")
    serve_one(page)
    page.locator(".tick", has_text="Kartu Keluarga").click()
    page.keyboard.press("Alt+b")
    expect(page.locator('[name=missing][value="KTP lama"]')).to_be_checked()
    page.get_by_role("button", name="Catat yang kurang").click()
    expect(page.get_by_text("A-001 dicatat: berkas kurang")).to_be_visible()
    with page.context.expect_page() as opened:
        page.keyboard.press("Alt+c")
    slip = opened.value
    expect(slip.locator("html[data-printed]")).to_have_count(1)
    expect(slip.get_by_text("KTP lama")).to_be_visible()
    expect(slip.get_by_text("Kartu Keluarga")).to_have_count(0)
    slip.evaluate("window.dispatchEvent(new Event('afterprint'))")
    slip.wait_for_event("close")


def test_closing_asks_why_and_the_next_number_can_be_looked_at(live_place: Place, people: People) -> None:
    make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.locator(".turn summary").click()
    expect(page.get_by_text("Membawa: Kartu Keluarga; KTP lama")).to_be_visible()
    assert Ticket.objects.waiting().count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+p")
    expect(page.get_by_role("button", name="Jam layanan selesai")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Buka loket 2")).to_be_visible()
    assert CounterSession.objects.get().close_reason == "Jam layanan selesai"


def test_f2_in_a_field_calls_nobody(live_place: Place, people: People) -> None:
    for _person in range(2):
        make.issue(live_place.service)
    page = start_a_shift(people, live_place)
    page.locator(".turn summary").first.click()
    expect(page.get_by_label("Alasan, tampil di laporan keadilan").first).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Loket siap")).to_be_visible()
    assert Ticket.objects.waiting().count() == 2


def test_axe_finds_nothing_in_any_state(live_place: Place, people: People) -> None:
    for _person in range(3):
        make.issue(live_place.service)
    set_pin(pin=PIN, by=live_place.officer)
    page = start_a_shift(people, live_place)
    found = {"ready": violations(page)}

    def look(state: str, key: str, words: str) -> None:
        page.keyboard.press(key)
        expect(page.get_by_text(words).first).to_be_visible()
        found[state] = violations(page)

    look("called", "F2", "Panggilan 1")
    look("served", "Alt+m", "Sedang dilayani")
    look("papers", "Alt+b", "Apa yang kurang dari A-001?")
    page.get_by_label("Yang lain atau keterangan").fill("materai")
    look("lacking", "Enter", "A-001 dicatat: berkas kurang")
    look("closing", "Alt+p", "Tutup Loket 2 karena")
    page.keyboard.press("Escape")
    look("resting", "Alt+j", "Jeda karena")
    page.keyboard.press("Escape")
    page.goto("/akun/saya/")
    found["account"] = violations(page)
    page.goto("/loket/")
    look("locked", "Alt+k", "Layar terkunci")
    assert {state: faults for state, faults in found.items() if faults} == {}

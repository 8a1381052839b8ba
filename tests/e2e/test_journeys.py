"""Each journey of a citizen, with scripts and without, by keyboard alone, and as a screen reader tells it.

A minute together: part of `make faults`.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from queueing import actions
from queueing.enums import BookingState, Outcome, TicketState
from queueing.models import Booking, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.e2e.test_main_job import take_a_number

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

# What has the focus: whether it is seen whole, and whether something marks it.
FOCUSED = """() => {
    const node = document.activeElement, box = node.getBoundingClientRect(), style = getComputedStyle(node);
    const middle = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const shown = node.matches("input") ? getComputedStyle(node.nextElementSibling || node) : style;
    return {
        name: (node.innerText || node.getAttribute("aria-label") || node.name || "").trim(),
        isFree: middle !== null && (node.contains(middle) || middle.contains(node)),
        isMarked: [style, shown].some((one) => one.outlineStyle !== "none" || one.boxShadow !== "none"),
    };
}"""


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def phone(request: pytest.FixtureRequest, live_place: Place, people: People) -> Page:
    live_place.queue.takes_bookings = True
    live_place.queue.save()
    return people.arrive(java_script_enabled=request.param)


def press(page: Page, name: str, kind: str = "button") -> None:
    """Press a button or a link, and wait for what comes."""
    with page.expect_navigation():
        page.get_by_role(kind, name=name).first.click()  # type: ignore[arg-type]


def test_a_number_is_taken_put_back_told_corrected_found_again_and_given_back(
    live_place: Place, phone: Page
) -> None:
    label = take_a_number(phone)
    address = phone.url
    make.issue(live_place.service)
    press(phone, "Saya butuh waktu", "link")
    press(phone, "Mundur")
    expect(phone.get_by_text("orang di depan Anda")).to_be_visible()
    press(phone, "Beri tahu saya lewat pesan", "link")
    phone.get_by_label("Nomor ponsel atau e-mail").fill("0812 3456 7890")
    press(phone, "Beri tahu saya")
    phone.goto("/nomor-saya/")
    phone.get_by_label("Nomor antrean").fill(label.lower())
    phone.get_by_label("Empat angka terakhir ponsel").fill("7890")
    press(phone, "Temukan nomor saya")
    assert phone.url.startswith(address)
    press(phone, "Data saya", "link")
    expect(phone.get_by_text("Nomor ponsel …890")).to_be_visible()
    press(phone, "Hapus nomor ponsel dan pesan")
    expect(phone.get_by_text("Tanpa nomor ponsel")).to_be_visible()
    phone.goto(address)
    press(phone, "Batalkan", "link")
    press(phone, "Batalkan nomor")
    expect(phone.get_by_text("Nomor dibatalkan")).to_be_visible()


def test_a_time_is_booked_moved_found_and_given_back(phone: Page) -> None:
    phone.goto("/layanan/ktp-hilang/")
    press(phone, "Pesan waktu", "link")
    phone.locator(".time:not(.is-full)").last.click()
    press(phone, "Pesan waktu")
    first = Booking.objects.get().slot
    press(phone, "Pindah waktu", "link")
    phone.locator(".time:not(.is-full)").first.click()
    press(phone, "Pindah ke waktu ini")
    assert Booking.objects.get().slot != first
    phone.goto("/nomor-saya/")
    phone.get_by_text("Waktu Anda:").click()
    press(phone, "Batalkan", "link")
    press(phone, "Batalkan pesanan")
    assert Booking.objects.get().state == BookingState.CANCELLED


def test_a_number_is_moved_to_a_booked_time_and_its_old_link_leads_on(phone: Page) -> None:
    take_a_number(phone)
    address = phone.url
    press(phone, "Pindah waktu", "link")
    press(phone, "Pindah ke waktu ini")
    expect(phone.get_by_text("Pilih satu jam dulu.")).to_be_visible()
    phone.locator(".time:not(.is-full)").last.click()
    press(phone, "Pindah ke waktu ini")
    booking, ticket = Booking.objects.get(), Ticket.objects.get()
    assert (booking.from_ticket, ticket.state) == (ticket, TicketState.CANCELLED)
    expect(phone.get_by_text("Kode hadir", exact=True)).to_be_visible()
    phone.goto(address)
    press(phone, "Buka pesanan", "link")
    assert phone.url.endswith(f"/pesanan/{booking.token}/")
    phone.goto("/nomor-saya/")
    expect(phone.get_by_text("Waktu Anda:")).to_be_visible()


def test_one_person_at_two_agencies_and_somebody_helped(live_place: Place, phone: Page) -> None:
    make.make_queue(make.make_service(slug="akta"))
    take_a_number(phone)
    press(phone, "Ambilkan orang lain", "link")
    press(phone, "Ambil nomor")
    phone.goto("/antrean/ambil/akta/")
    press(phone, "Ambil nomor")
    press(phone, "Lihat semua nomor Anda", "link")
    expect(phone.locator(".mine")).to_have_count(2)
    own, helped, other = Ticket.objects.order_by("pk")
    assert own.visit == other.visit is not None
    assert helped.visit is None


def test_a_file_is_followed_from_its_code(live_place: Place, phone: Page) -> None:
    make.issue(live_place.service)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    called = actions.call_next(session=session, by=live_place.officer)
    assert called is not None
    actions.start(ticket=called, by=live_place.officer)
    actions.finish(ticket=called, by=live_place.officer, outcome=Outcome.FILE_RECEIVED)
    phone.goto(f"/t/{called.token}/")
    code = phone.locator("[data-about] .nowrap").inner_text()
    phone.goto("/")
    press(phone, "Cek berkas saya", "link")
    phone.get_by_label("Kode berkas").fill(code.lower())
    press(phone, "Cek berkas")
    expect(phone.get_by_text(code).first).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    """Go on with the Tab key until `name` has the focus; each stop is seen, and marked."""
    for _stop in range(80):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        assert stop["isFree"], stop
        assert stop["isMarked"], stop
        if re.search(name, stop["name"]):
            return
    raise AssertionError(f"{name} cannot be reached")


def test_home_to_number_and_back_by_keyboard_alone(live_place: Place, people: People) -> None:
    page = people.arrive(1366, 768)
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["name"] == "Langsung ke isi"
    page.keyboard.press("Enter")
    tab_to(page, "cari")
    page.keyboard.type("ktp")
    for step in ("KTP elektronik hilang", "Ambil nomor", "Ambil nomor"):
        with page.expect_navigation():
            page.keyboard.press("Enter")
        tab_to(page, step)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A-001")
    tab_to(page, "Batalkan")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "Batalkan nomor")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Ticket.objects.get().state == TicketState.CANCELLED


def test_a_screen_reader_tells_the_number_the_wait_and_the_call(live_place: Place, people: People) -> None:
    make.issue(live_place.service)
    page = people.arrive()
    take_a_number(page)
    heard = page.locator("body").aria_snapshot()
    for words in (
        "banner",
        "main",
        "contentinfo",
        'heading "A-002" [level=1]',
        'img "1 orang di depan Anda"',
    ):
        assert words in heard
    # Position: politely, and as a whole; the call: at once.
    expect(page.locator(".ahead")).to_have_attribute("aria-live", "polite")
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    first = actions.call_next(session=session, by=live_place.officer)
    assert first is not None
    actions.start(ticket=first, by=live_place.officer)
    actions.finish(ticket=first, by=live_place.officer)
    actions.call_next(session=session, by=live_place.officer)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("A-002")
    expect(alert).to_contain_text("Loket")

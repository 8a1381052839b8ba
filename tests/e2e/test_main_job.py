"""From a search to a served number, as the people themselves would do it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from queueing.enums import TicketState
from queueing.models import Ticket
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)


def take_a_number(page: Page) -> str:
    """Search, read the service page, take a number; return it."""
    page.goto("/")
    page.get_by_role("searchbox").fill("ktp")
    page.get_by_role("button", name="Cari").click()
    page.get_by_role("link", name=re.compile("KTP elektronik hilang atau rusak")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("KTP elektronik hilang atau rusak")
    expect(page.get_by_text("Gratis").first).to_be_visible()
    page.get_by_role("link", name="Ambil nomor").or_(
        page.get_by_role("button", name="Ambil nomor")
    ).first.click()
    page.get_by_role("button", name="Ambil nomor").click()
    page.wait_for_url("**/t/**")
    return page.get_by_role("heading", level=1).inner_text().strip()


def open_a_counter(page: Page, username: str) -> None:
    """Sign in and open the usual counter."""
    page.goto("/loket/")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.get_by_role("button", name=re.compile("Buka loket")).first.click()
    expect(page.get_by_role("button", name=re.compile("Panggil berikutnya"))).to_be_visible()


def test_a_number_is_taken_followed_called_shown_served_and_finished(
    live_place: Place, people: People
) -> None:
    citizen = people.arrive()
    assert take_a_number(citizen) == "A-001"
    expect(citizen.locator("body")).to_contain_text("depan Anda")

    hall = people.arrive(1920, 1080)
    hall.goto("/layar/kependudukan/")
    officer = people.arrive(1366, 768)
    open_a_counter(officer, live_place.officer.username)

    officer.get_by_role("button", name=re.compile("Panggil berikutnya")).click()
    expect(hall.get_by_text("A-001").first).to_be_visible()
    expect(citizen.get_by_text("Giliran Anda").first).to_be_visible()
    expect(officer.locator("body")).to_contain_text("A-001")

    officer.get_by_role("button", name=re.compile("^Mulai")).click()
    expect(citizen.get_by_text(re.compile("[Dd]ilayani")).first).to_be_visible()
    officer.get_by_role("button", name=re.compile("^Selesai")).click()
    expect(citizen.get_by_text(re.compile("Selesai")).first).to_be_visible()
    assert Ticket.objects.get().state == TicketState.DONE

    officer.locator("#console-close").click()
    officer.get_by_role("button", name="Jam layanan selesai").click()
    expect(officer.get_by_role("button", name=re.compile("Buka loket")).first).to_be_visible()


def test_the_citizens_part_works_without_javascript(live_place: Place, people: People) -> None:
    citizen = people.arrive(java_script_enabled=False)
    assert take_a_number(citizen) == "A-001"
    citizen.get_by_role("link", name="Batalkan").click()
    citizen.get_by_role("button", name=re.compile("Batalkan")).click()
    assert Ticket.objects.get().state == TicketState.CANCELLED


def test_reload_back_and_a_second_press_make_no_second_number(live_place: Place, people: People) -> None:
    citizen = people.arrive()
    take_a_number(citizen)
    citizen.reload()
    citizen.go_back()
    again = citizen.get_by_role("button", name="Ambil nomor")
    if again.count():
        again.first.click()
    citizen.wait_for_load_state()
    assert Ticket.objects.count() == 1


def test_three_touches_at_the_kiosk_make_a_number(live_place: Place, people: People) -> None:
    visitor = people.arrive(1080, 1920)
    visitor.goto("/anjungan/")
    visitor.get_by_text("Dukcapil").first.click()
    visitor.get_by_text("KTP elektronik hilang atau rusak").first.click()
    if not re.search("/anjungan/nomor/", visitor.url):
        visitor.wait_for_url("**/anjungan/nomor/**")
    expect(visitor.get_by_text("A-001").first).to_be_visible()
    assert Ticket.objects.get().channel == "KIOSK"


@pytest.mark.parametrize("width", [320, 360, 768, 1366])
def test_no_citizen_page_scrolls_sideways(live_place: Place, people: People, width: int) -> None:
    ticket = make.issue(live_place.service)
    citizen = people.arrive(width, 740)
    for path in (
        "/",
        "/layanan/",
        "/layanan/ktp-hilang/",
        "/instansi/dukcapil/",
        f"/t/{ticket.token}/",
        "/akun/masuk/",
    ):
        citizen.goto(path)
        wide = citizen.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} px wide"

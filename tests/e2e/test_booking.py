"""A time is booked on a phone, and becomes a number at the kiosk, or on the phone with the code on site."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mpp.core import clock
from queueing import presence
from queueing.models import Booking, Slot, Ticket
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(live_place: Place) -> Place:
    live_place.queue.takes_bookings = True
    live_place.queue.save()
    return live_place


def book_a_time(page: Page) -> Booking:
    """Choose the last day and its first time, and book it; its time is then now, so that one can come."""
    page.goto("/antrean/pesan/ktp-hilang/")
    page.locator(".day").last.click()
    page.locator(".time").first.click()
    page.get_by_role("button", name="Pesan waktu").click()
    page.wait_for_url("**/pesanan/**")
    expect(page.get_by_text("Datang mulai")).to_be_visible()
    Slot.objects.update(starts_at=clock.now())
    return Booking.objects.get()


def test_the_code_is_typed_on_the_kiosk_without_waiting_for_the_server(line: Place, people: People) -> None:
    booking = book_a_time(people.arrive())
    kiosk = people.arrive(1080, 1920)
    kiosk.goto("/anjungan/hadir/")
    button = kiosk.get_by_role("button", name="Saya hadir")
    expect(button).to_be_disabled()
    for character in booking.code:
        kiosk.get_by_role("link", name=character, exact=True).click()
    kiosk.get_by_role("link", name="Hapus").click()
    expect(button).to_be_disabled()
    kiosk.get_by_role("link", name=booking.code[-1], exact=True).click()
    assert "?" not in kiosk.url
    button.click()
    expect(kiosk.get_by_text("A-001").first).to_be_visible()
    assert Ticket.objects.get().channel == "KIOSK"


def test_a_scanner_types_the_qr_code_of_the_booking(line: Place, people: People) -> None:
    booking = book_a_time(people.arrive())
    kiosk = people.arrive(1920, 1080)
    kiosk.goto("/anjungan/hadir/")
    kiosk.keyboard.type(f"https://mpp.example/pesanan/{booking.token}/")
    kiosk.keyboard.press("Enter")
    expect(kiosk.get_by_text("A-001").first).to_be_visible()


def test_the_phone_becomes_the_number_with_the_code_on_site(line: Place, people: People) -> None:
    phone = people.arrive()
    book_a_time(phone)
    phone.reload()
    screen = people.arrive(1080, 1920)
    screen.goto("/akun/masuk/")
    screen.get_by_label("Nama pengguna").fill(line.officer.username)
    screen.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    screen.get_by_role("button", name="Masuk").click()
    screen.goto("/anjungan/kode/")
    code = re.sub(r"\D", "", screen.locator(".code-now").inner_text())
    assert len(code) == presence.DIGITS
    phone.get_by_label("Kode di layar mal").fill(code)
    phone.get_by_role("button", name="Saya hadir").click()
    phone.wait_for_url("**/t/**")
    expect(phone.get_by_role("heading", level=1)).to_have_text("A-001")


@pytest.mark.parametrize("width", [320, 360, 768, 1366])
def test_nothing_is_cut_off_at_any_width(line: Place, people: People, width: int) -> None:
    page = people.arrive(width, 780)
    booking = book_a_time(page)
    for path in ("", "pindah/", "batal/", "lebih-awal/"):
        page.goto(f"/pesanan/{booking.token}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path

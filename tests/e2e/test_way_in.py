"""An agency from calon to its first served number, by mouse and keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mpp.core import clock
from queueing.models import Ticket
from tenants.enums import Role
from tenants.models import Agency
from tests import factories as make
from tests.agreements.ready import make_criterion, only
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.e2e.test_main_job import open_a_counter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def sign_in(people: People, username: str) -> Page:
    page = people.arrive(1366, 768)
    page.goto("/admin/")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.keyboard.press("Enter")
    page.locator("summary", has_text="Instansi masuk").click()
    page.get_by_role("link", name="Papan perjalanan").click()
    return page


def fill(page: Page, **texts: str) -> None:
    """Type into the fields of a form of the admin."""
    for name, text in texts.items():
        field = page.locator(f"#id_{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)


def pick(page: Page, name: str, text: str) -> None:
    """Search in a field that completes what is typed, and take what it finds."""
    page.locator(f".field-{name} .select2-selection, [class*='{name}'] .select2-selection").first.click()
    page.keyboard.type(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Simpan", exact=True).click()


def press(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).or_(
        page.get_by_role("button", name=name, exact=True)
    ).first.click()


def add_the_agency(page: Page) -> None:
    press(page, "Tambah instansi")
    fill(page, code="SAM", name="UPPD Samsat Uji", short_name="Samsat Uji", summary="Pajak motor")
    fill(page, kind="PROVINCIAL", owner_level="PROVINCE")
    save(page)
    page.get_by_role("link", name=re.compile("Samsat Uji")).last.click()
    press(page, "Catat bersedia")


def sign_the_paper(page: Page) -> None:
    press(page, "Buat naskah")
    fill(page, scope="Layanan di mal.")
    # The two parties stand there already.
    for position in (0, 1):
        row = {"number": f"{position}/UJI", "signatory": "Pejabat Uji", "office": "Kepala"}
        fill(page, **{f"parties-{position}-{name}": text for name, text in row.items()})
    save(page)
    today = clock.today().strftime("%d-%m-%Y")
    for state in ("Telaah", "Siap tanda tangan", "Ditandatangani", "Berlaku"):
        page.locator(".road").get_by_role("link", name=re.compile("naskah$")).click()
        page.get_by_label(state, exact=False).first.check()
        if state == "Ditandatangani":
            fill(page, signed_on=today, place="Uji", effective_from=today, effective_to="31-12-2040")
        press(page, "Catat keadaan")
    press(page, "Mulai persiapan")


def offer_a_service(page: Page) -> None:
    press(page, "Tambah layanan")
    fill(page, code="SAM-1", name="Pajak tahunan")
    save(page)
    press(page, "Isi standar pelayanan")
    fill(page, requirements="STNK", procedure="Ambil nomor.", time_text="Selesai hari ini")
    fill(page, time_minutes="10", fee_basis="UU 1/2022", product="Bukti lunas", complaints="Ke petugas.")
    save(page)
    press(page, "Buat antrean")
    save(page)


def place_an_officer(page: Page) -> None:
    press(page, "Beri loket")
    pick(page, "counter", "7")
    save(page)
    press(page, "Tambah orang baru")
    fill(page, username="petugas-samsat", first_name="Rahma")
    fill(page, password1=make.PASSWORD, password2=make.PASSWORD)
    save(page)
    save(page)
    press(page, "Tempatkan petugas")
    pick(page, "user", "Rahma")
    fill(page, letter_number="800/1/2026")
    save(page)


def test_an_agency_comes_in_and_serves_its_first_number(live_place: Place, people: People) -> None:
    only(make_criterion())
    make.make_counter(make.make_agency(), number="7").duties.all().delete()
    for username in ("pengelola", "pemeriksa"):
        make.make_user(Role.ADMIN, username=username)
    page = sign_in(people, "pengelola")
    add_the_agency(page)
    sign_the_paper(page)
    offer_a_service(page)
    place_an_officer(page)

    press(page, "Buka kesiapan")
    page.get_by_label(re.compile("Bukti")).first.fill("Surat tugas 800/1/2026")
    press(page, "Nyatakan siap yang diisi")
    checker = sign_in(people, "pemeriksa")
    checker.get_by_role("link", name=re.compile("Samsat Uji")).last.click()
    press(checker, "Buka kesiapan")
    checker.get_by_label("Sudah saya periksa, benar").check()
    press(checker, "Verifikasi yang dicentang")

    page.get_by_role("link", name="Samsat Uji").first.click()
    press(page, "Mulai uji coba")
    press(page, "Mulai uji coba")
    way_in = page.url
    press(page, "Ambil nomor uji")
    page.get_by_role("button", name="Ambil nomor").click()
    page.wait_for_url("**/t/**")

    officer = people.arrive(1366, 768)
    open_a_counter(officer, "petugas-samsat")
    officer.get_by_role("button", name=re.compile("Panggil berikutnya")).click()
    officer.get_by_role("button", name=re.compile("^Mulai")).click()
    officer.get_by_role("button", name=re.compile("^Selesai")).first.click()
    page.goto(way_in)
    expect(page.get_by_text(re.compile(r"A-001 dilayani|001 dilayani"))).to_be_visible()
    assert Agency.objects.get(code="SAM").status == "TRIAL"
    assert Ticket.objects.get().outcome == "DONE"

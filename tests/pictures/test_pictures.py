"""`make pictures`: every page as people see it, into var/pictures; with DOCS=1 those of the README too.

Each page is looked at on a phone and on a desk, by day and by night, in English and at 200 %. None may scroll
sideways, none may fail in a script, and each picture is worth a look.
"""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Page

from mpp.core import clock
from tests import factories as make
from tests.e2e.conftest import People
from tests.pictures.pages import WINDOWS, pages_of
from tests.pictures.scene import Scene, make_scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1200)]

TARGET = Path(settings.BASE_DIR) / "var" / "pictures"
DOCS = Path(settings.BASE_DIR) / "docs" / "images"
# Also what is below the window, and is loaded late.
EVERYTHING = """() => {
    const pictures = [...document.images];
    pictures.forEach((picture) => { picture.loading = "eager"; });
    return Promise.all([document.fonts.ready, ...pictures.map((picture) => picture.decode().catch(() => 0))]);
}"""
HALL = {"anjungan": (540, 960), "layar": (1280, 720), "langsung": (360, 780)}


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return make_scene()


def taken(page: Page, path: str, name: str, *, whole: bool = True) -> int:
    """Open a page, keep its picture; return how much wider than its window it is."""
    page.goto(path)
    page.evaluate(EVERYTHING)
    TARGET.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=TARGET / f"{name}.png", full_page=whole)
    too_wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return too_wide


@pytest.mark.parametrize("window", WINDOWS)
def test_pages_of_citizens(scene: Scene, people: People, window: str) -> None:
    width, height, options = WINDOWS[window]
    page = people.arrive(width, height, **options)
    wide = {
        name: found
        for name, path in pages_of(scene).items()
        if (found := taken(page, path, f"{name}-{window}")) > 0
    }
    assert wide == {}


def signed_in(people: People, username: str, path: str, width: int = 1366, height: int = 768) -> Page:
    page = people.arrive(width, height)
    page.goto(f"/akun/masuk/?next={path}")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")
    return page


def test_screens_of_hall_and_staff(scene: Scene, people: People) -> None:
    agency = scene.service.agency.slug
    kiosk = people.arrive(*HALL["anjungan"], service_workers="block")
    for name, path in {
        "anjungan": "/anjungan/",
        "anjungan-instansi": f"/anjungan/{agency}/",
        "anjungan-akses": "/anjungan/akses/",
        "anjungan-nomor": f"/anjungan/nomor/{scene.waiting.token}/",
        "karcis": f"/anjungan/nomor/{scene.waiting.token}/karcis/",
    }.items():
        taken(kiosk, path, name, whole=False)
    display = people.arrive(*HALL["layar"], service_workers="block")
    display.goto(f"/layar/{scene.zone}/")
    display.wait_for_timeout(3000)
    display.screenshot(path=TARGET / "layar.png")
    for name, username, path in (
        ("loket", scene.officer.username, "/loket/"),
        ("lantai", scene.manager.username, "/lantai/"),
        ("admin-mal", scene.admin.username, "/admin/core/mall/1/change/"),
    ):
        page = signed_in(people, username, path)
        page.wait_for_timeout(1000)
        page.screenshot(path=TARGET / f"{name}.png", full_page=name == "admin-mal")


def test_the_calendar_asks_before_it_closes_a_day_with_bookings(scene: Scene, people: People) -> None:
    path = "/admin/services/calendarday/add/"
    page = signed_in(people, scene.admin.username, path)
    page.get_by_label("Tanggal").fill(f"{clock.local(scene.booking.slot.starts_at):%d-%m-%Y}")
    page.get_by_label("Nama").fill("Hari jadi")
    page.get_by_label("Jenis").select_option("LOCAL_HOLIDAY")
    page.get_by_role("button", name="Simpan", exact=True).click()
    page.get_by_text("pesanan ada pada waktu yang menjadi tutup").wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=TARGET / "admin-kalender.png", full_page=True)


# The name in docs/images, and the window.
FOR_DOCS = {
    "home": (1366, 900),
    "service": (1366, 900),
    "my-number": (390, 844),
    "kiosk": (540, 960),
    "display": (1280, 720),
    "console": (1366, 768),
}


@pytest.mark.skipif(os.environ.get("DOCS") != "1", reason="only with DOCS=1")
def test_pictures_of_the_readme(transactional_db: None, people: People) -> None:
    scene = make_scene(with_pictures=False)
    paths = {
        "home": "/",
        "service": f"/layanan/{scene.service.slug}/",
        "my-number": f"/t/{scene.waiting.token}/",
        "kiosk": "/anjungan/",
        "display": f"/layar/{scene.zone}/",
    }
    for name, (width, height) in FOR_DOCS.items():
        if name == "console":
            page = signed_in(people, scene.officer.username, "/loket/", width, height)
        else:
            page = people.arrive(width, height, service_workers="block")
            page.goto(paths[name])
        page.wait_for_timeout(3000)
        # A paired display may speak without being asked; this browser may not.
        page.evaluate("document.querySelectorAll('[data-mpp-sound]').forEach((one) => { one.remove(); })")
        _small(page.screenshot(), DOCS / f"{name}.png")


def _small(content: bytes, path: Path) -> None:
    """Keep a picture with a palette: a third of the bytes, and nobody sees it."""
    picture = Image.open(BytesIO(content)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture.save(path, "PNG", optimize=True)

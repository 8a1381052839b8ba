"""`make pictures`: every page as people see it, into var/pictures; with DOCS=1 those of the README too.

Each page is looked at on a phone and on a desk, by day and by night, in English and at 200 %. None may scroll
sideways, none may fail in a script, and each picture is worth a look.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from mpp.core import clock
from tests.e2e.conftest import People
from tests.pictures.camera import TARGET, WANTS_DOCS, keep, sign_in
from tests.pictures.pages import WINDOWS, pages_of
from tests.pictures.scene import Scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1200)]

# Also what is below the window, and is loaded late.
EVERYTHING = """() => {
    const pictures = [...document.images];
    pictures.forEach((picture) => { picture.loading = "eager"; });
    return Promise.all([document.fonts.ready, ...pictures.map((picture) => picture.decode().catch(() => 0))]);
}"""


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


def signed_in(people: People, username: str, path: str) -> Page:
    page = people.arrive(1366, 768)
    sign_in(page, username, path)
    return page


def test_the_page_of_the_mall_in_the_admin(scene: Scene, people: People) -> None:
    page = signed_in(people, scene.admin.username, "/admin/core/mall/1/change/")
    page.wait_for_timeout(1000)
    keep(page, "admin-mal", whole=True)


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
FOR_DOCS = {"home": (1366, 900), "service": (1366, 900), "my-number": (390, 844)}


@pytest.mark.skipif(not WANTS_DOCS, reason="only with DOCS=1")
def test_pictures_of_the_readme(morning: Scene, people: People) -> None:
    paths = {
        "home": "/",
        "service": f"/layanan/{morning.service.slug}/",
        "my-number": f"/t/{morning.waiting.token}/",
    }
    for name, (width, height) in FOR_DOCS.items():
        page = people.arrive(width, height, service_workers="block")
        page.goto(paths[name])
        page.wait_for_timeout(3000)
        keep(page, name, docs=1)

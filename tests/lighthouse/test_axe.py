"""`make lighthouse`: what axe finds on every page and state, what is too small and too wide (U-16…U-19)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.models import Share
from services.actions import start_disruption
from services.models import OpeningHours
from tests import factories as make
from tests.e2e.conftest import People
from tests.pictures.pages import WINDOWS, pages_of
from tests.pictures.scene import Scene
from tests.support.axe import violations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

TARGETS = Path(__file__).parents[1].joinpath("support", "targets.js").read_text("utf-8")
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
# The narrowest phone, and letters set as wide as readers may want them (WCAG 1.4.12).
SPACED = "360-renggang"
MORE: dict[str, tuple[int, int, dict[str, Any]]] = {
    "320": (320, 640, {}),
    SPACED: (360, 780, {"bypass_csp": True}),
}
WIDE_LETTERS = """* { line-height: 1.5 !important; letter-spacing: .12em !important; }
* { word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""
ERRORS = ("400", "403", "409", "429", "500", "503")
Look = Callable[[Page, str], None]


@pytest.fixture
def look(axe_file: Path, reports: list[str]) -> Iterator[Look]:
    """Judge the page as it stands, under a name; all that was found is told at the end."""
    found: dict[str, list[str]] = {}

    def judge(page: Page, name: str) -> None:
        small = [f"target: {each}" for each in page.evaluate(TARGETS)]
        wide = page.evaluate(TOO_WIDE)
        found[name] = violations(page, contrast=7) + small + ([f"{wide} px too wide"] if wide > 0 else [])

    yield judge
    before = json.loads(axe_file.read_text("utf-8")) if axe_file.exists() else {}
    axe_file.write_text(json.dumps(before | found, indent=1, ensure_ascii=False), encoding="utf-8")
    wrong = {name: each for name, each in found.items() if each}
    reports.append(f"axe: {len(found)} pages and states, {len(wrong)} with findings ({axe_file.name})")
    assert wrong == {}


@pytest.mark.parametrize("window", [*WINDOWS, *MORE])
def test_every_page(scene: Scene, people: People, look: Look, window: str) -> None:
    width, height, options = (WINDOWS | MORE)[window]
    page = people.arrive(width, height, **options)
    for name, path in pages_of(scene).items():
        page.goto(path)
        if window == SPACED:
            page.add_style_tag(content=WIDE_LETTERS)
        look(page, f"{name} {window}")


@pytest.mark.parametrize("window", ["360", "360-gelap"])
def test_every_state(scene: Scene, people: People, look: Look, window: str) -> None:
    width, height, options = WINDOWS[window]
    page = people.arrive(width, height, **options)
    for name in errors(page):
        look(page, f"{name} {window}")
    for name in mistakes(page, scene):
        look(page, f"{name} {window}")
    for state in (full, in_trouble, closed):
        state(scene)
        for name in ("beranda", "layanan", "satu-layanan", "instansi", "nomor-menunggu", "pesan-waktu"):
            page.goto(pages_of(scene)[name])
            look(page, f"{name} {state.__name__} {window}")
        if state is full:
            page.goto(f"/antrean/kabari/{scene.service.slug}/")
            look(page, f"kabari-nomor {window}")
            page.get_by_label("Nomor ponsel atau e-mail").fill("0812 3456 7890")
            _press(page, "Kabari saya")
            look(page, f"kabari-nomor-dicatat {window}")


def errors(page: Page) -> Iterator[str]:
    """Open the pages that tell of an error, each with its own status."""
    refusal = Refusal("throttled", "Terlalu banyak percobaan. Tunggu satu menit, lalu coba lagi.")
    for status in ERRORS:
        body = render_to_string(f"{status}.html", {"refusal": refusal, "incident": "1a2b3c4d"})
        page.route(f"**/uji-{status}/", _answers(int(status), body))
        page.goto(f"/uji-{status}/")
        yield f"galat-{status}"


def _answers(status: int, body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")


def mistakes(page: Page, scene: Scene) -> Iterator[str]:
    """Fill in each form as it must not be."""
    paths = pages_of(scene)
    page.goto(paths["ambil"])
    page.get_by_label("Nomor ponsel").fill("0526 202 8000")
    _press(page, "Ambil nomor")
    yield "ambil-salah"
    page.goto(paths["nomor-saya"])
    page.get_by_label("Nomor antrean").fill("halo")
    _press(page, "Temukan nomor saya")
    yield "nomor-saya-salah"
    page.goto(paths["pesan-waktu"])
    _press(page, "Pesan waktu")
    yield "pesan-waktu-salah"
    page.goto(paths["nomor-kabar"])
    page.get_by_label("Nomor ponsel atau e-mail").fill("halo")
    _press(page, "Beri tahu saya")
    yield "nomor-kabar-salah"


def _press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def full(scene: Scene) -> None:
    """No number is left, online or on site."""
    Share.objects.update(taken=F("reserved"))


def in_trouble(scene: Scene) -> None:
    """Nothing goes on in the whole mall."""
    start_disruption(message="Listrik padam di gedung", by=scene.manager)


def closed(scene: Scene) -> None:
    """It opens again tomorrow."""
    OpeningHours.objects.all().delete()
    tomorrow = clock.today().isoweekday() % 7 + 1
    OpeningHours.objects.create(
        weekday=tomorrow, opens_at=time(8), closes_at=time(15), valid_from=make.LONG_AGO
    )

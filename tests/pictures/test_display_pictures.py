"""The displays of the hall in every state, and their copy on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect

from queueing.enums import Half, ScreenLayout
from queueing.models import PlaylistItem
from tenants.enums import DeviceKind
from tenants.models import Zone
from tests import factories as make
from tests.e2e.conftest import People
from tests.e2e.puppet import Puppet
from tests.pictures.camera import keep
from tests.pictures.scene import Scene
from tests.support.fast_time import travel
from tests.support.full_hall import TUESDAY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

PANEL = (1920, 1080)
NOTE = "Loket Samsat tutup pukul 12.00 WITA hari ini."
SECOND = "Siapkan KTP asli dan Kartu Keluarga."
# Every call of the scene has had its turn on the plate.
LONG_ENOUGH = 90


def look(page: Page, state: str) -> None:
    keep(page, f"display-{state}", docs=0.5)


def hung(people: People, path: str) -> Puppet:
    return Puppet(people.arrive(*PANEL, service_workers="block"), path)


def fill(puppet: Puppet, *parts: int) -> None:
    """Six calls of the last minutes in each of these parts."""
    for part in parts or (0,):
        for place, label in enumerate(("A-009", "KS-004", "A-010", "A-011", "B-007", "KS-005", "A-012")):
            puppet.call(
                label if not part else label.replace("A", "D"), str(place + 1 + 8 * part), age=120, part=part
            )


def test_one_zone_in_every_state(morning: Scene, people: People) -> None:
    puppet = hung(people, f"/layar/{morning.zone}/")
    calls: list[Any] = puppet.state["calls"]
    puppet.state |= {"calls": [], "announcements": []}
    puppet.push(waiting=[one | {"count": 0, "next": ""} for one in puppet.state["waiting"]])
    puppet.wait(LONG_ENOUGH)
    expect(puppet.page.get_by_text("Belum ada panggilan")).to_be_visible()
    look(puppet.page, "nobody-yet")
    puppet.state["calls"] = [one | {"age_seconds": 200} for one in calls]
    puppet.state["waiting"] = [
        one | {"count": 7 - 4 * place, "next": ("A-014", "KS-006")[place]}
        for place, one in enumerate(puppet.state["waiting"][:2])
    ]
    fill(puppet)
    puppet.push(note="")
    puppet.wait(2)
    expect(puppet.page.locator(".is-calling")).to_have_count(0)
    look(puppet.page, "between-calls")
    puppet.call("A-013", "2")
    puppet.push(note=NOTE)
    puppet.wait(1)
    assert puppet.plate() == "A-013"
    look(puppet.page, "call")
    puppet.wait(20)
    puppet.older(30)
    puppet.call("A-014", "2")
    puppet.call("KS-006", "5", agency="Dinas Kesehatan")
    puppet.push()
    puppet.wait(1)
    assert puppet.plate() == "A-014"
    look(puppet.page, "two-calls")
    puppet.wait(LONG_ENOUGH)
    puppet.older(40)
    puppet.call("KS-1234", "12B", agency="Dinas Kesehatan")
    puppet.push(note=f"Jaringan Dukcapil pusat putus, pulih sekitar 11.00. {NOTE} {SECOND}")
    puppet.wait(1)
    assert puppet.plate() == "KS-1234"
    look(puppet.page, "trouble")
    puppet.wait(LONG_ENOUGH)
    puppet.page.context.set_offline(True)
    puppet.page.clock.run_for(10_500)
    expect(puppet.page.locator("[data-mpp-stale]")).to_be_visible()
    look(puppet.page, "stale")
    puppet.page.clock.run_for(60_000)
    expect(puppet.page.locator("[data-mpp-outage]")).to_be_visible()
    look(puppet.page, "outage")


def test_halves_list_and_what_is_not_there(morning: Scene, people: People) -> None:
    first, second = Zone.objects.order_by("position")[:2]
    halves = [Half.LEFT, Half.RIGHT]
    for layout in (ScreenLayout.HALVES, ScreenLayout.LIST):
        code = layout.lower()
        make.make_screen(first, second, halves=halves, code=code, name="Lobi", layout=layout)
        puppet = hung(people, f"/layar/{code}/")
        fill(puppet, *((0, 1) if layout == ScreenLayout.HALVES else (0,)))
        puppet.push(note=NOTE)
        puppet.wait(LONG_ENOUGH)
        puppet.call("A-013", "2")
        puppet.push()
        puppet.wait(1)
        assert puppet.plate() == "A-013"
        look(puppet.page, code)
    make.make_zone(code="baru", name="Lantai baru")
    page = people.arrive(*PANEL, service_workers="block")
    for state, path in (
        ("no-counters", "/layar/baru/"),
        ("choose", "/layar/"),
        ("not-paired", "/perangkat/"),
    ):
        page.goto(path)
        page.wait_for_timeout(300)
        look(page, state)
    device = make.make_device(kind=DeviceKind.DISPLAY, zone=first)
    make.pair(device)
    travel(TUESDAY + timedelta(hours=10))
    page.goto(f"/layar/{morning.zone}/")
    page.wait_for_timeout(800)
    look(page, "night")


def test_a_picture_between_two_calls(morning: Scene, people: People) -> None:
    zone = Zone.objects.get(code=morning.zone)
    screen = make.make_screen(zone, code="lobi", name=zone.name)
    picture = make.picture(1920, 1080, "JPEG")
    medium = make.make_medium(file=ContentFile(picture, "picture.jpg"), size=len(picture))
    PlaylistItem.objects.create(screen=screen, medium=medium, seconds=30)
    page = people.arrive(*PANEL, service_workers="block")
    travel(TUESDAY + timedelta(minutes=5))
    page.goto("/layar/lobi/")
    page.locator(".media img").wait_for()
    page.wait_for_timeout(500)
    look(page, "picture")


def test_the_public_copy(morning: Scene, people: People) -> None:
    for width, height in ((360, 780), (768, 1024), (1366, 768)):
        page = people.arrive(width, height)
        page.goto("/langsung/")
        page.wait_for_timeout(500)
        keep(page, "now" if width == 360 else f"now-{width}", docs=1 if width == 360 else 0.7)
        page.close()

"""The floor view on a desk, a tablet and a phone: calm, alarmed, advised, and in the middle of an act."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from queueing import actions
from queueing.models import AlertRule
from services.actions import start_disruption
from tenants.actions import devices
from tenants.enums import DeviceKind, PrinterState
from tests import factories as make
from tests.e2e.conftest import People
from tests.pictures.camera import keep, sign_in
from tests.support.fast_time import travel
from tests.support.full_hall import TUESDAY, Hall, make_hall

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

# Width, height, and how much of it the guides show.
WINDOWS = {"desk": (1366, 768, 0.7), "tablet": (768, 1024, 0.6), "phone": (360, 780, 0.8)}

# From the top, or as far as an open form needs.
TO_WHAT_IS_OPEN = """
scrollTo(0, 0);
document.querySelectorAll("[data-mpp-sheet][open] .sheet-panel")
    .forEach((one) => { one.scrollIntoView({ block: "nearest" }); });
"""


def look(page: Page, state: str, *windows: str) -> None:
    """Keep this state as a desk, a tablet and a phone show it; nothing may scroll sideways."""
    for name in windows or WINDOWS:
        width, height, docs = WINDOWS[name]
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(TO_WHAT_IS_OPEN)
        keep(page, f"floor-{state}-{name}", docs=docs)
        keep(page, f"floor-{state}-{name}-whole", whole=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (state, name)
    page.set_viewport_size({"width": 1366, "height": 768})


def add_devices(hall: Hall) -> None:
    zone = hall.counters["A"][0].zone
    for name, kind in (("Anjungan pintu timur", DeviceKind.KIOSK), ("Layar zona timur", DeviceKind.DISPLAY)):
        counted = {"roll_slips": 500} if kind == DeviceKind.KIOSK else {}
        device = make.make_device(name=name, kind=kind, zone=zone, **counted)
        make.pair(device, by=hall.manager)
        devices.note_sign(device=device, version="1", address="192.0.2.7")
        if kind == DeviceKind.KIOSK:
            devices.note_printer(device=device, state=PrinterState.PAPER_LOW)


def test_a_calm_hour(tuesday: None, people: People) -> None:
    hall = make_hall("BCUT")
    AlertRule.objects.update(limit=500)
    actions.advise()
    travel(TUESDAY)
    page = people.arrive(1366, 768)
    sign_in(page, hall.manager.username, "/lantai/")
    expect(page.get_by_text("Tersambung")).to_be_visible()
    look(page, "calm")


def test_alarms_advice_and_acts(tuesday: None, people: People) -> None:
    hall = make_hall()
    add_devices(hall)
    start_disruption(agency=hall.agencies["E"], message="SKCK daring tidak menjawab")
    actions.advise()
    travel(TUESDAY)
    page = people.arrive(1366, 768)
    sign_in(page, hall.manager.username, "/lantai/")
    expect(page.get_by_text("Tersambung")).to_be_visible()
    look(page, "alarms")
    page.locator("#advice-how summary").click()
    look(page, "advice")
    page.keyboard.press("Escape")
    page.locator(f"#quota-{hall.queues['L'].pk}").locator("summary").click()
    look(page, "extra-quota", "desk", "tablet")
    page.keyboard.press("Escape")
    page.locator("#floor-announce").click()
    page.get_by_label("Isi, satu kalimat").fill("Mobil DA 1234 menghalangi pintu")
    look(page, "announcing")
    page.get_by_role("button", name="Umumkan sekarang").click()
    expect(page.get_by_role("button", name="Akhiri")).to_be_visible()
    look(page, "announced", "desk")
    page.locator(".tile-serving").first.click()
    look(page, "counter")
    page.keyboard.press("Escape")
    session = hall.sessions("A")[0]
    actions.call_help(session=session, kind="SICK", by=session.user)
    expect(page.get_by_role("alert")).to_contain_text("memanggil bantuan")
    look(page, "help")
    page.get_by_role("button", name="Saya datang").click()
    expect(page.locator(".floor-help")).to_have_count(0)
    look(page, "help-acknowledged", "desk")

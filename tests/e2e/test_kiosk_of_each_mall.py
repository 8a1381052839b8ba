"""Every tile and row that the kiosks of the founding malls show stands whole, upright and lying."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from mpp.core import clock
from mpp.packs import loader
from services.actions import open_specially
from tenants.models import Agency
from tests.e2e.conftest import People
from tests.e2e.test_kiosk import PANELS, Panel, at_the_kiosk, faults_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long, pytest.mark.timeout(1800)]

# 1366 x 768 is not quite 16 : 9, and its letters are rounded otherwise.
ALL_PANELS = [*PANELS, (1366, 768, 476 / 1366)]
WISHES = ("", "huruf=besar&bahasa=en", "tombol=bawah")
MALLS = sorted(path.name for path in loader.DATA.iterdir() if path.is_dir())


@pytest.mark.parametrize("mall", MALLS)
def test_every_name_stands_whole(mall: str, people: People) -> None:
    call_command("load_mall", mall, verbosity=0)
    open_specially(day=clock.today(), name="Buka khusus", source="uji")
    page = at_the_kiosk(people)
    starts = ["/anjungan/", *(f"/anjungan/{slug}/" for slug in Agency.objects.values_list("slug", flat=True))]
    faults = [fault for wish in WISHES for start in starts for fault in faults_from(page, start, wish)]
    assert sorted(set(faults)) == []


def faults_from(page: Page, start: str, wish: str) -> list[str]:
    """Go through all screens of one list; an agency without a service here has none."""
    faults = []
    number = 1
    while True:
        address = f"{start}?hal={number}&{wish}"
        page.goto(address)
        for panel in ALL_PANELS if page.locator(".tile, .choice").count() else []:
            faults += [f"{address} {panel}: {fault}" for fault in faults_on(page, panel)]
        if not page.locator(".tile-more, .choice-more").count():
            return faults
        number += 1


def faults_on(page: Page, panel: Panel) -> list[str]:
    page.set_viewport_size({"width": panel[0], "height": panel[1]})
    return [fault for fault in faults_of(page, panel, "") if fault.startswith(("spilt", "over", "cut"))]

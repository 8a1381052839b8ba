"""A page that is left open: what it hears of by itself, and how little it asks for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from services.actions import end_disruption, start_disruption
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)

# A page waits for up to ten seconds before it asks for news of trouble; in a test for one.
SOON = "Math.random = () => 0.1;"
RECORD = """
window.felt = 0;
Object.defineProperty(navigator, "vibrate", { value: () => { window.felt += 1; } });
"""


def follow(people: People, path: str) -> tuple[Page, list[str]]:
    """Open a page that is connected; return it with the list of what it asks for from now on."""
    page = people.arrive(service_workers="block")
    page.add_init_script(SOON + RECORD)
    page.goto(path)
    expect(page.get_by_text("Tersambung")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return page, asked


def test_trouble_and_its_end_come_to_an_open_page_that_asks_once_for_each(
    live_place: Place, people: People
) -> None:
    page, asked = follow(people, f"/t/{make.issue(live_place.service).token}/")
    trouble = start_disruption(
        agency=live_place.agency, message="Server pusat tidak dapat diakses", stops_numbers=False
    )
    expect(page.get_by_text("Gangguan: Server pusat tidak dapat diakses")).to_be_visible()
    make.issue(live_place.service, priority="ELDERLY")
    expect(page.locator("[data-mpp-figure=ahead]")).to_have_text("1")
    end_disruption(disruption=trouble)
    expect(page.get_by_text("Gangguan: Server")).to_have_count(0)
    assert len(asked) == 2

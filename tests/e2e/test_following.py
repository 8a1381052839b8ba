"""A page that is left open: what it hears of by itself, and how little it asks for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from queueing import actions
from queueing.models import Ticket
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


def one_person_at_two_agencies(place: Place) -> tuple[Ticket, Ticket]:
    """They are next at the first agency; at the second one somebody stands before them."""
    bank = make.make_service(make.make_agency(short_name="Bank Kalsel"))
    make.make_queue(bank)
    make.issue(bank)
    first = make.issue(place.service)
    return first, make.issue(bank, visit=actions.join(ticket=first))


def call(place: Place) -> None:
    session = make.open_session(place.agency, place.counter, place.officer)
    assert actions.call_next(session=session, by=place.officer)


def test_a_number_of_a_visit_follows_a_call_at_another_agency(live_place: Place, people: People) -> None:
    first, second = one_person_at_two_agencies(live_place)
    page, asked = follow(people, f"/t/{second.token}/")
    make.issue(second.service, priority="ELDERLY")
    expect(page.locator("[data-mpp-figure=ahead]")).to_have_text("2")
    assert asked == []
    link = page.get_by_role("link", name="Lihat semua nomor Anda")
    link.focus()
    call(live_place)
    expect(page.get_by_role("alert")).to_contain_text(f"Giliran {first.label}: silakan ke loket 2.")
    expect(link).to_be_focused()
    assert page.evaluate("window.felt") == 1
    assert len(asked) == 1


def test_the_page_of_a_visit_follows_all_its_numbers_in_one_stream(live_place: Place, people: People) -> None:
    first, second = one_person_at_two_agencies(live_place)
    visit = second.visit
    assert visit
    page, asked = follow(people, f"/kunjungan/{visit.token}/")
    row = page.locator(f"a[data-mpp-number={second.label}]")
    expect(row).to_contain_text("1 orang di depan Anda")
    row.focus()
    before_them = make.issue(second.service, priority="ELDERLY")
    expect(row).to_contain_text("2 orang di depan Anda")
    assert asked == []
    call(live_place)
    expect(page.locator(".mine-called")).to_contain_text(first.label)
    expect(page.get_by_role("alert")).to_contain_text("silakan ke loket 2")
    expect(row).to_be_focused()
    assert page.title().startswith("Giliran Anda, loket 2")
    actions.cancel(ticket=before_them)
    expect(row).to_contain_text("1 orang di depan Anda")
    actions.cancel(ticket=Ticket.objects.waiting().filter(line=second.line).exclude(pk=second.pk).get())
    expect(row).to_contain_text("Giliran Anda berikutnya")
    assert page.evaluate("window.felt") == 1
    assert len(asked) == 1
    for ticket in (first, second):
        ticket.refresh_from_db()
        actions.cancel(ticket=ticket)
    expect(page.get_by_text("Semua nomor kunjungan ini sudah selesai.")).to_be_visible()
    assert page.locator("[data-live]").count() == 0


def test_a_number_that_is_taken_later_and_trouble_come_to_the_page_of_a_visit(
    live_place: Place, people: People
) -> None:
    alone = make.issue(live_place.service)
    number, _asked = follow(people, f"/t/{alone.token}/")
    bank = make.make_service(make.make_agency(short_name="Bank Kalsel"))
    make.make_queue(bank)
    visit = actions.join(ticket=alone)
    page, _asked = follow(people, f"/kunjungan/{visit.token}/")
    second = make.issue(bank, visit=visit)
    # Two seconds until the versions are read again, and up to one until the page opens its new stream.
    expect(page.get_by_text(second.label, exact=True)).to_be_visible(timeout=15_000)
    expect(number.get_by_text("2 nomor dalam satu kunjungan")).to_be_visible()
    start_disruption(agency=bank.agency, message="Server bank mati")
    expect(page.get_by_text("Gangguan di Bank Kalsel: Server bank mati.")).to_be_visible()


def test_in_english_one_person_ahead_is_one_person(live_place: Place, people: People) -> None:
    _first, second = one_person_at_two_agencies(live_place)
    assert second.visit
    page = people.arrive(service_workers="block")
    page.goto(f"/kunjungan/{second.visit.token}/")
    page.evaluate("document.cookie = 'bahasa=en;path=/'")
    page.reload()
    row = page.locator(f"a[data-mpp-number={second.label}]")
    expect(row).to_contain_text("1 person ahead of you")
    make.issue(second.service, priority="ELDERLY")
    expect(row).to_contain_text("2 people ahead of you")


def test_a_visit_whose_stream_is_lost_says_how_old_it_is_and_asks_again(
    live_place: Place, people: People
) -> None:
    first, second = one_person_at_two_agencies(live_place)
    assert second.visit
    path = f"/kunjungan/{second.visit.token}/"
    page = people.arrive(service_workers="block")
    page.clock.install()
    page.route("**/live/**", lambda route: route.abort())
    page.route(f"**{path}", lambda route: route.continue_(), times=1)
    page.goto(path)
    page.route(f"**{path}", lambda route: route.abort())
    page.clock.run_for(90_000)
    expect(page.get_by_text("Tanpa sambungan")).to_be_visible()
    page.unroute(f"**{path}")
    call(live_place)
    page.clock.run_for(12_000)
    expect(page.locator(".mine-called")).to_contain_text(first.label)
    expect(page.get_by_text("Tanpa sambungan")).to_be_hidden()


def test_a_browser_without_streams_asks_by_itself(live_place: Place, people: People) -> None:
    first, second = one_person_at_two_agencies(live_place)
    page = people.arrive(service_workers="block")
    page.clock.install()
    page.add_init_script("delete window.EventSource;")
    page.goto(f"/t/{second.token}/")
    call(live_place)
    page.clock.run_for(45_000)
    expect(page.get_by_role("alert")).to_contain_text(first.label)

"""The displays as the hall sees and hears them: every state, hours in seconds, with the power cut."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from queueing import actions
from queueing.enums import Half, ScreenLayout
from queueing.models import PlaylistItem
from queueing.policy import letters
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.e2e.puppet import STREAM, Puppet
from tests.support.axe import violations
from tests.support.server import free_port, running

pytestmark = pytest.mark.django_db(transaction=True)

PATIENT = 20_000
# Five in a hundred at each edge of 1920 × 1080, less the few pixels by which everything moves
# and the white that a large letter has on its left.
SAFE = (96 - 21, 54 - 7, 1920 - 96 + 7, 1080 - 54 + 7)


@pytest.fixture
def puppet(live_place: Place, people: People) -> Puppet:
    return Puppet(people.arrive(1920, 1080, service_workers="block"))


def layouts(place: Place) -> dict[str, str]:
    """A display of each layout with two zones; returns their addresses."""
    other = make.make_agency(short_name="Kementerian Agama")
    zone = make.make_zone(code="atas", name="Rumah, tanah, dan keluarga")
    make.make_counter(other, zone, number="31")
    for layout in ScreenLayout:
        make.make_screen(
            place.zone, zone, halves=[Half.LEFT, Half.RIGHT], code=layout.lower(), name="Lobi", layout=layout
        )
    return {layout.value: f"/layar/{layout.lower()}/" for layout in ScreenLayout}


# --- announcements ------------------------------------------------------------------------------------


def test_two_calls_in_one_refresh_are_both_shown_and_spoken_in_order(puppet: Puppet) -> None:
    puppet.call("A-001", "2")
    puppet.call("A-002", "7")
    puppet.push()
    puppet.push()
    puppet.wait(12)
    assert puppet.said() == ["A-001 loket 2", "A-002 loket 7"]
    assert puppet.lit() == ["A-001", "A-002"]


def test_a_recall_is_announced_again(puppet: Puppet) -> None:
    puppet.call("A-001")
    puppet.push()
    puppet.wait(20)
    puppet.older(20)
    puppet.call("A-001", is_recall=True)
    puppet.push()
    puppet.wait(2)
    assert puppet.said() == ["A-001 loket 2", "A-001 loket 2 lagi"]
    assert puppet.plate() == "A-001"
    assert puppet.page.locator(".call.is-calling").count() == 1


def test_an_id_that_commits_late_is_not_lost(puppet: Puppet) -> None:
    puppet.call("A-001")
    puppet.call("A-002")
    late = puppet.state["announcements"].pop(0)
    puppet.push()
    puppet.state["announcements"].insert(0, late)
    puppet.push()
    puppet.wait(12)
    assert puppet.said() == ["A-002 loket 2", "A-001 loket 2"]


def test_nothing_older_than_half_a_minute_is_announced(puppet: Puppet) -> None:
    puppet.call("A-001", age=31)
    puppet.call("A-002", age=29)
    puppet.push()
    puppet.wait(10)
    assert puppet.said() == ["A-002 loket 2"]
    assert set(puppet.rows()) | {puppet.plate()} == {"A-001", "A-002"}


def test_after_a_power_cut_nothing_is_announced_twice(puppet: Puppet) -> None:
    puppet.call("A-001")
    puppet.push()
    puppet.wait(2)
    puppet.page.reload()
    puppet.call("A-002")
    puppet.push()
    puppet.wait(8)
    assert puppet.said() == ["A-002 loket 2"]


def test_what_had_to_wait_when_the_power_went_is_announced_after_it(puppet: Puppet) -> None:
    puppet.page.evaluate("window.speaks = 9000")
    puppet.call("A-001")
    puppet.call("A-002")
    puppet.push()
    puppet.wait(2)
    puppet.page.reload()
    puppet.push()
    puppet.wait(2)
    assert puppet.said() == ["A-002 loket 2"]


def test_the_plate_stays_with_a_number_while_it_is_spoken(puppet: Puppet) -> None:
    puppet.page.evaluate("window.speaks = 9000")
    puppet.call("A-001")
    puppet.call("A-002")
    puppet.push()
    puppet.wait(8)
    assert (puppet.plate(), puppet.said()) == ("A-001", ["A-001 loket 2"])
    puppet.wait(3)
    assert (puppet.plate(), puppet.said()) == ("A-002", ["A-001 loket 2", "A-002 loket 2"])


def test_a_new_call_is_lit_for_ten_seconds_also_when_the_next_takes_the_plate(puppet: Puppet) -> None:
    puppet.call("A-001")
    puppet.call("A-002")
    puppet.push()
    fresh = puppet.page.locator("[data-mpp-row].is-fresh")
    expect(fresh).to_have_text(re.compile("A-002"))
    puppet.wait(5)
    assert puppet.plate() == "A-002"
    expect(fresh).to_have_text(re.compile("A-001"))
    puppet.wait(5)
    assert puppet.page.locator(".call.is-calling").count() == 1
    expect(fresh).to_have_text(re.compile("A-001"))
    puppet.wait(12)
    assert puppet.page.locator(".is-calling, .is-fresh").count() == 0


def test_in_a_burst_every_call_is_seen_within_its_minute(puppet: Puppet) -> None:
    for number in range(1, 17):
        puppet.call(f"A-{number:03d}")
    puppet.push()
    seen: set[str] = set()
    for _look in range(30):
        seen |= {puppet.plate(), *puppet.rows()}
        puppet.wait(2)
    assert seen == {f"A-{number:03d}" for number in range(1, 17)}
    assert puppet.lit() == sorted(puppet.lit())


def test_the_volume_follows_the_zone(puppet: Puppet) -> None:
    puppet.push(volume=35)
    assert puppet.page.evaluate("window.volume") == 35


def test_each_half_lights_its_own_plate(live_place: Place, people: People) -> None:
    puppet = Puppet(people.arrive(1920, 1080, service_workers="block"), layouts(live_place)["HALVES"])
    puppet.call("A-001", part=0)
    puppet.call("D-001", part=1)
    puppet.push()
    puppet.wait(1)
    parts = puppet.page.locator("[data-mpp-part]")
    expect(parts.nth(0).locator(".is-calling")).to_contain_text("A-001")
    expect(parts.nth(1).locator(".is-calling")).to_contain_text("D-001")


def test_a_call_reaches_the_voice_of_the_hall(live_place: Place, people: People) -> None:
    hall = people.arrive(1920, 1080)
    hall.add_init_script("window.heard = [];")
    hall.goto("/layar/kependudukan/")
    hall.evaluate(
        """() => { const real = window.MppVoice.prototype.announce;
            window.MppVoice.prototype.announce = function (call) {
                window.heard.push(call.clips[0]); return real.call(this, call); }; }"""
    )
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    make.issue(live_place.service)
    actions.call_next(session=session, by=session.user)
    hall.wait_for_function("() => window.heard.length === 1")
    clips: list[str] = hall.evaluate("window.heard[0]")
    assert clips[0] == "id/chime"
    assert [clip for clip in clips if re.fullmatch(r"id/(.|counter)", clip)] == [
        "id/a",
        "id/0",
        "id/0",
        "id/1",
        "id/counter",
        "id/2",
    ]


# --- letters, room, movement --------------------------------------------------------------------------


@pytest.mark.parametrize("layout", list(ScreenLayout))
def test_letters_are_high_enough_for_a_hall_and_stay_in_the_safe_area(
    live_place: Place, people: People, layout: str
) -> None:
    puppet = Puppet(people.arrive(1920, 1080, service_workers="block"), layouts(live_place)[layout])
    for number in range(1, 10):
        puppet.call(f"A-{number:03d}", "27", age=120, part=number % 2 if layout == "HALVES" else 0)
    puppet.call("KS-104", "27", age=120)
    waiting = [
        {"name": name, "count": 124, "next": "KS-105"}
        for name in ("Kementerian Agama", "BPJS Ketenagakerjaan", "Dukcapil", "Bank Kalsel")
    ]
    puppet.push(waiting=waiting, note="Loket Samsat tutup pukul 12.00 WITA hari ini.")
    puppet.wait(2)
    kind = letters.TYPES[layout]
    plate = puppet.page.locator("[data-mpp-label]").first
    row = puppet.page.locator("[data-mpp-row] .num").first
    # The longest numbers are a step smaller, and still a hundred millimetres high.
    assert letters.height_mm(pixels(plate), 55) >= 100
    puppet.call("A-011", "27", age=120)
    puppet.push()
    puppet.wait(2)
    assert pixels(plate) == pytest.approx(kind.call, abs=1)
    assert pixels(row) == pytest.approx(kind.row, abs=1)
    assert letters.distance_m(pixels(row), 55) >= 15
    assert outside(puppet.page, SAFE) == []
    assert clipped(puppet.page) == []
    assert violations(puppet.page, contrast=7) == []


# Where the letters of a node's last line stand; below it Inter has a fifth of a line.
FOOT = """node => {
    const text = document.createRange();
    text.selectNodeContents(node);
    const line = Array.from(text.getClientRects()).pop();
    return line.bottom - line.height / 5;
}"""


@pytest.mark.parametrize("layout", ScreenLayout)
def test_the_last_line_of_an_agency_stands_on_the_counters(
    live_place: Place, people: People, layout: ScreenLayout
) -> None:
    puppet = Puppet(people.arrive(1920, 1080, service_workers="block"), layouts(live_place)[layout])
    for label, agency in (("A-011", "Dukcapil"), ("A-012", "Dinas Tenaga Kerja dan Koperasi")):
        puppet.call(label, "12", agency=agency)
        puppet.push()
        puppet.wait(1)
        counter, name = (
            puppet.page.locator(f"[data-mpp-call] [data-mpp-{part}]").first.evaluate(FOOT)
            for part in ("counter", "agency")
        )
        assert name == pytest.approx(counter, abs=2), agency
        puppet.wait(20)


def pixels(node: Any) -> float:
    size: float = node.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    return size


def outside(page: Page, safe: tuple[int, int, int, int]) -> list[str]:
    """Words that reach beyond the safe area."""
    found: list[str] = page.evaluate(
        """safe => { const out = [];
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) { const node = walk.currentNode; if (!node.data.trim()) continue;
                const range = document.createRange(); range.selectNodeContents(node);
                const box = range.getBoundingClientRect(); if (!box.width) continue;
                if (getComputedStyle(node.parentElement).visibility === "hidden") continue;
                const low = node.parentElement.closest(".announce") ? 1080 : safe[3];
                if (box.left < safe[0] || box.top < safe[1] - 20 ||
                    box.right > safe[2] || box.bottom > low + 20)
                    out.push(node.data.trim() + JSON.stringify(box)); } return out; }""",
        list(safe),
    )
    return found


def clipped(page: Page) -> list[str]:
    """Numbers whose box is wider than what shows them, and words that end in an ellipsis."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".number, .to, .row, .queue, .who, h2")]
            .filter(node => node.getClientRects().length && node.scrollWidth > node.clientWidth + 2)
            .map(node => node.className + ": " + node.textContent)
            .concat([...document.querySelectorAll(".call > :not([hidden])")].filter(node =>
                node.getBoundingClientRect().bottom > node.parentNode.getBoundingClientRect().bottom + 1)
            .map(node => "too low: " + node.textContent))"""
    )
    return found


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1080, 1920)])
def test_every_layout_fits_every_panel(live_place: Place, people: People, width: int, height: int) -> None:
    page = people.arrive(width, height)
    for address in layouts(live_place).values():
        page.goto(address)
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert size == [width, height], address


def test_a_text_that_fits_stands_still_and_a_longer_one_runs(puppet: Puppet) -> None:
    note = puppet.page.locator("[data-mpp-note]")
    puppet.push(note="Loket Samsat tutup pukul 12.00 WITA.")
    expect(note).not_to_have_class(re.compile("runs"))
    puppet.push(note="Siapkan <b>KTP asli</b> dan fotokopi Kartu Keluarga. " * 4)
    expect(note).to_have_class(re.compile("runs"))
    assert "<b>KTP asli</b>" in note.inner_text()
    assert note.locator("b").count() == 0
    moves = "node => getComputedStyle(node).animationName"
    assert note.locator("span").evaluate(moves) == "run"
    puppet.push(note="")
    expect(note).not_to_have_class(re.compile("runs"))


def test_for_who_wants_no_movement_the_text_takes_two_lines(live_place: Place, people: People) -> None:
    puppet = Puppet(people.arrive(1920, 1080, reduced_motion="reduce", service_workers="block"))
    puppet.push(note="Siapkan KTP asli dan fotokopi Kartu Keluarga untuk semua layanan. " * 2)
    expect(puppet.page.locator("[data-mpp-note]")).to_have_class(re.compile("announce-two"))


def test_nothing_stands_in_one_place_for_long(puppet: Puppet) -> None:
    places = set()
    for _minute in range(8):
        box = puppet.page.locator(".mark").bounding_box()
        assert box
        places.add((round(box["x"]), round(box["y"])))
        puppet.wait(60)
    assert len(places) == 8
    wide = puppet.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert wide == [1920, 1080]


# --- pictures and videos ------------------------------------------------------------------------------


def test_pictures_and_videos_play_between_calls_and_give_way_to_one(
    live_place: Place, people: People
) -> None:
    screen = make.make_screen(live_place.zone, code="lobi")
    for place, name in enumerate(("picture.jpg", "h264.mp4")):
        medium = make.make_medium(name)
        PlaylistItem.objects.create(screen=screen, medium=medium, seconds=5, position=place)
    hall = people.arrive(1920, 1080)
    hall.clock.install()
    hall.goto("/layar/lobi/")
    seen(hall, ".media img")
    hall.clock.run_for(5_000)
    seen(hall, ".media video")
    assert hall.evaluate("document.querySelector('video').muted")
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    make.issue(live_place.service)
    actions.call_next(session=session, by=session.user)
    expect(hall.locator(".call.is-calling")).to_contain_text("A-001")
    expect(hall.locator(".media")).to_be_hidden()
    assert hall.evaluate("document.querySelector('video').paused")
    hall.clock.run_for(30_000)
    seen(hall, ".media")
    # The number that gave way to the picture stays in the list.
    expect(hall.locator("[data-mpp-row]").first).to_contain_text("A-001")


def seen(page: Page, selector: str) -> None:
    """Let the page's clock run until a file that loads in real time is shown."""
    page.wait_for_timeout(100)
    for _turn in range(50):
        page.clock.run_for(250)
        if page.locator(selector).is_visible():
            return
        page.wait_for_timeout(100)
    expect(page.locator(selector)).to_be_visible()


def test_a_file_that_cannot_be_shown_leaves_the_plate(live_place: Place, people: People) -> None:
    screen = make.make_screen(live_place.zone, code="lobi")
    medium = make.make_medium()
    medium.file.storage.delete(str(medium.file.name))
    PlaylistItem.objects.create(screen=screen, medium=medium, seconds=5)
    hall = people.arrive(1920, 1080)
    hall.goto("/layar/lobi/")
    hall.wait_for_timeout(800)
    expect(hall.locator(".media")).to_be_hidden()
    expect(hall.get_by_text("Belum ada panggilan")).to_be_visible()


# --- cut off ------------------------------------------------------------------------------------------


def test_a_display_says_within_ten_seconds_that_it_is_cut_off(puppet: Puppet) -> None:
    puppet.call("A-001", age=40)
    puppet.push(time="10.42.00")
    puppet.page.context.set_offline(True)
    puppet.page.clock.run_for(10_500)
    expect(puppet.page.locator("[data-mpp-stale]")).to_have_text("Terputus sejak 10.42")
    assert puppet.page.locator("[data-mpp-outage]").is_hidden()
    puppet.page.clock.run_for(55_000)
    expect(puppet.page.get_by_role("alert")).to_contain_text("Layar ini terputus sejak 10.42.")
    assert puppet.plate() == "A-001"
    assert puppet.page.locator("[data-mpp-clock]").inner_text() == "10.43"
    assert violations(puppet.page, contrast=7) == []
    puppet.page.context.set_offline(False)
    puppet.page.evaluate("window.beat()")
    expect(puppet.page.locator("[data-mpp-stale]")).to_be_hidden()


def test_a_browser_without_streams_asks_again_and_again(live_place: Place, people: People) -> None:
    hall = people.arrive(1920, 1080)
    hall.clock.install()
    hall.add_init_script("delete window.EventSource;")
    hall.goto("/layar/kependudukan/")
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    make.issue(live_place.service)
    actions.call_next(session=session, by=session.user)
    hall.clock.run_for(11_000)
    expect(hall.locator(".call.is-calling")).to_contain_text("A-001")
    hall.clock.run_for(1_000)
    expect(hall.locator("[data-mpp-stale]")).to_be_hidden()


def test_a_screen_that_starts_without_the_server_shows_what_it_knows_and_recovers(
    live_place: Place, browser: Browser
) -> None:
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    for _number in range(2):
        make.issue(live_place.service)
    first = actions.call_next(session=session, by=session.user)
    assert first is not None
    port = free_port()
    people = People(browser, f"http://127.0.0.1:{port}")
    with running(port):
        hall = people.arrive(1920, 1080, timezone_id="Asia/Makassar")
        hall.goto("/layar/kependudukan/")
        expect(hall.locator("[data-mpp-label]")).to_have_text("A-001")
        hall.wait_for_function("async () => Boolean(await caches.match(location.href, { ignoreVary: true }))")
    # The power comes back before the server does.
    hall.goto("/layar/kependudukan/")
    expect(hall.locator("[data-mpp-stale]")).to_have_text(re.compile(r"Terputus sejak \d\d\.\d\d"))
    expect(hall.get_by_role("alert")).to_contain_text("Dengarkan panggilan petugas")
    expect(hall.locator("[data-mpp-label]")).to_have_text("A-001")
    assert hall.locator(".is-calling").count() == 0
    with running(port):
        actions.start(ticket=first, by=session.user)
        actions.call_next(session=session, by=session.user)
        expect(hall.locator(".call.is-calling")).to_contain_text("A-002", timeout=PATIENT)
        expect(hall.locator("[data-mpp-stale]")).to_be_hidden(timeout=PATIENT)
        people.leave()
    assert people.faults == []


def test_a_screen_whose_settings_change_builds_itself_anew(live_place: Place, people: People) -> None:
    screen = make.make_screen(live_place.zone, code="lobi", name="Lobi")
    hall = people.arrive(1920, 1080)
    hall.goto("/layar/lobi/")
    screen.name = "Lobi utama"
    screen.save(update_fields=["name"])
    expect(hall.locator(".zone")).to_have_text("Lobi utama", timeout=PATIENT)


# --- seventy-two hours --------------------------------------------------------------------------------


def test_many_thousand_states_leave_nothing_behind(puppet: Puppet) -> None:
    puppet.call("A-001", age=100)
    puppet.push()
    session = puppet.page.context.new_cdp_session(puppet.page)
    storm(puppet, 100)
    before = weight(session)
    storm(puppet, 800)
    after = weight(session)
    assert after["nodes"] <= before["nodes"] + 20
    assert after["listeners"] <= before["listeners"] + 2
    assert after["heap"] <= before["heap"] + 1_000_000
    assert puppet.page.evaluate("Object.values(localStorage).join('').length") < 20_000


def storm(puppet: Puppet, states: int) -> None:
    """So many states, with new calls, counts and texts, and the page's clock running on beneath them."""
    for _piece in range(5):
        puppet.page.evaluate(
            """([state, count]) => {
                window.serial = window.serial || 5000;
                for (let turn = 0; turn < count; turn += 1) {
                    window.serial += 1;
                    const label = "A-" + String(window.serial % 1000).padStart(3, "0");
                    const call = { ...state.calls[0], id: window.serial, label, age_seconds: turn % 9 };
                    state.calls = [call, ...state.calls].slice(0, 24);
                    state.announcements = [{ ...call, clips: [], short_clips: [] }];
                    state.waiting = Array.from({ length: turn % 8 }, (_, place) =>
                        ({ name: "Instansi " + place, count: turn, next: label }));
                    state.note = "Catatan ".repeat(turn % 40);
                    window.push(state);
                }
            }""",
            [puppet.state, states // 5],
        )
        puppet.page.clock.run_for(8_000)
        puppet.page.evaluate("window.beat(); window.said.length = 0; window.lit.length = 0;")
    puppet.push()
    puppet.wait(12)


def weight(session: CDPSession) -> dict[str, int]:
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    counters = session.send("Memory.getDOMCounters")
    heap = session.send("Runtime.getHeapUsage")
    return {
        "nodes": counters["nodes"],
        "listeners": counters["jsEventListeners"],
        "heap": int(heap["usedSize"]),
    }


# --- what a machine can find --------------------------------------------------------------------------


def test_axe_finds_nothing_before_the_first_call(live_place: Place, people: People) -> None:
    page = people.arrive(1920, 1080)
    make.make_zone(code="baru")
    for address in [*layouts(live_place).values(), "/layar/", "/layar/baru/"]:
        page.goto(address)
        assert violations(page, contrast=7) == [], address


def test_every_page_opens_one_stream_at_most(live_place: Place, people: People) -> None:
    page = people.arrive(1280, 800)
    page.add_init_script(STREAM)
    ticket = make.issue(live_place.service)
    for path in (f"/t/{ticket.token}/", "/layar/kependudukan/", "/langsung/", "/anjungan/", "/"):
        page.goto(path)
        page.wait_for_timeout(200)
        assert page.evaluate("window.streams.length") <= 1, path


# --- the public copy ----------------------------------------------------------------------------------


def test_the_public_copy_follows_the_hall(live_place: Place, people: People) -> None:
    phone = people.arrive(320, 640)
    phone.goto("/langsung/")
    row = phone.locator("[data-mpp-agency='dukcapil']")
    expect(row).to_contain_text("Belum ada panggilan")
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    make.issue(live_place.service)
    ticket = actions.call_next(session=session, by=session.user)
    assert ticket is not None
    expect(row.locator("[data-mpp-latest]")).to_have_text(re.compile(r"A-001\s+loket\s+2"), timeout=PATIENT)
    expect(row.locator("[data-mpp-latest]")).to_have_class(re.compile("is-calling"))
    actions.start(ticket=ticket, by=session.user)
    expect(row.locator("[data-mpp-latest]")).not_to_have_class(re.compile("is-calling"), timeout=PATIENT)
    assert phone.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(phone) == []


def test_the_public_copy_works_without_scripts(live_place: Place, people: People) -> None:
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    make.issue(live_place.service)
    actions.call_next(session=session, by=session.user)
    phone = people.arrive(360, 740, java_script_enabled=False)
    phone.goto("/langsung/")
    expect(phone.locator("[data-mpp-agency='dukcapil']")).to_contain_text("A-001")
    phone.get_by_role("link", name="Muat ulang").click()
    expect(phone.get_by_role("heading", name="Dipanggil sekarang")).to_be_visible()


def test_a_phone_that_lost_its_connection_is_told_how_old_the_numbers_are(
    live_place: Place, people: People
) -> None:
    phone = people.arrive(360, 740)
    phone.clock.install()
    phone.add_init_script(STREAM)
    phone.goto("/langsung/")
    phone.context.set_offline(True)
    phone.clock.run_for(60_000)
    expect(phone.locator("[data-mpp-lost]")).to_contain_text("Angka ini dari pukul")

"""What a display shows: zones, agencies, halves, and a numbered stream of announcements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from mpp.core import clock
from queueing import actions
from queueing.enums import Half, ScreenLayout
from queueing.live import QueueFeed
from queueing.models import CounterSession, PlaylistItem, QueueDay, Screen, ScreenSource, Ticket
from queueing.screens import display_state, gaps_of, scene_of, scenes
from tests import factories as make
from tests.conftest import Place


def state_of(code: str) -> dict[str, Any]:
    scene = scene_of(code)
    assert scene is not None
    return display_state(scene)


def labels(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["label"] for entry in entries]


def call(session: CounterSession) -> Ticket:
    at_counter = Ticket.objects.at_counter().filter(session=session).first()
    if at_counter:
        actions.start(ticket=at_counter, by=session.user)
    ticket = actions.call_next(session=session, by=session.user)
    assert ticket is not None
    return ticket


@pytest.fixture
def session(place: Place) -> CounterSession:
    return make.open_session(place.agency, place.counter, place.officer)


@pytest.fixture
def upstairs(place: Place) -> CounterSession:
    """Another agency at a counter in another zone, with three people waiting."""
    agency = make.make_agency(short_name="Samsat", slug="samsat")
    service = make.make_service(agency)
    make.make_queue(service, prefix="D")
    zone = make.make_zone(code="atas", name="Atas", floor="Lantai 2")
    for _number in range(3):
        make.issue(service)
    return make.open_session(agency, make.make_counter(agency, zone, number="31"))


def test_a_screen_shows_the_calls_of_all_its_zones(
    place: Place, session: CounterSession, upstairs: CounterSession
) -> None:
    make.make_screen(place.zone, upstairs.counter.zone, code="lobi")
    make.issue(place.service)
    call(session)
    call(upstairs)
    state = state_of("lobi")
    assert labels(state["calls"]) == ["D-001", "A-001"]
    assert [entry["name"] for entry in state["waiting"]] == ["Dukcapil", "Samsat"]


def test_a_screen_of_an_agency_shows_its_calls_wherever_its_counter_is(
    place: Place, session: CounterSession, upstairs: CounterSession
) -> None:
    make.make_screen(upstairs.agency, code="samsat")
    make.issue(place.service)
    call(session)
    call(upstairs)
    assert labels(state_of("samsat")["calls"]) == ["D-001"]


def test_each_half_has_its_own_calls_and_announcements_say_which(
    place: Place, session: CounterSession, upstairs: CounterSession
) -> None:
    make.make_screen(
        place.zone,
        upstairs.counter.zone,
        halves=[Half.RIGHT, Half.LEFT],
        code="dua",
        layout=ScreenLayout.HALVES,
    )
    make.issue(place.service)
    call(session)
    call(upstairs)
    state = state_of("dua")
    assert {entry["label"]: entry["part"] for entry in state["calls"]} == {"D-001": 0, "A-001": 1}
    assert [(entry["label"], entry["part"]) for entry in state["announcements"]] == [
        ("A-001", 1),
        ("D-001", 0),
    ]


def test_a_screen_with_the_code_of_a_zone_takes_its_place(client: Client, place: Place) -> None:
    make.make_screen(place.zone, code=place.zone.code, name="Lobi utama")
    assert "Lobi utama" in client.get("/layar/kependudukan/").content.decode()
    assert [scene.name for scene in scenes()] == ["Lobi utama"]


def test_a_screen_that_is_switched_off_has_no_address(client: Client, place: Place) -> None:
    make.make_screen(place.zone, code="lobi", is_active=False)
    assert client.get("/layar/lobi/").status_code == 404
    assert QueueFeed().subscribe("display", "lobi") is None


def test_two_calls_at_once_are_two_announcements_in_their_order(
    place: Place, session: CounterSession, upstairs: CounterSession
) -> None:
    make.make_screen(place.zone, upstairs.counter.zone, code="lobi")
    make.issue(place.service)
    first, second = call(session), call(upstairs)
    told = state_of("lobi")["announcements"]
    assert labels(told) == [first.label, second.label]
    assert [entry["id"] for entry in told] == sorted(entry["id"] for entry in told)
    assert all(entry["clips"] and entry["short_clips"] for entry in told)


def test_a_recall_is_an_announcement_of_its_own(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = call(session)
    make.call_again(ticket, session.user)
    told = state_of("kependudukan")["announcements"]
    assert [(entry["label"], entry["is_recall"]) for entry in told] == [("A-001", False), ("A-001", True)]
    assert labels(state_of("kependudukan")["calls"]) == ["A-001"]


@pytest.mark.usefixtures("forenoon")
def test_what_was_called_a_minute_ago_is_shown_and_no_longer_announced(
    place: Place, session: CounterSession
) -> None:
    make.issue(place.service)
    call(session)
    with clock.frozen(clock.now() + timedelta(seconds=60)):
        state = state_of("kependudukan")
    assert labels(state["calls"]) == ["A-001"]
    assert state["announcements"] == []


def test_a_call_that_was_taken_back_leaves_the_display(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    ticket = call(session)
    actions.undo(ticket=ticket, by=session.user)
    state = state_of("kependudukan")
    assert (state["calls"], state["announcements"]) == ([], [])


@pytest.mark.usefixtures("forenoon")
def test_a_burst_keeps_every_call_for_a_minute(place: Place, session: CounterSession) -> None:
    for _number in range(10):
        make.issue(place.service)
        call(session)
    assert len(state_of("kependudukan")["calls"]) == 10
    with clock.frozen(clock.now() + timedelta(seconds=80)):
        assert len(state_of("kependudukan")["calls"]) == 7


def test_the_next_number_is_the_one_that_will_be_called(place: Place, session: CounterSession) -> None:
    make.issue(place.service)
    make.issue(place.service, priority="DISABILITY")
    shown = state_of("kependudukan")["waiting"][0]["next"]
    assert call(session).label == shown


def test_a_screen_may_show_neither_who_waits_nor_who_is_next(place: Place) -> None:
    make.issue(place.service)
    make.make_screen(place.zone, code="tenang", shows_waiting=False)
    make.make_screen(place.zone, code="diam", shows_next=False)
    assert state_of("tenang")["waiting"] == []
    assert state_of("diam")["waiting"][0]["next"] == ""


def test_running_text_follows_trouble_and_comes_before_todays_note(place: Place) -> None:
    make.make_mall(today_note="Taspen hadir Kamis.")
    make.make_screen(place.zone, code="lobi", note="Siapkan KTP.")
    assert state_of("lobi")["note"] == "Siapkan KTP. Taspen hadir Kamis."


def test_markup_in_running_text_is_text(client: Client, place: Place) -> None:
    make.make_screen(place.zone, code="lobi", note="<b>Siapkan</b> <script>x</script>")
    page = client.get("/layar/lobi/").content.decode()
    assert "&lt;b&gt;Siapkan&lt;/b&gt;" in page
    assert "<b>Siapkan" not in page
    assert "<script>x" not in page


def test_a_zone_without_counters_says_so_calmly(client: Client, place: Place) -> None:
    empty = make.make_zone(code="baru", name="Baru")
    screen = make.make_screen(empty, code="layar-baru")
    for path in ("/layar/baru/", "/layar/layar-baru/"):
        page = client.get(path).content.decode()
        assert "Belum ada loket di sini" in page
        assert "data-mpp-part" not in page
    assert gaps_of(screen) == [
        "Baru belum punya loket. Layar mengatakannya dengan tenang sampai loketnya ada."
    ]
    before = state_of("baru")["look"]
    make.make_counter(place.agency, empty)
    assert state_of("baru")["look"] != before


def test_a_screen_without_content_and_an_empty_half_are_named(place: Place) -> None:
    nothing = make.make_screen()
    half = make.make_screen(place.zone, layout=ScreenLayout.HALVES)
    assert "belum berisi zona" in gaps_of(nothing)[0]
    assert "Satu bagian masih kosong" in gaps_of(half)[0]


def test_the_look_changes_with_the_layout_but_not_with_the_text(place: Place) -> None:
    screen = make.make_screen(place.zone, code="lobi")
    first = state_of("lobi")["look"]
    Screen.objects.filter(pk=screen.pk).update(note="Selamat datang.")
    assert state_of("lobi")["look"] == first
    PlaylistItem.objects.create(screen=screen, medium=make.make_medium())
    second = state_of("lobi")["look"]
    Screen.objects.filter(pk=screen.pk).update(layout=ScreenLayout.LIST)
    assert len({first, second, state_of("lobi")["look"]}) == 3


@pytest.mark.parametrize("both", [True, False])
def test_a_source_is_a_zone_or_an_agency(place: Place, both: bool) -> None:
    screen = make.make_screen()
    source = {"zone": place.zone, "agency": place.agency} if both else {}
    with pytest.raises(IntegrityError, match="of_one_thing"), transaction.atomic():
        ScreenSource.objects.create(screen=screen, **source)


def test_a_source_stands_on_a_screen_once(place: Place) -> None:
    screen = make.make_screen(place.zone)
    with pytest.raises(IntegrityError, match="once"), transaction.atomic():
        ScreenSource.objects.create(screen=screen, zone=place.zone)


def test_a_display_looks_again_only_when_a_line_of_its_agencies_changes(
    place: Place, session: CounterSession, upstairs: CounterSession
) -> None:
    make.issue(place.service)
    feed = QueueFeed()
    assert list(feed.states("screen:kependudukan", {0}))
    feed.versions()
    here = QueueDay.objects.get(queue=place.queue)
    there = QueueDay.objects.get(queue__agency=upstairs.agency)
    assert feed.depends_on("screen:kependudukan", here.pk)
    assert not feed.depends_on("screen:kependudukan", there.pk)
    assert feed.depends_on("screen:kependudukan", 0)
    # A line that began a moment ago belongs to nobody known: better once too often.
    assert feed.depends_on("screen:kependudukan", there.pk + 1000)


def test_the_public_copy_is_read_less_often_than_a_display() -> None:
    feed = QueueFeed()
    assert feed.pause("now:id") >= 2 > 0.5 > feed.pause("screen:kependudukan")

"""Redis is gone, hangs, or has forgotten everything: numbers, calls and displays go on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from mpp.notifications.enums import OPEN_STATES, MessageState
from mpp.notifications.events import EVENTS
from mpp.notifications.models import Message
from tests import factories as make
from tests.faults.conftest import Scene
from tests.faults.history import Op
from tests.faults.portal import ALL
from tests.faults.storm import Officer, Person, together, wait_for
from tests.support.sse import Stream

PEOPLE, EACH = 8, 4
OUTAGE_SECONDS = 20.0
DISPLAY_SECONDS = 5.0
DRAINED_SECONDS = 60.0


@pytest.mark.parametrize("fault", ["stopped", "frozen"], ids=["r05 refused", "r06 hung"])
def test_r05_r06_without_redis_numbers_calls_and_displays_go_on(scene: Scene, fault: str) -> None:
    """Nothing that people see needs Redis; what was to be sent goes out when it is there again."""
    scene.portal.start(*ALL)
    _wait_until(lambda: _readiness(scene)["status"] == "ok")
    people, officers = scene.people(PEOPLE), scene.officers(2)
    with _display(scene) as display:
        with getattr(scene.machine.redis, fault)():
            gone = time.monotonic()
            taking = [_takes_some(person, scene) for person in people]
            wait_for(together([*taking, *(_serves_some(officer) for officer in officers)]))
            _shows_a_call(display, officers[0])
            report = _readiness(scene)
            assert (report["status"], report["redis"]) == ("degraded", False)
            for path in ("/", f"/layar/{scene.place.zone.code}/", f"/t/{_some_token(scene)}/"):
                assert httpx.get(scene.portal.url + path, timeout=20).status_code == 200
            assert Message.objects.filter(state=MessageState.PENDING).exists()
            time.sleep(max(0.0, OUTAGE_SECONDS - (time.monotonic() - gone)))
        assert scene.history.statuses() <= {200, 201, 204}
        _shows_a_call(display, officers[0])
    _wait_until(lambda: not Message.objects.filter(state__in=OPEN_STATES).exists())
    _wait_until(lambda: _readiness(scene)["status"] == "ok")
    assert _ends() <= {("SENT", 1), ("EXPIRED", 0)}


def test_r07_a_flushed_redis_signs_nobody_out_and_sends_nothing_twice(scene: Scene) -> None:
    """FLUSHALL in opening hours: sessions, numbers and messages are kept elsewhere."""
    scene.portal.start(*ALL)
    person, officer = scene.person(), scene.officer()
    with _signed_in(scene) as console, _display(scene) as display:
        for _ in range(5):
            _take_with_phone(person, scene)
        _shows_a_call(display, officer)
        scene.machine.forget_redis()
        page = console.get("/loket/")
        assert (page.status_code, page.url.path) == (200, "/loket/")
        _take_with_phone(person, scene)
        _shows_a_call(display, officer)
        assert scene.history.statuses() <= {200, 201}
    _wait_until(lambda: not Message.objects.filter(state__in=OPEN_STATES).exists())
    assert _ends() == {("SENT", 1)}
    assert Message.objects.filter(event="ticket_issued").count() == 6
    assert Message.objects.filter(event="ticket_called").count() == 2


def _ends() -> set[tuple[str, int]]:
    """How the messages ended, and after how many sends; "two ahead" is dropped once the call was told."""
    dropped = Message.objects.filter(state=MessageState.DROPPED)
    overtaken = {(name, 0) for name, event in EVENTS.items() if event.ended_by}
    assert set(dropped.values_list("event", "attempts")) <= overtaken
    return set(Message.objects.exclude(state=MessageState.DROPPED).values_list("state", "attempts"))


def _takes_some(person: Person, scene: Scene) -> Callable[[], object]:
    return lambda: [_take_with_phone(person, scene) for _ in range(EACH)]


def _take_with_phone(person: Person, scene: Scene) -> Op:
    return person.take(scene.place.service.slug, phone=f"0812{person.random.randrange(10**7, 10**8)}")


def _serves_some(officer: Officer) -> Callable[[], object]:
    return lambda: [officer.serve_one() for _ in range(EACH)]


def _some_token(scene: Scene) -> str:
    return scene.history.promises("issue")[0].token


def _shows_a_call(display: Stream, officer: Officer) -> None:
    """Call a number; the display in the hall must show it in time."""
    number = officer.call().body["number"]
    display.until(lambda state: number in [call["label"] for call in state["calls"]], seconds=DISPLAY_SECONDS)
    officer.finish_one()


@contextmanager
def _display(scene: Scene) -> Iterator[Stream]:
    stream = Stream(f"{scene.portal.live_url}/live/display/{scene.place.zone.code}/")
    try:
        yield stream
    finally:
        stream.close()


@contextmanager
def _signed_in(scene: Scene) -> Iterator[httpx.Client]:
    """The officer of the place in a browser, at the console."""
    with httpx.Client(base_url=scene.portal.url, timeout=20, follow_redirects=True) as browser:
        form = browser.get("/akun/masuk/").text
        hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert hidden
        entered = {"username": scene.place.officer.username, "password": make.PASSWORD}
        page = browser.post("/akun/masuk/", data={**entered, "csrfmiddlewaretoken": hidden[1]})
        assert page.url.path == "/loket/"
        yield browser


def _readiness(scene: Scene) -> dict[str, object]:
    report: dict[str, object] = httpx.get(f"{scene.portal.url}/readyz", timeout=20).json()
    return report


def _wait_until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + DRAINED_SECONDS
    while not reached():
        assert time.monotonic() < end, "not reached in time"
        time.sleep(0.5)

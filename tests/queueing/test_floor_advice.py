"""Advice that is computed: what it says of a full mall, when it is due, and that it holds nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from mpp.core import clock
from mpp.core.errors import Forbidden
from queueing import actions, advice
from queueing.enums import AdviceKind
from queueing.floor.page import floor_for
from queueing.models import Advice, CounterLine, Ticket
from queueing.scenes import scenes_now
from queueing.simulation.outlook import Outlook, Scene, look_ahead
from tests import factories as make
from tests.conftest import Place
from tests.support.full_hall import TUESDAY, Hall, make_hall


@pytest.fixture
def hall(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    monkeypatch.setattr(advice, "FUTURES", 30)
    with clock.frozen(TUESDAY):
        yield make_hall("ADJH")


def kept() -> Advice:
    return Advice.objects.get()


def test_one_counter_more_at_samsat_is_the_first_advice(hall: Hall) -> None:
    assert actions.advise() >= 1
    card = floor_for(hall.manager).advice.cards[0]
    option = card.option
    assert card.title == "Isi loket 6 di Samsat."
    assert option.kind == AdviceKind.OPEN
    assert option.before is not None
    assert option.low <= option.after <= option.high < option.before
    assert (option.waiting, option.desks) == (23, 2)
    assert kept().computed_at == TUESDAY


def test_the_scene_is_the_hall_as_it_stands(hall: Hall) -> None:
    [samsat] = [one for one in scenes_now()[0] if one.agency == hall.agencies["D"]]
    scene = samsat.scene
    assert (scene.now, scene.plan.closes, scene.until) == (584.0, 900.0, 840.0)
    assert len(scene.standing) == 23
    assert {desk.serving is not None for desk in scene.desks} == {True}
    assert scene.left == {hall.queues["D"].pk: 35}
    assert samsat.unstaffed == (hall.counters["D"][2].pk,)
    [plan] = scene.plan.services
    assert 6 < plan.mean < 10
    # Two earlier days brought about three people an hour.
    assert 2 < scene.plan.lines[0].regular[10] < 5


def test_followed_advice_goes_away(hall: Hall) -> None:
    actions.advise()
    counter = hall.counters["D"][2]
    actions.open_for(counter=counter, officer=hall.officers["D"][2], reason="Saran", by=hall.manager)
    titles = [card.title for card in floor_for(hall.manager).advice.cards]
    assert "Isi loket 6 di Samsat." not in titles


def test_a_resting_counter_is_called_back(hall: Hall) -> None:
    session = hall.sessions("D")[0]
    number = Ticket.objects.at_counter().get(session=session)
    actions.finish(ticket=number, by=session.user)
    with clock.frozen(TUESDAY - timedelta(minutes=1)):
        actions.pause(session=session, by=session.user, reason="Istirahat")
    make.make_user(agency=hall.agencies["D"])
    actions.open_for(
        counter=hall.counters["D"][2], officer=hall.officers["D"][2], reason="uji", by=hall.manager
    )
    actions.advise()
    options = [option for option in kept().options if option["agency"] == hall.agencies["D"].pk]
    assert {option["kind"] for option in options} <= {AdviceKind.RESUME}


def test_a_counter_with_slack_is_moved_to_the_long_line(hall: Hall) -> None:
    """Dukcapil gets a second, empty line with two counters of its own."""
    agency = hall.agencies["A"]
    quiet = make.make_queue(make.make_service(agency, minutes=10), prefix="K", name="KIA")
    for counter in hall.counters["A"][1:]:
        CounterLine.objects.create(counter=counter, queue=quiet)
    hall.queues["A"].stops_in_time = False
    hall.queues["A"].save(update_fields=["stops_in_time"])
    make.issue(quiet.services.get(), channel="KIOSK")
    for _each in range(25):
        make.issue(hall.services["A"], channel="KIOSK")
    actions.advise()
    page = floor_for(hall.manager)
    [card] = [card for card in page.advice.cards if card.option.kind == AdviceKind.MOVE]
    assert card.title in {f"Pindahkan loket {number} ke antrean Dukcapil." for number in (2, 3)}
    assert card.reason.startswith("Saran: tunggu terlama dari ")
    actions.move_counter(counter=card.tile.counter, queue=card.row.queue, reason=card.reason, by=hall.manager)
    kinds = {card.option.kind for card in floor_for(hall.manager).advice.cards}
    assert AdviceKind.MOVE not in kinds


def test_a_queue_without_anybody_has_no_before(hall: Hall) -> None:
    for session in hall.sessions("D"):
        actions.close_for(session=session, reason="uji", by=hall.manager)
    actions.advise()
    first = floor_for(hall.manager).advice.cards[0]
    assert first.option.before is None
    assert first.title.endswith("di Samsat.")
    assert first.reason.startswith("Saran: tunggu terlama menjadi ")


def test_what_is_not_reached_in_nine_seconds_waits_and_the_worst_agency_comes_first(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def slow(scene: Scene, futures: int) -> Outlook:
        seen.append(min(standing.came for standing in scene.standing))
        return look_ahead(scene, futures)

    # Each look takes four seconds.
    monkeypatch.setattr(advice, "time", SimpleNamespace(monotonic=lambda: 4.0 * len(seen)))
    monkeypatch.setattr(advice, "look_ahead", slow)
    found = advice.work_out()
    assert len(seen) == 3
    assert seen[0] == min(seen)
    assert {option.agency for option in found.options} == {hall.agencies["D"].pk}


def test_too_little_known_is_said_and_not_guessed(place: Place) -> None:
    make.open_session(place.agency, place.counter, place.officer)
    make.issue(place.service)
    assert actions.advise() == 0
    assert kept().unknown == ["Dukcapil"]


@pytest.mark.usefixtures("forenoon")
def test_advice_is_computed_when_asked_or_old_and_by_one_at_a_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def work_out() -> advice.Found:
        runs.append(connection.in_atomic_block)
        actions.advise()  # another worker meanwhile
        return advice.Found()

    monkeypatch.setattr(advice, "work_out", work_out)
    start = clock.now()
    with clock.frozen(start):
        actions.advise()
        actions.advise()
    assert len(runs) == 1
    manager = make.make_user("FLOOR_MANAGER")
    with clock.frozen(start + timedelta(minutes=1)):
        actions.advise()
        assert actions.ask_advice(by=manager).is_being_computed
        actions.advise()
    assert len(runs) == 2
    with clock.frozen(start + timedelta(minutes=5)):
        actions.advise()
    assert len(runs) == 3
    # A worker that died leaves it begun: after a minute another one does it.
    begun = start + timedelta(minutes=9)
    Advice.objects.update(started_at=begun)
    with clock.frozen(begun + timedelta(seconds=59)):
        actions.advise()
    assert len(runs) == 3
    with clock.frozen(begun + timedelta(seconds=61)):
        actions.advise()
    assert len(runs) == 4
    with pytest.raises(Forbidden):
        actions.ask_advice(by=place.officer)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_it_computes(live_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def work_out() -> advice.Found:
        seen.append(connection.in_atomic_block)
        return advice.Found()

    monkeypatch.setattr(advice, "work_out", work_out)
    actions.advise()
    assert seen == [False]


def test_old_advice_says_so(hall: Hall) -> None:
    actions.advise()
    assert not floor_for(hall.manager).advice.is_old
    with clock.frozen(TUESDAY + timedelta(minutes=11)):
        assert floor_for(hall.manager).advice.is_old

"""One person at several agencies: called at one counter at a time, on one page, in the best order."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import permutations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mpp.core import clock, tokens
from mpp.core.errors import Refusal
from mpp.live.stream import BEAT
from queueing import actions, choosing
from queueing.actions import visits
from queueing.enums import TicketState
from queueing.live import QueueFeed
from queueing.models import CounterSession, Ticket, TicketEvent, Visit
from queueing.policy.visits import Leg, best_route
from services.actions import start_disruption
from services.models import Service
from tests import factories as make
from tests.concurrency.race import at_once
from tests.conftest import Place
from tests.support.feeds import followed

# The order that shortens the visit


def legs() -> st.SearchStrategy[list[Leg]]:
    minutes = st.integers(0, 120)
    one = st.tuples(minutes, minutes, st.integers(1, 40))
    return st.lists(one, min_size=1, max_size=5).map(
        lambda rows: [Leg(key, low, low + more, own) for key, (low, more, own) in enumerate(rows)]
    )


def end_of(order: tuple[Leg, ...], *, high: bool) -> float:
    free = 0.0
    for leg in order:
        wait = (leg.high if high else leg.low) or 0
        free = max(free, wait) + leg.minutes
    return free


@given(legs())
def test_no_other_order_ends_sooner(known: list[Leg]) -> None:
    route = best_route(known)
    assert sorted(leg.key for leg in route.legs) == [leg.key for leg in known]
    best = min(end_of(order, high=False) + end_of(order, high=True) for order in permutations(known))
    assert route.low is not None
    assert route.high is not None
    assert route.low + route.high == best
    assert route.low <= route.high


def test_the_short_queue_comes_first() -> None:
    route = best_route([Leg(1, 60, 90, 10), Leg(2, 5, 10, 15)])
    assert [leg.key for leg in route.legs] == [2, 1]
    assert (route.low, route.high) == (70, 100)


def test_a_number_called_while_its_person_is_elsewhere_is_served_right_after() -> None:
    route = best_route([Leg(1, 0, 0, 30), Leg(2, 5, 5, 10)])
    assert (route.low, route.high) == (40, 40)
    assert best_route([Leg(1, 0, 0, 30)], busy_minutes=12).low == 42


def test_a_wait_that_nobody_knows_comes_last_and_promises_nothing() -> None:
    route = best_route([Leg(1, None, None, 5), Leg(2, 30, 40, 5)])
    assert [leg.key for leg in route.legs] == [2, 1]
    assert (route.low, route.high) == (None, None)


def test_a_long_visit_goes_by_the_wait() -> None:
    route = best_route([Leg(key, 70 - key, 80 - key, 5) for key in range(7)])
    assert [leg.key for leg in route.legs] == [6, 5, 4, 3, 2, 1, 0]


# Joining


def service_of(place: Place, name: str, **fields: object) -> Service:
    """Return a service of an agency of its own, with a line and a counter."""
    agency = make.make_agency(short_name=name)
    service = make.make_service(agency, **fields)
    make.make_queue(service)
    make.make_counter(agency, place.zone)
    return service


def counter_of(service: Service) -> CounterSession:
    return make.open_session(service.agency, service.agency.duties.get().counter)


def test_a_number_gets_its_visit_when_the_second_one_is_taken(place: Place) -> None:
    first = make.issue(place.service)
    assert first.visit is None
    visit = actions.join(ticket=first)
    second = make.issue(service_of(place, "Samsat"), visit=visit)
    assert set(visit.tickets.all()) == {first, second}
    assert actions.join(ticket=first) == visit
    assert Visit.objects.count() == 1


def test_a_number_keeps_the_visit_it_has(place: Place) -> None:
    first, second = make.issue(place.service), make.issue(place.service)
    visit = actions.join(ticket=first)
    other = actions.join(ticket=second)
    assert actions.join(ticket=first, visit=other) == visit


def test_a_number_that_has_ended_joins_nothing(place: Place) -> None:
    ticket = make.issue(place.service)
    actions.cancel(ticket=ticket)
    with pytest.raises(Refusal) as refusal:
        actions.join(ticket=ticket)
    assert refusal.value.code == "not_running"
    assert not Visit.objects.exists()


def test_a_visit_of_another_day_takes_no_number(place: Place) -> None:
    with clock.frozen(clock.now() - timedelta(days=1)):
        yesterday = actions.start_visit()
    with pytest.raises(Refusal):
        actions.join(ticket=make.issue(place.service), visit=yesterday)


def test_two_numbers_at_two_counters_cannot_become_one_visit(place: Place) -> None:
    service = service_of(place, "Samsat")
    make.issue(place.service)
    make.issue(service)
    called = []
    for session in (make.open_session(place.agency, place.counter, place.officer), counter_of(service)):
        called.append(actions.call_next(session=session, by=session.user))
    first, second = called
    assert first is not None
    assert second is not None
    visit = actions.join(ticket=first)
    with pytest.raises(Refusal) as refusal:
        actions.join(ticket=second, visit=visit)
    assert "sedang di loket lain" in str(refusal.value.message)


# Called at one counter at a time


@pytest.mark.django_db(transaction=True)
def test_six_counters_at_once_call_one_person_to_one_of_them(live_place: Place) -> None:
    sessions, mine = hall_of_six(live_place)
    results = at_once(6, lambda index: actions.call_next(session=sessions[index], by=sessions[index].user))
    assert not [result for result in results if isinstance(result, Exception)]
    called = {result.pk for result in results if isinstance(result, Ticket)}
    assert len(called) == 6
    [at_counter] = Ticket.objects.at_counter().filter(pk__in=mine)
    waiting = set(Ticket.objects.waiting().filter(pk__in=mine).values_list("pk", flat=True))
    assert len(waiting) == 5
    # Each of the other five counters stepped over the person's number and says so.
    passed = {key for event in TicketEvent.objects.filter(step="call") for key in event.passed}
    assert passed == waiting
    assert at_counter.pk in called


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_counters_run_into_each_other(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "claim", lambda _visit: True)
    # The look ahead would spare those who come a moment later: here the claim alone is on trial.
    monkeypatch.setattr(choosing, "_elsewhere", lambda _heads: [])
    sessions, _mine = hall_of_six(live_place)
    results = at_once(6, lambda index: actions.call_next(session=sessions[index], by=sessions[index].user))
    refused = [result for result in results if isinstance(result, Refusal)]
    # The database still lets one through; the others get an error in place of the next person.
    assert len(refused) == 5
    assert {refusal.extra["constraint"] for refusal in refused} == {"queueing_ticket_visit_at_one_counter"}


def hall_of_six(place: Place) -> tuple[list[CounterSession], set[int]]:
    """Build six agencies where one person stands first in every line; return counters and their numbers."""
    services = [service_of(place, f"Instansi {number}") for number in range(6)]
    visit = actions.start_visit()
    mine = {make.issue(service, visit=visit).pk for service in services}
    for service in services:
        make.issue(service)
    return [counter_of(service) for service in services], mine


def test_who_is_stepped_over_keeps_the_place_and_is_called_next(place: Place) -> None:
    service = service_of(place, "Samsat")
    first = make.issue(place.service)
    mine = make.issue(service, visit=actions.join(ticket=first))
    others = [make.issue(service) for _number in range(3)]
    here = make.open_session(place.agency, place.counter, place.officer)
    there = counter_of(service)
    called = actions.call_next(session=here, by=here.user)
    assert called == first
    passed_over = actions.call_next(session=there, by=there.user)
    assert passed_over == others[0]
    assert TicketEvent.objects.get(ticket=others[0], step="call").passed == [mine.pk]
    actions.start(ticket=called, by=here.user)
    actions.finish(ticket=called, by=here.user)
    actions.start(ticket=passed_over, by=there.user)
    assert actions.call_next(session=there, by=there.user) == mine


# The pages


def together(place: Place) -> tuple[Ticket, Ticket, Visit]:
    first = make.issue(place.service)
    visit = actions.join(ticket=first)
    make.issue(bank := service_of(place, "Bank Kalsel", minutes=20))
    second = make.issue(bank, visit=visit)
    return first, second, visit


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


def test_a_newcomer_who_is_elsewhere_does_not_hide_those_who_wait_longer_in_the_line(place: Place) -> None:
    """After a priority call the next is the head of the regular lane, but not one who is elsewhere."""
    second, other = make.make_service(place.agency), make.make_service()
    make.make_queue(second)
    make.make_queue(other)
    here, there = make.open_session(place.agency), make.open_session(other.agency)
    start = clock.now()
    with clock.frozen(start):
        make.issue(place.service, priority="ELDERLY")
        waits_longest = make.issue(place.service, priority="ELDERLY")
        visit = actions.start_visit()
        make.issue(other, visit=visit)
        actions.call_next(session=there, by=there.user)
        first = actions.call_next(session=here, by=here.user)
        assert first is not None
        actions.start(ticket=first, by=here.user)
        actions.finish(ticket=first, by=here.user)
    with clock.frozen(start + timedelta(minutes=1)):
        make.issue(second)
    with clock.frozen(start + timedelta(minutes=2)):
        make.issue(place.service, visit=visit)
        called = actions.call_next(session=here, by=here.user)
    assert called is not None
    assert called.pk == waits_longest.pk


@pytest.mark.usefixtures("measured")
def test_one_page_shows_all_numbers_and_the_order_to_go(client: Client, place: Place) -> None:
    first, second, visit = together(place)
    make.open_session(place.agency, place.counter, place.officer)
    counter_of(second.service)
    text = text_of(client, f"/kunjungan/{visit.token}/")
    assert "Ke Dukcapil dulu, lalu Bank Kalsel" in text
    assert "Semua selesai kira-kira" in text
    assert f'href="/t/{first.token}/"' in text
    assert f'href="/t/{second.token}/"' in text
    assert ">Giliran Anda berikutnya<" in text
    assert "1 orang di depan Anda" in text
    assert text.index(first.label) < text.index(second.label)


def test_two_numbers_of_one_agency_are_told_apart_by_labels_that_stay_whole(
    client: Client, place: Place
) -> None:
    visit = actions.join(ticket=make.issue(place.service))
    make.issue(place.service, visit=visit)
    hyphen = "\N{NON-BREAKING HYPHEN}"
    expected = f"Ke Dukcapil (A{hyphen}001) dulu, lalu Dukcapil (A{hyphen}002)"
    assert expected in text_of(client, f"/kunjungan/{visit.token}/")


def test_one_code_leads_to_the_page_of_all(client: Client, place: Place) -> None:
    _first, _second, visit = together(place)
    text = text_of(client, f"/kunjungan/{visit.token}/")
    assert text.count('<svg class="qr"') == 1
    assert "Satu kode untuk semua nomor" in text


def test_without_staff_no_time_is_promised(client: Client, place: Place) -> None:
    _first, _second, visit = together(place)
    text = text_of(client, f"/kunjungan/{visit.token}/")
    assert "<span data-mpp-unknown>lama tunggu belum dapat diperkirakan" in text
    assert "<span data-mpp-until hidden>Semua selesai kira-kira" in text


def test_a_person_at_a_counter_sees_that_the_other_number_keeps_its_place(
    client: Client, place: Place
) -> None:
    first, second, visit = together(place)
    session = make.open_session(place.agency, place.counter, place.officer)
    called = actions.call_next(session=session, by=session.user)
    assert called == first
    text = text_of(client, f"/t/{second.token}/")
    assert f"Giliran {first.label}: silakan ke loket 2." in text
    assert "Nomor ini menunggu dan tetap di tempatnya." in text
    assert "Nomor lain menunggu dan tetap di tempatnya." in text_of(client, f"/kunjungan/{visit.token}/")
    assert "tetap di tempatnya" not in text_of(client, f"/t/{first.token}/")
    actions.start(ticket=called, by=session.user)
    assert "Anda sedang di loket 2." in text_of(client, f"/t/{second.token}/")
    assert "Anda sedang di loket 2." in text_of(client, f"/kunjungan/{visit.token}/")


@pytest.mark.usefixtures("measured")
def test_finishing_one_offers_the_next(client: Client, place: Place) -> None:
    first, second, visit = together(place)
    session = make.open_session(place.agency, place.counter, place.officer)
    counter_of(second.service)
    called = actions.call_next(session=session, by=session.user)
    assert called is not None
    actions.start(ticket=called, by=session.user)
    actions.finish(ticket=called, by=session.user)
    text = text_of(client, f"/t/{first.token}/")
    assert "Nomor Anda berikutnya" in text
    assert f'href="/t/{second.token}/"' in text
    assert "menit lagi" in text
    assert f"Nomor Anda berikutnya: {second.label}" in text_of(client, f"/kunjungan/{visit.token}/")


def test_when_all_is_done_the_page_says_so_and_stops_asking(client: Client, place: Place) -> None:
    first, second, visit = together(place)
    actions.cancel(ticket=first)
    actions.cancel(ticket=second)
    text = text_of(client, f"/kunjungan/{visit.token}/")
    assert "Semua nomor kunjungan ini sudah selesai." in text
    assert "<script" not in text
    assert "http-equiv" not in text


def test_it_works_without_scripts_and_the_script_gets_the_part_alone(client: Client, place: Place) -> None:
    _first, _second, visit = together(place)
    path = f"/kunjungan/{visit.token}/"
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in text_of(client, path)
    part = client.get(path, headers={"X-MPP-Part": "1"}).content.decode()
    assert part.strip().startswith("<div data-mpp-followed")
    assert "<html" not in part


def test_trouble_at_one_of_its_agencies_stands_on_the_page_of_all(client: Client, place: Place) -> None:
    _first, second, visit = together(place)
    path = f"/kunjungan/{visit.token}/"
    assert 'data-trouble=""' in text_of(client, path)
    start_disruption(agency=make.make_agency(), message="Sistem Samsat mati")
    start_disruption(agency=second.service.agency, message="Server bank mati")
    text = text_of(client, path)
    assert 'data-trouble=""' not in text
    assert "Gangguan di Bank Kalsel: Server bank mati." in text
    assert "Samsat" not in text
    actions.cancel(ticket=second)
    assert "Gangguan" not in text_of(client, path)


def test_an_hour_of_following_a_visit_weighs_less_than_100_kilobytes(client: Client, place: Place) -> None:
    """Three lines that change in every minute, each with a figure of this person in it; four calls."""
    visit = actions.join(ticket=make.issue(place.service))
    for name in ("Samsat", "Bank Kalsel"):
        mine = make.issue(service_of(place, name), visit=visit)
    feed = QueueFeed()
    for path, kind, changes in (
        (f"/kunjungan/{visit.token}/", "visit", 3 * 60),
        (f"/t/{mine.token}/", "ticket", 60),
    ):
        answer = client.get(path, headers={"X-MPP-Part": "1", "Accept-Encoding": "gzip"})
        head = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items())
        every = re.search(rb'data-every="(\d+)"', client.get(path).content)
        assert every
        # A look follows the last fetch of the part, whatever it was for; a call is told, begun and ended.
        fetches = 3600 // int(every[1]) + 4 * 3
        watcher = followed(feed, kind, path.split("/")[2])
        assert watcher.latest
        state = len(watcher.latest.encode()) + len("id: 99")
        assert fetches * (len(answer.content) + head) + 3600 // 15 * len(BEAT) + changes * state <= 100_000


def test_the_link_of_a_visit_is_a_secret(client: Client, place: Place) -> None:
    _first, _second, visit = together(place)
    response = client.get(f"/kunjungan/{visit.token}/")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    for token in ("salah", tokens.new_secret(), "x" * 5_000, "%00", make.issue(place.service).token):
        assert client.get(f"/kunjungan/{token}/").status_code == 404


def test_a_number_alone_has_no_visit_to_show(client: Client, place: Place) -> None:
    ticket = make.issue(place.service)
    assert "kunjungan/" not in text_of(client, f"/t/{ticket.token}/")
    actions.join(ticket=ticket)
    assert "dalam satu kunjungan" not in text_of(client, f"/t/{ticket.token}/")


def test_my_numbers_lead_to_the_page_of_all(client: Client, place: Place) -> None:
    key = "6f1b1ad4-6ff4-4a44-9c3c-3f1ea6a9cf0{}"
    client.post("/antrean/ambil/ktp-hilang/", {"kunci": key.format(1)})
    assert "/kunjungan/" not in text_of(client, "/nomor-saya/")
    service_of(place, "Samsat", slug="stnk")
    client.post("/antrean/ambil/stnk/", {"kunci": key.format(2), "gabung": "1"})
    assert f"/kunjungan/{Visit.objects.get().token}/" in text_of(client, "/nomor-saya/")


def test_a_slip_from_the_kiosk_can_be_joined_on_the_phone(client: Client, place: Place) -> None:
    """The code on the slip opens the number; adding a service lets this browser hold it."""
    ticket = make.issue(place.service, channel="KIOSK")
    service_of(place, "Samsat", slug="stnk")
    path = f"/t/{ticket.token}/tambah/"
    assert f'href="{path}"' in text_of(client, f"/t/{ticket.token}/")
    assert client.get(path).status_code == 200
    response = client.post(path)
    assert response.status_code == 303
    assert response["Location"] == "/layanan/"
    assert "Satu kunjungan dengan A-001" in text_of(client, "/antrean/ambil/stnk/")
    assert 'href="/layanan/">' in text_of(client, f"/t/{ticket.token}/")
    assert client.get(path).status_code == 303


def test_a_number_of_the_next_day_is_not_joined_today(client: Client, place: Place) -> None:
    ticket = make.issue(place.service)
    with clock.frozen(clock.now() + timedelta(days=1)):
        client.post(f"/t/{ticket.token}/tambah/")
        service_of(place, "Samsat", slug="stnk")
        assert "gabung" not in text_of(client, "/antrean/ambil/stnk/")
    ticket.refresh_from_db()
    assert ticket.state == TicketState.WAITING


# A number that joins while the visit's other number is being called


def join_and_call_at_once(place: Place) -> list[object]:
    """Call the second number of a visit while the first, which is at a counter, is joining it."""
    outcomes: list[object] = []
    for number in range(6):
        service = service_of(place, f"Bank {number}")
        own = service_of(place, f"Dinas {number}")
        here, there = counter_of(own), counter_of(service)
        visit = actions.start_visit()
        first = make.issue(own)
        make.issue(service, visit=visit)
        actions.call_next(session=here, by=here.user)

        def press(
            index: int, there: CounterSession = there, first: Ticket = first, visit: Visit = visit
        ) -> object:
            if index:
                return actions.join(ticket=Ticket.objects.get(pk=first.pk), visit=visit)
            return actions.call_next(session=there, by=there.user)

        outcomes += at_once(2, press)
        assert Ticket.objects.at_counter().filter(visit=visit).count() == 1
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_whoever_joins_while_the_other_is_called_never_breaks_the_call(live_place: Place) -> None:
    calls = join_and_call_at_once(live_place)[::2]
    assert not [call for call in calls if isinstance(call, Exception)]

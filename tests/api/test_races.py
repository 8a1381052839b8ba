"""Twenty presses with one key at the same moment: one number, one call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from rest_framework.test import APIClient

from queueing.models import QueueDay, Ticket, TicketEvent
from tests import factories as make
from tests.api.conftest import SignedIn
from tests.conftest import Place

PRESSES = 20


def at_once(press: Callable[[int], Any]) -> list[Any]:
    """Run twenty presses from as many threads, let go together."""
    gate = threading.Barrier(PRESSES)

    def wait_and_press(place: int) -> Any:
        try:
            gate.wait()
            return press(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PRESSES) as pool:
        return list(pool.map(wait_and_press, range(PRESSES)))


def test_twenty_presses_with_one_key_make_one_number(live_place: Place) -> None:
    def press(_: int) -> Any:
        return APIClient().post(
            "/api/v1/tickets/", {"service": "ktp-hilang"}, format="json", headers={"Idempotency-Key": "satu"}
        )

    answers = at_once(press)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Ticket.objects.count() == 1
    assert QueueDay.objects.get().last_number == 1


def test_twenty_presses_with_twenty_keys_make_twenty_numbers(live_place: Place) -> None:
    def press(place: int) -> Any:
        key = {"Idempotency-Key": f"tekan-{place}"}
        return APIClient().post("/api/v1/tickets/", {"service": "ktp-hilang"}, format="json", headers=key)

    numbers = sorted(answer.json()["number"] for answer in at_once(press))
    assert numbers == [f"A-{number:03d}" for number in range(1, PRESSES + 1)]


def test_twenty_presses_with_one_key_make_one_call(live_place: Place, as_user: SignedIn) -> None:
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    for _ in range(3):
        make.issue(live_place.service)
    clients = [as_user(live_place.officer) for _ in range(PRESSES)]
    path = f"/api/v1/counter-sessions/{session.pk}/call-next/"
    answers = at_once(lambda place: clients[place].post(path, headers={"Idempotency-Key": "satu"}))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["number"] for answer in answers} == {"A-001"}
    assert TicketEvent.objects.filter(step="call").count() == 1
    assert Ticket.objects.waiting().count() == 2


def test_twenty_presses_without_a_key_still_make_one_call(live_place: Place, as_user: SignedIn) -> None:
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    for _ in range(3):
        make.issue(live_place.service)
    clients = [as_user(live_place.officer) for _ in range(PRESSES)]
    path = f"/api/v1/counter-sessions/{session.pk}/call-next/"
    statuses = sorted(answer.status_code for answer in at_once(lambda place: clients[place].post(path)))
    assert statuses == [200] + [409] * (PRESSES - 1)
    assert TicketEvent.objects.filter(step="call").count() == 1

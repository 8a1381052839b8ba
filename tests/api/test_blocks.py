"""Number blocks through the API: leased by who runs the kiosks, told once, forged by nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from mpp.core import clock
from queueing.models import NumberBlock, Queue, Ticket
from tenants.enums import Role
from tenants.models import User
from tests import factories as make
from tests.conftest import Place

SignedIn = Callable[[User], APIClient]
PATH = "/api/v1/number-blocks/"


@pytest.fixture
def desk(place: Place, as_user: SignedIn) -> APIClient:
    """The client of the reception."""
    return as_user(make.make_user(Role.RECEPTIONIST))


def lease(client: APIClient, place: Place, size: int = 3) -> dict[str, Any]:
    body = {"queue": place.queue.code, "holder": "Anjungan timur", "size": size}
    response = client.post(PATH, body, format="json")
    assert response.status_code == 201
    leased: dict[str, Any] = response.json()
    return leased


def entry(number: int, **fields: Any) -> dict[str, Any]:
    return {"number": number, "service": "ktp-hilang", "printed_at": clock.now().isoformat()} | fields


def sync(client: APIClient, block: dict[str, Any], *entries: dict[str, Any], **fields: Any) -> Any:
    body = {"secret": block["secret"], "entries": list(entries)} | fields
    return client.post(f"{PATH}{block['id']}/sync/", body, format="json")


def test_a_block_comes_with_its_numbers_and_their_links(desk: APIClient, place: Place) -> None:
    block = lease(desk, place)
    assert [number["shown"] for number in block["numbers"]] == ["AK1-001", "AK1-002", "AK1-003"]
    assert (block["prefix"], block["size"], block["last_number"]) == ("AK1", 3, 0)
    assert sync(desk, block, entry(1)).json()["last_number"] == 1
    ticket = Ticket.objects.get()
    assert ticket.token == block["numbers"][0]["token"]
    assert desk.get(f"/api/v1/tickets/{ticket.token}/").json()["number"] == "AK1-001"


def test_the_same_telling_changes_nothing(desk: APIClient, place: Place) -> None:
    block = lease(desk, place)
    told = [entry(1), entry(2)]
    assert [sync(desk, block, *told).status_code for _time in range(3)] == [200, 200, 200]
    assert Ticket.objects.count() == 2


def test_a_forged_secret_opens_no_block(desk: APIClient, place: Place) -> None:
    block, other = lease(desk, place), lease(desk, place)
    for secret in (other["secret"], "x", ""):
        answer = sync(desk, block, entry(1), secret=secret)
        assert answer.status_code == (400 if not secret else 404)
        answer = desk.post(f"{PATH}{block['id']}/return/", {"secret": secret}, format="json")
        assert answer.status_code == (400 if not secret else 404)
    assert not Ticket.objects.exists()
    assert not NumberBlock.objects.filter(returned_at__isnull=False).exists()


def test_returning_gives_the_places_back(desk: APIClient, place: Place) -> None:
    Queue.objects.update(daily_quota=5, online_percent=0)
    block = lease(desk, place, size=5)
    assert (
        desk.post(PATH, {"queue": place.queue.code, "holder": "x", "size": 1}, format="json").json()["code"]
        == "block_too_large"
    )
    for _time in range(2):
        answer = desk.post(f"{PATH}{block['id']}/return/", {"secret": block["secret"]}, format="json")
        assert answer.json()["returned"] is True
    assert lease(desk, place, size=5)["prefix"] == "AK2"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"number": 0}, 400),
        ({"number": 2}, 409),
        ({"service": "tidak-ada"}, 404),
        ({"printed_at": "kemarin"}, 400),
        ({"lain": 1}, 400),
        ({"priority": "RAJA"}, 400),
    ],
)
def test_bad_entries_are_refused_and_nothing_is_written(
    desk: APIClient, place: Place, fields: dict[str, Any], status: int
) -> None:
    block = lease(desk, place)
    assert sync(desk, block, entry(1) | fields).status_code == status
    late = entry(1, printed_at=(clock.now() + timedelta(hours=1)).isoformat())
    assert sync(desk, block, late).json()["code"] == "block_times"
    assert not Ticket.objects.exists()


def test_an_unknown_line_has_no_blocks(desk: APIClient, place: Place) -> None:
    body = {"queue": "TIDAK-ADA", "holder": "x", "size": 1}
    assert desk.post(PATH, body, format="json").status_code == 404


def test_an_officer_leases_nothing(officer: APIClient, place: Place) -> None:
    body = {"queue": place.queue.code, "holder": "x", "size": 1}
    assert officer.post(PATH, body, format="json").status_code == 403

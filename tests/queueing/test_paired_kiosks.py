"""What pairing protects: the kiosk's numbers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from queueing.models import HallRules, Ticket
from tenants import actions
from tenants.devices import COOKIE
from tenants.enums import DeviceKind
from tests import factories as make
from tests.conftest import Place


def touch(client: Client) -> Any:
    return client.post("/anjungan/ambil/ktp-hilang/", {"kunci": str(uuid.uuid4())})


@pytest.fixture
def only_paired(place: Place) -> Place:
    HallRules.objects.filter(pk=1).update(paired_kiosks_only=True)
    return place


def test_any_browser_is_a_kiosk_while_the_mall_allows_it(client: Client, place: Place) -> None:
    assert touch(client).status_code == 303


def test_an_unpaired_browser_sees_the_kiosk_but_gets_no_number(client: Client, only_paired: Place) -> None:
    assert client.get("/anjungan/dukcapil/").status_code == 200
    response = touch(client)
    assert response.status_code == 403
    page = response.content.decode()
    assert "Anjungan ini belum dipasangkan." in page
    assert "Petugas di pintu masuk memberi Anda nomor." in page
    # The kiosk's script shows only pages of the kiosk.
    assert "data-mpp-kiosk=" in page
    assert not Ticket.objects.exists()


def test_a_paired_kiosk_gives_out_numbers(client: Client, only_paired: Place) -> None:
    make.pair(make.make_device(), client)
    assert touch(client).status_code == 303


def test_checking_in_at_the_kiosk_is_protected_too(client: Client, only_paired: Place) -> None:
    assert client.post("/anjungan/hadir/", {"kode": "K7M4PX"}).status_code == 403
    make.pair(make.make_device(), client)
    assert client.post("/anjungan/hadir/", {"kode": "K7M4PX"}).status_code != 403


def test_a_revoked_kiosk_gives_out_no_number_whatever_the_rule(client: Client, place: Place) -> None:
    device = make.make_device()
    make.pair(device, client)
    actions.revoke(device=device, by=place.officer)
    for only_paired in (False, True):
        HallRules.objects.filter(pk=1).update(paired_kiosks_only=only_paired)
        response = touch(client)
        assert response.status_code == 403
        assert "Layar ini dilepas dari portal." in response.content.decode()
    assert not Ticket.objects.exists()


def test_a_display_gives_out_no_number(client: Client, place: Place) -> None:
    make.pair(make.make_device(kind=DeviceKind.DISPLAY, zone=place.zone), client)
    assert touch(client).status_code == 403
    assert client.get("/layar/kependudukan/").status_code == 200
    assert not Ticket.objects.exists()


def test_an_invented_token_is_no_way_in(client: Client, place: Place) -> None:
    client.cookies[COOKIE] = "dikarang"
    assert touch(client).status_code == 403

"""Kiosks and displays: paired once, seen alive, revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from mpp.core import clock, tokens
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from tenants import actions
from tenants.devices import COOKIE, standing_of
from tenants.enums import DeviceKind, DeviceLife, PrinterLink, PrinterState, Role
from tenants.models import Device, DeviceState
from tests import factories as make
from tests.concurrency.race import at_once
from tests.conftest import Place


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def type_code(client: Client, code: str) -> Any:
    return client.post("/perangkat/", {"kode": code})


# Pairing


def test_a_screen_is_paired_by_the_code_and_goes_to_its_own_page(client: Client, place: Place) -> None:
    device = make.make_device(kind=DeviceKind.DISPLAY, zone=place.zone)
    code = actions.make_code(device=device, by=place.officer)
    assert "Pasangkan layar ini" in text(client.get("/perangkat/"))
    response = type_code(client, f"{code[:4].lower()} {code[4:]}")
    assert (response.status_code, response["Location"]) == (303, "/perangkat/")
    assert client.get("/perangkat/")["Location"] == "/layar/kependudukan/"
    assert [(entry.target, entry.actor) for entry in AuditEntry.objects.filter(action="device.code")] == [
        (device.name, place.officer)
    ]
    assert AuditEntry.objects.get(action="device.paired").target == device.name


def test_a_kiosk_goes_to_the_kiosk(client: Client, place: Place) -> None:
    make.pair(make.make_device(), client)
    assert client.get("/perangkat/")["Location"] == "/anjungan/"


def test_the_token_is_kept_as_a_digest_and_out_of_reach_of_scripts(client: Client, place: Place) -> None:
    device = make.make_device()
    code = actions.make_code(device=device, by=place.officer)
    cookie = type_code(client, code).cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 400 * 86400
    device.refresh_from_db()
    assert device.token_digest == tokens.digest(cookie.value)
    row = " ".join(str(value) for value in Device.objects.filter(pk=device.pk).values_list()[0])
    assert cookie.value not in row
    assert code not in row


def test_a_wrong_code_says_what_to_do(client: Client, place: Place) -> None:
    response = type_code(client, "AAAA")
    assert response.status_code == 400
    assert "Kode ini tidak cocok. Periksa lagi, lalu ketik ulang." in text(response)
    assert COOKIE not in response.cookies


@pytest.mark.parametrize("code", ["", "\x00", "x" * 10_000, "<script>", "\u202e"])
def test_garbage_is_a_wrong_code(client: Client, place: Place, code: str) -> None:
    assert type_code(client, code).status_code == 400


def test_a_used_code_pairs_nobody_else(client: Client, place: Place) -> None:
    code = actions.make_code(device=make.make_device(), by=place.officer)
    type_code(client, code)
    response = type_code(Client(), code)
    assert response.status_code == 409
    assert "Kode ini sudah dipakai. Minta kode baru dari admin." in text(response)


def test_a_code_ends_after_ten_minutes(client: Client, place: Place) -> None:
    code = actions.make_code(device=make.make_device(), by=place.officer)
    with clock.frozen(clock.now() + timedelta(minutes=10, seconds=1)):
        response = type_code(client, code)
    assert response.status_code == 409
    assert "Kode ini sudah lewat sepuluh menit. Minta kode baru dari admin." in text(response)


def test_a_new_code_ends_the_earlier_one(client: Client, place: Place) -> None:
    device = make.make_device()
    earlier = actions.make_code(device=device, by=place.officer)
    actions.make_code(device=device, by=place.officer)
    assert type_code(client, earlier).status_code == 400


def test_ten_wrong_codes_from_one_address_are_enough(client: Client, place: Place) -> None:
    code = actions.make_code(device=make.make_device(), by=place.officer)
    for _try in range(10):
        assert type_code(client, "SALAH").status_code == 400
    response = type_code(client, code)
    assert response.status_code == 429
    assert "Coba lagi sepuluh menit lagi." in text(response)
    # A flood does not grow the records, and does not reach other networks.
    assert AuditEntry.objects.filter(action="device.pairing_failed").count() == 10
    assert client.post("/perangkat/", {"kode": code}, REMOTE_ADDR="192.0.2.9").status_code == 303


def test_two_screens_with_one_code_at_the_same_moment_are_one_device(live_place: Place) -> None:
    code = actions.make_code(device=make.make_device(), by=live_place.officer)
    results = at_once(8, lambda number: actions.pair(code=code, address=f"192.0.2.{number}"))
    refused = [each.code for each in results if isinstance(each, Refusal)]
    assert refused == ["used_code"] * 7


def test_pairing_needs_the_forms_own_token(place: Place) -> None:
    code = actions.make_code(device=make.make_device(), by=place.officer)
    assert type_code(Client(enforce_csrf_checks=True), code).status_code == 403


# Signs of life


def test_a_heartbeat_says_where_the_device_belongs(client: Client, place: Place) -> None:
    device = make.make_device()
    make.pair(device, client)
    answer = client.post("/perangkat/detak/", {"versi": "0.1.9"})
    assert answer.json() == {"state": "paired", "go": "/anjungan/", "version": settings.VERSION, "test": ""}
    assert answer.cookies[COOKIE]["max-age"] == 400 * 86400
    state = DeviceState.objects.get(device=device)
    assert (state.version, state.address) == ("0.1.9", "127.0.0.1")


def test_a_heartbeat_writes_no_history_and_takes_four_statements(
    client: Client, place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    device = make.make_device()
    make.pair(device, client)
    client.post("/perangkat/detak/", {"versi": "1"})
    before = device.history.count()
    with django_assert_max_num_queries(4):
        client.post("/perangkat/detak/", {"versi": "1"})
    assert device.history.count() == before


def test_a_device_is_alive_then_silent_and_alive_again(place: Place) -> None:
    device = make.make_device()
    at = clock.now()
    assert standing_of(device, at).life == DeviceLife.NEW
    with clock.frozen(at):
        make.pair(device)
    for seconds in (30, 60):
        with clock.frozen(at + timedelta(seconds=seconds)):
            actions.note_sign(device=device, version="1", address="192.0.2.1")
    device = Device.objects.with_state().get(pk=device.pk)
    last = at + timedelta(seconds=60)
    alive = standing_of(device, last + timedelta(seconds=90))
    assert (alive.life, alive.since) == (DeviceLife.ALIVE, at)
    silent = standing_of(device, last + timedelta(seconds=91))
    assert (silent.life, silent.since) == (DeviceLife.SILENT, last)
    back = last + timedelta(hours=1)
    with clock.frozen(back):
        actions.note_sign(device=device, version="1", address="192.0.2.1")
    device = Device.objects.with_state().get(pk=device.pk)
    assert standing_of(device, back).since == back


def test_the_printers_state_remembers_since_when(place: Place) -> None:
    device = make.make_device()
    make.pair(device)
    at = clock.now()
    for minutes, state in ((0, "PAPER_OUT"), (1, "PAPER_OUT"), (2, "READY")):
        with clock.frozen(at + timedelta(minutes=minutes)):
            actions.note_printer(device=device, state=PrinterState(state))
        row = DeviceState.objects.get(device=device)
        assert row.printer_since == at + timedelta(minutes=2 if state == "READY" else 0)


def test_the_end_of_a_roll_is_told_while_fifty_slips_are_left(client: Client, place: Place) -> None:
    """A printer behind a browser says nothing, so its slips are counted (trust.md K-11)."""
    device = make.make_device(roll_slips=100)
    make.pair(device, client)
    client.post("/perangkat/detak/", {"versi": "1", "karcis": "49"})
    assert DeviceState.objects.get(device=device).printer == PrinterState.UNKNOWN
    client.post("/perangkat/detak/", {"versi": "1", "karcis": "1"})
    assert DeviceState.objects.get(device=device).printer == PrinterState.PAPER_LOW
    actions.change_roll(device=device, by=place.officer)
    row = DeviceState.objects.get(device=device)
    assert (row.printer, row.roll_printed) == (PrinterState.READY, 0)


@pytest.mark.parametrize("told", ["", "-5", "abc", "1e3", "999999", "١٢"])
def test_a_nonsense_count_of_slips_counts_none(client: Client, place: Place, told: str) -> None:
    device = make.make_device(roll_slips=100)
    make.pair(device, client)
    assert client.post("/perangkat/detak/", {"versi": "1", "karcis": told}).status_code == 200
    assert DeviceState.objects.get(device=device).roll_printed == 0


def test_a_roll_that_is_entered_later_begins_at_nothing(client: Client, place: Place) -> None:
    device = make.make_device()
    make.pair(device, client)
    client.post("/perangkat/detak/", {"versi": "1", "karcis": "400"})
    Device.objects.filter(pk=device.pk).update(roll_slips=500)
    client.post("/perangkat/detak/", {"versi": "1", "karcis": "3"})
    row = DeviceState.objects.get(device=device)
    assert (row.roll_printed, row.printer) == (3, PrinterState.UNKNOWN)


def test_slips_are_counted_only_where_a_browser_prints(place: Place) -> None:
    with pytest.raises(Refusal, match="not_counted"):
        actions.change_roll(device=make.make_device(), by=place.officer)
    for fields in (
        {"roll_slips": 50},
        {"roll_slips": 500, "printer_link": PrinterLink.NETWORK, "printer_address": "192.168.1.9"},
        {"roll_slips": 500, "kind": DeviceKind.DISPLAY, "zone": place.zone},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make.make_device(**fields)


def test_who_is_no_device_loads_no_script_for_it(client: Client, place: Place) -> None:
    assert "device.js" not in text(client.get("/anjungan/"))
    assert "device.js" not in text(client.get("/layar/kependudukan/"))
    make.pair(make.make_device(), client)
    assert f'data-mpp-version="{settings.VERSION}"' in text(client.get("/anjungan/"))
    assert 'data-mpp-beat="/perangkat/detak/"' in text(client.get("/layar/kependudukan/"))


# Revoking


def test_a_revoked_device_learns_of_it_with_its_next_sign(client: Client, place: Place) -> None:
    device = make.make_device()
    make.pair(device, client)
    actions.revoke(device=device, by=place.officer, reason="rusak")
    answer = client.post("/perangkat/detak/", {"versi": "1"})
    assert answer.status_code == 403
    assert answer.json() == {"state": "revoked", "go": "/perangkat/"}
    page = text(client.get("/perangkat/"))
    assert "Layar ini dilepas" in page
    assert "Petugas: minta kode baru dari admin, ketik di sini." in page
    entry = AuditEntry.objects.get(action="device.revoked")
    assert (entry.actor, entry.detail) == (place.officer, {"reason": "rusak"})
    device.refresh_from_db()
    assert standing_of(device, clock.now()).life == DeviceLife.REVOKED


def test_revoking_twice_is_once_and_ends_an_open_code(client: Client, place: Place) -> None:
    device = make.make_device()
    make.pair(device)
    code = actions.make_code(device=device, by=place.officer)
    for _time in range(2):
        actions.revoke(device=device, by=place.officer)
    assert AuditEntry.objects.filter(action="device.revoked").count() == 1
    assert type_code(client, code).status_code == 409


def test_a_revoked_device_comes_back_with_a_new_code(client: Client, place: Place) -> None:
    device = make.make_device()
    old = make.pair(device)
    actions.revoke(device=device, by=place.officer)
    make.pair(device, client)
    assert client.get("/perangkat/")["Location"] == "/anjungan/"
    other = Client()
    other.cookies[COOKIE] = old
    assert "Layar ini dilepas" in text(other.get("/perangkat/"))


# What a row may hold


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": DeviceKind.DISPLAY}, "Pilih zona yang ditampilkan layar ini."),
        ({"printer_link": PrinterLink.NETWORK}, "Isi alamat IP printer jaringan ini."),
        ({"printer_link": PrinterLink.USB, "usb_vendor": "04b8"}, "Isi kode pembuat dan kode produk"),
        ({"printer_port": 0}, "Porta printer 1 sampai 65535."),
        ({"panel_cm": 32}, "Sisi panjang layar 33 sampai 300 cm."),
    ],
)
def test_a_device_that_cannot_work_is_refused(place: Place, fields: dict[str, Any], words: str) -> None:
    device = Device(**{"name": "Uji", "kind": DeviceKind.KIOSK} | fields)
    with pytest.raises(ValidationError) as found:
        device.full_clean()
    assert words in str(found.value)
    with pytest.raises(IntegrityError), transaction.atomic():
        device.save()


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1", "172.32.0.1"]
)
def test_a_printer_outside_the_house_is_refused(place: Place, address: str) -> None:
    device = Device(
        name="Uji", kind=DeviceKind.KIOSK, printer_link=PrinterLink.NETWORK, printer_address=address
    )
    with pytest.raises(ValidationError, match="Hanya alamat di jaringan gedung"):
        device.full_clean()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.100"])
def test_a_printer_in_the_house_is_fine(place: Place, address: str) -> None:
    Device(
        name="Uji", kind=DeviceKind.KIOSK, printer_link=PrinterLink.NETWORK, printer_address=address
    ).full_clean()


# The admin


def test_the_admin_makes_a_code_sees_life_and_revokes(client: Client, place: Place) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    device = make.make_device(name="Anjungan pintu")
    page = f"/admin/tenants/device/{device.pk}"
    assert client.get(f"{page}/kode/").status_code == 200
    device.refresh_from_db()
    assert device.code_digest is None
    told = text(client.post(f"{page}/kode/", follow=True))
    code = re.findall(r"Kode: (\w{4}-\w{4})\. Berlaku sepuluh menit", told)[0]
    assert "belum dipasangkan" in text(client.get("/admin/tenants/device/"))
    type_code(Client(), code)
    assert "hidup" in text(client.get("/admin/tenants/device/"))
    assert "Layar yang lama dilepas" in text(client.get(f"{page}/kode/"))
    client.post(f"{page}/cabut/", {"reason": "dijual"})
    assert "dicabut" in text(client.get("/admin/tenants/device/"))
    assert AuditEntry.objects.get(action="device.revoked").detail == {"reason": "dijual"}


def test_the_admin_renames_but_never_turns_a_display_into_a_kiosk(client: Client, place: Place) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    device = make.make_device(kind=DeviceKind.DISPLAY, zone=place.zone)
    sent = {
        "name": "Layar timur",
        "kind": "KIOSK",
        "zone": place.zone.pk,
        "printer_link": "BROWSER",
        "paper_mm": 80,
        "printer_port": 9100,
        "printer_answers": "on",
    }
    assert client.post(f"/admin/tenants/device/{device.pk}/change/", sent).status_code == 302
    device.refresh_from_db()
    assert (device.name, device.kind) == ("Layar timur", DeviceKind.DISPLAY)


def test_the_admin_shows_the_printers_state_as_a_word(client: Client, place: Place) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    device = make.make_device(printer_link=PrinterLink.NETWORK, printer_address="10.0.0.9")
    make.pair(device)
    assert "belum diketahui" in text(client.get("/admin/tenants/device/"))
    actions.note_printer(device=device, state=PrinterState.PAPER_OUT)
    assert "kertas habis, " in text(client.get("/admin/tenants/device/"))


def test_a_list_of_devices_asks_no_more_with_many_of_them(
    client: Client, place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    for _number in range(20):
        make.make_device()
    with django_assert_max_num_queries(15):
        client.get("/admin/tenants/device/")

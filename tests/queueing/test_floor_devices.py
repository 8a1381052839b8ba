"""Devices on the floor: alive, silent, or with a printer that wants somebody."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from mpp.core import clock
from mpp.core.models import AuditEntry
from queueing.enums import AlertKind
from queueing.floor.devices import devices_at
from queueing.floor.page import floor_for
from tenants.actions import devices
from tenants.enums import DeviceKind, PrinterState, Role
from tenants.models import Device, DeviceState
from tests import factories as make
from tests.conftest import Place


def test_a_silent_device_and_an_empty_roll_are_told(client: Client, place: Place) -> None:
    manager = make.make_user(Role.FLOOR_MANAGER)
    kiosk = make.make_device(name="Anjungan pintu", place="kiri pintu masuk", roll_slips=500)
    screen = make.make_device(name="Layar timur", kind=DeviceKind.DISPLAY, zone=place.zone)
    make.make_device(name="Belum dipasangkan")
    for device in (kiosk, screen):
        make.pair(device)
        devices.note_sign(device=device, version="1", address="192.0.2.7")
    devices.note_printer(device=kiosk, state=PrinterState.PAPER_LOW)
    now = clock.now()
    rows = {row.device.name: row for row in devices_at(now)}
    assert set(rows) == {"Anjungan pintu", "Layar timur"}
    assert (rows["Layar timur"].badge, rows["Anjungan pintu"].word) == ("open", "kertas hampir habis")
    later = now + timedelta(minutes=5)
    with clock.frozen(later - timedelta(seconds=5)):
        devices.note_sign(device=kiosk, version="1", address="192.0.2.7")
    with clock.frozen(later):
        client.force_login(manager)
        html = client.get("/lantai/").content.decode()
        items = [item for item in floor_for(manager).items if item.kind == AlertKind.DEVICE]
    assert {item.title for item in items} == {
        "Layar timur, tidak terlihat",
        "Anjungan pintu, kertas hampir habis",
    }
    assert any(item.note.startswith("kiri pintu masuk. Sudah ") for item in items)
    # A device makes no row red.
    assert "is-hot" not in html


def test_a_new_roll_is_told_on_the_floor_and_the_count_begins_anew(client: Client, place: Place) -> None:
    kiosk = make.make_device(name="Anjungan pintu", roll_slips=500)
    make.pair(kiosk)
    devices.note_sign(device=kiosk, version="1", address="192.0.2.7", slips=460)
    client.force_login(make.make_user(Role.FLOOR_MANAGER))
    html = client.get("/lantai/").content.decode()
    assert "kertas hampir habis" in html
    assert "Gulungan baru terpasang" in html
    response = client.post(f"/lantai/perangkat/{kiosk.pk}/gulungan/", follow=True)
    html = response.content.decode()
    assert "Anjungan pintu: gulungan baru terpasang." in html
    assert "kertas hampir habis" not in html
    assert DeviceState.objects.get(device=kiosk).roll_printed == 0
    assert AuditEntry.objects.filter(action="device.new_roll", target="Anjungan pintu").count() == 1


def test_a_kiosk_whose_slips_are_no_longer_counted_warns_no_more(place: Place) -> None:
    kiosk = make.make_device(roll_slips=500)
    make.pair(kiosk)
    devices.note_sign(device=kiosk, version="1", address="192.0.2.7", slips=499)
    assert [row.is_well for row in devices_at(clock.now())] == [False]
    Device.objects.update(roll_slips=None)
    assert [row.is_well for row in devices_at(clock.now())] == [True]

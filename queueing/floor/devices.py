"""Every kiosk and display on the floor: whether it lives, and what is wrong with its printer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from queueing.enums import AlertKind
from queueing.policy.floor import Measured
from tenants.devices import standing_of
from tenants.enums import PRINTS, DeviceKind, DeviceLife, PrinterLink, PrinterState
from tenants.models import Device, DeviceState


@dataclass(frozen=True)
class DeviceRow:
    """One paired device with its mark and word; `minutes` is how long it, or its printer, has been so."""

    device: Device
    badge: str
    word: str
    minutes: int = 0
    is_printer: bool = False

    @property
    def is_well(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return self.badge == "open"

    @property
    def counts_slips(self) -> bool:
        """Tell whether its paper ends soon by the count of its slips: a new roll must be told."""
        return self.is_printer and self.device.roll_slips is not None


def devices_at(at: datetime) -> list[DeviceRow]:
    """Return the devices in use as they stand at the aware moment `at`: one query."""
    return [_row(device, at) for device in Device.objects.in_use().with_state()]


def _row(device: Device, at: datetime) -> DeviceRow:
    standing = standing_of(device, at)
    if standing.life != DeviceLife.ALIVE:
        return DeviceRow(
            device, "unmanned", str(DeviceLife.SILENT.label), _minutes(standing.since or device.paired_at, at)
        )
    state: DeviceState = device.state
    printer = PrinterState(state.printer)
    if _knows_printer(device) and printer not in {PrinterState.UNKNOWN, PrinterState.READY}:
        badge = "full" if printer in PRINTS else "trouble"
        return DeviceRow(
            device, badge, str(printer.label), _minutes(state.printer_since, at), is_printer=True
        )
    return DeviceRow(device, "open", str(DeviceLife.ALIVE.label))


def _knows_printer(device: Device) -> bool:
    """Tell whether anything is known of its printer: the portal asks it, or counts its slips."""
    if device.printer_link == PrinterLink.BROWSER:
        return device.roll_slips is not None
    return device.kind == DeviceKind.KIOSK


def _minutes(since: datetime | None, at: datetime) -> int:
    return max(0, int((at - since).total_seconds() // 60)) if since else 0


def measured(rows: Iterable[DeviceRow]) -> Iterator[Measured]:
    """Yield what may be told of devices, each with its words."""
    for row in rows:
        if row.is_well:
            continue
        place = row.device.place or str(row.device.zone or "")
        note = _("Sudah %(minutes)d menit.") % {"minutes": row.minutes}
        yield Measured(
            AlertKind.DEVICE,
            row.minutes,
            device=row.device.pk,
            words=(f"{row.device.name}, {row.word}", f"{place}. {note}" if place else note),
        )

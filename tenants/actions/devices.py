"""Pairing a kiosk or a display, revoking it, and what it says of itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, tokens
from mpp.core.codes import new_code, normal_code
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from tenants.devices import SEEN_WITHIN
from tenants.enums import PrinterLink, PrinterState
from tenants.models import Device, DeviceState
from tenants.models.devices import LOW_SLIPS

if TYPE_CHECKING:
    from tenants.models import User

CODE_LENGTH = 8
CODE_LIFE = timedelta(minutes=10)
# Nobody types ten wrong codes; a code has 25 thousand million possibilities.
TRIES = 10
WINDOW = timedelta(minutes=10)
FAILED = "device.pairing_failed"


def make_code(*, device: Device, by: User) -> str:
    """Return a new code for `device`, valid once within ten minutes; an earlier one ends."""
    code = new_code(CODE_LENGTH)
    with transaction.atomic():
        Device.objects.filter(pk=device.pk).update(
            code_digest=_digest(code), code_expires_at=clock.now() + CODE_LIFE, code_used_at=None
        )
        audit.record("device.code", by=by, target=device.name)
    return code


def _digest(code: str) -> str:
    """Return what is stored of a code: keyed, since eight characters alone could be guessed from a copy."""
    return tokens.derived("pairing", code)


def pair(*, code: str, address: str) -> tuple[Device, str]:
    """Pair whoever types `code` at the network address `address`; return the device and its token.

    A device that was paired before, or revoked, is this one from now on. Raises `Refusal`: 400 for a
    wrong code, 409 for a used or expired one, 429 after ten failures from one address in ten minutes.
    """
    at = clock.now()
    _refuse_guessing(address, at)
    digest, token = _digest(normal_code(code)), tokens.new_secret()
    with transaction.atomic():
        # One conditional statement: of two screens that type the same code, one finds it used.
        paired = Device.objects.filter(
            code_digest=digest, code_used_at__isnull=True, code_expires_at__gt=at
        ).update(code_used_at=at, token_digest=tokens.digest(token), paired_at=at, revoked_at=None)
        if paired:
            device = Device.objects.select_related("zone").get(code_digest=digest)
            DeviceState.objects.update_or_create(
                device=device, defaults={"seen_at": at, "alive_since": at, "address": address, "version": ""}
            )
            audit.record("device.paired", target=device.name, address=address, kind=device.kind)
            return device, token
    audit.record(FAILED, address=address)
    raise _refusal(digest)


def _refuse_guessing(address: str, at: datetime) -> None:
    tries = AuditEntry.objects.filter(action=FAILED, address=address, at__gt=at - WINDOW)
    if tries.count() >= TRIES:
        words = _("Terlalu banyak kode yang salah dari jaringan ini. Coba lagi sepuluh menit lagi.")
        raise Refusal("too_many_tries", words, status=429)


def _refusal(digest: str) -> Refusal:
    """Return why the code with this digest pairs nothing."""
    device = Device.objects.filter(code_digest=digest).first()
    if device is None:
        return Refusal("bad_code", _("Kode ini tidak cocok. Periksa lagi, lalu ketik ulang."), status=400)
    if device.code_used_at:
        return Refusal("used_code", _("Kode ini sudah dipakai. Minta kode baru dari admin."))
    return Refusal("expired_code", _("Kode ini sudah lewat sepuluh menit. Minta kode baru dari admin."))


def revoke(*, device: Device, by: User, reason: str = "") -> None:
    """Take the right to be `device` away from whoever holds its token; twice is once."""
    with transaction.atomic():
        revoked = Device.objects.in_use().filter(pk=device.pk).update(revoked_at=clock.now())
        # A code that is still open would bring it back.
        Device.objects.filter(pk=device.pk).update(code_expires_at=None)
        if revoked:
            audit.record("device.revoked", by=by, target=device.name, reason=reason)


def ask_for_test_print(*, device: Device, by: User) -> None:
    """Let the browser of a living kiosk print a test slip: its next sign of life brings it the wish."""
    at = clock.now()
    alive = DeviceState.objects.filter(device=device, seen_at__gte=at - SEEN_WITHIN)
    with transaction.atomic():
        if device.revoked_at or not alive.update(test_print_at=at):
            words = _("Anjungan ini tidak terlihat. Nyalakan layarnya, lalu coba lagi.")
            raise Refusal("device_silent", words)
        audit.record("device.test_print", by=by, target=device.name)


def note_sign(*, device: Device, version: str, address: str, slips: int = 0) -> datetime:
    """Write down a sign of life of `device` and the portal's version that its page runs; return when.

    `slips` are those that its browser has printed since its last sign; they count where a roll is known.
    """
    at = clock.now()
    counted = slips if device.roll_slips else 0
    was_silent = Q(seen_at__isnull=True) | Q(seen_at__lt=at - SEEN_WITHIN)
    DeviceState.objects.filter(device=device).update(
        alive_since=Case(When(was_silent, then=at), default=F("alive_since")),
        seen_at=at,
        version=version,
        address=address,
        roll_printed=F("roll_printed") + counted,
    )
    if counted and _is_roll_low(device):
        note_printer(device=device, state=PrinterState.PAPER_LOW)
    return at


def _is_roll_low(device: Device) -> bool:
    low = (device.roll_slips or 0) - LOW_SLIPS
    return DeviceState.objects.filter(device=device, roll_printed__gte=low).exists()


def change_roll(*, device: Device, by: User) -> None:
    """Begin to count the slips of a new roll in the printer of `device`.

    Raises `Refusal` (409) for a device whose slips are not counted.
    """
    if device.roll_slips is None or device.printer_link != PrinterLink.BROWSER:
        words = _("Karcis perangkat ini tidak dihitung. Isi dulu “karcis satu gulungan”.")
        raise Refusal("not_counted", words)
    with transaction.atomic():
        DeviceState.objects.filter(device=device).update(roll_printed=0)
        note_printer(device=device, state=PrinterState.READY)
        audit.record("device.new_roll", by=by, target=device.name)


def note_printer(*, device: Device, state: PrinterState) -> None:
    """Write down how the printer of `device` is."""
    at = clock.now()
    DeviceState.objects.filter(device=device).update(
        printer_since=Case(When(printer=state, then=F("printer_since")), default=at),
        printer=state,
        printer_at=at,
    )

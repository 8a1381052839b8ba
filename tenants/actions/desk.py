"""What an officer sets for their own desk: the PIN of the screen, the shortcuts of the keyboard."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock
from mpp.core.errors import Refusal
from tenants.enums import PIN_TRIES
from tenants.models import DeskPin, User

PIN_DIGITS = 6
# Forwards, backwards, and over the end: 123456, 654321, 890123.
RUNS = "01234567890123456789"


def set_pin(*, pin: str, by: User) -> None:
    """Give `by` a new PIN; an older one ends. Refused (400) unless six digits that are not easy to guess."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdecimal()):
        raise Refusal("bad_pin", _("PIN terdiri dari enam angka."), status=400)
    if pin in RUNS or pin[::-1] in RUNS or len(set(pin)) < 3:
        raise Refusal(
            "easy_pin", _("PIN itu mudah ditebak. Hindari angka berurutan atau berulang."), status=400
        )
    values = {"hash": make_password(pin), "failures": 0, "set_at": clock.now()}
    with transaction.atomic():
        DeskPin.objects.update_or_create(user=by, defaults=values)
        audit.record("account.pin_set", by=by, target=by.get_username())


def prove_pin(*, pin: str, by: User) -> None:
    """Make sure that `pin` is theirs; each wrong one costs a try.

    Raises `Refusal`: 403 "wrong_pin" with the tries that are `left`, 403 "pin_spent" when none is, or
    there is no PIN. The try is paid before looking: guesses at the same moment cannot share one.
    """
    tries = DeskPin.objects.filter(user=by, failures__lt=PIN_TRIES)
    known = tries.first()
    if known is None or not tries.update(failures=F("failures") + 1):
        raise _spent()
    if check_password(pin, known.hash):
        DeskPin.objects.filter(user=by).update(failures=0)
        return
    known.refresh_from_db()
    audit.record("account.pin_failed", by=by, target=by.get_username(), failures=known.failures)
    if not known.is_usable:
        raise _spent()
    left = PIN_TRIES - known.failures
    raise Refusal(
        "wrong_pin", _("PIN salah. Sisa %(left)d percobaan.") % {"left": left}, status=403, left=left
    )


def _spent() -> Refusal:
    return Refusal("pin_spent", _("PIN tidak dapat dipakai. Masuk lagi dengan kata sandi."), status=403)


def switch_shortcuts(*, on: bool, by: User) -> None:
    """Switch the shortcuts of the console on or off for this person, at every desk."""
    User.objects.filter(pk=by.pk).update(uses_shortcuts=on)
    by.uses_shortcuts = on

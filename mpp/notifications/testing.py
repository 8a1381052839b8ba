"""The test message: proof to an admin that a channel works."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from mpp.core import audit, clock, phones
from mpp.core.errors import Refusal
from mpp.notifications import outbox
from mpp.notifications.enums import Kind

MINUTES = 10


def send_test(*, channel: str, recipient: str, by: object) -> None:
    """Put a test message into the outbox.

    Raises `Refusal` (409) for a channel that is not set up, (400) for an address that does not fit it.
    """
    if channel not in settings.NOTIFICATION_CHANNELS:
        raise Refusal(
            "not_set_up", _("Saluran ini belum diatur di server. Lihat panduan operasi, bagian pesan.")
        )
    address = _address(channel, recipient)
    with transaction.atomic():
        outbox.enqueue(
            event="test",
            channel=channel,
            recipient=address,
            dedupe_key=f"test:{uuid.uuid4().hex}",
            not_after=clock.now() + timedelta(minutes=MINUTES),
        )
        audit.record("notifications.test", by=by, target=channel)


def _address(channel: str, recipient: str) -> str:
    if channel == Kind.PUSH:
        words = _("Uji peramban lewat halaman nomor: pilih “Beri tahu lewat peramban ini”.")
        raise Refusal("push_by_page", words)
    if channel != Kind.EMAIL:
        if number := phones.normalise(recipient):
            return number
        raise Refusal("phone_needed", _("Tulis nomor ponsel penerima."), status=400)
    try:
        validate_email(recipient)
    except ValidationError as error:
        raise Refusal("email_needed", _("Tulis alamat e-mail penerima."), status=400) from error
    return recipient

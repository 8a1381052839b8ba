"""What providers report afterwards: how far a message came, and who wants no more of them.

Reports come twice, late and out of order; each of these changes nothing the second time.
"""

from __future__ import annotations

import re
from datetime import datetime

import phonenumbers
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from mpp.core import audit, clock
from mpp.notifications.enums import DELIVERY_ORDER, OPEN_STATES, Delivery, MessageState
from mpp.notifications.models import Message, Stop

REGION = "ID"
STOP_WORDS = frozenset({"STOP", "BERHENTI", "UNSUBSCRIBE"})
ENDS = re.compile(r"^\W+|\W+$")


def delivered(*, provider_id: str = "", key: str = "", delivery: Delivery, reason: str = "") -> bool:
    """Note how far a message came, by the provider's number or by our own `key`; False for an unknown one.

    A report about a message whose sender died proves that it went out.
    """
    which = Q(provider_id=provider_id) if provider_id else Q(pk__in=[])
    if key.isdecimal() and len(key) < 19:
        which |= Q(pk=int(key))
    rows = Message.objects.filter(which)
    at = clock.now()
    is_out = (MessageState.UNKNOWN, *OPEN_STATES)
    with transaction.atomic():
        if delivery in (Delivery.DELIVERED, Delivery.READ):
            lost = rows.filter(state__in=is_out, attempts__gt=0)
            lost.update(state=MessageState.SENT, sent_at=at, error="", provider_id=provider_id[:120])
        earlier = DELIVERY_ORDER[: DELIVERY_ORDER.index(delivery)]
        changes = {"error": reason[:300]} if reason else {}
        rows.filter(delivery__in=earlier).update(delivery=delivery, delivery_at=at, **changes)
    return rows.exists()


def is_stop(text: str) -> bool:
    """Tell whether somebody wants no more messages."""
    return ENDS.sub("", text).upper() in STOP_WORDS


def stop(*, recipient: str, channel: str, at: datetime | None = None) -> None:
    """Send nothing more to `recipient`, any way a number can be reached, until they agree anew.

    `at` is when they wrote it: repeated later, an old word does not undo a newer consent.
    """
    number = e164(recipient)
    if not number:
        return
    moment = at or clock.now()
    row, is_new = Stop.objects.get_or_create(recipient=number, defaults={"channel": channel, "at": moment})
    if not is_new:
        Stop.objects.filter(pk=row.pk).update(at=Greatest("at", moment), channel=channel)
    audit.record("notifications.stop", target=f"…{number[-3:]}", channel=channel)


def e164(number: str) -> str:
    """Return a number as providers write it ("62812…", "0812…") in E.164; "" when it is none."""
    digits = re.sub(r"\D", "", number)
    try:
        parsed = phonenumbers.parse(f"+{digits}" if digits.startswith("62") else digits, REGION)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

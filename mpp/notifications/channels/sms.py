"""Any SMS gateway with an HTTP address: what it wants to hear is a setting."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

from django.conf import settings

from mpp.notifications import events
from mpp.notifications.channels import http
from mpp.notifications.channels.base import DeliveryError, Parcel


class HttpSms:
    """Fills SMS_URL and SMS_BODY with {to}, {text}, {from} and {id}, and sends them."""

    knows_duplicates = False

    def send(self, parcel: Parcel) -> str:
        """Send, and return the gateway's number when its answer has one."""
        values = {
            "to": parcel.recipient.removeprefix("+"),
            "text": parcel.text,
            "from": parcel.sender,
            "id": str(parcel.pk),
        }
        body = filled(settings.SMS_BODY, values, settings.SMS_CONTENT_TYPE)
        answer = http.post(
            filled(settings.SMS_URL, values, "url"),
            method=settings.SMS_METHOD,
            headers={**settings.SMS_HEADERS, "Content-Type": settings.SMS_CONTENT_TYPE},
            content=body.encode() if settings.SMS_METHOD != "GET" else None,
        )
        http.refuse(answer)
        if settings.SMS_ACCEPTED and settings.SMS_ACCEPTED not in answer.text:
            raise DeliveryError(f"gerbang menolak: {answer.text[:120]}", permanent=True)
        return _number(answer)


def filled(template: str, values: dict[str, str], content_type: str) -> str:
    """Return `template` with its blanks filled and escaped, so that no text can leave its place."""
    safe = {name: _escaped(value, content_type) for name, value in values.items()}
    return events.BLANK.sub(lambda found: safe.get(found[1], found[0]), template)


def _escaped(value: str, content_type: str) -> str:
    if content_type == "application/json":
        return json.dumps(value)[1:-1]
    return quote_plus(value)


def _number(answer: http.Answer) -> str:
    """Return what stands in the answer at SMS_ID_FIELD ("data.id"); "" when nothing does."""
    found: object = answer.fields
    for name in settings.SMS_ID_FIELD.split("."):
        if isinstance(found, list):
            found = found[0] if found else None
        found = found.get(name) if isinstance(found, dict) else None
    return str(found) if isinstance(found, str | int) else ""

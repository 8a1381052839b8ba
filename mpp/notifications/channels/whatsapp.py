"""WhatsApp Cloud API: templates that Meta has approved, with the event's facts in their order."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from mpp.notifications.channels import http
from mpp.notifications.channels.base import DeliveryError, Parcel

TEMPLATE_PREFIX = "mpp_"
# Codes that ask to send more slowly (Meta: Cloud API error codes).
TOO_FAST = frozenset({4, 80007, 130429, 131048, 131056, 133016})
# The mall's account, key or bill: messages wait until it is mended.
ACCOUNT = frozenset({0, 10, 190, 200, 131005, 131031, 131042, 133010, 368})
PASSING = frozenset({1, 2, 131000, 131016})


class WhatsAppCloud:
    """Sends one template message; Meta repeats our own number in every receipt."""

    knows_duplicates = False

    def send(self, parcel: Parcel) -> str:
        """Send, and return Meta's number (wamid)."""
        answer = http.post(
            f"{settings.WHATSAPP_URL}/{settings.WHATSAPP_PHONE_ID}/messages",
            headers={"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"},
            json=body_of(parcel),
        )
        if answer.status >= 400:
            _refuse(answer)
        http.refuse(answer)
        try:
            return str(answer.fields["messages"][0]["id"])
        except (KeyError, IndexError, TypeError) as error:
            raise DeliveryError("jawaban tidak dikenal", is_uncertain=True) from error


def body_of(parcel: Parcel) -> dict[str, Any]:
    """Return the message as Meta wants it."""
    template: dict[str, Any] = {
        "name": f"{TEMPLATE_PREFIX}{parcel.event}",
        "language": {"code": parcel.language},
    }
    if parcel.values:
        parameters = [{"type": "text", "text": _plain(value)} for value in parcel.values]
        template["components"] = [{"type": "body", "parameters": parameters}]
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": parcel.recipient.removeprefix("+"),
        "type": "template",
        "template": template,
        "biz_opaque_callback_data": str(parcel.pk),
    }


def _plain(value: str) -> str:
    # Meta refuses line ends, tabs, runs of spaces and nothing at all.
    return " ".join(value.split()) or "-"


def _refuse(answer: http.Answer) -> None:
    error = answer.fields.get("error")
    if not isinstance(error, dict):
        return
    code, reason = error.get("code"), f"{error.get('code')} {error.get('message', '')}"
    if code in TOO_FAST:
        raise DeliveryError(reason, retry_after=http.retry_after(answer.headers))
    if code in ACCOUNT or code in PASSING:
        raise DeliveryError(reason)
    http.refuse(answer, reason)

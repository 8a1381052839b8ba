"""Fonnte: an Indonesian gateway that sends from an ordinary WhatsApp number."""

from __future__ import annotations

from django.conf import settings

from mpp.notifications.channels import http
from mpp.notifications.channels.base import DeliveryError, Parcel

# It answers 200 also when it refuses, with one of a few reasons in words; these are the message's own.
REFUSED = ("target", "input", "invalid number", "message")


class Fonnte:
    """Sends the text as it stands."""

    knows_duplicates = False

    def send(self, parcel: Parcel) -> str:
        """Send, and return Fonnte's number."""
        answer = http.post(
            settings.FONNTE_URL,
            headers={"Authorization": settings.FONNTE_TOKEN},
            data={
                "target": parcel.recipient.removeprefix("+"),
                "message": parcel.text,
                # The number is complete: nothing is to be put before it.
                "countryCode": "0",
            },
        )
        http.refuse(answer)
        fields = answer.fields
        if fields.get("status") is True:
            numbers = fields.get("id")
            return str(numbers[0]) if isinstance(numbers, list) and numbers else str(numbers or "")
        if "status" not in fields:
            raise DeliveryError("jawaban tidak dikenal", is_uncertain=True)
        reason = str(fields.get("reason") or fields.get("detail") or "ditolak").lower()
        raise DeliveryError(reason, permanent=reason.startswith(REFUSED))

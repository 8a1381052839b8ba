"""Web push: to the browser that asked for it, sealed for it alone (RFC 8030, 8291, 8292)."""

from __future__ import annotations

import functools
import hashlib
import json
import time
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from py_vapid import Vapid02, VapidException

from mpp.notifications.channels import http
from mpp.notifications.channels.base import DeliveryError, Parcel
from mpp.notifications.channels.sealing import point_of, seal, to_base64url

# Push services accept a signature for a day at most.
SIGNED_FOR_SECONDS = 12 * 60 * 60
ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
TOPIC_LETTERS = 32


class WebPush:
    """Sends to the push service of the browser. One number's newest word replaces the earlier ones."""

    # The service worker shows a second one in the place of the first.
    knows_duplicates = True

    def send(self, parcel: Parcel) -> str:
        """Send, and return the push service's address of the message."""
        if not is_allowed(parcel.recipient):
            raise DeliveryError("layanan dorong tidak dikenal", is_gone=True)
        answer = http.post(
            parcel.recipient,
            headers={
                **_signature(parcel.recipient),
                "Content-Encoding": "aes128gcm",
                "TTL": str(parcel.seconds_left),
                "Urgency": "high" if parcel.is_urgent else "normal",
                "Topic": _topic(parcel.topic or parcel.dedupe_key),
            },
            content=_sealed(parcel),
        )
        if answer.status in (404, 410):
            raise DeliveryError(f"{answer.status} langganan berakhir", is_gone=True)
        http.refuse(answer)
        return answer.headers.get("location", "")


def is_allowed(endpoint: str) -> bool:
    """Tell whether `endpoint` is an address of a known push service (trust.md T-09): never one of ours."""
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.fragment or "\\" in endpoint or not endpoint.isascii():
        return False
    if f"{parts.scheme}://{parts.netloc}" in settings.PUSH_SERVICES:
        return True
    is_named = any(
        host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in settings.PUSH_SERVICES
    )
    return parts.scheme == "https" and port in (None, 443) and is_named


@functools.cache
def _key_of(secret: str) -> ec.EllipticCurvePrivateKey:
    seed = HKDF(hashes.SHA256(), 48, None, b"mpp web push").derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER_OF_P256 - 1) + 1, ec.SECP256R1())


def public_key() -> str:
    """Return the key by which a browser knows this portal; it follows from TOKEN_KEY."""
    return to_base64url(point_of(_key_of(settings.TOKEN_KEY)))


def _signature(endpoint: str) -> dict[str, str]:
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + SIGNED_FOR_SECONDS,
        "sub": f"mailto:{settings.VAPID_CONTACT}",
    }
    try:
        signed: dict[str, str] = Vapid02(_key_of(settings.TOKEN_KEY)).sign(claims)
    except VapidException as error:
        raise DeliveryError(f"VAPID_CONTACT: {error}") from error
    return signed


def _sealed(parcel: Parcel) -> bytes:
    # No address: a link is a secret that is stored nowhere. The browser knows the page of each number.
    text = {
        "text": parcel.harmless,
        "tag": f"mpp-{parcel.pk}",
        "lang": parcel.language,
        "about": parcel.about,
    }
    try:
        return seal(json.dumps(text).encode(), p256dh=parcel.keys["p256dh"], auth=parcel.keys["auth"])
    except (KeyError, ValueError) as error:
        raise DeliveryError("kunci peramban rusak", is_gone=True) from error


def _topic(name: str) -> str:
    return to_base64url(hashlib.sha256(name.encode()).digest())[:TOPIC_LETTERS]

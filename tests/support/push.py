"""The other end of a push message: a browser with keys of its own, which alone can read what comes."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mpp.notifications.channels.sealing import point_of, to_base64url

SALT, POINT = 16, 65


@dataclass
class Reader:
    """A browser that has subscribed."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def keys(self) -> dict[str, str]:
        """Return what it tells whoever may write to it."""
        return {"p256dh": to_base64url(point_of(self.key)), "auth": to_base64url(self.auth)}

    def read(self, body: bytes) -> dict[str, Any]:
        """Open the one record of a message (RFC 8188 and 8291), written down anew from the standards."""
        salt, rest = body[:SALT], body[SALT + 4 :]
        length, theirs, sealed = rest[0], rest[1 : 1 + POINT], rest[1 + POINT :]
        assert length == POINT
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        both = b"WebPush: info\x00" + point_of(self.key) + theirs
        secret = _derive(self.key.exchange(ec.ECDH(), sender), self.auth, both, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
        text = AESGCM(key).decrypt(nonce, sealed, None)
        content: dict[str, Any] = json.loads(text.rstrip(b"\x00").removesuffix(b"\x02"))
        return content


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)

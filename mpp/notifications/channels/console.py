"""The channel of a fresh machine: the worker's log."""

from __future__ import annotations

import sys

from mpp.notifications.channels.base import Parcel


class Console:
    """Writes one line to the worker's log. Addresses are masked."""

    knows_duplicates = False

    def send(self, parcel: Parcel) -> str:
        """Print one line."""
        masked = f"{parcel.recipient[:5]}…{parcel.recipient[-3:]}"
        sys.stdout.write(f"[pesan] {parcel.event} → {masked}\n")
        sys.stdout.flush()
        return ""

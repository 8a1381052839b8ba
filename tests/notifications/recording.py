"""Channels for tests: they write what they send into a file, one line each."""

from __future__ import annotations

import os
from pathlib import Path

from mpp.notifications.channels import DeliveryError, Parcel


class Recording:
    """Appends the dedupe key of every message to the file named by RECORDING_FILE."""

    knows_duplicates = False

    def send(self, parcel: Parcel) -> str:
        with Path(os.environ["RECORDING_FILE"]).open("a") as file:
            file.write(parcel.dedupe_key + "\n")
        return f"id-{parcel.pk}"


class Deduplicating(Recording):
    """The same, but like a provider that drops a second message with the same key."""

    knows_duplicates = True

    def send(self, parcel: Parcel) -> str:
        path = Path(os.environ["RECORDING_FILE"])
        if path.exists() and parcel.dedupe_key in path.read_text().split():
            return f"id-{parcel.pk}"
        return super().send(parcel)


class Refusing:
    """Never sends; `fail` says how."""

    knows_duplicates = False
    permanent = False

    def send(self, parcel: Parcel) -> str:
        raise DeliveryError("penyedia menolak", permanent=self.permanent)


class RefusingForever(Refusing):
    permanent = True

"""Channels for tests: they write what they send into a file, one line each, and can be made slow."""

from __future__ import annotations

import os
import time
from pathlib import Path

from mpp.notifications.channels import DeliveryError
from mpp.notifications.models import Message


class Recording:
    """Appends the dedupe key of every message to the file named by RECORDING_FILE."""

    knows_duplicates = False

    def send(self, message: Message) -> str:
        time.sleep(float(os.environ.get("RECORDING_BEFORE", "0")))
        with Path(os.environ["RECORDING_FILE"]).open("a") as file:
            file.write(message.dedupe_key + "\n")
        time.sleep(float(os.environ.get("RECORDING_AFTER", "0")))
        return f"id-{message.pk}"


class Deduplicating(Recording):
    """The same, but like a provider that drops a second message with the same key."""

    knows_duplicates = True

    def send(self, message: Message) -> str:
        path = Path(os.environ["RECORDING_FILE"])
        if path.exists() and message.dedupe_key in path.read_text().split():
            return f"id-{message.pk}"
        return super().send(message)


class Refusing:
    """Never sends; `fail` says how."""

    knows_duplicates = False
    permanent = False

    def send(self, message: Message) -> str:
        raise DeliveryError("penyedia menolak", permanent=self.permanent)


class RefusingForever(Refusing):
    permanent = True
